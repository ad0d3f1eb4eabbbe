import Glibc
import HeatModel

/// Which encoding an answer is in, and how to make UTF-8 of it.
///
/// Order of belief: what the configuration forces, a byte-order mark, `charset` of the HTTP header (RFC 7303), the XML
/// declaration, UTF-8. `gb2312`, `gbk` and `cp936` are read as GB18030, which holds them all, since systems that say the
/// first send the last.
enum Charset {
    enum Decision: Equatable {
        case utf8(skip: Int)
        case other(String, skip: Int)
        case needsMore
    }

    static func decide(_ head: [UInt8], isWhole: Bool, http: String?, forced: String?) -> Decision {
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
            return .needsMore
        }
        if let forced { return named(forced, skip: mark?.1 ?? 0) }
        if let mark { return named(mark.0, skip: mark.1) }
        if let http { return named(http, skip: 0) }
        guard head.starts(with: Array("<?xm".utf8)) else { return .utf8(skip: 0) }
        let text = String(decoding: head.prefix(1024), as: UTF8.self)
        guard let end = text.firstRange(of: "?>") else {
            return isWhole || head.count >= 1024 ? .utf8(skip: 0) : .needsMore
        }
        let declaration = text[..<end.lowerBound]
        guard let attribute = declaration.firstRange(of: "encoding") else { return .utf8(skip: 0) }
        let parts = declaration[attribute.upperBound...].split(omittingEmptySubsequences: false) {
            $0 == "\"" || $0 == "'"
        }
        return parts.count >= 2 ? named(String(parts[1]), skip: 0) : .utf8(skip: 0)
    }

    private static func named(_ name: String, skip: Int) -> Decision {
        let plain = name.lowercased().filter { $0 != "-" && $0 != "_" && $0 != " " }
        switch plain {
        case "utf8", "usascii", "ascii", "": return .utf8(skip: skip)
        case "gb2312", "gb231280", "gbk", "cp936", "xgbk", "ms936", "windows936", "gb18030", "euccn":
            return .other("GB18030", skip: skip)
        case "utf16": return .other(skip == 0 ? "UTF-16BE" : "UTF-16LE", skip: skip)
        default: return .other(name, skip: skip)
        }
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
                HearthError.Code("source.unknownCharset"), "the answer is in an encoding that is not known here",
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
