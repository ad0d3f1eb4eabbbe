import Actions
import Explanation
import Foundation
import HearthTesting
import HeatModel
import Notices
import Pages
import SQLiteStore
import Setup
import Store
import Synchronization
import Testing

@testable import Assistant
@testable import WeChat

/// From a rule to a follower's telephone: rows, outbox, templates, and an interface that does everything wrong.
@Suite struct FollowerNoticeTests {
    /// A part of api.weixin.qq.com on the loopback; what it has sent it knows.
    private final class Interface: Sendable {
        struct State {
            var random: SeededGenerator
            var told: [(openID: String, order: String)] = []
            var wrong: [String] = []
        }

        private final class Kept: Sendable {
            let state: Mutex<State>
            init(_ seed: UInt64) { state = Mutex(State(random: SeededGenerator(state: seed))) }
        }

        private let kept: Kept
        let address: String
        var told: [(openID: String, order: String)] { kept.state.withLock(\.told) }
        /// Requests that no template of ours makes.
        var wrong: [String] { kept.state.withLock(\.wrong) }

        init(seed: UInt64) {
            let kept = Kept(seed)
            self.kept = kept
            address = LoopbackService.shared.address { Self.answer($0, kept) }
        }

        func stop() { LoopbackService.shared.remove(address) }

        private static func answer(_ request: LoopbackService.Request, _ kept: Kept) -> LoopbackService.Answer {
            func said(_ json: String, cut: Bool = false) -> LoopbackService.Answer {
                var answer = LoopbackService.Answer(type: "application/json", json)
                if cut { answer.cut = 0 }
                return answer
            }
            if request.path.contains("/cgi-bin/token") { return said("{\"access_token\":\"T\",\"expires_in\":7200}") }
            let body = (try? JSONSerialization.jsonObject(with: Data(request.body.utf8))) as? [String: Any] ?? [:]
            let data = body["data"] as? [String: [String: String]] ?? [:]
            return kept.state.withLock { state in
                let (openID, order) = (body["touser"] as? String ?? "", data["character_string1"]?["value"] ?? "")
                if !request.path.contains("/cgi-bin/message/template/send?access_token=T")
                    || body["template_id"] as? String != "TPL" || data["phrase2"]?["value"] != "已派往"
                    || (body["client_msg_id"] as? String)?.count != 16
                {
                    state.wrong.append(request.body)
                }
                func deliver() { state.told.append((openID, order)) }
                switch state.random.next() % 10 {
                case 0: return said("{}", cut: true)
                case 1:
                    deliver()
                    return said("{}", cut: true)
                case 2, 3: return said("{\"errcode\":43101}")
                case 4: return said("{\"errcode\":45009}")
                case 5: return said("{\"errcode\":-1}")
                default:
                    deliver()
                    return said("{\"errcode\":0}")
                }
            }
        }
    }

    private static let rules = """
        send: true
        wording: words.yaml
        fresh: asStored
        quietHours: {from: "00:00", to: "00:00"}
        channels: {sms: {http: {}}, wechat: {wechat: {}}}
        rules:
          - {rule: progress, kind: progress, states: [dispatched], channels: [used, wechat, sms]}
        """

    @Test(arguments: [1, 2, 3] as [UInt64])
    func eachAccountIsToldAndNobodyTwice(_ seed: UInt64) async throws {
        try await onThread {
            let interface = Interface(seed: seed)
            defer { interface.stop() }
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("told-\(UUID().uuidString)").path
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try Self.rules.write(toFile: folder + "/notices.yaml", atomically: true, encoding: .utf8)
            try "language: zh\nprogress.dispatched: \"工单{order}{state}\"\n".write(
                toFile: folder + "/words.yaml", atomically: true, encoding: .utf8)
            let clock = TestClock()
            let store = try SQLiteStore(path: folder + "/hearth.db", clock: { clock.now.microseconds })
            let keys = CookieKeys([Array("0123456789abcdef0123456789abcdef".utf8)])
            var settings = ChannelSettings.WeChat(appID: "wx1", secret: "s", token: "t")
            settings.api = interface.address
            settings.templates = [
                .init(
                    rule: "progress", id: "TPL", send: .template,
                    fields: [("character_string1", "{{order}}"), ("phrase2", "已派往")])
            ]
            let sink = WeChatSink(AccountAPI(settings, pause: 1), keys: keys) { _ in }
            let bySMS = Mutex<[String]>([])
            let zone = try #require(TimeZone(identifier: "Asia/Shanghai"))
            let desk = NoticeDesk(
                rules: try NoticeRules.load(path: folder + "/notices.yaml"),
                channels: [
                    ActionSystem(name: "notices/wechat", sink: sink),
                    ActionSystem.simulated("notices/sms") { values in
                        bySMS.withLock { $0.append(values["account"] ?? "") }
                    },
                ], store: store,
                money: try MoneyAnswers.load(
                    configuration: #filePath.components(separatedBy: "/Tests/")[0] + "/Config",
                    settings: ExplanationSettings()),
                clock: CompanyClock(zone: zone) { clock.now.microseconds }, address: { Assistant.address(in: $0) })
            var followers: [String: [String]] = [:]
            for number in (10..<60).map({ "\($0)" }) {
                followers[number] = (0..<(Int(number) ?? 0) % 3).map { "o\(number)-\($0)" }
                try Self.account(number, followers[number] ?? [], at: clock.now, keys, store)
            }
            let worker = ActionWorker(desk.outbox, now: { clock.now.microseconds }, onError: { _ in })
            for _ in 0..<400 {
                try desk.look()
                _ = try worker.workOnDue()
                clock.pass(30)
            }
            #expect(interface.wrong == [], "no request of our template")
            let told = interface.told
            #expect(Set(told.map(\.openID)).count == told.count, "a follower was told twice")
            for (number, people) in followers {
                let reached = told.filter { people.contains($0.openID) }
                #expect(reached.allSatisfy { $0.order == "WX\(number)" })
                let messages = bySMS.withLock { $0.filter { $0 == number }.count }
                let notice = try #require(
                    try store.read { try $0.notices(NoticeFilter(account: number), before: nil, limit: 9) }.first)
                // Told by the telephone only where certainly no follower has it.
                #expect(messages <= 1 && (messages == 0 || reached.isEmpty), "account \(number)")
                switch notice.state {
                case .sent: #expect(messages + reached.count > 0, "account \(number) is called told")
                case .unknown: #expect(messages == 0 && notice.action?.isDead == true, "account \(number)")
                default: Issue.record("account \(number) is \(notice.state)")
                }
                if people.isEmpty { #expect(messages == 1) }
            }
            #expect(told.count > 20 && bySMS.withLock { $0.count } >= 17)
        }
    }

    /// A home with an order on its way, and its followers, as the assistant keeps them.
    private static func account(
        _ number: String, _ followers: [String], at now: Instant, _ keys: CookieKeys, _ store: SQLiteStore
    ) throws {
        let order =
            "{\"source\":\"dispatch.workOrders\",\"key\":\"WX\(number)\",\"number\":\"WX\(number)\",\"kind\":\"noHeat\",\"state\":\"dispatched\",\"created_at\":\"\(now)\",\"dispatched_at\":\"\(now)\"}"
        let view =
            "{\"account_number\":\"\(number)\",\"facts\":{\"class\":\"resident\",\"holder_phones\":[\"138000000\(number)\"]},\"charges\":[],\"payments\":[],\"work_orders\":[\(order)]}"
        try store.write { store in
            let stream = try store.stream(named: "customer.residents", entity: .account)
            let run = try store.beginRun(stream: stream, mode: "full", mappingVersion: "m", at: .now)
            var name = number
            let account = try name.withUTF8 {
                try store.introduceAccount(number: UnsafeRawBufferPointer($0), run: run)
            }
            try Array(view.utf8).withUnsafeBytes { try store.putView(account, body: $0, runs: nil) }
            try store.endRun(run, state: .success, at: .now, error: nil, totals: [])
            for openID in followers {
                let key = Assistant.key(.wechat, openID)
                try store.bind(key, to: number)
                var mind = Mind()
                mind.address = try WeChatSink.address(openID, keys: keys)
                _ = try store.putCustomerState(
                    Array(try JSONEncoder().encode(mind)), conversation: nil, of: key, replacing: 0)
            }
        }
    }
}
