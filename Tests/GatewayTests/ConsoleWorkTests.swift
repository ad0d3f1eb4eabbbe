import Actions
import Answers
import Evidence
import Foundation
import HeatModel
import Mapping
import Pages
import SQLiteStore
import Setup
import Store
import Sync
import Synchronization
import Testing

@testable import Console
@testable import Gateway

/// What engineers and auditors have done from the console: a verification, a look at the sources, a mapping file tried.
@Suite struct ConsoleWorkTests {
    private func browser(_ site: GatewaySite, _ scope: Scope) async throws -> ConsoleBrowser {
        let browser = ConsoleBrowser(site)
        browser.fields = ["Accept-Language": "en"]
        try await browser.logIn(try site.token(scope))
        return browser
    }

    /// Looks until the page says so.
    private func until(
        _ browser: ConsoleBrowser, _ path: String, _ isDone: (String) -> Bool
    ) async throws -> RawClient.Response {
        let end = ContinuousClock.now + .seconds(300)
        while true {
            let page = try await browser.get(path)
            if page.status == 200, isDone(page.text) { return page }
            try #require(ContinuousClock.now < end, "\(page.text)")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test func actionsAndNoticesThatWaitAreShown() async throws {
        try await GatewaySite.with(doors: ConsoleBrowser.doors) { site in
            try site.ask(for: site.number)
            try site.planNotice()
            let engineer = try await browser(site, .engineer)
            let today = try await engineer.get("/console")
            #expect(today.text.contains("1 actions not settled") && today.text.contains("1 notices planned"))
            let actions = try await engineer.get("/console/actions?state=open")
            #expect(
                actions.text.contains("/console/actions?action=1") && actions.text.contains("number=\(site.number)"))
            #expect(try await engineer.get("/console/actions?state=confirmed").text.contains("There are none"))
            #expect(try await engineer.get("/console/actions?dead=true").text.contains("There are none"))
            let one = try await engineer.get("/console/actions?action=1")
            one.expectPage("action")
            #expect(one.text.contains("R1") && one.text.contains("value=\"retry\""))
            let notices = try await engineer.get("/console/notices")
            #expect(notices.text.contains("arrears-3") && notices.text.contains("number=\(site.number)"))
            #expect(try await engineer.get("/console/notices?state=sent").text.contains("There are none"))
            for (path, status) in [
                ("/console/actions?action=99", 404), ("/console/actions?action=x", 400),
                ("/console/actions?state=evil", 400), ("/console/actions?before=x", 400),
                ("/console/actions?account=%2e%2e", 400), ("/console/notices?state=evil", 400),
            ] {
                let page = try await engineer.get(path)
                page.expectPage(path)
                #expect(page.status == status, "\(path): \(page.status)")
            }
        }
    }

    @Test func aRunsLogIsShownAndTheCommandHasTheSame() async throws {
        try await GatewaySite.with(doors: ConsoleBrowser.doors) { site in
            let log = try #require(try site.store.read { try $0.log(of: RunID(1)) })
            let (first, last) = (try #require(log.lines.first), try #require(log.lines.last))
            #expect(first.text.hasPrefix("begins: ") && last.text.hasPrefix("ends: success, "))
            let page = try await browser(site, .engineer).get("/console/runs/1")
            page.expectPage("run")
            let (status, output) = try await GatewaySite.run(
                GatewaySite.program, ["runs", "1", "--config", site.configuration])
            #expect(status == 0)
            for line in [first, last] { #expect(page.text.contains(line.text) && output.contains(line.text), "\(line)") }
            // Of a run that kept none, as one of an earlier version, that is said.
            let older = try site.beginRun()
            #expect(try await browser(site, .engineer).get("/console/runs/\(older)").text.contains("No log is kept"))
        }
    }

    /// The lines of the store's chain about one kind of thing.
    private func chained(_ site: GatewaySite, _ about: String) throws -> [String] {
        try site.store.read { try AuditTrail.tail(10_000, of: $0) }.filter { $0.about == about }.map(\.detail)
            .reversed()
    }

    private func hidden(_ page: RawClient.Response, _ names: String...) -> [String: String] {
        Dictionary(uniqueKeysWithValues: names.map { ($0, page.hidden($0)) })
    }

    @Test func anActionIsTriedAgainAndGivenUpOnce() async throws {
        try await GatewaySite.with(doors: ConsoleBrowser.doors) { site in
            try site.ask(for: site.number)
            func action() throws -> StoredAction? { try site.store.read { try $0.action(ActionID(1)) } }
            let path = "/console/actions?action=1"
            let engineer = try await browser(site, .engineer)
            let page = try await engineer.get(path)
            page.expectPage("action")
            let form = hidden(page, "token", "action", "seen")
            #expect(page.text.contains("<label for=\"reason\">"))
            // Who may only look, and whose form it is not.
            let auditor = try await browser(site, .auditor)
            let read = try await auditor.get(path)
            #expect(!read.text.contains("value=\"retry\"") && read.text.contains("engineer"))
            let own = String(read.text.components(separatedBy: "name=\"token\" value=\"")[1].prefix { $0 != "\"" })
            for deed in ["retry", "drop"] {
                let sent = form.merging(["do": deed, "reason": "r"]) { $1 }
                #expect(try await auditor.post("/console/actions", sent.merging(["token": own]) { $1 }).status == 403)
                #expect(try await engineer.post("/console/actions", sent.merging(["token": own]) { $1 }).status == 403)
                let foreign = ["Origin": "http://elsewhere.example"]
                #expect(try await engineer.post("/console/actions", sent, fields: foreign).status == 403)
            }
            let before = try action()
            #expect(try chained(site, "action") == [] && before?.state == .accepted)
            // Tried again: once, however often it is sent.
            let retry = form.merging(["do": "retry"]) { $1 }
            #expect(try await engineer.post("/console/actions", retry).fields["location"] == path)
            let twice = try await engineer.post("/console/actions", retry)
            twice.expectPage("twice")
            #expect(twice.status == 409 && twice.text.contains("changed since"))
            let retried = try action()
            #expect(retried?.mark != before?.mark && retried?.state == .accepted)
            // Given up for a reason, and not by a page of before.
            let late = try await engineer.post("/console/actions", form.merging(["do": "drop", "reason": "r"]) { $1 })
            #expect(try late.status == 409 && action()?.state == .accepted)
            let now = hidden(try await engineer.get(path), "token", "action", "seen").merging(["do": "drop"]) { $1 }
            for reason in ["", " \n ", String(repeating: "x", count: 201)] {
                let refused = try await engineer.post("/console/actions", now.merging(["reason": reason]) { $1 })
                #expect(try refused.status == 400 && action()?.state == .accepted, "\(reason)")
            }
            let drop = now.merging(["reason": "made <b> by\nhand"]) { $1 }
            #expect(try await engineer.post("/console/actions", drop).fields["location"] == path)
            #expect(try await engineer.post("/console/actions", drop).status == 409)
            #expect(try action()?.state == .dropped && action()?.message == "made <b> by hand")
            let lines = try chained(site, "action")
            #expect(lines.count == 2, "\(lines)")
            #expect(lines.last?.hasPrefix("createWorkOrder accepted → dropped token:") == true, "\(lines)")
            let settled = try await engineer.get(path)
            #expect(settled.text.contains("made &lt;b&gt; by hand") && !settled.text.contains("value=\"drop\""))
            for (sent, status) in [
                (["do": "burn"], 403), (["do": "retry", "action": "x"], 400), (["do": "retry", "action": "99"], 404),
            ] {
                #expect(
                    try await engineer.post("/console/actions", now.merging(sent) { $1 }).status == status, "\(sent)")
            }
            let entries = try AccessLogFolder(try site.gateway.settings.accessLog).entries(
                account: site.number, after: nil, limit: 1000
            ).entries.map { String(decoding: $0.json, as: UTF8.self) }
            for action in ["console:action retry", "console:action drop"] {
                #expect(entries.contains { $0.contains("\"\(action)\"") && $0.contains("\"ok\"") }, "\(action)")
                #expect(entries.contains { $0.contains("\"\(action)\"") && $0.contains("\"refused\"") }, "\(action)")
            }
        }
    }

    @Test func oneOfTheAccountsIsChosen() async throws {
        try await GatewaySite.with(doors: ConsoleBrowser.doors) { site in
            let other = try #require(
                try site.store.read { try $0.accounts(after: nil, limit: 9, at: nil).map(\.number) }.first {
                    $0 != site.number
                })
            try site.quarantine(2, candidates: [site.number, other])
            let entries = try site.store.read {
                try $0.quarantine(stream: nil, state: .open, code: "match.ambiguousId", after: nil, limit: 500)
            }.filter { $0.place.hasPrefix("a.csv") }
            let entry = try #require(entries.first)
            let path = "/console/quarantine/\(entry.id.number)"
            func state() throws -> QuarantineState? { try site.store.read { try $0.quarantined(entry.id)?.state } }
            let engineer = try await browser(site, .engineer)
            let page = try await engineer.get(path)
            page.expectPage("entry")
            for number in [site.number, other] {
                #expect(page.text.contains("type=\"radio\" name=\"account\" value=\"\(number)\""))
            }
            #expect(page.text.contains("<legend>") && page.text.contains("<label for=\"reason\">"))
            let form = ["do": "choose", "account": other, "reason": "by telephone", "token": page.hidden("token")]
            let auditor = try await browser(site, .auditor)
            let read = try await auditor.get(path)
            #expect(read.text.contains("number=\(other)") && !read.text.contains("type=\"radio\""))
            let own = String(read.text.components(separatedBy: "name=\"token\" value=\"")[1].prefix { $0 != "\"" })
            #expect(try await auditor.post(path, form.merging(["token": own]) { $1 }).status == 403)
            #expect(try await engineer.post(path, form.merging(["token": own]) { $1 }).status == 403)
            for (member, value, words) in [
                ("account", "99999999", "Choose one"), ("account", "", "Choose one"), ("reason", " ", "Say why"),
                ("reason", String(repeating: "x", count: 201), "Say why"),
            ] {
                let refused = try await engineer.post(path, form.merging([member: value]) { $1 })
                #expect(refused.status == 200 && refused.text.contains(words), "\(member) \(value)")
            }
            #expect(try chained(site, "decided") == [] && state() == .open)
            #expect(try await engineer.post(path, form).fields["location"] == path)
            #expect(try await engineer.post(path, form).status == 409)
            let lines = try chained(site, "decided")
            #expect(lines.count == 1 && lines[0].contains("→ \(other) token:"), "\(lines)")
            #expect(try state() == .replayed)
            // Settled by somebody else while the page was open.
            let second = try #require(entries.last)
            try site.store.write { try $0.setQuarantineState(second.id, .discarded, run: nil, note: "n") }
            #expect(try await engineer.post("/console/quarantine/\(second.id.number)", form).status == 409)
            #expect(try chained(site, "decided").count == 1)
            let log = try await auditor.get("/console/access?account=\(other)")
            #expect(log.text.contains("console:quarantine choose"))
        }
    }

    @Test func allEntriesOfAReasonAreReplayedAndWhatCameOfItIsSaid() async throws {
        let asked = Mutex<[String]>([])
        let gate = DispatchSemaphore(value: 0)
        try await GatewaySite.with(doors: {
            ConsoleBrowser.doors(
                $0,
                replayAll: { code, stream in
                    asked.withLock { $0.append("\(code) \(stream ?? "-")") }
                    gate.wait()
                    var result = ReplayResult()
                    (result.replayed, result.refused, result.unreadable) = (2, 1, 3)
                    return result
                })
        }) { site in
            try site.quarantine(3)
            let engineer = try await browser(site, .engineer)
            let path = "/console/quarantine?code=record.badDate&stream=billing.charges"
            let page = try await engineer.get(path)
            page.expectPage("cause")
            let form = ["code": "record.badDate", "stream": "billing.charges", "token": page.hidden("token")]
            #expect(page.hidden("code") == "record.badDate" && page.hidden("stream") == "billing.charges")
            let auditor = try await browser(site, .auditor)
            let read = try await auditor.get(path)
            #expect(!read.text.contains("Replay all"))
            let own = String(read.text.components(separatedBy: "name=\"token\" value=\"")[1].prefix { $0 != "\"" })
            #expect(try await auditor.post("/console/quarantine", form.merging(["token": own]) { $1 }).status == 403)
            #expect(try await engineer.post("/console/quarantine", form.merging(["token": own]) { $1 }).status == 403)
            for other in [["code": "record.nothing"], ["code": ""], ["stream": "billing.payments"]] {
                #expect(
                    try await engineer.post("/console/quarantine", form.merging(other) { $1 }).status == 409, "\(other)"
                )
            }
            #expect(asked.withLock { $0.isEmpty })
            #expect(try await engineer.post("/console/quarantine", form).fields["location"] == "/console/quarantine")
            let twice = try await engineer.post("/console/quarantine", form)
            #expect(twice.status == 200 && twice.text.contains("under way already"))
            gate.signal()
            let done = try await until(engineer, "/console/quarantine") { $0.contains("The last replay") }
            done.expectPage("replayed")
            for words in ["2 went through", "1 were refused again", "3 cannot be split"] {
                #expect(done.text.contains(words))
            }
            #expect(asked.withLock(\.self) == ["record.badDate billing.charges"])
            #expect(try await auditor.get("/console/access").text.contains("console:quarantine replay all"))
        }
    }

    @Test func theChainIsWalkedAndWhatDoesNotFitIsNamed() async throws {
        try await GatewaySite.with(doors: ConsoleBrowser.doors) { site in
            let auditor = try await browser(site, .auditor)
            let page = try await auditor.get("/console/audit")
            page.expectPage("audit")
            let head = try #require(try site.store.read { try AuditHead.of($0) })
            #expect(page.text.contains(head) && page.text.contains("Nothing was verified"))
            let token = page.hidden("token")
            #expect(try await auditor.post("/console/audit", [:]).status == 403)
            let bad = try await auditor.post("/console/audit", ["token": token, "head": "<x>"])
            #expect(bad.status == 200 && bad.text.contains("seq:hash") && !bad.text.contains("<x>"))
            #expect(try await auditor.post("/console/audit", ["token": token]).fields["location"] == "/console/audit")
            let well = try await until(auditor, "/console/audit") { $0.contains("Nothing is wrong.") }
            #expect(well.text.contains("token:"))
            // A head that somebody noted and that the chain has no longer.
            let other = "1:" + String(repeating: "0", count: 64)
            _ = try await auditor.post("/console/audit", ["token": token, "head": other])
            let wrong = try await until(auditor, "/console/audit") { $0.contains("WRONG") }
            wrong.expectPage("wrong")
            #expect(wrong.text.contains("role=\"alert\""))
            let log = try await auditor.get("/console/access")
            #expect(log.text.contains("console:audit verify"))
            let assistant = try await browser(site, .assistant)
            #expect(try await assistant.get("/console/audit").status == 403)
            let own = try await assistant.get("/console").text.components(separatedBy: "name=\"token\" value=\"")[1]
            #expect(
                try await assistant.post("/console/audit", ["token": String(own.prefix { $0 != "\"" })]).status == 403)
        }
    }

    @Test func oneThingIsDoneAtATime() async throws {
        let work = BackgroundWork<Int>(now: { .now })
        let gate = DispatchSemaphore(value: 0)
        #expect(
            work.begin("first", by: "a") { step in
                step("half")
                gate.wait()
                return 1
            })
        #expect(!work.begin("second", by: "b") { _ in 2 })
        #expect(work.current.underway?.name == "first" && work.current.last == nil)
        gate.signal()
        while work.current.underway != nil { try await Task.sleep(for: .milliseconds(2)) }
        #expect(try work.current.last?.outcome.get() == 1 && work.current.last?.caller == "a")
        #expect(work.begin("third", by: "b") { _ in throw CancellationError() })
        while work.current.underway != nil { try await Task.sleep(for: .milliseconds(2)) }
        #expect(throws: CancellationError.self) { try work.current.last?.outcome.get() }
    }

    /// A path of this machine is cut to its last two parts, and nothing else is.
    @Test func foldersOfTheMachineAreNotTold() {
        #expect(Look.short("/var/lib/hearth/Config/hearth.yaml:12") == "…/Config/hearth.yaml:12")
        #expect(Look.short("in /a/b/c/d.csv: no") == "in …/c/d.csv: no")
        #expect(Look.short("1 of 2/3 rows, due_fen") == "1 of 2/3 rows, due_fen")
    }

    // MARK: Sources

    private func withSources(
        _ settings: ChannelSettings.Console = .init(),
        _ body: (GatewaySite, ConsoleBrowser, _ token: String) async throws -> Void
    ) async throws {
        let path = Late()
        let inUse = Late()
        try await GatewaySite.with(doors: {
            ConsoleBrowser.doors(
                $0, settings, configuration: { path.value.withLock(\.self) },
                inUse: { _ in inUse.value.withLock(\.self) })
        }) { site in
            let mapping = try Data(contentsOf: URL(fileURLWithPath: site.folder + "/Mappings/billing.charges.yaml"))
            inUse.value.withLock { $0 = MappingFolder.digest(String(decoding: mapping, as: UTF8.self)) }
            path.value.withLock { $0 = site.configuration }
            let engineer = try await browser(site, .engineer)
            let page = try await engineer.get("/console/sources")
            page.expectPage("sources")
            try await body(site, engineer, page.hidden("token"))
        }
    }

    private final class Late: Sendable {
        let value = Mutex("")
    }

    @Test func sourcesAreLookedAtAndNothingIsWritten() async throws {
        try await withSources { site, engineer, token in
            let before = try site.store.read { try $0.runs(stream: nil, limit: 1000).count }
            func ask(_ deed: String, _ subject: String) async throws -> RawClient.Response {
                try await engineer.post("/console/sources", ["token": token, "do": deed, "subject": subject])
            }
            #expect(try await ask("check", "billing").fields["location"] == "/console/sources")
            let checked = try await until(engineer, "/console/sources") { $0.contains("Verdict") }
            checked.expectPage("check")
            #expect(checked.text.contains(">ok<"), "\(checked.text)")
            _ = try await ask("discover", "billing")
            let found = try await until(engineer, "/console/sources") { $0.contains("Rows (about)") }
            #expect(found.text.contains("sf_fy") || found.text.contains("<th scope=\"row\">charges"), "\(found.text)")
            _ = try await ask("preview", "customer.residents")
            let shown = try await until(engineer, "/console/sources") { $0.contains("Raw and canonical") }
            shown.expectPage("preview")
            #expect(shown.text.contains("***") && !shown.text.contains(site.identity))
            _ = try await ask("plan", "customer.residents")
            let planned = try await until(engineer, "/console/sources") { $0.contains("What a sync would do") }
            planned.expectPage("plan")
            #expect(planned.text.contains("customer.residents"))
            // What takes no part in it: other words, other streams, who may not.
            for (deed, subject) in [
                ("check", "nothing"), ("drop", "billing"), ("preview", "billing"), ("plan", "../x"),
            ] {
                #expect(try await ask(deed, subject).status == 403, "\(deed) \(subject)")
            }
            #expect(try await engineer.post("/console/sources", ["do": "check", "subject": "billing"]).status == 403)
            #expect(try site.store.read { try $0.runs(stream: nil, limit: 1000).count } == before)
            let auditor = try await browser(site, .auditor)
            for path in ["/console/sources", "/console/sources/mapping?stream=billing.charges"] {
                let refused = try await auditor.get(path)
                #expect(refused.status == 403 && refused.text.contains("engineer"), "\(path)")
            }
            let log = try await auditor.get("/console/access")
            #expect(log.text.contains("console:preview customer.residents"))
        }
    }

    @Test func aMappingIsTriedAndItsFileStaysAsItIs() async throws {
        try await withSources { site, engineer, token in
            let path = site.folder + "/Mappings/billing.charges.yaml"
            let file = try String(contentsOfFile: path, encoding: .utf8)
            let page = try await engineer.get("/console/sources/mapping?stream=billing.charges")
            page.expectPage("mapping")
            #expect(page.status == 200 && page.text.contains("from: billing.charges"))
            func attempt(_ text: String, _ deed: String = "check") async throws -> RawClient.Response {
                try await engineer.post(
                    "/console/sources/mapping",
                    ["token": token, "stream": "billing.charges", "text": text, "do": deed])
            }
            #expect(try await attempt(file).text.contains("Nothing is wrong with it"))
            let broken = try await attempt(file.replacing("entity: charge", with: "entity: chagre\n<x>: 1"))
            broken.expectPage("broken")
            #expect(broken.status == 200 && broken.text.contains("billing.charges.yaml:"), "\(broken.text)")
            #expect(!broken.text.contains("hearth-draft") && !broken.text.contains("<x>"))
            #expect(try await attempt("\u{1}\u{0}{{{").text.contains("things are wrong"))
            #expect(try await attempt(String(repeating: "# x\n", count: 30_000)).status == 400)
            let plan = try await attempt(file, "plan")
            #expect(plan.fields["location"] == "/console/sources")
            let planned = try await until(engineer, "/console/sources") { $0.contains("What a sync would do") }
            #expect(planned.text.contains("plan of a draft for billing.charges"))
            #expect(try String(contentsOfFile: path, encoding: .utf8) == file)
            // Nor is it written where the configuration does not say that it may be.
            #expect(planned.text.contains("applyMappings") && !planned.text.contains("value=\"apply\""))
            let off = try await engineer.post(
                "/console/sources/mapping",
                [
                    "token": token, "stream": "billing.charges", "do": "apply", "seen": MappingFolder.digest(file),
                    "draft": "x",
                ])
            #expect(off.status == 403 && off.text.contains("applyMappings: true"))
            for stream in ["", "../../Config/hearth", "billing.nothing", "unified"] {
                let other = try await engineer.get("/console/sources/mapping?stream=\(FormBody.encoded(stream))")
                #expect(other.status == 404, "\(stream)")
            }
        }
    }

    @Test func aPlannedMappingIsAppliedOverWhatWasShownAndNothingElse() async throws {
        var settings = ChannelSettings.Console()
        settings.appliesMappings = true
        try await withSources(settings) { site, engineer, token in
            let folder = site.folder + "/Mappings"
            let path = folder + "/billing.charges.yaml"
            func read() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
            let file = try read()
            let mapping = "/console/sources/mapping"
            let page = try await engineer.get(mapping + "?stream=billing.charges")
            #expect(page.text.contains("uses this file"))
            let seen = page.hidden("seen")
            #expect(seen == MappingFolder.digest(file))
            func plan(_ text: String, _ seen: String) async throws -> [String: String] {
                let sent = ["token": token, "stream": "billing.charges", "text": text, "seen": seen, "do": "plan"]
                #expect(try await engineer.post(mapping, sent).fields["location"] == "/console/sources")
                let done = try await until(engineer, "/console/sources") {
                    $0.contains("value=\"\(MappingFolder.digest(text))\"") && !$0.contains("class=\"busy\"")
                }
                done.expectPage("planned")
                let parts = done.text.components(separatedBy: "name=\"draft\" value=\"")
                return [
                    "token": token, "stream": "billing.charges", "do": "apply", "seen": seen,
                    "draft": String(parts[1].prefix { $0 != "\"" }),
                ]
            }
            let draft = "# tried\n" + file
            // What was never planned is not applied.
            let unplanned = try await engineer.post(
                mapping,
                [
                    "token": token, "stream": "billing.charges", "do": "apply", "seen": seen,
                    "draft": MappingFolder.digest(draft),
                ])
            #expect(unplanned.status == 409 && unplanned.text.contains("Plan it again"))
            let form = try await plan(draft, seen)
            // Who may not, and whose form it is not.
            let auditor = try await browser(site, .auditor)
            let own = try await auditor.get("/console/audit").hidden("token")
            #expect(try await auditor.post(mapping, form.merging(["token": own]) { $1 }).status == 403)
            #expect(try await engineer.post(mapping, form.merging(["token": own]) { $1 }).status == 403)
            #expect(try await engineer.post(mapping, form.merging(["draft": seen]) { $1 }).status == 409)
            // Somebody has edited the file meanwhile.
            let edited = file + "# by hand\n"
            try edited.write(toFile: path, atomically: true, encoding: .utf8)
            let late = try await engineer.post(mapping, form)
            late.expectPage("late")
            #expect(try late.status == 409 && late.text.contains("has changed since") && read() == edited)
            #expect(!FileManager.default.fileExists(atPath: folder + "/history"))
            #expect(try chained(site, "applied") == [])
            try file.write(toFile: path, atomically: true, encoding: .utf8)
            // Another mapping has come to be wrong since the plan: the errors are those of a check.
            let unified = try String(contentsOfFile: folder + "/unified.yaml", encoding: .utf8)
            try (unified + "\nnothing: 1\n").write(toFile: folder + "/unified.yaml", atomically: true, encoding: .utf8)
            let broken = try await engineer.post(mapping, form)
            #expect(try broken.status == 200 && broken.text.contains("things are wrong") && read() == file)
            #expect(try chained(site, "applied") == [])
            try unified.write(toFile: folder + "/unified.yaml", atomically: true, encoding: .utf8)
            // A folder that the server may not write: what to do is told, and nothing is in the chain.
            try "".write(toFile: folder + "/history", atomically: false, encoding: .utf8)
            let closed = try await engineer.post(mapping, form)
            closed.expectPage("closed")
            #expect(try closed.status == 200 && closed.text.contains("ReadOnlyPaths=") && read() == file)
            #expect(try chained(site, "applied") == [])
            try FileManager.default.removeItem(atPath: folder + "/history")
            // As it should be; and a second time nothing.
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
            let done = try await engineer.post(mapping, form)
            done.expectPage("applied")
            #expect(try done.status == 200 && read() == draft)
            #expect(done.text.contains("Restart it before its next sync") && !done.text.contains("uses this file"))
            #expect(try await engineer.post(mapping, form).status == 409)
            let rights = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(rights == 0o640)
            let kept = try FileManager.default.contentsOfDirectory(atPath: folder + "/history")
            #expect(kept == ["billing.charges-\(seen.prefix(12)).yaml"])
            #expect(try String(contentsOfFile: folder + "/history/" + (kept.first ?? ""), encoding: .utf8) == file)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).allSatisfy { !$0.contains(".part") })
            let lines = try chained(site, "applied")
            let digests = "\(seen.prefix(12)) → \(MappingFolder.digest(draft).prefix(12))"
            #expect(lines.count == 1 && lines[0].hasPrefix("billing.charges \(digests) token:"), "\(lines)")
            #expect(try await auditor.get("/console/access").text.contains("console:mapping apply billing.charges"))
            #expect(try await engineer.get(mapping + "?stream=billing.charges").text.contains("Restart it"))
            #expect(try MappingSet.load(directory: folder).files.count > 5)
        }
    }
}

/// Where the store's chain stands, as an auditor notes it.
private enum AuditHead {
    static func of(_ store: any StoreReader) throws -> String? {
        try store.lastChainLine().map {
            "\($0.sequence):" + String(decoding: $0.line.dropFirst(9).prefix(64), as: UTF8.self)
        }
    }
}
