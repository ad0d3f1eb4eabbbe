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
        case "r:": self = .real(text)
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

    /// As SQL has it.
    var literal: String {
        switch self {
        case .integer(let number): String(number)
        case .real(let text): text
        case .text(let text):
            "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
        }
    }

    /// The SQL expression whose text ``init(written:)`` reads.
    static func sql(_ name: String) -> String {
        "CASE typeof(\(name)) WHEN 'integer' THEN 'i:' || \(name) WHEN 'real' THEN 'r:' || printf('%!.17g', \(name)) "
            + "WHEN 'text' THEN 't:' || \(name) END"
    }
}
