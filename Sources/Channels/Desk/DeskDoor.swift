package import Answers
import Foundation
package import HeatModel
package import Pages
package import Requests
package import Setup

/// The page of people who take over from the assistant: what waits, what it is about, what was said, an answer, the end.
///
/// A person comes in by a token of Hearth with scope `desk`. It lies sealed in a cookie, so that a token that is revoked is worth nothing from then on.
/// Everything is asked and done through the questions and requests that programs use.
package struct DeskDoor: Sendable {
    /// What the page asks of the rooms below.
    package struct Ways: Sendable {
        package var identify: @Sendable (_ secret: String) -> Caller?
        package var ask: @Sendable (Question, Requester) -> Reply
        package var request: @Sendable (Request, Requester) -> Reply

        package init(
            identify: @escaping @Sendable (String) -> Caller?, ask: @escaping @Sendable (Question, Requester) -> Reply,
            request: @escaping @Sendable (Request, Requester) -> Reply
        ) {
            self.identify = identify
            self.ask = ask
            self.request = request
        }
    }

    let settings: ChannelSettings.Desk
    let ways: Ways
    let keys: CookieKeys
    let isSecure: Bool
    let now: @Sendable () -> Instant
    private let logins: TurnRates
    /// Logins that were left.
    private let left: RecentValues<Bool>

    static let path = "/desk"
    /// Hand-offs that are looked at for the list.
    private static let mostWaiting = 2000
    static let cookie = "hearth_desk"
    static let languageCookie = "hearth_desk_lang"

    package init(
        _ settings: ChannelSettings.Desk, ways: Ways, keys: CookieKeys, rates: TurnRates.Source, isSecure: Bool,
        now: @escaping @Sendable () -> Instant = { .now }
    ) {
        self.settings = settings
        self.ways = ways
        self.keys = keys
        self.isSecure = isSecure
        self.now = now
        logins = rates.rates("desk login", most: 10)
        left = RecentValues(most: 100_000, seconds: Int64(settings.hours) * 3600)
    }

    package var mounts: [WebMount] {
        [
            WebMount(.get, Self.path) { queue($0) },
            .slash(after: Self.path),
            WebMount(.post, Self.path) { logIn($0) }.refusing(refused),
            WebMount(.post, Self.path + "/leave") { leave($0) }.refusing(refused),
            WebMount(.get, Self.path + "/hand-off/{id}") { show($0) },
            WebMount(.post, Self.path + "/hand-off/{id}") { act($0) }.refusing(refused),
            WebMount(.get, Self.path + "/desk.css") { _ in
                .asset("text/css; charset=utf-8", PackageResources.desk_css)
            },
            WebMount(.get, Self.path + "/desk.js") { _ in
                .asset("text/javascript; charset=utf-8", PackageResources.desk_js)
            },
        ]
    }

    // MARK: Who it is

    /// A person at the desk.
    struct Visitor: Sendable {
        var caller: Caller
        /// Random, of this login.
        var name: String
        /// What they are called at the desk.
        var agent: String?

        func requester(_ action: String) -> Requester { Requester(caller, action: action) }
    }

    private func visitor(_ request: WebRequest) -> Visitor? {
        guard let cookie = request.cookie(Self.cookie), let text = keys.opened(cookie, for: "desk") else { return nil }
        let parts = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, parts[0] == "1", let until = Int64(parts[1]), until > now().microseconds / 1_000_000,
            left.value(parts[2], now: now()) == nil, let caller = ways.identify(parts[4]), caller.scopes.contains(ScopeSet.of(.desk))
        else { return nil }
        return Visitor(caller: caller, name: parts[2], agent: parts[3].isEmpty ? nil : parts[3])
    }

    func formToken(_ visitor: Visitor) -> String { keys.hidden(visitor.name + visitor.caller.id, for: "desk form") }

    private func logIn(_ request: WebRequest) -> WebAnswer {
        let pages = DeskPages(self, request)
        let say = pages.say
        guard !request.isFromElsewhere, let form = FormBody(request.body) else { return pages.login(nil, status: 403) }
        if let wait = logins.take(request.peer, now: now()) {
            return pages.login(say("试得太多了,请等\(wait)秒。", "Too many attempts; wait \(wait) seconds."), status: 429)
        }
        let secret = (form["secret"] ?? "").filter { !$0.isWhitespace }
        guard secret.utf8.count <= 200, let caller = ways.identify(secret) else {
            return pages.login(
                say("没有这个令牌,或者它已经过期。", "There is no such token, or it has expired."), status: 403)
        }
        guard caller.scopes.contains(ScopeSet.of(.desk)) else {
            return pages.login(say("这个令牌没有坐席(desk)权限。", "The token has not the scope desk."), status: 403)
        }
        let agent = (form["agent"] ?? "").filter { !$0.isWhitespace }
        if !agent.isEmpty, !CookieKeys.isName(agent, most: 40) {
            return pages.login(
                say(
                    "坐席名只能是字母、数字和短横,例如 zuoxi-3。",
                    "A name at the desk is made of letters, digits and dashes, as in agent-3."), status: 400)
        }
        let until = now().microseconds / 1_000_000 + Int64(settings.hours) * 3600
        let text = ["1", "\(until)", CookieKeys.random(), agent, secret].joined(separator: "\n")
        guard let sealed = try? keys.sealed(text, for: "desk") else {
            return pages.login(say("现在不能登录。", "Logging in is not possible now."), status: 503)
        }
        return .seeOther(Self.path, headers: [cookie(sealed, seconds: Int64(settings.hours) * 3600)])
    }

    private func cookie(_ value: String, seconds: Int64) -> (name: String, value: String) {
        CookieKeys.header(Self.cookie, value, below: Self.path, seconds: seconds, isSecure: isSecure)
    }

    private func leave(_ request: WebRequest) -> WebAnswer {
        guard let visitor = visitor(request), !request.isFromElsewhere,
            CookieKeys.isEqual(FormBody(request.body)?["token"], formToken(visitor))
        else { return DeskPages(self, request).login(nil, status: 403) }
        // Whoever has kept the cookie has nothing of it any more.
        left.change(visitor.name, now: now()) { $0 = true }
        return .seeOther(Self.path, headers: [cookie("", seconds: 0)])
    }

    /// Who it is cannot be told before the request is there: no page of the desk, and nothing of anybody.
    @Sendable private func refused(_ status: Int) -> WebAnswer {
        let words = Tongue.allCases.map { Page.refusalWords(status, in: $0) }.joined(separator: " / ")
        var page = Page(
            "Hearth", style: Self.path + "/desk.css",
            body: "<main id=\"main\"><p role=\"alert\" class=\"note\">\(words)</p>"
                + "<p><a href=\"\(Self.path)\">人工坐席 / Desk</a></p></main>")
        page.status = status
        return page.answer()
    }

    // MARK: What waits

    private func queue(_ request: WebRequest) -> WebAnswer {
        let pages = DeskPages(self, request)
        guard let visitor = visitor(request) else { return pages.login(nil, status: 200) }
        return answered(by: visitor, pages) { accesses throws(Problem) in
            var list: HandOffList = try ask(
                .handOffs, ["state": .text("open"), "limit": .integer(200)], visitor, &accesses)
            // An emergency may stand far behind, and is shown first all the same.
            while let next = list.next, list.handOffs.count < Self.mostWaiting {
                let more: HandOffList = try ask(
                    .handOffs, ["state": .text("open"), "limit": .integer(200), "after": .integer(Int(next))], visitor,
                    &accesses)
                list.handOffs += more.handOffs
                list.next = more.next
            }
            return pages.queue(list, visitor)
        }
    }

    private func show(_ request: WebRequest) -> WebAnswer {
        let pages = DeskPages(self, request)
        guard let visitor = visitor(request) else { return pages.login(nil, status: 403) }
        return answered(by: visitor, pages) { accesses throws(Problem) in
            guard let id = request.values.first.flatMap({ Int($0) }) else {
                throw Problem(.unknown, "unknown-hand-off", "There is no such hand-off")
            }
            return try handOffPage(id, visitor, pages, note: nil, draft: nil, &accesses)
        }
    }

    private func handOffPage(
        _ id: Int, _ visitor: Visitor, _ pages: DeskPages, note: String?, draft: String?, _ accesses: inout [Access]
    ) throws(Problem) -> Page {
        let handOff: HandOffDocument = try ask(.handOff, ["id": .integer(id)], visitor, &accesses)
        let talk: ConversationDocument = try ask(
            .conversation, ["id": .integer(Int(handOff.conversation)), "limit": .integer(500)], visitor, &accesses)
        return pages.handOff(handOff, talk, visitor, note: note, draft: draft)
    }

    /// Takes, answers or closes.
    private func act(_ request: WebRequest) -> WebAnswer {
        let pages = DeskPages(self, request)
        guard let visitor = visitor(request) else { return pages.login(nil, status: 403) }
        guard !request.isFromElsewhere, let form = FormBody(request.body),
            CookieKeys.isEqual(form["token"], formToken(visitor)),
            let id = request.values.first.flatMap({ Int($0) }), let key = form["key"], CookieKeys.isName(key)
        else { return refused(visitor, pages) }
        var arguments: Arguments = ["id": .integer(id), "idempotency_key": .text("desk-" + key)]
        if let agent = visitor.agent { arguments["agent"] = .text(agent) }
        let kind: RequestKind
        switch form["do"] {
        case "claim": kind = .claimHandOff
        case "reply":
            kind = .replyHandOff
            arguments["words"] = .text(form["words"] ?? "")
        case "close":
            kind = .closeHandOff
            arguments["outcome"] = .text(form["outcome"] ?? "")
            if let words = form["closing"], !words.isEmpty { arguments["closing_words"] = .text(words) }
        default: return refused(visitor, pages)
        }
        return answered(by: visitor, pages) { accesses throws(Problem) in
            let requester = visitor.requester(kind.definition.path)
            let reply: Reply
            do throws(Problem) {
                reply = ways.request(try Request(kind, arguments), requester)
            } catch {
                // Nothing was asked: what was written is not lost.
                let why = pages.words(of: error)
                return try handOffPage(id, visitor, pages, note: why, draft: form["words"], &accesses)
            }
            accesses += reply.accesses
            switch reply.result {
            case .success: return nil
            case .failure(let problem):
                let why = pages.words(of: problem)
                return try handOffPage(id, visitor, pages, note: why, draft: form["words"], &accesses)
            }
        } otherwise: {
            .seeOther(kind == .closeHandOff ? Self.path : Self.path + "/hand-off/\(id)")
        }
    }

    /// A page with what was looked at for it, which is written down before it goes out.
    private func answered(
        by visitor: Visitor, _ pages: DeskPages, _ body: (inout [Access]) throws(Problem) -> Page?,
        otherwise: () -> WebAnswer = { .seeOther(Self.path) }
    ) -> WebAnswer {
        var accesses: [Access] = []
        var answer: WebAnswer
        do {
            answer = try body(&accesses).map { pages.answer($0) } ?? otherwise()
        } catch {
            answer = pages.answer(pages.problem(error, visitor))
        }
        answer.accesses = accesses
        answer.caller = visitor.caller.id
        return answer
    }

    private func refused(_ visitor: Visitor, _ pages: DeskPages) -> WebAnswer {
        var page = pages.problem(Problem(.malformed, "bad-form", "The form is not this page's"), visitor)
        page.status = 403
        return pages.answer(page)
    }

    private func ask<Document: Decodable>(
        _ kind: QuestionKind, _ arguments: Arguments, _ visitor: Visitor, _ accesses: inout [Access]
    ) throws(Problem) -> Document {
        let reply = ways.ask(try Question(kind, arguments), visitor.requester(kind.definition.path))
        accesses += reply.accesses
        let json = try reply.result.get().json
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(Document.self, from: Data(json))
        } catch {
            throw Problem(.failed, "bad-document", "The answer cannot be shown")
        }
    }
}
