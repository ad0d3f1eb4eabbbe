import AccountView
import Foundation
import HeatModel
import NIOCore

/// The Model Context Protocol, whatever carries it: a message in, a message out. It keeps no sessions; each message stands for
/// itself.
///
/// A tool's result is the answer of its route, byte for byte, with a text beside it.
struct MCPServer: Sendable {
    static let versions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]

    struct Reply: Sendable {
        /// Nil for a notification, which has no answer.
        var json: [UInt8]?
        var accesses: [Access] = []
        /// HTTP's status where the message could not be taken at all.
        var status = 200
    }

    /// What goes wrong with a message, as JSON-RPC has it.
    private struct Failure: Error {
        var code: Int
        var message: String
        var problem: Problem?

        static let parse = Failure(code: -32700, message: "Parse error: the message is not JSON")
        static let invalid = Failure(code: -32600, message: "Invalid Request: one JSON-RPC 2.0 object is wanted")
    }

    let gateway: Gateway

    /// Whether a message asks which version is to be spoken.
    static func isInitialize(_ message: [UInt8]) -> Bool {
        let object = try? JSONSerialization.jsonObject(with: Data(message)) as? [String: Any]
        return object?["method"] as? String == "initialize"
    }

    /// Answers one message. May wait.
    func reply(to message: [UInt8], caller: Caller, requestID: String, peer: String) -> Reply {
        var id: Any = NSNull()
        do {
            guard String(validating: message, as: UTF8.self) != nil,
                let value = try? JSONSerialization.jsonObject(with: Data(message), options: .fragmentsAllowed)
            else { throw Failure.parse }
            guard let object = value as? [String: Any], object["jsonrpc"] as? String == "2.0" else {
                throw Failure.invalid
            }
            // A response to us, which never ask.
            if object["method"] == nil, object["result"] != nil || object["error"] != nil { return Reply(status: 202) }
            guard let method = object["method"] as? String else { throw Failure.invalid }
            guard let stated = object["id"] else { return Reply(status: 202) }
            guard stated is String || (stated is NSNumber && !Self.isBoolean(stated)) else { throw Failure.invalid }
            if let parameters = object["params"], !(parameters is [String: Any]) { throw Failure.invalid }
            id = stated
            var accesses: [Access] = []
            let parameters = object["params"] as? [String: Any] ?? [:]
            let result = try self.result(of: method, parameters, caller, requestID, peer, &accesses)
            return Reply(json: try envelope(id, "result", result), accesses: accesses)
        } catch {
            let failure = error as? Failure ?? Failure(code: -32603, message: "Internal error")
            var json = JSONBytes()
            json.raw("{\"code\":")
            json.integer(Int64(failure.code))
            json.member("message", failure.message)
            if let problem = failure.problem {
                json.key("data")
                json.raw(problem.body(requestID: requestID))
            }
            json.raw("}")
            let envelope = try? envelope(id, "error", json.bytes)
            return Reply(json: envelope, status: id is NSNull ? 400 : 200)
        }
    }

    private static func isBoolean(_ value: Any) -> Bool {
        (value as? NSNumber).map { String(cString: $0.objCType) == "c" } ?? false
    }

    private func envelope(_ id: Any, _ member: String, _ value: [UInt8]) throws -> [UInt8] {
        var json = JSONBytes()
        json.raw("{\"jsonrpc\":\"2.0\",\"id\":")
        json.raw(Array(try JSONSerialization.data(withJSONObject: id, options: .fragmentsAllowed)))
        json.key(member)
        json.raw(value)
        json.raw("}")
        return json.bytes
    }

    private func result(
        of method: String, _ parameters: [String: Any], _ caller: Caller, _ requestID: String, _ peer: String,
        _ accesses: inout [Access]
    ) throws -> [UInt8] {
        switch method {
        case "initialize": return try initialize(parameters)
        case "ping": return Array("{}".utf8)
        case "tools/list": return try Self.toolList.get()
        case "tools/call":
            guard let name = parameters["name"] as? String else {
                throw Failure(code: -32602, message: "Invalid params: \"name\" is missing")
            }
            guard let tool = MCPTool.all.first(where: { $0.name == name }) else {
                throw Failure(code: -32602, message: "Unknown tool: \(name.prefix(64))")
            }
            let arguments = parameters["arguments"] ?? [String: Any]()
            guard let arguments = arguments as? [String: Any] else {
                throw Failure(code: -32602, message: "Invalid params: \"arguments\" must be an object")
            }
            let answer = call(tool, arguments, caller, requestID, peer)
            accesses += answer.accesses
            return Self.toolResult(answer)
        default: throw Failure(code: -32601, message: "Method not found: \(method.prefix(64))")
        }
    }

    private func initialize(_ parameters: [String: Any]) throws -> [UInt8] {
        let wanted = parameters["protocolVersion"] as? String ?? ""
        let result: [String: Any] = [
            "protocolVersion": Self.versions.contains(wanted) ? wanted : Self.versions[0],
            "capabilities": ["tools": ["listChanged": false]],
            "serverInfo": ["name": "hearth", "title": "Hearth", "version": "0.1.0"],
            "instructions":
                "Lookups of a heating company's accounts. Amounts end in _fen (integer fen) and have a twin in yuan. What a tool does not return is not known (未取到): say so, never guess.",
        ]
        return Array(
            try JSONSerialization.data(withJSONObject: result, options: [.sortedKeys, .withoutEscapingSlashes]))
    }

    /// The answer to `tools/list`, which never changes.
    private static let toolList = Result<[UInt8], any Error> {
        let tools = MCPTool.all.map { tool -> [String: Any] in
            let properties = Dictionary(
                tool.parameters.map { ($0.name, $0.schema) }, uniquingKeysWith: { first, _ in first })
            return [
                "name": tool.name, "title": tool.title, "description": tool.description,
                "inputSchema": [
                    "type": "object", "properties": properties,
                    "required": tool.parameters.filter(\.isRequired).map(\.name), "additionalProperties": false,
                ] as [String: Any],
                "outputSchema": ["type": "object"],
                "annotations": ["readOnlyHint": true, "openWorldHint": false],
            ]
        }
        return Array(
            try JSONSerialization.data(
                withJSONObject: ["tools": tools], options: [.sortedKeys, .withoutEscapingSlashes]))
    }

    private func call(
        _ tool: MCPTool, _ arguments: [String: Any], _ caller: Caller, _ requestID: String, _ peer: String
    ) -> Answer {
        var answer: Answer
        do {
            let call = try tool.call(arguments, caller: caller, requestID: requestID, peer: peer)
            guard caller.scopes.allowsAny(tool.route.scopes) else { throw Problem.forbidden(tool.route.scopes) }
            answer = gateway.answer(call)
        } catch {
            let problem = Problem(error)
            answer = Answer(problem, requestID: requestID)
            if tool.route.isOfAccounts {
                answer.accesses = [Access(accounts: [], action: "mcp:" + tool.name, outcome: problem.outcome)]
            }
        }
        gateway.metrics.count(
            "hearth_mcp_calls_total", [("tool", tool.name), ("outcome", answer.status < 400 ? "ok" : "error")])
        return answer
    }

    private static func toolResult(_ answer: Answer) -> [UInt8] {
        var json = JSONBytes()
        json.raw("{\"content\":[{\"type\":\"text\",\"text\":")
        json.string(PlainText.of(answer.body))
        json.raw("}],\"structuredContent\":")
        json.raw(answer.body)
        json.member("isError", answer.status >= 400)
        json.raw("}")
        return json.bytes
    }
}
