import HeatModel
import Records
import Store
import Testing

@testable import Sync

/// What a run writes down of itself: kept with it, bounded, and of batches that were committed alone.
@Suite struct RunLogTests {
    private func residents(_ count: Int) -> MemorySource {
        MemorySource("customer", [.table(Texts.residentColumns, (1...count).map { Texts.resident($0) })])
    }

    private func log(_ house: House) throws -> [RunLog.Line] {
        let run = try #require(try house.runs("customer.residents").first)
        return try #require(try house.store.read { try $0.log(of: run.id) }).lines
    }

    @Test func beginBatchesAndEndAreWrittenDown() throws {
        let house = try House()
        try house.run("customer.residents", residents(40))
        let lines = try log(house)
        #expect(lines.first?.text.hasPrefix("begins: incremental, mapping ") == true)
        // Of 14 batches the first ten; the next one would be the sixteenth.
        #expect(lines.filter { $0.text.hasPrefix("batch ") }.count == 10, "\(lines)")
        #expect(lines.last?.text == "ends: success, 14 batches, 40 read, 40 new")
        #expect(lines.allSatisfy { $0.level == .info } && lines.map(\.after) == lines.map(\.after).sorted())
        // Nothing of a customer.
        let personal = Texts.resident(1).compactMap(\.self).filter { $0.count > 3 }
        #expect(!personal.isEmpty && lines.allSatisfy { line in !personal.contains { line.text.contains($0) } })
    }

    @Test func aRunThatFailsSaysWhereAndHowFarItCame() throws {
        let house = try House()
        let source = residents(9)
        source.change { $0.failsAfter = 7 }
        #expect(try house.run("customer.residents", source).state == .failed)
        let lines = try log(house)
        #expect(lines.filter { $0.text.hasPrefix("batch ") }.count == 2, "\(lines)")
        #expect(lines.suffix(2).map(\.level) == [.error, .error])
        #expect(lines.dropLast().last?.text == "source.unreachable: the connection was cut (memory)")
        #expect(lines.last?.text == "ends: failed, 2 batches, 6 read, 6 new")
    }

    @Test func whatAPullNoticedIsAWarning() throws {
        let house = try House()
        let source = residents(2)
        source.change { $0.notices = [PullNotice("csv.encodingTaken", "read as GB18030", at: "yh_2.csv")] }
        try house.run("customer.residents", source)
        let warnings = try log(house).filter { $0.level == .warning }
        #expect(warnings.map(\.text) == ["csv.encodingTaken: yh_2.csv: read as GB18030"])
    }
}
