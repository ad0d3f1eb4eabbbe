import Answers
import HeatModel
import Pages
import Setup

/// Who looks.
struct Visitor: Sendable {
    var caller: Caller
    /// Random, of this login.
    var name: String
}

/// Coming in and leaving.
extension ConsoleDoor {
    func visitor(_ request: WebRequest) -> Visitor? {
        guard let cookie = request.cookie(Self.cookie), let text = keys.opened(cookie, for: "console") else {
            return nil
        }
        let parts = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let now = ways.now()
        guard parts.count == 4, parts[0] == "1", let until = Int64(parts[1]), until > now.microseconds / 1_000_000,
            left.value(parts[2], now: now) == nil, let caller = ways.identify(parts[3])
        else { return nil }
        return Visitor(caller: caller, name: parts[2])
    }

    func formToken(_ visitor: Visitor) -> String {
        keys.hidden(visitor.name + visitor.caller.id, for: "console form")
    }

    func tongue(_ request: WebRequest) -> Tongue { request.tongue(keptIn: Self.languageCookie) }

    /// The language that was chosen is kept.
    func languageHeaders(_ request: WebRequest) -> [(name: String, value: String)] {
        request.keptTongue(in: Self.languageCookie, below: Self.path, isSecure: isSecure)
    }

    private func cookie(_ name: String, _ value: String, seconds: Int64) -> (name: String, value: String) {
        CookieKeys.header(name, value, below: Self.path, seconds: seconds, isSecure: isSecure)
    }

    /// A page of the console that a login may lead to; the first page for anything else.
    static func goal(_ stated: String?) -> String {
        guard let stated, stated.utf8.count <= 500,
            stated == path || stated.hasPrefix(path + "/") || stated.hasPrefix(path + "?"),
            !stated.contains("//"), !stated.contains(".."),
            stated.utf8.allSatisfy({
                $0 &- 0x30 <= 9 || ($0 | 0x20) &- 0x61 < 26
                    || [0x2D, 0x2E, 0x5F, 0x7E, 0x2F, 0x3F, 0x3D, 0x26, 0x25].contains($0)
            })
        else { return path }
        return stated
    }

    func logIn(_ request: WebRequest) -> WebAnswer {
        let say = tongue(request)
        guard !request.isFromElsewhere, let form = FormBody(request.body), let own = request.cookie(Self.formCookie),
            CookieKeys.isName(own), CookieKeys.isEqual(form["token"], keys.hidden(own, for: "console login"))
        else {
            return loginPage(
                request,
                note: say(
                    "登录页已失效(或浏览器没有收下 Cookie),请再登录一次。",
                    "The login page was too old, or the browser keeps no cookies. Log in again."),
                status: 403)
        }
        if let wait = logins.take(request.peer, now: ways.now()) {
            return loginPage(
                request, note: say("试得太多了,请等 \(wait) 秒。", "Too many attempts; wait \(wait) seconds."), status: 429)
        }
        let secret = (form["secret"] ?? "").filter { !$0.isWhitespace }
        guard secret.utf8.count <= 200, let caller = ways.identify(secret) else {
            return loginPage(
                request,
                note: say(
                    "没有这个令牌,或者它已经过期或被吊销。请管理员做一个新的。",
                    "There is no such token, or it has expired or was revoked. Whoever runs Hearth makes a new one."),
                status: 403, goal: form["goal"])
        }
        let now = ways.now()
        let seconds = Int64(settings.hours) * 3600
        let until = min(now.microseconds / 1_000_000 + seconds, caller.expires / 1_000_000)
        let text = ["1", "\(until)", CookieKeys.random(), secret].joined(separator: "\n")
        guard let sealed = try? keys.sealed(text, for: "console") else {
            return loginPage(
                request, note: say("现在不能登录,请稍后再试。", "Logging in is not possible now; try again later."), status: 503)
        }
        return .seeOther(
            Self.goal(form["goal"]),
            headers: [cookie(Self.cookie, sealed, seconds: seconds), cookie(Self.formCookie, "", seconds: 0)])
    }

    func leave(_ request: WebRequest) -> WebAnswer {
        guard let visitor = visitor(request), !request.isFromElsewhere,
            CookieKeys.isEqual(FormBody(request.body)?["token"], formToken(visitor))
        else { return loginPage(request, note: nil, status: 403) }
        // Whoever has kept the cookie has nothing of it any more.
        left.change(visitor.name, now: ways.now()) { $0 = true }
        return .seeOther(Self.path, headers: [cookie(Self.cookie, "", seconds: 0)])
    }

    func loginPage(_ request: WebRequest, note: String?, status: Int, goal: String? = nil) -> WebAnswer {
        let say = tongue(request)
        let own = request.cookie(Self.formCookie).flatMap { CookieKeys.isName($0) ? $0 : nil } ?? CookieKeys.random()
        let wanted = Self.goal(goal ?? (request.method == .get ? request.address(with: ["lang": ""]) : nil))
        var main: Fragment = "<h2>\(say("登录", "Log in"))</h2>"
        if let note { main += "<p role=\"alert\" class=\"note\">\(note)</p>" }
        main += """
            <form class="login" method="post" action="\(Self.path)">\(.hidden("token", keys.hidden(own, for: "console login")))\
            \(.hidden("goal", wanted))<label for="secret">\(say("令牌", "Token"))</label>\
            <input id="secret" name="secret" type="password" autocomplete="current-password" required>\
            <p>\(say("令牌的权限决定能看到什么。没有令牌:请管理员做一个,权限 assistant、engineer 或 auditor。",
                "What its scopes allow is shown. If you have none, ask whoever runs Hearth for one: assistant, engineer or auditor."))</p>\
            <button class="send">\(say("登录", "Log in"))</button></form>
            """
        var page = frame(say("登录", "Log in"), main, say, nil, request)
        page.status = status
        return page.answer(languageHeaders(request) + [cookie(Self.formCookie, own, seconds: 3600)])
    }

    /// Who it is cannot be told before the request is there: no page of the console, and nothing of anybody.
    @Sendable func refused(_ status: Int) -> WebAnswer {
        let words = Tongue.allCases.map { Page.refusalWords(status, in: $0) }.joined(separator: " / ")
        let main: Fragment =
            """
            <main id="main"><h1>Hearth</h1><p role="alert" class="note">\(words)</p>\
            <p><a href="\(Self.path)">Hearth</a></p></main>
            """
        var page = Page("Hearth", style: Self.path + "/console.css", body: main.html)
        page.status = status
        return page.answer()
    }
}
