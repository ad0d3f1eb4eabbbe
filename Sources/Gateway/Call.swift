import AccountView
import Foundation
import NIOCore

/// One thing asked, however it was asked: over HTTP or as an MCP tool. Everything in it is checked for form, not for truth.
struct Call: Sendable {
    var route: Route
    /// Values of the path, in order.
    var values: [String] = []
    /// Each at most once, and known to the route.
    var query: [String: String] = [:]
    var body: [UInt8] = []
    var caller: Caller
    var requestID: String
    /// Address of the caller's end.
    var peer: String
    /// When it came in whole.
    var begun = NIODeadline.now()
    /// What the access log calls it, where that is not the route.
    var action: String?
    /// What whoever asks calls the route's parameters, where that is not the route's name for them.
    var names: [String: String] = [:]

    var form: ViewForm { ViewForm(isUnmasked: caller.scopes.seesPersonalData) }

    /// - Throws: a problem where a parameter is none that the route knows, or stands twice.
    static func parameters(_ items: [(name: String, value: String)], of route: Route) throws(Problem) -> [String:
        String]
    {
        var query: [String: String] = [:]
        for (name, value) in items {
            guard route.parameters.contains(name) else {
                throw .parameter(
                    name,
                    route.parameters.isEmpty
                        ? "is not known here: there are no parameters"
                        : "is not known here; there are: \(route.parameters.joined(separator: ", "))")
            }
            guard query.updateValue(value, forKey: name) == nil else { throw .parameter(name, "may stand only once") }
        }
        return query
    }

    func access(_ accounts: [String], _ outcome: StaticString, _ unmasked: PersonalFieldSet = []) -> Access {
        Access(accounts: accounts, action: action ?? route.path, outcome: outcome, unmasked: unmasked)
    }

    /// A whole number within bounds.
    func integer(_ name: String, default fallback: Int, in range: ClosedRange<Int>) throws(Problem) -> Int {
        guard let text = query[name] else { return fallback }
        guard let value = Int(text), range.contains(value) else {
            throw .parameter(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// - Parameter separator: a control character that may stand in it.
    func text(
        _ name: String, atMost limit: Int = 256, allowing separator: Unicode.Scalar? = nil
    ) throws(Problem) -> String? {
        guard let text = query[name] else { return nil }
        if text.isEmpty { throw .parameter(name, "must not be empty") }
        if text.utf8.count > limit { throw .parameter(name, "must not be longer than \(limit) bytes") }
        if text.unicodeScalars.contains(where: { ($0.value < 0x20 && $0 != separator) || $0.value == 0x7F }) {
            throw .parameter(name, "must not hold control characters")
        }
        return text
    }

    func choice(_ name: String, default fallback: String, of values: [String]) throws(Problem) -> String {
        guard let text = query[name] else { return fallback }
        if values.contains(text) { return text }
        throw .parameter(name, "must be one of \(values.joined(separator: ", "))")
    }

    /// The account's number as the store has it: typed full-width or with blanks around, it is the same number.
    func accountNumber(_ text: String? = nil, named name: String = "number") throws(Problem) -> String {
        let text = text ?? values.first ?? ""
        if text.utf8.allSatisfy({ $0 &- 0x30 <= 9 || ($0 | 0x20) &- 0x61 < 26 }), (1...64).contains(text.utf8.count) {
            return text
        }
        let folded = text.precomposedStringWithCompatibilityMapping.trimmingBlanks
        if folded.isEmpty || folded.utf8.count > 64 { throw .parameter(name, "must be 1 to 64 characters long") }
        if folded.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
            throw .parameter(name, "must not hold control characters")
        }
        return folded
    }
}
