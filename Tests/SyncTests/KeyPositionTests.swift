import Archive
import CSVConnector
import Foundation
import HearthTesting
import HeatModel
import Mapping
import Records
import SQLiteStore
import Store
import Testing

@testable import Setup
@testable import Sync

/// Sheets without a key: equal rows are kept apart by where they stand.
@Suite struct KeyPositionTests {
    private static let columns = ["no", "day", "amount"]
    private static let pay = ["A1", "2025-07-02", "1200.00"]

    private static func mapping(_ key: String, introduces: Bool = true, range: String = "") -> [String: String] {
        [
            "pay.rows": """
            entity: payment
            from: pay.rows
            key: \(key)
            account: {column: no, as: accountNumber, introduces: \(introduces)}
            fields:
              amount: {column: amount, as: money(yuan), required: true\(range)}
              paidAt: {column: day, as: instant}
            """,
            "unified": "facts: {}\nlists: {payments: {from: [pay.rows], order: [paidAt]}}",
        ]
    }

    private static func file(_ name: String, _ rows: [[String?]], isSnapshot: Bool) -> Reading {
        // The connector knows a file by 64 digits.
        var reading = Reading.file(name, columns, rows, isSnapshot: isSnapshot)
        reading.digest = reading.digest.map {
            String($0.utf8.reduce(into: UInt64(7)) { $0 = $0 &* 31 &+ UInt64($1) }, radix: 16) + "0123456789abcdef"
        }
        return reading
    }

    private func total(_ house: House) throws -> Int64? {
        try house.state("pay.rows").totals.first { $0.measure == "amount_fen" }?.sum.amount
    }

    private func keys(_ house: House) throws -> [String] {
        try house.keys("pay.rows").map { $0.replacing("\u{1F}", with: "|") }.sorted()
    }

    private func expectSoundBooks(_ report: RunReport, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(report.state == .success, "\(String(describing: report.error))", sourceLocation: sourceLocation)
    }

    @Test func aHouseholdMayPayTwiceAlike() throws {
        for (key, expected) in [
            (
                "[no, day, amount, occurrence]",
                ["A1|2025-07-02|1200.00|0", "A1|2025-07-02|1200.00|1", "A2|2025-07-02|1200.00|0"]
            ),
            ("[line]", ["2", "3", "4"]), ("[no, line]", ["A1|2", "A1|3", "A2|4"]),
        ] {
            let house = try House(mappings: Self.mapping(key))
            let rows = [Self.pay, Self.pay, ["A2"] + Self.pay.dropFirst()]
            let source = MemorySource("pay", [Self.file("1.csv", rows, isSnapshot: true)])
            expectSoundBooks(try house.run("pay.rows", source, batchRows: 1))
            #expect(try keys(house) == expected)
            #expect(try total(house) == 360_000)
            // The same sheet again under another name, then one without the second payment.
            source.hold([Self.file("2.csv", rows, isSnapshot: true)])
            #expect(try house.run("pay.rows", source, mode: .full).books == "3/0/0/3/0/0/0")
            source.hold([Self.file("3.csv", [rows[0], rows[2]], isSnapshot: true)])
            expectSoundBooks(try house.run("pay.rows", source, policy: VanishPolicy(allowsAll: true)))
            #expect(try total(house) == 240_000)
        }
    }

    @Test func changesOfSeveralFilesStandBesideEachOther() throws {
        let house = try House(mappings: Self.mapping("[line]"))
        let source = MemorySource(
            "pay",
            [
                Self.file("1.csv", [Self.pay, Self.pay], isSnapshot: false),
                Self.file("2.csv", [Self.pay], isSnapshot: false),
            ])
        expectSoundBooks(try house.run("pay.rows", source, batchRows: 1))
        #expect(try total(house) == 360_000)
        #expect(try house.run("pay.rows", source, mode: .full).books == "3/0/0/3/0/0/0")
        #expect(try total(house) == 360_000)
    }

    /// However often a pull is cut, and wherever, in the end the store holds each row once, as an uncut pull does.
    @Test(arguments: ["[no, day, amount, occurrence]", "[line]"], [true, false])
    func cutPullsEndAlike(_ key: String, _ isSnapshot: Bool) throws {
        var random = SeededGenerator(seed: 24)
        let rows = (0..<40).map { _ in
            ["A\(random.next() % 3)", "2025-07-0\(1 + random.next() % 2)", random.next() % 9 == 0 ? "x" : "5.00"]
        }
        let files = [Self.file("1.csv", rows, isSnapshot: isSnapshot)]
        let whole = try House(mappings: Self.mapping(key))
        expectSoundBooks(try whole.run("pay.rows", MemorySource("pay", files), batchRows: 100))
        let cut = try House(mappings: Self.mapping(key))
        let source = MemorySource("pay", files)
        for rowsBefore in [3, 11, 12, 27, 39] {
            source.change { $0.failsAfter = rowsBefore }
            #expect(try cut.run("pay.rows", source, batchRows: 4).state == .failed)
        }
        source.change { $0.failsAfter = nil }
        expectSoundBooks(try cut.run("pay.rows", source, batchRows: 5))
        #expect(try keys(cut) == keys(whole))
        #expect(try total(cut) == total(whole))
        func refused(_ house: House) throws -> [String] {
            try house.quarantine("pay.rows").map { "\($0.ordinal) \(String(decoding: $0.key ?? [], as: UTF8.self))" }
                .sorted()
        }
        #expect(try refused(cut) == refused(whole))
        let bad = rows.count { $0[2] == "x" }
        #expect(try refused(whole).count == bad && bad > 1)
        #expect(try keys(whole).count == 40 - bad)
    }

    /// Two equal payments of an account that is not known yet wait side by side, and both come in with it.
    @Test func equalRowsInQuarantineAreTwo() throws {
        let house = try House(mappings: Self.mapping("[no, day, amount, occurrence]", introduces: false))
        try house.write("customer.residents", Texts.residents)
        let rows = [["00000001"] + Self.pay.dropFirst(), ["00000001"] + Self.pay.dropFirst()]
        let source = MemorySource("pay", [Self.file("1.csv", rows, isSnapshot: true)])
        expectSoundBooks(try house.run("pay.rows", source))
        #expect(try house.quarantine("pay.rows").map(\.code) == ["match.unknownAccount", "match.unknownAccount"])
        try house.introduceAccounts(1)
        let stream = try house.stream("pay.rows", source)
        #expect(
            try house.engine().replay(stream) { _ in true }.result
                == ReplayResult(replayed: 2, refused: 0, unreadable: 0))
        #expect(try total(house) == 240_000)
        #expect(try house.run("pay.rows", source, mode: .full).books == "2/0/0/2/0/0/0")
        #expect(try house.quarantine("pay.rows").isEmpty)
    }

    /// A mapping mended over quarantined equal rows, and one changed over held ones: each keeps its number.
    @Test func remappedRowsKeepTheirNumber() throws {
        let key = "[no, day, amount, occurrence]"
        let house = try House(mappings: Self.mapping(key, range: ", valid: 0..1000"))
        let rows = [Self.pay, ["A1", "2025-07-02", "5"], Self.pay, ["A1", "2025-07-02", "5"]]
        let source = MemorySource("pay", [Self.file("1.csv", rows, isSnapshot: true)])
        expectSoundBooks(try house.run("pay.rows", source))
        #expect(try house.quarantine("pay.rows").count == 2)
        try house.write("pay.rows", Self.mapping(key)["pay.rows"] ?? "")
        #expect(try house.run("pay.rows", source).remapped?.books == "2/0/0/2/0/0/0")
        let stream = try house.stream("pay.rows", source)
        #expect(try house.engine().replay(stream) { _ in true }.result.replayed == 2)
        let expected = ["A1|2025-07-02|1200.00|0", "A1|2025-07-02|1200.00|1", "A1|2025-07-02|5|0", "A1|2025-07-02|5|1"]
        #expect(try keys(house) == expected)
        #expect(try house.run("pay.rows", source, mode: .full).books == "4/0/0/4/0/0/0")
        // By line, then back.
        try house.write("pay.rows", Self.mapping("[line]")["pay.rows"] ?? "")
        expectSoundBooks(try house.run("pay.rows", source))
        #expect(try keys(house) == ["2", "3", "4", "5"])
        try house.write("pay.rows", Self.mapping(key)["pay.rows"] ?? "")
        expectSoundBooks(try house.run("pay.rows", source))
        #expect(try keys(house) == expected)
        #expect(try house.run("pay.rows", source, mode: .full).books == "4/0/0/4/0/0/0")
        #expect(try total(house) == 241_000)
    }

    /// Equal payments wait until the key that cannot tell them apart is mended; a replay before that settles nothing.
    @Test(
        arguments: ["[no, day, amount, occurrence]", "[no, line]", "[line]"], [true, false]
    ) func aKeyThatSetsRowsAsideIsMended(_ mended: String, _ isReadAnew: Bool) throws {
        let house = try House(mappings: Self.mapping("[no, day, amount]"))
        let source = MemorySource("pay", [Self.file("1.csv", [Self.pay, Self.pay, Self.pay], isSnapshot: true)])
        #expect(try house.run("pay.rows", source).books == "3/1/0/0/0/2/0")
        for _ in 0..<2 {
            let stream = try house.stream("pay.rows", source)
            #expect(
                try house.engine().replay(stream) { _ in true }.result
                    == ReplayResult(replayed: 0, refused: 2, unreadable: 0))
            #expect(try house.quarantine("pay.rows", nil).map(\.code) == ["record.equalRow", "record.equalRow"])
            #expect(try total(house) == 120_000)
        }
        try house.write("pay.rows", Self.mapping(mended)["pay.rows"] ?? "")
        if !isReadAnew {
            expectSoundBooks(try house.run("pay.rows", source))
            let stream = try house.stream("pay.rows", source)
            #expect(try house.engine().replay(stream) { _ in true }.result.replayed == 2)
            #expect(try total(house) == 360_000)
        }
        expectSoundBooks(try house.run("pay.rows", source, mode: .full))
        #expect(try total(house) == 360_000)
        #expect(try keys(house).count == 3)
        #expect(try house.quarantine("pay.rows").isEmpty)
    }

    /// A replay that comes before the remap, and one of files of changes.
    @Test(arguments: [true, false]) func equalRowsComeInByAReplayAlone(_ isSnapshot: Bool) throws {
        let house = try House(mappings: Self.mapping("[no, day, amount]"))
        let source = MemorySource("pay", [Self.file("1.csv", [Self.pay, Self.pay], isSnapshot: isSnapshot)])
        expectSoundBooks(try house.run("pay.rows", source))
        try house.write("pay.rows", Self.mapping("[no, day, amount, occurrence]")["pay.rows"] ?? "")
        let stream = try house.stream("pay.rows", source)
        #expect(try house.engine().replay(stream) { _ in true }.result.replayed == 1)
        #expect(try total(house) == 240_000)
        #expect(try house.run("pay.rows", source).remapped?.isBalanced == true)
        #expect(try total(house) == 240_000)
        #expect(try keys(house) == ["A1|2025-07-02|1200.00|0", "A1|2025-07-02|1200.00|1"])
        #expect(try house.run("pay.rows", source, mode: .full).books == "2/0/0/2/0/0/0")
    }

    /// A key that loses what told payments apart does not lose the payments.
    @Test func aKeyThatGetsTooShortSetsAside() throws {
        let house = try House(mappings: Self.mapping("[no, day, amount, occurrence]"))
        let source = MemorySource("pay", [Self.file("1.csv", [Self.pay, Self.pay, Self.pay], isSnapshot: true)])
        expectSoundBooks(try house.run("pay.rows", source))
        try house.write("pay.rows", Self.mapping("[no, day, amount]")["pay.rows"] ?? "")
        let report = try house.run("pay.rows", source)
        #expect(report.remapped?.quarantined == 2 && report.remapped?.duplicate == 0)
        #expect(try house.quarantine("pay.rows").map(\.code) == ["record.equalRow", "record.equalRow"])
        #expect(try total(house) == 120_000)
        expectSoundBooks(try house.run("pay.rows", source, mode: .full))
        #expect(try house.quarantine("pay.rows").count == 2)
        #expect(try total(house) == 120_000)
    }

    /// Equal payments of an unknown account, without a key that tells them apart: one comes in with it, and the other goes on waiting.
    @Test func equalRowsOfAnUnknownAccount() throws {
        let house = try House(mappings: Self.mapping("[no, day, amount]", introduces: false))
        try house.write("customer.residents", Texts.residents)
        let row = ["00000001"] + Self.pay.dropFirst()
        let source = MemorySource("pay", [Self.file("1.csv", [row, row, row], isSnapshot: true)])
        expectSoundBooks(try house.run("pay.rows", source))
        #expect(try house.quarantine("pay.rows").map(\.code) == Array(repeating: "match.unknownAccount", count: 3))
        try house.introduceAccounts(1)
        let stream = try house.stream("pay.rows", source)
        #expect(
            try house.engine().replay(stream) { _ in true }.result
                == ReplayResult(replayed: 1, refused: 2, unreadable: 0))
        #expect(try house.quarantine("pay.rows").map(\.code) == ["record.equalRow", "record.equalRow"])
        #expect(try total(house) == 120_000)
    }

    /// A pull that is cut between two equal rows of a file of changes finds the second one equal all the same.
    @Test func aCutBetweenEqualRows() throws {
        let house = try House(mappings: Self.mapping("[no, day, amount]"))
        let other = ["A2", "2025-07-02", "1.00"]
        let source = MemorySource(
            "pay", [Self.file("1.csv", [Self.pay, other, other, Self.pay, Self.pay], isSnapshot: false)])
        source.change { $0.failsAfter = 2 }
        #expect(try house.run("pay.rows", source, batchRows: 1).state == .failed)
        source.change { $0.failsAfter = nil }
        expectSoundBooks(try house.run("pay.rows", source, batchRows: 1))
        #expect(
            try house.quarantine("pay.rows").map(\.code) == Array(repeating: "record.equalRow", count: 3))
        #expect(try total(house) == 120_100)
    }

    /// A later file of changes that tells the payment once does not answer for the second one of the file before; a later state does.
    @Test func aLaterFileOfChangesSettlesNothing() throws {
        let house = try House(mappings: Self.mapping("[no]"))
        let twice = Self.file("1.csv", [Self.pay, Self.pay], isSnapshot: false)
        let source = MemorySource("pay", [twice])
        #expect(try house.run("pay.rows", source).books == "2/1/0/0/0/1/0")
        source.hold([twice, Self.file("2.csv", [Self.pay, ["A2", "2025-07-02", "3"]], isSnapshot: false)])
        expectSoundBooks(try house.run("pay.rows", source))
        #expect(try house.quarantine("pay.rows").map(\.code) == ["record.equalRow"])
        source.hold([Self.file("3.csv", [["A1", "2025-07-03", "7"]], isSnapshot: false)])
        #expect(try house.run("pay.rows", source).counts.changed == 1)
        #expect(try house.quarantine("pay.rows").isEmpty)
    }

    /// What a person discarded stays so, and a plan tells what a sync does.
    @Test func equalRowsArePlannedAndDiscarded() throws {
        let house = try House(mappings: Self.mapping("[no, day, amount]"))
        let source = MemorySource("pay", [Self.file("1.csv", [Self.pay, Self.pay], isSnapshot: true)])
        let workspace = try house.workspace([(source, ["rows"])])
        let planned = try workspace.plan().reports.first?.counts
        #expect(planned?.quarantined == 1 && planned?.new == 1)
        #expect(try workspace.sync().reports.first?.counts == planned)
        let entry = try #require(try house.quarantine("pay.rows").first)
        try house.store.write { try $0.setQuarantineState(entry.id, .discarded, run: nil, note: "told twice") }
        expectSoundBooks(try house.run("pay.rows", source, mode: .full))
        #expect(try house.quarantine("pay.rows", nil).map(\.state) == [.discarded])
    }

    @Test func readingsOfChangesAreRefused() throws {
        for key in ["[line]", "[no, day, amount, occurrence]"] {
            let house = try House(mappings: Self.mapping(key))
            let source = MemorySource("pay", [.table(Self.columns, [Self.pay], isSnapshot: false, cursor: "1")])
            let report = try house.run("pay.rows", source)
            #expect(report.state == .failed && report.error?.code.name == "config.positionalKey")
            #expect(try house.state("pay.rows").cursor == nil && keys(house).isEmpty)
        }
    }

    /// Real files, and a store built from the archive alone.
    @Test func filesAndArchiveGiveTheSameKeys() throws {
        let house = try House(mappings: Self.mapping("[no, day, amount, occurrence]"))
        let folder = house.folder + "/drops"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let stream = CSVStream(name: "rows", folder: folder, semantics: .snapshot)
        let configuration = HearthConfiguration(
            path: house.folder + "/hearth.yaml", storePath: house.database, mappings: house.folder + "/Mappings",
            policy: VanishPolicy(allowsAll: true),
            sources: [
                .init(
                    name: "pay", connector: CSVConnector(source: "pay", streams: [stream]), zone: "Asia/Shanghai",
                    streams: ["rows"])
            ], archive: ArchiveSettings(folder: house.folder + "/archive", isSynced: false))
        let workspace = Workspace(
            configuration: configuration, mappings: try MappingSet.load(directory: house.folder + "/Mappings"),
            store: house.store, clock: { [house] in house.now() })
        let row = Self.pay.joined(separator: ",") + "\n"
        for (name, text) in [
            ("20250702.csv", row + row + "A1,2025-07-02,x\nA1,2025-07-02,x\n"),
            ("20250703.csv", row + row + row + "A1,2025-07-02,x\n"),
        ] {
            try ("no,day,amount\n" + text).write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
            #expect(try workspace.sync().reports.first?.state == .success)
        }
        #expect(try keys(house) == (0...2).map { "A1|2025-07-02|1200.00|\($0)" })
        #expect(try total(house) == 360_000)
        let path = house.folder + "/rebuilt.db"
        let rebuild = try #require(try workspace.rebuild())
        _ = try rebuild.run(into: SQLiteStore(path: path, cacheMegabytes: 1))
        #expect(try StoreDump.meaning(path) == StoreDump.meaning(house.database))
    }
}
