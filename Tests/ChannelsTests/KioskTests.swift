import Foundation
import HeatModel
import Pages
import Setup
import Testing

@testable import Assistant
@testable import Kiosk

/// The terminal: what is pressed, what is read aloud, and that nothing of one customer is the next one's.
@Suite struct KioskTests {
    private let clock = TestClock()

    private func door(
        _ converser: any Converser, _ change: (inout ChannelSettings.Kiosk) -> Void = { _ in }
    ) -> KioskDoor {
        var settings = ChannelSettings.Kiosk()
        settings.speaker = nil
        change(&settings)
        return KioskDoor(
            settings, company: "供热服务", converser: converser, keys: CookieKeys([]), rates: .init(ofProcess: 1000),
            isSecure: false,
            now: { [clock] in clock.now })
    }

    private func form(_ page: WebAnswer, _ mark: String, _ more: [String: String]) -> [String: String] {
        var form = more
        for name in ["token", "key", "first"] where form[name] == nil {
            if name == "first", mark != "class=\"big\"" { continue }
            form[name] = page.hidden(name, after: mark)
        }
        return form
    }

    private let asking = ScriptedConverser { turn in
        switch turn.said {
        case .keys(let keys): ScriptedConverser.told("编号 \(keys) 还应缴 100 元", turn)
        default: ScriptedConverser.told("请输入供热编号", turn, wants: .accountNumber)
        }
    }

    @Test func threeBigButtonsAndAPad() throws {
        let browser = Browser(door(asking).mounts)
        let first = try browser.get("/kiosk")
        for words in ["缴费", "报修", "报停"] { #expect(first.text.contains("value=\"\(words)\">\(words)</button>")) }
        #expect(first.text.contains("content=\"60;url=/kiosk\"") && first.text.contains("data-say=\"请问您要办"))
        let pad = try browser.post("/kiosk", form(first, "class=\"big\"", ["words": "缴费"]))
        #expect(pad.text.contains("# 完成") && pad.text.contains("data-digit=\"0\""))
        #expect(asking.turns.last?.plain == true && asking.turns.last?.channel == .kiosk)
        let answered = try browser.post("/kiosk", form(pad, "class=\"pad\"", ["digits": "01000045#"]))
        #expect(answered.text.contains("大字:编号 01000045 还应缴 100 元") && asking.turns.last?.said == .keys("01000045"))
        #expect(Set(asking.turns.map(\.customer)).count == 1)
    }

    @Test func theNextCustomerIsAnother() throws {
        let converser = ScriptedConverser()
        let browser = Browser(door(converser).mounts)
        let screen = try browser.get("/kiosk")
        // The same screen, whose forms are never fetched anew: pressed by one, left alone, pressed by another.
        let first = form(screen, "class=\"big\"", ["words": "缴费"])
        let answered = try browser.post("/kiosk", first)
        clock.pass(61)
        _ = try browser.post("/kiosk", first)
        #expect(converser.turns.count == 2 && Set(converser.turns.map(\.customer)).count == 2)
        // What the first one's screen still sends is nobody's.
        let late = try browser.post("/kiosk", form(answered, "class=\"write\"", ["words": "我的账单"]))
        #expect(late.status == 403 && late.text.contains("请重新开始") && converser.turns.count == 2)
    }

    @Test func twoTapsAreOneVisitAndOneTurn() throws {
        let converser = ScriptedConverser()
        let browser = Browser(door(converser).mounts)
        let first = form(try browser.get("/kiosk"), "class=\"big\"", ["words": "报修"])
        let answers = try (0..<4).map { _ in try browser.post("/kiosk", first) }
        #expect(converser.turns.count == 1 && answers.allSatisfy { $0.status == 200 })
    }

    @Test func aVisitEndsAfterAMinute() throws {
        let browser = Browser(door(asking).mounts)
        let pad = try browser.post("/kiosk", form(try browser.get("/kiosk"), "class=\"big\"", ["words": "缴费"]))
        clock.pass(61)
        let late = try browser.post("/kiosk", form(pad, "class=\"pad\"", ["digits": "01000045"]))
        #expect(late.status == 403 && !late.text.contains("100 元") && late.text.contains("class=\"big\""))
        let ended = try browser.post(
            "/kiosk", ["end": "1", "key": late.hidden("key") ?? "", "token": late.hidden("token") ?? ""])
        #expect(ended.text.contains("class=\"big\"") && ended.text.contains("<template id=\"first\">"))
    }

    @Test func whatIsWrongIsAnsweredWithAScreen() throws {
        let browser = Browser(door(asking).mounts)
        let pad = try browser.post("/kiosk", form(try browser.get("/kiosk"), "class=\"big\"", ["words": "缴费"]))
        for digits in ["", "#", "12ab", String(repeating: "1", count: 40), "<script>"] {
            let answer = try browser.post("/kiosk", form(pad, "class=\"pad\"", ["digits": digits]))
            #expect(answer.status == 200 && answer.text.contains("请按数字键") && !answer.text.contains("<script>x"))
        }
        let count = asking.turns.count
        #expect(try browser.post("/kiosk", form(pad, "class=\"pad\"", ["token": "x", "digits": "1"])).status == 403)
        #expect(try browser.post("/kiosk", ["words": "缴费"]).text.contains("class=\"big\""))
        #expect(try browser.post("/kiosk", bytes: [0xFF]).text.contains("class=\"big\""))
        browser.fields = ["sec-fetch-site": "cross-site"]
        #expect(try browser.post("/kiosk", form(pad, "class=\"pad\"", ["digits": "1"])).status == 403)
        #expect(asking.turns.count == count)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/espeak-ng")))
    func whatStandsThereIsReadAloudAndNothingElse() throws {
        let browser = Browser(door(asking) { $0.speaker = "/usr/bin/espeak-ng" }.mounts)
        let first = try browser.get("/kiosk")
        let signed = try #require(
            first.text.firstMatch(of: /data-signed="([^"]*)"/).map { String($0.1).replacing("&quot;", with: "\"") })
        let sound = try browser.post("/kiosk/say", ["say": signed])
        #expect(sound.status == 200 && sound.body.starts(with: "RIFF".utf8) && sound.body.count > 10_000)
        #expect(try browser.post("/kiosk/say", ["say": "任何话"]).status == 404)
        #expect(try browser.post("/kiosk/say", ["say": signed + "x"]).status == 404)
    }

    @Test func aSpeakerThatHangsOrLiesIsLeft() throws {
        let folder = FileManager.default.temporaryDirectory.path
        #expect(Voice(program: folder + "/none") == nil)
        for script in ["cat >/dev/null; echo no sound", "trap '' TERM; exec sleep 600"] {
            let path = folder + "/speaker-\(UUID().uuidString)"
            try "#!/bin/sh\n\(script)".write(toFile: path, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
            defer { try? FileManager.default.removeItem(atPath: path) }
            let voice = try #require(Voice(program: path, within: 0.5))
            #expect(voice.sound(of: "您好", now: clock.now) == nil, "\(script)")
        }
    }
}
