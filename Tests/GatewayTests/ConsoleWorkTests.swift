import Answers
import Foundation
import HeatModel
import Pages
import SQLiteStore
import Setup
import Store
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
            #expect(actions.text.contains("/console/actions?action=1") && actions.text.contains("number=\(site.number)"))
            #expect(try await engineer.get("/console/actions?state=confirmed").text.contains("There are none"))
            #expect(try await engineer.get("/console/actions?dead=true").text.contains("There are none"))
            let one = try await engineer.get("/console/actions?action=1")
            one.expectPage("action")
            #expect(one.text.contains("R1") && one.text.contains("hearth actions retry 1"))
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
            #expect(try await assistant.post("/console/audit", ["token": String(own.prefix { $0 != "\"" })]).status == 403)
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

    private func withSources(_ body: (GatewaySite, ConsoleBrowser, _ token: String) async throws -> Void) async throws {
        let path = Late()
        try await GatewaySite.with(doors: { ConsoleBrowser.doors($0, configuration: { path.value.withLock(\.self) }) }) {
            site in
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
            for (deed, subject) in [("check", "nothing"), ("drop", "billing"), ("preview", "billing"), ("plan", "../x")] {
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
            for stream in ["", "../../Config/hearth", "billing.nothing", "unified"] {
                let other = try await engineer.get("/console/sources/mapping?stream=\(FormBody.encoded(stream))")
                #expect(other.status == 404, "\(stream)")
            }
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
