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

    static let path = "/desk"
    /// Hand-offs that are looked at for the list.
    private static let mostWaiting = 2000
    static let cookie = "hearth_desk"

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
            let caller = ways.identify(parts[4]), caller.scopes.contains(ScopeSet.of(.desk))
        else { return nil }
        return Visitor(caller: caller, name: parts[2], agent: parts[3].isEmpty ? nil : parts[3])
    }

    func formToken(_ visitor: Visitor) -> String { keys.hidden(visitor.name + visitor.caller.id, for: "desk form") }

    private func logIn(_ request: WebRequest) -> WebAnswer {
        guard !request.isFromElsewhere, let form = FormBody(request.body) else { return loginPage(nil, status: 403) }
        if let wait = logins.take(request.peer, now: now()) {
            return loginPage("试得太多了,请等\(wait)秒。", status: 429)
        }
        let secret = (form["secret"] ?? "").filter { !$0.isWhitespace }
        guard secret.utf8.count <= 200, let caller = ways.identify(secret) else {
            return loginPage("没有这个令牌,或者它已经过期。", status: 403)
        }
        guard caller.scopes.contains(ScopeSet.of(.desk)) else {
            return loginPage("这个令牌没有坐席(desk)权限。", status: 403)
        }
        let agent = (form["agent"] ?? "").filter { !$0.isWhitespace }
        if !agent.isEmpty, !CookieKeys.isName(agent, most: 40) {
            return loginPage("坐席名只能是字母、数字和短横,例如 zuoxi-3。", status: 400)
        }
        let until = now().microseconds / 1_000_000 + Int64(settings.hours) * 3600
        let text = ["1", "\(until)", CookieKeys.random(), agent, secret].joined(separator: "\n")
        guard let sealed = try? keys.sealed(text, for: "desk") else { return loginPage("现在不能登录。", status: 503) }
        return .seeOther(Self.path, headers: [cookie(sealed, seconds: Int64(settings.hours) * 3600)])
    }

    private func cookie(_ value: String, seconds: Int64) -> (name: String, value: String) {
        (
            "Set-Cookie",
            "\(Self.cookie)=\(value); Path=\(Self.path); HttpOnly; SameSite=Strict; Max-Age=\(seconds)"
                + (isSecure ? "; Secure" : "")
        )
    }

    private func leave(_ request: WebRequest) -> WebAnswer {
        guard let visitor = visitor(request), !request.isFromElsewhere,
            CookieKeys.isEqual(FormBody(request.body)?["token"], formToken(visitor))
        else { return loginPage(nil, status: 403) }
        return .seeOther(Self.path, headers: [cookie("", seconds: 0)])
    }

    /// Who it is cannot be told before the request is there: no page of the desk, and nothing of anybody.
    @Sendable private func refused(_ status: Int) -> WebAnswer {
        var page = Page(
            "没有办成", style: Self.path + "/desk.css",
            body: "<main id=\"main\"><p role=\"alert\" class=\"note\">\(Page.refusalWords(status))</p>"
                + "<p><a href=\"\(Self.path)\">回到列表</a></p></main>")
        page.status = status
        return page.answer()
    }

    // MARK: What waits

    private func queue(_ request: WebRequest) -> WebAnswer {
        guard let visitor = visitor(request) else { return loginPage(nil, status: 200) }
        return answered(by: visitor) { accesses throws(Problem) in
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
            return queuePage(list, visitor)
        }
    }

    private func show(_ request: WebRequest) -> WebAnswer {
        guard let visitor = visitor(request) else { return loginPage(nil, status: 403) }
        guard let id = request.values.first.flatMap({ Int($0) }) else { return gone(visitor) }
        return answered(by: visitor) { accesses throws(Problem) in
            try handOffPage(id, visitor, note: nil, draft: nil, &accesses)
        }
    }

    private func handOffPage(
        _ id: Int, _ visitor: Visitor, note: String?, draft: String?, _ accesses: inout [Access]
    ) throws(Problem) -> Page {
        let handOff: HandOffDocument = try ask(.handOff, ["id": .integer(id)], visitor, &accesses)
        let talk: ConversationDocument = try ask(
            .conversation, ["id": .integer(Int(handOff.conversation)), "limit": .integer(500)], visitor, &accesses)
        return page(handOff, talk, visitor, note: note, draft: draft)
    }

    /// Takes, answers or closes.
    private func act(_ request: WebRequest) -> WebAnswer {
        guard let visitor = visitor(request) else { return loginPage(nil, status: 403) }
        guard !request.isFromElsewhere, let form = FormBody(request.body),
            CookieKeys.isEqual(form["token"], formToken(visitor)),
            let id = request.values.first.flatMap({ Int($0) }), let key = form["key"], CookieKeys.isName(key)
        else { return refused(visitor) }
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
        default: return refused(visitor)
        }
        return answered(by: visitor) { accesses throws(Problem) in
            let requester = visitor.requester(kind.definition.path)
            let reply: Reply
            do throws(Problem) {
                reply = ways.request(try Request(kind, arguments), requester)
            } catch {
                // Nothing was asked: what was written is not lost.
                let why = Self.words(of: error)
                return try handOffPage(id, visitor, note: why, draft: form["words"], &accesses)
            }
            accesses += reply.accesses
            switch reply.result {
            case .success: return nil
            case .failure(let problem):
                return try handOffPage(id, visitor, note: Self.words(of: problem), draft: form["words"], &accesses)
            }
        } otherwise: {
            .seeOther(kind == .closeHandOff ? Self.path : Self.path + "/hand-off/\(id)")
        }
    }

    /// A page with what was looked at for it, which is written down before it goes out.
    private func answered(
        by visitor: Visitor, _ body: (inout [Access]) throws(Problem) -> Page?,
        otherwise: () -> WebAnswer = { .seeOther(Self.path) }
    ) -> WebAnswer {
        var accesses: [Access] = []
        var answer: WebAnswer
        do {
            answer = try body(&accesses).map { $0.answer() } ?? otherwise()
        } catch {
            answer = problemPage(error, visitor).answer()
        }
        answer.accesses = accesses
        answer.caller = visitor.caller.id
        return answer
    }

    private func gone(_ visitor: Visitor) -> WebAnswer {
        problemPage(Problem(.unknown, "unknown-hand-off", "There is no such hand-off"), visitor).answer()
    }

    private func refused(_ visitor: Visitor) -> WebAnswer {
        var page = problemPage(Problem(.malformed, "bad-form", "The form is not this page's"), visitor)
        page.status = 403
        return page.answer()
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

    /// What a person at the desk is told.
    static func words(of problem: Problem) -> String {
        switch problem.code {
        case "held-by-another": "另一位坐席已经接手了。"
        case "not-owner": "这个会话不在您手里,请先接手。"
        case "hand-off-closed": "这个会话已经结束了。"
        case "invalid-parameter": "内容不对:请写一段话,不超过4000字。"
        case "unknown-hand-off", "unknown-conversation": "没有这个转接。"
        case "idempotency-key-in-use": "这个表单已经用过了,请再点一次。"
        case _ where problem.mayHaveHappened: "不知道办成没有,请看看会话里有没有,没有再试一次。"
        default: "没有办成(\(problem.code)),请再试一次。"
        }
    }
}
