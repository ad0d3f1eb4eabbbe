import Answers
import Foundation
import HeatModel
import Pages
import Setup
import Testing

@testable import Assistant
@testable import Hotline

/// Turns of a telephone call.
@Suite struct HotlineTests {
    private let clock = TestClock()
    private let converser = ScriptedConverser { turn in
        switch turn.said {
        case .words("转人工"): ScriptedConverser.told("为您转人工", turn, holder: .waiting)
        case .words("缴费"): ScriptedConverser.told("请输入供热编号,按井号键结束", turn, wants: .accountNumber)
        case .words("不热"):
            ScriptedConverser.told(
                "阀门开了吗", turn,
                choices: [.init(id: "yes", words: "开了", digit: 1), .init(id: "no", words: "没开", digit: 2)])
        case .words("坏"): throw Problem(.failed, "x", "x")
        default: ScriptedConverser.told("好的", turn)
        }
    }

    private func door() -> HotlineDoor {
        HotlineDoor(
            ChannelSettings.Hotline(), converser: converser, keys: CookieKeys([]), now: { [clock] in clock.now })
    }

    private func ask(_ door: HotlineDoor, _ number: Int, _ rest: String, call: String = "c1") throws -> HotlineAnswer {
        try door.answer(
            try HotlineTurn(Array("{\"call\":\"\(call)\",\"turn\":\(number),\(rest)}".utf8)), by: "token:1")
    }

    @Test func aCallIsGreetedAndAsked() throws {
        let door = door()
        let first = try ask(door, 0, "\"event\":\"answered\"")
        #expect(first.say.contains("缴费、报修,还是报停") && first.digits["1"] == "缴费" && first.transfer == nil)
        let pay = try ask(door, 1, "\"event\":\"digits\",\"digits\":\"1#\"")
        #expect(converser.turns.last?.said == .words("缴费") && pay.expects == .digits && pay.mostDigits == 20)
        _ = try ask(door, 2, "\"event\":\"digits\",\"digits\":\"01000045#\"")
        #expect(converser.turns.last?.said == .keys("01000045"))
        _ = try ask(door, 3, "\"event\":\"digits\",\"digits\":\"12345*#\"")
        #expect(converser.turns.last?.said == .keys("12345X"))
        let cold = try ask(door, 4, "\"event\":\"words\",\"words\":\"不热\",\"confidence\":90,\"barged_in\":true")
        #expect(cold.digits["2"] == "没开")
        _ = try ask(door, 5, "\"event\":\"digits\",\"digits\":\"2\"")
        #expect(converser.turns.last?.said == .choice("no"))
        #expect(Set(converser.turns.map(\.customer)).count == 1)
        #expect(try ask(door, 6, "\"event\":\"hungUp\"").say == "" && door.calls.count == 0)
    }

    @Test func zeroIsAPersonForOldPeople() throws {
        let door = door()
        _ = try ask(door, 0, "\"event\":\"answered\"")
        let answer = try ask(door, 1, "\"event\":\"digits\",\"digits\":\"0\"")
        #expect(answer.transfer?.isElderly == true && answer.transfer?.why == "asked" && answer.expects == .nothing)
        #expect(converser.turns.last?.said == .words("转人工") && converser.turns.last?.plain == true)
        let json = try #require(JSONSerialization.jsonObject(with: Data(answer.json)) as? [String: Any])
        #expect((json["transfer"] as? [String: Any])?["elderly"] as? Bool == true && json["barge_in"] as? Bool == false)
    }

    @Test func silenceTwiceIsAPerson() throws {
        let door = door()
        _ = try ask(door, 0, "\"event\":\"answered\"")
        let once = try ask(door, 1, "\"event\":\"silence\"")
        #expect(once.transfer == nil && once.say.hasPrefix("没有听到您的声音。") && once.say.contains("报停"))
        // Somebody speaks: it is counted anew.
        _ = try ask(door, 2, "\"event\":\"words\",\"words\":\"你好\"")
        #expect(try ask(door, 3, "\"event\":\"silence\"").transfer == nil)
        #expect(try ask(door, 4, "\"event\":\"digits\",\"digits\":\"#\"").transfer?.why == "silence")
    }

    @Test func whatIsNotUnderstoodTwiceIsAPerson() throws {
        let door = door()
        _ = try ask(door, 0, "\"event\":\"answered\"")
        #expect(try ask(door, 1, "\"event\":\"noMatch\"").say.hasPrefix("没有听清"))
        let low = try ask(door, 2, "\"event\":\"words\",\"words\":\"嗯\",\"confidence\":10")
        #expect(low.transfer?.why == "noMatch")
    }

    @Test func aRepeatGetsTheSameAndAnOldTurnNothing() throws {
        let door = door()
        _ = try ask(door, 0, "\"event\":\"answered\"")
        let answers = try (0..<3).map { _ in try ask(door, 1, "\"event\":\"words\",\"words\":\"不热\"") }
        #expect(converser.turns.count == 1 && Set(answers.map(\.json)).count == 1)
        #expect(throws: Problem.self) { try ask(door, 0, "\"event\":\"answered\"") }
        #expect(throws: Problem.self) { try ask(door, 1, "\"event\":\"words\",\"words\":\"别的\"") }
        // Calls of two systems are apart, whatever they call them.
        let turn = try HotlineTurn(Array("{\"call\":\"c1\",\"turn\":0,\"event\":\"answered\"}".utf8))
        #expect(try door.answer(turn, by: "token:2").transfer == nil)
    }

    @Test func aFailureIsAPerson() throws {
        let door = door()
        let answer = try ask(door, 0, "\"event\":\"words\",\"words\":\"坏\"")
        #expect(answer.transfer?.why == "failed" && answer.say.contains("请不要挂机"))
    }

    @Test(arguments: [
        "", "[]", "{}", "null", "{\"call\":1,\"turn\":0,\"event\":\"answered\"}",
        "{\"call\":\"c\",\"turn\":-1,\"event\":\"answered\"}", "{\"call\":\"c\",\"turn\":true,\"event\":\"answered\"}",
        "{\"call\":\"c\",\"turn\":1.5,\"event\":\"answered\"}", "{\"call\":\"c\",\"turn\":0,\"event\":\"x\"}",
        "{\"call\":\"c\",\"turn\":0,\"event\":\"answered\",\"x\":1}",
        "{\"call\":\"c\",\"turn\":0,\"event\":\"digits\",\"digits\":\"12a\"}",
        "{\"call\":\"c\",\"turn\":0,\"event\":\"words\",\"words\":[\"a\"]}",
        "{\"call\":\"c\",\"turn\":0,\"event\":\"words\",\"words\":\"a\",\"confidence\":101}",
        "{\"call\":\"\(String(repeating: "c", count: 200))\",\"turn\":0,\"event\":\"answered\"}",
    ])
    func wrongTurnsAreRefused(_ body: String) {
        #expect(throws: Problem.self) { try HotlineTurn(Array(body.utf8)) }
    }
}
