import AccountView
import Foundation
import HeatModel
import Sync

/// MCP over standard input and output: one message a line.
public struct MCPStandardIO {
    private let server: MCPServer
    private let caller: Caller

    /// - Parameter unmasked: whether personal data is shown in clear.
    public init(_ gateway: Gateway, user: String, unmasked: Bool) {
        server = MCPServer(gateway: gateway)
        var scopes: ScopeSet = ScopeSet([.assistant])
        if unmasked { scopes.insert(ScopeSet([.pii])) }
        caller = Caller(id: "local:" + user, scopes: scopes)
    }

    /// Answers until the input ends. Blocks its thread.
    public func run() throws {
        let limit = server.gateway.settings.maxBody
        while let line = readLine(strippingNewline: true) {
            if line.isEmpty { continue }
            let requestID = RequestNumber.next()
            let message = Array(line.utf8)
            let reply =
                message.count > limit
                ? server.reply(to: Array("{".utf8), caller: caller, requestID: requestID, peer: "stdio")
                : server.reply(to: message, caller: caller, requestID: requestID, peer: "stdio")
            try record(reply.accesses, requestID)
            if let json = reply.json { try write(json) }
        }
    }

    private func record(_ accesses: [Access], _ requestID: String) throws {
        guard !accesses.isEmpty else { return }
        let stamp = WallClock.now(in: server.gateway.offsetMinutes).description
        try server.gateway.log.append(
            accesses.map { access in
                var json = JSONBytes()
                json.raw("\"at\":")
                json.string(stamp)
                json.raw(",")
                access.write(caller: caller.id, peer: "stdio", requestID: requestID, into: &json)
                return json.bytes
            })
    }

    private func write(_ json: [UInt8]) throws {
        var rest = (json + [0x0A])[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count < 0 { throw HearthError(.init("serve.closed"), "the client has closed its end") }
            rest = rest.dropFirst(count)
        }
    }
}
