import Archive
import Audit
import Evidence
import Foundation
import HearthTesting
import HeatModel
import Mapping
import Records
import SQLiteStore
import Setup
import Store
import Testing

@testable import Sync

/// A store built from the archive alone is the store that the archive is of.
@Suite struct RebuildTests {
    private func rebuilt(_ house: House, _ workspace: Workspace, _ name: String = "rebuilt") throws -> (
        String, Rebuild.Result
    ) {
        let path = "\(house.folder)/\(name).db"
        let archive = try #require(workspace.archive)
        // With the mapping files of today.
        let mappings = try MappingSet.load(directory: house.folder + "/Mappings")
        let today = Workspace(configuration: workspace.configuration, mappings: mappings, store: workspace.store)
        let rebuild = try #require(try today.rebuild())
        let store = try SQLiteStore(path: path, cacheMegabytes: 1)
        let result = try rebuild.run(into: store)
        // The archive vouches for the new store as it did for the old one.
        var verification = AuditVerification(store: store, archive: archive)
        let problem = try verification.run().problem
        #expect(problem == nil, "\(String(describing: problem))")
        return (path, result)
    }

    /// After any weather: changes, deletes, files dropped again, rows that wait in quarantine and find their account later,
    /// failed runs, full reads and limits.
    @Test(arguments: Weather.each(0..<10)) func itIsTheSame(_ weather: Weather) throws {
        let seed = weather.seed
        var random = SeededGenerator(seed: UInt64(seed) &+ 4242)
        let house = try House(on: weather.kind)
        let customer = MemorySource("customer", [])
        let billing = MemorySource("billing", [])
        let workspace = try house.workspace(
            [(customer, ["residents"]), (billing, ["charges"])], policy: VanishPolicy(allowsAll: true),
            isArchived: true)
        var residents = 2
        var charges: [Int: [String?]] = [:]
        var files: [Reading] = []
        for turn in 0..<10 {
            residents += Int.random(in: 0...1, using: &random)
            customer.hold([.table(Texts.residentColumns, (1...residents).map { Texts.resident($0) })])
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let key = Int.random(in: 1...14, using: &random)
                switch Int.random(in: 0..<8, using: &random) {
                case 0, 1: charges[key] = nil
                case 2: charges[key] = Texts.charge(key, of: 1, due: "broken")
                default:
                    charges[key] = Texts.charge(
                        key, of: Int.random(in: 1...7, using: &random), due: "\(Int.random(in: 1...9, using: &random))")
                }
            }
            let rows = charges.keys.sorted().map { charges[$0]! }
            if seed % 2 == 0 {
                billing.hold([.table(Texts.chargeColumns, rows)])
            } else {
                // Files of changes; earlier ones stay in the folder, and some are dropped again.
                files.append(.file("\(turn).csv", Texts.chargeColumns, rows))
                if Int.random(in: 0..<3, using: &random) == 0, let again = files.randomElement(using: &random) {
                    var copy = again
                    copy.name += " again"
                    files.append(copy)
                }
                billing.hold(files)
            }
            billing.change { $0.failsAfter = Int.random(in: 0..<4, using: &random) == 0 ? rows.count / 2 : nil }
            let isFull = Int.random(in: 0..<4, using: &random) == 0
            let limit = Int.random(in: 0..<6, using: &random) == 0 ? 3 : nil
            _ = try workspace.sync(
                mode: isFull ? .full : .incremental, limit: limit, allowsDeletes: true,
                batchRows: Int.random(in: 1...5, using: &random))
        }
        let (path, result) = try rebuilt(house, workspace)
        #expect(result.runs > 10)
        #expect(try StoreDump.meaning(path) == StoreDump.meaning(house.database))
        // Runs keep their numbers, so that what was asked as of one can be asked of the new store.
        let (old, new) = (
            try house.store.read { try $0.runs(stream: nil, limit: .max) },
            try SQLiteStore(path: path).read { try $0.runs(stream: nil, limit: .max) }
        )
        #expect(old.map(\.id) == new.map(\.id))
        #expect(old.map(\.counts) == new.map(\.counts))
        #expect(old.map(\.state) == new.map(\.state))
        // The legacy systems were not asked.
        let pulls = billing.pulls.count
        _ = try rebuilt(house, workspace, "again")
        #expect(billing.pulls.count == pulls)
    }

    /// A mapping that is mended is replayed: the new store is what a fresh pull of everything would give.
    @Test func aMappingFixIsReplayed() throws {
        let house = try House()
        let customer = MemorySource("customer", [.table(Texts.residentColumns, (1...3).map { Texts.resident($0) })])
        let billing = MemorySource(
            "billing",
            [
                .table(
                    Texts.chargeColumns,
                    [Texts.charge(1, of: 1, due: "10"), Texts.charge(2, of: 2, due: "20", received: "5")])
            ])
        let workspace = try house.workspace(
            [(customer, ["residents"]), (billing, ["charges"])], isArchived: true)
        _ = try workspace.sync()
        try house.write(
            "billing.charges",
            Texts.charges.replacing(
                "received: {column: received, as: money(yuan)}", with: "paid: {column: received, as: money(yuan)}"
            )
            .replacing("paid:", with: "arrears:"))
        let (path, result) = try rebuilt(house, workspace)
        #expect(result.remapped > 0)
        let fresh = try House(mappings: Texts.all)
        try fresh.write(
            "billing.charges",
            try String(contentsOfFile: house.folder + "/Mappings/billing.charges.yaml", encoding: .utf8))
        let other = try fresh.workspace([(customer, ["residents"]), (billing, ["charges"])])
        _ = try other.sync()
        #expect(try StoreDump.meaning(path) == StoreDump.meaning(fresh.database))
        #expect(try StoreDump.meaning(path) != StoreDump.meaning(house.database))
    }

    /// A run whose process dies leaves an open journal; the next run ends it with what the store took.
    @Test func whatACrashLeft() throws {
        let house = try House()
        let rows = (1...9).map { Texts.charge($0, of: 1) }
        let customer = MemorySource("customer", [.table(Texts.residentColumns, [Texts.resident(1)])])
        let billing = MemorySource("billing", [.table(Texts.chargeColumns, rows)])
        let workspace = try house.workspace([(customer, ["residents"]), (billing, ["charges"])], isArchived: true)
        _ = try workspace.sync(batchRows: 2)
        let archive = try #require(workspace.archive)
        let journal = try #require(try archive.journals().last { _ in true })
        // As if the process had died after the third batch: two more were archived that the store never took.
        let lines = try String(contentsOfFile: journal.path, encoding: .utf8).split(separator: "\n")
        let cut = lines.dropLast(1).joined(separator: "\n") + "\n{\"hash\":\"torn"
        try FileManager.default.removeItem(atPath: journal.path)
        try cut.write(toFile: journal.path.replacing(".jsonl", with: ".open.jsonl"), atomically: true, encoding: .utf8)
        try house.damage(
            """
            UPDATE run SET state = 'interrupted', batches = 3, chain_seq = NULL WHERE id = \(journal.run);
            DELETE FROM record WHERE CAST(key AS TEXT) > '6' AND stream_id = (SELECT id FROM stream WHERE name = 'billing.charges');
            UPDATE stream SET records = 6 WHERE name = 'billing.charges';
            UPDATE stream_total SET count = 6, sum_fen = sum_fen / 9 * 6
                WHERE stream_id = (SELECT id FROM stream WHERE name = 'billing.charges');
            """)
        customer.hold([.table(Texts.residentColumns, [Texts.resident(1), Texts.resident(2)])])
        _ = try workspace.sync(["customer"])
        #expect(try archive.journals().allSatisfy { !$0.isOpen })
        #expect(
            try ArchivedRun(#require(try archive.journals().first { $0.run == journal.run })).end?.batches == 3)
        try house.store.write { try $0.touchAllAccounts(again: true) }
        _ = try workspace.refreshViews()
        let (path, _) = try rebuilt(house, workspace)
        #expect(try StoreDump.meaning(path) == StoreDump.meaning(house.database))
    }

    /// A process may die between making a journal and its first line, or within it: nothing was pulled, and the next sync goes on.
    @Test(arguments: ["", "{\"hash\":\"torn"]) func aJournalThatDidNotBegin(_ text: String) throws {
        let house = try House()
        let customer = MemorySource("customer", [.table(Texts.residentColumns, [Texts.resident(1)])])
        let workspace = try house.workspace([(customer, ["residents"])], isArchived: true)
        _ = try workspace.sync()
        _ = try workspace.sync()
        let archive = try #require(workspace.archive)
        let journal = try #require(try archive.journals().last { _ in true })
        let open = journal.path.replacing(".jsonl", with: ".open.jsonl")
        try FileManager.default.removeItem(atPath: journal.path)
        try text.write(toFile: open, atomically: true, encoding: .utf8)
        // The store has batches of the run: then it is not this that happened.
        try house.damage(
            "UPDATE run SET state = 'interrupted', batches = 1, chain_seq = NULL WHERE id = \(journal.run)")
        let error = #expect(throws: HearthError.self) { try workspace.sync() }
        #expect(error?.code.name == "archive.damaged" && FileManager.default.fileExists(atPath: open))
        try house.damage("UPDATE run SET batches = 0 WHERE id = \(journal.run)")
        #expect(try archive.journals().map(\.run) == [journal.run - 1])
        customer.hold([.table(Texts.residentColumns, [Texts.resident(1), Texts.resident(2)])])
        _ = try workspace.sync()
        #expect(!FileManager.default.fileExists(atPath: open))
        #expect(try house.store.read { try $0.unchainedRuns() }.isEmpty)
        _ = try workspace.refreshViews()
        let (path, _) = try rebuilt(house, workspace)
        #expect(try StoreDump.meaning(path) == StoreDump.meaning(house.database))
    }

    @Test func aDamagedArchiveIsRefused() throws {
        let house = try House()
        let customer = MemorySource("customer", [.table(Texts.residentColumns, [Texts.resident(1)])])
        let workspace = try house.workspace([(customer, ["residents"])], isArchived: true)
        _ = try workspace.sync()
        let archive = try #require(workspace.archive)
        let object = try #require(try archive.allObjects().first).path
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: object)))
        bytes[bytes.count / 2] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: object))
        let error = #expect(throws: HearthError.self) { try rebuilt(house, workspace) }
        #expect(error?.code.name == "archive.damaged")
        try FileManager.default.removeItem(atPath: object)
        let missing = #expect(throws: HearthError.self) { try rebuilt(house, workspace, "other") }
        #expect(missing?.code.name == "archive.missing")
    }

    /// A new store in the place of one that is gone: its runs do not mix with the old one's.
    @Test func anotherStoreInTheSameArchive() throws {
        let house = try House()
        let customer = MemorySource("customer", [.table(Texts.residentColumns, (1...3).map { Texts.resident($0) })])
        let workspace = try house.workspace([(customer, ["residents"])], isArchived: true)
        _ = try workspace.sync()
        let second = try SQLiteStore(path: house.folder + "/second.db")
        customer.hold([.table(Texts.residentColumns, [Texts.resident(2)])])
        let other = Workspace(
            configuration: workspace.configuration, mappings: workspace.mappings, store: second, clock: { house.now() })
        _ = try other.sync()
        let (path, result) = try rebuilt(house, other)
        #expect(result.runs == 1)
        #expect(try StoreDump.meaning(path) == StoreDump.meaning(house.folder + "/second.db"))
    }
}
