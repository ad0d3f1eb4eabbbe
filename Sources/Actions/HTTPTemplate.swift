import HeatModel

/// An address or a body with `{{placeholders}}`, split once; values are written as the place that they stand in needs it.
struct HTTPTemplate: Sendable {
    enum Escape: Sendable {
        /// Within a JSON text.
        case json
        /// In an address, or in a form.
        case percent
    }

    private enum Part: Sendable { case text(String), value(String) }
    private var parts: [Part] = []

    /// The placeholders that nothing fills in.
    let unknown: [String]
    let isClosed: Bool

    /// - Parameter names: what placeholders may be called.
    init(_ text: String, names: Set<String>) {
        var rest = Substring(text)
        var unknown: [String] = []
        var isClosed = true
        while let open = rest.firstRange(of: "{{") {
            guard let close = rest[open.upperBound...].firstRange(of: "}}") else {
                isClosed = false
                break
            }
            let name = rest[open.upperBound..<close.lowerBound].filter { !$0.isWhitespace }
            parts.append(.text(String(rest[..<open.lowerBound])))
            parts.append(.value(name))
            if !names.contains(name) { unknown.append(name) }
            rest = rest[close.upperBound...]
        }
        parts.append(.text(String(rest)))
        self.unknown = unknown
        self.isClosed = isClosed
    }

    func uses(_ name: String) -> Bool { parts.contains { if case .value(name) = $0 { true } else { false } } }

    func fill(_ values: [String: String], _ escape: Escape) -> String {
        var out = ""
        for part in parts {
            switch part {
            case .text(let text): out += text
            case .value(let name): out += Self.escaped(values[name] ?? "", escape)
            }
        }
        return out
    }

    private static func escaped(_ text: String, _ escape: Escape) -> String {
        var out = ""
        switch escape {
        case .json:
            for scalar in text.unicodeScalars {
                switch scalar {
                case "\"": out += "\\\""
                case "\\": out += "\\\\"
                case _ where scalar.value < 0x20:
                    let digits = String(scalar.value, radix: 16)
                    out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                default: out.unicodeScalars.append(scalar)
                }
            }
        case .percent:
            for byte in text.utf8 {
                let isPlain =
                    byte &- 0x30 <= 9 || (byte | 0x20) &- 0x61 < 26 || [0x2D, 0x2E, 0x5F, 0x7E].contains(byte)
                if isPlain {
                    out.unicodeScalars.append(Unicode.Scalar(byte))
                } else {
                    out += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
                }
            }
        }
        return out
    }
}
