import Actions
import Answers
import Attachments
import Audit
import Conversations
import Evidence
import Explanation
import Foundation
import HeatModel
import Mapping
import Requests
import SQLiteStore
import Store
import Synchronization
import Testing
import Triage

/// A service counter over a store of its own, whose accounts' views are what a test says, at a moment that it names.
final class Counter: Sendable {
    static let repository = #filePath.components(separatedBy: "/Tests/")[0]
    static let number = "01000045"

    let folder: String
    let store: SQLiteStore
    let answerer: Answerer
    let desk: RequestDesk
    private let seconds: Mutex<Int64>

    init(at now: String = "2026-12-10T10:00:00+08:00", folder known: String? = nil, hasWords: Bool = true) throws {
        folder = known ?? FileManager.default.temporaryDirectory.appendingPathComponent("counter-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let clock = Clock(try #require(Instant(now)).microseconds)
        self.clock = clock
        seconds = Mutex(0)
        store = try SQLiteStore(path: folder + "/hearth.db", clock: { clock.now })
        let money =
            hasWords
            ? try MoneyAnswers.load(configuration: Self.repository + "/Config", settings: ExplanationSettings()) : nil
        answerer = Answerer(
            store: store, mappings: try MappingSet.load(directory: Self.repository + "/Mappings"), log: NoLog(),
            bindings: BindingGuard(perAccount: 5, perCaller: 60), money: money,
            triage: hasWords ? try TriageRules.loadIfAny(besides: Self.repository + "/Config/hearth.yaml") : nil,
            refresh: { _, _, _ in [] },
            instant: { Instant(microseconds: $0?.microseconds ?? clock.now, offsetMinutes: 480) })
        desk = RequestDesk(
            answerer,
            attachments: AttachmentFolder(AttachmentSettings(folder: folder + "/attachments"), store: store),
            outbox: { [store] in Outbox(store: store, systems: []) })
    }

    private let clock: Clock

    private final class Clock: Sendable {
        private let microseconds: Mutex<Int64>
        init(_ now: Int64) { microseconds = Mutex(now) }
        /// Each look is a little later than the one before.
        var now: Int64 {
            microseconds.withLock {
                $0 += 1
                return $0
            }
        }
        func pass(_ seconds: Int64) { microseconds.withLock { $0 += seconds * 1_000_000 } }
    }

    private struct NoLog: AccessReading {
        func entries(account: String?, after end: AccessPage.End?, limit: Int) throws -> AccessPage {
            AccessPage(entries: [], end: nil)
        }
    }

    func pass(seconds: Int64) { clock.pass(seconds) }
    func removeFolder() { try? FileManager.default.removeItem(atPath: folder) }

    /// Stores an account's view with these lists.
    func view(_ number: String = Counter.number, _ lists: String = "", elderly: Bool = false) throws {
        let body =
            "{\"account_number\":\"\(number)\",\"facts\":{\"class\":\"resident\",\"holder_name\":\"张小明\",\"holder_phones\":[\"13812345678\"],\"holder_id_number\":\"120101199001011234\",\"station\":\"东站\",\"community\":\"阳光花园\",\"building\":\"3\",\"unit\":\"2\",\"room\":\"501\",\"address\":\"阳光花园3号楼2单元501\",\"flags_elderly\":\(elderly),\"supply_state\":\"normal\",\"supply_valve\":\"open\"}\(lists.isEmpty ? "" : "," + lists)}"
        try store.write { store in
            let stream = try store.stream(named: "customer.residents", entity: .account)
            let run = try store.beginRun(stream: stream, mode: "full", mappingVersion: "m", at: .now)
            var name = number
            let account = try name.withUTF8 {
                try store.introduceAccount(number: UnsafeRawBufferPointer($0), run: run)
            }
            try Array(body.utf8).withUnsafeBytes { try store.putView(account, body: $0, runs: nil) }
            try store.endRun(run, state: .success, at: .now, error: nil, totals: [])
            try AuditTrail.noteRuns(store, archive: nil)
        }
    }

    func requester(_ caller: String, _ scopes: [Scope]) -> Requester {
        Requester(Caller(id: caller, scopes: ScopeSet(scopes)), action: "test")
    }

    /// Asks for something.
    @discardableResult
    func ask(
        _ kind: RequestKind, _ given: [String: ArgumentValue], key: String = UUID().uuidString,
        caller: String? = nil, scopes: [Scope] = [.assistant, .desk]
    ) -> Reply {
        let requester = requester(caller ?? "token:a", scopes)
        var arguments: Arguments = ["idempotency_key": .text(key)]
        for (name, value) in given { arguments[name] = value }
        do {
            return desk.reply(to: try Request(kind, arguments), for: requester)
        } catch {
            return desk.refusal(error, of: kind, account: nil, to: requester)
        }
    }

    func look(_ kind: QuestionKind, _ given: [String: ArgumentValue] = [:], scopes: [Scope] = [.desk, .auditor])
        -> Reply
    {
        var arguments = Arguments()
        for (name, value) in given { arguments[name] = value }
        let requester = requester("token:a", scopes)
        do {
            return answerer.reply(to: try Question(kind, arguments), for: requester)
        } catch {
            return answerer.refusal(error, of: kind.definition, account: nil, to: requester)
        }
    }

    func open(account: String? = Counter.number, elderly: Bool = false, lang: String = "zh") throws -> Int {
        let reply = ask(
            .openConversation,
            ["channel": .text("wechat"), "elderly": .flag(elderly), "lang": .text(lang)].merging(
                account.map { ["account_number": .text($0)] } ?? [:]
            ) { $1 })
        return try #require(reply.json["conversation"] as? Int, "\(reply.json)")
    }

    @discardableResult
    func say(
        _ id: Int, _ who: String, _ words: String, _ more: [String: ArgumentValue] = [:],
        key: String = UUID().uuidString
    ) -> Reply {
        ask(
            .turn, ["id": .integer(id), "who": .text(who), "words": .text(words)].merging(more) { $1 }, key: key,
            scopes: [.assistant])
    }

    func handOff(_ id: Int, why: String = "asked", _ words: String? = nil) -> Reply {
        ask(
            .handOff,
            ["id": .integer(id), "why": .text(why)].merging(words.map { ["why_in_words": .text($0)] } ?? [:]) { $1 },
            scopes: [.assistant])
    }

    func at(
        _ kind: RequestKind, _ id: Int, agent: String? = nil, caller: String? = nil,
        _ more: [String: ArgumentValue] = [:]
    ) -> Reply {
        ask(
            kind, ["id": .integer(id)].merging(agent.map { ["agent": .text($0)] } ?? [:]) { $1 }.merging(more) { $1 },
            caller: caller, scopes: [.desk])
    }

    var verification: String? {
        get throws {
            var verification = AuditVerification(store: store, archive: nil)
            return try verification.run().problem?.description
        }
    }
}

extension Reply {
    /// Its document, or the problem's code under `problem`.
    var json: [String: Any] {
        switch result {
        case .success(let document):
            (try? JSONSerialization.jsonObject(with: Data(document.json)) as? [String: Any]) ?? [:]
        case .failure(let problem):
            ["problem": problem.code, "parameter": problem.parameter ?? "", "detail": problem.detail ?? ""]
        }
    }
    var text: String { (try? result.get().json).map { String(decoding: $0, as: UTF8.self) } ?? "" }
    var problem: String { json["problem"] as? String ?? "" }
    var parameter: String { json["parameter"] as? String ?? "" }
}
