package import HeatModel

/// Every problem found in a set of configuration files, reported together.
package struct ConfigurationErrors: Error, Sendable, CustomStringConvertible {
    /// At least one, in the order of files and lines; codes have the area `config`.
    package let errors: [HearthError]

    package init(_ errors: [HearthError]) { self.errors = errors }

    /// One problem a line.
    package var description: String { errors.map(\.description).joined(separator: "\n") }
}
