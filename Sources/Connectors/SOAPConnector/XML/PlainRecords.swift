import CByteMask
import CLibXML2
import Glibc

/// Reads records that are plain without the parser, in a fraction of its time: elements, attributes and text, without declarations of namespaces,
/// CDATA sections, comments, carriage returns or references by number.
///
/// The parser reads the first record of a list. What its names mean is learned from that, and holds for the records beside it: whatever
/// begins or ends outside of records makes it forgotten. A record is looked through whole before anything of it is taken. One that is
/// not plain, that the piece cuts, that has a name not learned yet, or that is not well-formed goes to the parser as it stands. What is taken
/// comes by the parser's own callbacks, in its order.
final class PlainRecords {
    /// A name as the document writes it, and what it means: pointers into the parser's dictionary.
    private struct Name {
        var local: XMLText
        var prefix: XMLText?
        var namespace: XMLText?
        var prefixLength: Int
        var length: Int

        init(_ local: XMLText, _ prefix: XMLText?, _ namespace: XMLText?) {
            self.local = local
            self.prefix = prefix
            self.namespace = namespace
            prefixLength = prefix.map { strlen(UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self)) } ?? 0
            let localLength = strlen(UnsafeRawPointer(local).assumingMemoryBound(to: CChar.self))
            length = prefix == nil ? localLength : prefixLength + 1 + localLength
        }

        /// Whether it stands here. What follows it is not looked at.
        @inline(__always)
        func stands(at p: XMLText, before end: XMLText) -> Bool {
            guard p + length < end else { return false }
            guard let prefix else { return memcmp(p, local, length) == 0 }
            return p[prefixLength] == 0x3A && memcmp(p, prefix, prefixLength) == 0
                && memcmp(p + prefixLength + 1, local, length - prefixLength - 1) == 0
        }
    }

    private enum Kind: UInt8 { case start, end, text }

    private struct Token {
        var kind: Kind
        /// Of an element.
        var name: Int32
        /// Of a start tag its attributes, of a text its bytes.
        var count: Int32
        /// Of a start tag its `<`, of an end what follows it, of a text its first byte.
        var at: XMLText
    }

    /// What a look at a record finds.
    enum Finding {
        /// It is plain, and ends here.
        case plain(XMLText)
        /// It ends behind the piece.
        case cut
        case unknownName
        case other
    }

    private static let mostNames = 256
    private static let mostTokens = 2048
    private static let mostAttributes = 256
    private static let mostDepth = 32

    private let elements = UnsafeMutablePointer<Name>.allocate(capacity: mostNames)
    private let attributes = UnsafeMutablePointer<Name>.allocate(capacity: mostNames)
    private let tokens = UnsafeMutablePointer<Token>.allocate(capacity: mostTokens)
    /// Five pointers for each attribute, as the parser has them.
    private let list = UnsafeMutablePointer<UnsafePointer<xmlChar>?>.allocate(capacity: mostAttributes * 5)
    private let open = UnsafeMutablePointer<Int32>.allocate(capacity: mostDepth)
    /// Each sign of ASCII at its number: what references stand for.
    private let signs = UnsafeMutablePointer<UInt8>.allocate(capacity: 128)
    private var elementCount = 0
    private var attributeCount = 0
    private var tokenCount = 0
    private var listCount = 0
    /// The names that a record which ended well has confirmed.
    private var known = (elements: 0, attributes: 0)
    private var isTainted = false
    /// Depth of the element that holds the records.
    private(set) var depth: Int32 = -1
    /// A record's end tag.
    private var endTag: [UInt8] = []
    /// Records that were read.
    private(set) var count: Int64 = 0

    init() {
        for sign in 0..<128 { signs[sign] = UInt8(sign) }
    }

    deinit {
        elements.deallocate()
        attributes.deallocate()
        tokens.deallocate()
        list.deallocate()
        open.deallocate()
        signs.deallocate()
    }

    // MARK: Learning

    var knowsRecord: Bool { known.elements > 0 }

    func forget() {
        (elementCount, attributeCount) = (0, 0)
        known = (0, 0)
    }

    /// The parser begins a record, whose names are to be learned.
    ///
    /// - Parameter isNothingElse: the element means nothing but a record.
    func learnRecord(
        _ local: XMLText, _ prefix: XMLText?, _ namespace: XMLText?, namespaces: Int32, attributes count: Int32,
        _ list: XMLAttributes?, depth: Int32, isNothingElse: Bool
    ) {
        (elementCount, attributeCount) = known
        isTainted = !isNothingElse
        if knowsRecord, depth - 1 != self.depth || elements[0].local != local || elements[0].prefix != prefix {
            forget()
        }
        self.depth = depth - 1
        learn(local, prefix, namespace, namespaces: namespaces, attributes: count, list)
    }

    /// The parser begins an element of such a record.
    func learn(
        _ local: XMLText, _ prefix: XMLText?, _ namespace: XMLText?, namespaces: Int32, attributes count: Int32,
        _ list: XMLAttributes?
    ) {
        if namespaces > 0 { isTainted = true }
        learn(Name(local, prefix, namespace), in: elements, &elementCount)
        guard let list else { return }
        for index in 0..<Int(count) {
            guard let local = list[index * 5] else { continue }
            learn(Name(local, list[index * 5 + 1], list[index * 5 + 2]), in: attributes, &attributeCount)
        }
    }

    private func learn(_ name: Name, in names: UnsafeMutablePointer<Name>, _ count: inout Int) {
        for index in 0..<count where names[index].local == name.local && names[index].prefix == name.prefix {
            if names[index].namespace != name.namespace { isTainted = true }
            return
        }
        if count == Self.mostNames {
            isTainted = true
            return
        }
        names[count] = name
        count += 1
    }

    /// The record ends. Of one that is not well nothing is learned.
    func endLearning(isWell: Bool) {
        if !isWell || isTainted {
            (elementCount, attributeCount) = known
            return
        }
        known = (elementCount, attributeCount)
        let name = elements[0]
        let text = { (part: XMLText, length: Int) in Array(UnsafeBufferPointer(start: part, count: length)) }
        endTag = Array("</".utf8)
        if let prefix = name.prefix { endTag += text(prefix, name.prefixLength) + [0x3A] }
        endTag += text(name.local, name.length - (name.prefix == nil ? 0 : name.prefixLength + 1)) + [0x3E]
    }

    // MARK: Looking

    /// Looks through the record whose `<` stands here.
    ///
    /// - Parameters:
    ///   - mostAttributes: of an element.
    ///   - mostDepth: of elements in it, with its own.
    func look(at start: XMLText, before end: XMLText, mostAttributes: Int, mostDepth: Int) -> Finding {
        tokenCount = 0
        listCount = 0
        let deepest = min(mostDepth, Self.mostDepth)
        var level = 0
        var guess = 0
        var p = start
        guard elements[0].stands(at: p + 1, before: end) else { return isCut(p, end) ? .cut : .other }
        while true {
            // At a `<`.
            guard p + 2 < end else { return .cut }
            if p[1] == 0x2F {
                level -= 1
                let name = elements[Int(open[level])]
                guard name.stands(at: p + 2, before: end) else { return isCut(p, end) ? .cut : .other }
                var after = p + 2 + name.length
                while after < end, isBlank(after[0]) { after += 1 }
                guard after < end else { return .cut }
                guard after[0] == 0x3E, put(.end, open[level], 0, after + 1) else { return .other }
                p = after + 1
            } else {
                guard level < deepest else { return .other }
                let known = level == 0 ? 0 : element(at: p + 1, end, &guess)
                guard known >= 0 else { return isCut(p, end) ? .cut : isName(p[1]) ? .unknownName : .other }
                let (place, first) = (tokenCount, listCount)
                guard put(.start, Int32(known), 0, p) else { return .other }
                var after = p + 1 + elements[known].length
                switch takeAttributes(&after, end, first) {
                case .plain: break
                case let finding: return finding
                }
                let count = listCount - first
                if count > mostAttributes { return .other }
                tokens[place].count = Int32(count)
                guard after < end else { return .cut }
                if after[0] == 0x2F {
                    guard after + 1 < end else { return .cut }
                    guard after[1] == 0x3E, put(.end, Int32(known), 0, after + 2) else { return .other }
                    p = after + 2
                } else {
                    guard after[0] == 0x3E else { return .other }
                    open[level] = Int32(known)
                    level += 1
                    p = after + 1
                }
            }
            if level == 0 { return .plain(p) }
            guard let next = takeText(p, end) else { return isCut(p, end) ? .cut : .other }
            p = next
        }
    }

    /// Where the next end tag of a record ends; nil where none is written in this piece.
    func endOfRecord(after start: XMLText, before end: XMLText) -> XMLText? {
        var p = start
        while let found = memchr(p, 0x3C, end - p) {
            p = XMLText(found.assumingMemoryBound(to: UInt8.self))
            guard end - p >= endTag.count else { return nil }
            if memcmp(p, endTag, endTag.count) == 0 { return p + endTag.count }
            p += 1
        }
        return nil
    }

    /// Whether the piece ends before the next `>`.
    private func isCut(_ p: XMLText, _ end: XMLText) -> Bool { p >= end || memchr(p, 0x3E, end - p) == nil }

    private func isName(_ byte: UInt8) -> Bool {
        byte >= 0x80 || byte == 0x5F || (0x61...0x7A).contains(byte | 0x20)
    }

    /// A blank of a plain tag: the parser makes of a carriage return something else.
    @inline(__always)
    private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x09 }

    @inline(__always)
    private func endsName(_ byte: UInt8) -> Bool {
        byte == 0x3E || byte == 0x2F || isBlank(byte)
    }

    /// The element whose name stands here; −1 where none of the known does. Elements mostly come in the order in which they were learned.
    @inline(__always)
    private func element(at p: XMLText, _ end: XMLText, _ guess: inout Int) -> Int {
        for step in 1...known.elements {
            let index = (guess + step) % known.elements
            if elements[index].stands(at: p, before: end), endsName(p[elements[index].length]) {
                guess = index
                return index
            }
        }
        return -1
    }

    @inline(__always)
    private func put(_ kind: Kind, _ name: Int32, _ count: Int32, _ at: XMLText) -> Bool {
        if tokenCount == Self.mostTokens { return false }
        tokens[tokenCount] = Token(kind: kind, name: name, count: count, at: at)
        tokenCount += 1
        return true
    }

    /// Takes what stands between a tag's name and its end: `plain` where nothing else does.
    @inline(__always)
    private func takeAttributes(_ p: inout XMLText, _ end: XMLText, _ first: Int) -> Finding {
        while true {
            let from = p
            while p < end, isBlank(p[0]) { p += 1 }
            guard p < end else { return .cut }
            if p[0] == 0x3E || p[0] == 0x2F { return .plain(p) }
            // A name that another one begins with, or attributes without a blank between them.
            if p == from { return .other }
            var found = -1
            for index in 0..<known.attributes where attributes[index].stands(at: p, before: end) {
                if p[attributes[index].length] == 0x3D {
                    found = index
                    break
                }
            }
            guard found >= 0 else { return isCut(p, end) ? .cut : isName(p[0]) ? .unknownName : .other }
            let value = p + attributes[found].length + 2
            guard value < end else { return .cut }
            let quote = value[-1]
            guard quote == 0x22 || quote == 0x27 else { return .other }
            guard let last = endOfValue(value, end, quote) else { return isCut(value, end) ? .cut : .other }
            guard listCount < Self.mostAttributes else { return .other }
            for other in first..<listCount
            where list[other * 5] == attributes[found].local && list[other * 5 + 2] == attributes[found].namespace {
                return .other
            }
            let entry = list + listCount * 5
            entry[0] = attributes[found].local
            entry[1] = attributes[found].prefix
            entry[2] = attributes[found].namespace
            entry[3] = value
            entry[4] = last
            listCount += 1
            p = last + 1
        }
    }

    /// Where a value ends that stands for itself; nil where it does not, or the piece ends before.
    @inline(__always)
    private func endOfValue(_ start: XMLText, _ end: XMLText, _ quote: UInt8) -> XMLText? {
        var p = start
        while p < end {
            let byte = p[0]
            if byte == quote { return p }
            if byte < 0x80 {
                if byte < 0x20 || byte == 0x26 || byte == 0x3C { return nil }
                p += 1
            } else {
                let length = Self.sequence(p, end)
                if length == 0 { return nil }
                p += length
            }
        }
        return nil
    }

    /// Takes a text to the `<` behind it; nil where it is not plain, or the piece ends before.
    @inline(__always)
    private func takeText(_ start: XMLText, _ end: XMLText) -> XMLText? {
        var p = start
        var from = start
        while p < end {
            if p + 16 <= end {
                let mask = hearth_markup_mask16(p)
                if mask == 0 {
                    p += 16
                    continue
                }
                p += mask.trailingZeroBitCount
            }
            let byte = p[0]
            switch byte {
            case 0x3C:
                if p > from, !put(.text, 0, Int32(p - from), from) { return nil }
                return p
            case 0x26:
                if p > from, !put(.text, 0, Int32(p - from), from) { return nil }
                guard let length = takeReference(p, end) else { return nil }
                p += length
                from = p
            case 0x5D:
                if p + 2 < end, p[1] == 0x5D, p[2] == 0x3E { return nil }
                p += 1
            case 0x80...:
                // A run of Chinese.
                repeat {
                    let length = Self.sequence(p, end)
                    if length == 0 { return nil }
                    p += length
                } while p < end && p[0] >= 0x80
            case 0x20..., 0x09, 0x0A: p += 1
            default: return nil
            }
        }
        return nil
    }

    /// Takes a reference by name; its length.
    private func takeReference(_ p: XMLText, _ end: XMLText) -> Int? {
        guard let found = ReferenceScan.named(UnsafeRawBufferPointer(start: p, count: end - p), 0),
            put(.text, 0, 1, signs + Int(found.sign))
        else { return nil }
        return found.length
    }

    /// Length of the character of two or three bytes that stands here; 0 for any other, and for what is none.
    @inline(__always)
    private static func sequence(_ p: XMLText, _ end: XMLText) -> Int {
        if p + 4 <= end {
            let four = UnsafeRawPointer(p).loadUnaligned(as: UInt32.self).littleEndian
            // Neither too long, nor half of a pair, nor one of the last two.
            if four & 0x00C0_C0F0 == 0x0080_80E0, four & 0x200F != 0, four & 0x200F != 0x200D {
                return four & 0xFE_FFFF == 0xBE_BFEF ? 0 : 3
            }
        }
        return p + 2 <= end && (0xC2...0xDF).contains(p[0]) && p[1] & 0xC0 == 0x80 ? 2 : 0
    }

    // MARK: Taking

    /// Hands the record that was looked through to the parser's callbacks.
    ///
    /// - Parameter offset: of a place, in the document.
    @inline(__always)
    func take(_ core: UnsafeMutablePointer<EnvelopeCore>, _ offset: (XMLText) -> Int) {
        var taken = 0
        for index in 0..<tokenCount {
            let token = tokens[index]
            switch token.kind {
            case .start:
                let name = elements[Int(token.name)]
                core.pointee.plainAt = offset(token.at)
                envelopeStartElement(
                    core, name.local, name.prefix, name.namespace, 0, nil, token.count, 0, list + taken * 5)
                taken += Int(token.count)
            case .end:
                let name = elements[Int(token.name)]
                core.pointee.plainAt = offset(token.at)
                envelopeEndElement(core, name.local, name.prefix, name.namespace)
            case .text: envelopeCharacters(core, token.at, token.count)
            }
        }
        core.pointee.plainAt = -1
        count += 1
    }
}
