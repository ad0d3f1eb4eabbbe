import Foundation

/// The lines of a log, newest first.
package enum LogEntries {
    /// Hands over lines, without their newlines, from the newest to the oldest until `body` says false. A file is read as a whole,
    /// one after another; a torn last line is passed over.
    ///
    /// - Throws: `audit.failed` where the files cannot be read.
    package static func forEachBackwards(
        folder: String, name: String, _ body: (_ sequence: Int64, _ line: UnsafeRawBufferPointer) throws -> Bool
    ) throws {
        let files = LogFolder(path: folder, name: name)
        for segment in try files.segments().reversed() {
            let bytes: Data
            do {
                bytes = try Data(contentsOf: URL(fileURLWithPath: segment.path), options: .mappedIfSafe)
            } catch {
                throw files.failure("the file cannot be read", segment.path, error)
            }
            let goesOn = try bytes.withUnsafeBytes { try walk($0, body) }
            if !goesOn { return }
        }
    }

    private static func walk(
        _ bytes: UnsafeRawBufferPointer, _ body: (Int64, UnsafeRawBufferPointer) throws -> Bool
    ) throws -> Bool {
        var end = bytes.count
        while end > 0 {
            // The newline that ends the line stands at end − 1; what follows the last newline is torn.
            guard bytes[end - 1] == 0x0A else {
                end -= 1
                continue
            }
            var start = end - 1
            while start > 0, bytes[start - 1] != 0x0A { start -= 1 }
            let line = UnsafeRawBufferPointer(rebasing: bytes[start..<end - 1])
            if let head = ChainLine.head(of: line), try !body(head.sequence, line) { return false }
            end = start
        }
        return true
    }
}
