import CLibXML2
import Glibc

// Which records are read without the parser: see ``PlainRecords``.

extension SOAPEnvelopeReader {
    /// Records in a row that were not plain, after which the parser reads the rest of a piece.
    private static let mostMisses = 4

    /// Reads the present piece: plain records at once, all else by the parser.
    func readRecords(_ plain: PlainRecords, _ push: XMLPush) {
        guard let start = piece.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        let end = start + piece.count
        var at = start
        var misses = 0
        while at < end, failure == nil, !isStopped {
            let from = at
            if stands(before: plain, push) {
                let isOther = takeRecords(plain, &at, end, push)
                misses = at > from ? 0 : isOther ? misses + 1 : misses
                if at == end || failure != nil || isStopped { return }
            } else {
                misses += 1
            }
            var next = end
            if !plain.knowsRecord {
                next = Self.endOfStep(at, end)
            } else if misses < Self.mostMisses {
                next = plain.endOfRecord(after: at, before: end) ?? end
            }
            xmlParseChunk(push.parser, UnsafeRawPointer(at).assumingMemoryBound(to: CChar.self), Int32(next - at), 0)
            at = next
        }
    }

    /// The parser looks for the first record in small steps.
    private static func endOfStep(_ at: XMLText, _ end: XMLText) -> XMLText {
        guard end - at > 4096 else { return end }
        let from = at + 4096
        return memchr(from, 0x3E, end - from).map { XMLText($0.assumingMemoryBound(to: UInt8.self)) + 1 } ?? end
    }

    /// Whether the parser has read all that it was given, and stands where records begin.
    private func stands(before plain: PlainRecords, _ push: XMLPush) -> Bool {
        guard plain.knowsRecord, core.pointee.phase == .body, core.pointee.depth == plain.depth,
            core.pointee.openSlot < 0, !core.pointee.hasOutsideText, core.pointee.innerDepth == 0,
            core.pointee.nextBare == .max, push.parser.pointee.instate == XML_PARSER_CONTENT,
            let input = push.parser.pointee.input
        else { return false }
        return input.pointee.cur == input.pointee.end
    }

    /// Reads records as long as they are plain. True where the next is not, though all of it is there.
    private func takeRecords(_ plain: PlainRecords, _ at: inout XMLText, _ end: XMLText, _ push: XMLPush) -> Bool {
        guard let base = piece.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return false }
        let from = at
        let pieceStart = pieceStart
        var isOther = false
        core.pointee.isLearning = false
        scan: while true {
            var start = at
            while start < end, XMLPush.isBlank(start[0]) { start += 1 }
            guard start < end, start[0] == 0x3C else { break }
            switch plain.look(
                at: start, before: end, mostAttributes: Int(core.pointee.maxAttributes),
                mostDepth: Int(core.pointee.maxDepth - core.pointee.depth))
            {
            case .plain(let recordEnd):
                plain.take(core) { pieceStart + (base.distance(to: $0)) }
                at = recordEnd
                if isStopped || failure != nil { return false }
            case .unknownName:
                core.pointee.isLearning = true
                isOther = true
                break scan
            case .other:
                isOther = true
                break scan
            case .cut: break scan
            }
        }
        passOver(from, at, push)
        return isOther
    }

    /// Has the parser tell lines and columns as if it had read this, too.
    private func passOver(_ from: XMLText, _ to: XMLText, _ push: XMLPush) {
        guard to > from, let input = push.parser.pointee.input else { return }
        core.pointee.passedOver += to - from
        var line = from
        var lines: Int32 = 0
        while let found = memchr(line, 0x0A, to - line) {
            lines += 1
            line = XMLText(found.assumingMemoryBound(to: UInt8.self)) + 1
        }
        let characters = UnsafeBufferPointer(start: line, count: to - line).count { $0 & 0xC0 != 0x80 }
        input.pointee.line += lines
        input.pointee.col = (lines > 0 ? 1 : input.pointee.col) + Int32(characters)
    }

    // MARK: Learning, by the parser's callbacks

    func recordBegins(
        _ local: XMLText, _ prefix: XMLText?, _ namespace: XMLText?, _ namespaceCount: Int32, _ attributeCount: Int32,
        _ attributes: XMLAttributes?
    ) {
        guard let plain else { return }
        if !plain.knowsRecord { core.pointee.isLearning = true }
        guard core.pointee.isLearning else { return }
        plain.learnRecord(
            local, prefix, namespace, namespaces: namespaceCount, attributes: attributeCount, attributes,
            depth: core.pointee.depth, isNothingElse: core.pointee.isRecordAlone)
    }

    func recordIsLearned() {
        core.pointee.isLearning = false
        plain?.endLearning(isWell: core.pointee.bad == .none)
        core.pointee.knowsRecord = plain?.knowsRecord ?? false
    }

    func forgetRecord() {
        plain?.forget()
        core.pointee.knowsRecord = false
        core.pointee.isLearning = false
    }
}
