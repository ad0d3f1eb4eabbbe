public import HeatModel

/// Every problem found in a set of configuration files, reported together.
public struct ConfigurationErrors: Error, Sendable, CustomStringConvertible {
    /// At least one, in the order of files and lines; codes have the area `config`.
    public let errors: [HearthError]

    public init(_ errors: [HearthError]) { self.errors = errors }

    /// One problem a line.
    public var description: String { errors.map(\.description).joined(separator: "\n") }
}
