/// Takes a chain's lines in order and names the first that is not what follows from those before it.
///
/// It keeps one line back: whether a line that does not fit was altered or put in shows in the one after it.
package struct ChainVerifier {
    /// Head of the lines that were found good.
    package private(set) var head: ChainHead
    package private(set) var lines: Int64 = 0
    package private(set) var problem: ChainProblem?
    private var previous: [UInt8]
    /// Heads noted elsewhere, by line.
    private let anchors: [Int64: String]
    private let lastAnchor: Int64
    /// A line that does not fit, until the one after it has been seen.
    private var suspect: (line: [UInt8], place: String)?

    /// - Parameter anchors: heads of this chain that were noted elsewhere: without them a chain whose end was cut off, or that
    ///   was made again from some line on, looks whole.
    package init(after start: ChainHead = .start, anchors: [ChainHead] = []) {
        head = start
        previous = Array(start.hash.utf8)
        self.anchors = Dictionary(anchors.map { ($0.sequence, $0.hash) }, uniquingKeysWith: { first, _ in first })
        lastAnchor = anchors.map(\.sequence).max() ?? 0
    }

    /// Takes the next line, without its newline. False once a problem is known: the rest need not be read.
    package mutating func take(_ line: UnsafeRawBufferPointer, at place: String) -> Bool {
        if problem != nil { return false }
        if let (bad, badPlace) = suspect {
            suspect = nil
            problem = bad.withUnsafeBytes { judge($0, at: badPlace, next: line) }
            return false
        }
        guard let parts = ChainLine.parts(of: line), parts.sequence == head.sequence + 1,
            ChainLine.hash(of: parts.body, previous: previous) == parts.hash
        else {
            suspect = (Array(line), place)
            return true
        }
        previous = parts.hash
        head = ChainHead(sequence: parts.sequence, hash: String(decoding: parts.hash, as: UTF8.self))
        lines += 1
        if let anchored = anchors[head.sequence], anchored != head.hash {
            problem = ChainProblem(
                .rewritten, at: place, sequence: head.sequence,
                "the chain leads to another hash of this line than was noted of it: it was made again from here or before"
            )
            return false
        }
        return true
    }

    /// To be called after the last line. `isWhole` is false where the rest is known not to be there: then the end says nothing.
    package mutating func finish(at place: String, isWhole: Bool = true) {
        if let (bad, badPlace) = suspect {
            suspect = nil
            problem = bad.withUnsafeBytes { judge($0, at: badPlace, next: nil) }
        }
        if problem == nil, isWhole, lastAnchor > head.sequence {
            problem = ChainProblem(
                .truncated, at: place, sequence: head.sequence + 1,
                "lines \(head.sequence + 1) to \(lastAnchor) are missing at the end")
        }
    }

    private func judge(_ line: UnsafeRawBufferPointer, at place: String, next: UnsafeRawBufferPointer?) -> ChainProblem
    {
        let expected = head.sequence + 1
        let following = next.flatMap { ChainLine.parts(of: $0) }
        if let following, follows(following, from: previous), following.sequence == expected {
            return ChainProblem(
                .inserted, at: place, sequence: expected,
                "line \(expected) stands behind this one: this one was put in")
        }
        guard let parts = ChainLine.parts(of: line) else {
            return ChainProblem(.altered, at: place, sequence: expected, "line \(expected) has not the form of a line")
        }
        // With its right number the line would fit, or the one behind it has the number after that: only this line is changed.
        let isNumberAltered =
            following.map { $0.sequence == expected + 1 } ?? (hash(of: parts, numbered: expected) == parts.hash)
        if parts.sequence > expected, !isNumberAltered {
            return ChainProblem(
                .removed, at: place, sequence: expected,
                parts.sequence == expected + 1
                    ? "line \(expected) is missing before this one"
                    : "lines \(expected) to \(parts.sequence - 1) are missing before this one")
        }
        if parts.sequence < expected, !isNumberAltered {
            return ChainProblem(
                .inserted, at: place, sequence: expected,
                "line \(parts.sequence) stands here, after line \(expected - 1)")
        }
        return ChainProblem(
            .altered, at: place, sequence: expected, "line \(expected) does not follow from the line before it")
    }

    private func hash(of parts: ChainLine.Parts, numbered sequence: Int64) -> [UInt8] {
        var line: [UInt8] = []
        let event = ChainLine.event(of: parts)
        return event.withUnsafeBytes { ChainLine.append($0, sequence: sequence, previous: previous, to: &line) }
    }

    private func follows(_ parts: ChainLine.Parts, from previous: [UInt8]) -> Bool {
        ChainLine.hash(of: parts.body, previous: previous) == parts.hash
    }
}
