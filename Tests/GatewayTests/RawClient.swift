import Foundation
import Glibc

/// HTTP by hand, so that it can be wrong.
struct RawClient {
    struct Response {
        var status = 0
        var fields: [String: String] = [:]
        var body: [UInt8] = []

        var text: String { String(decoding: body, as: UTF8.self) }
        var json: [String: Any] {
            (try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]) ?? [:]
        }
        /// The last part of a problem's type.
        var problem: String {
            guard fields["content-type"] == "application/problem+json" else { return "" }
            return (json["type"] as? String)?.split(separator: ":").last.map(String.init) ?? ""
        }
    }

    let port: Int

    /// One request on a connection of its own.
    func get(_ path: String, token: String? = nil, fields: [String: String] = [:]) async throws -> Response {
        try await request("GET", path, token: token, fields: fields)
    }

    func post(_ path: String, _ body: String, token: String? = nil, fields: [String: String] = [:]) async throws
        -> Response
    {
        let all = fields.merging(["Content-Type": "application/json"]) { own, _ in own }
        return try await request("POST", path, token: token, fields: all, body: Array(body.utf8))
    }

    /// Calls an MCP tool; what it answers as structure.
    func tool(_ name: String, _ arguments: String, token: String? = nil) async throws -> [String: Any] {
        let body =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"\(name)\",\"arguments\":\(arguments)}}"
        let result = try await post("/mcp", body, token: token).json["result"] as? [String: Any]
        return result?["structuredContent"] as? [String: Any] ?? [:]
    }

    func request(
        _ method: String, _ path: String, token: String? = nil, fields: [String: String] = [:], body: [UInt8] = []
    ) async throws -> Response {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        if let token { text += "Authorization: Bearer \(token)\r\n" }
        for (name, value) in fields { text += "\(name): \(value)\r\n" }
        if !body.isEmpty { text += "Content-Length: \(body.count)\r\n" }
        let bytes = Array((text + "\r\n").utf8) + body
        return try await exchange([bytes], isHead: method == "HEAD").first ?? Response()
    }

    /// Sends pieces, with a pause between them, and reads all that comes until the other end closes.
    func exchange(_ pieces: [[UInt8]], pause: Double = 0, isHead: Bool = false) async throws -> [Response] {
        let port = port
        return try await withCheckedThrowingContinuation { done in
            Thread.detachNewThread {
                done.resume(with: Result { try Self.talk(port, pieces, pause, isHead) })
            }
        }
    }

    private static func talk(_ port: Int, _ pieces: [[UInt8]], _ pause: Double, _ isHead: Bool) throws -> [Response] {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if connected != 0 { throw POSIXError(.ECONNREFUSED) }
        for (index, piece) in pieces.enumerated() {
            if index > 0, pause > 0 { Thread.sleep(forTimeInterval: pause) }
            var rest = piece[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                // Refused before all was sent: the answer is there to be read.
                if count <= 0 { break }
                rest = rest.dropFirst(count)
            }
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            if count <= 0 { break }
            bytes.append(contentsOf: buffer[0..<count])
        }
        return responses(bytes, isHead)
    }

    private static func responses(_ bytes: [UInt8], _ isHead: Bool) -> [Response] {
        var found: [Response] = []
        var rest = bytes[...]
        while let end = rest.indices.first(where: { rest[$0...].starts(with: [13, 10, 13, 10]) }) {
            let lines = String(decoding: rest[rest.startIndex..<end], as: UTF8.self).components(separatedBy: "\r\n")
            var response = Response()
            response.status = Int(lines[0].split(separator: " ").dropFirst().first ?? "") ?? 0
            for line in lines.dropFirst() {
                guard let colon = line.firstIndex(of: ":") else { continue }
                response.fields[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                    in: .whitespaces)
            }
            rest = rest[(end + 4)...]
            let length = isHead ? 0 : Int(response.fields["content-length"] ?? "") ?? 0
            response.body = Array(rest.prefix(length))
            rest = rest.dropFirst(length)
            if response.status != 100 { found.append(response) }
        }
        return found
    }
}
