import HeatModel
import Records
import Setup
import Store
import Testing

@testable import Sync

/// Every row that is read is in exactly one column of the books.
@Suite struct BooksTests {
    @Test func everyOutcomeIsCounted() throws {
        let house = try House()
        try house.introduceAccounts(2)
        let source = MemorySource(
            "billing", [.table(Texts.chargeColumns, [Texts.charge(1), Texts.charge(2), Texts.charge(3)])])
        #expect(try house.run("billing.charges", source).books == "3/3/0/0/0/0/0")

        var second = Reading.table(
            Texts.chargeColumns,
            [
                Texts.charge(1),  // unchanged
                Texts.charge(2, due: "120.00"),  // changed
                Texts.charge(3), Texts.charge(3),  // unchanged, equal to it with money
                Texts.charge(8, due: "0"), Texts.charge(8, due: "0"),  // new, equal to it without money
                Texts.charge(3, due: "1.00"),  // the key again with other content
                Texts.charge(4, of: 2),  // new
                Texts.charge(5, due: "many"),  // cannot be mapped
                Texts.charge(6, of: 77),  // no such account
            ])
        second.items.append(.defect("7,half a row"))
        source.hold([second])
        let report = try house.run("billing.charges", source)
        #expect(report.state == .success)
        #expect(report.books == "11/2/1/2/1/5/0")
        #expect(report.counts.isBalanced)

        let entries = try house.quarantine("billing.charges")
        #expect(
            entries.map(\.code).sorted() == [
                "match.unknownAccount", "record.badDecimal", "record.duplicateKey", "record.equalRow",
                "record.raggedRow",
            ])
        #expect(entries.count == 5)
        #expect(entries.allSatisfy { !$0.raw.isEmpty && !$0.place.isEmpty && !$0.message.isEmpty })
        #expect(try house.runs("billing.charges").first?.counts == report.counts)
    }

    @Test func aRefusedRowKeepsRawTextPlaceAndColumn() throws {
        let house = try House()
        try house.introduceAccounts(1)
        try house.run(
            "billing.charges",
            MemorySource(
                "billing", [.file("a.csv", Texts.chargeColumns, [Texts.charge(1), Texts.charge(2, due: "many")])]))
        let entry = try #require(try house.quarantine("billing.charges").first)
        #expect(entry.place == "a.csv:3")
        #expect(entry.column == "due")
        #expect(entry.key.map { String(decoding: $0, as: UTF8.self) } == "2")
        #expect(entry.columns == Texts.chargeColumns)
        #expect(String(decoding: entry.raw, as: UTF8.self).contains("many"))
        #expect(entry.isSplit)
    }

    @Test func replayingTheSamePullChangesNothing() throws {
        let house = try House()
        try house.introduceAccounts(2)
        var reading = Reading.table(
            Texts.chargeColumns,
            [
                Texts.charge(1), Texts.charge(2), Texts.charge(2), Texts.charge(2, due: "7.00"),
                Texts.charge(3, due: "many"),
                Texts.charge(4, of: 9), Texts.charge(5, void: "1"),
            ], cursor: "end")
        reading.items.append(.defect("x,y"))
        let source = MemorySource("billing", [reading])
        let first = try house.run("billing.charges", source)
        let before = try StoreDump.data(house.database)
        for mode in [PullRequest.Mode.incremental, .full, .full] {
            let again = try house.run("billing.charges", source, mode: mode)
            #expect(again.state == .success)
            #expect(again.counts.new == 0 && again.counts.changed == 0 && again.counts.vanished == 0)
            #expect(again.counts.quarantined == first.counts.quarantined)
            let after = try StoreDump.data(house.database)
            #expect(after.difference(before).filter { $0 != "setting" } == [])
        }
    }

    @Test func aChangedRecordKeepsItsHistory() throws {
        let house = try House()
        try house.introduceAccounts(2)
        let source = MemorySource("billing", [.table(Texts.chargeColumns, [Texts.charge(1)])])
        let first = try house.run("billing.charges", source)
        source.hold([.table(Texts.chargeColumns, [Texts.charge(1, of: 2, due: "90.00")])])
        let second = try house.run("billing.charges", source)
        source.hold([.table(Texts.chargeColumns, [])])
        let third = try house.run("billing.charges", source, policy: VanishPolicy(allowsAll: true))
        let history = try house.history("billing.charges", "1")
        try #require(history.count == 2)
        #expect(history[0].text.contains("\"due_fen\":9000"))
        #expect(history[0].ended?.run == third.run && history[0].ended?.reason == .vanished)
        #expect(history[0].provenance.run == second.run.number)
        #expect(history[1].text.contains("\"due_fen\":10000"))
        #expect(history[1].ended?.run == second.run && history[1].ended?.reason == .changed)
        #expect(history[1].provenance.run == first.run.number)
        #expect(try house.accountNumber(history[1]) == "00000001")
        #expect(try house.record("billing.charges", "1") == nil)
    }

    @Test func aMendedRowResolvesItsEntry() throws {
        let house = try House()
        try house.introduceAccounts(1)
        let source = MemorySource("billing", [.file("1.csv", Texts.chargeColumns, [Texts.charge(1, due: "many")])])
        try house.run("billing.charges", source)
        #expect(try house.quarantine("billing.charges").count == 1)
        source.hold([.file("2.csv", Texts.chargeColumns, [Texts.charge(1)])])
        try house.run("billing.charges", source)
        #expect(try house.quarantine("billing.charges").isEmpty)
        #expect(try house.quarantine("billing.charges", .resolved).count == 1)
    }

    @Test func aMendedRecordOfNoAccountResolvesItsEntryToo() throws {
        let house = try House()
        let source = MemorySource("billing", [.file("1.csv", Texts.seasonColumns, [["1", "soon", "2025-11-15"]])])
        #expect(try house.run("billing.seasons", source).counts.quarantined == 1)
        source.hold([.file("2.csv", Texts.seasonColumns, [["1", "2025-2026", "2025-11-15"]])])
        try house.run("billing.seasons", source)
        #expect(try house.quarantine("billing.seasons").isEmpty)
    }

    /// A later file that is worse than an earlier one: what the earlier one said stays, and the entry stays open.
    @Test func aRowThatGoesBadKeepsItsLastGoodVersion() throws {
        let house = try House()
        try house.introduceAccounts(1)
        let source = MemorySource("billing", [.table(Texts.chargeColumns, [Texts.charge(1), Texts.charge(2)])])
        try house.run("billing.charges", source)
        source.hold([.table(Texts.chargeColumns, [Texts.charge(1, due: "many"), Texts.charge(2)])])
        #expect(try house.run("billing.charges", source).books == "2/0/0/1/0/1/0")
        #expect(try house.record("billing.charges", "1")?.text.contains("\"due_fen\":10000") == true)
        #expect(try house.history("billing.charges", "1").isEmpty)
        #expect(try house.quarantine("billing.charges").count == 1)
    }

    @Test func anEntryThatASnapshotNoLongerStatesIsResolved() throws {
        let house = try House()
        try house.introduceAccounts(1)
        let bad = Reading.file(
            "1.csv", Texts.chargeColumns, [Texts.charge(1), Texts.charge(2, due: "many")], isSnapshot: true)
        let good = Reading.file("2.csv", Texts.chargeColumns, [Texts.charge(1)], isSnapshot: true)
        // Both files in one run: the second supersedes the first.
        try house.run("billing.charges", MemorySource("billing", [bad, good]))
        #expect(try house.quarantine("billing.charges").isEmpty)
    }

    @Test func voidedRowsAreKeptButNotShown() throws {
        let house = try House()
        let customer = MemorySource("customer", [.table(Texts.residentColumns, [Texts.resident(1)])])
        let billing = MemorySource(
            "billing", [.table(Texts.chargeColumns, [Texts.charge(1), Texts.charge(2, due: "5.00", void: "1")])])
        let workspace = try house.workspace([(customer, ["residents"]), (billing, ["charges"])])
        _ = try workspace.sync()
        #expect(try house.record("billing.charges", "2")?.isVoided == true)
        let view = try #require(try house.view("00000001"))
        #expect(view.contains("\"key\":\"1\"") && !view.contains("\"key\":\"2\""))
        #expect(view.contains("\"seasons\":[{\"season\":\"2025-2026\",\"due_fen\":10000,"))
        // Voided later: it leaves the view, and the record stays.
        billing.hold([
            .table(Texts.chargeColumns, [Texts.charge(1, void: "1"), Texts.charge(2, due: "5.00", void: "1")])
        ])
        _ = try workspace.sync()
        #expect(try house.view("00000001")?.contains("\"seasons\":[]") == true)
        #expect(try house.keys("billing.charges") == ["1", "2"])
    }

    /// Rows equal to one before them are not stored again: where they carry money each of them waits in quarantine.
    @Test(arguments: [1, 2, 5]) func moneyInEqualRowsIsSetAside(copies: Int) throws {
        let house = try House()
        try house.introduceAccounts(1)
        let rows =
            [Texts.charge(1, due: "500.00")] + (0..<copies).map { _ in Texts.charge(2, due: "0.07", received: "1") }
        let billing = MemorySource("billing", [.table(Texts.chargeColumns, rows)])
        let aside = copies - 1
        var ids: [QuarantineID]?
        // A reading of the same brings the same entries, and nothing else.
        for mode in [PullRequest.Mode.incremental, .full, .full] {
            let report = try house.run("billing.charges", billing, mode: mode, batchRows: 1)
            #expect(report.state == .success && report.counts.duplicate == 0)
            #expect(report.counts.quarantined == Int64(aside))
            let entries = try house.quarantine("billing.charges", nil)
            #expect(entries.count == aside && entries.allSatisfy { $0.code == "record.equalRow" && $0.state == .open })
            #expect(entries.allSatisfy { $0.message.contains("occurrence") && $0.key == Array("2".utf8) })
            #expect(Set(entries.map(\.place)).count == 1 || Set(entries.map(\.ordinal)).count == aside)
            #expect(ids == nil || ids == entries.map(\.id))
            ids = entries.map(\.id)
            func total(_ side: RunTotal.Side, _ measure: String) throws -> Int64 {
                try house.runs("billing.charges").first?.totals.first { $0.side == side && $0.measure == measure }?.sum
                    .amount ?? 0
            }
            // What came is what is stored and what was set aside.
            #expect(try total(.stored, "due_fen") + 7 * Int64(aside) == total(.pulled, "due_fen"))
            #expect(try total(.duplicate, "due_fen") == 0)
            #expect(try house.runs("billing.charges").first?.pull.notices.isEmpty == true)
        }
        // Once the source states the row once, nothing waits any more.
        billing.hold([.table(Texts.chargeColumns, Array(rows.prefix(2)))])
        #expect(try house.run("billing.charges", billing, mode: .full).books == "2/0/0/2/0/0/0")
        #expect(try house.quarantine("billing.charges").isEmpty)
    }

    @Test func theTotalsOfARunAreThoseOfItsRows() throws {
        let house = try House()
        try house.introduceAccounts(1)
        let rows = [
            Texts.charge(1, due: "10.01"), Texts.charge(2, due: "20.02", received: "5"),
            Texts.charge(3, of: 8, due: "1.00"),
        ]
        let report = try house.run("billing.charges", MemorySource("billing", [.table(Texts.chargeColumns, rows)]))
        let pulled = report.totals.filter { $0.side == .pulled && $0.measure == "due_fen" }
        let stored = report.totals.filter { $0.side == .stored && $0.measure == "due_fen" }
        #expect(pulled.map(\.sum) == [Fen(3103)] && pulled.map(\.count) == [3])
        #expect(stored.map(\.sum) == [Fen(3003)] && stored.map(\.count) == [2])
    }
}
