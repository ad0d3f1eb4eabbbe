import Actions
import ConfigurationFiles
import Foundation
import HearthTesting
import HeatModel
import Messages
import Notices
import Pages
import SQLiteStore
import Setup
import Store
import Synchronization
import Testing

@testable import Assistant
@testable import SMS

/// Answers that go out by a gateway of short messages: queued with the turn, sent once, whatever the gateway does.
@Suite struct SMSReplyTests {
    private static let secret = Array("0123456789abcdef0123456789abcdef".utf8)

    /// A gateway on the loopback that loses answers before and after they took effect, and says what it has.
    private final class Gateway: Sendable {
        struct State {
            var random: SeededGenerator
            var sent: [(to: String, text: String, id: String)] = []
            var calls = 0
        }

        private let kept: Kept
        let address: String
        private final class Kept: Sendable {
            let state: Mutex<State>
            let wrong: UInt64
            init(_ seed: UInt64, _ wrong: UInt64) {
                state = Mutex(State(random: SeededGenerator(state: seed)))
                self.wrong = wrong
            }
        }

        var sent: [(to: String, text: String, id: String)] { kept.state.withLock(\.sent) }

        init(seed: UInt64 = 1, wrong: UInt64 = 0) {
            let kept = Kept(seed, wrong)
            self.kept = kept
            address = LoopbackService.shared.address { Self.answer($0, kept) }
        }

        func stop() { LoopbackService.shared.remove(address) }

        private static func answer(_ request: LoopbackService.Request, _ kept: Kept) -> LoopbackService.Answer {
            let body = (try? JSONSerialization.jsonObject(with: Data(request.body.utf8))) as? [String: String] ?? [:]
            func said(_ json: String, status: Int = 200, cut: Bool = false) -> LoopbackService.Answer {
                var answer = LoopbackService.Answer(status: status, type: "application/json", json)
                if cut { answer.cut = 0 }
                return answer
            }
            return kept.state.withLock { state in
                let isWrong = state.random.next() % 100 < kept.wrong
                let way = state.random.next() % 4
                if request.path.hasSuffix("/receipts") {
                    if isWrong { return said("", status: 500) }
                    let list = state.sent.filter { $0.to == body["to"] }.map { "{\"OutId\":\"\($0.id)\"}" }
                    return said("{\"Code\":\"OK\",\"Total\":\(list.count),\"List\":[\(list.joined(separator: ","))]}")
                }
                state.calls += 1
                func deliver() { state.sent.append((body["to"] ?? "", body["text"] ?? "", body["id"] ?? "")) }
                guard isWrong else {
                    deliver()
                    return said("{\"Code\":\"OK\",\"BizId\":\"\(state.calls)\"}")
                }
                switch way {
                case 0:
                    deliver()
                    return said("{\"Code\":\"OK\"}", cut: true)
                case 1: return said("{\"Code\":\"OK\"}", cut: true)
                case 2:
                    deliver()
                    return said("", status: 502)
                default: return said("", status: 401)
                }
            }
        }
    }

    /// A store, its post and a worker whose present is the clock's.
    private final class Scene: Sendable {
        let clock = TestClock()
        let folder: String
        let store: SQLiteStore
        let keys = CookieKeys([SMSReplyTests.secret])
        let post: MessagePost
        private let worker: ActionWorker

        init(_ gateway: Gateway) throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("sms-\(UUID().uuidString)").path
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let clock = clock
            store = try SQLiteStore(path: folder + "/hearth.db", clock: { clock.now.microseconds })
            let yaml = """
                settle: 60
                http:
                  url: \(gateway.address)/send
                  json: '{"to":"{{phone}}","text":"{{text}}","id":"{{reference}}","on":"{{day}}"}'
                  success: {path: Code, is: [OK]}
                  id: BizId
                  timeout: 10
                  receipt:
                    url: \(gateway.address)/receipts
                    json: '{"to":"{{phone}}","on":"{{day}}"}'
                    success: {path: Code, is: [OK]}
                    records: List
                    reference: OutId
                    total: Total
                """
            var reader = ConfigurationReader(path: folder + "/notices.yaml")
            let section = try #require(reader.root(of: Array(yaml.utf8)).flatMap { reader.section($0, "a channel") })
            let channel = ChannelConfiguration.read("sms", section, names: [], reader: &reader)
            let zone = try #require(TimeZone(identifier: "Asia/Shanghai"))
            let gate = MessageGate(clock: CompanyClock(zone: zone) { clock.now.microseconds }) { [keys] in
                SMSDoor.number(of: $0, keys: keys)
            }
            let system = try #require(channel?.forMessages(named: MessagePost.system(of: .sms)), "\(reader.problems)")
            post = MessagePost(store: store, systems: [system.gated(by: gate)])
            worker = ActionWorker(post.outbox, now: { clock.now.microseconds }, onError: { _ in })
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        func door(_ converser: any Converser) -> SMSDoor {
            SMSDoor(
                ChannelSettings.SMS(), converser: converser,
                ways: SMSDoor.Ways(isPressing: { _ in false }, optOut: { _, _, _ in true }), keys: keys,
                rates: .init(store), post: post, now: { [clock] in clock.now })
        }

        /// Works until nothing is open, or an hour has passed.
        func drain() throws {
            for _ in 0..<720 {
                _ = try worker.workOnDue()
                if try store.read({ try $0.oldestUnsettledActions() }).isEmpty { return }
                clock.pass(5)
            }
        }

        var actions: [StoredAction] {
            get throws { try store.read { try $0.actions(ActionFilter(), before: nil, limit: 10_000) }.reversed() }
        }

        /// What the doors give to be brought.
        func words(_ trouble: @escaping @Sendable (HearthError) -> Void = { _ in }) -> PersonsWords {
            PersonsWords(
                store: store, post: post, doors: [.init(.sms, hours: 24) { SMSDoor.parts(of: $0) }],
                now: { [clock] in clock.now }, onTrouble: trouble)
        }
    }

    private func send(
        _ door: SMSDoor, _ words: String, id: String, phone: String = "13812345678"
    ) throws -> [String: Any] {
        let body = try JSONSerialization.data(withJSONObject: ["phone": phone, "text": words, "id": id])
        let answer = try door.mounts[0].answer(
            WebRequest(
                .post, "/v1/sms/inbound", fields: ["content-type": "application/json"], body: Array(body)))
        return try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any] ?? [:]
    }

    @Test func anAnswerGoesOutByItself() async throws {
        try await onThread {
            let gateway = Gateway()
            defer { gateway.stop() }
            let scene = try Scene(gateway)
            let converser = ScriptedConverser(in: scene.store) { ScriptedConverser.told("答:好的", $0) }
            let door = scene.door(converser)
            let first = try self.send(door, "家里不热", id: "1")
            #expect(first["version"] as? Int == 1 && first["reply"] == nil && first["holder"] as? String == "assistant")
            #expect(first["segments"] as? Int == 1 && first["cut"] as? Bool == false)
            let queued = try #require(first["queued"] as? Int64)
            #expect(try scene.actions.map(\.id.number) == [queued])
            // The same message again, here and in a process that knows nothing of it.
            for door in [door, scene.door(converser)] {
                #expect(try self.send(door, "家里不热", id: "1")["queued"] as? Int64 == queued)
            }
            try scene.drain()
            #expect(gateway.sent.map(\.to) == ["13812345678"] && gateway.sent.map(\.text) == ["答:好的"])
            #expect(try self.send(scene.door(converser), "家里不热", id: "1")["queued"] as? Int64 == queued)
            try scene.drain()
            #expect(gateway.sent.count == 1)
            // What is answered without a turn goes the same way.
            let opted = try self.send(door, "TD", id: "2")
            #expect(opted["queued"] != nil)
            #expect(
                try self.send(scene.door(converser), "TD", id: "2")["queued"] as? Int64 == opted["queued"] as? Int64)
            try scene.drain()
            #expect(gateway.sent.count == 2 && gateway.sent[1].text.contains("已退订"))
            // Neither the outbox nor the chain has the number.
            for action in try scene.actions {
                #expect(!String(decoding: action.request.payload, as: UTF8.self).contains("13812345678"))
                #expect(action.maskedFields["words"] == "***" && action.maskedFields["address"] == "***")
            }
            let lines = try scene.store.read { try $0.chainLines(after: 0, limit: 1000) }
            #expect(
                lines.count > 4
                    && !lines.contains { String(decoding: $0.line, as: UTF8.self).contains("13812345678") })
        }
    }

    /// Where the turn cannot be kept nothing is queued, and the other way round.
    @Test func theTurnAndItsAnswerAreKeptTogether() async throws {
        struct Lost: Error {}
        try await onThread {
            let gateway = Gateway()
            defer { gateway.stop() }
            let scene = try Scene(gateway)
            let isBroken = Mutex(true)
            let converser = BreakingConverser(
                ScriptedConverser(in: scene.store), { if isBroken.withLock({ $0 }) { throw Lost() } })
            let door = scene.door(converser)
            #expect(throws: Lost.self) { try self.send(door, "家里不热", id: "1") }
            #expect(try scene.actions.isEmpty)
            isBroken.withLock { $0 = false }
            #expect(try self.send(door, "家里不热", id: "1")["queued"] != nil)
            #expect(try scene.actions.count == 1)
        }
    }

    /// Fails behind what is done with the reply, within its transaction.
    private struct BreakingConverser: Converser {
        let converser: ScriptedConverser
        let fail: @Sendable () throws -> Void
        init(_ converser: ScriptedConverser, _ fail: @escaping @Sendable () throws -> Void) {
            self.converser = converser
            self.fail = fail
        }
        func reply(to turn: CustomerTurn, also: Also) throws -> AssistantReply {
            try converser.reply(to: turn) { reply, store in
                try also(reply, store)
                try fail()
            }
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func whateverTheGatewayDoesNobodyIsToldTwice(_ seed: UInt64) async throws {
        try await onThread {
            let gateway = Gateway(seed: seed, wrong: 45)
            defer { gateway.stop() }
            let scene = try Scene(gateway)
            let converser = ScriptedConverser(in: scene.store) { turn in
                guard case .words(let words) = turn.said else { return ScriptedConverser.told("?", turn) }
                let number = Int64(words.dropFirst(2)) ?? 0
                return ScriptedConverser.told("答" + words, turn, conversation: number % 30 + 1)
            }
            let door = scene.door(converser)
            for number in 0..<60 {
                let phone = "1380000\(1000 + number % 30)"
                for _ in 0..<2 { _ = try self.send(door, "问\(number)x", id: "\(number)", phone: phone) }
            }
            try scene.drain()
            let sent = gateway.sent
            #expect(Set(sent.map(\.id)).count == sent.count && Set(sent.map(\.text)).count == sent.count, "doubled")
            for action in try scene.actions {
                let isSent = sent.contains { $0.id == action.request.reference }
                switch action.state {
                case .confirmed: #expect(isSent, "called sent")
                case .dropped, .refused: #expect(!isSent, "called not sent")
                default: #expect(action.isDead, "\(action)")
                }
            }
            #expect(sent.count > 40, "\(sent.count)")
        }
    }

    @Test func anAnswerThatIsLateIsNone() async throws {
        try await onThread {
            let gateway = Gateway()
            defer { gateway.stop() }
            let scene = try Scene(gateway)
            _ = try self.send(scene.door(ScriptedConverser(in: scene.store)), "家里不热", id: "1")
            scene.clock.pass(1801)
            try scene.drain()
            #expect(gateway.sent.isEmpty)
            #expect(try scene.actions.map(\.state) == [.dropped])
        }
    }

    // MARK: What people say

    /// A conversation by SMS that waits for a person, its customer's state as the assistant keeps it.
    private func handOff(
        _ scene: Scene, customer: String = "c1", address: String?, opensState: Bool = true
    ) throws -> (ConversationID, HandOffID) {
        try scene.store.write { store in
            let made = try store.openConversation(
                account: nil, channel: "sms", language: "zh", isElderly: false, caller: "customer:1")
            if opensState {
                var mind = Mind()
                mind.address = address
                _ = try store.putCustomerState(
                    Array(try JSONEncoder().encode(mind)), conversation: made.id,
                    of: Assistant.key(.sms, customer), replacing: 0)
            }
            let handOff = try store.askHandOff(
                made.id, reason: "asked", afterTurn: 0, card: Array("{}".utf8), caller: "c")
            _ = try store.claimHandOff(handOff.id, owner: "desk", idleSeconds: 60)
            return (made.id, handOff.id)
        }
    }

    private func say(_ words: String, _ id: ConversationID, _ scene: Scene, _ speaker: Turn.Speaker = .human) throws {
        try scene.store.write {
            _ = try $0.addTurn(Turn(number: 0, speaker: speaker, at: .now, words: words, caller: "desk"), to: id)
        }
    }

    @Test func whatAPersonSaysGoesToThePhone() async throws {
        try await onThread {
            let gateway = Gateway()
            defer { gateway.stop() }
            let scene = try Scene(gateway)
            let address = try scene.keys.sealed("13812345678", for: "sms address")
            let (id, handOff) = try self.handOff(scene, address: address)
            try self.say("以前说的", id, scene)
            scene.clock.pass(1)
            // What was said before anybody looked was told otherwise.
            #expect(try scene.words().look() == 0)
            scene.clock.pass(1)
            try self.say("我是客服", id, scene)
            try self.say("在吗", id, scene, .customer)
            let long = String(repeating: "热", count: 600)
            try self.say(long, id, scene)
            let words = scene.words()
            #expect(try words.look() == 4)
            // Whoever looks again, and however often.
            #expect(try words.look() == 0 && scene.words().look() == 0)
            try scene.drain()
            let sent = gateway.sent
            #expect(sent.first?.text == "我是客服" && sent.allSatisfy { $0.to == "13812345678" })
            #expect(sent.dropFirst().map(\.text).joined() == long, "not in order, or not whole")
            // Said and closed while nobody looks.
            try self.say("问题解决了", id, scene)
            try scene.store.write {
                _ = try $0.closeHandOff(handOff, owner: "desk", outcome: "resolved", note: nil)
            }
            #expect(try scene.words().look() == 1)
            #expect(try scene.words().look() == 0)
            try scene.drain()
            #expect(gateway.sent.last?.text == "问题解决了" && gateway.sent.count == 5)
            // Asked, answered and closed between two looks.
            let (other, brief) = try self.handOff(scene, customer: "c2", address: address)
            try self.say("马上来", other, scene)
            try scene.store.write {
                _ = try $0.closeHandOff(brief, owner: "desk", outcome: "resolved", note: nil)
            }
            #expect(try scene.words().look() == 1)
        }
    }

    @Test func whatReachesNobodyIsSaid() async throws {
        try await onThread {
            let gateway = Gateway()
            defer { gateway.stop() }
            let scene = try Scene(gateway)
            #expect(try scene.words().look() == 0)
            scene.clock.pass(1)
            let troubles = Mutex<[HearthError.Code]>([])
            let words = scene.words { error in troubles.withLock { $0.append(error.code) } }
            let (id, _) = try self.handOff(scene, address: nil)
            try self.say("在的", id, scene)
            // Another program's conversation is that program's.
            let (foreign, _) = try self.handOff(scene, customer: "c2", address: nil, opensState: false)
            try self.say("在的", foreign, scene)
            #expect(try words.look() == 0 && words.look() == 0)
            #expect(troubles.withLock { $0.map(\.name) } == ["message.noAddress"])
            // Sealed by keys that are gone: never sent, and it says so.
            let strange = try CookieKeys([]).sealed("13812345678", for: "sms address")
            let (third, _) = try self.handOff(scene, customer: "c3", address: strange)
            try self.say("您好", third, scene)
            #expect(try words.look() == 1)
            try scene.drain()
            #expect(gateway.sent.isEmpty)
            let action = try #require(try scene.actions.first)
            #expect(action.state == .dropped && action.message?.contains("keys") == true, "\(action)")
        }
    }
}
