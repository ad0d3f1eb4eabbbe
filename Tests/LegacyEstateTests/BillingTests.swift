import Foundation
import HeatModel
import Testing

@testable import LegacyEstate

@Suite struct BillingTests {
    @Test(arguments: City.allCases) func everyLineIsExact(_ city: City) throws {
        let estate = Estate(EstateOptions(accounts: 1800, seed: 3, city: city))
        let rows = try CollectedRows.of(estate)
        let planted = estate.planted
        let badTotals = planted.filter { $0.kind == .badTotal }.map(\.key)
        let spoilt = planted.filter { [.badDecimal, .voidedCharge, .conflictingCharge].contains($0.kind) }.map(\.key)
        var sums: [String: (received: Int64, arrears: Int64)] = [:]
        var items: Set<String> = []
        for row in rows.rows(.sf_fy) {
            let id = try #require(row["id"])
            let amounts = ["ysje", "sfje", "zkje", "hjje", "qfje", "wyje"].map { fen(row[$0]) ?? .min }
            let stated = amounts[4] - (badTotals.contains(id) ? 1_234 : 0)
            #expect(amounts[0] - amounts[1] - amounts[2] - amounts[3] == stated, "arrears of \(id)")
            items.insert(row["fylb"] ?? "")
            if !spoilt.contains(id) {
                let quantity = try #require(row["sl"].flatMap { ExactDecimal($0) })
                let price = try #require(row["dj"].flatMap { ExactDecimal($0) })
                #expect(CityTariff.amount(quantity: quantity, price: price).amount == amounts[0], "due of \(id)")
            }
            let number = try #require(row["yhkh"])
            if row["zf"] == "0" { sums[number, default: (0, 0)].received += amounts[1] + amounts[5] }
            if row["zf"] == "0" { sums[number, default: (0, 0)].arrears += stated }
        }
        #expect(items.contains("01"))
        #expect(items.contains("05") == (city == .harbin || city == .shenyang))
        #expect(items.contains("03") == (city != .shenyang))

        // What was paid is what the lines received, and the card states what is owed.
        let exceptions = Set(
            planted.filter {
                [.duplicateCharge, .conflictingCharge, .duplicatePayment, .paymentNotPosted].contains($0.kind)
            }
            .compactMap(\.accountNumber))
        var paid: [String: Int64] = [:]
        for row in rows.rows(.sf_jf) where row["hc"] == "0" {
            paid[row["yhkh"] ?? "", default: 0] += fen(row["je"]) ?? 0
        }
        for row in rows.rows(.sf_yh) {
            let number = try #require(row["yhkh"])
            if exceptions.contains(number) { continue }
            #expect(paid[number, default: 0] == sums[number]?.received ?? 0, "payments of \(number)")
            #expect(fen(row["ljqf"]) == sums[number]?.arrears ?? 0, "arrears of \(number)")
        }
    }

    @Test func truthIsWhatIsWritten() throws {
        let estate = Estate(EstateOptions(accounts: 600, seed: 8, city: .jinan, plantFaults: false))
        let rows = try CollectedRows.of(estate).rows(.sf_fy)
        var written: [String: Int64] = [:]
        for row in rows { written[row["yhkh"] ?? "", default: 0] += fen(row["ysje"]) ?? 0 }
        for index in 0..<600 {
            let account = estate.account(index)
            let due = estate.bills(of: account).reduce(Fen.zero) { $0 + $1.due }
            #expect(due.amount == written[account.number] ?? 0)
        }
    }

    @Test func checkedExamplesOfTheTariff() {
        func milli(_ units: Int64) -> ExactDecimal { ExactDecimal(units: units, places: 3) }
        let base = CityTariff.amount(quantity: milli(118_600), price: milli(7_500))
        let heat = CityTariff.amount(quantity: milli(9_800_000), price: milli(130))
        #expect(base + heat == Fen(216_350))
        #expect(CityTariff.amount(quantity: milli(118_600), price: milli(24_000)) == Fen(284_640))
        let harbin = CityTariff(.harbin)
        #expect(harbin.heightPercent(height: milli(3_390), isUnit: true) == 3)
        #expect(harbin.heightPercent(height: milli(3_390), isUnit: false) == 0)
        let shenyang = CityTariff(.shenyang)
        #expect(shenyang.heightPercent(height: milli(3_500), isUnit: false) == 0)
        #expect(shenyang.heightPercent(height: milli(3_501), isUnit: false) == 10)
    }

    /// What SQLite itself says of the file: no floating point anywhere, leading zeros kept, indexes in place.
    @Test func theFileIsExact() throws {
        struct Answer: Decodable {
            var types: [String]
            var shortNumbers: Int
            var indexes: Int
            var rows: [Int]
        }
        let estate = Estate(EstateOptions(accounts: 500, seed: 5))
        let answer = try withTemporaryFolder { folder in
            try estate.writeBilling(sqlite: folder + "/billing.sqlite")
            return try pythonJSON(
                Answer.self,
                """
                import sqlite3, sys, json
                db = sqlite3.connect(sys.argv[1])
                tables = [r[0] for r in db.execute("select name from sqlite_master where type='table' and name like 'sf_%'")]
                types = set()
                for t in tables:
                    for c in db.execute(f"pragma table_info({t})").fetchall():
                        types |= {r[0] for r in db.execute(f"select distinct typeof({c[1]}) from {t}")}
                short = db.execute("select count(*) from sf_yh where length(yhkh) <> 8 or yhkh not like '0%'").fetchone()[0]
                idx = db.execute("select count(*) from sqlite_master where type='index'").fetchone()[0]
                rows = [db.execute(f"select count(*) from {t}").fetchone()[0] for t in
                        ['sf_yh', 'sf_fy', 'sf_jf', 'sf_cb', 'sf_mjtg', 'sf_mjcw', 'sf_fy_sh_t', 'sf_fy_bak']]
                print(json.dumps({'types': sorted(types), 'shortNumbers': short, 'indexes': idx, 'rows': rows}))
                """, [folder + "/billing.sqlite"])
        }
        #expect(answer.types == ["integer", "null", "text"])
        #expect(answer.shortNumbers == 0)
        #expect(answer.indexes == 25)
        let collected = try CollectedRows.of(estate)
        let tables: [BillingTable] = [.sf_yh, .sf_fy, .sf_jf, .sf_cb, .sf_mjtg, .sf_mjcw, .sf_fy_sh_t, .sf_fy_bak]
        #expect(answer.rows == tables.map { collected.rows($0).count })
        #expect(!answer.rows.contains(0))
    }
}
