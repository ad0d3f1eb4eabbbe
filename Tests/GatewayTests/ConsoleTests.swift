import Answers
import Console
import Foundation
import HearthTesting
import HeatModel
import Pages
import Records
import SQLiteStore
import Setup
import Store
import Testing

@testable import Gateway

/// The operators' console over a company's real store: who sees what, who comes in, and what a page does with what is wrong.
@Suite struct ConsoleTests {
    /// Each page with the scopes of which any one opens it.
    private static func pages(_ number: String) -> [(path: String, scopes: [Scope])] {
        let lookup: [Scope] = [.assistant, .engineer, .auditor]
        let operation: [Scope] = [.engineer, .auditor]
        return [
            ("/console", Scope.allCases), ("/console/runs", operation),
            ("/console/runs?stream=billing.charges", operation),
            ("/console/runs/1", operation), ("/console/quarantine", operation),
            ("/console/quarantine?stream=billing.charges&state=all", operation), ("/console/quarantine/1", operation),
            ("/console/account", lookup), ("/console/account?number=\(number)", lookup),
            ("/console/account?number=\(number)&versus=previous&as_of=12", lookup),
            ("/console/trace?number=\(number)&field=holder_name", lookup),
            ("/console/history?number=\(number)", lookup),
            ("/console/reconciliation", operation), ("/console/audit", operation),
            ("/console/actions", [.desk, .engineer, .auditor]),
            ("/console/actions?action=1", [.desk, .engineer, .auditor]),
            ("/console/notices?state=all", [.desk, .engineer, .auditor]),
            ("/console/access", [.auditor]), ("/console/access?account=\(number)", [.auditor]),
        ]
    }

    /// What must be true of every page, whatever it shows.
    private func look(at page: RawClient.Response, _ what: String) { page.expectPage(what) }

    @Test func eachScopeSeesItsPagesAndNoOther() async throws {
        try await GatewaySite.with(doors: ConsoleBrowser.doors) { site in
            try site.quarantine(3)
            try site.ask(for: site.number)
            try site.planNotice()
            for scopes: [Scope] in [
                [], [.assistant], [.engineer], [.auditor], [.desk], [.assistant, .pii],
                [.assistant, .pii, .engineer, .auditor, .desk],
            ] {
                let browser = ConsoleBrowser(site)
                if !scopes.isEmpty {
                    let token =
                        try scopes.count == 1
                        ? site.token(scopes[0])
                        : scopes.count == 2
                            ? site.token(.assistant, .pii) : site.token(.assistant, .pii, .engineer, .auditor, .desk)
                    #expect(try await browser.logIn(token).status == 303)
                }
                for (path, needed) in Self.pages(site.number) {
                    for language in ["zh", "en"] {
                        let what = "\(path) as \(scopes) in \(language)"
                        let page = try await browser.get(path, fields: ["Accept-Language": language])
                        look(at: page, what)
                        let isOpen = !Set(scopes).isDisjoint(with: needed)
                        let own = scopes.isEmpty && path == "/console" ? 200 : isOpen ? 200 : 403
                        #expect(page.status == own, "\(what): \(page.status)")
                        #expect(page.text.contains("<html lang=\"\(language == "zh" ? "zh-CN" : "en")\""), "\(what)")
                        // What a page must not show stands nowhere in it.
                        if !scopes.contains(.pii) || !isOpen { #expect(!page.text.contains(site.identity), "\(what)") }
                        if !isOpen { #expect(!page.text.contains("billing.charges/"), "\(what)") }
                        if scopes.isEmpty { #expect(page.text.contains("type=\"password\""), "\(what)") }
                        if !scopes.isEmpty, !isOpen { #expect(page.text.contains(needed[0].rawValue), "\(what)") }
                    }
                }
            }
        }
    }

    /// A part that the token does not allow says so, and the rest of the page is there.
    @Test func aPartThatIsNotAllowedSaysSo() async throws {
        try await GatewaySite.with(doors: ConsoleBrowser.doors) { site in
            let engineer = ConsoleBrowser(site)
            try await engineer.logIn(try site.token(.engineer))
            let page = try await engineer.get(
                "/console/account?number=\(site.number)", fields: ["Accept-Language": "en"])
            #expect(page.status == 200 && page.text.contains("What is known"))
            #expect(page.text.contains("assistant or auditor") && !page.text.contains("class=\"fall\""))
            let assistant = ConsoleBrowser(site)
            try await assistant.logIn(try site.token(.assistant))
            let whole = try await assistant.get(
                "/console/account?number=\(site.number)", fields: ["Accept-Language": "en"])
            #expect(whole.text.contains("class=\"fall\"") && !whole.text.contains("assistant or auditor"))
            #expect(whole.text.contains("/console/trace?number=\(site.number)&amp;field=area_building"))
            #expect(!whole.text.contains("href=\"/console/runs"))
        }
    }

    @Test func aLoginIsNewEachTimeAndEndsWithItsToken() async throws {
        try await GatewaySite.with(doors: ConsoleBrowser.doors) { site in
            let secret = try site.newToken(.engineer, name: "console")
            try await site.renew()
            let browser = ConsoleBrowser(site)
            // What somebody has planted is no login, and becomes none.
            browser.cookies["hearth_console"] = "planted"
            let first = try await browser.logIn(secret)
            #expect(first.status == 303 && first.fields["location"] == "/console")
            let cookie = try #require(browser.cookies["hearth_console"])
            #expect(cookie != "planted" && !cookie.contains(secret) && !cookie.contains(secret.prefix(16)))
            let line = (first.fields["set-cookie"] ?? "").split(separator: "\n").first {
                $0.hasPrefix("hearth_console=")
            }
            for part in ["; HttpOnly", "; SameSite=Strict", "; Path=/console;", "; Max-Age=43200"] {
                #expect(line?.contains(part) == true, "\(part)")
            }
            #expect(try await browser.get("/console/runs").status == 200)
            // What was left is over, whoever kept its cookie.
            let page = try await browser.get("/console/quarantine")
            #expect(try await browser.post("/console/leave", ["token": "x"]).status == 403)
            let token = page.text.components(separatedBy: "name=\"token\" value=\"")[1].prefix { $0 != "\"" }
            #expect(try await browser.post("/console/leave", ["token": String(token)]).status == 303)
            #expect(browser.cookies["hearth_console"] == nil)
            let thief = ConsoleBrowser(site)
            thief.cookies["hearth_console"] = cookie
            #expect(try await thief.get("/console/runs").status == 403)
            // Revoked is out.
            let other = ConsoleBrowser(site)
            try await other.logIn(secret)
            #expect(try await other.get("/console/runs").status == 200)
            #expect(other.cookies["hearth_console"] != cookie)
            let known = try #require(try site.store.accessTokens().first { $0.name == "console" })
            #expect(try site.store.revokeAccessToken(known.id, at: .now))
            try await site.renew()
            #expect(try await other.get("/console/runs").status == 403)
        }
    }

    @Test func aLoginLeadsOnlyIntoTheConsole() async throws {
        try await GatewaySite.with(doors: ConsoleBrowser.doors) { site in
            let secret = try site.token(.engineer)
            for goal in [
                "//evil.example", "https://evil.example", "/\\evil.example", "/console//evil.example", "/console/../v1",
                "/consoles", "javascript:alert(1)", "/console\r\nX: y", "\\console", "/console/\u{202E}", "",
                "/console?x=" + String(repeating: "y", count: 600),
            ] {
                let entered = try await ConsoleBrowser(site).logIn(secret, goal: goal)
                #expect(entered.status == 303 && entered.fields["location"] == "/console", "\(goal)")
            }
            let wanted = try await ConsoleBrowser(site).logIn(
                secret, at: "/console/runs?stream=billing.charges&lang=en")
            #expect(wanted.fields["location"] == "/console/runs?stream=billing.charges")
        }
    }

    @Test func aFormThatIsNotThePagesDoesNothing() async throws {
        try await GatewaySite.with(doors: ConsoleBrowser.doors) { site in
            try site.quarantine(1)
            let entry = try #require(
                try site.store.read { try $0.quarantine(stream: nil, state: .open, code: nil, after: nil, limit: 1) }
                    .first)
            let path = "/console/quarantine/\(entry.id.number)"
            let secret = try site.token(.engineer)
            let stranger = ConsoleBrowser(site)
            let page = try await stranger.get("/console")
            #expect(try await stranger.post("/console", ["secret": secret]).status == 403)
            #expect(try await stranger.post("/console", ["secret": secret, "token": "x"]).status == 403)
            let foreign = try await stranger.post(
                "/console", ["secret": secret, "token": page.hidden("token")], fields: ["Sec-Fetch-Site": "cross-site"])
            #expect(foreign.status == 403 && stranger.cookies["hearth_console"] == nil)
            // A form of one browser is none of another's.
            let other = ConsoleBrowser(site)
            _ = try await other.get("/console")
            #expect(try await other.post("/console", ["secret": secret, "token": page.hidden("token")]).status == 403)
            #expect(try await stranger.post(path, ["do": "discard", "note": "x"]).status == 403)

            let (one, two) = (ConsoleBrowser(site), ConsoleBrowser(site))
            try await one.logIn(secret)
            try await two.logIn(secret)
            let token = try await one.get(path).hidden("token")
            #expect(!token.isEmpty)
            for (form, fields) in [
                (["do": "discard", "note": "x"], [:]), (["do": "discard", "note": "x", "token": "y"], [:]),
                (["do": "discard", "note": "x", "token": token], ["Origin": "http://evil.example"]),
                (["do": "drop", "note": "x", "token": token], [:]),
            ] as [([String: String], [String: String])] {
                let refused = try await one.post(path, form, fields: fields)
                #expect(refused.status == 403 && refused.text.contains("foreign-form"), "\(form)")
            }
            #expect(try await two.post(path, ["do": "discard", "note": "x", "token": token]).status == 403)
            #expect(try await one.post("/console/find", ["wanted": site.number]).status == 403)
            #expect(try await one.post(path, ["token": String(repeating: "x", count: 20_000)]).status == 413)
            let left = try site.store.read { try $0.quarantined(entry.id) }
            #expect(left?.state == .open && left?.note == nil)
        }
    }

    @Test func anEntryIsDiscardedWithAReasonByWhoMay() async throws {
        try await GatewaySite.with(doors: ConsoleBrowser.doors) { site in
            try site.quarantine(1)
            let entry = try #require(
                try site.store.read { try $0.quarantine(stream: nil, state: .open, code: nil, after: nil, limit: 500) }
                    .first { $0.place.hasPrefix("a.csv") })
            let path = "/console/quarantine/\(entry.id.number)"
            let auditor = ConsoleBrowser(site)
            try await auditor.logIn(try site.token(.auditor))
            let read = try await auditor.get(path)
            #expect(read.status == 200 && !read.text.contains("value=\"discard\""))
            let own = read.text.components(separatedBy: "name=\"token\" value=\"")[1].prefix { $0 != "\"" }
            #expect(try await auditor.post(path, ["do": "discard", "note": "x", "token": String(own)]).status == 403)

            let engineer = ConsoleBrowser(site)
            engineer.fields = ["Accept-Language": "en"]
            try await engineer.logIn(try site.token(.engineer))
            let page = try await engineer.get(path)
            #expect(page.text.contains("record.badDate") && page.text.contains("日期") && page.text.contains("a.csv:1"))
            let token = page.hidden("token")
            let blank = try await engineer.post(path, ["do": "discard", "note": " \n", "token": token])
            #expect(blank.status == 200 && blank.text.contains("Say why"))
            let again = try await engineer.post(path, ["do": "replay", "token": token])
            #expect(again.status == 200 && again.text.contains("did not go through"))
            #expect(try site.store.read { try $0.quarantined(entry.id)?.state } == .open)
            let done = try await engineer.post(path, ["do": "discard", "note": "a <b> test", "token": token])
            #expect(done.status == 303 && done.fields["location"] == path)
            let kept = try site.store.read { try $0.quarantined(entry.id) }
            #expect(kept?.state == .discarded && kept?.note == "a <b> test")
            #expect(try await engineer.get(path).text.contains("a &lt;b&gt; test"))
            #expect(try await engineer.post(path, ["do": "discard", "note": "x", "token": token]).status == 409)
            let log = try await auditor.get("/console/access")
            #expect(log.text.contains("console:quarantine discard") && log.text.contains("console:quarantine replay"))
        }
    }

    @Test func whoLooksAtAnAccountIsInTheLog() async throws {
        try await GatewaySite.with(doors: ConsoleBrowser.doors) { site in
            let browser = ConsoleBrowser(site)
            try await browser.logIn(try site.token(.assistant, .pii, .engineer, .auditor, .desk))
            _ = try await browser.get("/console/account?number=\(site.number)")
            _ = try await browser.get("/console/account?number=99999999")
            let entries = try AccessLogFolder(try site.gateway.settings.accessLog).entries(
                account: site.number, after: nil, limit: 100
            )
            .entries.map { String(decoding: $0.json, as: UTF8.self) }
            let look = try #require(entries.first { $0.contains("\"console:account\"") })
            #expect(look.contains("holder_name") && look.contains("\"caller\":\"token:"))
            for action in ["console:explain", "console:money due", "console:money receipt", "console:history"] {
                #expect(entries.contains { $0.contains("\"\(action)\"") }, "\(action)")
            }
            let unknown = try AccessLogFolder(try site.gateway.settings.accessLog).entries(
                account: "99999999", after: nil, limit: 9)
            #expect(unknown.entries.contains { String(decoding: $0.json, as: UTF8.self).contains("not_found") })
        }
    }

    @Test func whatIsWrongIsSaidOnAPage() async throws {
        try await GatewaySite.with(doors: ConsoleBrowser.doors) { site in
            let browser = ConsoleBrowser(site)
            try await browser.logIn(try site.token(.assistant, .pii, .engineer, .auditor))
            for (path, status, chinese, english) in [
                ("/console/runs/abc", 400, "run 应为整数", "whole number"),
                ("/console/runs/999999", 404, "没有这个编号的运行", "no run of this number"),
                ("/console/runs?stream=nothing", 404, "没有这个数据流", "no stream of this name"),
                ("/console/quarantine/0", 400, "填写的内容不对", "What was given is wrong"),
                ("/console/quarantine/99999999", 404, "隔离区里没有", "has no entry"),
                ("/console/quarantine?state=evil", 400, "填写的内容不对", "What was given is wrong"),
                ("/console/quarantine?after=x", 400, "填写的内容不对", "What was given is wrong"),
                ("/console/account?number=99999999", 404, "没有这个户号", "no account of this number"),
                (
                    "/console/account?number=\(site.number)&as_of=yesterday", 400, "as_of 写的是“yesterday”;应为带时区的时刻",
                    "as_of"
                ),
                ("/console/account?number=" + String(repeating: "1", count: 70), 400, "填写的内容不对", "is wrong"),
                ("/console/trace?number=\(site.number)&field=nothing", 404, "没有这个字段", "no such field"),
                ("/console/trace?number=\(site.number)", 400, "field 没有填", "field"),
                ("/console/history", 400, "number 没有填", "number"),
                ("/console/access?after=%F0%9F%94%A5", 400, "填写的内容不对", "is wrong"),
            ] {
                for (language, words) in [("zh", chinese), ("en", english)] {
                    let page = try await browser.get(path, fields: ["Accept-Language": language])
                    look(at: page, path)
                    #expect(page.status == status, "\(path): \(page.status)")
                    #expect(page.text.contains(words), "\(path) in \(language)")
                    let alert = page.text.components(separatedBy: "role=\"alert\"").last?.prefix { $0 != "/" } ?? ""
                    #expect(language == "en" || String(alert).firstEnglish == nil, "\(path): \(alert)")
                    #expect(
                        page.text.contains("role=\"alert\"") && page.text.contains("<a href=\"/console\">"), "\(path)")
                }
            }
            // What is no path is no page, and nothing of a page's.
            for path in [
                "/console/runs/..", "/console/%2e%2e/v1/runs", "/console/runs/1%2f2", "/console//runs",
                "/console/runs/",
                "/console/quarantine/%00", "/console/console.css/x", "/console/nothing",
            ] {
                #expect(try await browser.get(path).status / 100 == 4, "\(path)")
            }
            #expect(try await browser.get("/console/").fields["location"] == "/console")
        }
    }

    /// Why a run failed, what it noticed and what proves it complete are said in the page's language; what the source said stands beside it.
    @Test func aRunIsExplainedInTheLanguageOfThePage() async throws {
        try await GatewaySite.with(doors: ConsoleBrowser.doors) { site in
            let run = RunID(try site.beginRun())
            try site.store.write { store in
                let proof = Completeness(.emptyPage, "12 pages")
                let notice = PullNotice("workbook.hiddenRows", "3 rows are hidden", at: "a.xlsx")
                try store.notePull(run: run, PullEnd(completeness: proof, notices: [notice]))
                try store.endRun(
                    run, state: .failed, at: .now, error: HearthError(.sourceUnreachable, "no route to it"), totals: [])
            }
            let browser = ConsoleBrowser(site)
            try await browser.logIn(try site.token(.engineer))
            for (language, marks) in [
                (
                    "zh",
                    [
                        "连不上源系统 <small lang=\"en\">no route to it ",
                        "有隐藏的行 <small lang=\"en\">3 rows are hidden</small>",
                        "一直取到空页为止 <small><code>empty_page</code>", "12 pages",
                    ]
                ),
                (
                    "en",
                    [
                        "</code> no route to it ", "<td>3 rows are hidden</td>", "pages until an empty one",
                        "12 pages",
                    ]
                ),
            ] {
                let page = try await browser.get("/console/runs/\(run.number)", fields: ["Accept-Language": language])
                look(at: page, language)
                for mark in marks { #expect(page.text.contains(mark), "\(mark)") }
            }
        }
    }

    @Test func theLanguageIsTheBrowsersUntilOneIsChosen() async throws {
        try await GatewaySite.with(doors: ConsoleBrowser.doors) { site in
            let browser = ConsoleBrowser(site)
            for (header, tag) in [
                ("", "zh-CN"), ("en-GB,en;q=0.9", "en"), ("fr, zh;q=0.5, en;q=0.4", "zh-CN"), ("de", "zh-CN"),
                ("en;q=0.1, zh-TW;q=0.2", "zh-CN"), ("\u{FF}<script>", "zh-CN"),
            ] {
                let page = try await browser.get("/console", fields: header.isEmpty ? [:] : ["Accept-Language": header])
                #expect(page.text.contains("<html lang=\"\(tag)\">"), "\(header)")
            }
            let chosen = try await browser.get("/console?lang=en", fields: ["Accept-Language": "zh"])
            #expect(chosen.text.contains("<html lang=\"en\">"))
            #expect(try await browser.get("/console").text.contains("<html lang=\"en\">"))
            let odd = try await browser.get("/console?lang=%3Cscript%3E")
            #expect(odd.text.contains("<html lang=\"en\">") && !odd.text.contains("<script>"))
        }
    }

    @Test func anAccountIsFoundByNumberAndByAddress() async throws {
        try await GatewaySite.with(doors: ConsoleBrowser.doors) { site in
            let browser = ConsoleBrowser(site)
            browser.fields = ["Accept-Language": "en"]
            try await browser.logIn(try site.token(.assistant, .pii))
            let token = try await browser.get("/console/account").hidden("token")
            let led = try await browser.post("/console/find", ["wanted": " \(site.number) ", "token": token])
            #expect(led.status == 303 && led.fields["location"] == "/console/account?number=\(site.number)")
            let facts = try #require(try site.facts()[site.number])
            let address = ["community", "building", "unit", "room"].compactMap { facts[$0] as? String }
            let place = "\(address[0])\(address[1])号楼\(address[2])单元\(address[3])"
            let found = try await browser.post("/console/find", ["wanted": place, "token": token])
            #expect(found.status == 200 && found.text.contains("?number=\(site.number)\""), "\(found.status)")
            #expect(!found.text.contains(place))
            let vague = try await browser.post("/console/find", ["wanted": "公寓 <x>", "token": token])
            #expect(vague.status == 200 && vague.text.contains("incomplete"))
            #expect(
                try await browser.post("/console/find", ["wanted": " ", "token": token]).text.contains("State a number")
            )
        }
    }

    @Test func guessesOfATokenAreBounded() async throws {
        try await GatewaySite.with(doors: { ConsoleBrowser.doors($0, loginsPerMinute: 10) }) { site in
            let browser = ConsoleBrowser(site)
            var statuses: [Int] = []
            for number in 0..<12 { statuses.append(try await browser.logIn("hearth_guess\(number)").status) }
            #expect(statuses.first == 403 && statuses.last == 429, "\(statuses)")
            #expect(browser.cookies["hearth_console"] == nil)
        }
    }
}
