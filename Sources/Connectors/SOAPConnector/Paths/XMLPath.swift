import HeatModel

/// A path as it stands in configuration: `d:Result/d:WorkOrders/d:WorkOrder`, `../@id`, `d:Engineer/@no`.
struct XMLPath: Hashable, Sendable {
    /// One element or attribute name. A name without a prefix is in no namespace; `*:name` in any.
    struct Step: Hashable, Sendable {
        var namespace: String?
        var local: String
        var isAnyNamespace: Bool
    }

    /// Begins with `/`: counted from `soap:Body`.
    var isAnchored = false
    /// Number of leading `..`.
    var ups = 0
    var elements: [Step] = []
    var attribute: Step?

    /// Throws `config.badPath` or `config.unknownPrefix`.
    init(_ text: String, namespaces: [String: String], of subject: String) throws {
        var rest = Substring(text)
        if rest.hasPrefix("/") {
            isAnchored = true
            rest = rest.dropFirst()
        }
        func bad(_ why: String) -> HearthError {
            HearthError(
                .configBadPath, "\(subject): path \"\(text)\" \(why)",
                advice: "Write element names with / between them, @name for an attribute, .. for a step up.")
        }
        if rest.isEmpty { throw bad("is empty") }
        if rest == "." && !isAnchored { return }
        for part in rest.split(separator: "/", omittingEmptySubsequences: false) {
            if attribute != nil { throw bad("goes on after an attribute") }
            if part == ".." {
                if !elements.isEmpty || isAnchored { throw bad("has .. after a name") }
                ups += 1
            } else if part.hasPrefix("@") {
                attribute = try Self.step(part.dropFirst(), namespaces, bad, subject)
            } else {
                elements.append(try Self.step(part, namespaces, bad, subject))
            }
        }
    }

    private static func step(
        _ text: Substring, _ namespaces: [String: String], _ bad: (String) -> HearthError, _ subject: String
    ) throws -> Step {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }),
            !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x5B || $0 == 0x28 || $0 == 0x40 })
        else { throw bad("has a part that is not a name") }
        guard parts.count == 2 else { return Step(namespace: nil, local: String(text), isAnyNamespace: false) }
        if parts[0] == "*" { return Step(namespace: nil, local: String(parts[1]), isAnyNamespace: true) }
        guard let namespace = namespaces[String(parts[0])] else {
            throw HearthError(
                .configUnknownPrefix,
                "\(subject): prefix \"\(parts[0])\" is not among the namespaces",
                advice: "Add it under namespaces, or write *:\(parts[1]) for any namespace.")
        }
        return Step(namespace: namespace, local: String(parts[1]), isAnyNamespace: false)
    }
}
