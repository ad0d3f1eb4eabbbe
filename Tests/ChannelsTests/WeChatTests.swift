import Actions
import Foundation
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
@testable import WeChat

/// The official account, with wechatpy's cryptography as WeChat's side.
@Suite struct WeChatTests {
    static let key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    static let oldKey = "ZYXWVUTSRQPONMLKJIHGFEDCBA9876543210zyxwvut"
    private let clock = TestClock()

    private func settings(_ change: (inout ChannelSettings.WeChat) -> Void = { _ in }) -> ChannelSettings.WeChat {
        var settings = ChannelSettings.WeChat(appID: "wx1", secret: "s&cret", token: "tok")
        settings.encodingKeys = [Self.key, Self.oldKey]
        settings.api = "http://127.0.0.1:9"
        change(&settings)
        return settings
    }

    private func door(
        _ converser: any Converser, _ change: (inout ChannelSettings.WeChat) -> Void = { _ in }, api: AccountAPI? = nil
    ) -> WeChatDoor {
        WeChatDoor(
            settings(change), converser: converser, keys: CookieKeys([]), api: api, now: { [clock] in clock.now })
    }

    private var time: String { "\(clock.now.microseconds / 1_000_000)" }

    private func message(_ content: String, id: String = "1", kind: String = "text", more: String = "") -> String {
        "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[oUser-1]]></FromUserName><CreateTime>\(time)</CreateTime>"
            + "<MsgType><![CDATA[\(kind)]]></MsgType><Content><![CDATA[\(content)]]></Content>"
            + (id.isEmpty ? "" : "<MsgId>\(id)</MsgId>") + more + "</xml>"
    }

    private func post(_ door: WeChatDoor, _ query: [String: String], _ xml: String) throws -> WebAnswer {
        try door.mounts.first { $0.method == .post }!.answer(
            WebRequest(.post, "/wechat", query: query, body: Array(xml.utf8)))
    }

    private func signed(_ door: WeChatDoor, _ more: [String: String] = [:]) -> [String: String] {
        ["timestamp": time, "nonce": "n1", "signature": door.crypto.signature([time, "n1"])].merging(more) { $1 }
    }

    private func plain(_ door: WeChatDoor, _ xml: String) throws -> WebAnswer { try post(door, signed(door), xml) }

    @Test func theAddressIsOurs() throws {
        let door = door(ScriptedConverser())
        func ask(_ query: [String: String]) throws -> WebAnswer {
            try door.mounts.first { $0.method == .get }!.answer(WebRequest(.get, "/wechat", query: query))
        }
        #expect(try ask(signed(door, ["echostr": "5551"])).text == "5551")
        #expect(try ask(signed(door, ["echostr": "<script>"])).status == 403)
        #expect(try ask(signed(door, ["echostr": "1", "nonce": "n2"])).status == 403)
        #expect(try ask(["echostr": "1"]).status == 403)
        let query = signed(door, ["echostr": "1"])
        clock.pass(601)
        #expect(try ask(query).status == 403, "an old one, played again")
    }

    @Test func plainMessagesAreAnswered() throws {
        let converser = ScriptedConverser {
            ScriptedConverser.told("A]]>B <好>", $0, choices: [.init(id: "pay.now", words: "去缴费&1")])
        }
        let door = door(converser)
        let answer = try plain(door, message("这个月热费多少"))
        let fields = try #require(MessageXML.read(answer.body))
        #expect(fields["ToUserName"] == "oUser-1" && fields["FromUserName"] == "gh_1" && fields["MsgType"] == "text")
        #expect(fields["Content"]?.hasPrefix("A]]＞B ＜好＞") == true)
        #expect(fields["Content"]?.contains("msgmenuid=pay.now") == true)
        let tapped = try plain(door, message("去缴费", id: "2", more: "<bizmsgmenuid>pay.now</bizmsgmenuid>"))
        #expect(tapped.status == 200 && converser.turns.last?.said == .choice("pay.now"))
        #expect(converser.turns.allSatisfy { $0.customer == "oUser-1" && $0.channel == .wechat })
    }

    @Test func aMessageThatComesAgainIsOneTurn() throws {
        let converser = ScriptedConverser()
        let door = door(converser)
        let answers = try (0..<3).map { _ in try plain(door, message("报修", id: "77")) }
        #expect(converser.turns.count == 1 && answers.allSatisfy { $0.text.contains("您好") })
        // Events have no number: who and when names them.
        let event = message("", id: "", kind: "event", more: "<Event>subscribe</Event>")
        _ = try plain(door, event)
        _ = try plain(door, event)
        #expect(converser.turns.count == 2 && converser.turns.last?.said == .opened)
        _ = try plain(door, message("", id: "", kind: "event", more: "<Event>CLICK</Event><EventKey>缴费</EventKey>"))
        #expect(converser.turns.last?.said == .words("缴费"))
        #expect(
            try plain(door, message("", id: "", kind: "event", more: "<Event>unsubscribe</Event>")).text == "success")
        #expect(try plain(door, message("", id: "9", kind: "image")).text.contains("收不了照片"))
        #expect(converser.turns.count == 3)
    }

    @Test func whatIsNotSignedIsNotTaken() throws {
        let converser = ScriptedConverser()
        let (door, safe) = (door(converser), door(converser) { $0.isSafe = true })
        let xml = message("报修")
        #expect(try post(door, [:], xml).status == 403)
        #expect(try post(door, signed(door, ["signature": "0"]), xml).status == 403)
        let query = signed(door)
        clock.pass(-3600)
        #expect(try post(door, query, xml).status == 403, "of a clock that is an hour ahead")
        clock.pass(3600)
        #expect(try plain(safe, xml).status == 403, "plain where only encrypted is taken")
        // `signature` alone is none of an encrypted message.
        let encrypted = try safe.crypto.encrypt(Array(xml.utf8), key: 0)
        let outer = "<xml><ToUserName>gh_1</ToUserName><Encrypt>\(encrypted)</Encrypt></xml>"
        #expect(try post(safe, signed(safe, ["encrypt_type": "aes"]), outer).status == 403)
        #expect(try post(door, signed(door), outer).status == 403)
        #expect(converser.turns.isEmpty)
    }

    @Test(arguments: [
        "", "<xml>", "no xml", "<xml></xml>",
        "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><xml><Content>&a;</Content></xml>",
        "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><xml><Content>&b;</Content></xml>",
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?><xml></xml>", "<xml>" + String(repeating: "<a>", count: 3000),
    ])
    func hostileDocumentsAreNoMessages(_ xml: String) throws {
        let converser = ScriptedConverser()
        let door = door(converser)
        let answer = try plain(door, xml)
        #expect((answer.status == 400 || answer.text == "success") && converser.turns.isEmpty)
        #expect(!answer.text.contains("root:"))
    }

    @Test func anEntityIsNeverFetched() {
        let document = "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><xml><C>&a;</C></xml>"
        #expect(MessageXML.read(Array(document.utf8)) == nil)
        #expect(MessageXML.read([0x3C, 0xFF, 0x3E]) == nil)
        #expect(MessageXML.read(Array(repeating: 0x20, count: 70_000)) == nil)
        #expect(MessageXML.read(Array("<x><a>1</a><a>2</a><b>&lt;&#22909;</b></x>".utf8)) == ["a": "1", "b": "<好"])
    }

    /// Both sides by two implementations, both keys, texts of every length that padding meets.
    @Test func encryptedMessagesAreThoseOfWechatpy() async throws {
        let oracle = try await WeChatOracle.start()
        defer { oracle.stop() }
        let converser = ScriptedConverser { turn in
            guard case .words(let words) = turn.said else { return ScriptedConverser.told("x", turn) }
            return ScriptedConverser.told("答:" + words, turn)
        }
        let door = door(converser) { $0.isSafe = true }
        for (index, key) in [Self.key, Self.oldKey].enumerated() {
            for length in Array(1...34) + [200, 601] {
                let words = String(repeating: length % 2 == 0 ? "热" : "a", count: length)
                let id = "\(index * 10_000 + length)"
                let sent = try oracle.ask([
                    "do": "encrypt", "token": "tok", "key": key, "appid": "wx1", "text": message(words, id: id),
                    "nonce": "n\(length)", "timestamp": time,
                ])
                let outer = try #require(MessageXML.read(Array((sent["xml"] ?? "").utf8)))
                let query = [
                    "encrypt_type": "aes", "timestamp": time, "nonce": "n\(length)",
                    "msg_signature": outer["MsgSignature"] ?? "", "signature": "unused",
                ]
                let answer = try post(door, query, sent["xml"] ?? "")
                let sealed = try #require(MessageXML.read(answer.body), "\(length)")
                let read = try oracle.ask([
                    "do": "decrypt", "token": "tok", "key": key, "appid": "wx1", "xml": answer.text,
                    "signature": sealed["MsgSignature"] ?? "", "timestamp": sealed["TimeStamp"] ?? "",
                    "nonce": sealed["Nonce"] ?? "",
                ])
                let inner = MessageXML.read(Array((read["text"] ?? "").utf8))
                #expect(inner?["Content"] == "答:" + words, "\(length) with key \(index): \(read)")
                if length == 5 {
                    // One character of it changed.
                    var forged = sent["xml"] ?? ""
                    forged = forged.replacing(outer["Encrypt"]!, with: String(outer["Encrypt"]!.reversed()))
                    let refused = try post(door, query, forged)
                    #expect(refused.status == 403, "\(forged == sent["xml"]) \(refused.text)")
                }
            }
        }
        // Of another account, whose token and key are the same.
        let other = try oracle.ask([
            "do": "encrypt", "token": "tok", "key": Self.key, "appid": "wx2", "text": message("报修"), "nonce": "n",
            "timestamp": time,
        ])
        let outer = try #require(MessageXML.read(Array((other["xml"] ?? "").utf8)))
        let answer = try post(
            door,
            ["encrypt_type": "aes", "timestamp": time, "nonce": "n", "msg_signature": outer["MsgSignature"] ?? ""],
            other["xml"] ?? "")
        #expect(answer.status == 403)
        let checked = try oracle.ask([
            "do": "check", "token": "tok", "signature": door.crypto.signature(["1", "n"]), "timestamp": "1",
            "nonce": "n",
        ])
        #expect(checked["error"] == nil)
    }

    @Test func whatTakesTooLongComesLater() async throws {
        let service = try await WeChatService.start()
        defer { service.stop() }
        let api = AccountAPI(settings { $0.api = service.address }, pause: 1, now: { [clock] in clock.now })
        let gate = DispatchSemaphore(value: 0)
        let converser = ScriptedConverser { turn in
            gate.wait()
            return ScriptedConverser.told("迟到的回答", turn)
        }
        let door = door(converser, { $0.patience = 100 }, api: api)
        // Asked on threads: a message that comes again meanwhile joins the first.
        let answers = try await onThread { [self] in
            try (0..<2).map { _ in try plain(door, message("慢", id: "5")).text }
        }
        #expect(answers == ["success", "success"])
        gate.signal()
        try await until { try await service.calls().count == 1 }
        let first = try await service.calls().first
        let call = try #require(first)
        #expect(call.path == "/cgi-bin/message/custom/send" && call.text == "迟到的回答" && call.touser == "oUser-1")
        let again = try await onThread { [self] in try plain(door, message("慢", id: "5")).text }
        #expect(again == "success")
        #expect(converser.turns.count == 1)
    }

    @Test func theInterfaceIsAskedAsItsAnswersSay() async throws {
        let service = try await WeChatService.start()
        defer { service.stop() }
        let configured = settings {
            $0.api = service.address
            $0.templates = [
                .init(rule: "progress", id: "TPL", fields: [("thing1", "{{text}}"), ("phrase2", "{{state}}")]),
                .init(rule: "outage", id: "TPL2", send: .template, fields: [("thing1", "{{text}}")]),
            ]
        }
        let api = AccountAPI(configured, pause: 1, now: { [clock] in clock.now })
        // Nobody has said anything: nothing may be sent.
        #expect(throws: HearthError.self) { try api.send("x", to: "o1") }
        for (plan, isSent, calls) in [
            ("[0]", true, 1), ("[40001,0]", true, 2), ("[42001,42001]", false, 2), ("[-1,-1,0]", true, 3),
            ("[-1,-1,-1]", false, 3), ("[45015]", false, 1), ("[\"unavailable\",0]", true, 2),
            ("[\"nonsense\"]", false, 1),
            ("[\"close\"]", false, 1), ("[48001]", false, 1),
        ] {
            try await service.plan(plan)
            api.heard("o1")
            do {
                try api.send("好", to: "o1")
                #expect(isSent, "\(plan)")
            } catch {
                #expect(!isSent && !"\(error)".contains("s&cret") && !"\(error)".contains("好"), "\(plan) \(error)")
            }
            let count = try await service.calls().count
            #expect(count == calls, "\(plan)")
        }
        try await service.plan("[]")
        api.heard("o2")
        for _ in 0..<5 { try api.send("x", to: "o2") }
        #expect(throws: HearthError.self) { try api.send("x", to: "o2") }
        let sent = try await service.calls().count
        #expect(sent == 5)
        api.heard("o2")
        clock.pass(48 * 3600 + 1)
        #expect(throws: HearthError.self) { try api.send("x", to: "o2") }
        try await service.plan("[]")
        func notify(_ rule: String, _ values: [String: String]) -> String {
            Self.word(api.notify("o1", rule: rule, values: values, reference: "REF1"))
        }
        #expect(notify("progress", ["text": String(repeating: "修", count: 30), "state": "已出发"]) == "done")
        let told = try await service.calls().first
        #expect(
            told?.data["thing1"] == String(repeating: "修", count: 19) + "…" && told?.path.hasSuffix("bizsend") == true)
        #expect(notify("progress", ["text": "a", "state": "已经出发了呀"]) == "fault wechat.tooLong")
        #expect(notify("none", [:]) == "fault wechat.badTemplate")
        let all = try await service.calls().count
        #expect(all == 1)
        // A template message has a name of its own, by which WeChat knows a repeat.
        #expect(notify("outage", ["text": "停供"]) == "done")
        let named = try await service.calls().last
        #expect(named?.path == "/cgi-bin/message/template/send" && named?.client == "REF1")
        // What WeChat says is taken for what it is.
        for (plan, word, calls) in [
            ("[43101]", "declined wechat.refused", 1), ("[43004]", "declined wechat.refused", 1),
            ("[45009]", "later wechat.later", 1), ("[-1,-1,-1]", "later wechat.later", 3),
            ("[40001,42001]", "later wechat.later", 2), ("[40001,0]", "done", 2),
            ("[42001,43101]", "declined wechat.refused", 2),
            ("[47003]", "fault wechat.badTemplate", 1), ("[48001]", "fault wechat.badTemplate", 1),
            ("[\"close\"]", "unclear wechat.unclear", 1), ("[\"nonsense\"]", "unclear wechat.unclear", 1),
        ] {
            try await service.plan(plan)
            #expect(notify("outage", ["text": "停供"]) == word, "\(plan)")
            let count = try await service.calls().count
            #expect(count == calls, "\(plan)")
        }
    }

    private static func word(_ outcome: AccountAPI.Outcome) -> String {
        switch outcome {
        case .done: "done"
        case .declined(let error): "declined \(error.code.name)"
        case .later(let error): "later \(error.code.name)"
        case .fault(let error): "fault \(error.code.name)"
        case .unclear(let error): "unclear \(error.code.name)"
        }
    }

    /// Of several followers each is told once at most; once one has it nothing is sent again.
    @Test func followersOfAnAccountAreTold() async throws {
        let service = try await WeChatService.start()
        defer { service.stop() }
        let configured = settings {
            $0.api = service.address
            $0.templates = [.init(rule: "outage", id: "TPL", send: .template, fields: [("thing1", "{{text}}")])]
        }
        let keys = CookieKeys([])
        let troubles = Mutex<[String]>([])
        let sink = WeChatSink(AccountAPI(configured, pause: 1, now: { [clock] in clock.now }), keys: keys) { error in
            troubles.withLock { $0.append(error.code.name) }
        }
        let people = try ["o1", "o2", "o3"].map { try WeChatSink.address($0, keys: keys) }
        func send(_ people: [String]) -> String {
            let letter = ActionLetter(
                kind: .sendNotice, reference: "REF1",
                values: ["rule": "outage", "text": "停供", "followers": people.joined(separator: " ")])
            let outcome = sink.send(letter)
            #expect(!"\(outcome)".contains("o1") && !"\(outcome)".contains("停供"), "\(outcome)")
            return switch outcome {
            case .confirmed(_, let words): "confirmed \(words ?? "")"
            case .refused: "refused"
            case .notSent: "notSent"
            case .later: "later"
            case .unclear: "unclear"
            }
        }
        for (plan, expected, told) in [
            ("[0,0,0]", "confirmed told 3 of 3 followers", 3), ("[43101,0,0]", "confirmed told 2 of 3 followers", 3),
            ("[0,\"close\"]", "confirmed told 1 of 3 followers", 2), ("[\"close\",0]", "unclear", 1),
            ("[43101,45009]", "notSent", 2), ("[0,45009]", "confirmed told 1 of 3 followers", 2),
            ("[43101,43101,43004]", "refused", 3), ("[47003]", "refused", 1),
        ] {
            try await service.plan(plan)
            #expect(send(people) == expected, "\(plan)")
            let calls = try await service.calls()
            #expect(calls.map(\.touser) == Array(["o1", "o2", "o3"].prefix(told)), "\(plan)")
        }
        #expect(troubles.withLock { $0 } == ["wechat.badTemplate"])
        // Nobody is known, or by keys that are gone.
        #expect(send([]) == "refused")
        #expect(send([try CookieKeys([]).sealed("o1", for: "wechat address")]) == "refused")
        guard case .unanswerable = sink.probe(ActionLetter(kind: .sendNotice, reference: "R", values: [:])) else {
            Issue.record("WeChat can be asked nothing")
            return
        }
    }

    /// Turns that take long hold nobody up: who asks for them is let go at once, and told when they are there.
    @Test func slowTurnsHoldNoThread() async throws {
        let gate = DispatchSemaphore(value: 0)
        let converser = ScriptedConverser { turn in
            if case .words("慢") = turn.said { gate.wait() }
            return ScriptedConverser.told("答", turn)
        }
        let door = door(converser) { $0.patience = 4900 }
        let later = try #require(door.mounts.first { $0.method == .post }?.later)
        let answers = Mutex<[Int: Int]>([:])
        func ask(_ words: String, _ id: Int) {
            let request = WebRequest(
                .post, "/wechat", query: signed(door), body: Array(message(words, id: "\(id)").utf8))
            later(request) { _ in answers.withLock { $0[id, default: 0] += 1 } }
        }
        // All on this thread: were one waited for, none would ever be answered.
        for id in 0..<60 { ask("慢", id) }
        ask("快", 60)
        try await until { answers.withLock { $0[60] == 1 } }
        #expect(converser.turns.count == 1)
        for _ in 0..<60 { gate.signal() }
        try await until { answers.withLock { $0.count == 61 } }
        #expect(answers.withLock { $0.values.allSatisfy { $0 == 1 } })
    }

    /// A token that is over is replaced once, however many find that out at once: a second one would end the first.
    @Test func oneTokenIsFetchedForMany() async throws {
        let service = try await WeChatService.start()
        defer { service.stop() }
        let api = AccountAPI(settings { $0.api = service.address }, pause: 1, now: { [clock] in clock.now })
        let names = (0..<8).map { "o\($0)" }
        for name in names { api.heard(name) }
        try api.send("好", to: names[0])
        try await service.endTokens()
        try await service.plan("[" + Array(repeating: "\"newest\"", count: 40).joined(separator: ",") + "]")
        let failures = try await onThread {
            let found = Mutex<[String]>([])
            DispatchQueue.concurrentPerform(iterations: names.count) { index in
                do { try api.send("好", to: names[index]) } catch { found.withLock { $0.append("\(error)") } }
            }
            return found.withLock { $0 }
        }
        let fetched = try await service.tokens()
        #expect(failures == [] && fetched == 3)
    }

    @Test func longAnswersAreSeveralMessages() {
        let long = (0..<60).map { "第\($0)条:" + String(repeating: "供热", count: 30) }.joined(separator: "\n")
        let reply = AssistantReply(
            conversation: 1, messages: [ScriptedConverser.message("短"), ScriptedConverser.message(long)],
            holder: .assistant)
        let texts = MessageText.of(reply)
        #expect(texts.count > 2 && texts.allSatisfy { $0.utf8.count <= MessageText.mostBytes })
        #expect(texts.joined(separator: "\n").contains("第59条"))
        let one = AssistantReply(
            conversation: 1, messages: [ScriptedConverser.message(String(repeating: "热", count: 3000))],
            holder: .assistant)
        #expect(MessageText.of(one).allSatisfy { $0.utf8.count <= MessageText.mostBytes && !$0.isEmpty })
    }

    /// What a person says goes out once, as much as WeChat allows; the rest when the follower is heard again, whatever process is there by then.
    @Test func whatAPersonSaysIsBrought() async throws {
        let service = try await WeChatService.start()
        defer { service.stop() }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("wechat-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try SQLiteStore(path: folder + "/hearth.db", clock: { [clock] in clock.now.microseconds })
        let keys = CookieKeys([Array("0123456789abcdef0123456789abcdef".utf8)])
        // Each is a process: it knows what the store knows, and nothing else.
        func process() throws -> (api: AccountAPI, post: MessagePost, words: PersonsWords, worker: ActionWorker) {
            let api = AccountAPI(settings { $0.api = service.address }, pause: 1, now: { [clock] in clock.now })
            let zone = try #require(TimeZone(identifier: "Asia/Shanghai"))
            let gate = MessageGate(
                clock: CompanyClock(zone: zone) { [clock] in clock.now.microseconds }, quota: WeChatDoor.quota(keys))
            let sink = WeChatSink(api, keys: keys) { _ in }
            let post = MessagePost(
                store: store,
                systems: [ActionSystem(name: MessagePost.system(of: .wechat), sink: sink).gated(by: gate)])
            let words = PersonsWords(
                store: store, post: post, doors: [.init(.wechat, hours: 72) { WeChatDoor.parts(of: $0) }],
                now: { [clock] in clock.now }, onTrouble: { _ in })
            return (
                api, post, words,
                ActionWorker(post.outbox, now: { [clock] in clock.now.microseconds }, onError: { _ in })
            )
        }
        let id = try store.write { store in
            try store.openConversation(
                account: nil, channel: "wechat", language: "zh", isElderly: false, caller: "w"
            ).id
        }
        // As the assistant keeps a turn: the customer's words, and where they are found.
        let converser = ScriptedConverser(in: store) { turn in
            let key = Assistant.key(.wechat, turn.customer)
            try store.write { store in
                _ = try store.addTurn(
                    Turn(number: 0, speaker: .customer, at: .now, words: "好", caller: "c"), to: id)
                var mind = Mind()
                mind.address = turn.address
                _ = try store.putCustomerState(
                    Array(try JSONEncoder().encode(mind)), conversation: id, of: key,
                    replacing: try store.customerState(key)?.version ?? 0)
            }
            return AssistantReply(conversation: id.number, messages: [], holder: .waiting)
        }
        func write(_ words: String, _ message: String, _ process: (api: AccountAPI, post: MessagePost)) async throws {
            let door = WeChatDoor(
                settings(), converser: converser, keys: keys, post: process.post, api: process.api,
                now: { [clock] in clock.now })
            _ = try await onThread { [self] in try plain(door, self.message(words, id: message)) }
        }
        func say(_ words: String) throws {
            try store.write {
                _ = try $0.addTurn(Turn(number: 0, speaker: .human, at: .now, words: words, caller: "desk"), to: id)
            }
        }
        var (api, post, words, worker) = try process()
        #expect(try words.look() == 0)
        try await write("转人工", "1", (api, post))
        _ = try store.write {
            try $0.askHandOff(id, reason: "asked", afterTurn: 0, card: Array("{}".utf8), caller: "w")
        }
        clock.pass(1)
        for number in 1...7 { try say("第\(number)句") }
        #expect(try words.look() == 7 && words.look() == 0)
        for _ in 0..<20 {
            _ = try await onThread { [worker] in try worker.workOnDue() }
            clock.pass(10)
        }
        let first = try await service.calls()
        #expect(first.map(\.text) == (1...5).map { "第\($0)句" } && first.allSatisfy { $0.touser == "oUser-1" })
        // Another process, after a restart: what waits is kept, and goes once the follower has written.
        (api, post, words, worker) = try process()
        #expect(try words.look() == 0)
        _ = try await onThread { [worker] in try worker.workOnDue() }
        let before = try await service.calls().count
        #expect(before == 5)
        try await write("好的", "2", (api, post))
        try await until {
            _ = try await onThread { [worker] in try worker.workOnDue() }
            return try await service.calls().count == 7
        }
        let second = try await service.calls()
        #expect(second.map(\.text) == (1...7).map { "第\($0)句" })
        // WeChat itself says that it is too much: it waits, and is given up by nobody.
        try await service.plan("[45047,45047,45015,0]")
        try say("第8句")
        #expect(try words.look() == 1)
        for _ in 0..<60 {
            _ = try await onThread { [worker] in try worker.workOnDue() }
            clock.pass(10)
        }
        let third = try await service.calls()
        #expect(third.map(\.text) == Array(repeating: "第8句", count: 4))
        let states = try store.read { try $0.actions(ActionFilter(), before: nil, limit: 100).map(\.state) }
        #expect(states.count == 8 && states.allSatisfy { $0 == .confirmed }, "\(states)")
        // What got no clear answer is not sent again, and holds up nothing that follows.
        try await write("还有", "3", (api, post))
        try await service.plan("[\"close\",0]")
        try say("第9句")
        try say("第10句")
        #expect(try words.look() == 2)
        for _ in 0..<20 {
            _ = try await onThread { [worker] in try worker.workOnDue() }
            clock.pass(60)
        }
        let last = try await service.calls()
        #expect(last.map(\.text) == ["第9句", "第10句"])
        let dead = try store.read { try $0.actions(ActionFilter(isDead: true), before: nil, limit: 9) }
        #expect(dead.map(\.state) == [.unknown])
    }

    @Test func whilePersonSpeaksTheAccountIsSilent() throws {
        let converser = ScriptedConverser { _ in AssistantReply(conversation: 7, messages: [], holder: .person) }
        let door = door(converser)
        #expect(try plain(door, message("在吗")).text == "success")
        // The address goes with the turn, and nobody reads it but by the keys.
        let address = try #require(converser.turns.first?.address)
        #expect(!address.contains("oUser") && door.keys.opened(address, for: "wechat address") == "oUser-1")
    }
}
