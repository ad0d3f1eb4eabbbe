import CLibXML2
import Crypto
import Glibc
import HeatModel
package import Records

/// Reads one SOAP envelope from any stream of bytes and hands over its records as batches.
///
/// Memory is one batch and one record, whatever the envelope's size. Feed it with ``read(_:deliver:)`` as bytes come, then
/// call ``finish(deliver:)`` once.
///
/// ```swift
/// let reader = try SOAPEnvelopeReader(stream: stream, namespaces: ["d": "http://dispatch.example.com/ws"])
/// while let chunk = next() { try reader.read(chunk) { batches.append($0) } }
/// let end = try reader.finish { batches.append($0) }   // end.lastBatch closes the envelope
/// ```
///
/// Encoding: see ``SOAPReading/charset``. A record with characters that cannot be decoded or that XML forbids, with a bare `&`
/// or an unknown entity, with a repeated element, an unbound prefix, content that stands elsewhere (`href="#id"`, an attachment),
/// or beyond ``SOAPLimits/recordBytes`` becomes a ``RecordDefect`` and reading goes on. Everything else that is wrong throws: `source.malformedXML`, `source.truncated`, `source.notSOAP`, `source.soapFault`,
/// `source.forbiddenDTD`, `source.tooDeep`, `source.tooLarge`. Not for use from two threads.
package final class SOAPEnvelopeReader {
    let stream: SOAPStream
    let reading: SOAPReading
    var origin: Origin
    let core: UnsafeMutablePointer<EnvelopeCore>
    let columns: [String]
    let compiled: CompiledPaths
    var push: XMLPush?
    /// Full batches that the callbacks made during one piece.
    var ready: [RawBatch] = []
    /// The first thing that ended the reading.
    var failure: HearthError?
    var defects: [RecordDefect] = []
    var fault = FaultReader()
    /// The bytes from `carryStart` on that a defect may still need.
    var carry: [UInt8] = []
    var carryStart = 0
    var piece = UnsafeRawBufferPointer(start: nil, count: 0)
    var pieceStart = 0
    var fed = 0
    private var held: [UInt8] = []
    var endsBadly = false
    var lastErrorPosition = -1
    var sameErrors = 0
    var isStopped = false
    var isEnding = false
    private var digest = SHA256()
    private var byteCount: Int64 = 0
    var cursorMax: CursorMax?
    private var defectCount = 0
    private(set) var sawBodyElement = false
    var signs = AnswerSigns()
    /// The text outside of records that is being read, and the depth of its element.
    var openText: [UInt8] = []
    var textDepth: Int32 = 0
    var attributeBytes = ByteStore(capacity: 256)
    /// Reads the document that the element at `inner` holds as text.
    var inner: SOAPEnvelopeReader?
    var innerEnd: SOAPEnvelopeEnd?
    var innerBytes: [UInt8] = []
    var pageDigest: PageDigest?
    private var scan: ReferenceScan
    /// Nil where the parser reads everything.
    private(set) var plain: PlainRecords?
    /// Where a `&` stood that is no reference; the parser was given a `?` for it.
    var bare: [Int] = []

    /// Throws `config.badPath` or `config.unknownPrefix` where a path of the stream is wrong.
    package convenience init(stream: SOAPStream, namespaces: [String: String] = [:], reading: SOAPReading = .init())
        throws
    {
        try self.init(stream: stream, paths: try StreamPaths(stream, namespaces: namespaces), reading: reading)
    }

    init(stream: SOAPStream, paths: StreamPaths, reading: SOAPReading, isInner: Bool = false) throws {
        let role: EnvelopeCore.Role = isInner ? .inner : paths.inner == nil ? .whole : .outer
        scan = ReferenceScan(mostAttributes: reading.limits.attributes)
        self.stream = stream
        self.reading = reading
        columns = stream.fields.map(\.name)
        origin = Origin(kind: .envelope, name: reading.originName, isSnapshot: reading.isSnapshot)
        if role != .outer, reading.takesPlainRecords { plain = PlainRecords() }
        if role != .outer, reading.digestsRecords { pageDigest = PageDigest(stream) }
        if role != .outer, let cursor = stream.cursor, let column = columns.firstIndex(of: cursor.column) {
            cursorMax = reading.now.map {
                CursorMax(column: column, order: cursor.judged, now: $0, before: reading.cursor)
            }
        }
        core = .allocate(capacity: 1)
        compiled = CompiledPaths(paths, depth: reading.limits.depth, role: role)
        var handler = xmlSAXHandler()
        handler.startElementNs = envelopeStartElement
        handler.endElementNs = envelopeEndElement
        handler.characters = envelopeCharacters
        handler.internalSubset = { context, name, _, _ in
            let core = context.unsafelyUnwrapped.assumingMemoryBound(to: EnvelopeCore.self)
            core.pointee.owner._withUnsafeGuaranteedRef { $0.stopAtDoctype(name) }
        }
        handler.serror = { context, error in
            guard let context, let error else { return }
            let core = context.assumingMemoryBound(to: EnvelopeCore.self)
            let (domain, code, level) = (error.pointee.domain, error.pointee.code, error.pointee.level.rawValue)
            let (line, column) = (Int(error.pointee.line), Int(error.pointee.int2))
            let isReference = error.pointee.message.map { strncmp($0, "xmlParseEntityRef", 17) == 0 } ?? false
            core.pointee.owner._withUnsafeGuaranteedRef {
                $0.parserReports(
                    domain: domain, code: code, level: level, line: line, column: column, isReference: isReference)
            }
        }
        let push = try XMLPush(
            handler: handler, context: core, httpCharset: reading.httpCharset, forcedCharset: reading.charset)
        self.push = push
        core.initialize(
            to: compiled.core(
                parser: push.parser, owner: .passUnretained(self), stream: stream, reading: reading))
    }

    deinit {
        push = nil
        attributeBytes.free()
        compiled.free(core)
        core.deallocate()
    }

    /// Reads some bytes of the answer. What `deliver` throws ends the reading and is rethrown.
    package func read(_ chunk: UnsafeRawBufferPointer, deliver: (consuming RawBatch) throws -> Void) throws {
        if let failure { throw failure }
        byteCount += Int64(chunk.count)
        if byteCount > reading.limits.envelopeBytes {
            try stop(.init(.sourceTooLarge, "the answer is larger than \(reading.limits.envelopeBytes) bytes"))
        }
        if reading.computesDigest { digest.update(bufferPointer: chunk) }
        try push?.decode(chunk, isLast: false) { try feed($0, deliver) }
    }

    /// Reads some bytes of the answer.
    package func read(_ chunk: [UInt8], deliver: (consuming RawBatch) throws -> Void) throws {
        try chunk.withUnsafeBytes { try read($0, deliver: deliver) }
    }

    /// Says that no more bytes come. Hands over all batches but the last, which it returns, with `endsOrigin`, digest and byte count.
    package func finish(deliver: (consuming RawBatch) throws -> Void) throws -> SOAPEnvelopeEnd {
        if let failure { throw failure }
        if !isStopped {
            try push?.decode(.init(start: nil, count: 0), isLast: true) { try feed($0, deliver) }
        }
        if !isStopped, let push { try submitHeld(push, isLast: true, deliver) }
        if !isStopped, let push {
            let place = self.place(
                push.parser.pointee.input?.pointee.line ?? 0, push.parser.pointee.input?.pointee.col ?? 0)
            isEnding = true
            xmlParseChunk(push.parser, nil, 0, 1)
            try hand(deliver)
            if core.pointee.phase != .done || endsBadly {
                failure = truncated(place)
            }
            if let failure { throw failure }
        }
        if let failure { throw failure }
        var last = innerEnd?.lastBatch ?? makeBatch(rows: core.pointee.rows, bytes: core.pointee.bytes.count)
        clearBatch()
        last.endsOrigin = !isStopped
        if !isStopped {
            if reading.computesDigest { last.origin.digest = Self.hex(digest.finalize()) }
            last.origin.byteCount = byteCount
        }
        return summary(last)
    }

    /// What the answer said, its inner document's word first.
    private func summary(_ last: RawBatch) -> SOAPEnvelopeEnd {
        var signs = closingSigns()
        if let other = innerEnd?.signs { signs.add(other) }
        return SOAPEnvelopeEnd(
            lastBatch: last, records: innerEnd?.records ?? core.pointee.recordsFound,
            defects: innerEnd?.defects ?? defectCount, bytes: byteCount,
            statedTotal: innerEnd?.statedTotal ?? slotText(.total),
            nextToken: innerEnd?.nextToken ?? slotText(.nextToken), hasMore: innerEnd?.hasMore ?? slotText(.hasMore),
            pageCount: innerEnd?.pageCount ?? slotText(.pageCount),
            greatestCursor: innerEnd?.greatestCursor ?? cursorMax?.column.outcome().progress, isWhole: !isStopped,
            sawBodyElement: sawBodyElement, success: innerEnd?.success ?? slotText(.success),
            message: innerEnd?.message ?? slotText(.message), signs: signs,
            hits: innerEnd?.hits ?? hitsByField(), digest: innerEnd?.digest ?? pageDigest,
            cursor: innerEnd?.cursor ?? cursorMax?.column)
    }

    // MARK: One piece

    private func feed(_ bytes: UnsafeRawBufferPointer, _ deliver: (consuming RawBatch) throws -> Void) throws {
        guard let push, !isStopped, bytes.count > 0 else { return }
        if fed == 0, held.isEmpty, let first = bytes.first(where: { $0 > 0x20 }), first != 0x3C {
            if compiled.role == .inner { try stop(noDocument(bytes)) }
            try stop(notSOAP("the answer does not begin with an element"))
        }
        try holdBack(bytes, push, deliver)
    }

    /// The parser is fed up to a `>` at a time, so that it never stands at a cut character: there it could not tell a broken
    /// one from one that is still to come.
    private func holdBack(
        _ bytes: UnsafeRawBufferPointer, _ push: XMLPush, _ deliver: (consuming RawBatch) throws -> Void
    ) throws {
        var rest = bytes
        if !held.isEmpty, let first = rest.firstIndex(of: 0x3E) {
            held.append(contentsOf: rest[...first])
            rest = UnsafeRawBufferPointer(rebasing: rest[(first + 1)...])
            try submitHeld(push, deliver)
        }
        if let last = rest.lastIndex(of: 0x3E) {
            try submit(UnsafeRawBufferPointer(rebasing: rest[...last]), push, deliver)
            rest = UnsafeRawBufferPointer(rebasing: rest[(last + 1)...])
        }
        held.append(contentsOf: rest)
        if held.count > 1 << 16 { try submitHeld(push, deliver) }
    }

    private func submitHeld(
        _ push: XMLPush, isLast: Bool = false, _ deliver: (consuming RawBatch) throws -> Void
    ) throws {
        var bytes = held
        held.removeAll(keepingCapacity: true)
        // A reference is not cut in two: what begins one near the end waits.
        if !isLast, bytes.last != 0x3E, let start = bytes.suffix(16).lastIndex(of: 0x26) {
            held += bytes[start...]
            bytes.removeLast(bytes.count - start)
        }
        try bytes.withUnsafeBytes { try submit($0, push, deliver) }
    }

    private func submit(
        _ bytes: UnsafeRawBufferPointer, _ push: XMLPush, _ deliver: (consuming RawBatch) throws -> Void
    ) throws {
        if isStopped || bytes.isEmpty { return }
        let isLong = scan.mayHoldTooManyAttributes(bytes)
        guard !isLong, !ReferenceScan.hasBareAmpersand(bytes) else {
            return try mended(bytes, push).withUnsafeBytes { try parse($0, push, isMended: true, deliver) }
        }
        try parse(bytes, push, isMended: false, deliver)
    }

    /// The bytes with each bare `&` made a `?`, of which the record that holds it will hear.
    private func mended(_ bytes: UnsafeRawBufferPointer, _ push: XMLPush) throws -> [UInt8] {
        // The parser stands before the tag or text that it has not seen the end of.
        var open: [UInt8] = []
        if let input = push.parser.pointee.input, let from = input.pointee.cur, let end = input.pointee.end, from < end
        {
            open = Array(UnsafeBufferPointer(start: from, count: end - from))
        }
        let findings = ReferenceScan.takeApart(
            open + bytes, from: open.count, insideCDATA: push.parser.pointee.instate == XML_PARSER_CDATA_SECTION)
        if findings.attributes > reading.limits.attributes {
            stopTooManyAttributes()
            throw failure ?? malformed("an element has too many attributes", at: here())
        }
        var mended = Array(bytes)
        for at in findings.bare {
            mended[at - open.count] = 0x3F
            bare.append(fed + at - open.count)
        }
        core.pointee.nextBare = bare.first ?? .max
        return mended
    }

    private func parse(
        _ bytes: UnsafeRawBufferPointer, _ push: XMLPush, isMended: Bool,
        _ deliver: (consuming RawBatch) throws -> Void
    ) throws {
        piece = bytes
        pieceStart = fed
        fed += bytes.count
        if let plain, !isMended {
            readRecords(plain, push)
        } else {
            xmlParseChunk(push.parser, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count), 0)
        }
        try hand(deliver)
        if let failure { throw failure }
        if !isStopped, core.pointee.nextBare < .max { try refuseBareOutside() }
        if !isStopped { try keepForDefects() }
        piece = UnsafeRawBufferPointer(start: nil, count: 0)
    }

    private func hand(_ deliver: (consuming RawBatch) throws -> Void) throws {
        if ready.isEmpty { return }
        let batches = ready
        ready.removeAll()
        for batch in batches { try deliver(batch) }
    }

    func stopAtLimit() {
        isStopped = true
        xmlStopParser(core.pointee.parser)
    }

    func sawBody() { sawBodyElement = true }

    func hold(_ batch: consuming RawBatch) { ready.append(batch) }

    func countDefect() { defectCount += 1 }

    private static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
