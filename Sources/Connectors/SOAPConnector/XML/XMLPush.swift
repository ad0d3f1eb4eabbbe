import CLibXML2
import HeatModel

/// libxml2's push parser behind a charset decision: bytes in any encoding go in, SAX2 callbacks come out.
///
/// No document type, no entity but the five of XML, no network; libxml2's own size limits are off because the owner keeps
/// tighter ones. Not for use from two threads.
final class XMLPush {
    let parser: xmlParserCtxtPtr
    private let handler: UnsafeMutablePointer<xmlSAXHandler>
    private let httpCharset: String?
    private let forcedCharset: String?
    private var head: [UInt8]? = []
    private var transcoder: Transcoder?
    private var witness: CharsetWitness?
    private var declaredBy = ""
    /// What header and declaration say, where they contradict each other.
    private(set) var contradiction: String?
    private var decoded: ByteStore

    /// `handler` needs its callbacks only; what keeps the parser safe is filled in here.
    init(
        handler callbacks: xmlSAXHandler, context: UnsafeMutableRawPointer, httpCharset: String?, forcedCharset: String?
    ) throws {
        xmlInitParser()
        var filled = callbacks
        filled.initialized = UInt32(XML_SAX2_MAGIC)
        filled.cdataBlock = filled.characters
        filled.ignorableWhitespace = filled.characters
        handler = .allocate(capacity: 1)
        handler.initialize(to: filled)
        guard let made = xmlCreatePushParserCtxt(handler, context, nil, 0, nil) else {
            handler.deallocate()
            throw HearthError(.sourceOutOfMemory, "no memory for an XML parser")
        }
        parser = made
        let options =
            XML_PARSE_HUGE.rawValue | XML_PARSE_NONET.rawValue | XML_PARSE_RECOVER.rawValue
            | XML_PARSE_IGNORE_ENC.rawValue
        xmlCtxtUseOptions(parser, Int32(options))
        self.httpCharset = httpCharset
        self.forcedCharset = forcedCharset
        decoded = ByteStore(capacity: 1 << 16)
    }

    deinit {
        xmlFreeParserCtxt(parser)
        handler.deallocate()
        decoded.free()
    }

    /// Bytes of UTF-8 that the parser has behind it.
    @inline(__always)
    static func position(_ parser: xmlParserCtxtPtr) -> Int {
        guard let input = parser.pointee.input else { return 0 }
        return Int(input.pointee.consumed) + (input.pointee.cur - input.pointee.base)
    }

    /// Hands on pieces of UTF-8, at most 64 KiB each, of what these bytes mean. White space before the declaration is left out.
    ///
    /// Throws `source.charsetContradiction` where what is declared and the bytes do not agree.
    func decode(_ bytes: UnsafeRawBufferPointer, isLast: Bool, piece: (UnsafeRawBufferPointer) throws -> Void) throws {
        if head == nil { return try weigh(bytes, isLast: isLast, piece: piece) }
        head?.append(contentsOf: bytes)
        if let blank = head?.prefix(while: Self.isBlank).count, blank > 0 { head?.removeFirst(blank) }
        let start = head ?? []
        let choice = try Charset.decide(start, isWhole: isLast, http: httpCharset, forced: forcedCharset)
        var skipped: Int
        switch choice.decision {
        case .needsMore: return
        case .utf8(let skip): skipped = skip
        case .other(let name, let skip):
            transcoder = try Transcoder(from: name)
            skipped = skip
        }
        head = nil
        contradiction = choice.contradiction
        if let declared = choice.declaredBy {
            witness = CharsetWitness()
            declaredBy = declared
        }
        if transcoder == nil { skipped += start.dropFirst(skipped).prefix(while: Self.isBlank).count }
        try start.withUnsafeBytes {
            try weigh(.init(rebasing: $0[min(skipped, $0.count)...]), isLast: isLast, piece: piece)
        }
    }

    var isTranscoding: Bool { transcoder != nil }

    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    /// Holds bytes that are declared not to be UTF-8 against that, until it is known.
    private func weigh(_ bytes: UnsafeRawBufferPointer, isLast: Bool, piece: (UnsafeRawBufferPointer) throws -> Void)
        throws
    {
        guard var weighing = witness else { return try pass(bytes, isLast: isLast, piece: piece) }
        let (verdict, told) = weighing.look(at: bytes, isLast: isLast)
        switch verdict {
        case .undecided: witness = weighing
        case .isDeclared: witness = nil
        case .isUTF8: throw Charset.contradictory(declaredBy, and: "the bytes are UTF-8")
        }
        try told.withUnsafeBytes { try pass($0, isLast: isLast, piece: piece) }
    }

    private func pass(_ bytes: UnsafeRawBufferPointer, isLast: Bool, piece: (UnsafeRawBufferPointer) throws -> Void)
        throws
    {
        var offset = 0
        while offset < bytes.count || (isLast && transcoder != nil) {
            let end = min(offset + 1 << 16, bytes.count)
            let part = UnsafeRawBufferPointer(rebasing: bytes[offset..<end])
            offset = end
            guard let transcoder else {
                try piece(part)
                continue
            }
            decoded.count = 0
            let isEnd = isLast && end == bytes.count
            transcoder.decode(part, isLast: isEnd, into: &decoded)
            if decoded.count > 0 { try piece(UnsafeRawBufferPointer(start: decoded.start, count: decoded.count)) }
            if isEnd { break }
        }
    }
}
