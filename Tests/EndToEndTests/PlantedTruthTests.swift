import Foundation
import HearthTesting
import HeatModel
import TestTraits
import Testing

@testable import LegacyEstate

/// Every planted fault has its outcome, and nothing else has one.
@Suite(.waitsForServers) struct PlantedTruthTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var accounts: Int
        var seed: UInt64
        var city: City
        var onPostgres = false
        var testDescription: String { "\(city) \(accounts) seed \(seed)\(onPostgres ? " PostgreSQL" : "")" }
    }

    static let cases = [
        Case(accounts: 600, seed: 1, city: .tianjin), Case(accounts: 400, seed: 2, city: .harbin),
        Case(accounts: 1000, seed: 3, city: .beijing), Case(accounts: 500, seed: 4, city: .jinan, onPostgres: true),
        Case(accounts: 450, seed: 5, city: .shenyang),
    ]

    @Test(arguments: cases) func everyFaultHasItsOutcomeAndNothingElse(_ test: Case) async throws {
        let options = EstateOptions(accounts: test.accounts, seed: test.seed, city: test.city)
        try await Site.with(options, billing: test.onPostgres ? .postgres : .sqlite) { site in
            let sync = try await site.hearth("sync")
            #expect(sync.status == 1, "\(sync.errors)")
            let store = try site.store()
            let truth = Truth(site.estate)
            try checkQuarantine(truth, store)
            try checkBooks(truth, store)
            try checkRecords(truth, store, site.estate)
            try checkViews(truth, store, site.estate)
            try checkMoney(site, store)
        }
    }

    /// A quarantine entry has a fault that it comes from, and each fault its entries.
    private func checkQuarantine(_ truth: Truth, _ store: Database) throws {
        struct Entry { var stream, code, key, candidates, raw: String }
        var entries = try store.rows(
            "SELECT s.name, q.code, q.key, q.candidates, q.raw FROM quarantine q JOIN stream s ON s.id = q.stream_id WHERE q.state = 'open'"
        ).map { Entry(stream: $0[0]!, code: $0[1]!, key: $0[2] ?? "", candidates: $0[3]!, raw: $0[4] ?? "") }
        for fault in truth.faults {
            guard case .quarantined(let code) = fault.outcome else { continue }
            var expected = fault.alsoQuarantined.map { (stream: $0.stream, count: $0.count) }
            if expected.isEmpty { expected = [(fault.stream, 1)] }
            for rows in expected {
                let mine = entries.indices.filter { index in
                    let entry = entries[index]
                    guard entry.stream == rows.stream, entry.code == code else { return false }
                    if rows.stream == fault.stream, rows.count == 1 {
                        return entry.key.isEmpty ? entry.raw.hasPrefix(fault.key) : entry.key == fault.key
                    }
                    if fault.system == "dispatch" { return entry.key.hasPrefix(fault.key + "\u{1F}") }
                    return entry.raw.contains(fault.accountNumber ?? "?")
                }
                #expect(
                    mine.count == rows.count,
                    "\(fault.kind) of \(fault.key): \(mine.count) of \(rows.count) in \(rows.stream) as \(code)")
                if !fault.candidates.isEmpty {
                    #expect(
                        mine.allSatisfy {
                            entries[$0].candidates.split(separator: "\n").map(String.init) == fault.candidates
                        })
                }
                for index in mine.reversed() { entries.remove(at: index) }
            }
        }
        #expect(
            entries.isEmpty,
            "in quarantine for no reason: \(entries.prefix(8).map { "\($0.stream) \($0.code) \($0.key)" })")
    }

    private func checkBooks(_ truth: Truth, _ store: Database) throws {
        let runs = try store.rows(
            "SELECT s.name, read, new, changed, unchanged, duplicate, quarantined, state FROM run JOIN stream s ON s.id = stream_id WHERE mode = 'incremental'"
        )
        for run in runs {
            let stream = run[0] ?? ""
            let counts = run[1...6].map { Int($0 ?? "") ?? -1 }
            #expect(run[7] == "success")
            #expect(counts[0] == counts[1...5].reduce(0, +), "\(stream)")
            #expect(counts[2] == 0 && counts[3] == 0, "\(stream): \(counts)")
            #expect(
                counts[4] == truth.faults.filter { $0.stream == stream && $0.outcome == .duplicate }.count, "\(stream)")
        }
        #expect(runs.count == 12)
    }

    /// What stands in the records themselves: voided rows, link rules, sums that do not agree, payments on their way.
    private func checkRecords(_ truth: Truth, _ store: Database, _ estate: Estate) throws {
        func keys(_ condition: String) throws -> [String] {
            try store.rows("SELECT s.name, r.key FROM record r JOIN stream s ON s.id = r.stream_id WHERE \(condition)")
                .map { "\($0[0]!) \($0[1]!)" }.sorted()
        }
        #expect(try keys("r.voided = 1") == truth.keys { $0 == .voided })
        #expect(Set(try keys("r.rule = 2")).isSuperset(of: truth.keys { $0 == .linkedBy("crosswalk") }))
        #expect(Set(try keys("r.rule = 3")).isSuperset(of: truth.keys { $0 == .linkedBy("place") }))
        // By whatever rule, an order and its events have come to the account that they are of.
        let orders = try store.rows(
            "SELECT r.key, a.number FROM record r JOIN stream s ON s.id = r.stream_id JOIN account a ON a.id = r.account_id WHERE s.name LIKE 'dispatch.workOrder%'"
        )
        let owners = Dictionary(
            uniqueKeysWithValues: (0..<estate.workOrderCount).map {
                (Estate.workOrderNumber($0), estate.workOrder($0).account.number)
            })
        let astray = orders.filter { owners[String(($0[0] ?? "").prefix { $0 != "\u{1F}" })] != $0[1] }
        #expect(!orders.isEmpty && astray.isEmpty, "\(astray)")
        let total =
            "r.body ->> 'due_fen' - r.body ->> 'received_fen' - r.body ->> 'discount_fen' - r.body ->> 'reduction_fen'"
        #expect(
            try keys("s.name = 'billing.charges' AND r.voided = 0 AND r.body ->> 'arrears_fen' <> \(total)")
                == truth.keys { $0 == .inconsistent("arrears") })
        #expect(
            try keys("s.name = 'billing.payments' AND NOT (r.body ->> 'reconciled') AND NOT (r.body ->> 'reversed')")
                == truth.keys { $0 == .unposted })
        // A voided charge stands in no view.
        for fault in truth.faults where fault.outcome == .voided {
            #expect(
                try store.number("SELECT count(*) FROM account_view WHERE body LIKE '%\"key\":\"\(fault.key)\"%'") == 0)
        }
        for fault in truth.faults where fault.kind == .badTotal {
            let stated = try store.number(
                "SELECT r.body ->> 'arrears_fen' - (\(total)) FROM record r WHERE key = CAST('\(fault.key)' AS BLOB)")
            #expect(abs(stated) == Int(fault.money?.amount ?? 0))
        }
    }

    private func checkViews(_ truth: Truth, _ store: Database, _ estate: Estate) throws {
        var disagreeing: [String] = []
        var withoutBilling: [String] = []
        var withoutID: [String] = []
        var wronglyBilled: [String] = []
        var otherNames: [String] = []
        let views = try store.rows(
            "SELECT a.number, v.body FROM account a LEFT JOIN account_view v ON v.account_id = a.id")
        for row in views {
            let number = row[0] ?? ""
            let account = try #require(estate.truth(account: number))
            let view = try #require(
                try JSONSerialization.jsonObject(with: Data((row[1] ?? "").utf8)) as? [String: Any],
                "no view of \(number)")
            let facts = view["facts"] as? [String: Any] ?? [:]
            #expect(view["account_number"] as? String == number)
            for disagreement in view["disagreements"] as? [[String: Any]] ?? [] {
                disagreeing.append("\(number) \(disagreement["field"] ?? "")")
            }
            let sources = (view["fact_sources"] as? [[String: Any]] ?? []).compactMap { $0["source"] as? String }
            if facts["holder_id_number"] == nil, !account.idNumber.isEmpty { withoutID.append(number) }
            if facts["holder_name"] as? String != account.holderName { otherNames.append(number) }
            if !sources.contains("billing.accounts") {
                withoutBilling.append(number)
                continue
            }
            let seasons = view["seasons"] as? [[String: Any]] ?? []
            let billed =
                seasons.first { $0["season"] as? String == estate.options.secondSeason }?["due_fen"] as? Int64 ?? 0
            let missing = estate.bills(of: account)[1].due.amount - billed
            if missing != 0 { wronglyBilled.append("\(number) \(missing)") }
        }
        #expect(views.count == estate.options.accounts - truth.faults.filter { $0.kind == .billingOnlyAccount }.count)
        let disagreements = truth.faults.compactMap { fault -> String? in
            guard case .disagreement(let field) = fault.outcome else { return nil }
            return "\(fault.accountNumber ?? "") \(field == "area.building" ? "area_building" : "area_ceiling_height")"
        }
        #expect(disagreeing.sorted() == disagreements.sorted())
        #expect(withoutBilling.sorted() == truth.accounts { $0 == .missing(system: "billing") })
        #expect(withoutID.sorted() == truth.accounts { $0 == .fieldNulled("holder.idNumber") })
        #expect(otherNames.isEmpty)
        let errors = truth.faults.filter {
            $0.stream == "billing.accounts" && $0.kind != .billingOnlyAccount && $0.money?.amount != 0
        }
        #expect(wronglyBilled.sorted() == errors.map { "\($0.accountNumber ?? "") \($0.money?.amount ?? 0)" }.sorted())
    }

    /// The sums of money in the store are those of the billing database, taken there by other means over the rows accepted.
    private func checkMoney(_ site: Site, _ store: Database) throws {
        for (stream, table, key, columns) in [
            (
                "billing.charges", "sf_fy", "id",
                [
                    ("ysje", "due_fen"), ("sfje", "received_fen"), ("qfje", "arrears_fen"), ("zkje", "discount_fen"),
                    ("hjje", "reduction_fen"), ("wyje", "penalty_fen"),
                ]
            ), ("billing.payments", "sf_jf", "lsh", [("je", "amount_fen")]),
        ] {
            let keys = try store.column(
                "SELECT r.key FROM record r JOIN stream s ON s.id = r.stream_id WHERE s.name = '\(stream)'")
            let accepted = Set(keys)
            for (column, measure) in columns {
                var sum: Int64 = 0
                var seen: Set<String> = []
                // Of rows with the same key the first is accepted.
                let sql =
                    "SELECT CAST(\(key) AS text), CAST(CAST(round(\(column) * 100) AS bigint) AS text) FROM \(table) ORDER BY gxsj"
                for row in try site.billing(sql) {
                    guard let key = row[0], accepted.contains(key), seen.insert(key).inserted else { continue }
                    sum += Int64(row[1] ?? "0") ?? 0
                }
                #expect(seen.count == accepted.count)
                let held = try store.number(
                    "SELECT sum(r.body ->> '\(measure)') FROM record r JOIN stream s ON s.id = r.stream_id WHERE s.name = '\(stream)'"
                )
                let total = try store.number(
                    "SELECT sum_fen FROM stream_total t JOIN stream s ON s.id = t.stream_id WHERE s.name = '\(stream)' AND measure = '\(measure)'"
                )
                #expect(Int64(held) == sum, "\(stream) \(measure)")
                #expect(Int64(total) == sum, "\(stream) \(measure)")
            }
        }
    }
}

/// What the estate says must become of its faults.
struct Truth {
    let faults: [PlantedFault]

    init(_ estate: Estate) { faults = estate.planted }

    /// `stream key` of the faults with such an outcome.
    func keys(_ matches: (PlantedFault.Outcome) -> Bool) -> [String] {
        faults.filter { matches($0.outcome) }.map { "\($0.stream) \($0.key)" }.sorted()
    }

    func accounts(_ matches: (PlantedFault.Outcome) -> Bool) -> [String] {
        faults.filter { matches($0.outcome) }.compactMap(\.accountNumber).sorted()
    }
}

extension Site {
    /// Asks the billing database itself.
    func billing(_ sql: String) throws -> [[String?]] {
        if let postgres { return try postgres.session().execute(sql) }
        return try Database(path: billingPath).rows(sql)
    }
}
