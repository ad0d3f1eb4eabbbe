import Answers
import Crypto
import Foundation
import HeatModel
import Pages
import Setup
import Synchronization
import Testing

@testable import Assistant
@testable import SMS

/// What comes by SMS, what goes back, and that two machines do not go on for ever.
@Suite struct SMSTests {
    private let clock = TestClock()
    private let converser = ScriptedConverser {
        if case .words("很长") = $0.said {
            return ScriptedConverser.told(String(repeating: "热", count: 1000), $0)
        }
        return ScriptedConverser.told("好的", $0)
    }

    private func door(_ change: (inout ChannelSettings.SMS) -> Void = { _ in }) -> SMSDoor {
        var settings = ChannelSettings.SMS()
        change(&settings)
        return SMSDoor(
            settings, converser: converser, ways: ways, keys: CookieKeys([]), rates: .init(ofProcess: 1000),
            now: { [clock] in clock.now })
    }

    /// Whose number is opted out; one number's customer has an account.
    private let numbers = Numbers()
    private final class Numbers: Sendable {
        private let list = Mutex<[String]>([])
        var all: [String] { list.withLock { $0 } }
        func add(_ phone: String) { list.withLock { $0.append(phone) } }
    }
    private var ways: SMSDoor.Ways {
        SMSDoor.Ways(
            isPressing: { words in ["着火了", "漏水了", "转人工"].contains { words.contains($0) } },
            optOut: { [numbers] phone, _, _ in
                if phone == "13900000001" { return false }
                numbers.add(phone)
                return true
            })
    }

    private func send(
        _ door: SMSDoor, _ words: String, id: String, phone: String = "+86 138-1234-5678",
        fields: [String: String] = [:]
    ) throws -> [String: Any] {
        let body = try JSONSerialization.data(withJSONObject: ["phone": phone, "text": words, "id": id])
        let all = fields.merging(["content-type": "application/json"]) { own, _ in own }
        let answer = try door.mounts[0].answer(
            WebRequest(.post, "/v1/sms/inbound", fields: all, body: Array(body)))
        return try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any] ?? [:]
    }

    @Test func wordsAreAnsweredShortAndOnce() throws {
        let door = door()
        for _ in 0..<3 { #expect(try send(door, "家里不热", id: "1")["reply"] as? String == "好的") }
        #expect(converser.turns.count == 1 && converser.turns[0].channel == .sms)
        #expect(!converser.turns[0].customer.contains("138") && !converser.turns[0].key.contains("138"))
        // The same person, however the number is written.
        _ = try send(door, "报修", id: "2", phone: "13812345678")
        #expect(Set(converser.turns.map(\.customer)).count == 1)
        let long = try send(door, "很长", id: "3")
        #expect(long["segments"] as? Int == 4 && long["cut"] as? Bool == true)
    }

    @Test(arguments: ["T", " td ", "退订", "TD。"])
    func optingOutIsSaidInWords(_ words: String) throws {
        // The customer of an account opts it out, by the assistant.
        _ = try send(door(), words, id: "1", phone: "139 0000 0001")
        #expect(converser.turns.last?.said == .words("退订提醒短信"))
        // Any other number opts itself out, as often as it says so, and past the hourly limit.
        let door = door { $0.perHour = 4 }
        for index in 0..<4 { _ = try send(door, "问题\(index)", id: "q\(index)") }
        let count = converser.turns.count
        let told = try send(door, words, id: "2")
        #expect((told["reply"] as? String)?.contains("已退订") == true, "\(told)")
        #expect(numbers.all == ["13812345678"] && converser.turns.count == count)
    }

    @Test func machinesAreNotAnswered() throws {
        let door = door { $0.own = ["10690000"] }
        #expect(try send(door, "【自动回复】我现在开会", id: "1")["silent"] as? String == "machine")
        #expect(try send(door, "您好", id: "2", phone: "10690000")["silent"] as? String == "own")
        let silent = try (3..<9).map { try send(door, "收到", id: "\($0)")["silent"] as? String }
        #expect(silent == [nil, nil, nil, "repeated", "repeated", "repeated"])
        #expect(converser.turns.count == 3)
    }

    /// What only machines write is always one's; what they write, too, is none where it is pressing.
    @Test(arguments: [
        ("【XX银行】验证码123456", true), ("机主无法接听您的来电", true), ("我在开会,稍后联系您", true),
        ("家里着火了!物业电话无法接听", false), ("漏水了,师傅说稍后联系您,一直没人", false),
        ("验证码收不到,转人工", false), ("着火了(自动回复)", true), ("AUTO-REPLY: 着火了", true),
        ("Auto-Reply: out of office", true), ("漏水了。本短信由系统发送,请勿回复", true), ("转人工 拒收请回复R", true),
    ])
    func machinesAreToldFromPeopleInDanger(_ words: String, _ isMachine: Bool) throws {
        let told = try send(door(), words, id: "1")
        #expect((told["silent"] as? String == "machine") == isMachine, "\(told)")
        #expect(converser.turns.isEmpty == isMachine)
    }

    @Test func aNumberGetsSoManyAnHour() throws {
        let door = door { $0.perHour = 6 }
        let silent = try (0..<8).map { try send(door, "问题\($0)", id: "\($0)")["silent"] as? String }
        // Three answers, and once that it is too much.
        #expect(silent.filter { $0 == nil }.count == 4 && silent.last == "limited")
        #expect(converser.turns.count == 3)
        clock.pass(3600)
        #expect(try send(door, "问题9", id: "9")["silent"] == nil)
    }

    @Test func dangerPassesEveryLimit() throws {
        let door = door { $0.perHour = 4 }
        let said = try (0..<5).map { try send(door, "问题\($0)", id: "\($0)") }
        #expect((said[2]["reply"] as? String)?.contains("太多") == true, "\(said)")
        #expect(said[3]["silent"] as? String == "limited" && said[4]["silent"] as? String == "limited")
        // The same words, over and over: nobody in danger thinks of others.
        for (index, words) in ["着火了", "漏水了", "转人工"].enumerated() {
            for turn in 0..<6 {
                #expect(try send(door, words, id: "\(index) \(turn)")["reply"] as? String == "好的", "\(words)")
            }
        }
        // A machine that sends back what it was sent gets nothing, whatever that says.
        #expect(try send(door, "好 的", id: "e")["silent"] as? String == "echo")
        // An hour later the limit is told again.
        clock.pass(3600)
        let later = try (0..<4).map { try send(door, "再问\($0)", id: "l\($0)") }
        #expect((later[2]["reply"] as? String)?.contains("太多") == true && later[3]["silent"] as? String == "limited")
    }

    @Test func whoWritesMuchIsAnswered() throws {
        #expect(try send(door(), String(repeating: "热", count: 5000), id: "1")["reply"] as? String == "好的")
        #expect(converser.turns.last?.said == .words(String(repeating: "热", count: 1000)))
    }

    @Test func whatIsNotSignedIsNotTaken() throws {
        let secret = Array("0123456789abcdef01234567".utf8)
        let door = door { $0.secret = secret }
        #expect(door.mounts[0].scopes.isEmpty && self.door().mounts[0].scopes == [.assistant])
        let body = Array("{\"phone\":\"13812345678\",\"text\":\"你好\",\"id\":\"1\"}".utf8)
        func post(_ time: Int64, _ signature: String) throws -> WebAnswer {
            try door.mounts[0].answer(
                WebRequest(
                    .post, "/v1/sms/inbound",
                    fields: [
                        "content-type": "application/json", "x-sms-timestamp": "\(time)", "x-sms-signature": signature,
                    ], body: body))
        }
        func sign(_ time: Int64) -> String {
            HMAC<SHA256>.authenticationCode(for: Data("\(time).".utf8) + body, using: SymmetricKey(data: secret)).map {
                String(($0 >> 4), radix: 16) + String($0 & 15, radix: 16)
            }.joined()
        }
        let now = clock.now.microseconds / 1_000_000
        #expect(try post(now, sign(now)).status == 200)
        #expect(throws: Problem.self) { try post(now, sign(now - 1)) }
        #expect(throws: Problem.self) { try post(now - 301, sign(now - 301)) }
        #expect(throws: Problem.self) { try post(now, "") }
        for time in [Int64.min, .max, 0, now + 301] {
            #expect(throws: Problem.self) { try post(time, sign(time)) }
        }
        #expect(converser.turns.count == 1)
    }

    @Test(arguments: [
        "", "[]", "{\"phone\":1,\"id\":\"1\"}", "{\"phone\":\"abc\",\"text\":\"x\",\"id\":\"1\"}",
        "{\"phone\":\"13812345678\",\"text\":\"x\"}",
    ])
    func brokenMessagesAreRefused(_ body: String) {
        #expect(throws: Problem.self) {
            try door().mounts[0].answer(
                WebRequest(
                    .post, "/v1/sms/inbound", fields: ["content-type": "application/json"], body: Array(body.utf8)))
        }
    }
}
