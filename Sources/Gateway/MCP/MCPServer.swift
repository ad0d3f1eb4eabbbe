import Answers
import Foundation
import HeatModel
import JSONText
import NIOCore
import Pages
import Requests

/// The Model Context Protocol, whatever carries it: a message in, a message out. It keeps no sessions; each message stands for
/// itself.
///
/// The tools are the questions and the requests of the tables (``QuestionKind``, ``RequestKind``). A tool's result is the question's document, byte for byte, with a
/// text beside it.
struct MCPServer: Sendable {
    static let versions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]

    struct Reply: Sendable {
        /// Nil for a notification, which has no answer.
        var json: [UInt8]?
        var accesses: [Access] = []
        /// It goes out no sooner than this after the message came.
        var leastTime: Duration?
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
    func reply(to message: [UInt8], caller: Caller, requestID: String) -> Reply {
        var id: Any = NSNull()
        do {
            guard String(validating: message, as: UTF8.self) != nil,
                let value = try? JSONSerialization.jsonObject(with: Data(message), options: .fragmentsAllowed)
            else { throw Failure.parse }
            // Which of two a reader takes is chance.
            if message.contains(0) || RepeatedKey.first(in: message) != nil { throw Failure.invalid }
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
            let parameters = object["params"] as? [String: Any] ?? [:]
            if method == "tools/call" {
                let (result, reply) = try call(parameters, caller, requestID)
                return Reply(
                    json: try envelope(id, "result", result), accesses: reply.accesses,
                    leastTime: reply.leastTime)
            }
            return Reply(json: try envelope(id, "result", result(of: method, parameters, caller)))
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

    private func result(of method: String, _ parameters: [String: Any], _ caller: Caller) throws -> [UInt8] {
        switch method {
        case "initialize": return try initialize(parameters)
        case "ping": return Array("{}".utf8)
        case "tools/list": return try Self.toolLists[Int(caller.scopes.rawValue)].get()
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
                "Lookups of a heating company's accounts, and reports of faults. Amounts end in _fen (integer fen) and have a twin in yuan. What a tool does not return is not known (未取到): say so, never guess.",
        ]
        return Array(
            try JSONSerialization.data(withJSONObject: result, options: [.sortedKeys, .withoutEscapingSlashes]))
    }

    /// The answer to `tools/list` for each set of scopes: the tools that the caller may call.
    private static let toolLists = (UInt8(0)...31).map { scopes in
        Result<[UInt8], any Error> {
            let caller = Caller(id: "", scopes: ScopeSet(rawValue: scopes))
            let all = QuestionKind.allCases.map(\.definition) + RequestKind.allCases.map(\.definition)
            let tools = all.filter { $0.allows(caller) }.map(\.toolDescription)
            return Array(
                try JSONSerialization.data(
                    withJSONObject: ["tools": tools], options: [.sortedKeys, .withoutEscapingSlashes]))
        }
    }

    private func call(
        _ parameters: [String: Any], _ caller: Caller, _ requestID: String
    ) throws -> ([UInt8], Answers.Reply) {
        guard let name = parameters["name"] as? String else {
            throw Failure(code: -32602, message: "Invalid params: \"name\" is missing")
        }
        let arguments = parameters["arguments"] ?? [String: Any]()
        guard let arguments = arguments as? [String: Any] else {
            throw Failure(code: -32602, message: "Invalid params: \"arguments\" must be an object")
        }
        let requester = Requester(caller, action: "mcp:" + name, wantsWords: true)
        let (definition, reply) = try reply(to: name, arguments, requester, requestID)
        let (text, json, isError) =
            switch reply.result {
            case .success(let document): (document.text, document.json, false)
            case .failure(let problem): Self.described(problem.naming(definition.toolNames), requestID)
            }
        gateway.metrics.count("hearth_mcp_calls_total", [("tool", name), ("outcome", isError ? "error" : "ok")])
        var result = JSONBytes(capacity: json.count + 2 * text.utf8.count + 128)
        result.raw("{\"content\":[{\"type\":\"text\",\"text\":")
        result.string(text)
        result.raw("}],\"structuredContent\":")
        result.raw(json)
        result.member("isError", isError)
        result.raw("}")
        return (result.bytes, reply)
    }

    private func reply(
        to name: String, _ arguments: [String: Any], _ requester: Requester, _ requestID: String
    ) throws -> (DoorDefinition, Answers.Reply) {
        if let kind = QuestionKind.allCases.first(where: { $0.definition.tool == name }) {
            let reply = gateway.reply(to: kind, requester) { () throws(Problem) in
                try Question(kind, kind.definition.arguments(arguments))
            }
            gateway.note(reply, of: kind, requestID: requestID, path: requester.action)
            return (kind.definition, reply)
        }
        guard let kind = RequestKind.allCases.first(where: { $0.definition.tool == name }) else {
            throw Failure(code: -32602, message: "Unknown tool: \(name.prefix(64))")
        }
        let reply = gateway.reply(to: kind, requester) { () throws(Problem) in
            try Request(kind, kind.definition.arguments(arguments))
        }
        gateway.note(reply, of: nil, requestID: requestID, path: requester.action)
        return (kind.definition, reply)
    }

    private static func described(_ problem: Problem, _ requestID: String) -> (String, [UInt8], Bool) {
        let body = problem.body(requestID: requestID)
        return (PlainText.of(body), body, true)
    }
}
