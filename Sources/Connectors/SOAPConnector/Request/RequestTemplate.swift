import HeatModel

/// A request body with `{{placeholders}}`, split once.
struct RequestTemplate: Sendable {
    enum Placeholder: String, CaseIterable, Sendable {
        case cursor, page, pageSize, token, windowStart, windowEnd, security, session, user, password
    }
    private enum Part: Sendable { case text(String), value(Placeholder), named(String) }

    private var parts: [Part] = []

    /// - Parameter named: further placeholders, of a caller's own values.
    /// - Throws: `config.unknownPlaceholder`.
    init(_ text: String, of subject: String, named: Set<String> = []) throws {
        var rest = Substring(text)
        while let open = rest.firstRange(of: "{{") {
            guard let close = rest[open.upperBound...].firstRange(of: "}}") else {
                throw HearthError(.configUnknownPlaceholder, "\(subject): a {{ in the body is not closed")
            }
            let name = rest[open.upperBound..<close.lowerBound].filter { !$0.isWhitespace }
            parts.append(.text(String(rest[..<open.lowerBound])))
            if named.contains(name) {
                parts.append(.named(name))
            } else if let placeholder = Placeholder(rawValue: name) {
                parts.append(.value(placeholder))
            } else {
                let known = named.sorted() + Placeholder.allCases.map(\.rawValue)
                throw HearthError(
                    .configUnknownPlaceholder, "\(subject): {{\(name)}} is not known",
                    advice: "Use one of \(known.map { "{{\($0)}}" }.joined(separator: ", ")).")
            }
            rest = rest[close.upperBound...]
        }
        parts.append(.text(String(rest)))
    }

    func names(_ placeholder: Placeholder) -> Bool {
        parts.contains { if case .value(placeholder) = $0 { true } else { false } }
    }

    func names(_ name: String) -> Bool { parts.contains { if case .named(name) = $0 { true } else { false } } }

    /// Fills in the values, escaped; `security` is XML already.
    func fill(_ values: [Placeholder: String], named: [String: String] = [:]) -> String {
        var out = ""
        for part in parts {
            switch part {
            case .text(let text): out += text
            case .value(.security): out += values[.security] ?? ""
            case .value(let placeholder): out += (values[placeholder] ?? "").xmlEscaped
            case .named(let name): out += (named[name] ?? "").xmlEscaped
            }
        }
        return out
    }
}
