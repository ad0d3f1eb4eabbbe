import HeatModel
import Records
import SQLiteStore
import Store
import Testing

@testable import Sync

/// A changed mapping file: the records held follow it without asking the source, where their raw text allows it.
@Suite struct RemapTests {
    private let sellers = Texts.charges.replacing("  received:", with: "  discount: {value: 7}\n  received:")

    private func loaded() throws -> (House, MemorySource) {
        let house = try House()
        try house.introduceAccounts(2)
        let source = MemorySource(
            "billing",
            [
                .table(
                    Texts.chargeColumns, (1...7).map { Texts.charge($0, of: $0 % 2 + 1) }, isSnapshot: true,
                    cursor: "end")
            ])
        try house.run("billing.charges", source)
        return (house, source)
    }

    @Test func recordsFollowTheMappingWithoutAPull() throws {
        let (house, source) = try loaded()
        try house.write("billing.charges", sellers)
        source.hold([])
        let report = try house.run("billing.charges", source)
        #expect(report.state == .success)
        #expect(report.remapped?.books == "7/0/7/0/0/0/0")
        #expect(try house.record("billing.charges", "3")?.text.contains("\"discount_fen\":7") == true)
        #expect(try house.runs("billing.charges").map(\.mode) == ["incremental", "remap", "incremental"])
        let history = try house.history("billing.charges", "3")
        let current = try #require(try house.record("billing.charges", "3"))
        #expect(history.count == 1 && history[0].provenance.mappingVersion != current.provenance.mappingVersion)
        #expect(try house.state("billing.charges").totals.first { $0.measure == "discount_fen" }?.sum == Fen(49))
        // Once is enough.
        #expect(try house.run("billing.charges", source).remapped == nil)
        #expect(source.pulls == [.incremental, .incremental, .incremental])
    }

    @Test func aRemarkInTheFileChangesNoRecord() throws {
        let (house, source) = try loaded()
        let before = try StoreDump.data(house.database)
        try house.write("billing.charges", "# a remark\n" + Texts.charges)
        #expect(try house.run("billing.charges", source).remapped?.books == "7/0/0/7/0/0/0")
        #expect(try StoreDump.data(house.database).difference(before) == ["setting"])
    }

    @Test func aRecordThatTheMappingNowRejectsKeepsItsVersionAndIsShown() throws {
        let (house, source) = try loaded()
        source.hold([.table(Texts.chargeColumns, [Texts.charge(3, due: "900.00")], isSnapshot: false)])
        try house.run("billing.charges", source)
        try house.write(
            "billing.charges", Texts.charges.replacing("due: {column: due,", with: "due: {column: due, valid: 0..500,"))
        source.hold([])
        let report = try house.run("billing.charges", source)
        #expect(report.remapped?.books == "7/0/0/6/0/1/0")
        #expect(try house.quarantine("billing.charges").map(\.code) == ["record.outOfRange"])
        #expect(try house.record("billing.charges", "3")?.text.contains("\"due_fen\":90000") == true)
        #expect(try house.state("billing.charges").records == 7)
    }

    @Test func aColumnThatWasNeverPulledNeedsAFullPull() throws {
        let (house, source) = try loaded()
        try house.write(
            "billing.charges",
            Texts.charges.replacing("  received:", with: "  remark: {column: note, as: text}\n  received:"))
        let rows = (1...7).map { Texts.charge($0, of: $0 % 2 + 1) + ["note \($0)"] }
        source.change {
            $0.readings = { $0.mode == .full ? [.table(Texts.chargeColumns + ["note"], rows, cursor: "end")] : [] }
        }
        // The source is down first: the need for a full pull must outlive that.
        source.change { $0.failsAfter = 0 }
        #expect(try house.run("billing.charges", source).state == .failed)
        // Why the records cannot follow stands with the run.
        let notice = try house.runs("billing.charges").first { $0.mode == "remap" }?.pull.notices.first
        #expect(notice?.code == "run.unreachable" && notice?.message.contains("has no column \"note\"") == true)
        #expect(notice?.place?.contains("billing.charges.yaml:") == true)
        source.change { $0.failsAfter = nil }
        let report = try house.run("billing.charges", source)
        #expect(report.mode == "full" && report.counts.changed == 7)
        #expect(try house.record("billing.charges", "7")?.text.contains("\"remark\":\"note 7\"") == true)
        #expect(try house.run("billing.charges", source).mode == "incremental")
    }

    /// A file that suits no row at all is not taken for one that only the source's next rows suit.
    @Test func aMappingThatSuitsNoRowIsAnError() throws {
        let (house, source) = try loaded()
        try house.write("billing.charges", Texts.charges.replacing("key: [id]", with: "key: [occurrence]"))
        let report = try house.run("billing.charges", source)
        #expect(report.state == .failed && report.mode == "remap" && report.error?.code.name == "config.badValue")
        #expect(report.error?.description.contains("billing.charges.yaml:3:") == true)
        #expect(try house.state("billing.charges").records == 7)
        #expect(source.pulls == [.incremental])
    }

    @Test func anotherKeyMovesTheRecords() throws {
        let (house, source) = try loaded()
        try house.write("billing.charges", Texts.charges.replacing("key: [id]", with: "key: [season, id]"))
        source.hold([])
        let report = try house.run("billing.charges", source)
        #expect(report.state == .success)
        #expect(try house.keys("billing.charges") == (1...7).map { "2025-2026\u{1F}\($0)" })
        #expect(try house.state("billing.charges").records == 7)
        #expect(try house.state("billing.charges").totals.first { $0.measure == "due_fen" }?.count == 7)
        #expect(try house.history("billing.charges", "1").count == 1)
    }

    @Test func aRemapThatWasStoppedGoesOnAndOneTakenBackIsUndone() throws {
        let (house, source) = try loaded()
        source.hold([])
        try house.write("billing.charges", sellers)
        house.stop.set()
        #expect(try house.run("billing.charges", source).state == .cancelled)
        // The file is changed back before anyone carries on: whatever was mapped in between follows.
        try house.write("billing.charges", Texts.charges)
        let engine = SyncEngine(store: house.store, clock: { house.now() })
        #expect(try engine.run(house.stream("billing.charges", source)).remapped?.read == 7)
        #expect(try house.record("billing.charges", "1")?.text.contains("discount_fen") == false)
        try house.write("billing.charges", sellers)
        #expect(try engine.run(house.stream("billing.charges", source)).remapped?.changed == 7)
    }

    @Test func manyFailedRunsDoNotHideAChangedMapping() throws {
        let (house, source) = try loaded()
        try house.store.write { store in
            let id = try store.stream(named: "billing.charges", entity: .charge)
            for _ in 0..<250 {
                let run = try store.beginRun(stream: id, mode: "incremental", mappingVersion: "x", at: house.now())
                try store.endRun(run, state: .failed, at: house.now(), error: nil, totals: [])
            }
        }
        source.hold([])
        try house.write("billing.charges", sellers)
        #expect(try house.run("billing.charges", source).remapped?.changed == 7)
    }
}
