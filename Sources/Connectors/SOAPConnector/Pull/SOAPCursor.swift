import HeatModel
import Records

/// How far a SOAP stream has been read, as text of version 1: `soap/1 from=… max=… page=… token=… rows=… first=… last=… seen=…`,
/// values
/// percent-encoded, absent parts left out.
struct SOAPCursor: Equatable {
    /// What `{{cursor}}` was in the pass that is under way, or will be in the next; the start of the next window.
    var from: String?
    /// The greatest value seen in the pass under way.
    var max: String?
    /// The page, or the token, with which the pass under way goes on; nil between passes.
    var page: Int?
    var token: String?
    /// Records of the pass under way so far.
    var rows: Int64 = 0
    /// What the page before `page` held, as ``PageDigest`` has it, and how many records.
    var last: (content: UInt64, records: Int64)?
    /// What the pass's first page held.
    var first: UInt64?
    /// What earlier answers had: ``AnswerMemory``.
    var seen: String?

    init(
        from: String? = nil, max: String? = nil, page: Int? = nil, token: String? = nil, rows: Int64 = 0,
        seen: String? = nil
    ) {
        self.seen = seen
        self.from = from
        self.max = max
        self.page = page
        self.token = token
        self.rows = rows
    }

    /// Throws `source.badCursor` for a text that is none of ours.
    init(_ cursor: Cursor) throws {
        let parts = cursor.text.split(separator: " ")
        guard parts.first == "soap/1" else { throw Self.bad }
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, let value = Self.decode(pair[1]) else { throw Self.bad }
            switch pair[0] {
            case "from": from = value
            case "max": max = value
            case "token": token = value
            case "first":
                guard let content = UInt64(value, radix: 36) else { throw Self.bad }
                first = content
            case "last":
                let parts = value.split(separator: ":")
                guard parts.count == 2, let content = UInt64(parts[0], radix: 36), let records = Int64(parts[1]) else {
                    throw Self.bad
                }
                last = (content, records)
            case "seen": seen = value
            case "page":
                guard let number = Int(value) else { throw Self.bad }
                page = number
            case "rows":
                guard let number = Int64(value) else { throw Self.bad }
                rows = number
            default: throw Self.bad
            }
        }
    }

    var cursor: Cursor {
        var text = "soap/1"
        if let from { text += " from=\(Self.encode(from))" }
        if let max { text += " max=\(Self.encode(max))" }
        if let page { text += " page=\(page)" }
        if let token { text += " token=\(Self.encode(token))" }
        if rows > 0 { text += " rows=\(rows)" }
        if let first { text += " first=\(String(first, radix: 36))" }
        if let last { text += " last=\(String(last.content, radix: 36)):\(last.records)" }
        if let seen { text += " seen=\(Self.encode(seen))" }
        return Cursor(text)
    }

    static func == (left: SOAPCursor, right: SOAPCursor) -> Bool { left.cursor == right.cursor }

    private static let bad = HearthError(
        .sourceBadCursor, "the stored cursor was not made by this version of the SOAP connector",
        advice: "Run \(.fullRefresh) of the stream once.")

    private static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        return String(
            decoding: text.utf8.flatMap { byte -> [UInt8] in
                byte > 0x20 && byte < 0x7F && byte != 0x25
                    ? [byte] : [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }, as: UTF8.self)
    }

    private static func decode(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == 0x25 else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
