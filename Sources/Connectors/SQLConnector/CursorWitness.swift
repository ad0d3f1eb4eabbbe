/// Rows that are remembered with a cursor. A table that was emptied and filled anew from lower values, until they passed the cursor,
/// looks like one that went on: only what stood in it before shows it.
struct CursorWitness: Codable, Equatable {
    struct Row: Codable, Equatable {
        var key: [String]
        /// Of the cursor column.
        var value: String
        /// Of the fields.
        var digest: String
    }

    /// What was read of each row: digests of other columns, types or zones say nothing.
    var form: String
    /// The cursor's value when the rows were remembered: what has a greater one is read by the pulls from then on, whole or broken off.
    var since: String
    var rows: [Row]

    /// A row that stands under a remembered key now.
    struct Found {
        var row: Row
        /// Whether some pull read it, or this one does.
        var isRead: Bool
    }

    enum Verdict: Equatable {
        /// Some row is as it was, or is read.
        case sound
        /// None of the keys is there any more.
        case gone
        /// A row changed, and no pull reads it.
        case belied
    }

    func judge(_ found: [Found], form: String) -> Verdict {
        let present = rows.compactMap { row in found.first { $0.row.key == row.key }.map { (row, $0) } }
        if present.isEmpty { return .gone }
        let isBelied = present.contains { row, found in
            if found.isRead { return false }
            return found.row.value != row.value || (form == self.form && found.row.digest != row.digest)
        }
        return isBelied ? .belied : .sound
    }

    /// FNV-1a over the texts; NULL is none of them.
    static func digest(_ texts: [String?]) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func take(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for text in texts {
            take(text == nil ? 0 : 1)
            for byte in (text ?? "").utf8 { take(byte) }
            take(0xff)
        }
        return String(hash, radix: 16)
    }
}
