import Answers
import Foundation
import Pages
import Setup
import Testing

@testable import Hotline
@testable import SMS

/// What a telephone system or an SMS gateway sends is checked as every other body: a reader that takes what it likes decides nothing.
@Suite struct BodyTests {
    private static let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)

    @Test(arguments: [
        "{\"call\":\"c\",\"turn\":0,\"event\":\"answered\",\"turn\":1}",
        "{\"call\":\"c\",\"turn\":0,\"event\":\"answered\",\"\\u0074urn\":1}",
        "{\"call\":\"c\",\"turn\":0,\"event\":\"answered\"} {}", "{\"call\":\"c\",\"turn\":0,\"event\":\"answered\"}x",
        "{\"call\":\"c\",\"turn\":0,\"event\":\"answered\"}\u{0}",
        "{\"call\":\"c\",\"turn\":0,\"event\":\"words\",\"words\":\(deep)}",
        "{\"call\":null,\"turn\":0,\"event\":\"answered\"}",
        "{\"call\":\"c\",\"turn\":0,\"event\":\"answered\",\"barged_in\":1}",
    ])
    func aTurnThatSaysTwoThingsIsRefused(body: String) {
        #expect(throws: Problem.self) { try HotlineTurn(Array(body.utf8)) }
    }

    @Test func aTurnIsReadAsItStands() throws {
        let turn = try HotlineTurn(
            Array("{\"call\":\"c\",\"turn\":3,\"event\":\"words\",\"words\":\"不热\",\"digits\":null,\"barged_in\":true}".utf8))
        #expect(turn.call == "c" && turn.number == 3 && turn.event == .words && turn.words == "不热" && turn.digits == nil)
    }

    @Test(arguments: [
        "{\"phone\":\"13812345678\",\"phone\":\"13900000000\",\"text\":\"你好\",\"id\":\"1\"}",
        "{\"phone\":\"13812345678\",\"text\":\"你好\",\"id\":\"1\"}{}",
        "{\"phone\":\"13812345678\",\"text\":\"你好\",\"id\":\"1\",\"more\":\(deep)}", "[]", "{\"phone\":",
    ])
    func aMessageThatSaysTwoThingsIsRefused(body: String) throws {
        let converser = ScriptedConverser { ScriptedConverser.told("好的", $0) }
        let clock = TestClock()
        let door = SMSDoor(
            ChannelSettings.SMS(), converser: converser,
            ways: SMSDoor.Ways(isPressing: { _ in false }, optOut: { _, _, _ in true }), keys: CookieKeys([]),
            rates: .init(ofProcess: 1000), now: { clock.now })
        #expect(throws: Problem.self) {
            try door.mounts[0].answer(
                WebRequest(
                    .post, "/v1/sms/inbound", fields: ["content-type": "application/json"], body: Array(body.utf8)))
        }
        #expect(converser.turns.isEmpty)
    }
}
