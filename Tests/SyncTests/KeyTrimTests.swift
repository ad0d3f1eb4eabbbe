import HeatModel
import Records
import SQLiteStore
import Setup
import Store
import Testing

@testable import Sync

/// Trailing blanks of a key mean nothing: a column of fixed width that changes its type doubles no record.
@Suite struct KeyTrimTests {
    private func charge(_ key: String, due: String = "100.00") -> [String?] {
        var row = Texts.charge(1, due: due)
        row[0] = key
        return row
    }

    /// As an older version stored it: with the blanks.
    private func pad(_ house: House, _ key: String, by blanks: Int) throws {
        try house.damage(
            """
            UPDATE record SET key = CAST(CAST(key AS TEXT) || '\(String(repeating: " ", count: blanks))' AS BLOB)
                WHERE CAST(key AS TEXT) = '\(key)';
            DELETE FROM setting WHERE name LIKE 'keys trimmed%';
            """)
    }

    @Test(arguments: [1, 5]) func aKeyKeepsItsRecordWithoutThem(blanks: Int) throws {
        let house = try House()
        try house.introduceAccounts(1)
        let padding = String(repeating: " ", count: blanks)
        let source = MemorySource(
            "billing", [.table(Texts.chargeColumns, [charge("A1" + padding), charge("B2" + padding)])])
        #expect(try house.run("billing.charges", source).books == "2/2/0/0/0/0/0")
        #expect(try house.keys("billing.charges") == ["A1", "B2"])
        // The column is of another type now; only what changed is pulled.
        source.hold([.table(Texts.chargeColumns, [charge("A1", due: "7")], isSnapshot: false)])
        #expect(try house.run("billing.charges", source).books == "1/0/1/0/0/0/0")
        #expect(try house.keys("billing.charges") == ["A1", "B2"])
    }

    /// A store of an earlier version: its keys lose their blanks before anything is pulled, once, in a run of its own that balances.
    @Test func whatIsHeldFromBefore() throws {
        let house = try House()
        try house.introduceAccounts(1)
        let source = MemorySource(
            "billing", [.table(Texts.chargeColumns, [charge("A1"), charge("B2", due: "5.05"), charge("C3")])])
        let workspace = try house.workspace([(source, ["charges"])])
        _ = try workspace.sync()
        let views = try StoreDump.meaning(house.database).tables["view"]
        try pad(house, "A1", by: 3)
        try pad(house, "B2", by: 1)
        source.hold([.table(Texts.chargeColumns, [charge("A1")], isSnapshot: false)])
        let planned = try workspace.plan().reports[0]
        let report = try workspace.sync().reports[0]
        #expect(report.state == .success, "\(String(describing: report.error))")
        #expect(report.remapped?.books == "2/0/2/0/0/0/0" && report.books == "1/0/0/1/0/0/0")
        #expect(planned.remapped == report.remapped && planned.counts == report.counts)
        #expect(try house.keys("billing.charges") == ["A1", "B2", "C3"])
        #expect(try house.state("billing.charges").records == 3)
        #expect(try house.state("billing.charges").totals.first { $0.measure == "due_fen" }?.sum == Fen(20_505))
        #expect(try StoreDump.meaning(house.database).tables["view"] == views)
        #expect(try workspace.sync().reports[0].remapped == nil)
    }

    /// Doubled already: the newer of the two stays, and the money counts once.
    @Test(arguments: [true, false]) func whatStandsTwiceAlready(paddedIsNewer: Bool) throws {
        let house = try House()
        try house.introduceAccounts(1)
        let source = MemorySource("billing", [.table(Texts.chargeColumns, [charge("A1", due: "1")], isSnapshot: false)])
        try house.run("billing.charges", source)
        try house.damage("UPDATE record SET key = CAST('X' AS BLOB) WHERE CAST(key AS TEXT) = 'A1'")
        source.hold([.table(Texts.chargeColumns, [charge("A1", due: "2")], isSnapshot: false)])
        try house.run("billing.charges", source)
        if paddedIsNewer {
            try pad(house, "A1", by: 4)
            try house.damage("UPDATE record SET key = CAST('A1' AS BLOB) WHERE CAST(key AS TEXT) = 'X'")
        } else {
            try pad(house, "X", by: 0)
            try house.damage("UPDATE record SET key = CAST('A1  ' AS BLOB) WHERE CAST(key AS TEXT) = 'X'")
        }
        #expect(try house.keys("billing.charges").count == 2)
        source.hold([.table(Texts.chargeColumns, [], isSnapshot: false)])
        let report = try house.run("billing.charges", source)
        #expect(report.state == .success && report.remapped?.isBalanced == true)
        #expect(try house.keys("billing.charges") == ["A1"])
        #expect(try house.record("billing.charges", "A1")?.text.contains("\"due_fen\":200,") == true)
        #expect(try house.state("billing.charges").records == 1)
        #expect(try house.state("billing.charges").totals.first { $0.measure == "due_fen" }?.sum == Fen(200))
    }

    @Test func eachPartOfAKeyByItself() {
        let keys = [
            "A1 \u{1F}B": "A1\u{1F}B", "A1\u{1F}B  ": "A1\u{1F}B", " A1  \u{1F} \u{1F}C ": " A1\u{1F}\u{1F}C",
            "A 1": "A 1", " ": " ", " \u{1F} ": " \u{1F} ", "": "",
        ]
        for (key, wanted) in keys {
            #expect(String(decoding: KeyBlanks.removed(from: key.utf8), as: UTF8.self) == wanted)
            let stands = Array(key.utf8).withUnsafeBytes { KeyBlanks.stand(in: $0) }
            #expect(stands || key == wanted)
        }
    }
}
