import Glibc
import Synchronization

/// An HTTP service on the loopback: real sockets, a thread for each connection, answers by the handler of a path's first part.
package final class LoopbackService: Sendable {
    package struct Request: Sendable {
        package var path: String
        package var headers: [String: String]
        package var body: String
    }

    package struct Answer: Sendable {
        package var status = 200
        package var headers: [String] = ["Content-Type: text/xml; charset=utf-8"]
        package var body: [UInt8] = []
        /// Bytes of the body that are sent before the connection is closed, though the length says more.
        package var cut: Int?

        package init(
            status: Int = 200, type: String = "text/xml; charset=utf-8", headers: [String] = [], _ body: [UInt8]
        ) {
            self.status = status
            self.headers = (type.isEmpty ? [] : ["Content-Type: \(type)"]) + headers
            self.body = body
        }

        package init(
            status: Int = 200, type: String = "text/xml; charset=utf-8", headers: [String] = [], _ text: String
        ) {
            self.init(status: status, type: type, headers: headers, Array(text.utf8))
        }
    }

    package typealias Handler = @Sendable (Request) -> Answer

    package static let shared = LoopbackService()
    package let port: Int
    private let handlers = Mutex<[String: Handler]>([:])
    private let counter = Mutex(0)

    private init() {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 256) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        precondition(isBound, "no port on the loopback")
        port = Int(UInt16(bigEndian: address.sin_port))
        OwnThread.start { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                if connection < 0 { continue }
                var on: Int32 = 1
                setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
                OwnThread.start { self.serve(connection) }
            }
        }
    }

    /// Answers at an address of its own, until it is removed.
    package func address(_ handler: @escaping Handler) -> String {
        let name = counter.withLock { count in
            count += 1
            return "s\(count)"
        }
        handlers.withLock { $0[name] = handler }
        return "http://127.0.0.1:\(port)/\(name)"
    }

    package func remove(_ address: String) {
        let name = String(address.split(separator: "/").last ?? "")
        handlers.withLock { $0[name] = nil }
    }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        var buffer: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 65_536)
        while true {
            while Self.end(of: buffer) == nil {
                let count = recv(connection, &room, room.count, 0)
                if count <= 0 { return }
                buffer += room[..<count]
            }
            guard let end = Self.end(of: buffer) else { return }
            let lines = String(decoding: buffer[..<end], as: UTF8.self).split(separator: "\r\n")
            var headers: [String: String] = [:]
            for line in lines.dropFirst() {
                let pair = line.split(separator: ":", maxSplits: 1)
                if pair.count == 2 { headers[pair[0].lowercased()] = String(pair[1].drop { $0 == " " }) }
            }
            buffer.removeFirst(end + 4)
            let length = headers["content-length"].flatMap { Int($0) } ?? 0
            while buffer.count < length {
                let count = recv(connection, &room, room.count, 0)
                if count <= 0 { return }
                buffer += room[..<count]
            }
            let body = String(decoding: buffer[..<length], as: UTF8.self)
            buffer.removeFirst(length)
            let path = String(lines.first?.split(separator: " ").dropFirst().first ?? "/")
            let name = String(path.split(separator: "/").first ?? "")
            let handler = handlers.withLock { $0[name] }
            let answer =
                handler?(Request(path: path, headers: headers, body: body))
                ?? Answer(status: 404, type: "text/plain", "")
            var out = Array("HTTP/1.1 \(answer.status) Said\r\n".utf8)
            for header in answer.headers { out += Array("\(header)\r\n".utf8) }
            out += Array("Content-Length: \(answer.body.count)\r\n\r\n".utf8)
            out += answer.cut.map { Array(answer.body.prefix($0)) } ?? answer.body
            var sent = 0
            while sent < out.count {
                let count = out.withUnsafeBytes {
                    send(connection, $0.baseAddress! + sent, out.count - sent, Int32(MSG_NOSIGNAL))
                }
                if count <= 0 { return }
                sent += count
            }
            if answer.cut != nil { return }
        }
    }

    private static func end(of bytes: [UInt8]) -> Int? {
        var at = 3
        while at < bytes.count {
            if bytes[at] == 0x0A, bytes[at - 1] == 0x0D, bytes[at - 2] == 0x0A, bytes[at - 3] == 0x0D { return at - 3 }
            at += 1
        }
        return nil
    }
}
