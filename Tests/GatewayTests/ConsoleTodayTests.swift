import Answers
import Foundation
import HeatModel
import Records
import SQLiteStore
import Store
import Testing

@testable import Gateway

/// What the console's first page says of streams, whatever else runs.
@Suite struct ConsoleTodayTests {
    private func ago(_ days: Int64) -> Instant {
        let now = Instant.now
        return Instant(microseconds: now.microseconds - days * 86_400_000_000, offsetMinutes: now.offsetMinutes)
    }

    /// A run of `billing.charges` that has ended.
    private func run(
        _ mode: String, read: Int64 = 0, stored: Int64? = nil, error: HearthError? = nil, daysAgo: Int64 = 0,
        _ store: any StoreWriter
    ) throws {
        var counts = RunCounts()
        (counts.read, counts.unchanged) = (read, read)
        let run = try store.beginRun(
            stream: try store.stream(named: "billing.charges", entity: .charge), mode: mode, mappingVersion: "m",
            at: ago(daysAgo))
        try store.noteCounts(run: run, counts, cursorAfter: nil)
        try store.endRun(
            run, state: error == nil ? .success : .failed, at: ago(daysAgo), error: error,
            totals: stored.map { [RunTotal(side: .stored, measure: "due_fen", count: 1, sum: Fen($0))] } ?? [])
    }

    private func failure(_ message: String) -> HearthError {
        HearthError(.sourceUnreachable, message, at: .address("billing"), advice: "look for it")
    }

    /// A hotline reads one account a call. 500 of these runs take nothing from the page.
    @Test func aBusyHotlineHidesNeitherTrendsNorFailures() async throws {
        try await GatewaySite.with(doors: ConsoleBrowser.doors) { site in
            try site.store.write { store in
                try run("full", error: failure("an old trouble"), daysAgo: 8, store)
                for part: Int64 in [10_000, 20_000, 40_000] {
                    try run("full", read: part, stored: part * 100_000_000, store)
                }
                try run("incremental", error: failure("billing is gone"), store)
                for _ in 0..<500 {
                    try run("account", read: 99_000, error: failure("no answer for one account"), store)
                }
                for mode in ["replay", "remap"] { try run(mode, read: 99_000, stored: 1, store) }
            }
            let browser = ConsoleBrowser(site)
            try await browser.logIn(try site.token(.engineer))
            let english = ["Accept-Language": "en"]
            let today = try await browser.get("/console", fields: english)
            today.expectPage("today")
            // The sync of the site's making, the old failure, the three and the new failure.
            #expect(today.text.contains("aria-label=\"Rows read in the last 6 runs, 0 in the last\""))
            #expect(today.text.contains("M10 24v-5h4v5zM15 24v-11h4v11zM20 24v-22h4v22zM25 24v-1h4v1z\"/>"))
            // Failures state no sums.
            #expect(today.text.contains("aria-label=\"Sums after the last 4 runs\""))
            #expect(today.text.contains("M5 24v-5h4v5zM10 24v-11h4v11zM15 24v-22h4v22z\"/>"))
            let failed = today.text.components(separatedBy: "What failed</h3>").last ?? ""
            #expect(failed.contains("billing is gone") && failed.contains("source.unreachable"))
            #expect(!failed.contains("one account") && !failed.contains("an old trouble"))
            #expect(failed.contains("href=\"/console/runs?only=failed\""))

            let all = try await browser.get("/console/runs?only=failed", fields: english)
            all.expectPage("failed runs")
            #expect(all.text.components(separatedBy: "<th scope=\"row\"><a href=\"/console/runs/").count - 1 == 2)
            let stream = try await browser.get("/console/runs?stream=billing.charges", fields: english)
            stream.expectPage("runs of a stream")
            #expect(stream.text.contains("Rows read in the last 6 runs") && stream.text.contains("40000"))
            #expect(stream.text.contains("href=\"/console/runs?stream=billing.charges&amp;only=all\""))
            let every = try await browser.get("/console/runs?stream=billing.charges&only=all", fields: english)
            every.expectPage("all runs of a stream")
            #expect(every.text.contains("99000") && every.text.contains("Rows read in the last 6 runs"))
        }
    }

    @Test func whatIsBehindIsShown() async throws {
        try await GatewaySite.with(doors: ConsoleBrowser.doors) { site in
            let browser = ConsoleBrowser(site)
            try await browser.logIn(try site.token(.engineer))
            let english = ["Accept-Language": "en"]
            let before = try await browser.get("/console", fields: english)
            for words in ["the oldest waits", "is late by", "Webhooks"] {
                #expect(!before.text.contains(words), "\(words)")
            }
            try site.ask(for: site.number)
            try site.planNotice()
            let owner = LeaseOwner(host: "h", process: 1, processStart: 1)
            let event = IncomingEvent(type: "a", account: nil, place: nil, at: nil, body: Array("{}".utf8))
            let last = try site.store.write { store in
                _ = try store.claimWebhook(
                    "billing-hook", from: .start, owner: owner, seconds: 60, isAlive: { _ in true })
                try store.append([event, event])
                return try store.lastEvent().number
            }
            let page = try await browser.get("/console", fields: english)
            page.expectPage("today")
            #expect(page.text.contains("dispatch: the oldest waits for under a minute"))
            #expect(page.text.contains("the oldest is late by under a minute"))
            #expect(page.text.contains("<th scope=\"row\">billing-hook</th><td>\(last)</td>"))
            // Whoever may not see runs sees none of this.
            let desk = ConsoleBrowser(site)
            try await desk.logIn(try site.token(.desk))
            let own = try await desk.get("/console", fields: english)
            #expect(own.status == 200 && !own.text.contains("billing-hook"))
        }
    }

    @Test func aWeekWithoutFailureSaysSo() async throws {
        try await GatewaySite.with(doors: ConsoleBrowser.doors) { site in
            let browser = ConsoleBrowser(site)
            try await browser.logIn(try site.token(.engineer))
            let today = try await browser.get("/console", fields: ["Accept-Language": "en"])
            #expect(today.text.contains("No run has failed for 7 days."))
            // One run is no trend.
            #expect(!today.text.contains("<svg class=\"bars\""))
        }
    }
}
