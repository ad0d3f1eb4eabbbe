import HeatModel

/// A request body with `{{placeholders}}`, split once.
struct RequestTemplate: Sendable {
    enum Placeholder: String, CaseIterable, Sendable {
        case cursor, page, pageSize, token, windowStart, windowEnd, security, session, user, password
    }
    private enum Part: Sendable { case text(String), value(Placeholder) }

    private var parts: [Part] = []

    /// Throws `config.unknownPlaceholder`.
    init(_ text: String, of subject: String) throws {
        var rest = Substring(text)
        while let open = rest.firstRange(of: "{{") {
            guard let close = rest[open.upperBound...].firstRange(of: "}}") else {
                throw HearthError(.configUnknownPlaceholder, "\(subject): a {{ in the body is not closed")
            }
            let name = rest[open.upperBound..<close.lowerBound].filter { !$0.isWhitespace }
            guard let placeholder = Placeholder(rawValue: name) else {
                throw HearthError(
                    .configUnknownPlaceholder, "\(subject): {{\(name)}} is not known",
                    advice: "Use one of \(Placeholder.allCases.map { "{{\($0.rawValue)}}" }.joined(separator: ", ")).")
            }
            parts.append(.text(String(rest[..<open.lowerBound])))
            parts.append(.value(placeholder))
            rest = rest[close.upperBound...]
        }
        parts.append(.text(String(rest)))
    }

    func names(_ placeholder: Placeholder) -> Bool {
        parts.contains { if case .value(placeholder) = $0 { true } else { false } }
    }

    /// Fills in the values, escaped; `security` is XML already.
    func fill(_ values: [Placeholder: String]) -> String {
        var out = ""
        for part in parts {
            switch part {
            case .text(let text): out += text
            case .value(.security): out += values[.security] ?? ""
            case .value(let placeholder): out += (values[placeholder] ?? "").xmlEscaped
            }
        }
        return out
    }
}
