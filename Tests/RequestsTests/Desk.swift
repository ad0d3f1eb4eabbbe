import Actions
import Answers
import Attachments
import ConfigurationFiles
import Evidence
import Explanation
import Foundation
import HearthTesting
import HeatModel
import Mapping
import SQLiteStore
import Store
import Synchronization
import Testing

@testable import Requests

/// A desk over a store of its own, whose accounts' views are what a test says, at a moment that it names.
final class Desk: Sendable {
    static let repository = #filePath.components(separatedBy: "/Tests/")[0]
    static let number = "01000045"

    let folder: String
    let store: SQLiteStore
    /// The same store, as the desk has it.
    let unsure: UnsureStore
    let desk: RequestDesk
    let answerer: Answerer
    let attachments: AttachmentFolder

    /// - Parameter systems: by name, the YAML of each section `actions`.
    init(
        at now: String = "2026-12-10T10:00:00+08:00",
        systems: [String: String] = ["dispatch": "file: {folder: out, receipts: in}\nkinds: {createWorkOrder: {}}\n"]
    ) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("desk-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let start = try #require(Instant(now)).microseconds / 1_000_000
        let clock = Clock(start)
        store = try SQLiteStore(path: folder + "/hearth.db", clock: { clock.seconds.withLock { $0 } * 1_000_000 })
        self.clock = clock
        unsure = UnsureStore(store)
        let money = try MoneyAnswers.load(
            configuration: Self.repository + "/Config", settings: ExplanationSettings())
        answerer = Answerer(
            store: unsure, mappings: try MappingSet.load(directory: Self.repository + "/Mappings"), log: NoLog(),
            bindings: BindingGuard(perAccount: 5, perCaller: 60), money: money, refresh: { _, _, _ in [] },
            instant: { moment in
                Instant(
                    microseconds: moment?.microseconds ?? clock.seconds.withLock { $0 } * 1_000_000, offsetMinutes: 480)
            })
        let known = try systems.map { name, yaml in
            var reader = ConfigurationReader(path: "/tmp/hearth.yaml")
            let section = try #require(reader.root(of: Array(yaml.utf8)).flatMap { reader.section($0, "actions") })
            return try #require(
                ActionsConfiguration.read(name, section, zone: "Asia/Shanghai", reader: &reader), "\(reader.problems)")
        }
        self.systems = known
        attachments = AttachmentFolder(AttachmentSettings(folder: folder + "/attachments"), store: store)
        desk = RequestDesk(
            answerer, attachments: attachments, outbox: { [unsure] in Outbox(store: unsure, systems: known) })
        try view(Self.number)
    }

    /// The company's clock, and the store's.
    private let clock: Clock
    private let systems: [ActionSystem]

    func outbox() throws -> Outbox { Outbox(store: unsure, systems: systems) }

    private final class Clock: Sendable {
        let seconds: Mutex<Int64>
        init(_ seconds: Int64) { self.seconds = Mutex(seconds) }
    }

    private struct NoLog: AccessReading {
        func entries(account: String?, after end: AccessPage.End?, limit: Int) throws -> AccessPage {
            AccessPage(entries: [], end: nil)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func pass(days: Int64) { clock.seconds.withLock { $0 += days * 86_400 } }

    /// An order as views have it.
    static func order(_ number: String, _ kind: String, _ state: String, at created: String) -> String {
        "{\"source\":\"dispatch.workOrders\",\"key\":\"\(number)\",\"number\":\"\(number)\",\"kind\":\"\(kind)\",\"state\":\"\(state)\",\"created_at\":\"\(created)\",\"description\":\"张三家\"}"
    }

    /// Stores an account's view with these orders.
    func view(_ number: String, _ orders: [String] = []) throws {
        let body =
            "{\"account_number\":\"\(number)\",\"facts\":{\"class\":\"resident\",\"holder_name\":\"张小明\",\"station\":\"东站\",\"network_number\":\"GW-17\",\"community\":\"阳光花园\",\"building\":\"3\",\"unit\":\"2\",\"room\":\"501\",\"address\":\"阳光花园3号楼2单元501\",\"supply_state\":\"normal\",\"supply_valve\":\"open\"},\"work_orders\":[\(orders.joined(separator: ","))]}"
        try keep(body, of: number)
    }

    private func keep(_ body: String, of number: String) throws {
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

    /// Stores an account's view with a bill of last season, by Tianjin's tariff.
    func bill(_ number: String, arrears: Int) throws {
        let facts =
            "\"class\":\"resident\",\"method\":\"byArea\",\"tariff\":\"TJ-JM-1\",\"area_building\":\"118.600\",\"area_billing\":\"118.600\",\"supply_state\":\"normal\""
        let charge =
            "{\"source\":\"billing.charges\",\"key\":\"1\",\"season\":\"2025-2026\",\"item\":\"heatByArea\",\"quantity\":\"118.600\",\"unit\":\"m2\",\"unit_price\":\"25.000\",\"due_fen\":296500,\"received_fen\":\(296_500 - arrears),\"arrears_fen\":\(arrears)}"
        try keep("{\"account_number\":\"\(number)\",\"facts\":{\(facts)},\"charges\":[\(charge)]}", of: number)
    }

    /// Asks for an order.
    @discardableResult
    func ask(
        _ kind: String = "noHeat", key: String = UUID().uuidString, caller: String = "token:a",
        scopes: [Scope] = [.assistant], number: String = Desk.number, _ more: [String: ArgumentValue] = [:]
    ) -> Reply {
        let requester = Requester(Caller(id: caller, scopes: ScopeSet(scopes)), action: "test")
        var arguments: Arguments = [
            "number": .text(number), "kind": .text(kind), "idempotency_key": .text(key),
        ]
        for (name, value) in more { arguments[name] = value }
        do {
            return desk.reply(to: try Request(.faultReport, arguments), for: requester)
        } catch {
            return desk.refusal(error, of: .faultReport, account: number, to: requester)
        }
    }

    var actions: [StoredAction] {
        get throws { try store.read { try $0.actions(ActionFilter(), before: nil, limit: 1000) } }
    }

    /// Has the next action end, as a worker would.
    func settle(_ step: ActionStep, message: String? = nil) throws {
        try store.write { store in
            let claim = try #require(
                try store.claimAction(systems: ["dispatch"], owner: .current, seconds: 60) { _ in true })
            let attempt = try store.beginAttempt(claim, .send)
            let after = try store.settle(
                claim, attempt: attempt, result: "said", detail: nil, message: message, step)
            try AuditTrail.note(action: after, was: claim.before, by: nil, result: "said", in: store)
        }
    }
}

extension Reply {
    /// Its document, or the problem's code under `problem`.
    var json: [String: Any] {
        switch result {
        case .success(let document):
            (try? JSONSerialization.jsonObject(with: Data(document.json)) as? [String: Any]) ?? [:]
        case .failure(let problem): ["problem": problem.code, "parameter": problem.parameter ?? ""]
        }
    }
    var bytes: [UInt8] { (try? result.get().json) ?? [] }
    var problem: String { json["problem"] as? String ?? "" }
    var isJoined: Bool? { json["joined"] as? Bool }
}

extension StoredAction {
    /// What was asked for, in clear.
    var fields: [String: String] {
        (try? JSONDecoder().decode([String: String].self, from: Data(request.payload))) ?? [:]
    }
}
