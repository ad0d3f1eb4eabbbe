import Actions
import Answers
import Attachments
import Foundation
import HearthTesting
import HeatModel
import Mapping
import Pages
import Requests
import SQLiteStore
import Setup
import Store
import Synchronization
import Testing

@testable import Desk

/// The desk over real questions and requests: who comes in, who may do what, and that nothing is done twice or by another's page.
@Suite struct DeskTests {
    private static let secret = "hearth_desk_secret"
    private let clock = TestClock()

    private struct NoLog: AccessReading {
        func entries(account: String?, after end: AccessPage.End?, limit: Int) throws -> AccessPage {
            AccessPage(entries: [], end: nil)
        }
    }

    /// The secrets that are known now.
    private final class Secrets: Sendable {
        private let names = Mutex<Set<String>>([DeskTests.secret, "assistant", "other"])
        func contains(_ name: String) -> Bool { names.withLock { $0.contains(name) } }
        func revoke(_ name: String) { names.withLock { _ = $0.remove(name) } }
    }

    /// A desk, its conversation that waits for a person, and its door.
    private func withDesk(_ body: (SQLiteStore, DeskDoor, Int64, Secrets) throws -> Void) throws {
        try withStore { store in
            let repository = #filePath.components(separatedBy: "/Tests/")[0]
            let answerer = Answerer(
                store: store, mappings: try MappingSet.load(directory: repository + "/Mappings"), log: NoLog(),
                bindings: BindingGuard(perAccount: 5, perCaller: 60), money: nil, refresh: { _, _, _ in [] },
                instant: { $0.map { Instant(microseconds: $0.microseconds, offsetMinutes: 480) } ?? .now })
            let photos = FileManager.default.temporaryDirectory.appendingPathComponent(
                "desk-photos-\(UUID().uuidString)")
            let desk = RequestDesk(
                answerer, attachments: AttachmentFolder(AttachmentSettings(folder: photos.path), store: store),
                outbox: { Outbox(store: store, systems: []) })
            let secrets = Secrets()
            let ways = DeskDoor.Ways(
                identify: { secret in
                    guard secrets.contains(secret) else { return nil }
                    return Caller(
                        id: "token:\(secret.prefix(3))",
                        scopes: ScopeSet(secret == "assistant" ? [.assistant] : [.desk]))
                }, ask: { answerer.reply(to: $0, for: $1) }, request: { desk.reply(to: $0, for: $1) })
            let door = DeskDoor(
                .init(), ways: ways, keys: CookieKeys([]), rates: .init(ofProcess: 1000), isSecure: true,
                now: { [clock] in clock.now })
            let asker = Requester(Caller(id: "chat", scopes: ScopeSet([.assistant])), action: "test")
            func ask(_ kind: RequestKind, _ arguments: Arguments) throws -> [String: Any] {
                let json = try desk.reply(to: try Request(kind, arguments), for: asker).result.get().json
                return try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any] ?? [:]
            }
            let opened = try ask(
                .openConversation, ["idempotency_key": .text("1"), "channel": .text("web"), "elderly": .flag(true)])
            let id = try #require(opened["conversation"] as? Int)
            _ = try ask(
                .turn,
                [
                    "idempotency_key": .text("2"), "id": .integer(id), "who": .text("customer"),
                    "words": .text("<script>alert(1)</script> 我家漏水"),
                ])
            let handed = try ask(
                .handOff, ["idempotency_key": .text("3"), "id": .integer(id), "why": .text("complaint")])
            try body(store, door, Int64(try #require(handed["hand_off"] as? Int)), secrets)
        }
    }

    private func logIn(_ door: DeskDoor, _ secret: String = DeskTests.secret, agent: String = "") throws -> Browser {
        let browser = Browser(door.mounts)
        #expect(try browser.post("/desk", ["secret": secret, "agent": agent]).status == 303)
        return browser
    }

    private func open(_ browser: Browser, _ id: Int64) throws -> WebAnswer {
        let mount = browser.mounts.first { $0.path == "/desk/hand-off/{id}" && $0.method == .get }!
        return try mount.answer(
            WebRequest(.get, "/desk/hand-off/\(id)", values: ["\(id)"], fields: ["cookie": cookie(browser)]))
    }

    private func act(_ browser: Browser, _ id: Int64, _ form: [String: String], fields: [String: String] = [:]) throws
        -> WebAnswer
    {
        let mount = browser.mounts.first { $0.path == "/desk/hand-off/{id}" && $0.method == .post }!
        let body = form.map { "\(FormBody.encoded($0.key))=\(FormBody.encoded($0.value))" }.joined(separator: "&")
        return try mount.answer(
            WebRequest(
                .post, "/desk/hand-off/\(id)", values: ["\(id)"],
                fields: fields.merging(["cookie": cookie(browser)]) { $1 }, body: Array(body.utf8)))
    }

    private func cookie(_ browser: Browser) -> String {
        browser.cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
    }

    private func form(_ page: WebAnswer, _ what: String, _ more: [String: String] = [:]) -> [String: String] {
        var form = more
        for name in ["token", "key", "do"] where form[name] == nil {
            form[name] = page.hidden(name, after: "class=\"\(what)\"")
        }
        return form
    }

    /// An emergency stands first, however late it came and however many came before.
    @Test func anEmergencyStandsFirst() throws {
        try withDesk { store, door, id, _ in
            try store.write { store in
                for reason in ["bill"] + Array(repeating: "other", count: 250) + ["emergency"] {
                    let conversation = try store.openConversation(
                        account: nil, channel: "web", language: "zh", isElderly: false, caller: "chat")
                    _ = try store.askHandOff(
                        conversation.id, reason: reason, afterTurn: 0, card: Array("{}".utf8), caller: "chat")
                }
            }
            let queue = try logIn(door).get("/desk").text
            let rows = queue.components(separatedBy: "<tr class=").dropFirst()
            #expect(rows.count == 253)
            #expect(rows.first?.contains("紧急") == true, "\(rows.first ?? "")")
            #expect(rows.dropFirst().first?.contains("/desk/hand-off/\(id)\"") == true)
        }
    }

    @Test func aPersonTakesOverAnswersAndCloses() throws {
        try withDesk { store, door, id, _ in
            let browser = try logIn(door, agent: "zuoxi-3")
            let queue = try browser.get("/desk")
            #expect(queue.text.contains("等待中 1 个") && queue.text.contains("老年用户") && queue.text.contains("投诉"))
            #expect(queue.caller == "token:hea" && !queue.accesses.isEmpty)
            let card = try open(browser, id)
            #expect(card.text.contains("&lt;script&gt;alert(1)") && !card.text.contains("<script>alert"))
            #expect(card.text.contains("接手") && !card.text.contains("回复客户"))
            #expect(card.text.contains("<li>还不知道是哪一户</li>"), "what lacks is said in words")
            // Two taps are one claim.
            let claim = form(card, "claim")
            #expect(try act(browser, id, claim).status == 303 && act(browser, id, claim).status == 303)
            let mine = try open(browser, id)
            let reply = form(mine, "reply", ["words": "您好,我是人工客服"])
            for _ in 0..<3 { #expect(try act(browser, id, reply).status == 303) }
            let conversation = try store.read { try #require(try $0.handOff(HandOffID(id))).conversation }
            let said = try store.read { try $0.turns(of: conversation, after: 0, limit: 100) }
            #expect(said.filter { $0.speaker == .human }.map(\.words) == ["您好,我是人工客服"])
            let empty = try act(browser, id, form(mine, "reply", ["words": " \u{200B}"]))
            #expect(empty.status == 200 && empty.text.contains("内容不对"))
            #expect(try act(browser, id, form(mine, "close", ["outcome": "resolved"])).header("Location") == "/desk")
            #expect(try browser.get("/desk").text.contains("现在没有人在等"))
            let late = try act(browser, id, form(mine, "reply", ["words": "还有", "key": "k2"]))
            #expect(late.text.contains("已经结束") && late.status == 200)
        }
    }

    @Test func whoMayNotDoesNot() throws {
        try withDesk { _, door, id, secrets in
            let stranger = Browser(door.mounts)
            #expect(try stranger.post("/desk", ["secret": "wrong"]).status == 403)
            #expect(try stranger.post("/desk", ["secret": "assistant"]).text.contains("没有坐席"))
            #expect(try stranger.post("/desk", ["secret": Self.secret, "agent": "张三"]).status == 400)
            #expect(try open(stranger, id).status == 403 && stranger.get("/desk").text.contains("登录"))
            let browser = try logIn(door)
            #expect(browser.cookies["hearth_desk"]?.contains(Self.secret) == false)
            let card = try open(browser, id)
            #expect(try act(browser, id, form(card, "claim", ["token": "x"])).status == 403)
            #expect(try act(browser, id, form(card, "claim"), fields: ["sec-fetch-site": "cross-site"]).status == 403)
            #expect(try act(browser, id, form(card, "claim", ["do": "delete"])).status == 403)
            #expect(try act(browser, 999, form(card, "claim")).status == 404)
            // Another login's token is worth nothing here.
            let other = try logIn(door, "other")
            #expect(try act(other, id, form(card, "claim")).status == 403)
            #expect(try act(browser, id, form(card, "claim")).status == 303)
            let theirs = try open(other, id)
            #expect(theirs.text.contains("已由") && !theirs.text.contains("回复客户"))
            #expect(try act(other, id, form(theirs, "claim")).text.contains("另一位坐席"))
            // Revoked is out at once, and so is who has been in for too long.
            secrets.revoke("other")
            #expect(try other.get("/desk").text.contains("登录"))
            clock.pass(12 * 3600 + 1)
            #expect(try browser.get("/desk").text.contains("登录"))
        }
    }

    @Test func aLoginThatWasLeftIsOverWhoeverKeptItsCookie() throws {
        try withDesk { _, door, _, _ in
            let (leaving, thief) = (try logIn(door), Browser(door.mounts))
            thief.cookies = leaving.cookies
            #expect(!(try thief.get("/desk").text.contains("type=\"password\"")))
            let token = try #require(try leaving.get("/desk").hidden("token", after: "/desk/leave"))
            #expect(try leaving.post("/desk/leave", ["token": token]).status == 303)
            #expect(try thief.get("/desk").text.contains("type=\"password\""))
        }
    }

    /// Whatever a card has one day, the page is shown.
    @Test func anyCardIsRead() throws {
        let json = #"{"whole":12345678901234,"part":16.5,"less":-0.1,"flag":true,"none":null,"list":["a",{"b":[]}]}"#
        let card = try JSONDecoder().decode(CardValue.self, from: Data(json.utf8))
        #expect(card["whole"]?.text == "12345678901234" && card["part"]?.text == "16.5" && card["less"]?.text == "-0.1")
        #expect(card["flag"]?.words(.chinese) == "是" && card["flag"]?.words(.english) == "yes")
        #expect(card["flag"]?.isTrue == true && card["whole"]?.isTrue == false && card["none"]?.words(.chinese) == nil)
        guard case .list(let items)? = card["list"] else { throw CocoaError(.coderReadCorrupt) }
        #expect(items.first?.text == "a" && items.count == 2)
    }

    /// A person chooses the language, by the link, the browser or an address, and all that the desk itself says is in it.
    @Test(arguments: Tongue.allCases) func eachPageIsWhollyInItsLanguage(_ say: Tongue) throws {
        try withDesk { _, door, id, _ in
            func look(_ page: WebAnswer, _ status: Int, sourceLocation: SourceLocation = #_sourceLocation) {
                #expect(page.status == status, sourceLocation: sourceLocation)
                #expect(page.text.contains("<html lang=\"\(say.tag)\">"), sourceLocation: sourceLocation)
                #expect(page.text.contains("?lang=\(say.other.rawValue)\" lang="), sourceLocation: sourceLocation)
                let foreign = page.text.ownWords.filter { (say == .english ? $0.firstChinese : $0.firstEnglish) != nil }
                #expect(foreign == [], sourceLocation: sourceLocation)
            }
            let browser = Browser(door.mounts)
            browser.fields["accept-language"] = say.rawValue
            look(try browser.get("/desk"), 200)
            // From now on the choice counts, whatever the browser wants.
            browser.fields["accept-language"] = say.other.rawValue
            look(try browser.get("/desk", ["lang": say.rawValue]), 200)
            look(try browser.post("/desk", ["secret": "wrong"]), 403)
            look(try browser.post("/desk", ["secret": "assistant"]), 403)
            look(try browser.post("/desk", ["secret": Self.secret, "agent": "a b!"]), 400)
            #expect(try browser.post("/desk", ["secret": Self.secret, "agent": "agent-3"]).status == 303)
            look(try browser.get("/desk"), 200)
            let card = try open(browser, id)
            look(card, 200)
            look(try act(browser, id, form(card, "claim", ["token": "x"])), 403)
            look(try open(browser, 999), 404)
            #expect(try act(browser, id, form(card, "claim")).status == 303)
            look(try browser.get("/desk"), 200)
            let mine = try open(browser, id)
            look(mine, 200)
            look(try act(browser, id, form(mine, "reply", ["words": " "])), 200)
            let another = try logIn(door, "other")
            another.cookies["hearth_desk_lang"] = say.rawValue
            let theirs = try open(another, id)
            look(theirs, 200)
            let late = try act(another, id, form(theirs, "claim"))
            look(late, 200)
            #expect(late.text.contains(say("另一位坐席", "Another person")))
            #expect(try act(browser, id, form(mine, "close", ["outcome": "resolved"])).status == 303)
            look(try browser.get("/desk"), 200)
            look(try open(browser, id), 200)
            // Before it can be told who asks, both are spoken.
            let mount = try #require(door.mounts.first { $0.path == "/desk" && $0.method == .post })
            let refusal = try #require(mount.refusal)
            let words = refusal(413).text.ownWords.joined()
            #expect(words.firstChinese != nil && words.firstEnglish != nil)
        }
    }

    @Test func guessesAreBounded() throws {
        try withDesk { _, door, _, _ in
            let browser = Browser(door.mounts)
            let statuses = try (0..<10).map { try browser.post("/desk", ["secret": "guess\($0)"]).status }
            #expect(statuses.filter { $0 == 403 }.count == 5 && statuses.last == 429)
        }
    }
}
