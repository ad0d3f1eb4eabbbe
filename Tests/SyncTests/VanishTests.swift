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
        #expect(report.error?.advice?.contains("--allow-deletes") == true)
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
}
