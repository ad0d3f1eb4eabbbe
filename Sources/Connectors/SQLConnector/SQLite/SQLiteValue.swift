/// A value of a key or cursor column with its storage class, for SQLite compares by it. Written `i:42`, `r:2.5`, `t:…`.
enum SQLiteValue: Equatable {
    case integer(Int64)
    /// A floating-point number as the shortest text that reads back the same.
    case real(String)
    case text(String)

    init?(written: String) {
        let text = String(written.dropFirst(2))
        switch written.prefix(2) {
        case "i:":
            guard let number = Int64(text) else { return nil }
            self = .integer(number)
        case "r:":
            guard text.wholeMatch(of: /-?(Inf|\d+(\.\d+)?(e[+-]?\d+)?)/) != nil else { return nil }
            self = .real(text)
        case "t:": self = .text(text)
        default: return nil
        }
    }

    /// As ``init(written:)`` reads it.
    var written: String {
        switch self {
        case .integer(let number): "i:\(number)"
        case .real(let text): "r:\(text)"
        case .text(let text): "t:\(text)"
        }
    }

    /// The value without its storage class.
    var content: String {
        switch self {
        case .integer(let number): String(number)
        case .real(let text), .text(let text): text
        }
    }

    var isNumber: Bool { if case .text = self { false } else { true } }

    /// As SQL has it.
    var literal: String {
        switch self {
        // The least integer has no literal: SQLite negates a number that is too great for one.
        case .integer(.min): "(-9223372036854775807 - 1)"
        case .integer(let number): String(number)
        case .real(let text): text.hasSuffix("Inf") ? (text.hasPrefix("-") ? "-9e999" : "9e999") : text
        case .text(let text) where text.utf8.contains(0):
            // A statement ends at a zero byte.
            "CAST(x'\(text.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined())' AS TEXT)"
        case .text(let text): SQLDialect.literal(text)
        }
    }

    /// The SQL expression whose text ``init(written:)`` reads.
    static func sql(_ name: String) -> String {
        "CASE typeof(\(name)) WHEN 'integer' THEN 'i:' || \(name) WHEN 'real' THEN 'r:' || printf('%!.17g', \(name)) "
            + "WHEN 'text' THEN 't:' || \(name) END"
    }
}
