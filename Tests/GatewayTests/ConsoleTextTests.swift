import Actions
import Answers
import Console
import Evidence
import Foundation
import HeatModel
import Pages
import Reconciliation
import Setup
import SQLiteStore
import Store
import Synchronization
import Testing

@testable import Gateway

/// Whatever stands in the data, a page shows it as text.
@Suite struct ConsoleTextTests {
    /// A reconciliation of nothing but hostile text.
    private static let outputs = FileManager.default.temporaryDirectory
        .appendingPathComponent("hearth-hostile-\(UUID().uuidString)").path

    private static let hostile = #""'><hx onx='1'>&{}</script></title><!--"# + "\u{202E}\u{2066}\u{0}\r\n\u{FEFF}"

    /// The same document with every text replaced, or every other one, so that what hangs on a code is walked, too.
    private static func poisoned(_ value: Any, _ mayKeep: Bool, _ count: inout Int) -> Any {
        switch value {
        case let object as [String: Any]:
            return Dictionary(
                uniqueKeysWithValues: object.sorted { $0.key < $1.key }.map {
                    ($0.key, poisoned($0.value, mayKeep, &count))
                })
        case let list as [Any]: return list.map { poisoned($0, mayKeep, &count) }
        case let text as String:
            count += 1
            return mayKeep && count % 2 == 0 ? text : hostile
        default: return value
        }
    }

    /// What a test decides while the door is open.
    private final class Ways: Sendable {
        /// Whether every other text of a document stays as it is.
        let mayKeep = Mutex(false)
        let configuration = Mutex("/nothing/here.yaml")
    }

    /// A console whose every document is poisoned, for whoever comes in by any word and may do all.
    private func withPoison(_ body: (GatewaySite, ConsoleBrowser, Ways) async throws -> Void) async throws {
        let ways = Ways()
        try await GatewaySite.with(doors: { parts in
            let door = ConsoleDoor(
                .init(),
                ways: .init(
                    identify: { _ in Caller(id: Self.hostile, scopes: ScopeSet(Scope.allCases)) },
                    ask: { question, requester in
                        var reply = parts.answerer.reply(to: question, for: requester)
                        if case .success(var document) = reply.result,
                            let value = try? JSONSerialization.jsonObject(with: Data(document.json))
                        {
                            var count = 0
                            let other = Self.poisoned(value, ways.mayKeep.withLock(\.self), &count)
                            document.json = Array((try? JSONSerialization.data(withJSONObject: other)) ?? Data())
                            reply.result = .success(document)
                        }
                        return reply
                    }, now: { parts.answerer.instant(nil) },
                    sources: SourceDesk(store: parts.store, isCancelled: { false }, versionInUse: { _ in nil }) {
                        try HearthConfiguration.load(path: ways.configuration.withLock(\.self))
                    },
                    audit: AuditDesk(store: parts.store, archive: nil, logFolders: [], gateway: nil),
                    outputs: KeptOutputs(folder: Self.outputs), outbox: Outbox(store: parts.store, systems: []),
                    mend: .init(
                        discard: { _, _ in }, replay: { _ in false },
                        replayAll: { _, _ in throw HearthError(.init(Self.hostile), Self.hostile) },
                        choose: { _, _, _, _ in false })), keys: CookieKeys([]),
                rates: .init(ofProcess: 1000), isSecure: true)
            return door.mounts
        }) { site in
            let browser = ConsoleBrowser(site)
            #expect(try await browser.logIn("any").status == 303)
            try await body(site, browser, ways)
        }
    }

    /// A page shows what is hostile in its main part, and shows it as text.
    private func look(at page: RawClient.Response, _ what: String) {
        let text = page.text
        for mark in ["<hx", "onx='1'", "\u{202E}", "\u{2066}", "\u{0}", "\u{FEFF}", "<!--", "</textarea><script"] {
            #expect(!text.contains(mark), "\(what): \(mark.debugDescription)")
        }
        #expect(text.components(separatedBy: "<script").count <= 2, "\(what)")
        if page.status == 200, page.fields["content-type"]?.hasPrefix("text/html") == true {
            // The frame names the visitor, who is hostile, too.
            let main = text.components(separatedBy: "<main").last ?? ""
            #expect(main.contains("&lt;hx onx=&#39;1&#39;&gt;"), "\(what): the text is not there at all")
            #expect(page.body.count <= 100_000, "\(what): \(page.body.count)")
        }
    }

    @Test func hostileTextInEveryFieldStaysText() async throws {
        let evil = Self.hostile
        try HandmadeOutput.write(
            ["ab", "1", evil, evil, evil, evil, "true", "123", evil, evil, evil, evil, evil, evil]
                + ["billing.x\(evil)#\(evil) (run 4, \(evil) 17); +3"], into: Self.outputs + "/a'\"<hx>")
        defer { try? FileManager.default.removeItem(atPath: Self.outputs) }
        try await withPoison { site, browser, ways in
            try site.quarantine(2)
            try site.ask(for: site.number)
            try site.planNotice()
            try site.store.write { store in
                let talk = try store.openConversation(
                    account: site.number, channel: "web", language: "zh", isElderly: false, caller: "t")
                _ = try store.addTurn(
                    Turn(number: 0, speaker: .customer, at: talk.openedAt, words: "热", caller: "t"), to: talk.id)
            }
            let evil = FormBody.encoded(Self.hostile)
            for keeps in [false, true] {
                ways.mayKeep.withLock { $0 = keeps }
                for path in [
                    "/console", "/console/runs", "/console/runs/1", "/console/quarantine", "/console/quarantine/1",
                    "/console/quarantine?state=all", "/console/account?number=\(site.number)",
                    "/console/account?number=\(site.number)&versus=previous",
                    "/console/trace?number=\(site.number)&field=holder_name", "/console/history?number=\(site.number)",
                    "/console/conversation?id=1", "/console/trace?number=\(site.number)&field=due&season=\(evil)",
                    "/console/reconciliation", "/console/reconciliation/findings",
                    "/console/reconciliation/finding?id=ab",
                    "/console/reconciliation?output=\(evil)", "/console/reconciliation/findings?rule=\(evil)",
                    "/console/reconciliation/compare?before=\(evil)&after=\(evil)&kind=\(evil)",
                    "/console/reconciliation/download?file=\(evil)",
                    "/console/actions", "/console/actions?action=1", "/console/notices",
                    "/console/actions?state=\(evil)", "/console/notices?rule=\(evil)&state=all",
                    "/console/access", "/console/access?account=\(evil)", "/console/account?number=\(evil)",
                    "/console/runs?stream=\(evil)", "/console/quarantine?code=\(evil)&state=all",
                    "/console/trace?number=\(evil)&field=\(evil)", "/console/nothing/\(evil)", "/console?lang=\(evil)",
                    "/console/runs/\(evil)", "/console/account?number=\(site.number)&as_of=\(evil)",
                ] {
                    for language in ["zh", "en"] {
                        let page = try await browser.get(path, fields: ["Accept-Language": language])
                        look(at: page, "\(path) as \(keeps)")
                    }
                }
            }
            // What a form brings is no better.
            let token = try await browser.get("/console/account").hidden("token")
            let found = try await browser.post("/console/find", ["wanted": Self.hostile, "token": token])
            #expect(!found.text.contains("<hx"))
        }
    }

    /// A page once nothing goes on behind it any more.
    private func settled(_ path: String, _ browser: ConsoleBrowser) async throws -> RawClient.Response {
        let end = ContinuousClock.now + .seconds(300)
        while true {
            let page = try await browser.get(path)
            if !page.text.contains("class=\"busy\"") { return page }
            try #require(ContinuousClock.now < end)
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// A database whose table, columns and values are hostile, with a second source that names a table that is not there.
    private func poisonSources(_ site: GatewaySite) async throws {
        let evil = Self.hostile.replacing("\u{0}", with: "")
        let script = """
            import sqlite3, sys
            path, evil, number = sys.argv[1:]
            q = lambda text: '"' + text.replace('"', '""') + '"'
            db = sqlite3.connect(path)
            db.execute(f"CREATE TABLE {q(evil)} ({q(evil)} {q(evil)} PRIMARY KEY, account TEXT, season TEXT, due TEXT)")
            db.execute(f"INSERT INTO {q(evil)} VALUES (?, ?, '2025-2026', '12.50'), ('2', ?, ?, ?)", (evil, number, number, evil, evil))
            db.execute(f"CREATE VIEW {q('w' + evil)} AS SELECT * FROM {q('gone' + evil)}")
            db.commit()
            """
        let made = try await GatewaySite.run(
            "/usr/bin/python3", ["-c", script, site.folder + "/evil.sqlite", evil, site.number])
        try #require(made.0 == 0, "\(made.1)")
        func quoted(_ text: String) -> String {
            let inner = text.unicodeScalars.map { scalar in
                let digits = String(scalar.value, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
            return "\"\(inner.joined())\""
        }
        var sources = "\nsources:\n"
        for (name, table) in [("evil", evil), ("lost", "gone" + evil)] {
            sources += """
                  \(name):
                    sql: {driver: sqlite, path: ../evil.sqlite}
                    streams: {rows: {table: \(quoted(table)), key: [\(quoted(evil))]}}

                """
            try """
            # </textarea><script>x</script><hx onx='1'>
            entity: charge
            from: \(name).rows
            key: [\(quoted(evil))]
            account: {column: account, as: accountNumber}
            fields:
              number: {column: \(quoted(evil)), as: text}
              season: {column: season, as: season, required: true}
              item: {value: heatByArea}
              due: {column: due, as: money(yuan), required: true}
            """.write(toFile: "\(site.folder)/Mappings/\(name).rows.yaml", atomically: true, encoding: .utf8)
        }
        let text = try String(contentsOfFile: site.configuration, encoding: .utf8)
        try text.replacing("\nsources:\n", with: sources).write(
            toFile: site.configuration, atomically: true, encoding: .utf8)
    }

    /// What stands in the sources themselves, in a mapping file and in the chain comes to the pages by no document.
    @Test func hostileTablesMappingsAndLinesOfTheChainStayText() async throws {
        try await withPoison { site, browser, ways in
            try await poisonSources(site)
            ways.configuration.withLock { $0 = site.configuration }
            let token = try await browser.get("/console/account").hidden("token")
            for (deed, subject, what) in [
                ("check", "evil", "record.badSeason"), ("discover", "evil", "no such table"),
                ("preview", "evil.rows", "2025-2026"), ("plan", "evil.rows", "<td>2</td>"),
                ("check", "lost", "config.unknownTable"), ("discover", "lost", "config.unknownTable"),
            ] {
                let form = ["token": token, "do": deed, "subject": subject]
                #expect(try await browser.post("/console/sources", form).status == 303, "\(deed) \(subject)")
                let page = try await settled("/console/sources", browser)
                look(at: page, "\(deed) \(subject)")
                // Beside the visitor, who is hostile in the frame and where it is said who asked for this.
                #expect(page.text.components(separatedBy: "&lt;hx onx=&#39;1&#39;&gt;").count > 3, "\(deed) \(subject)")
                #expect(page.text.contains(what), "\(deed) \(subject): \(page.text)")
            }
            let mapping = "/console/sources/mapping?stream=evil.rows"
            let file = try await browser.get(mapping)
            look(at: file, mapping)
            #expect(file.text.contains("# &lt;/textarea&gt;&lt;script&gt;"))
            for text in [Self.hostile, "entity: \"<hx onx='1'>\"", "</textarea><script><hx onx='1'>"] {
                let form = ["token": token, "stream": "evil.rows", "do": "check", "text": text]
                let draft = try await browser.post("/console/sources/mapping", form)
                look(at: draft, text)
                #expect(draft.status == 200 && draft.text.contains("<table>"), "what is wrong with \(text)")
            }

            try site.store.write { store in
                try AuditTrail.note(
                    applied: .init(mapping: Self.hostile, was: Self.hostile, now: Self.hostile, by: Self.hostile),
                    in: store)
                try AuditTrail.note(removed: [1], reason: Self.hostile, in: store)
                try AuditTrail.note(manifest: [1], name: "/x/" + Self.hostile, in: store)
            }
            look(at: try await browser.get("/console/audit"), "the chain")
            #expect(try await browser.post("/console/audit", ["token": token]).status == 303)
            let page = try await settled("/console/audit", browser)
            look(at: page, "a verification")
            #expect(page.text.contains("role=\"alert\""), "it finds no manifest of this name")
        }
    }
}
