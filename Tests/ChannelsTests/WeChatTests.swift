import Foundation
import HeatModel
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
        WeChatDoor(settings(change), converser: converser, api: api, now: { [clock] in clock.now })
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
                .init(rule: "progress", id: "TPL", fields: [("thing1", "{{text}}"), ("phrase2", "{{state}}")])
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
        try api.notify("o1", rule: "progress", values: ["text": String(repeating: "修", count: 30), "state": "已出发"])
        let told = try await service.calls().first
        #expect(told?.data["thing1"] == String(repeating: "修", count: 19) + "…")
        #expect(throws: HearthError.self) {
            try api.notify("o1", rule: "progress", values: ["text": "a", "state": "已经出发了呀"])
        }
        #expect(throws: HearthError.self) { try api.notify("o1", rule: "none", values: [:]) }
        let all = try await service.calls().count
        #expect(all == 1)
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

    @Test func whatAPersonSaysIsBrought() async throws {
        let service = try await WeChatService.start()
        defer { service.stop() }
        let api = AccountAPI(settings { $0.api = service.address }, pause: 1, now: { [clock] in clock.now })
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("wechat-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try SQLiteStore(path: folder + "/hearth.db")
        let (id, handOff) = try store.write { store in
            let made = try store.openConversation(
                account: nil, channel: "wechat", language: "zh", isElderly: false, caller: "w")
            return (
                made.id,
                try store.askHandOff(made.id, reason: "asked", afterTurn: 0, card: Array("{}".utf8), caller: "w").id
            )
        }
        let converser = ScriptedConverser {
            ScriptedConverser.told("为您转人工", $0, conversation: id.number, holder: .waiting)
        }
        let door = WeChatDoor(
            settings(), converser: converser, store: store, api: api, now: { [clock] in clock.now })
        _ = try plain(door, message("转人工"))
        #expect(try door.bringNews() == 0)
        try store.write { store in
            for (speaker, words) in [(Turn.Speaker.human, "我是客服"), (.customer, "在吗"), (.human, "在的")] {
                _ = try store.addTurn(Turn(number: 0, speaker: speaker, at: .now, words: words, caller: "desk"), to: id)
            }
        }
        #expect(try door.bringNews() == 2)
        // Once, and no more once it is closed.
        #expect(try door.bringNews() == 0)
        let calls = try await service.calls()
        #expect(calls.map(\.text) == ["我是客服", "在的"] && calls.allSatisfy { $0.touser == "oUser-1" })
        try store.write { store in
            _ = try store.claimHandOff(handOff, owner: "desk", idleSeconds: 1)
            _ = try store.closeHandOff(handOff, owner: "desk", outcome: "resolved", note: nil)
        }
        #expect(try door.bringNews() == 0)
        #expect(door.follower(of: id.number)?.isWithPerson == false)
    }

    @Test func whilePersonSpeaksTheAccountIsSilent() throws {
        let converser = ScriptedConverser { _ in AssistantReply(conversation: 7, messages: [], holder: .person) }
        let door = door(converser)
        #expect(try plain(door, message("在吗")).text == "success")
        #expect(door.follower(of: 7)?.openID == "oUser-1")
    }
}
