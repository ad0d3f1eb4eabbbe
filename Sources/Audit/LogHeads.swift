import Foundation

extension LogVerification {
    /// Where a log stands: the head that its last whole line states, nothing verified. Nil where there is none.
    ///
    /// - Throws: `audit.failed` where the files cannot be read.
    package static func statedHead(folder: String, name: String) throws -> ChainHead? {
        let files = LogFolder(path: folder, name: name)
        guard let last = try files.segments().last else { return nil }
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: last.path))
            let end = try file.seekToEnd()
            // Longer than any line that is written here; a longer one is waited out.
            try file.seek(toOffset: end > 1 << 16 ? end - 1 << 16 : 0)
            let bytes = try file.readToEnd() ?? Data()
            try file.close()
            let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
            return lines.last.flatMap { line in Array(line).withUnsafeBytes { ChainLine.head(of: $0) } }
        } catch {
            throw files.failure("the file cannot be read", last.path, error)
        }
    }
}
