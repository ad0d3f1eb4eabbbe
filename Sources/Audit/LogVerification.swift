import Foundation

/// What a walk over a log's files found.
package struct LogVerification: Sendable {
    /// Lines found good, the segments' opening lines included.
    package var lines: Int64 = 0
    package var segments = 0
    /// The first thing wrong; nil where the log is what was written.
    package var problem: ChainProblem?
    /// Where the good lines end.
    package var head = ChainHead.start
    /// Bytes after the last whole line while someone is writing: a line on its way.
    package var unfinishedBytes = 0

    package init() {}

    /// Walks the log `name` in `folder`. Memory does not grow with it.
    ///
    /// - Parameter anchors: heads noted elsewhere (see ``ChainVerifier``).
    /// - Parameter start: what stood before the oldest line that is kept, where older segments were removed by retention.
    /// - Throws: `audit.failed` where the files cannot be read.
    package static func verify(
        folder: String, name: String, anchors: [ChainHead] = [], after start: ChainHead = .start
    ) throws -> LogVerification {
        let files = LogFolder(path: folder, name: name)
        var result = LogVerification()
        var verifier = ChainVerifier(after: start, anchors: anchors.filter { $0.sequence > start.sequence })
        var torn: ChainProblem?
        let segments = try files.segments()
        for (index, segment) in segments.enumerated() where verifier.problem == nil && torn == nil {
            let name = (segment.path as NSString).lastPathComponent
            let expected = verifier.head.sequence + 1
            if segment.first != expected {
                torn =
                    segment.first > expected
                    ? ChainProblem(
                        .removed, at: name, sequence: expected,
                        "lines \(expected) to \(segment.first - 1) are missing before this file")
                    : ChainProblem(
                        .inserted, at: name, sequence: expected, "the file does not begin where the one before it ends")
                break
            }
            result.segments += 1
            var number = 0
            var lines = try LineFile(path: segment.path, folder: files)
            while try lines.next({ line, isWhole in
                number += 1
                let place = "\(name):\(number)"
                if isWhole {
                    _ = verifier.take(line, at: place)
                } else if index == segments.count - 1, isWritten(files), !hasWholeLine(line) {
                    result.unfinishedBytes = line.count
                } else {
                    torn =
                        hasWholeLine(line)
                        ? ChainProblem(.altered, at: place, "the line's end is not a newline")
                        : ChainProblem(.torn, at: place, "the last line is not whole")
                }
            }), verifier.problem == nil, torn == nil {}
            if number == 0, torn == nil, !isWritten(files) {
                torn = ChainProblem(.truncated, at: name, "the file is empty")
            }
        }
        let last = segments.last.map { ($0.path as NSString).lastPathComponent } ?? name
        verifier.finish(at: last, isWhole: torn == nil)
        result.lines = verifier.lines
        result.head = verifier.head
        result.problem = verifier.problem ?? torn
        return result
    }

    /// Whether a writer has the log now.
    private static func isWritten(_ files: LogFolder) -> Bool {
        let descriptor = open(files.lockPath, O_RDWR | O_CLOEXEC)
        if descriptor < 0 { return false }
        defer { close(descriptor) }
        if flock(descriptor, LOCK_SH | LOCK_NB) == 0 { return false }
        return errno == EWOULDBLOCK
    }

    /// Whether bytes without a newline hold more than a beginning of a line: a line is never written without its newline in
    /// one piece with it, so a closing brace that ends the JSON object means that the newline was changed.
    private static func hasWholeLine(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count > 1 else { return false }
        return ChainLine.parts(of: UnsafeRawBufferPointer(rebasing: bytes.dropLast())) != nil
    }
}
