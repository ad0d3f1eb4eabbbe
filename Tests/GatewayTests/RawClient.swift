import Foundation

/// HTTP by hand, so that it can be wrong.
struct RawClient {
    struct Response {
        var status = 0
        var fields: [String: String] = [:]
        var body: [UInt8] = []
        /// As long as it was said to be, or with its last chunk.
        var isWhole = false

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

    enum Way {
        case socket(port: Int)
        case inProcess(InProcessGateway)
    }

    let way: Way

    init(_ way: Way) { self.way = way }

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
        let isHead = method == "HEAD"
        return switch way {
        case .socket: try await exchange([bytes], isHead: isHead).first ?? Response()
        case .inProcess(let gateway): Self.responses(try await gateway.exchange(bytes), isHead).first ?? Response()
        }
    }

    /// Sends pieces over a socket, with a pause between them, and reads all that comes until the other end closes.
    func exchange(_ pieces: [[UInt8]], pause: Double = 0, isHead: Bool = false) async throws -> [Response] {
        guard case .socket(let port) = way else { throw POSIXError(.ENOTSOCK) }
        return try await GatewaySite.onThread { try Self.talk(port, pieces, pause, isHead) }
    }

    private static func talk(_ port: Int, _ pieces: [[UInt8]], _ pause: Double, _ isHead: Bool) throws -> [Response] {
        let socket = try RawSocket(port: port)
        for (index, piece) in pieces.enumerated() {
            if index > 0, pause > 0 { Thread.sleep(forTimeInterval: pause) }
            // Refused before all was sent: the answer is there to be read.
            socket.send(piece)
        }
        return responses(socket.receiveAll(), isHead)
    }

    static func responses(_ bytes: [UInt8], _ isHead: Bool) -> [Response] {
        var found: [Response] = []
        var rest = bytes[...]
        while let end = rest.indices.first(where: { rest[$0...].starts(with: [13, 10, 13, 10]) }) {
            let lines = String(decoding: rest[rest.startIndex..<end], as: UTF8.self).components(separatedBy: "\r\n")
            var response = Response()
            response.status = Int(lines[0].split(separator: " ").dropFirst().first ?? "") ?? 0
            for line in lines.dropFirst() {
                guard let colon = line.firstIndex(of: ":") else { continue }
                let (name, value) = (
                    line[..<colon].lowercased(),
                    line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
                )
                // Of cookies there may be several, a line each.
                let before = name == "set-cookie" ? response.fields[name].map { $0 + "\n" } ?? "" : ""
                response.fields[name] = before + value
            }
            rest = rest[(end + 4)...]
            if isHead {
                response.isWhole = true
            } else if response.fields["transfer-encoding"] == "chunked" {
                (response.body, response.isWhole) = chunks(&rest)
            } else {
                // HTTP/1.0 says no length of what is not known: all that comes.
                let length =
                    response.fields["content-length"].flatMap { Int($0) } ?? (response.status == 200 ? rest.count : 0)
                response.body = Array(rest.prefix(length))
                rest = rest.dropFirst(length)
                response.isWhole = response.body.count == length
            }
            if response.status != 100 { found.append(response) }
        }
        return found
    }

    /// The chunks that stand at the beginning, and whether the last is among them.
    private static func chunks(_ rest: inout ArraySlice<UInt8>) -> ([UInt8], Bool) {
        var body: [UInt8] = []
        while let end = rest.firstIndex(of: 13),
            let size = Int(String(decoding: rest[..<end], as: UTF8.self), radix: 16)
        {
            let chunk = rest[end...].dropFirst(2).prefix(size)
            guard chunk.count == size else { break }
            body += chunk
            rest = rest[chunk.endIndex...].dropFirst(2)
            if size == 0 { return (body, true) }
        }
        return (body, false)
    }
}
