import HeatModel

/// The text of a query as it can stand in parentheses.
enum SQLQuery {
    /// A name that a query gives to two columns identifies neither.
    static func refuseRepeated(_ names: [String], ignoringCase: Bool = false, _ stream: SQLStream) throws {
        var seen: Set<String> = []
        for name in names where !seen.insert(ignoringCase ? name.lowercased() : name).inserted {
            throw HearthError(
                .configBadQuery, "stream \(stream.name): the query names two columns \(name)",
                at: .table(stream.relationName, key: nil), advice: "Give one of them another name with AS.")
        }
    }

    /// Without the semicolon, and what is no SQL after it, that people end a statement with. A semicolon before more SQL stays where it
    /// is: the database refuses it.
    static func withoutEnd(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var at = 0
        var end: Int?
        while at < bytes.count {
            let start = at
            switch bytes[at] {
            case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"): at = after(bytes[at], bytes, from: at + 1)
            case UInt8(ascii: "-") where starts(bytes, at, "--"):
                at = bytes[at...].firstIndex(of: 0x0A) ?? bytes.count
                continue
            case UInt8(ascii: "/") where starts(bytes, at, "/*"):
                at = afterComment(bytes, from: at + 2)
                continue
            case UInt8(ascii: "$"): at = afterDollar(bytes, from: at)
            case UInt8(ascii: ";"):
                end = end ?? at
                at += 1
                continue
            case 0x20, 0x09...0x0D:
                at += 1
                continue
            default: at += 1
            }
            // More SQL.
            if at > start { end = nil }
        }
        guard let end else { return text }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }

    private static func starts(_ bytes: [UInt8], _ at: Int, _ mark: String) -> Bool {
        bytes[at...].starts(with: mark.utf8)
    }

    private static func after(_ quote: UInt8, _ bytes: [UInt8], from start: Int) -> Int {
        bytes[start...].firstIndex(of: quote).map { $0 + 1 } ?? bytes.count
    }

    private static func afterComment(_ bytes: [UInt8], from start: Int) -> Int {
        var at = start
        while at < bytes.count, !starts(bytes, at, "*/") { at += 1 }
        return min(at + 2, bytes.count)
    }

    /// Past `$$…$$` or `$tag$…$tag$`; one byte on where none begins.
    private static func afterDollar(_ bytes: [UInt8], from start: Int) -> Int {
        guard let close = bytes[(start + 1)...].firstIndex(of: UInt8(ascii: "$")),
            bytes[start + 1..<close].allSatisfy({
                $0 == 0x5F || $0 >= 0x80 || $0 & 0xDF &- 0x41 < 26 || $0 &- 0x30 < 10
            })
        else { return start + 1 }
        let tag = bytes[start...close]
        var at = close + 1
        while at + tag.count <= bytes.count {
            if bytes[at..<at + tag.count].elementsEqual(tag) { return at + tag.count }
            at += 1
        }
        return bytes.count
    }
}
