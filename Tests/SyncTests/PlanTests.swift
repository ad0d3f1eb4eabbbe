import HeatModel
import Records
import Store
import Testing

@testable import Sync

/// A plan says what a sync would do, and does nothing.
@Suite struct PlanTests {
    @Test(arguments: [false, true]) func aPlanForetellsTheSyncAndChangesNothing(withChangedMapping changed: Bool) throws
    {
        let house = try House()
        try house.introduceAccounts(2)
        let source = MemorySource(
            "billing", [.table(Texts.chargeColumns, (1...9).map { Texts.charge($0) }, cursor: "one")])
        try house.run("billing.charges", source)
        var next = Reading.table(
            Texts.chargeColumns,
            [
                Texts.charge(1), Texts.charge(2, due: "2"), Texts.charge(3), Texts.charge(3), Texts.charge(20),
                Texts.charge(21, of: 7), Texts.charge(22, due: "x"),
            ],
            cursor: "two")
        next.items.append(.defect("4 …"))
        source.hold([next])
        if changed {
            try house.write(
                "billing.charges", Texts.charges.replacing("  received:", with: "  discount: {value: 7}\n  received:"))
        }

        let before = try StoreDump(house.database)
        var kinds: [PlannedChange.Kind: Int] = [:]
        let planned = try house.engine().plan(house.stream("billing.charges", source), options: .init(batchRows: 3)) {
            kinds[$0.kind, default: 0] += 1
        }
        #expect(try StoreDump(house.database).difference(before) == [])
        let done = try house.run("billing.charges", source)
        #expect(done.state == .success)
        #expect(planned.counts == done.counts)
        #expect(planned.remapped == done.remapped)
        #expect(planned.totals == done.totals.filter { $0.side == .pulled })
        #expect(kinds[.new, default: 0] == Int(done.counts.new))
        #expect(kinds[.changed, default: 0] == Int(done.counts.changed + (done.remapped?.changed ?? 0)))
        #expect(kinds[.vanished, default: 0] == Int(done.counts.vanished))
        #expect((done.remapped != nil) == changed)
    }

    @Test func aPlanOfAnEmptyStoreLeavesItEmpty() throws {
        let house = try House()
        let before = try StoreDump(house.database)
        let source = MemorySource("billing", [.table(Texts.seasonColumns, [["1", "2025-2026", "2025-11-15"]])])
        #expect(try house.engine().plan(house.stream("billing.seasons", source)) { _ in }.counts.new == 1)
        #expect(try StoreDump(house.database).difference(before) == [])
    }

    @Test func aPlanOfASourceThatIsDownThrowsAndChangesNothing() throws {
        let house = try House()
        let before = try StoreDump(house.database)
        let source = MemorySource("billing", [.table(Texts.seasonColumns, [["1", "2025-2026", "2025-11-15"]])])
        source.change { $0.failsAfter = 0 }
        #expect(throws: HearthError.self) { try house.engine().plan(house.stream("billing.seasons", source)) { _ in } }
        #expect(try StoreDump(house.database).difference(before) == [])
    }
}
