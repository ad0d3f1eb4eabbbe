import Records

/// The files of a drop folder that were read to their end, by name and stamp, so that a folder full of old files is not
/// hashed anew at every pull. Kept as the stream's cursor: one line a file, `<stamp> <digest> <name>`.
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

    /// The digest of a file that has not been touched since it was read to its end.
    func digest(of name: String, _ stamp: FileStamp) -> String? {
        files[name].flatMap { $0.stamp == stamp.text ? $0.digest : nil }
    }

    mutating func insert(_ name: String, _ stamp: FileStamp, digest: String) {
        // A name that would not come back from its line is not worth an exception: the file is hashed again.
        if name.contains("\n") { return }
        files[name] = (stamp.text, digest)
    }

    /// Forgets the files that have left the folder.
    mutating func keep(_ names: some Sequence<String>) {
        let names = Set(names)
        files = files.filter { names.contains($0.key) }
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
