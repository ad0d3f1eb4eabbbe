import Foundation
import HearthTesting
import LegacyEstate
import TestTraits
import Testing

/// The second day: what changed changes, and nothing else does.
@Suite(.waitsForServers) struct DayTwoTests {
    @Test(arguments: [(600, UInt64(7), City.tianjin, false), (500, 8, .harbin, true)])
    func exactlyWhatChangedChanges(_ accounts: Int, _ seed: UInt64, _ city: City, _ onPostgres: Bool) async throws {
        try await Site.with(
            EstateOptions(accounts: accounts, seed: seed, city: city), billing: onPostgres ? .postgres : .sqlite
        ) { site in
            #expect(try await site.hearth("sync").status == 1)
            let firstRun = try site.store().number("SELECT max(id) FROM run")
            let second = site.estate.advanced()
            let changes = second.changes
            let carried = try Self.carriedAlong(changes, site)
            try site.show(second)

            let plan = try await site.hearth("plan", "--json", "--show", "1000")
            #expect(plan.status == 1)
            let planned = (try plan.json() as? [String: Any])?["changes"] as? [[String: Any]] ?? []
            let sync = try await site.hearth("sync", "--json")
            let store = try site.store()
            let runs = (try sync.json() as? [String: Any])?["runs"] as? [[String: Any]] ?? []
            for run in runs {
                let stream = run["stream"] as? String ?? ""
                let counts = run["counts"] as? [String: Int] ?? [:]
                let mine = changes.filter { $0.stream == stream } + carried.filter { $0.stream == stream }
                let added = Self.added(mine, stream)
                let removed = mine.filter { $0.kind == .customerRemoved }
                #expect(counts["new"] == added.count, "\(stream)")
                #expect(counts["vanished"] == removed.count, "\(stream)")
                #expect(counts["changed"] == mine.count - added.count - removed.count, "\(stream)")
                #expect(
                    planned.filter { $0["stream"] as? String == stream }.count == mine.count, "planned for \(stream)")
            }
            #expect(runs.count == 12)

            // History holds the earlier version of each record that changed or vanished, and of no other.
            let history = try store.rows(
                "SELECT s.name, h.key, h.ended_reason FROM record_history h JOIN stream s ON s.id = h.stream_id WHERE h.ended_run_id > \(firstRun)"
            )
            let expected = (changes + carried).filter { !Self.added([$0], $0.stream).contains($0) }.map {
                "\($0.stream) \($0.key) \($0.kind == .customerRemoved ? "vanished" : "changed")"
            }
            #expect(history.map { $0.map { $0 ?? "" }.joined(separator: " ") }.sorted() == expected.sorted())

            let before = try store.dump(withPlaces: false)
            let again = try await site.hearth("sync", "--json")
            let repeated = (try again.json() as? [String: Any])?["runs"] as? [[String: Any]] ?? []
            #expect(
                repeated.allSatisfy { run in
                    let counts = run["counts"] as? [String: Int] ?? [:]
                    return counts["new"] == 0 && counts["changed"] == 0 && counts["vanished"] == 0
                })
            #expect((try again.json() as? [String: Any])?["views"] as? Int == 0)
            let after = try site.store().dump(withPlaces: false)
            #expect(difference(after, before) == nil)
            #expect(try await site.hearth("plan").status == 0)

            // The views are those of a store that never saw the first day.
            let fresh = site.folder + "/fresh.db"
            try FileManager.default.removeItem(atPath: site.drops)
            try FileManager.default.createDirectory(atPath: site.drops, withIntermediateDirectories: true)
            try second.writeCustomer(dropFolder: site.drops)
            try await site.hearth("sync", "--full", with: ["HEARTH_STORE": fresh])
            let removed = Set(changes.filter { $0.kind == .customerRemoved }.map(\.accountNumber))
            let views =
                "SELECT a.number || ' ' || v.body FROM account_view v JOIN account a ON a.id = v.account_id ORDER BY 1"
            let (here, there) = (try site.store().column(views), try site.store(fresh).column(views))
            let mine = here.filter { !removed.contains(String($0.prefix(8))) }
            let theirs = there.filter { !removed.contains(String($0.prefix(8))) }
            #expect(difference(mine, theirs) == nil)

            try await vanished(changes, site)
        }
    }

    /// A customer who is no longer in the snapshot: what billing says stays, what the customer system said is history.
    private func vanished(_ changes: [EstateChange], _ site: Site) async throws {
        let gone = try #require(changes.first { $0.kind == .customerRemoved }).accountNumber
        let account = try await site.hearth("account", gone, "--json")
        let view = try account.json() as? [String: Any] ?? [:]
        let sources = (view["fact_sources"] as? [[String: Any]] ?? []).compactMap { $0["source"] as? String }
        #expect(sources == ["billing.accounts"])
        #expect((view["missing"] as? [String] ?? []).contains("holder_phones"))
    }

    /// The earlier events of an order that advanced: a row of theirs states when their order changed, and nothing else in it did.
    private static func carriedAlong(_ changes: [EstateChange], _ site: Site) throws -> [EstateChange] {
        let store = try site.store()
        return try changes.filter { $0.stream == "dispatch.workOrderEvents" }.flatMap { change in
            let order = change.key.prefix { $0 != "\u{1F}" }
            let keys = try store.column(
                "SELECT r.key FROM record r JOIN stream s ON s.id = r.stream_id WHERE s.name = '\(change.stream)' AND instr(r.key, '\(order)')"
            )
            return keys.map { key in
                var event = change
                event.key = key
                event.kind = .customerChanged
                return event
            }
        }
    }

    /// Those of a stream's changes that bring a record which was not there.
    private static func added(_ changes: [EstateChange], _ stream: String) -> [EstateChange] {
        changes.filter {
            $0.kind == .customerAdded || stream == "billing.payments"
                || stream == "dispatch.workOrderEvents" && $0.kind == .workOrderAdvanced
        }
    }
}
