import CLibXML2
import HeatModel

/// One XML part of a workbook, read as a stream. A reader of a part inherits from it and takes what it wants of the elements.
///
/// Names come without their prefix: a workbook's namespaces differ by edition (transitional, strict), its element names do not. No
/// document type and so no entity but XML's own; nothing is fetched. Elements may stand within each other to a depth of 256.
class XMLPart {
    typealias Name = UnsafePointer<UInt8>

    /// Attributes of an element, good while it begins.
    struct Attributes {
        fileprivate let first: UnsafeMutablePointer<UnsafePointer<UInt8>?>?
        fileprivate let count: Int

        /// The value of an attribute, nil where it is not there. Values are as they were written: what of them matters has no entities.
        @inline(__always)
        subscript(name: StaticString) -> UnsafeBufferPointer<UInt8>? {
            guard let first else { return nil }
            for index in 0..<count {
                let attribute = first + index * 5
                if XMLPart.isName(attribute[0]!, name), let start = attribute[3], let end = attribute[4] {
                    return UnsafeBufferPointer(start: start, count: end - start)
                }
            }
            return nil
        }

        func text(_ name: StaticString) -> String? { self[name].map { String(decoding: $0, as: UTF8.self) } }
        func number(_ name: StaticString) -> Int? { self[name].flatMap { XMLPart.number($0) } }
        func isTrue(_ name: StaticString) -> Bool {
            self[name].map { $0.elementsEqual("1".utf8) || $0.elementsEqual("true".utf8) } ?? false
        }
    }

    private let name: String
    private let path: String
    private var parser: xmlParserCtxtPtr?
    private var thrown: (any Error)?
    /// What was asked for is known: the rest of the part is not looked at.
    private(set) var isDone = false

    /// - Parameters:
    ///   - name: of the part, such as `xl/workbook.xml`.
    ///   - path: of the workbook.
    init(name: String, path: String) {
        self.name = name
        self.path = path
    }

    func start(_ name: Name, _ attributes: Attributes) throws {}
    func end(_ name: Name) throws {}
    func text(_ bytes: UnsafeBufferPointer<UInt8>) {}

    /// Lets the reading end before the part does.
    func stop() {
        isDone = true
        if let parser { xmlStopParser(parser) }
    }

    /// Reads the part to its end, or to ``stop()``.
    func read(_ content: ZipEntryReader, isCancelled: () -> Bool = { false }) throws {
        xmlInitParser()
        var handler = Self.handler()
        guard
            let parser = xmlCreatePushParserCtxt(&handler, Unmanaged.passUnretained(self).toOpaque(), nil, 0, nil)
        else { throw HearthError(.sourceUnreadable, "libxml2 cannot be started", at: place) }
        defer {
            self.parser = nil
            xmlFreeParserCtxt(parser)
        }
        self.parser = parser
        xmlCtxtUseOptions(parser, Int32(XML_PARSE_NONET.rawValue | XML_PARSE_HUGE.rawValue))
        let size = 1 << 16
        let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
        defer { buffer.deallocate() }
        var wasGood = true
        while !isDone {
            if isCancelled() { throw CSVError.cancelled }
            let count = try content.read(into: buffer, count: size)
            let chunk = UnsafeRawPointer(buffer).assumingMemoryBound(to: CChar.self)
            wasGood = xmlParseChunk(parser, chunk, Int32(count), count == 0 ? 1 : 0) == 0
            if let thrown { throw thrown }
            if count == 0 || !wasGood { break }
        }
        if !isDone, !wasGood || parser.pointee.wellFormed == 0 { throw broken("it is no well-formed XML") }
    }

    private var place: Place { .file(path, line: 0, column: 0) }

    func broken(_ what: String) -> HearthError {
        HearthError(
            .sourceCorrupt, "\(name) in the workbook cannot be read: \(what)", at: place,
            advice: "Have the workbook opened, saved again and sent.")
    }

    fileprivate func failed(_ error: any Error) {
        if thrown == nil { thrown = error }
        if let parser { xmlStopParser(parser) }
    }

    @inline(__always)
    static func isName(_ name: Name, _ expected: StaticString) -> Bool {
        let count = expected.utf8CodeUnitCount
        let start = expected.utf8Start
        for index in 0..<count where name[index] != start[index] { return false }
        return name[count] == 0
    }

    /// A whole number without a sign, of at most nine digits.
    @inline(__always)
    static func number(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
        guard 1...9 ~= text.count else { return nil }
        var value = 0
        for byte in text {
            let digit = byte &- 0x30
            if digit > 9 { return nil }
            value = value * 10 + Int(digit)
        }
        return value
    }

    private static func handler() -> xmlSAXHandler {
        var handler = xmlSAXHandler()
        handler.initialized = UInt32(XML_SAX2_MAGIC)
        handler.startElementNs = { context, name, _, _, _, _, count, _, attributes in
            guard let context, let name else { return }
            Unmanaged<XMLPart>.fromOpaque(context)._withUnsafeGuaranteedRef { part in
                do { try part.start(name, Attributes(first: attributes, count: Int(count))) } catch {
                    part.failed(error)
                }
            }
        }
        handler.endElementNs = { context, name, _, _ in
            guard let context, let name else { return }
            Unmanaged<XMLPart>.fromOpaque(context)._withUnsafeGuaranteedRef { part in
                do { try part.end(name) } catch { part.failed(error) }
            }
        }
        let characters: charactersSAXFunc = { context, text, count in
            guard let context, let text else { return }
            Unmanaged<XMLPart>.fromOpaque(context)._withUnsafeGuaranteedRef {
                $0.text(UnsafeBufferPointer(start: text, count: Int(count)))
            }
        }
        handler.characters = characters
        handler.cdataBlock = characters
        handler.ignorableWhitespace = characters
        handler.internalSubset = { context, _, _, _ in
            guard let context else { return }
            let part = Unmanaged<XMLPart>.fromOpaque(context).takeUnretainedValue()
            part.failed(part.broken("it has a document type"))
        }
        return handler
    }
}

/// `_x000D_` in a workbook's text stands for the character that XML cannot hold, and `_x005F_` for an underline before such.
enum EscapedText {
    /// The bytes with such escapes undone.
    static func undone(_ bytes: [UInt8], from start: Int) -> [UInt8] {
        var made = Array(bytes[..<start])
        made.reserveCapacity(bytes.count)
        var at = start
        while at < bytes.count {
            if bytes[at] == 0x5F, let unit = unit(bytes, at) {
                var units = [unit]
                at += 7
                if UTF16.isLeadSurrogate(unit), at < bytes.count, bytes[at] == 0x5F, let trail = self.unit(bytes, at) {
                    units.append(trail)
                    at += 7
                }
                made += Array(String(decoding: units, as: UTF16.self).utf8)
            } else {
                made.append(bytes[at])
                at += 1
            }
        }
        return made
    }

    private static func unit(_ bytes: [UInt8], _ at: Int) -> UInt16? {
        guard at + 7 <= bytes.count, bytes[at + 1] == 0x78, bytes[at + 6] == 0x5F else { return nil }
        var value: UInt16 = 0
        for byte in bytes[(at + 2)..<(at + 6)] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            value = value << 4 | UInt16(digit)
        }
        return value
    }

    /// Whether there may be one: a look that spares most texts the rest.
    @inline(__always)
    static func mayHold(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool { bytes.contains(0x5F) }
}
