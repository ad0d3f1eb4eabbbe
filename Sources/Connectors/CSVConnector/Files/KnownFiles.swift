import Records

/// The files of a drop folder that were read to their end, by name and stamp, so that a folder full of old files is not
/// hashed again at every pull. Kept as the stream's cursor: one line a file, `<stamp> <digest> <name>`.
struct KnownFiles {
    private static let heading = "csv/1"
    private var files: [String: (stamp: String, digest: String)] = [:]

    /// A cursor of another kind knows no files.
    init(_ cursor: Cursor?) {
        guard let lines = cursor?.text.split(separator: "\n"), lines.first == Self.heading[...] else { return }
        for line in lines.dropFirst() {
            let parts = line.split(separator: " ", maxSplits: 2)
            if parts.count == 3 { files[String(parts[2])] = (String(parts[0]), String(parts[1])) }
        }
    }

    var isEmpty: Bool { files.isEmpty }

    /// The digest of a file that has not been touched since it was read to its end.
    func digest(of name: DropName, _ stamp: FileStamp) -> String? {
        files[name.key].flatMap { $0.stamp == stamp.text ? $0.digest : nil }
    }

    /// The digest of what was last read to its end under a name.
    func lastDigest(of name: DropName) -> String? { files[name.key]?.digest }

    /// The files with what their order follows from.
    func drops(_ order: DropOrder) -> [DropOrder.Drop] {
        files.map { key, file in
            let name = String(key.prefix { $0 != "\u{1F}" })
            let parts = file.stamp.split(separator: ":").dropFirst(3).first?.split(separator: ".").compactMap {
                Int($0)
            }
            let modified = parts.flatMap { $0.count == 2 ? DropTime(seconds: $0[0], nanoseconds: $0[1]) : nil }
            return order.drop(name, modified: modified)
        }
    }

    /// Whether files were read from the device that has this number.
    func areFrom(device: UInt) -> Bool { files.values.contains { $0.stamp.hasPrefix("\(device):") } }

    mutating func insert(_ name: DropName, _ stamp: FileStamp, digest: String) {
        // A name that would not come back from its line is not worth an exception: the file is hashed again.
        if name.key.contains("\n") { return }
        files[name.key] = (stamp.text, digest)
    }

    /// Forgets the files that have left the folder, but for the one that the stream stands at.
    mutating func keep(_ names: some Sequence<DropName>, and last: String?) {
        let keys = Set(names.map(\.key))
        files = files.filter { file in
            keys.contains(file.key) || (last.map { DropName.isKey(file.key, of: $0) } ?? false)
        }
    }

    var cursor: Cursor {
        let lines = files.sorted { $0.key < $1.key }.map { "\($0.value.stamp) \($0.value.digest) \($0.key)" }
        return Cursor(([Self.heading] + lines).joined(separator: "\n"))
    }
}

extension FileStamp {
    /// Any write, rename or change of mode gives another text.
    var text: String {
        "\(device):\(inode):\(size):\(modified.seconds).\(modified.nanoseconds):\(changed.seconds).\(changed.nanoseconds)"
    }
}
