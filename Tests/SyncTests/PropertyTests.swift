import HearthTesting
import HeatModel
import Records
import Store
import Testing

@testable import Sync

/// Random companies, random weather: what must hold of any sequence of runs.
@Suite struct PropertyTests {
    /// A table in a legacy system that people work on: rows by key with the number of their last change.
    private struct Ledger {
        var rows: [Int: (version: Int, values: [String?])] = [:]
        var version = 0

        mutating func work(_ random: inout SeededGenerator) {
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                let key = Int.random(in: 1...40, using: &random)
                version += 1
                switch Int.random(in: 0..<10, using: &random) {
                case 0, 1: rows[key] = nil
                case 2:
                    rows[key] = (version, Texts.charge(key, of: Int.random(in: 1...4, using: &random), due: "broken"))
                case 3: rows[key] = (version, Texts.charge(key, of: 9))
                default:
                    let due =
                        "\(Int.random(in: -500...50_000, using: &random)).\(Int.random(in: 10...99, using: &random))"
                    let received = Bool.random(using: &random) ? nil : "\(Int.random(in: 0...900, using: &random))"
                    rows[key] = (
                        version,
                        Texts.charge(
                            key, of: Int.random(in: 1...4, using: &random), due: due, received: received,
                            void: Int.random(in: 0..<8, using: &random) == 0 ? "1" : "0")
                    )
                }
            }
        }

        /// As an SQL connector reads it: all, or what changed since.
        func reading(_ request: PullRequest, _ random: SeededGenerator) -> Reading {
            var random = random
            let since = request.mode == .full ? nil : request.cursor.flatMap { Int($0.text.prefix { $0.isNumber }) }
            let kept = rows.filter { $0.value.version > (since ?? 0) }.map(\.value.values).shuffled(using: &random)
            var reading = Reading.table(Texts.chargeColumns, kept, isSnapshot: since == nil)
            // No cursor before the end: a cut pull begins again.
            reading.cursor = nil
            return reading
        }
    }

    /// Whatever came in between, a full pull brings the store to where a full pull into an empty store is.
    @Test(arguments: Weather.each(0..<12)) func aFullPullMakesUpForEverything(_ weather: Weather) throws {
        let seed = weather.seed
        var random = SeededGenerator(seed: UInt64(seed) &+ 77)
        let house = try House(on: weather.kind)
        try house.introduceAccounts(4)
        let source = MemorySource("billing", [])
        var ledger = Ledger()
        let all = VanishPolicy(allowsAll: true)
        for _ in 0..<8 {
            ledger.work(&random)
            let state = ledger
            let order = random
            source.change {
                $0.readings = { [state.reading($0, order)] }
                $0.failsAfter =
                    Int.random(in: 0..<4, using: &random) == 0 ? Int.random(in: 0...20, using: &random) : nil
            }
            let mode = Bool.random(using: &random) ? PullRequest.Mode.full : .incremental
            let report = try house.run(
                "billing.charges", source, mode: mode, batchRows: Int.random(in: 1...9, using: &random), policy: all)
            #expect(report.counts.isBalanced)
            #expect(report.error == nil || report.error?.code.name == "source.unreachable")
        }
        // A row that is broken now keeps the last good version of its key; a fresh store never saw one.
        ledger.rows = ledger.rows.filter { $0.value.values[4] != "broken" && $0.value.values[1] != "00000009" }
        let (state, order) = (ledger, random)
        source.change {
            $0.readings = { [state.reading($0, order)] }
            $0.failsAfter = nil
        }
        #expect(try house.run("billing.charges", source, mode: .full, policy: all).state == .success)

        let fresh = try House(on: weather.kind)
        try fresh.introduceAccounts(4)
        try fresh.run("billing.charges", source, mode: .full, policy: all)
        #expect(try StoreDump.meaning(house.database).difference(StoreDump.meaning(fresh.database)) == [])
        #expect(try house.quarantine("billing.charges").isEmpty)
    }

    /// Money pulled = money written, kept and set aside, for any rows at all; and what the stream is said to hold is what it holds.
    @Test(arguments: Weather.each(0..<12)) func moneyIsNeverLost(_ weather: Weather) throws {
        let seed = weather.seed
        var random = SeededGenerator(seed: UInt64(seed) &* 31 &+ 5)
        let house = try House(on: weather.kind)
        try house.introduceAccounts(4)
        for turn in 0..<5 {
            var rows: [[String?]] = []
            var stated: Int64 = 0
            var readable: Int64 = 0
            for _ in 0..<Int.random(in: 0...60, using: &random) {
                let fen = Int64.random(in: -99_999...99_999_999, using: &random)
                let isBroken = Int.random(in: 0..<9, using: &random) == 0
                rows.append(
                    Texts.charge(
                        Int.random(in: 1...30, using: &random), of: Int.random(in: 1...6, using: &random),
                        due: isBroken
                            ? "?"
                            : "\(fen < 0 ? "-" : "")\(fen.magnitude / 100).\(fen.magnitude % 100 < 10 ? "0" : "")\(fen.magnitude % 100)"
                    ))
                if !isBroken {
                    stated += fen
                    readable += 1
                }
            }
            let kinds: [Origin.Kind] = [.table, .file, .envelope]
            let kind = kinds[Int.random(in: 0..<3, using: &random)]
            let reading = Reading(
                kind: kind, name: "n\(turn)", digest: kind == .file ? "\(seed) \(turn)" : nil,
                isSnapshot: Bool.random(using: &random),
                columns: Texts.chargeColumns, items: rows.map { .row($0) })
            let report = try house.run(
                "billing.charges", MemorySource("billing", [reading]), policy: VanishPolicy(allowsAll: true))
            #expect(report.state == .success, "\(report.error.map(\.description) ?? "")")
            #expect(report.counts.read == Int64(rows.count) && report.counts.isBalanced)
            let pulled = report.totals.first { $0.side == .pulled && $0.measure == "due_fen" }
            #expect((pulled?.sum ?? .zero) == Fen(stated) && (pulled?.count ?? 0) == readable)

            var held: (count: Int64, sum: Int64) = (0, 0)
            for key in try house.keys("billing.charges") {
                let charge = try #require(try house.record("billing.charges", key)).text
                let digits = try #require(charge.firstRange(of: "\"due_fen\":")).upperBound
                held.count += 1
                held.sum += try #require(Int64(charge[digits...].prefix { $0 == "-" || $0.isNumber }))
            }
            let state = try house.state("billing.charges")
            let kept = state.totals.first { $0.measure == "due_fen" }
            #expect(
                state.records == held.count && (kept?.count ?? 0) == held.count && (kept?.sum ?? .zero) == Fen(held.sum)
            )
        }
    }

    /// A file of changes cut at any row, any number of times, is taken as if it had never been cut.
    @Test(arguments: Weather.each(0..<10)) func aCutFileIsTakenOnce(_ weather: Weather) throws {
        let seed = weather.seed
        var random = SeededGenerator(seed: UInt64(seed) &+ 1234)
        let rows = (0..<40).map { _ in
            Texts.charge(
                Int.random(in: 1...12, using: &random), of: Int.random(in: 1...4, using: &random),
                due: "\(Int.random(in: 1...5, using: &random))")
        }
        let (cut, whole) = (try House(on: weather.kind), try House(on: weather.kind))
        for house in [cut, whole] { try house.introduceAccounts(4) }
        let source = MemorySource(
            "billing",
            [.file("1.csv", Texts.chargeColumns, rows), .file("2.csv", Texts.chargeColumns, rows.reversed())])
        try whole.run("billing.charges", source, batchRows: 100)
        for _ in 0..<6 {
            source.change { $0.failsAfter = Int.random(in: 0...79, using: &random) }
            try cut.run("billing.charges", source, batchRows: Int.random(in: 1...15, using: &random))
        }
        source.change { $0.failsAfter = nil }
        try cut.run("billing.charges", source, batchRows: 7)
        #expect(try StoreDump.meaning(cut.database).difference(StoreDump.meaning(whole.database)) == [])
        for key in try whole.keys("billing.charges") {
            #expect(
                try cut.history("billing.charges", key).map(\.text) == whole.history("billing.charges", key).map(\.text)
            )
        }
    }
}
