import Glibc
import HeatModel

/// Which encoding an answer is in, and how to make UTF-8 of it.
///
/// Order of belief: what the configuration forces, a byte-order mark, `charset` of the HTTP header (RFC 7303), the XML
/// declaration, UTF-8. A header that says Latin-1 or ASCII is a container's default and says nothing. `gb2312`, `gbk` and `cp936`
/// are read as GB18030, which holds them all, since systems that say the first send the last.
///
/// What is declared is held against the bytes, see ``Choice``: text in a wrong encoding mostly decodes, to other characters.
enum Charset {
    enum Decision: Equatable {
        case utf8(skip: Int)
        case other(String, skip: Int)
        case needsMore
    }

    struct Choice: Equatable {
        var decision: Decision
        /// What header and declaration say, where they say different things: bytes that do not fit are then a contradiction.
        var contradiction: String?
        /// Who declares the encoding, where it is not UTF-8: bytes that are Chinese in UTF-8 are then refused.
        var declaredBy: String?
    }

    static func decide(_ head: [UInt8], isWhole: Bool, http: String?, forced: String?) throws -> Choice {
        var mark: (String, Int)?
        if head.starts(with: [0xEF, 0xBB, 0xBF]) {
            mark = ("UTF-8", 3)
        } else if head.starts(with: [0xFF, 0xFE]) {
            mark = ("UTF-16LE", 2)
        } else if head.starts(with: [0xFE, 0xFF]) {
            mark = ("UTF-16BE", 2)
        } else if head.starts(with: [0x3C, 0, 0x3F, 0]) {
            mark = ("UTF-16LE", 0)
        } else if head.starts(with: [0, 0x3C, 0, 0x3F]) {
            mark = ("UTF-16BE", 0)
        } else if head.count < 4 && !isWhole {
            return Choice(decision: .needsMore)
        }
        if let forced { return Choice(decision: named(canonical(forced), skip: mark?.1 ?? 0)) }
        if let mark { return Choice(decision: named(mark.0, skip: mark.1)) }
        guard let declared = declaration(head, isWhole: isWhole) else { return Choice(decision: .needsMore) }
        // A declaration that can be read byte by byte is not in UTF-16, whatever it says: .NET writes it into texts.
        let said = [http, declared.isEmpty ? nil : declared].map { text -> String? in
            text.map(canonical).flatMap { $0.hasPrefix("UTF-16") || $0.isEmpty ? nil : $0 }
        }
        let header = said[0].flatMap { $0 == latin ? (said[1] == latin ? latin : nil) : $0 }
        guard let chosen = header ?? said[1] else { return Choice(decision: .utf8(skip: 0)) }
        var choice = Choice(decision: named(chosen, skip: 0))
        if let http, let header, let prolog = said[1], prolog != header {
            choice.contradiction = "the HTTP header says \(shown(http)), the XML declaration says \(shown(declared))"
            if header != "UTF-8" && prolog != "UTF-8" && prolog != latin { throw contradictory(choice.contradiction) }
        }
        if chosen != "UTF-8" {
            choice.declaredBy =
                [
                    header == nil ? nil : "the HTTP header says \(shown(http ?? ""))",
                    said[1] == nil ? nil : "the XML declaration says \(shown(declared))",
                ].compactMap { $0 }.joined(separator: ", ")
        }
        return choice
    }

    /// The encoding that the XML declaration names; empty where it names none, nil where more bytes are needed to tell.
    private static func declaration(_ head: [UInt8], isWhole: Bool) -> String? {
        guard head.starts(with: Array("<?xm".utf8)) else { return "" }
        let text = String(decoding: head.prefix(1024), as: UTF8.self)
        guard let end = text.firstRange(of: "?>") else { return isWhole || head.count >= 1024 ? "" : nil }
        let declaration = text[..<end.lowerBound]
        guard let attribute = declaration.firstRange(of: "encoding") else { return "" }
        let parts = declaration[attribute.upperBound...].split(omittingEmptySubsequences: false) {
            $0 == "\"" || $0 == "'"
        }
        return parts.count >= 2 ? String(parts[1]) : ""
    }

    static let latin = "ISO-8859-1"

    /// One name for what systems call by several.
    private static func canonical(_ name: String) -> String {
        let plain = name.lowercased().filter { $0 != "-" && $0 != "_" && $0 != " " }
        switch plain {
        case "utf8": return "UTF-8"
        case "iso88591", "latin1", "l1", "cp819", "windows1252", "cp1252", "usascii", "ascii", "iso646us": return latin
        case "gb2312", "gb231280", "gbk", "cp936", "xgbk", "ms936", "windows936", "gb18030", "euccn": return "GB18030"
        case "utf16": return "UTF-16"
        default: return name
        }
    }

    private static func named(_ name: String, skip: Int) -> Decision {
        switch name {
        case "UTF-8", "": .utf8(skip: skip)
        case "UTF-16": .other(skip == 0 ? "UTF-16BE" : "UTF-16LE", skip: skip)
        // What is declared as ISO-8859-1 is windows-1252.
        case latin: .other("WINDOWS-1252", skip: skip)
        default: .other(name, skip: skip)
        }
    }

    private static func shown(_ name: String) -> String {
        String(name.filter { $0.isASCII && !$0.isWhitespace && $0 != "<" }.prefix(40))
    }

    static func contradictory(_ what: String?, and bytes: String = "the bytes do not agree") -> HearthError {
        HearthError(
            .sourceCharsetContradiction, "\(what ?? "the declared encoding is wrong"), and \(bytes)",
            advice: "Find out which encoding the service really sends and set it as charset; nothing was taken over.")
    }
}

/// Makes UTF-8 of another encoding. What cannot be decoded becomes a byte 0xFF each, which is no UTF-8: the parser reports it
/// where it stands.
final class Transcoder {
    private let handle: iconv_t
    private var pending: [UInt8] = []

    /// Throws `source.unknownCharset`.
    init(from name: String) throws {
        guard name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x2F }), name.utf8.count < 40,
            let opened = iconv_open("UTF-8", name), opened != iconv_t(bitPattern: -1)
        else {
            throw HearthError(
                .sourceUnknownCharset, "the answer is in an encoding that is not known here",
                advice: "Set charset in the source's options to the encoding that the system really uses.")
        }
        handle = opened
    }

    deinit { iconv_close(handle) }

    /// Appends what can be decoded so far; the rest waits for the next call unless this is the last.
    func decode(_ input: UnsafeRawBufferPointer, isLast: Bool, into output: inout ByteStore) {
        var source = pending
        source.append(contentsOf: input)
        pending.removeAll(keepingCapacity: true)
        var room = [CChar](repeating: 0, count: 16_384)
        source.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return }
            var from: UnsafeMutablePointer<CChar>? = base.assumingMemoryBound(to: CChar.self)
            var left = buffer.count
            while left > 0 {
                var failure: Int32 = 0
                let made: Int = room.withUnsafeMutableBufferPointer { target in
                    var to = target.baseAddress
                    var space = target.count
                    if iconv(handle, &from, &left, &to, &space) == -1 { failure = errno }
                    return target.count - space
                }
                room.withUnsafeBytes { output.append($0.baseAddress!.assumingMemoryBound(to: UInt8.self), made) }
                if left == 0 || failure == E2BIG { continue }
                if failure == EINVAL && !isLast {
                    pending.append(contentsOf: UnsafeRawBufferPointer(start: from, count: left))
                    return
                }
                output.append([0xFF])
                from = from?.advanced(by: 1)
                left -= 1
            }
        }
    }
}
