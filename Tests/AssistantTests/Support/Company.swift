import Actions
import Answers
import Assistant
import Attachments
import Conversations
import Explanation
import Foundation
import HearthTesting
import HeatModel
import LegacyEstate
import Mapping
import Requests
import SQLiteStore
import Setup
import Store
import Sync
import Synchronization
import Testing
import Triage
import Understanding

/// A seeded company, synced, with an assistant over a copy of its store. Time stands at the estate's day and goes on when it is told to.
final class Company: Sendable {
    static let repository = #filePath.components(separatedBy: "/Tests/")[0]
    static let estate = Estate(EstateOptions(accounts: 300, seed: 3, city: .tianjin))

    let folder: String
    let store: SQLiteStore
    /// The same store, as the assistant has it.
    let unsure: UnsureStore
    let answerer: Answerer
    let desk: RequestDesk
    let assistant: Assistant
    let log = Log()
    let clock = Clock()
    let paused = Pauses()
    let troubles = Troubles()

    /// What the assistant's log is told.
    final class Troubles: Sendable {
        let all = Mutex<[HearthError]>([])
    }

    /// How long the assistant waited, so that time reveals nothing; nobody waits here.
    final class Pauses: Sendable {
        let all = Mutex<Duration>(.zero)
    }

    /// Each look is a little later than the one before.
    final class Clock: Sendable {
        private let microseconds: Mutex<Int64> = Mutex(Instant("2026-01-20T10:00:00+08:00")?.microseconds ?? 0)
        var now: Int64 {
            microseconds.withLock {
                $0 += 1
                return $0
            }
        }
        func pass(hours: Int64) { microseconds.withLock { $0 += hours * 3_600_000_000 } }
    }

    final class Log: AccessRecorder {
        let lines = Mutex<[String]>([])
        func append(_ entries: [[UInt8]]) throws {
            lines.withLock { $0 += entries.map { String(decoding: $0, as: UTF8.self) } }
        }
        func sync() throws {}
        func check() throws {}
        func entries(account: String?, after end: AccessPage.End?, limit: Int) throws -> AccessPage {
            AccessPage(entries: [], end: nil)
        }
    }

    private static let template = Task { try await makeTemplate() }

    private static func makeTemplate() async throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("assistant-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder + "/drops", withIntermediateDirectories: true)
        made.withLock { $0.append(folder) }
        atexit { for folder in Company.made.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: folder) } }
        try estate.writeBilling(sqlite: folder + "/billing.sqlite")
        try estate.writeCustomer(dropFolder: folder + "/drops")
        let dispatch = estate.dispatchService()
        let url = try await dispatch.start()
        let result = await Task {
            try await onThread {
                let configuration = try configuration(folder, dispatch: url)
                let store = try SQLiteStore(path: configuration.storePath)
                let workspace = Workspace(
                    configuration: configuration, mappings: try MappingSet.load(directory: configuration.mappings),
                    store: store)
                try #require(!workspace.sync().hasFailed)
                try store.checkpoint()
            }
        }.result
        await dispatch.stop()
        try result.get()
        return folder
    }

    private static let made = Mutex<[String]>([])

    private static func configuration(_ folder: String, dispatch: String) throws -> HearthConfiguration {
        for part in ["Config", "Mappings"] where !FileManager.default.fileExists(atPath: "\(folder)/\(part)") {
            try FileManager.default.copyItem(atPath: "\(repository)/\(part)", toPath: "\(folder)/\(part)")
        }
        var text = try String(contentsOfFile: repository + "/Config/hearth.yaml", encoding: .utf8)
        for (name, value) in [
            "HEARTH_STORE": folder + "/hearth.db", "HEARTH_BILLING_DRIVER": "sqlite",
            "HEARTH_BILLING_PATH": folder + "/billing.sqlite", "HEARTH_BILLING_CONNINFO": "\"\"",
            "HEARTH_CUSTOMER_DROPS": folder + "/drops", "HEARTH_DISPATCH_URL": dispatch,
            "HEARTH_DISPATCH_USER": Estate.dispatchUser, "HEARTH_DISPATCH_PASSWORD": Estate.dispatchPassword,
        ] {
            text = text.replacing(try Regex("\\$\\{env:\(name)(:-[^}]*)?\\}"), with: value)
        }
        try text.write(toFile: folder + "/Config/hearth.yaml", atomically: true, encoding: .utf8)
        return try HearthConfiguration.load(path: folder + "/Config/hearth.yaml")
    }

    static func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { done in
            Thread.detachNewThread { done.resume(with: Swift.Result { try body() }) }
        }
    }

    /// - Parameters:
    ///   - isAble: whether a system takes repair orders.
    ///   - knowsMoney: whether tariffs and words are loaded.
    ///   - offices: `offices.yaml` of the company; nil for what is shipped.
    static func make(
        isAble: Bool = true, knowsMoney: Bool = true, hearing: (any Hearing)? = nil, offices: String? = nil
    ) async throws -> Company {
        try Company(await template.value, isAble, knowsMoney, hearing ?? Ear(), offices)
    }

    private init(
        _ template: String, _ isAble: Bool, _ knowsMoney: Bool, _ hearing: any Hearing, _ offices: String?
    ) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("assistant-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: template + "/hearth.db", toPath: folder + "/hearth.db")
        let configuration = try Self.configuration(folder, dispatch: "http://127.0.0.1:9/ws")
        let clock = clock
        let store = try SQLiteStore(path: folder + "/hearth.db", clock: { clock.now })
        self.store = store
        unsure = UnsureStore(store)
        let unsure = unsure
        let workspace = Workspace(
            configuration: configuration, mappings: try MappingSet.load(directory: configuration.mappings),
            store: unsure
        )
        let money =
            knowsMoney
            ? try MoneyAnswers.load(
                configuration: Self.repository + "/Config",
                settings: ExplanationSettings(peers: configuration.peers, homeCity: configuration.homeCity)) : nil
        answerer = Answerer(
            store: unsure, mappings: workspace.mappings, log: log, bindings: BindingGuard(perAccount: 5, perCaller: 60),
            money: money, triage: try TriageRules.loadIfAny(besides: configuration.path), refresh: { _, _, _ in [] },
            instant: { Instant(microseconds: $0?.microseconds ?? clock.now, offsetMinutes: 480) })
        desk = RequestDesk(
            answerer, attachments: AttachmentFolder(AttachmentSettings(folder: folder + "/attachments"), store: store),
            outbox: { isAble ? try workspace.outbox() : Outbox(store: unsure, systems: []) })
        let pause: @Sendable (Duration) -> Void = { [paused] least in paused.all.withLock { $0 += least } }
        if let offices {
            try offices.write(toFile: folder + "/Config/knowledge/offices.yaml", atomically: true, encoding: .utf8)
        }
        assistant = Assistant(
            try Playbook.load(folder: (offices == nil ? Self.repository : folder) + "/Config/knowledge"), hearing: hearing, desk: desk, access: log,
            onTrouble: { [troubles] error in troubles.all.withLock { $0.append(error) } }, pause: pause)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// The views of all accounts, by number.
    func views() throws -> [String: [String: Any]] {
        let numbers = try store.read { try $0.accounts(after: nil, limit: 1000, at: nil).map(\.number) }
        return try numbers.reduce(into: [:]) { found, number in
            let view = try Array(number.utf8).withUnsafeBytes { number in
                try store.read { try $0.view(number: number)?.body ?? [] }
            }
            found[number] = try JSONSerialization.jsonObject(with: Data(view)) as? [String: Any]
        }
    }

    /// What is personal of each account.
    struct Household: Sendable {
        var number: String
        var identity: String
        var phones: [String]
        var name: String
    }

    func households() throws -> [Household] {
        try views().sorted { $0.key < $1.key }.map { number, view in
            let facts = view["facts"] as? [String: Any] ?? [:]
            return Household(
                number: number, identity: facts["holder_id_number"] as? String ?? "",
                phones: facts["holder_phones"] as? [String] ?? [], name: facts["holder_name"] as? String ?? "")
        }
    }

    /// An account, the last six of its holder's ID and its view, the first of which `isFit` holds.
    func account(where isFit: ([String: Any], _ facts: [String: Any]) throws -> Bool = { _, _ in true }) throws -> (
        number: String, lastSix: String, view: [String: Any]
    ) {
        for (number, view) in try views().sorted(by: { $0.key < $1.key }) {
            let facts = view["facts"] as? [String: Any] ?? [:]
            guard let identity = facts["holder_id_number"] as? String, identity.count == 18,
                facts["class"] as? String == "resident",
                number.count == 8, try isFit(view, facts)
            else { continue }
            return (number, String(identity.suffix(6)).uppercased(), view)
        }
        throw CocoaError(.fileNoSuchFile)
    }

    /// A customer of a channel.
    func customer(_ name: String = "甲", _ channel: ChannelKind = .chat) -> Customer { Customer(self, name, channel) }

    /// What legacy systems are asked for.
    var actions: [StoredAction] {
        get throws { try store.read { try $0.actions(ActionFilter(), before: nil, limit: 1000) } }
    }

    /// Its dispatch system takes an account's order, and gives it a number.
    func confirmOrder(of account: String, as order: String) throws {
        try store.write { store in
            while let claim = try store.claimAction(
                systems: ["dispatch"], owner: .current, seconds: 60, isAlive: LeaseOwner.isAlive)
            {
                let attempt = try store.beginAttempt(claim, .send)
                let isOurs = claim.action.request.account == account
                _ = try store.settle(
                    claim, attempt: attempt, result: "confirmed", detail: nil, message: nil,
                    .confirmed(externalID: isOurs ? order : "other"))
            }
        }
    }

    func turns(_ conversation: Int64) throws -> [Turn] {
        try store.read { try $0.turns(of: ConversationID(conversation), after: 0, limit: 10000) }
    }

    func handOffs(_ conversation: Int64) throws -> [HandOff] {
        try store.read { try $0.handOffs(of: ConversationID(conversation)) }
    }
}

/// Somebody who speaks with the assistant.
final class Customer {
    let company: Company
    let name: String
    let channel: ChannelKind
    private(set) var count = 0
    private(set) var last: AssistantReply?

    init(_ company: Company, _ name: String, _ channel: ChannelKind) {
        self.company = company
        self.name = name
        self.channel = channel
    }

    @discardableResult
    func turn(
        _ said: CustomerTurn.Said, key: String? = nil, attachments: [CustomerTurn.Attachment] = [], plain: Bool = false,
        address: String? = nil, also: Converser.Also = { _, _ in }
    ) throws -> AssistantReply {
        count += 1
        let turn = CustomerTurn(
            channel: channel, customer: name, key: key ?? "\(count)", said: said, attachments: attachments,
            at: Instant(microseconds: company.clock.now, offsetMinutes: 480), plain: plain, address: address)
        let reply = try company.assistant.reply(to: turn, also: also)
        last = reply
        return reply
    }

    @discardableResult
    func say(_ words: String, key: String? = nil) throws -> AssistantReply { try turn(.words(words), key: key) }

    /// Presses the choice of the last reply that has these words.
    @discardableResult
    func press(_ words: String) throws -> AssistantReply {
        let choice = last?.messages.flatMap(\.choices).first { $0.words == words }
        return try turn(.choice(try #require(choice, "no choice \(words)").id))
    }

    /// Proves an account.
    func prove(_ account: (number: String, lastSix: String, view: [String: Any])) throws {
        try say("绑定户号")
        try say(account.number)
        let reply = try say(account.lastSix)
        try #require(reply.text.contains("绑定好了"))
    }
}

extension AssistantReply {
    var text: String { messages.map(\.full).joined(separator: "\n") }
    var entries: [String] { messages.map { String($0.entry.prefix { $0 != "@" }) } }
    var choices: [Choice] { messages.last?.choices ?? [] }
}
