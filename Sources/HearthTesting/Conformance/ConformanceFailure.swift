/// A check that a connector did not pass, and what was seen instead.
public struct ConformanceFailure: Error, Sendable, CustomStringConvertible {
    public var check: ConnectorCheck
    public var message: String

    public init(_ check: ConnectorCheck, _ message: String) {
        self.check = check
        self.message = message
    }

    public var description: String { "\(check.rawValue): \(message)" }
}
