import HeatModel

/// What lies in a remote folder at one moment.
struct RemoteFolder {
    enum Kind { case file, folder, link }

    struct Entry {
        var name: DropName
        /// Nil where only the name is known, as by FTP.
        var kind: Kind?
        var size: Int64?
    }

    private(set) var entries: [Entry]

    init(_ session: RemoteSession) throws {
        let names = try session.lines(namesOnly: true).map { bytes -> [UInt8] in
            // Some FTP servers name files with their folder.
            bytes.lastIndex(of: 0x2F).map { Array(bytes[($0 + 1)...]) } ?? bytes
        }.filter { !$0.isEmpty && $0 != [0x2E] && $0 != [0x2E, 0x2E] }
        if session.options.scheme != .sftp {
            entries = names.map { Entry(name: DropName($0), kind: nil, size: nil) }
            return
        }
        entries = try Self.described(try session.lines(namesOnly: false), Set(names), session)
    }

    /// `-rw-r--r--    1 user     group        1234 Nov 28 21:11 yh_1.csv`: what the server shows to people is what there is. A line that
    /// does not end in one of the names is not understood, and then nothing is.
    private static func described(
        _ lines: [[UInt8]], _ names: Set<[UInt8]>, _ session: RemoteSession
    ) throws -> [Entry] {
        var found: [[UInt8]: Entry] = [:]
        for line in lines {
            guard let entry = entry(line, names) else { continue }
            found[entry.name.bytes] = entry
        }
        // A file that came or went between the two listings is seen the next time.
        return try names.sorted { $0.lexicographicallyPrecedes($1) }.compactMap { name in
            if let entry = found[name] { return entry }
            let isNamed = lines.contains { $0.count > name.count && $0.suffix(name.count).elementsEqual(name) }
            if !isNamed { return nil }
            throw HearthError(
                .sourceUnreadable, "the server's listing is in a form that is not understood",
                at: .address(session.options.shown),
                advice: "Read these drops by FTPS, or from a folder that is mounted.")
        }
    }

    private static func entry(_ line: [UInt8], _ names: Set<[UInt8]>) -> Entry? {
        // Mode, links, owner, group, size, month, day, time or year; then one blank and the name.
        var fields: [ArraySlice<UInt8>] = []
        var at = 0
        while fields.count < 8 {
            while at < line.count, line[at] == 0x20 { at += 1 }
            let start = at
            while at < line.count, line[at] != 0x20 { at += 1 }
            if start == at { return nil }
            fields.append(line[start..<at])
        }
        guard at < line.count, let size = Int64(String(decoding: fields[4], as: UTF8.self)), size >= 0 else {
            return nil
        }
        var name = Array(line[(at + 1)...])
        let kind: Kind = fields[0].first == 0x64 ? .folder : fields[0].first == 0x6C ? .link : .file
        if kind == .link, !names.contains(name) {
            let arrow = Array(" -> ".utf8)
            for end in name.indices where name[end...].starts(with: arrow) && names.contains(Array(name[..<end])) {
                name = Array(name[..<end])
                break
            }
        }
        guard names.contains(name) else { return nil }
        return Entry(name: DropName(name), kind: kind, size: kind == .file ? size : nil)
    }
}
