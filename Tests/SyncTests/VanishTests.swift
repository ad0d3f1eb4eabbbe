import HeatModel
import Records
import Store
import Testing

@testable import Sync

/// What a complete snapshot does not hold is ended, as long as that can be believed.
@Suite struct VanishTests {
    private func rows(_ keys: some Sequence<Int>) -> [[String?]] { keys.map { Texts.charge($0) } }

    @Test func aSnapshotEndsWhatItLacks() throws {
        let house = try House()
        try house.introduceAccounts(1)
        let source = MemorySource("billing", [.table(Texts.chargeColumns, rows(1...10))])
        try house.run("billing.charges", source)
        source.hold([.table(Texts.chargeColumns, rows(3...10))])
        let report = try house.run("billing.charges", source)
        #expect(report.books == "8/0/0/8/0/0/2")
        #expect(try house.keys("billing.charges").count == 8)
        #expect(try house.history("billing.charges", "1").first?.ended?.reason == .vanished)
        #expect(try house.state("billing.charges").records == 8)
        // It comes back: new again, its earlier life in its history.
        source.hold([.table(Texts.chargeColumns, rows(1...10))])
        #expect(try house.run("billing.charges", source).books == "10/2/0/8/0/0/0")
        #expect(try house.history("billing.charges", "1").count == 1)
    }

    @Test func aReadingThatIsNoSnapshotEndsNothing() throws {
        let house = try House()
        try house.introduceAccounts(1)
        let source = MemorySource("billing", [.table(Texts.chargeColumns, rows(1...10))])
        try house.run("billing.charges", source)
        source.hold([.table(Texts.chargeColumns, rows(1...1), isSnapshot: false)])
        #expect(try house.run("billing.charges", source).counts.vanished == 0)
        source.hold([.table(Texts.chargeColumns, rows(1...9))])
        #expect(try house.run("billing.charges", source, limit: 2).counts.vanished == 0)
        #expect(try house.keys("billing.charges").count == 10)
    }

    @Test func theFuseStopsARunThatWouldEndTooMuch() throws {
        let house = try House()
        try house.introduceAccounts(1)
        let policy = VanishPolicy(permille: 50, atLeast: 2)
        let source = MemorySource("billing", [.table(Texts.chargeColumns, rows(1...100))])
        try house.run("billing.charges", source, batchRows: 50, policy: policy)
        source.hold([.table(Texts.chargeColumns, rows(7...100))])
        let before = try StoreDump.data(house.database)
        let report = try house.run("billing.charges", source, batchRows: 200, policy: policy)
        #expect(report.state == .failed)
        #expect(report.error?.code.name == "run.deleteFuse")
        #expect(report.error?.advice?.contains("allows deletes") == true)
        #expect(try StoreDump.data(house.database).difference(before) == [])
        // Five in a hundred may go.
        source.hold([.table(Texts.chargeColumns, rows(6...100))])
        #expect(try house.run("billing.charges", source, policy: policy).counts.vanished == 5)
        // And everything where the operator says so.
        source.hold([.table(Texts.chargeColumns, rows(100...100))])
        var allowed = policy
        allowed.allowsAll = true
        #expect(try house.run("billing.charges", source, policy: allowed).counts.vanished == 94)
    }

    @Test func anEmptySnapshotIsNotBelieved() throws {
        let house = try House()
        try house.introduceAccounts(1)
        let source = MemorySource("billing", [.table(Texts.chargeColumns, rows(1...30))])
        try house.run("billing.charges", source)
        source.hold([.table(Texts.chargeColumns, [])])
        #expect(try house.run("billing.charges", source).error?.code.name == "run.deleteFuse")
        #expect(try house.keys("billing.charges").count == 30)
    }

    @Test func aKeyWithinARowThatCouldNotBeSplitHasNotVanished() throws {
        let house = try House()
        try house.introduceAccounts(1)
        let source = MemorySource("billing", [.table(Texts.chargeColumns, rows([11, 22, 33]))])
        try house.run("billing.charges", source)
        var reading = Reading.table(Texts.chargeColumns, rows([11]))
        reading.items.append(.defect("22,00000001,2025-2026"))
        source.hold([reading])
        #expect(try house.run("billing.charges", source).books == "2/0/0/1/0/1/1")
        #expect(try house.keys("billing.charges") == ["11", "22"])
    }

    @Test func soHasAKeyOfSeveralColumns() throws {
        let house = try House()
        try house.write("billing.seasons", Texts.seasons.replacing("key: [id]", with: "key: [id, name]"))
        let source = MemorySource(
            "billing",
            [.table(Texts.seasonColumns, [["71", "2024-2025", "2024-11-15"], ["72", "2025-2026", "2025-11-15"]])])
        try house.run("billing.seasons", source)
        var reading = Reading.table(Texts.seasonColumns, [["72", "2025-2026", "2025-11-15"]])
        reading.items.append(.defect("71,2024-2025"))
        source.hold([reading])
        #expect(try house.run("billing.seasons", source).counts.vanished == 0)
        #expect(try house.keys("billing.seasons").count == 2)
    }

    // MARK: Nothing over something

    /// However few are held, and whatever the policy says of numbers.
    @Test(arguments: [1, 3, 20]) func aSnapshotOfNothingIsNotBelieved(held: Int) throws {
        for mode in [PullRequest.Mode.incremental, .full] {
            let house = try House()
            try house.introduceAccounts(1)
            let source = MemorySource("billing", [.table(Texts.chargeColumns, rows(1...held), cursor: "one")])
            try house.run("billing.charges", source)
            source.hold([.table(Texts.chargeColumns, [], cursor: "two")])
            let policy = VanishPolicy(permille: 1000, atLeast: 1_000_000)
            let report = try house.run("billing.charges", source, mode: mode, policy: policy)
            #expect(report.error?.code.name == "run.deleteFuse")
            #expect(report.error?.message.contains("\(held) are held") == true)
            #expect(report.error?.advice?.contains("allows deletes") == true)
            #expect(try house.keys("billing.charges").count == held)
            #expect(try house.state("billing.charges").cursor == "one")
            let allowed = try house.run("billing.charges", source, mode: mode, policy: VanishPolicy(allowsAll: true))
            #expect(allowed.state == .success && allowed.counts.vanished == Int64(held))
        }
    }

    /// A file of its header alone, among others.
    @Test func soIsAFileOfItsHeaderAlone() throws {
        let house = try House()
        try house.introduceAccounts(1)
        let source = MemorySource("billing", [.file("1.csv", Texts.chargeColumns, rows(1...3), isSnapshot: true)])
        try house.run("billing.charges", source)
        source.hold([
            .file("1.csv", Texts.chargeColumns, rows(1...3), isSnapshot: true),
            .file("2.csv", Texts.chargeColumns, [[String?]](), isSnapshot: true),
        ])
        #expect(try house.run("billing.charges", source).error?.code.name == "run.deleteFuse")
        #expect(try house.keys("billing.charges").count == 3)
    }

    @Test func nothingOverNothingIsFine() throws {
        let house = try House()
        try house.introduceAccounts(1)
        let source = MemorySource("billing", [.table(Texts.chargeColumns, [])])
        for _ in 0..<2 { #expect(try house.run("billing.charges", source).state == .success) }
    }

    /// Rows that cannot be read are no proof that the records are gone; where none of them is one of those held, nothing is.
    @Test func aSnapshotOfDefectsAlone() throws {
        let house = try House()
        try house.introduceAccounts(1)
        let source = MemorySource("billing", [.table(Texts.chargeColumns, rows([101, 102, 103]))])
        try house.run("billing.charges", source)
        func reading(_ defects: [String]) -> Reading {
            var reading = Reading.table(Texts.chargeColumns, [])
            reading.items = defects.map { .defect($0) }
            return reading
        }
        // Each holds a key.
        source.hold([reading(["101;x", "102;x", "103;x"])])
        #expect(try house.run("billing.charges", source).books == "3/0/0/0/0/3/0")
        for defects in [["?;x", "?;y", "?;z"], ["101;x", "102;x"], ["101;x", "?;y", "?;z"]] {
            source.hold([reading(defects)])
            #expect(try house.run("billing.charges", source).error?.code.name == "run.deleteFuse")
            #expect(try house.keys("billing.charges").count == 3)
        }
        // All refused by the mapping, each with its key.
        source.hold([.table(Texts.chargeColumns, [101, 102, 103].map { Texts.charge($0, due: "many") })])
        #expect(try house.run("billing.charges", source).books == "3/0/0/0/0/3/0")
        #expect(try house.keys("billing.charges").count == 3)
    }

    /// As many others in the place of all: the season of this year for that of the last. Fewer others are a loss.
    @Test func allOfThemForOthers() throws {
        let house = try House()
        try house.introduceAccounts(1)
        let source = MemorySource("billing", [.table(Texts.chargeColumns, rows(1...3))])
        try house.run("billing.charges", source)
        source.hold([.table(Texts.chargeColumns, rows(11...13))])
        #expect(try house.run("billing.charges", source).books == "3/3/0/0/0/0/3")
        source.hold([.table(Texts.chargeColumns, rows(21...22))])
        let report = try house.run("billing.charges", source)
        #expect(report.error?.code.name == "run.deleteFuse")
        #expect(report.error?.message.contains("none of the 3 records held") == true)
        #expect(try house.keys("billing.charges") == ["11", "12", "13"])
    }

    /// Each run loses less than the fuse allows, and all of them together most of the stream: no run fails, and the run says so.
    @Test func aSlowLossIsTold() throws {
        let house = try House()
        try house.introduceAccounts(1)
        let source = MemorySource("billing", [])
        var told: [Int] = []
        for turn in 0..<9 {
            source.hold([.table(Texts.chargeColumns, rows(turn * 19...180))])
            let report = try house.run("billing.charges", source, batchRows: 500)
            #expect(report.state == .success)
            let codes = try #require(try house.runs("billing.charges").first).pull.notices.map(\.code)
            if codes == ["run.slowLoss"] { told.append(turn) }
        }
        #expect(told == [5, 6, 7, 8])
    }

    /// A table of open orders, of which as many come as go, loses nothing.
    @Test func aStreamWhoseRecordsComeAndGoIsNotTold() throws {
        let house = try House()
        try house.introduceAccounts(1)
        let source = MemorySource("billing", [])
        for turn in 0..<9 {
            source.hold([.table(Texts.chargeColumns, rows(turn * 15..<turn * 15 + 40))])
            try house.run("billing.charges", source, batchRows: 500)
        }
        #expect(try house.runs("billing.charges").allSatisfy { $0.state == .success && $0.pull.notices.isEmpty })
    }
}
