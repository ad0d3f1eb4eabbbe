import Archive
import HeatModel
import Mapping
import Records
import SQLiteStore
import Setup
import Store
import Synchronization
import Testing

@testable import Sync

/// A run succeeds only where something proves that its pull was complete.
@Suite struct ProofTests {
    private func rows(_ keys: some Sequence<Int>) -> [[String?]] { keys.map { Texts.charge($0) } }

    @Test func anEndThatNothingProvesIsNoSuccess() throws {
        let house = try House()
        try house.introduceAccounts(1)
        let source = MemorySource("billing", [.table(Texts.chargeColumns, rows(1...9), cursor: "one")])
        try house.run("billing.charges", source)
        let before = try StoreDump.meaning(house.database)
        // The source withholds what it has, and what is missing would vanish.
        source.hold([.table(Texts.chargeColumns, rows(1...8), cursor: "two")])
        source.change { $0.provesNothing = true }
        let report = try house.run("billing.charges", source)
        #expect(report.state == .failed && report.error?.code.name == "run.unproven")
        #expect(report.error?.place == .address("billing.charges") && report.error?.advice?.contains("check") == true)
        #expect(try house.state("billing.charges").cursor == "one")
        #expect(try StoreDump.meaning(house.database).difference(before) == [])
        let run = try #require(try house.runs("billing.charges").first)
        #expect(run.completeness == nil && run.pull.statement?.text == nil && run.errorCode == "run.unproven")
        #expect(run.cursorBefore == "one" && run.cursorAfter == "one")
        #expect(try house.state("billing.charges").succeededAt == house.runs("billing.charges")[1].endedAt)
        // And is made good by one that is proved.
        source.change { $0.provesNothing = false }
        #expect(try house.run("billing.charges", source).counts.vanished == 1)
        #expect(try house.state("billing.charges").cursor == "two")
    }

    /// "Nothing new" needs a proof as anything else does: an expired session shows no records either.
    @Test(arguments: [Origin.Kind.table, .envelope, .file]) func nothingAtAllIsNotProved(_ kind: Origin.Kind) throws {
        let house = try House()
        let empty = Reading(
            kind: kind, name: "n", digest: kind == .file ? "d" : nil, isSnapshot: false, columns: Texts.chargeColumns,
            items: [], cursor: "c")
        let source = MemorySource("billing", [empty])
        source.change { $0.provesNothing = true }
        #expect(try house.run("billing.charges", source).error?.code.name == "run.unproven")
        #expect(try house.state("billing.charges").cursor == nil)
        source.hold([])
        #expect(try house.run("billing.charges", source).error?.code.name == "run.unproven")
        #expect(try house.state("billing.charges").succeededAt == nil)
    }

    /// Where the end of many pages is not believed, neither is that each page was whole.
    @Test func theCursorGoesBackToWhereItWas() throws {
        let house = try House()
        try house.introduceAccounts(1)
        func page(_ number: Int, _ keys: ClosedRange<Int>) -> Reading {
            Reading(
                kind: .envelope, name: "page \(number)", isSnapshot: false, columns: Texts.chargeColumns,
                items: rows(keys).map { .row($0) }, cursor: "after \(keys.upperBound)")
        }
        let source = MemorySource("billing", [page(1, 1...3)])
        try house.run("billing.charges", source)
        // The second page was lost on the way, and the pages after it were read.
        source.hold([page(3, 7...9), page(4, 10...12), page(5, 13...15)])
        source.change { $0.provesNothing = true }
        let report = try house.run("billing.charges", source)
        #expect(report.error?.code.name == "run.unproven" && report.counts.new == 6)
        #expect(try house.state("billing.charges").cursor == "after 3")
    }

    @Test func theProofIsKeptWithTheRun() throws {
        let house = try House()
        try house.introduceAccounts(1)
        let source = MemorySource("billing", [.file("1.csv", Texts.chargeColumns, rows(1...4))])
        let notice = PullNotice("csv.encodingTaken", "read as GB18030", at: "1.csv")
        source.change {
            $0.notices = [notice]
            $0.newestData = Instant("2025-11-14T02:00:00+08:00")
        }
        let report = try house.run("billing.charges", source)
        let run = try #require(try house.runs("billing.charges").first)
        #expect(run.pull == report.pull)
        #expect(run.completeness == Completeness(.wholeAnswer, "2 batches, read to the end of memory"))
        #expect(run.pull.notices == [notice])
        #expect(try house.state("billing.charges").newestData == Instant("2025-11-14T02:00:00+08:00"))
        // The same files again prove it in another way; what they say of their time is not forgotten where they say nothing.
        source.change { $0.newestData = nil }
        #expect(try house.run("billing.charges", source).pull.completeness?.proof == .knownContent)
        #expect(try house.state("billing.charges").newestData == Instant("2025-11-14T02:00:00+08:00"))
    }

    @Test func aRunThatALimitCutSaysSo() throws {
        let house = try House()
        try house.introduceAccounts(1)
        let source = MemorySource("billing", [.table(Texts.chargeColumns, rows(1...9))])
        let report = try house.run("billing.charges", source, limit: 4)
        #expect(report.state == .success && report.counts.new == 4)
        let run = try #require(try house.runs("billing.charges").first)
        #expect(run.completeness == nil && run.pull.statement?.text == "cut by --limit 4")
        // One that came to the end before its limit is as good as any.
        let whole = try house.run("billing.charges", source, limit: 10)
        #expect(whole.pull.completeness?.proof == .wholeAnswer && whole.pull.limit == 10)
    }

    /// More than can be kept of one pull are counted.
    @Test func noticesAreBounded() throws {
        let house = try House()
        let source = MemorySource("billing", [.table(Texts.seasonColumns, [["1", "2025-2026", "2025-11-15"]])])
        source.change { $0.notices = (0..<200).flatMap { [PullNotice("a", "\($0)"), PullNotice("a", "\($0)")] } }
        try house.run("billing.seasons", source)
        let pull = try #require(try house.runs("billing.seasons").first).pull
        #expect(pull.notices.count == PullNotice.most && pull.notices.first?.message == "0")
        // Those beyond were not looked at for whether they are new.
        #expect(pull.noticesLeftOut == 300)
        #expect(pull.noticeLines.count == PullNotice.most + 1)
    }

    /// A table that was read to what looked like its end, and then the connection broke: what it lacks has not vanished.
    @Test(arguments: [Origin.Kind.table, .query, .envelope, .file]) func aPullThatBreaksAfterASnapshot(
        _ kind: Origin.Kind
    ) throws {
        let house = try House()
        try house.introduceAccounts(1)
        func reading(_ name: String, _ keys: [Int], isSnapshot: Bool = true) -> Reading {
            Reading(
                kind: kind, name: name, digest: kind == .file ? name : nil, isSnapshot: isSnapshot,
                columns: Texts.chargeColumns, items: rows(keys).map { .row($0) })
        }
        let source = MemorySource("billing", [reading("1", [1, 2, 3])])
        try house.run("billing.charges", source)
        source.hold([reading("2", [1, 2]), reading("3", [9], isSnapshot: false)])
        source.change { $0.failsAfter = 3 }
        #expect(try house.run("billing.charges", source).error?.code.name == "source.unreachable")
        // A file has its own sign that it is whole.
        #expect(try house.keys("billing.charges").count == (kind == .file ? 2 : 3))
    }

    // MARK: A connector at fault

    /// Hands over batches as they are told.
    private final class Script: Connector {
        let source = "billing"
        let batches: @Sendable () -> [RawBatch]
        let summary: PullSummary

        init(_ summary: PullSummary, _ batches: @escaping @Sendable () -> [RawBatch]) {
            self.batches = batches
            self.summary = summary
        }

        func check() -> [CheckFinding] { [] }
        func accountKey(of stream: String) -> AccountKey? { nil }
        func discover() throws -> [StreamDescription] { [] }
        func pull(_ request: PullRequest, deliver: (consuming RawBatch) throws -> Void) throws -> PullSummary {
            for batch in batches() { try deliver(batch) }
            return summary
        }
    }

    private static func batch(
        _ name: String, _ season: Int?, cursor: String? = nil, ends: Bool = true, isSnapshot: Bool = false
    ) -> RawBatch {
        var batch = RawBatch(
            columns: Texts.seasonColumns, origin: Origin(kind: .table, name: name, isSnapshot: isSnapshot),
            cursor: cursor.map { Cursor($0) }, endsOrigin: ends)
        guard let season else { return batch }
        for value in ["\(season)", "\(season)-\(season + 1)", "\(season)-11-15"] {
            batch.fields.append(ByteRange(offset: UInt32(batch.bytes.count), length: Int32(value.utf8.count)))
            batch.bytes += Array(value.utf8)
        }
        batch.ordinals = [Int64(season)]
        return batch
    }

    private func run(_ house: House, _ rows: Int64, _ batches: @escaping @Sendable () -> [RawBatch]) throws -> RunReport
    {
        let mapping = try MappingFile.load(path: "\(house.folder)/Mappings/billing.seasons.yaml")
        let connector = Script(
            PullSummary(rows: rows, completeness: Completeness(.statedEnd, "so it says")), batches)
        return try house.engine().run(
            SyncStream(name: mapping.stream, connector: connector, mapping: mapping, zone: "Asia/Shanghai"))
    }

    @Test func whatAConnectorMustNotDo() throws {
        let house = try House()
        let good = try run(house, 2) {
            [Self.batch("a", 2020, cursor: "1", ends: false), Self.batch("a", 2021, cursor: "1")]
        }
        #expect(good.state == .success, "\(String(describing: good.error))")
        let faults: [(String, Int64, @Sendable () -> [RawBatch])] = [
            // Round in a circle.
            (
                "run.cursorBack", 3,
                {
                    [
                        Self.batch("a", 2022, cursor: "2"), Self.batch("b", 2023, cursor: "3"),
                        Self.batch("c", 2024, cursor: "2"),
                    ]
                }
            ),
            // Each page as if it were the whole.
            (
                "run.notWhole", 2,
                { [Self.batch("a", 2022, isSnapshot: true), Self.batch("a", 2023, isSnapshot: true)] }
            ),
            ("run.unended", 1, { [Self.batch("a", 2022, ends: false)] }),
            ("run.unended", 2, { [Self.batch("a", 2022, ends: false), Self.batch("b", 2023)] }),
            ("run.countMismatch", 2, { [Self.batch("a", 2022)] }),
            ("run.countMismatch", 0, { [Self.batch("a", 2022)] }),
        ]
        for (code, rows, batches) in faults {
            let report = try run(house, rows, batches)
            #expect(
                report.state == .failed && report.error?.code.name == code,
                "\(code): \(String(describing: report.error))")
            #expect(report.error?.advice != nil && report.error?.place != nil)
            #expect(try house.state("billing.seasons").cursor == "1", "\(code)")
            #expect(try house.keys("billing.seasons").count >= 2)
        }
    }

    // MARK: From the archive

    /// A rebuilt store knows of each run what the old one knew: proofs, notices, the age of the data, and which run was unproven.
    @Test func aRebuildKnowsTheProofs() throws {
        let house = try House()
        let customer = MemorySource("customer", [.table(Texts.residentColumns, (1...5).map { Texts.resident($0) })])
        let workspace = try house.workspace([(customer, ["residents"])], isArchived: true)
        customer.change {
            $0.notices = [PullNotice("sql.noted", "a, \"b\"", at: "t"), PullNotice("sql.noted", "c")]
            $0.newestData = Instant("2025-11-14T02:00:00+08:00")
        }
        _ = try workspace.sync(batchRows: 2)
        customer.hold([.table(Texts.residentColumns, (1...4).map { Texts.resident($0) })])
        customer.change { $0.provesNothing = true }
        _ = try workspace.sync(batchRows: 2)
        customer.change { $0.provesNothing = false }
        _ = try workspace.sync(limit: 3)
        let path = house.folder + "/rebuilt.db"
        let rebuilt = try SQLiteStore(path: path, cacheMegabytes: 1)
        _ = try #require(try workspace.rebuild()).run(into: rebuilt)
        func told(_ store: any Store) throws -> [String] {
            try store.read { try $0.runs(stream: nil, limit: 99) }.map {
                "\($0.id) \($0.state) \($0.errorCode ?? "-") \($0.counts.books) \($0.pull) \($0.cursorAfter ?? "-")"
            }
        }
        #expect(try told(rebuilt) == told(house.store))
        #expect(try told(house.store).count == 3)
        #expect(try StoreDump.meaning(path) == StoreDump.meaning(house.database))
    }
}
