package import Answers
import Foundation
import HeatModel
import Setup

/// MCP over standard input and output: one message a line.
package struct MCPStandardIO {
    private let server: MCPServer
    private let access: LocalAccess
    private let caller: Caller
    private let reason: String?

    /// - Parameters:
    ///   - scopes: what the client may ask; with `pii` personal data is shown in clear.
    ///   - reason: why it is.
    package init(_ gateway: Gateway, scopes: [Scope] = [.assistant], reason: String? = nil) {
        self.reason = reason
        server = MCPServer(gateway: gateway)
        access = LocalAccess(
            gateway.log, peer: "stdio", now: { [workspace = gateway.workspace] in workspace.instant(of: nil) })
        caller = Caller(id: access.caller, scopes: ScopeSet(scopes))
    }

    /// Answers until the input ends. Blocks its thread.
    package func run() throws {
        let limit = server.gateway.settings.maxBody
        while let line = readLine(strippingNewline: true) {
            if line.isEmpty { continue }
            let requestID = RequestNumber.next()
            let message = Array(line.utf8)
            let reply =
                message.count > limit
                ? server.reply(to: Array("{".utf8), caller: caller, requestID: requestID)
                : server.reply(to: message, caller: caller, requestID: requestID)
            try access.note(reply.accesses, requestID: requestID, reason: reason)
            if let wait = reply.leastTime { Thread.sleep(forTimeInterval: wait / .seconds(1)) }
            if let json = reply.json { try write(json) }
        }
    }

    private func write(_ json: [UInt8]) throws {
        var rest = (json + [0x0A])[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count < 0 { throw HearthError(.serveClosed, "the client has closed its end") }
            rest = rest.dropFirst(count)
        }
    }
}
