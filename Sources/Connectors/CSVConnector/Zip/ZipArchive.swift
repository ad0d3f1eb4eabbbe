import HeatModel

/// The table of contents of a ZIP file, read from its end as the format wants it: entries that it does not name are not there.
///
/// Stored and deflated entries, ZIP64, no encryption, one volume. The whole table must be in place: a file that was cut has none.
struct ZipArchive {
    struct Entry {
        var name: DropName
        /// 0 is stored, 8 is deflated.
        var method: Int
        var isEncrypted: Bool
        var crc: UInt32
        var packedSize: Int64
        var size: Int64
        /// Where the entry's own head stands.
        var offset: Int64

        var isFolder: Bool { name.bytes.last == 0x2F }
        /// What a system puts beside the files of people: resource forks of macOS, the index of a folder.
        var isByTheWay: Bool {
            let last = name.text.split(separator: "/").last ?? ""
            return name.text.hasPrefix("__MACOSX/") || last.hasPrefix("._") || last == ".DS_Store"
                || last == "Thumbs.db"
        }
    }

    let entries: [Entry]

    /// More entries, and a longer table, no drop has.
    private static let mostEntries = 100_000
    private static let mostTable = 64 << 20

    init(_ file: FileReader) throws {
        let end = try ZipEnd(file)
        guard end.entries <= Self.mostEntries, end.tableSize <= Self.mostTable else {
            throw Self.damaged(file.path, "its table of contents is too large")
        }
        let table = try Self.bytes(file, at: end.tableOffset, count: Int(end.tableSize))
        var entries: [Entry] = []
        var at = 0
        for _ in 0..<end.entries {
            let (entry, next) = try Self.entry(table, at, file.path)
            entries.append(entry)
            at = next
        }
        var seen: Set<[UInt8]> = []
        for entry in entries where !seen.insert(entry.name.bytes).inserted {
            throw Self.damaged(file.path, "it holds \(entry.name.text) twice")
        }
        self.entries = entries
    }

    subscript(name: String) -> Entry? {
        let bytes = Array(name.utf8)
        return entries.first { $0.name.bytes == bytes }
    }

    private static func entry(_ table: [UInt8], _ at: Int, _ path: String) throws -> (Entry, next: Int) {
        let fields = ZipFields(table)
        guard at + 46 <= table.count, fields.four(at) == 0x0201_4B50 else {
            throw damaged(path, "its table of contents is damaged")
        }
        let (nameLength, extraLength) = (fields.two(at + 28), fields.two(at + 30))
        let next = at + 46 + nameLength + extraLength + fields.two(at + 32)
        guard next <= table.count else { throw damaged(path, "its table of contents is damaged") }
        var entry = Entry(
            name: DropName(Array(table[(at + 46)..<(at + 46 + nameLength)])), method: fields.two(at + 10),
            isEncrypted: fields.two(at + 8) & 1 == 1, crc: UInt32(fields.four(at + 16)),
            packedSize: fields.four(at + 20), size: fields.four(at + 24), offset: fields.four(at + 42))
        var extra = at + 46 + nameLength
        let extraEnd = extra + extraLength
        while extra + 4 <= extraEnd {
            let (kind, length) = (fields.two(extra), fields.two(extra + 2))
            var field = extra + 4
            let fieldEnd = min(field + length, extraEnd)
            if kind == 1 {
                // ZIP64: those that do not fit into four bytes, in this order.
                for part in [\Entry.size, \Entry.packedSize, \Entry.offset]
                where entry[keyPath: part] == 0xFFFF_FFFF && field + 8 <= fieldEnd {
                    entry[keyPath: part] = try fields.eight(field, path)
                    field += 8
                }
            }
            extra = fieldEnd
        }
        return (entry, next)
    }

    static func bytes(_ file: FileReader, at offset: Int64, count: Int) throws -> [UInt8] {
        guard offset >= 0, count >= 0, offset <= file.stamp.size, Int64(count) <= file.stamp.size - offset else {
            throw damaged(file.path, "it points beyond its end")
        }
        var read = 0
        let bytes = try [UInt8](unsafeUninitializedCapacity: count) { buffer, made in
            if count > 0 { read = try file.read(into: buffer.baseAddress!, count: count, at: offset) }
            made = read
        }
        if read < count { throw damaged(file.path, "it points beyond its end") }
        return bytes
    }

    static func damaged(_ path: String, _ what: String) -> HearthError {
        CSVError.make(.sourceCorrupt, "the ZIP file is damaged: \(what)", path, advice: "Have the file sent again.")
    }
}

/// Where a ZIP file's table of contents stands: its last bytes say so.
private struct ZipEnd {
    var entries: Int64
    var tableSize: Int64
    var tableOffset: Int64

    init(_ file: FileReader) throws {
        let size = file.stamp.size
        // The record itself and the longest comment behind it.
        let tail = Int(min(size, 22 + 65_535))
        let start = size - Int64(tail)
        let bytes = try ZipArchive.bytes(file, at: start, count: tail)
        let fields = ZipFields(bytes)
        let ends = stride(from: tail - 22, through: 0, by: -1)
        guard tail >= 22,
            let at = ends.first(where: { fields.four($0) == 0x0605_4B50 && $0 + 22 + fields.two($0 + 20) <= tail })
        else {
            throw CSVError.make(
                .sourceTruncated, "the ZIP file ends before its table of contents", file.path,
                advice: "Have the file sent again.")
        }
        guard fields.two(at + 4) == 0, fields.two(at + 6) == 0 else {
            throw ZipArchive.damaged(file.path, "it is one volume of several")
        }
        entries = Int64(fields.two(at + 10))
        tableSize = fields.four(at + 12)
        tableOffset = fields.four(at + 16)
        if entries == 0xFFFF || tableSize == 0xFFFF_FFFF || tableOffset == 0xFFFF_FFFF, at >= 20,
            fields.four(at - 20) == 0x0706_4B50
        {
            let large = try ZipArchive.bytes(file, at: fields.eight(at - 12, file.path), count: 56)
            let fields = ZipFields(large)
            guard fields.four(0) == 0x0606_4B50 else {
                throw ZipArchive.damaged(file.path, "its table of contents is not where it says")
            }
            entries = try fields.eight(32, file.path)
            tableSize = try fields.eight(40, file.path)
            tableOffset = try fields.eight(48, file.path)
        }
    }
}

/// The little-endian numbers of a ZIP file.
struct ZipFields {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func two(_ at: Int) -> Int { Int(bytes[at]) | Int(bytes[at + 1]) << 8 }
    func four(_ at: Int) -> Int64 { Int64(two(at)) | Int64(two(at + 2)) << 16 }

    /// A number beyond what any file has is damage.
    func eight(_ at: Int, _ path: String) throws -> Int64 {
        let high = four(at + 4)
        if high > 0x7FFF_FFFF { throw ZipArchive.damaged(path, "it states an impossible size") }
        return four(at) | high << 32
    }
}
