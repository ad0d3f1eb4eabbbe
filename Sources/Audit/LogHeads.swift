import Foundation

extension LogVerification {
    /// Where a log stands: the head that its last whole line states, nothing verified. Nil where there is none.
    public static func statedHead(folder: String, name: String) -> ChainHead? {
        guard let last = (try? LogFolder(path: folder, name: name).segments())?.last,
            let file = FileHandle(forReadingAtPath: last.path)
        else { return nil }
        defer { try? file.close() }
        guard let end = try? file.seekToEnd() else { return nil }
        // Longer than any line that is written here; a longer one is waited out.
        let start = end > 1 << 16 ? end - 1 << 16 : 0
        guard (try? file.seek(toOffset: start)) != nil, let bytes = try? file.readToEnd() else { return nil }
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
        return lines.last.flatMap { line in Array(line).withUnsafeBytes { ChainLine.head(of: $0) } }
    }
}
