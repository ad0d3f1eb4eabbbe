import Foundation
import Glibc
import Synchronization

/// An HTTP service on a free port of this machine, whose answers are made by a closure: one thread, one request after another.
final class FieldService: Sendable {
    struct Request: Sendable {
        var path: String
        /// Names in lower case.
        var headers: [String: String]
        var body: String

        /// What stands between `<name>` and the next `<` of the body.
        func value(_ name: String) -> String? {
            guard let start = body.range(of: "<\(name)>") else { return nil }
            return String(body[start.upperBound...].prefix { $0 != "<" })
        }

        func number(_ name: String) -> Int? { value(name).flatMap { Int($0) } }
    }

    struct Response: Sendable {
        var status = 200
        var type = "text/xml; charset=utf-8"
        var headers: [String] = []
        var body: [UInt8]

        init(_ text: String) { body = Array(text.utf8) }
        init(bytes: [UInt8], type: String = "text/xml") {
            body = bytes
            self.type = type
        }

        /// An envelope around what stands in its body.
        static func envelope(_ inner: String) -> Response {
            Response(
                "<?xml version=\"1.0\" encoding=\"utf-8\"?><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\(inner)</s:Body></s:Envelope>"
            )
        }
    }

    let port: Int
    private let listener: Int32
    private let asked = Mutex(0)

    var address: String { "http://127.0.0.1:\(port)/" }
    var requests: Int { asked.withLock { $0 } }

    init(_ answer: @escaping @Sendable (Request) -> Response) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 64) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRINUSE) }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(listener, nil, nil)
                if connection < 0 { return }
                if let request = Self.read(connection) {
                    self?.asked.withLock { $0 += 1 }
                    Self.write(answer(request), to: connection)
                }
                close(connection)
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private static func read(_ connection: Int32) -> Request? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let end = Array("\r\n\r\n".utf8)
        var head: [String] = []
        var bodyStart: Int?
        var length = 0
        while bodyStart.map({ bytes.count - $0 < length }) ?? true {
            let count = recv(connection, &chunk, chunk.count, 0)
            if count <= 0 { return nil }
            bytes += chunk[..<count]
            if bodyStart == nil, let found = bytes.firstRange(of: end) {
                bodyStart = found.upperBound
                head = String(decoding: bytes[..<found.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
                let field = head.first { $0.lowercased().hasPrefix("content-length:") }
                length = field.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
            }
        }
        let words = head[0].split(separator: " ")
        var headers: [String: String] = [:]
        for line in head.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] =
                line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        return Request(
            path: words.count > 1 ? String(words[1]) : "/", headers: headers,
            body: String(decoding: bytes[(bodyStart ?? 0)...], as: UTF8.self))
    }

    private static func write(_ response: Response, to connection: Int32) {
        var head = "HTTP/1.1 \(response.status) X\r\nContent-Type: \(response.type)\r\nConnection: close\r\n"
        head += "Content-Length: \(response.body.count)\r\n"
        for line in response.headers { head += line + "\r\n" }
        var rest = (Array((head + "\r\n").utf8) + response.body)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }
}
