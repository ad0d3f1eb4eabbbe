import Foundation
import HeatModel
import Pages
import SQLiteStore
import Store
import Synchronization

@testable import Assistant

/// An assistant with a script: what the doors do is looked at, not what is answered.
final class ScriptedConverser: Converser {
    typealias Script = @Sendable (CustomerTurn) throws -> AssistantReply

    private struct State {
        var turns: [CustomerTurn] = []
        var kept: [String: AssistantReply] = [:]
    }

    private let state = Mutex(State())
    private let script: Script

    /// In whose transactions the replies are kept; nil keeps them here alone.
    private let store: (any Store)?

    init(
        in store: (any Store)? = nil,
        _ script: @escaping Script = { ScriptedConverser.told("您好,请问要办什么?", $0) }
    ) {
        self.store = store
        self.script = script
    }

    /// Turns that were taken: a key counts once.
    var turns: [CustomerTurn] { state.withLock(\.turns) }

    func reply(to turn: CustomerTurn, also: Also) throws -> AssistantReply {
        let name = "\(turn.channel) \(turn.customer) \(turn.key)"
        if let kept = state.withLock({ $0.kept[name] }) { return kept }
        let reply = try script(turn)
        try store?.write { try also(reply, $0) }
        return state.withLock { state in
            if let kept = state.kept[name] { return kept }
            state.turns.append(turn)
            state.kept[name] = reply
            return reply
        }
    }

    static func message(
        _ text: String, steps: [AssistantReply.Step] = [], choices: [AssistantReply.Choice] = [],
        chart: AssistantReply.Chart? = nil, link: AssistantReply.Link? = nil, wants: AssistantReply.Wants = .words
    ) -> AssistantReply.Message {
        AssistantReply.Message(
            full: text, short: text, spoken: text, plain: "大字:" + text, steps: steps, choices: choices, chart: chart,
            link: link, entry: "test@1", wants: wants)
    }

    static func told(
        _ text: String, _ turn: CustomerTurn, choices: [AssistantReply.Choice] = [],
        wants: AssistantReply.Wants = .words,
        conversation: Int64 = 1, holder: AssistantReply.Holder = .assistant
    ) -> AssistantReply {
        AssistantReply(
            conversation: conversation, messages: [message(text, choices: choices, wants: wants)], holder: holder)
    }
}

/// A clock that a test moves.
final class TestClock: Sendable {
    private let moment = Mutex(Instant(microseconds: 1_795_000_000_000_000, offsetMinutes: 480))
    var now: Instant { moment.withLock { $0 } }
    func pass(_ seconds: Int64) {
        moment.withLock {
            $0 = Instant(microseconds: $0.microseconds + seconds * 1_000_000, offsetMinutes: $0.offsetMinutes)
        }
    }
}

/// A store of the test's own.
func withStore(_ body: (SQLiteStore) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hearth-doors-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(try SQLiteStore(path: folder + "/hearth.db"))
}

/// A browser: it keeps cookies, and sends forms as browsers do.
final class Browser {
    let mounts: [WebMount]
    var cookies: [String: String] = [:]
    var peer = "192.0.2.1"
    var fields: [String: String] = [:]

    init(_ mounts: [WebMount]) { self.mounts = mounts }

    private func send(_ method: WebMount.Method, _ path: String, _ query: [String: String], _ body: [UInt8]) throws
        -> WebAnswer
    {
        guard let mount = mounts.first(where: { $0.path == path && $0.method == method }) else {
            return WebAnswer(status: 404, "text/plain", [])
        }
        var all = fields
        all["host"] = "hearth.example"
        if !cookies.isEmpty {
            all["cookie"] = cookies.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
        }
        let answer = try mount.answer(
            WebRequest(method, path, query: query, fields: all, body: body, peer: peer))
        for (name, value) in answer.headers where name == "Set-Cookie" {
            let pair = value.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            cookies[String(pair[0])] = String(pair[1])
        }
        return answer
    }

    func get(_ path: String, _ query: [String: String] = [:]) throws -> WebAnswer { try send(.get, path, query, []) }

    func post(_ path: String, _ form: [String: String]) throws -> WebAnswer {
        let body = form.map { "\(FormBody.encoded($0.key))=\(FormBody.encoded($0.value))" }.joined(separator: "&")
        return try send(.post, path, [:], Array(body.utf8))
    }

    func post(_ path: String, bytes: [UInt8]) throws -> WebAnswer { try send(.post, path, [:], bytes) }
}

extension WebAnswer {
    var text: String { String(decoding: body, as: UTF8.self) }
    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    /// The value of a field that nobody sees; the last on the page, or the first behind a mark.
    func hidden(_ name: String, after mark: String = "") -> String? {
        var text = self.text[...]
        if !mark.isEmpty { text = text.range(of: mark).map { text[$0.upperBound...] } ?? "" }
        let start = "name=\"\(name)\" value=\""
        guard let range = text.range(of: start) else { return nil }
        return String(text[range.upperBound...].prefix { $0 != "\"" })
    }
}
