import Crypto
package import HeatModel

/// The format of a chain's line, one JSON object without blanks around it:
///
/// ```
/// {"hash":"<64 hex digits>","seq":<n>,…members of the event…}
/// ```
///
/// The hash is SHA-256 of the previous line's 64 hex digits (64 zeros before the first line), followed by the line from its
/// 76th byte on, which is all that follows the hash and its `",`. `seq` counts the lines from 1 without a gap. A line ends with
/// one newline, which is not hashed.
package enum ChainLine {
    /// `{"hash":"` and 64 digits and `",`.
    static let bodyOffset = 75
    static let opening = Array("{\"hash\":\"".utf8)
    private static let sequenceKey = Array("\"seq\":".utf8)

    /// Appends the line of an event, without a newline, and returns its hash.
    ///
    /// `event` is one JSON object, `{…}`, without control characters (JSON escapes them in strings), and has neither a `hash`
    /// nor a `seq` of its own.
    static func append(
        _ event: UnsafeRawBufferPointer, sequence: Int64, previous: [UInt8], to line: inout [UInt8]
    ) -> [UInt8] {
        let start = line.count
        line.append(contentsOf: opening)
        line.append(contentsOf: previous)
        line.append(0x22)
        line.append(0x2C)
        line.append(contentsOf: sequenceKey)
        line.append(contentsOf: String(sequence).utf8)
        let members = event.dropFirst()
        if members.count > 1 { line.append(0x2C) }
        line.append(contentsOf: members)
        let hash = line.withUnsafeBytes {
            self.hash(of: UnsafeRawBufferPointer(rebasing: $0[(start + bodyOffset)...]), previous: previous)
        }
        line.replaceSubrange(start + opening.count..<start + opening.count + 64, with: hash)
        return hash
    }

    /// The line of an event that follows `previous`, without a newline, and the head that it makes.
    ///
    /// - Throws: `audit.badEvent` where the event is not one line with one JSON object.
    package static func make(event: [UInt8], after previous: ChainHead) throws(HearthError) -> (
        line: [UInt8], head: ChainHead
    ) {
        try check(event)
        var line: [UInt8] = []
        let sequence = previous.sequence + 1
        let hash = event.withUnsafeBytes {
            append($0, sequence: sequence, previous: Array(previous.hash.utf8), to: &line)
        }
        return (line, ChainHead(sequence: sequence, hash: String(decoding: hash, as: UTF8.self)))
    }

    static func check(_ event: some Collection<UInt8> & BidirectionalCollection<UInt8>) throws(HearthError) {
        if event.count >= 2, event.first == 0x7B, event.last == 0x7D, !event.contains(where: { $0 < 0x20 }) { return }
        throw HearthError(
            .auditBadEvent, "an event of an audit chain is one JSON object on one line",
            advice: "escape control characters in its texts")
    }

    static func hash(of body: UnsafeRawBufferPointer, previous: [UInt8]) -> [UInt8] {
        var hasher = SHA256()
        previous.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        hasher.update(bufferPointer: body)
        return Hex.digits(hasher.finalize())
    }

    /// What a line says of itself, where it has the format.
    struct Parts {
        /// 64 digits.
        var hash: [UInt8]
        var sequence: Int64
        /// What is hashed.
        var body: UnsafeRawBufferPointer
    }

    /// Nil where the line has not the format. The body is a part of `line`.
    static func parts(of line: UnsafeRawBufferPointer) -> Parts? {
        guard line.count > bodyOffset + sequenceKey.count + 1, line.starts(with: opening), line[73] == 0x22,
            line[74] == 0x2C, line[line.count - 1] == 0x7D
        else { return nil }
        let hash = line[opening.count..<opening.count + 64]
        guard hash.allSatisfy({ Hex.isDigit($0) }) else { return nil }
        let body = UnsafeRawBufferPointer(rebasing: line[bodyOffset...])
        guard body.starts(with: sequenceKey) else { return nil }
        var sequence: Int64 = 0
        for byte in body[sequenceKey.count...] {
            if byte == 0x2C || byte == 0x7D { break }
            guard byte &- 0x30 <= 9, sequence < 100_000_000_000_000_000 else { return nil }
            sequence = sequence * 10 + Int64(byte - 0x30)
        }
        return Parts(hash: Array(hash), sequence: sequence, body: body)
    }

    /// The head that a whole line makes; nil where it has not the format. The hash is not recomputed.
    package static func head(of line: UnsafeRawBufferPointer) -> ChainHead? {
        parts(of: line).map { ChainHead(sequence: $0.sequence, hash: String(decoding: $0.hash, as: UTF8.self)) }
    }

    /// The event of a line, `{…}`, without the chain's own members; nil where the line has not the format.
    package static func event(of line: UnsafeRawBufferPointer) -> [UInt8]? {
        parts(of: line).map { event(of: $0) }
    }

    static func event(of parts: Parts) -> [UInt8] {
        var rest = parts.body.dropFirst(sequenceKey.count).drop { $0 &- 0x30 <= 9 }
        if rest.first == 0x2C { rest = rest.dropFirst() }
        return [0x7B] + rest
    }
}
