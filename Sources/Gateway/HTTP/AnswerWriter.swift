import NIOCore
import NIOHTTP1

/// Puts an answer on the wire: status line, header fields and body in one buffer, for one write to the socket; of a stream the
/// head alone.
struct AnswerWriter {
    struct Request {
        var isHead = false
        /// HTTP/1.1: the connection stays open unless someone says otherwise.
        var isHTTP11 = true
        var keepsAlive = true
        var ifNoneMatch: String?
        var acceptsGzip = false
        var range: String?
        var ifRange: String?
        var requestID = ""
        var allowedOrigin: String?
    }

    /// `Date: …` and the line break, renewed each second.
    var date: [UInt8] = []

    /// What goes to the socket, and the status in it: 304 where the caller has the content already. Of a stream it is the head.
    func write(_ answer: Answer, to request: Request, allocator: ByteBufferAllocator) -> (ByteBuffer, status: Int) {
        var status = answer.status
        var body = answer.body
        var tag: [UInt8] = []
        var isCompressed = answer.isCompressed
        let mayCompress = body.count >= 512 && request.acceptsGzip && !isCompressed
        if let number = answer.tag {
            tag = Self.entityTag(number, gzip: mayCompress)
            if let wanted = request.ifNoneMatch, Self.matches(wanted, tag) { status = 304 }
        }
        if status != 304, mayCompress, let smaller = Gzip.compressed(body) {
            body = smaller
            isCompressed = true
        }
        let hasBody = status != 304 && status != 204 && status >= 200
        var out = allocator.buffer(capacity: (hasBody ? body.count : 0) + 512)
        out.writeStaticString("HTTP/1.1 ")
        Self.write(status, to: &out)
        out.writeStaticString(" ")
        out.writeString(HTTPResponseStatus(statusCode: status).reasonPhrase)
        out.writeStaticString("\r\n")
        out.writeBytes(date)
        if hasBody {
            if !body.isEmpty || status == 200 || status == 206 {
                out.writeStaticString("Content-Type: ")
                out.writeString(answer.contentType.text)
                out.writeStaticString("\r\n")
            }
            if let stream = answer.stream, stream.length == nil {
                // HTTP/1.0 knows no chunks: the body ends with the connection.
                if request.isHTTP11 { out.writeStaticString("Transfer-Encoding: chunked\r\n") }
            } else {
                out.writeStaticString("Content-Length: ")
                Self.write(answer.stream?.length.map { Int($0) } ?? body.count, to: &out)
                out.writeStaticString("\r\n")
            }
        }
        if isCompressed, hasBody { out.writeStaticString("Content-Encoding: gzip\r\n") }
        if !tag.isEmpty {
            out.writeStaticString("ETag: ")
            out.writeBytes(tag)
            out.writeStaticString("\r\nCache-Control: private, no-cache\r\nVary: Authorization, Accept-Encoding\r\n")
        } else {
            out.writeStaticString("Cache-Control: no-store\r\n")
        }
        for (name, value) in answer.headers {
            out.writeString(name)
            out.writeStaticString(": ")
            out.writeString(value)
            out.writeStaticString("\r\n")
        }
        if let origin = request.allowedOrigin {
            out.writeString("Access-Control-Allow-Origin: \(origin)\r\nVary: Origin\r\n")
            out.writeStaticString(
                "Access-Control-Expose-Headers: ETag, Hearth-State, Idempotent-Replayed, Location, Retry-After, X-Request-Id\r\n")
        }
        out.writeStaticString("X-Content-Type-Options: nosniff\r\nX-Request-Id: ")
        out.writeString(request.requestID)
        if !request.keepsAlive {
            out.writeStaticString("\r\nConnection: close")
        } else if !request.isHTTP11 {
            out.writeStaticString("\r\nConnection: keep-alive")
        }
        out.writeStaticString("\r\n\r\n")
        if hasBody, !request.isHead { out.writeBytes(body) }
        return (out, status)
    }

    private static func write(_ number: Int, to out: inout ByteBuffer) {
        if number >= 10 { write(number / 10, to: &out) }
        out.writeInteger(0x30 + UInt8(number % 10))
    }

    static func entityTag(_ number: UInt64, gzip: Bool = false) -> [UInt8] {
        var tag: [UInt8] = [0x22]
        tag.reserveCapacity(24)
        for shift in stride(from: 60, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: number >> UInt64(shift)) & 15
            tag.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
        if gzip { tag.append(contentsOf: "-gzip".utf8) }
        tag.append(0x22)
        return tag
    }

    /// `If-None-Match`: a list of tags, weak or strong, or `*`. A tag of the other coding names the same content.
    private static func matches(_ header: String, _ tag: [UInt8]) -> Bool {
        let wanted = String(decoding: tag, as: UTF8.self).replacing("-gzip\"", with: "\"")
        for item in header.split(separator: ",") {
            var text = item.trimmingBlanks
            if text == "*" { return true }
            if text.hasPrefix("W/") { text.removeFirst(2) }
            if text.replacing("-gzip\"", with: "\"") == wanted { return true }
        }
        return false
    }
}
