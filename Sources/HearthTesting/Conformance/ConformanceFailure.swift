/// A check that a connector did not pass, and what was seen instead.
package struct ConformanceFailure: Error, Sendable, CustomStringConvertible {
    package var check: ConnectorCheck
    package var message: String

    package init(_ check: ConnectorCheck, _ message: String) {
        self.check = check
        self.message = message
    }

    package var description: String { "\(check.rawValue): \(message)" }
}
