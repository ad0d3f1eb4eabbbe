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

/// What auditors have done from the console: a verification; what waits.
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
}

/// Where the store's chain stands, as an auditor notes it.
private enum AuditHead {
    static func of(_ store: any StoreReader) throws -> String? {
        try store.lastChainLine().map {
            "\($0.sequence):" + String(decoding: $0.line.dropFirst(9).prefix(64), as: UTF8.self)
        }
    }
}
