import HeatModel
import Records
import SQLiteStore
import Setup
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
        #expect(planned.totals == done.totals.filter { $0.side != .stored })
        #expect(planned.pull == done.pull)
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

    // MARK: Several streams

    /// What `plan` and `sync` of the same selection say of each stream, in words.
    private func compare(
        _ house: House, _ workspace: Workspace, _ selection: [String] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> SyncOutcome {
        let before = try StoreDump(house.database)
        let planned = try workspace.plan(selection)
        #expect(try StoreDump(house.database).difference(before) == [], sourceLocation: sourceLocation)
        let done = try workspace.sync(selection)
        func words(_ reports: [RunReport]) -> [String] {
            reports.map {
                "\($0.stream) \($0.state) \($0.books) \($0.remapped?.books ?? "-") \($0.error?.code.name ?? "-") \($0.pull.statement?.text ?? "-")"
            }
        }
        #expect(words(planned.reports) == words(done.reports), sourceLocation: sourceLocation)
        #expect(planned.replayed == done.replayed, sourceLocation: sourceLocation)
        return done
    }

    /// A new customer and its payment arrive together; then one comes whose payment has waited for it.
    @Test func whatOneStreamBringsCountsForTheNext() throws {
        let house = try House()
        let customer = MemorySource("customer", [.table(Texts.residentColumns, [Texts.resident(1)])])
        let billing = MemorySource(
            "billing", [.table(Texts.chargeColumns, [Texts.charge(1, of: 1, due: "500.00"), Texts.charge(2, of: 2)])])
        let workspace = try house.workspace([(customer, ["residents"]), (billing, ["charges"])])
        let first = try compare(house, workspace)
        #expect(first.reports.map(\.counts.new) == [1, 1] && first.quarantined == 1)
        customer.hold([.table(Texts.residentColumns, [Texts.resident(1), Texts.resident(2)])])
        let second = try compare(house, workspace, ["customer"])
        #expect(second.reports.map(\.counts.new) == [1] && second.replayed.replayed == 1)
        let third = try compare(house, workspace)
        #expect(third.reports.allSatisfy { $0.counts.new + $0.counts.changed == 0 } && third.quarantined == 0)
    }

    /// Alone, a stream is planned on what is there: its payment waits.
    @Test func aSelectionIsPlannedAlone() throws {
        let house = try House()
        let customer = MemorySource("customer", [.table(Texts.residentColumns, [Texts.resident(1)])])
        let billing = MemorySource("billing", [.table(Texts.chargeColumns, [Texts.charge(1)])])
        let workspace = try house.workspace([(customer, ["residents"]), (billing, ["charges"])])
        #expect(try compare(house, workspace, ["billing.charges"]).quarantined == 1)
        #expect(try compare(house, workspace).quarantined == 0)
    }

    /// A changed mapping of one stream and a new account of another.
    @Test func aChangedMappingAmongOthers() throws {
        let house = try House()
        let customer = MemorySource("customer", [.table(Texts.residentColumns, [Texts.resident(1)])])
        let billing = MemorySource(
            "billing",
            [.table(Texts.chargeColumns, [Texts.charge(1), Texts.charge(2, due: "9,5"), Texts.charge(3, of: 2)])])
        let sources = [(customer, streams: ["residents"]), (billing, streams: ["charges"])]
        _ = try house.workspace(sources).sync()
        customer.hold([.table(Texts.residentColumns, [Texts.resident(1), Texts.resident(2)])])
        try house.write(
            "billing.charges", Texts.charges.replacing("  received:", with: "  discount: {value: 7}\n  received:"))
        let done = try compare(house, house.workspace(sources))
        #expect(done.reports.last?.remapped?.changed == 1 && done.reports.first?.counts.new == 1)
    }

    /// A stream that fails leaves to the next what it committed before, in a plan too.
    @Test(arguments: 0...7) func aStreamThatFails(after rows: Int) throws {
        let house = try House()
        let customer = MemorySource(
            "customer", [.table(Texts.residentColumns, (1...7).map { Texts.resident($0) }, isSnapshot: false)])
        customer.change { $0.failsAfter = rows }
        let billing = MemorySource("billing", [.table(Texts.chargeColumns, (1...7).map { Texts.charge($0, of: $0) })])
        let workspace = try house.workspace([(customer, ["residents"]), (billing, ["charges"])])
        var options = SyncEngine.Options()
        options.batchRows = 2
        let planned = try workspace.plan(options: options)
        let done = try workspace.sync(batchRows: 2)
        #expect(planned.reports.map(\.counts) == done.reports.map(\.counts))
        #expect(planned.reports.map(\.state) == [.failed, .success])
        #expect(planned.reports.map { $0.error?.code.name } == done.reports.map { $0.error?.code.name })
        #expect(done.reports[1].counts.new == Int64(rows / 2 * 2))
    }

    /// A batch that the fuse stops is taken back, and the plan goes on.
    @Test func aFuseThatWouldBlow() throws {
        let house = try House()
        let customer = MemorySource("customer", [.table(Texts.residentColumns, (1...3).map { Texts.resident($0) })])
        let billing = MemorySource("billing", [.table(Texts.chargeColumns, (1...3).map { Texts.charge($0, of: $0) })])
        let workspace = try house.workspace([(customer, ["residents"]), (billing, ["charges"])])
        _ = try workspace.sync()
        customer.hold([.table(Texts.residentColumns, [])])
        billing.hold([.table(Texts.chargeColumns, (1...4).map { Texts.charge($0, of: $0) })])
        let done = try compare(house, workspace)
        #expect(done.reports.map { $0.error?.code.name } == ["run.deleteFuse", nil])
        #expect(done.reports[1].books == "4/0/0/3/0/1/0")
    }

    @Test func aPlanOfAStreamThatARunHoldsIsRefused() throws {
        let house = try House()
        let customer = MemorySource("customer", [.table(Texts.residentColumns, [Texts.resident(1)])])
        let workspace = try house.workspace([(customer, ["residents"])])
        _ = try workspace.sync()
        let id = try house.id("customer.residents")
        try house.store.write {
            _ = try $0.takeLease(stream: id, owner: LeaseOwner(host: "elsewhere", process: 1, processStart: 1)) { _ in
                true
            }
        }
        let before = try StoreDump(house.database)
        let error = #expect(throws: HearthError.self) { try workspace.plan() }
        #expect(error?.code.name == "run.locked")
        #expect(try StoreDump(house.database).difference(before) == [])
    }
}
