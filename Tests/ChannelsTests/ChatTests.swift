import Attachments
import Foundation
import HearthTesting
import HeatModel
import Pages
import SQLiteStore
import Setup
import Store
import Synchronization
import Testing

@testable import Assistant
@testable import Chat

/// The chat page as a browser without a script uses it, and as those use it who mean no good.
@Suite struct ChatTests {
    private let clock = TestClock()

    private func door(
        _ converser: any Converser, _ store: any Store, _ change: (inout ChannelSettings.Chat) -> Void = { _ in },
        keys: CookieKeys = CookieKeys([]), tell: @escaping ChatDoor.Tell = { _, _ in }
    ) -> ChatDoor {
        var settings = ChannelSettings.Chat()
        change(&settings)
        return ChatDoor(
            settings, company: "<b>供热</b>", converser: converser, store: store, keys: keys, isSecure: false,
            tell: tell, isPressing: { $0.hasPrefix("着火了") }, now: { [clock] in clock.now })
    }

    private func say(_ words: String, _ page: WebAnswer, _ browser: Browser, more: [String: String] = [:]) throws
        -> WebAnswer
    {
        try browser.post(
            "/chat",
            ["token": page.hidden("token") ?? "", "key": page.hidden("key", after: "id=\"say\"") ?? "", "words": words]
                .merging(more) { $1 })
    }

    /// A photo becomes a turn with what is kept of it; what is none, too much, or not from the page becomes none.
    @Test func aPhotoIsATurn() throws {
        try withStore { store in
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
                "chat-photos-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: folder) }
            let converser = ScriptedConverser()
            var settings = ChannelSettings.Chat()
            settings.takesPhotos = true
            let photos = AttachmentFolder(AttachmentSettings(folder: folder.path), store: store)
            let door = ChatDoor(
                settings, company: "供热", converser: converser, store: store, keys: CookieKeys([]), isSecure: false,
                photos: photos, isPressing: { _ in false }, now: { [clock] in clock.now })
            let browser = Browser(door.mounts)
            let page = try browser.get("/chat")
            #expect(page.text.contains("id=\"photo\""))
            let (token, key) = (page.hidden("token") ?? "", page.hidden("key", after: "id=\"say\"") ?? "")
            func send(_ bytes: [UInt8], _ type: String, token: String = token, key: String = key) throws -> WebAnswer {
                browser.fields = ["content-type": type, "x-form-token": token, "x-form-key": key]
                defer { browser.fields = [:] }
                return try browser.post("/chat/photo", bytes: bytes)
            }
            let photo = SamplePhotos.jpeg()
            let before = converser.turns.count
            let told = try send(photo, "image/jpeg")
            #expect(told.status == 200 && told.text.contains("[照片]"), "\(told.text)")
            let turn = try #require(converser.turns.last)
            let attachment = try #require(turn.attachments.first)
            #expect(turn.said == .words("") && turn.attachments.count == 1 && attachment.mediaType == "image/jpeg")
            #expect(attachment.address.hasSuffix(attachment.sha256))
            // Sent twice it is one turn, and where it was taken is not kept.
            #expect(try send(photo, "image/jpeg").status == 200)
            #expect(converser.turns.count == before + 1)
            let files = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
            let kept = files.filter { $0.contains(attachment.sha256) }
            let name = try #require(kept.first)
            #expect(SamplePhotos.holdsNone(Array(try Data(contentsOf: folder.appendingPathComponent(name)))))
            for (bytes, type, status): ([UInt8], String, Int) in [
                (Array("<svg onload=alert(1)>".utf8), "image/jpeg", 415), (SamplePhotos.png(), "image/jpeg", 415),
                (photo, "image/svg+xml", 415), (Array(photo.prefix(20)), "image/jpeg", 415), ([], "image/png", 415),
            ] {
                let refused = try send(bytes, type)
                #expect(refused.status == status && refused.text.contains("role=\"alert\""), "\(type) \(bytes.count)")
            }
            #expect(try send(photo, "image/jpeg", token: "x").status == 403)
            #expect(try send(photo, "image/jpeg", key: "../../x").status == 400)
            #expect(converser.turns.count == before + 1)
            // Where no photo is taken there is no way to send one.
            let closed = Browser(self.door(converser, store).mounts)
            #expect(try !closed.get("/chat").text.contains("id=\"photo\""))
        }
    }

    @Test func aCustomerAsksAndIsAnswered() throws {
        try withStore { store in
            let converser = ScriptedConverser { turn in
                if case .words = turn.said {
                    return ScriptedConverser.told(
                        "还应缴 1,846.40 元。", turn,
                        choices: [.init(id: "pay", words: "去缴费"), .init(id: "why", words: "为什么")])
                }
                return ScriptedConverser.told("您好", turn)
            }
            let browser = Browser(door(converser, store).mounts)
            let first = try browser.get("/chat")
            #expect(first.status == 200 && first.text.contains("lang=\"zh-CN\"") && first.text.contains("您好"))
            #expect(first.text.contains("&lt;b&gt;供热&lt;/b&gt;"))
            let policy = try #require(first.header("Content-Security-Policy"))
            #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
            #expect(
                !first.text.contains(" style=\"") && !first.text.contains(" onclick")
                    && !first.text.contains("<script>"))
            let answered = try say("这个月热费多少", first, browser)
            #expect(answered.text.contains("这个月热费多少") && answered.text.contains("还应缴 1,846.40 元。"))
            let pressed = try browser.post(
                "/chat",
                [
                    "token": answered.hidden("token") ?? "",
                    "key": answered.hidden("key", after: "class=\"choices\"") ?? "",
                    "choice": "why",
                ])
            #expect(pressed.text.contains("为什么") && converser.turns.last?.said == .choice("why"))
            #expect(Set(converser.turns.map(\.customer)).count == 1 && converser.turns.count == 3)
            // Who comes back sees what was said.
            #expect(try browser.get("/chat").text.contains("还应缴 1,846.40 元。") && converser.turns.count == 3)
        }
    }

    /// What is told without being asked is put into the conversation as the page fetches it, and shown at once.
    @Test func whatIsToldIsFetched() throws {
        try withStore { store in
            let id = try store.write {
                try $0.openConversation(account: nil, channel: "web", language: "zh", isElderly: false, caller: "c").id
            }
            let converser = ScriptedConverser { ScriptedConverser.told("您好", $0, conversation: id.number) }
            let asked = Mutex<[(CustomerKey, ConversationID)]>([])
            let browser = Browser(
                door(
                    converser, store,
                    tell: { customer, conversation in
                        let isFirst = asked.withLock { asked in
                            asked.append((customer, conversation))
                            return asked.count == 1
                        }
                        if !isFirst { return }
                        try? store.write { store in
                            for (words, intent) in [("师傅已出发", "notice.progress"), ("别的", "money.due")] {
                                _ = try store.addTurn(
                                    Turn(
                                        number: 0, speaker: .assistant, at: .now, words: words, intent: intent,
                                        caller: "notices"), to: conversation)
                            }
                        }
                    }
                ).mounts)
            // Without a visit there is nobody who fetches.
            _ = try browser.get("/chat/news")
            #expect(asked.withLock { $0.isEmpty })
            let page = try browser.get("/chat")
            #expect(page.text.contains("师傅已出发") && !page.text.contains("别的"))
            let customer = try #require(converser.turns.first).customer
            let first = try #require(asked.withLock { $0.first })
            #expect(first.0 == Assistant.key(.chat, customer) && first.1 == id)
            // Once, also where the page asks from the beginning.
            let news = try browser.get("/chat/news", ["after": "0"])
            #expect(news.text.components(separatedBy: "师傅已出发").count == 2)
            let none = try browser.get("/chat/news", ["after": "2"])
            #expect(!none.text.contains("师傅已出发"))
        }
    }

    @Test func aPersonsNumberIsNotShown() throws {
        try withStore { store in
            let converser = ScriptedConverser { ScriptedConverser.told("请输入身份证后6位", $0, wants: .idLastSix) }
            let browser = Browser(door(converser, store).mounts)
            let answered = try say("12345X", try browser.get("/chat"), browser)
            #expect(converser.turns.last?.said == .words("12345X"))
            #expect(!answered.text.contains("12345X") && answered.text.contains("••••••"))
        }
    }

    @Test func twoTapsAreOneTurn() throws {
        try withStore { store in
            let converser = ScriptedConverser()
            let browser = Browser(door(converser, store).mounts)
            let first = try browser.get("/chat")
            let answers = try (0..<5).map { _ in try say("报修", first, browser) }
            #expect(converser.turns.count == 2 && answers.allSatisfy { $0.status == 200 })
            #expect(answers.allSatisfy { $0.text.components(separatedBy: "<p>报修</p>").count == 2 })
            // The same form with other words is another turn.
            _ = try say("缴费", first, browser)
            #expect(converser.turns.count == 3)
        }
    }

    @Test func whatIsForgedIsNotTaken() throws {
        try withStore { store in
            let converser = ScriptedConverser()
            let door = door(converser, store)
            let (browser, other) = (Browser(door.mounts), Browser(door.mounts))
            let (first, theirs) = (try browser.get("/chat"), try other.get("/chat"))
            let begun = converser.turns.count
            #expect(try say("a", theirs, browser).status == 403, "another session's token")
            #expect(try say("a", first, browser, more: ["token": ""]).status == 403)
            #expect(try browser.post("/chat", ["words": "a"]).status == 403)
            #expect(try Browser(door.mounts).post("/chat", ["words": "a"]).status == 403, "no cookie")
            #expect(try say("a", first, browser, more: ["key": "../../x"]).status == 400)
            #expect(try say("", first, browser, more: ["choice": "a b"]).status == 400)
            #expect(try say("", first, browser, more: ["choice": String(repeating: "a", count: 65)]).status == 400)
            browser.fields = ["sec-fetch-site": "cross-site"]
            #expect(try say("a", first, browser).status == 403)
            browser.fields = ["origin": "https://evil.example"]
            #expect(try say("a", first, browser).status == 403)
            browser.fields = [:]
            let cookie = browser.cookies["hearth_chat"]!
            for forged in ["", "x", cookie + "A", "1!abc!0!0!-." + cookie.suffix(43), String(cookie.dropFirst())] {
                browser.cookies["hearth_chat"] = forged
                #expect(try say("a", first, browser).status == 403, "\(forged)")
            }
            #expect(converser.turns.count == begun)
        }
    }

    @Test(arguments: [[0xFF, 0xFE], Array("words=%ED%A0%80".utf8), Array("words=a&words=b".utf8), Array("%".utf8)])
    func brokenBytesAreAnsweredWithAPage(_ body: [UInt8]) throws {
        try withStore { store in
            let browser = Browser(door(ScriptedConverser(), store).mounts)
            _ = try browser.get("/chat")
            let answer = try browser.post("/chat", bytes: body)
            #expect((400..<404).contains(answer.status) && answer.text.contains("请重新打开"))
        }
    }

    @Test func hostileWordsAreShownAsWords() throws {
        try withStore { store in
            let hostile = "<img src=x onerror=alert(1)>\"'><script>x</script>"
            let converser = ScriptedConverser { turn in
                AssistantReply(
                    conversation: 1,
                    messages: [
                        ScriptedConverser.message(
                            hostile,
                            steps: [.init(words: hostile, picture: "../../etc/passwd", pictureWords: hostile)],
                            choices: [.init(id: hostile, words: hostile)],
                            chart: .init(title: hostile, bars: [.init(label: hostile, fen: .max, words: hostile)]),
                            link: .init(words: hostile, address: "javascript:alert(1)"))
                    ], holder: .assistant)
            }
            let browser = Browser(door(converser, store).mounts)
            let first = try browser.get("/chat")
            let answer = try say(hostile, first, browser)
            for text in [first.text, answer.text] {
                #expect(!text.contains("<script>") && !text.contains("<img src=x") && !text.contains("javascript:"))
                #expect(!text.contains("passwd"))
            }
            #expect(answer.text.contains("&lt;script&gt;"))
        }
    }

    @Test func wordsThatAreNoneAndTooManyAreAnsweredKindly() throws {
        try withStore { store in
            let converser = ScriptedConverser()
            let browser = Browser(door(converser, store).mounts)
            let first = try browser.get("/chat")
            #expect(try say(" \u{200B}\n\u{0}", first, browser).text.contains("您还没有写内容"))
            let long = try say(String(repeating: "热", count: 1001), first, browser)
            #expect(long.status == 413 && long.text.contains("内容太长了"))
            _ = try say("  家里\u{202E}不热\r\n", first, browser)
            #expect(converser.turns.last?.said == .words("家里不热"))
        }
    }

    @Test func whoIsTooFastIsToldSoAndNothingIsLost() throws {
        try withStore { store in
            let converser = ScriptedConverser()
            let browser = Browser(door(converser, store) { $0.perSession = 6 }.mounts)
            var page = try browser.get("/chat")
            for _ in 0..<3 { page = try say("a\(converser.turns.count)", page, browser) }
            let fast = try say("b", page, browser)
            #expect(fast.status == 429 && fast.text.contains("您说得太快了"))
            // Danger is not told to wait; a button is no words.
            let count = converser.turns.count
            let danger = try say("着火了", page, browser)
            #expect(danger.status == 200 && converser.turns.count == count + 1)
            #expect(converser.turns.last?.said == .words("着火了"))
            #expect(try say("c", page, browser).status == 429)
            // What no person writes in a minute has an end all the same.
            let many = try (0..<60).map { try say("着火了\($0)", page, browser).status }
            #expect(many.contains(429) && many.first == 200)
            clock.pass(60)
            #expect(try say("b", page, browser).status == 200)
            // Of one address not more than so many visits begin.
            let crowd = door(converser, store) { $0.perAddress = 10 }
            let statuses = try (0..<8).map { _ in try Browser(crowd.mounts).get("/chat").status }
            #expect(statuses.filter { $0 == 429 }.count == 3)
        }
    }

    private final class Failures: Sendable {
        private let list = Mutex<[String]>([])
        var all: [String] { list.withLock { $0 } }
        func add(_ one: String) { list.withLock { $0.append(one) } }
    }

    @Test func aFailureIsNoErrorPage() throws {
        try withStore { store in
            struct Broken: Error {}
            let isBroken = TestClock()
            let converser = ScriptedConverser { [start = clock.now] turn in
                if isBroken.now > start { throw Broken() }
                return ScriptedConverser.told("您好", turn)
            }
            let failures = Failures()
            let watched = WatchedConverser(converser) { error, turn in
                failures.add("\(turn.channel.rawValue) \(error is Broken)")
            }
            let browser = Browser(door(watched, store).mounts)
            let first = try browser.get("/chat")
            isBroken.pass(1)
            let failed = try say("报修", first, browser)
            #expect(failed.status == 503 && failed.text.contains("请再发一次") && failed.text.contains("id=\"say\""))
            // The customer is told what to do, and the program why.
            #expect(failures.all == ["chat true"])
            isBroken.pass(-1)
            #expect(try say("报修", first, browser).status == 200)
        }
    }

    @Test func whatAPersonSaysIsShown() throws {
        try withStore { store in
            let id = try store.write { store in
                let made = try store.openConversation(
                    account: nil, channel: "web", language: "zh", isElderly: false, caller: "chat")
                _ = try store.askHandOff(
                    made.id, reason: "asked", afterTurn: 0, card: Array("{}".utf8), caller: "chat")
                return made.id
            }
            let converser = ScriptedConverser {
                ScriptedConverser.told("为您转人工", $0, conversation: id.number, holder: .waiting)
            }
            let browser = Browser(door(converser, store).mounts)
            let first = try browser.get("/chat")
            #expect(first.text.contains("已为您转人工"))
            try store.write { store in
                for (speaker, words) in [(Turn.Speaker.human, "我是<b>客服</b>"), (.assistant, "自己说过的")] {
                    _ = try store.addTurn(
                        Turn(number: 0, speaker: speaker, at: .now, words: words, caller: "desk"), to: id)
                }
                _ = try store.addTurn(
                    Turn(
                        number: 0, speaker: .assistant, at: .now, words: "师傅已出发", intent: "notice.progress",
                        caller: "notices"), to: id)
            }
            let news = try browser.get("/chat/news", ["after": "1"])
            #expect(news.text.contains("我是&lt;b&gt;客服&lt;/b&gt;") && news.text.contains("人工客服"))
            #expect(news.text.contains("师傅已出发") && !news.text.contains("自己说过的"))
            // Once.
            #expect(try browser.get("/chat/news", ["after": "3"]).text.contains("<ol id=\"log\"></ol>"))
            #expect(try browser.get("/chat").text.components(separatedBy: "师傅已出发").count == 2)
            #expect(try Browser(door(converser, store).mounts).get("/chat/news").status == 403)
        }
    }

    @Test func aVisitAfterARestartShowsTheRecord() throws {
        try withStore { store in
            let keys = CookieKeys([Array("0123456789abcdef0123456789abcdef".utf8)])
            let id = try store.write { store in
                let made = try store.openConversation(
                    account: nil, channel: "web", language: "zh", isElderly: false, caller: "chat")
                _ = try store.addTurn(
                    Turn(number: 0, speaker: .customer, at: .now, words: "昨天说过的", caller: "chat"), to: made.id)
                return made.id
            }
            let converser = ScriptedConverser { ScriptedConverser.told("您好", $0, conversation: id.number) }
            let browser = Browser(door(converser, store, keys: keys).mounts)
            _ = try browser.get("/chat")
            let again = Browser(door(converser, store, keys: keys).mounts)
            again.cookies = browser.cookies
            #expect(try again.get("/chat").text.contains("昨天说过的"))
            #expect(Set(converser.turns.map(\.customer)).count == 1)
        }
    }

    @Test func largePrintIsPlainWords() throws {
        try withStore { store in
            let converser = ScriptedConverser()
            let browser = Browser(door(converser, store).mounts)
            let first = try browser.get("/chat")
            #expect(!first.text.contains("大字:"))
            let changed = try browser.post("/chat/print", ["token": first.hidden("token") ?? "", "large": "1"])
            #expect(changed.status == 303 && changed.header("Location") == "/chat")
            let large = try browser.get("/chat")
            #expect(large.text.contains("<body class=\"large\">") && large.text.contains("大字:"))
            _ = try say("报修", large, browser)
            #expect(converser.turns.last?.plain == true)
            #expect(try browser.post("/chat/print", ["token": "x", "large": "0"]).status == 403)
        }
    }
}
