import NIOCore

/// MCP over streamable HTTP: a message is posted, its answer is the response. There are no streams of the server's own, so GET
/// is not allowed, as the protocol provides.
extension Gateway {
    func mcp(_ call: Call) -> Answer {
        let reply = MCPServer(gateway: self).reply(
            to: call.body, caller: call.caller, requestID: call.requestID)
        var answer = Answer(status: reply.json == nil ? 202 : reply.status, .json, reply.json ?? [])
        answer.accesses = reply.accesses
        answer.notBefore = reply.leastTime.map { call.begun + TimeAmount($0) }
        return answer
    }
}
