import Foundation
import HearthTesting
import HeatModel
import TestTraits
import Testing

@testable import LegacyEstate

/// A changed tariff, mapping or row brings exactly the findings that follow from it.
@Suite(.waitsForServers) struct ReconcileChangeTests {
    private func prepared(_ city: City, _ body: (Site) async throws -> Void) async throws {
        let options = EstateOptions(accounts: 450, seed: 33, city: city, plantFaults: false)
        try await Site.with(options) { site in
            try await site.hearth("sync")
            #expect(try await site.hearth("reconcile", "--out", "before").status == 0)
            try await body(site)
        }
    }

    private func edit(_ file: String, _ from: String, _ to: String) throws {
        let text = try String(contentsOfFile: file, encoding: .utf8)
        #expect(text.contains(from))
        try text.replacing(from, with: to).write(toFile: file, atomically: true, encoding: .utf8)
    }

    @Test func aTariffFile() async throws {
        try await prepared(.tianjin) { site in
            try edit(
                site.folder + "/Config/tariffs/tianjin.yaml", "{amount: 40, per: season}", "{amount: 41, per: season}")
            let run = try await site.hearth("reconcile", "--out", "after")
            #expect(run.status == 1, "\(run.errors)")
            var expected: [String] = []
            let estate = site.estate
            for index in 0..<estate.options.accounts {
                let account = estate.account(index)
                guard account.isUnit, account.method == .byArea else { continue }
                for season in 0...1 {
                    let billed = estate.maker.bill(account, season: season).due.amount
                    let right = estate.maker.bill(account, season: season, areaPrice: 41_000).due.amount
                    if billed != right {
                        expected.append("\(account.number) \(estate.options.name(ofSeason: season)) \(billed - right)")
                    }
                }
            }
            let found = try FindingsFile(site.folder + "/after").rows
            #expect(expected.count > 4)
            #expect(
                found.map { "\($0["account_number"]!) \($0["season"]!) \($0["money_fen"]!)" }.sorted()
                    == expected.sorted())
            #expect(found.allSatisfy { $0["rule"]!.hasPrefix("tariff.") })
            // The manifest names the one before, and the tariff file by its new digest.
            let manifests = try ["before", "after"].map {
                try #require(
                    try JSONSerialization.jsonObject(
                        with: Data(contentsOf: URL(fileURLWithPath: site.folder + "/\($0)/manifest.json")))
                        as? [String: Any])
            }
            #expect(manifests[0]["previous"] == nil && (manifests[1]["previous"] as? String)?.count == 64)
            #expect("\(manifests[0]["tariffs"]!)" != "\(manifests[1]["tariffs"]!)")
            let diff = try await site.hearth("diff", "before", "after", "--json")
            #expect(diff.status == 1)
            let document = try #require(try diff.json() as? [String: Any])
            #expect((document["differences"] as? [Any])?.count == expected.count)
        }
    }

    /// Nobody says any more who has a low income: then what was taken off for it should not have been.
    @Test func aMapping() async throws {
        try await prepared(.shenyang) { site in
            try edit(
                site.folder + "/Mappings/customer.residents.yaml",
                "  flags.lowIncome:    {column: 低保, as: boolean, true: [\"是\"], false: [\"否\", \"\"]}\n", "")
            try edit(site.folder + "/Mappings/unified.yaml", "  flags.lowIncome:    {from: [customer.residents]}\n", "")
            try await site.hearth("sync")
            let run = try await site.hearth("reconcile", "--out", "after")
            #expect(run.status == 1, "\(run.errors)")
            var expected: [String] = []
            let estate = site.estate
            for index in 0..<estate.options.accounts {
                let account = estate.account(index)
                for bill in estate.bills(of: account) {
                    let reduction = bill.lines.reduce(Int64(0)) { $0 + $1.reduction.amount }
                    if reduction != 0 {
                        let season = estate.options.name(ofSeason: bill.season)
                        expected.append(FindingsFile.line("tariff.relief", account.number, season, "", -reduction))
                    }
                }
            }
            #expect(expected.count > 4)
            #expect(try FindingsFile(site.folder + "/after").lines == expected.sorted())
        }
    }

    @Test func oneRow() async throws {
        try await prepared(.harbin) { site in
            let account = site.estate.account(77)
            let line = try #require(site.estate.bills(of: account)[0].lines.first)
            let database = try Database(path: site.billingPath, readOnly: false)
            func set(_ money: String, at time: String) throws {
                _ = try database.rows("UPDATE sf_fy SET qfje = '\(money)', gxsj = '\(time)' WHERE id = \(line.id)")
            }
            let right = line.arrears.description.replacing(",", with: "")
            let wrong = (line.arrears + Fen(100_000)).description.replacing(",", with: "")
            try set(wrong, at: "2026-01-21 09:00:00")
            try await site.hearth("sync")
            #expect(try await site.hearth("reconcile", "--out", "after").status == 1)
            let subject = "billing.charges#\(line.id)"
            #expect(
                try FindingsFile(site.folder + "/after").lines == [
                    FindingsFile.line(
                        "arithmetic.arrears", account.number, site.estate.options.firstSeason, subject, 100_000)
                ])
            let diff = try await site.hearth("diff", "before", "after")
            #expect(diff.status == 1 && diff.output.contains("money changed by 1,000.00 元"), "\(diff.output)")

            let runs = try await site.hearth("reconcile", "--json", "--out", "again").json() as? [String: Any]
            let changed = try #require(runs?["as_of_run"] as? Int)

            try set(right, at: "2026-01-21 10:00:00")
            try await site.hearth("sync")
            #expect(try await site.hearth("reconcile", "--out", "mended").status == 0)
            #expect(try await site.hearth("diff", "before", "mended").status == 0)
            let back = try await site.hearth("diff", "after", "mended", "--csv")
            // As it was then, also now: but for the manifest, byte for byte.
            #expect(try await site.hearth("reconcile", "--as-of", "\(changed)", "--out", "then").status == 1)
            for name in ["findings.csv", "totals.csv", "findings.xlsx", "report.html"] {
                let files = try ["after", "then"].map {
                    try Data(contentsOf: URL(fileURLWithPath: site.folder + "/\($0)/\(name)"))
                }
                #expect(files[0] == files[1], "\(name)")
            }
            let moments = try await site.hearth("diff", "--as-of", "\(changed)", "--as-of", "now")
            #expect(
                moments.status == 1 && moments.output.contains("- arithmetic.arrears"),
                "\(moments.output) \(moments.errors)")
            let views = try await site.hearth("diff", "--view", "--as-of", "\(changed)", "--as-of", "now")
            #expect(views.status == 1, "\(views.errors)")
            #expect(
                views.output.contains("changed \(account.number)  -1,000.00 元")
                    && views.output.contains("charges[billing.charges#\(line.id)].arrears_fen"), "\(views.output)")
            #expect(try await site.hearth("diff", "--view", "--as-of", "now", "--as-of", "now").status == 0)
            #expect(back.status == 1)
            #expect(
                back.output.split(separator: "\r\n").count == 2 && back.output.contains("resolved,"), "\(back.output)")
        }
    }

    /// Outputs that are made for a comparison alone are none that a later one follows.
    @Test func aComparisonOfMomentsIsNoReconciliation() async throws {
        try await prepared(.tianjin) { site in
            let line = try #require(site.estate.bills(of: site.estate.account(77))[0].lines.first)
            let billing = try Database(path: site.billingPath, readOnly: false)
            func owe(_ more: Int64, at time: String) async throws {
                let arrears = (line.arrears + Fen(more)).description.replacing(",", with: "")
                try billing.rows("UPDATE sf_fy SET qfje = '\(arrears)', gxsj = '\(time)' WHERE id = \(line.id)")
                try await site.hearth("sync")
            }
            let kept = "SELECT name, value FROM setting WHERE name LIKE 'reconciliation.%' ORDER BY name"
            let run = try site.store().number("SELECT max(id) FROM run")
            try await owe(100_000, at: "2026-01-21 09:00:00")
            let before = try site.store().rows(kept)
            #expect(before.count == 1)
            let diff = try await site.hearth("diff", "--as-of", "\(run)", "--as-of", "now")
            #expect(diff.status == 1 && diff.output.contains("+ arithmetic.arrears"), "\(diff.output) \(diff.errors)")
            #expect(try site.store().rows(kept) == before)
            try await owe(200_000, at: "2026-01-21 10:00:00")
            #expect(try await site.hearth("reconcile", "--out", "after").status == 1)
            let digest = try await Program.run(
                ["before/manifest.json"], executable: "/usr/bin/sha256sum", environment: [:], directory: site.folder)
            let manifest = try JSONSerialization.jsonObject(
                with: Data(contentsOf: URL(fileURLWithPath: site.folder + "/after/manifest.json")))
            #expect((manifest as? [String: Any])?["previous"] as? String == String(digest.output.prefix(64)))
        }
    }

    /// Each row that contradicts the one taken over is a finding of its own.
    @Test func aKeyThatStandsThreeTimes() async throws {
        try await prepared(.jinan) { site in
            let account = site.estate.account(77)
            let line = try #require(site.estate.bills(of: account)[0].lines.first)
            let billing = try Database(path: site.billingPath, readOnly: false)
            func add(_ less: Int64, minutes: Int) async throws {
                let due = (line.due - Fen(less)).description.replacing(",", with: "")
                try billing.rows("CREATE TEMP TABLE again AS SELECT * FROM sf_fy WHERE id = \(line.id) LIMIT 1")
                try billing.rows("UPDATE again SET ysje = '\(due)', gxsj = datetime(gxsj, '+\(minutes) minutes')")
                try billing.rows("INSERT INTO sf_fy SELECT * FROM again")
                try billing.rows("DROP TABLE again")
                try await site.hearth("sync", "billing.charges", "--full")
            }
            func contradictory(_ folder: String) throws -> [[String: String]] {
                // But for the run that read them last.
                try FindingsFile(site.folder + "/" + folder).rows.filter { $0["rule"] == "presence.contradictory" }
                    .map { $0.filter { $0.key != "evidence" } }
            }
            try await add(2_000, minutes: 1)
            #expect(try await site.hearth("reconcile", "--out", "twice").status == 1)
            let first = try #require(try contradictory("twice").first)
            #expect(first["subject"] == "billing.charges#\(line.id)" && first["money_fen"] == "2000")
            try await add(5_000, minutes: 2)
            #expect(try await site.hearth("reconcile", "--out", "thrice").status == 1)
            let found = try contradictory("thrice")
            #expect(found.count == 2 && found.contains(first))
            let second = try #require(found.first { $0["finding_id"] != first["finding_id"] })
            #expect(second["money_fen"] == "5000" && second["account_number"] == account.number)
            #expect(second["subject"]!.hasPrefix("billing.charges#\(line.id)#~"))
            let diff = try await site.hearth("diff", "twice", "thrice", "--csv")
            #expect(diff.status == 1 && diff.output.contains("new,\(second["finding_id"]!),"), "\(diff.output)")
            #expect(!diff.output.contains("resolved,"))
            // Another reading of the same rows tells the same.
            try await site.hearth("sync", "billing.charges", "--full")
            try await site.hearth("reconcile", "--out", "again")
            #expect(try contradictory("again") == found)
        }
    }

    /// What is wrong in the rules or tariffs is told with its place, and nothing is written.
    @Test func brokenRulesAreTold() async throws {
        try await prepared(.beijing) { site in
            try edit(site.folder + "/Config/reconciliation.yaml", "check: balance", "check: blance")
            let run = try await site.hearth("reconcile", "--out", "after")
            #expect(run.status == 3)
            #expect(
                run.errors.contains("reconciliation.yaml:") && run.errors.contains("did you mean \"balance\""),
                "\(run.errors)")
            #expect(!FileManager.default.fileExists(atPath: site.folder + "/after"))
            #expect(try await site.hearth("diff", "before", "nowhere").status == 3)
        }
    }
}
