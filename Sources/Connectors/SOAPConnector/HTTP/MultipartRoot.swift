import HeatModel

/// The root part of a `multipart/related` answer (MTOM, SOAP with attachments), as a stream. The other parts are read over.
struct MultipartRoot {
    /// `Content-Type` of the root part, once it is known.
    private(set) var contentType: String?
    private let boundary: [UInt8]
    private let start: String?
    private var pending: [UInt8] = []
    private var part = Part.preamble
    private enum Part { case preamble, headers, root, other, done }
    private static let mostHeaderBytes = 65_536

    /// Nil where the type is not multipart or has no boundary.
    init?(contentType: String) {
        guard contentType.lowercased().hasPrefix("multipart/"),
            let boundary = Self.parameter("boundary", of: contentType)
        else { return nil }
        // A boundary stands at the start of a line; the first may be the answer's first line.
        self.boundary = Array("\r\n--\(boundary)".utf8)
        start = Self.parameter("start", of: contentType)
        pending = [0x0D, 0x0A]
    }

    /// Takes bytes of the answer and gives what of them belongs to the root part. Throws `source.notSOAP` where the root part cannot
    /// be read as it stands.
    mutating func take(_ bytes: UnsafeRawBufferPointer) throws -> [UInt8] {
        if part == .done { return [] }
        pending.append(contentsOf: bytes)
        var root: [UInt8] = []
        while true {
            switch part {
            case .done: return root
            case .headers:
                guard let end = Self.find(Array("\r\n\r\n".utf8), in: pending) else {
                    if pending.count > Self.mostHeaderBytes { throw Self.bad("a part's headers do not end") }
                    return root
                }
                try begin(String(decoding: pending[..<end], as: UTF8.self))
                // The line's end may begin the next boundary.
                pending.removeFirst(end + 2)
                if part == .root { pending.removeFirst(2) }
            case .preamble, .root, .other:
                guard let found = Self.find(boundary, in: pending), pending.count >= found + boundary.count + 2 else {
                    let kept = min(pending.count, boundary.count + 1)
                    if let found = Self.find(boundary, in: pending) {
                        if part == .root { root += pending[..<found] }
                        pending.removeFirst(found)
                    } else {
                        if part == .root { root += pending.dropLast(kept) }
                        pending.removeFirst(pending.count - kept)
                    }
                    return root
                }
                if part == .root {
                    root += pending[..<found]
                    part = .done
                    return root
                }
                let after = pending[(found + boundary.count)...].prefix(2)
                pending.removeFirst(found + boundary.count)
                part = after.elementsEqual("--".utf8) ? .done : .headers
            }
        }
    }

    /// Whether the root part was read to the boundary after it.
    var isWhole: Bool { part == .done && contentType != nil }

    private mutating func begin(_ headers: String) throws {
        var fields: [String: String] = [:]
        for line in headers.split(whereSeparator: \.isNewline) {
            let pair = line.split(separator: ":", maxSplits: 1)
            if pair.count == 2 { fields[pair[0].lowercased()] = String(pair[1].drop { $0 == " " }) }
        }
        if let start, fields["content-id"] != start {
            part = .other
            return
        }
        part = .root
        contentType = fields["content-type"] ?? "text/xml"
        let encoding = (fields["content-transfer-encoding"] ?? "binary").lowercased().filter { !$0.isWhitespace }
        if !["binary", "8bit", "7bit"].contains(encoding) {
            throw Self.bad("the root part is sent as \(SeenText(encoding, atMost: 20))")
        }
    }

    private static func bad(_ what: String) -> HearthError {
        HearthError(
            .sourceNotSOAP, "the answer is multipart, and \(what)",
            advice: "Ask the service's owner for plain SOAP.")
    }

    private static func parameter(_ name: String, of contentType: String) -> String? {
        var rest = contentType[...]
        while let semicolon = rest.firstIndex(of: ";") {
            rest = rest[rest.index(after: semicolon)...].drop { $0.isWhitespace }
            guard rest.lowercased().hasPrefix("\(name)=") else { continue }
            let value = rest.dropFirst(name.count + 1)
            if value.first == "\"" { return String(value.dropFirst().prefix { $0 != "\"" }) }
            return String(value.prefix { $0 != ";" && !$0.isWhitespace })
        }
        return nil
    }

    private static func find(_ needle: [UInt8], in bytes: [UInt8]) -> Int? {
        guard let first = needle.first, bytes.count >= needle.count else { return nil }
        var at = 0
        while let found = bytes[at...].firstIndex(of: first), found + needle.count <= bytes.count {
            if bytes[found..<found + needle.count].elementsEqual(needle) { return found }
            at = found + 1
        }
        return nil
    }
}
