import ConfigurationFiles
import Conversations
import Evidence
import Explanation
import Foundation
import HeatModel
import Records
import SQLiteStore
import Store
import Synchronization
import Testing

@testable import Actions
@testable import Notices

/// A store with a few accounts, rules, channels and a present that a test sets.
final class Scene: Sendable {
    let folder: Folder
    let store: SQLiteStore
    let time: Time
    let clock: CompanyClock
    let sms: Gateway
    let box: Gateway
    let wechat: Gateway
    let rules: NoticeRules
    private let money: MoneyAnswers
    private let refresh: ReadAnew?
    private let accounts = Mutex<[String: AccountID]>([:])

    static let words = """
        language: zh
        arrears-3: "户号{number}还应缴{open}元,截止{due_on}"
        follow-up.first: "工单{order}好了吗"
        follow-up.again: "再问工单{order}好了吗"
        outage.begun: "停供:{reason},预计{end}"
        outage.ended: "已恢复:{end}"
        outage.ahead: "计划{begins}停供"
        progress.dispatched: "工单{order}{state}"
        progress.enroute: "工单{order}{state}"
        """

    init(
        at now: String, rules: String, wrong: UInt64 = 0, refresh: ReadAnew? = nil, words: String = Scene.words,
        channels: String = "{sms: {http: {}}, box: {}}"
    ) throws {
        folder = try Folder()
        let yaml =
            "send: true\nwording: words.yaml\nfresh: asStored\nchannels: \(channels)\nrules:\n" + rules
        try yaml.write(toFile: folder.path + "/notices.yaml", atomically: true, encoding: .utf8)
        try words.write(toFile: folder.path + "/words.yaml", atomically: true, encoding: .utf8)
        self.rules = try NoticeRules.load(path: folder.path + "/notices.yaml")
        let time = Time(try #require(Instant(now)).microseconds)
        self.time = time
        clock = CompanyClock(zone: try #require(TimeZone(identifier: "Asia/Shanghai")), present: { time.now })
        store = try SQLiteStore(path: folder.path + "/hearth.db", clock: { time.now })
        money = try MoneyAnswers.load(configuration: Folder.repository + "/Config", settings: ExplanationSettings())
        sms = Gateway(time: time, seed: 1, wrong: wrong)
        box = Gateway(time: time, seed: 2, wrong: 0)
        wechat = Gateway(time: time, seed: 3, wrong: 0)
        self.refresh = refresh
    }

    var desk: NoticeDesk { desk(over: store) }

    /// The same over a store that stands before the scene's.
    func desk(over store: any Store) -> NoticeDesk {
        func channel(_ name: String, _ gateway: Gateway) -> ActionSystem {
            var system = ActionSystem(name: ChannelConfiguration.prefix + name, sink: gateway)
            system.settle = 60
            system.attempts = 4
            return system
        }
        var systems = [channel("sms", sms), channel("box", box), channel("wechat", wechat)]
        if rules.ways["page"] == .chat, let page = Self.page { systems.append(page) }
        return NoticeDesk(
            rules: rules, channels: systems, store: store, money: money, clock: clock, refresh: refresh,
            // The state of these customers is the address itself.
            address: { $0.body.isEmpty ? nil : String(decoding: $0.body, as: UTF8.self) })
    }

    private static let page: ActionSystem? = {
        var reader = ConfigurationReader(path: "notices.yaml")
        return reader.root(of: Array("chat: {}".utf8)).flatMap { reader.section($0, "a channel") }.flatMap {
            ChannelConfiguration.read("page", $0, names: [], reader: &reader)
        }
    }()

    // MARK: Customers

    private let customers = Mutex<Int64>(0)

    /// A customer who has bound an account, and says something now.
    @discardableResult
    func customer(_ channel: String, of account: String, address: String = "") throws -> (
        key: CustomerKey, conversation: ConversationID
    ) {
        let number = customers.withLock { number in
            number += 1
            return number
        }
        let key = CustomerKey(channel: channel, id: Array("\(number)".utf8))
        let conversation = try store.write { store in
            try store.bind(key, to: account)
            return try store.openConversation(
                account: nil, channel: channel == "chat" ? "web" : channel, language: "zh", isElderly: false,
                caller: "test"
            ).id
        }
        try speaks(key, conversation, address)
        return (key, conversation)
    }

    /// A customer says something now.
    func speaks(_ key: CustomerKey, _ conversation: ConversationID, _ address: String = "") throws {
        try store.write { store in
            let version = try store.customerState(key)?.version ?? 0
            _ = try store.putCustomerState(
                Array(address.utf8), conversation: conversation, of: key, replacing: version)
        }
    }

    /// What a page's conversation was told without asking.
    func toldOnPage(_ conversation: ConversationID) throws -> [String] {
        try store.read { try $0.turns(of: conversation, after: 0, limit: 100) }.filter(\.isNotice).map(\.words)
    }

    var speaker: ConversationDesk {
        ConversationDesk(money: nil, triage: nil, settings: ConversationSettings(), instant: { [clock] _ in clock.now })
    }

    /// Lets the time pass to a moment, and does what is to be done then.
    func go(_ now: String) throws {
        time.set(try #require(Instant(now)).microseconds)
        let desk = desk
        try desk.look()
        let worker = ActionWorker(desk.outbox, now: { [time] in time.now }, onError: { _ in })
        // A timeout lets the time pass: what is due by then is done, too.
        for _ in 0..<20 where try worker.workOnDue() > 0 { try desk.look() }
    }

    var told: [String] {
        (sms.state.withLock { $0.delivered.map { "sms \($0.account) \($0.text)" } }
            + box.state.withLock { $0.delivered.map { "box \($0.account) \($0.text)" } }
            + wechat.state.withLock { $0.delivered.map { "wechat \($0.account) \($0.text)" } })
    }

    func notices(_ account: String? = nil) throws -> [StoredNotice] {
        try store.read { try $0.notices(NoticeFilter(account: account), before: nil, limit: 1000) }.reversed()
    }

    /// `arrears-3 notSent paid`
    func standings(_ account: String? = nil) throws -> [String] {
        try notices(account).map { "\($0.notice.rule) \($0.notice.occasion) \($0.state.rawValue) \($0.reason ?? "")" }
    }

    /// Stores an account's view.
    func view(
        _ number: String, phones: [String] = ["13812345678"], open: Int = 0, due: String = "2026-12-31",
        orders: [String] = [], building: String = "3"
    ) throws {
        let charge =
            open == 0
            ? ""
            : "{\"source\":\"billing.charges\",\"key\":\"c\(number)\",\"season\":\"2026-2027\",\"item\":\"heatByArea\",\"due_fen\":\(open),\"received_fen\":0,\"arrears_fen\":\(open),\"due_on\":\"\(due)\"}"
        let body =
            "{\"account_number\":\"\(number)\",\"facts\":{\"class\":\"resident\",\"station\":\"东站\",\"community\":\"阳光花园\",\"building\":\"\(building)\",\"unit\":\"2\",\"room\":\"501\",\"holder_phones\":[\(phones.map { "\"\($0)\"" }.joined(separator: ","))]},\"charges\":[\(charge)],\"payments\":[],\"work_orders\":[\(orders.joined(separator: ","))]}"
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

    static func order(_ number: String, _ state: String, _ more: String = "") -> String {
        "{\"source\":\"dispatch.workOrders\",\"key\":\"\(number)\",\"number\":\"\(number)\",\"kind\":\"noHeat\",\"state\":\"\(state)\",\"created_at\":\"2026-12-01T08:00:00+08:00\"\(more)}"
    }

    /// Stores an outage's record.
    func outage(_ key: String, _ json: String) throws {
        try store.write { store in
            let stream = try store.stream(named: "dispatch.outages", entity: .outage)
            let run = try store.beginRun(stream: stream, mode: "full", mappingVersion: "m", at: .now)
            let origin = try store.beginOrigin(
                IncomingOrigin(
                    stream: stream, run: run, kind: "page", name: "page 1", digest: nil, byteCount: nil,
                    isSnapshot: false,
                    columns: ["k"]))
            let hash = ContentHash(UInt64(bitPattern: Int64(json.hashValue)), 1)
            try Array(key.utf8).withUnsafeBytes { key in
                try Array(json.utf8).withUnsafeBytes { body in
                    let record = IncomingRecord(
                        stream: stream, key: key, account: nil, rule: .none, hash: hash, body: body, raw: body,
                        run: run,
                        origin: origin, ordinal: 1, isVoided: false)
                    if let known = try store.current(stream: stream, key: key) {
                        try store.supersede(known.id, with: record)
                    } else {
                        _ = try store.insert(record)
                    }
                }
            }
            try store.endRun(run, state: .success, at: .now, error: nil, totals: [])
            try AuditTrail.noteRuns(store, archive: nil)
        }
    }
}
