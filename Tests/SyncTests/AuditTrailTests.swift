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
import Synchronization
import Testing

@testable import Sync

/// What is done to the record behind its back is found, and named.
@Suite struct AuditTrailTests {
    /// A company with some runs, a reconciliation's manifest and an access log.
    private struct Scene {
        let house: House
        let workspace: Workspace
        var logs: String { house.folder + "/access" }
        var report: String { house.folder + "/report" }

        init() throws {
            house = try House()
            let customer = MemorySource("customer", [.table(Texts.residentColumns, (1...3).map { Texts.resident($0) })])
            let billing = MemorySource("billing", [])
            workspace = try house.workspace([(customer, ["residents"]), (billing, ["charges"])], isArchived: true)
            for day in 1...3 {
                billing.hold([
                    .table(Texts.chargeColumns, (1...5).map { Texts.charge($0, of: $0, due: "\($0 * day)") })
                ])
                billing.change { $0.failsAfter = day == 2 ? 3 : nil }
                _ = try workspace.sync(batchRows: 2)
            }
            try FileManager.default.createDirectory(atPath: report, withIntermediateDirectories: true)
            let findings = Array("finding,money\n1,100\n".utf8)
            try Data(findings).write(to: URL(fileURLWithPath: report + "/findings.csv"))
            let manifest = Array(#"{"files":[{"name":"findings.csv","sha256":"\#(Digest.sha256(findings))"}]}"#.utf8)
            try Data(manifest).write(to: URL(fileURLWithPath: report + "/manifest.json"))
            try house.store.write { _ = try AuditTrail.note(manifest: manifest, name: report, in: $0) }
            let log = try AuditLog(folder: logs, name: "access", segmentBytes: 1000)
            for number in 0..<20 { try log.post(Array(#"{"caller":"assistant","account":"\#(number)"}"#.utf8)) }
            log.close()
            try AuditTrail.noteLogs([logs], gateway: "one", in: house.store)
        }

        func verify(_ anchors: [ChainHead] = []) throws -> AuditVerification.Result {
            var verification = AuditVerification(store: house.store, archive: workspace.archive, logFolders: [logs])
            return try verification.run(anchors: anchors)
        }

        var objects: [String] { get throws { try workspace.archive!.allObjects().map(\.path).sorted() } }
        var journals: [String] { get throws { try workspace.archive!.journals().map(\.path) } }
        var logFiles: [String] {
            get throws {
                try FileManager.default.contentsOfDirectory(atPath: logs).filter { $0.hasSuffix(".jsonl") }.sorted()
                    .map { logs + "/" + $0 }
            }
        }
    }

    private func read(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }
    private func write(_ bytes: [UInt8], _ path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    /// Two gateways on one store each have a log of one name, in folders of their own.
    @Test func logsAreNamedByTheirGateways() throws {
        let scene = try Scene()
        let folder = scene.house.folder + "/other"
        let log = try AuditLog(folder: folder, name: "access")
        try log.post(Array(#"{"caller":"kiosk","account":"1"}"#.utf8))
        log.close()
        try AuditTrail.noteLogs([folder], gateway: "two", in: scene.house.store)
        // Neither has grown: there is nothing to note.
        let lines = try scene.verify().lines
        try AuditTrail.noteLogs([scene.logs], gateway: "one", in: scene.house.store)
        #expect(try scene.verify().lines == lines)
        for (gateway, folder) in [("one", scene.logs), ("two", folder)] {
            var verification = AuditVerification(
                store: scene.house.store, archive: scene.workspace.archive, logFolders: [folder], gateway: gateway)
            let problem = try verification.run().problem
            #expect(problem == nil, "\(String(describing: problem))")
        }
        var mixed = AuditVerification(
            store: scene.house.store, archive: scene.workspace.archive, logFolders: [folder], gateway: "one")
        #expect(try mixed.run().problem != nil)
    }

    @Test func nothingIsWrong() throws {
        let scene = try Scene()
        let result = try scene.verify()
        #expect(result.problem == nil, "\(String(describing: result.problem))")
        #expect(result.runs == (try scene.house.store.read { try $0.runs(stream: nil, limit: 99) }).count)
        #expect(result.journals == result.runs && result.objects > 3 && result.manifests == 1)
        #expect(result.logLines > 20 && result.lines == Int64(result.runs) + 2)
        #expect(try scene.verify([result.head]).problem == nil)
    }

    /// Any single byte, at random places of archived objects, journals, manifests, what they name, and the access log.
    @Test(arguments: 0..<4) func anyByteFlipped(_ seed: UInt64) throws {
        let scene = try Scene()
        var random = SeededGenerator(seed: seed &+ 5)
        let kinds = [
            try scene.objects, try scene.journals, [scene.report + "/manifest.json"], [scene.report + "/findings.csv"],
            try scene.logFiles,
        ]
        for turn in 0..<100 {
            let path = kinds[turn % kinds.count].randomElement(using: &random)!
            let bytes = try read(path)
            var flipped = bytes
            let place = Int.random(in: 0..<bytes.count, using: &random)
            flipped[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            try write(flipped, path)
            let problem = try scene.verify().problem
            #expect(problem != nil, "byte \(place) of \(path)")
            try write(bytes, path)
        }
        // The last byte of each journal, which ends its last line.
        for path in try scene.journals {
            let bytes = try read(path)
            try write(bytes.dropLast() + [0x0B], path)
            #expect(try scene.verify().problem?.kind == .altered, "\(path)")
            try write(bytes, path)
        }
        // Every byte of an object, its frame's header and seal included.
        let object = try scene.objects[0]
        let bytes = try read(object)
        for place in bytes.indices {
            var flipped = bytes
            flipped[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            try write(flipped, object)
            #expect(try scene.verify().problem?.kind == .altered, "byte \(place) of \(bytes.count)")
        }
    }

    /// Every column of a run's record, one character changed.
    @Test func anyCharacterOfARunsRecord() throws {
        let scene = try Scene()
        let run = try #require(
            try scene.house.store.read { try $0.runs(stream: nil, limit: 99) }.first { $0.state == .failed })
        for change in [
            "mode = 'full'", "state = 'success'", "started_at = replace(started_at, '2', '3')",
            "ended_at = replace(ended_at, '2', '3')", "mapping_version = upper(mapping_version)", "read = read + 1",
            "new = new + 1", "changed = changed + 1", "unchanged = unchanged + 1", "duplicate = duplicate + 1",
            "quarantined = quarantined + 1", "vanished = vanished + 1", "error_code = 'x'", "error_message = NULL",
            "cursor_before = 'x'", "cursor_after = 'x'", "batches = batches + 1", "state = 'faileD'",
            "ended_us = ended_us + 1", "ended_us = NULL", "started_at = replace(started_at, 'T', 't')",
            "ended_at = replace(ended_at, ':', '.')", "ended_at = NULL",
            "proof = 'trailer'", "proof = 'trailer', proof_detail = 'seen'", "proof_detail = 'seen'", "row_limit = 9",
            "notices = '[]'", #"notices = '[{"code":"a","message":"b"}]'"#, "notices_left_out = 1",
            "newest_data = started_at", "newest_data = 'now'",
        ] {
            try scene.house.damage("CREATE TABLE kept AS SELECT * FROM run WHERE id = \(run.id)")
            try scene.house.damage("UPDATE run SET \(change) WHERE id = \(run.id)")
            let problem = try scene.verify().problem
            #expect(
                problem?.kind == .altered && problem?.place == "run \(run.id)",
                "\(change): \(String(describing: problem))")
            try scene.house.damage(
                "DELETE FROM run WHERE id = \(run.id); INSERT INTO run SELECT * FROM kept; DROP TABLE kept")
        }
        #expect(try scene.verify().problem == nil)
        try scene.house.damage(
            "UPDATE run_total SET side = 'pullee' WHERE side = 'pulled' AND run_id = (SELECT max(run_id) FROM run_total)"
        )
        #expect(try scene.verify().problem?.kind == .altered)
        try scene.house.damage("UPDATE run_total SET side = 'pulled' WHERE side = 'pullee'")
        #expect(try scene.verify().problem == nil)
        try scene.house.damage(
            "UPDATE run_total SET sum_fen = sum_fen + 1 WHERE run_id = (SELECT max(run_id) FROM run_total)")
        #expect(try scene.verify().problem?.kind == .altered)
    }

    /// A record, and an earlier version of one, whose stored bytes are cut off.
    @Test func aRecordThatIsNotWhatWasStored() throws {
        let scene = try Scene()
        #expect(try scene.verify().rows > 8)
        for table in ["record", "record_history"] {
            let row = "FROM \(table) WHERE id = (SELECT max(id) FROM \(table))"
            try scene.house.damage(
                """
                CREATE TABLE kept AS SELECT id, packed \(row);
                UPDATE \(table) SET packed = substr(packed, 1, length(packed) - 1) WHERE id = (SELECT id FROM kept)
                """)
            let problem = try scene.verify().problem
            #expect(
                problem?.kind == .altered && problem?.place == "store", "\(table): \(String(describing: problem))")
            try scene.house.damage(
                """
                UPDATE \(table) SET packed = (SELECT packed FROM kept) WHERE id = (SELECT id FROM kept);
                DROP TABLE kept
                """)
        }
        #expect(try scene.verify().problem == nil)
    }

    @Test(.ofTheStoresFile) func theChainItself() throws {
        let scene = try Scene()
        let head = try scene.verify().head
        func problem(_ sql: String, _ undo: String = "", anchors: [ChainHead] = []) throws -> ChainProblem? {
            try scene.house.damage("CREATE TABLE kept AS SELECT * FROM chain")
            try scene.house.damage(sql)
            let problem = try scene.verify(anchors).problem
            try scene.house.damage("DELETE FROM chain; INSERT INTO chain SELECT * FROM kept; DROP TABLE kept; \(undo)")
            return problem
        }
        var random = SeededGenerator(seed: 9)
        for _ in 0..<20 {
            let line = Int64.random(in: 1...head.sequence, using: &random)
            let place = Int.random(in: 1...140, using: &random)
            let found = try problem(
                "UPDATE chain SET line = substr(line, 1, \(place) - 1) || char(unicode(substr(line, \(place), 1)) + 1) || substr(line, \(place) + 1) WHERE seq = \(line)"
            )
            #expect(found?.kind == .altered, "character \(place) of line \(line): \(String(describing: found))")
        }
        #expect(try problem("DELETE FROM chain WHERE seq = 2")?.kind == .removed)
        #expect(
            try problem(
                "UPDATE chain SET seq = -seq WHERE seq > 2; INSERT INTO chain SELECT 3, line FROM chain WHERE seq = 2; UPDATE chain SET seq = 1 - seq WHERE seq < 0"
            )?.kind == .inserted)
        // The end cut off: told by a head that was noted elsewhere.
        let cut = "DELETE FROM chain WHERE seq = \(head.sequence)"
        #expect(try problem(cut, anchors: [head])?.kind == .truncated)
        // A run that nobody made.
        let forged = try problem(
            "INSERT INTO run(stream_id, mode, state, started_at, mapping_version) SELECT stream_id, mode, 'success', started_at, mapping_version FROM run LIMIT 1",
            "DELETE FROM run WHERE chain_seq IS NULL")
        #expect(forged?.kind == .inserted)
        let disguised = try problem(
            "INSERT INTO run(stream_id, mode, state, started_at, mapping_version, chain_seq) SELECT stream_id, mode, 'success', started_at, mapping_version, 2 FROM run LIMIT 1",
            "DELETE FROM run WHERE id = (SELECT max(id) FROM run)")
        #expect(disguised?.kind == .inserted)
        let gone = try problem("DELETE FROM run WHERE id = 2")
        #expect(gone?.kind == .removed && gone?.place == "run 2")
    }

    @Test func thingsTakenAwayAndPutIn() throws {
        let scene = try Scene()
        func problem(_ path: String) throws -> ChainProblem? {
            let bytes = try read(path)
            try FileManager.default.removeItem(atPath: path)
            defer { try? write(bytes, path) }
            return try scene.verify().problem
        }
        for path in try scene.objects + scene.journals + [scene.report + "/findings.csv"] {
            #expect(try problem(path)?.kind == .removed, "\(path)")
        }
        // The last file of the log: told by the head that the chain noted.
        #expect(try problem(scene.logFiles.last!)?.kind == .truncated)
        #expect(try problem(scene.logFiles[0])?.kind == .removed)

        let forged = try scene.journals[0].replacing("0000000001", with: "0000000099")
        try write(try read(scene.journals[0]), forged)
        #expect(try scene.verify().problem?.kind == .altered)
        try FileManager.default.removeItem(atPath: forged)
        // One that says of itself that it is of that run, closed or open.
        let archive = try #require(scene.workspace.archive)
        var begin = try ArchivedRun(try archive.journals()[0]).begin
        begin.id = 99
        _ = try archive.begin(begin)
        let open = forged.replacing(".jsonl", with: ".open.jsonl")
        #expect(try scene.verify().problem?.kind == .inserted)
        try archive.end(
            run: 99, of: begin.store,
            .init(state: "success", batches: 0, endedAt: nil, errorCode: nil, errorMessage: nil))
        #expect(!FileManager.default.fileExists(atPath: open))
        #expect(try scene.verify().problem?.kind == .inserted)
        try FileManager.default.removeItem(atPath: forged)
        // A journal cut off and called open again.
        let whole = try read(scene.journals[0])
        let cut = try scene.journals[0].replacing(".jsonl", with: ".open.jsonl")
        let end = try #require(whole.firstIndex(of: 0x0A))
        try FileManager.default.moveItem(atPath: scene.journals[0], toPath: cut)
        try write(Array(whole[...end]), cut)
        #expect(try scene.verify().problem?.kind == .altered)
        try FileManager.default.removeItem(atPath: cut)
        try write(whole, cut.replacing(".open.jsonl", with: ".jsonl"))
        let odd = (try scene.objects[0] as NSString).deletingLastPathComponent + "/odd"
        try write([1], odd)
        #expect(try scene.verify().problem?.kind == .inserted)
        try FileManager.default.removeItem(atPath: odd)
        #expect(try scene.verify().problem == nil)
        // A report that is gone is told; where that is allowed it is named, and no longer looked at.
        try FileManager.default.moveItem(atPath: scene.report, toPath: scene.report + "-2026")
        #expect(try scene.verify().problem?.kind == .removed)
        var verification = AuditVerification(
            store: scene.house.store, archive: scene.workspace.archive, logFolders: [scene.logs],
            allowsMovedManifests: true)
        let moved = try verification.run()
        #expect(moved.problem == nil && moved.manifestsElsewhere == [scene.report])
    }

    /// Two processes at work on one archive leave each other's journals alone.
    @Test func aJournalIsClosedByWhoeverMadeIt() throws {
        let scene = try Scene()
        let archive = try #require(scene.workspace.archive)
        let store = scene.house.store
        var begin = try ArchivedRun(try archive.journals()[0]).begin
        let run = try store.write { store in
            try store.beginRun(
                stream: store.stream(named: begin.stream, entity: .account), mode: "full", mappingVersion: "1",
                at: scene.house.now())
        }
        begin.id = run.number
        let end = JournalLine.End(state: "failed", batches: 0, endedAt: nil, errorCode: nil, errorMessage: nil)
        do {
            let tape = try archive.begin(begin)
            try store.write { try $0.endRun(run, state: .failed, at: scene.house.now(), error: nil, totals: []) }
            // Here another process mends what it takes for left, and chains what has ended.
            try archive.end(run: run.number, of: begin.store, end)
            try store.write { try AuditTrail.noteRuns($0, archive: archive) }
            #expect(try store.read { try $0.unchainedRuns() } == [run])
            #expect(archive.isOpen(run.number, begin.store) && archive.isAtWork(run.number, begin.store))
            #expect(try scene.verify().problem == nil)
            try archive.end(tape, run: run.number, of: begin.store, end)
        }
        #expect(!archive.isOpen(run.number, begin.store))
        try store.write { try AuditTrail.noteRuns($0, archive: archive) }
        #expect(try store.read { try $0.unchainedRuns() } == [])
        let problem = try scene.verify().problem
        #expect(problem == nil, "\(String(describing: problem))")
    }

    /// Two machines over one store that keep an archive each: what lies in the other's is not here, and was not altered.
    @Test func whatLiesInAnotherArchiveIsSaidToBeElsewhere() throws {
        let scene = try Scene()
        let (store, own) = (scene.house.store, try #require(scene.workspace.archive))
        let other = Archive(folder: scene.house.folder + "/other", isSynced: false)
        let source = MemorySource("billing", [.table(Texts.chargeColumns, [Texts.charge(9)])])
        let elsewhere = SyncEngine(
            store: store, clock: { scene.house.now() }, isCancelled: { false }, archive: other)
        let run = try elsewhere.run(scene.house.stream("billing.charges", source)).run.number
        func verify(_ archive: Archive, allowing isAllowed: Bool = false) throws -> AuditVerification.Result {
            var verification = AuditVerification(
                store: store, archive: archive, logFolders: [scene.logs], allowsOtherArchives: isAllowed)
            return try verification.run()
        }
        let here = try verify(own).problem
        #expect(here?.kind == .elsewhere && here?.place == "run \(run)", "\(String(describing: here))")
        #expect(try verify(other).problem?.kind == .elsewhere)
        let allowed = try verify(own, allowing: true)
        #expect(allowed.problem == nil && allowed.runsElsewhere == [run], "\(String(describing: allowed.problem))")

        // A run whose line the other machine added between its end and its journal's.
        var begin = try ArchivedRun(try own.journals()[0]).begin
        let late = try store.write { store in
            try store.beginRun(
                stream: store.stream(named: begin.stream, entity: .account), mode: "full", mappingVersion: "1",
                at: scene.house.now())
        }
        begin.id = late.number
        let tape = try own.begin(begin)
        try store.write { try $0.endRun(late, state: .failed, at: scene.house.now(), error: nil, totals: []) }
        try store.write { try AuditTrail.noteRuns($0, archive: other) }
        try own.end(
            tape, run: late.number, of: begin.store,
            .init(state: "failed", batches: 0, endedAt: nil, errorCode: nil, errorMessage: nil))
        let both = try verify(own, allowing: true)
        #expect(both.problem == nil && both.runsElsewhere == [run, late.number], "\(String(describing: both.problem))")

        // What is gone from this one is gone, whatever else lies elsewhere.
        try FileManager.default.removeItem(atPath: try scene.journals[0])
        #expect(try verify(own, allowing: true).problem?.kind == .removed)
    }

    /// A store that does not know the archive beside it is not the one that was recorded.
    @Test func anEmptyStoreBesideAnArchive() throws {
        let scene = try Scene()
        let other = try SQLiteStore(path: scene.house.folder + "/other.db", cacheMegabytes: 1)
        var verification = AuditVerification(store: other, archive: scene.workspace.archive)
        #expect(try verification.run().problem?.kind == .removed)
    }

    private func run(_ program: String, _ arguments: [String], in folder: String) throws -> (Int32, String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, output)
    }

    @Test func aBundleVerifiesWithoutHearth() throws {
        let scene = try Scene()
        let folder = scene.house.folder + "/bundle"
        var bundle = AuditBundle(
            store: scene.house.store, archive: scene.workspace.archive, logFolders: [scene.logs], folder: folder)
        let count = try bundle.write()
        #expect(count > 15)
        let (status, output) = try run("sha256sum", ["-c", "--quiet", "--strict", "SHA256SUMS"], in: folder)
        #expect(status == 0, "\(output)")
        let head = try scene.verify().head
        #expect(String(decoding: try read(folder + "/HEAD"), as: UTF8.self) == "\(head)\n")
        let (chained, printed) = try run("python3", ["check_chain.py", "chain.jsonl"], in: folder)
        #expect(chained == 0 && printed.contains("head \(head)"), "\(printed)")
        let journals = try FileManager.default.contentsOfDirectory(atPath: folder + "/journals")
        for journal in journals {
            #expect(try run("python3", ["check_chain.py", "journals/\(journal)"], in: folder).0 == 0)
        }
        let logs = try FileManager.default.contentsOfDirectory(atPath: folder + "/logs").sorted().map { "logs/" + $0 }
        #expect(try run("python3", ["check_chain.py"] + logs, in: folder).0 == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/manifests").count == 1)
        // What was pulled lies there in clear, by its own digest.
        let objects = try FileManager.default.contentsOfDirectory(atPath: folder + "/objects")
        #expect(try objects.allSatisfy { Digest.sha256(try read(folder + "/objects/" + $0)) == $0 })

        for name in ["chain.jsonl", "objects/" + objects[0], "journals/" + journals[0]] {
            let bytes = try read(folder + "/" + name)
            var flipped = bytes
            flipped[bytes.count / 2] ^= 1
            try write(flipped, folder + "/" + name)
            #expect(try run("sha256sum", ["-c", "--quiet", "SHA256SUMS"], in: folder).0 != 0)
            try write(bytes, folder + "/" + name)
        }
        let again = #expect(throws: HearthError.self) { try bundle.write() }
        #expect(again?.code.name == "usage.notEmpty")
    }

    @Test func retentionLetsGoOfWhatNoRebuildNeeds() throws {
        let house = try House()
        let customer = MemorySource("customer", [.table(Texts.residentColumns, [Texts.resident(1)])])
        let workspace = try house.workspace([(customer, ["residents"])], isArchived: true)
        for day in 1...4 {
            customer.hold([.table(Texts.residentColumns, [Texts.resident(1, area: "9\(day)")])])
            _ = try workspace.sync()
        }
        let archive = try #require(workspace.archive)
        #expect(try archive.journals().count == 4)
        // All four are old by then; the last whole reading stays.
        let later = Instant(microseconds: house.now().microseconds + 40 * 86_400_000_000, offsetMinutes: 0)
        try Retention(store: house.store, archive: archive, keptDays: 30).apply(at: later)
        #expect(try archive.journals().map(\.run) == [4])
        #expect(try archive.allObjects().count == 1)
        var verification = AuditVerification(store: house.store, archive: archive)
        #expect(try verification.run().problem == nil)
        let path = house.folder + "/rebuilt.db"
        let rebuild = try #require(try workspace.rebuild())
        _ = try rebuild.run(into: SQLiteStore(path: path, cacheMegabytes: 1))
        #expect(try StoreDump.meaning(path) == StoreDump.meaning(house.database))
        var again = AuditVerification(store: try SQLiteStore(path: path, cacheMegabytes: 1), archive: archive)
        let problem = try again.run().problem
        #expect(problem == nil, "\(String(describing: problem))")
    }

    /// Runs that end while it is looked at, each a moment before its line stands in the chain.
    /// The same of syncs, whose journals are closed while the archive is looked at.
    @Test func syncsMeanwhileAreNoTampering() throws {
        let scene = try Scene()
        let isEnough = Atomic(false)
        let synced = Mutex<Swift.Result<Int, any Error>?>(nil)
        let workspace = scene.workspace
        Thread {
            let result = Swift.Result {
                var count = 0
                while !isEnough.load(ordering: .acquiring) {
                    count += 1
                    _ = try workspace.sync(batchRows: 2)
                }
                return count
            }
            synced.withLock { $0 = result }
        }.start()
        for _ in 0..<40 {
            let result = try scene.verify()
            #expect(result.problem == nil, "\(String(describing: result.problem))")
        }
        isEnough.store(true, ordering: .releasing)
        while synced.withLock({ $0 == nil }) { Thread.sleep(forTimeInterval: 0.01) }
        let count = try #require(synced.withLock { $0 }).get()
        #expect(count > 0)
        let result = try scene.verify()
        #expect(result.problem == nil && result.journals == result.runs)
    }

    @Test func whatIsWrittenMeanwhileIsNoTampering() throws {
        let store = try House().store
        let isEnough = Atomic(false)
        let written = Mutex<Swift.Result<Int, any Error>?>(nil)
        Thread {
            let result = Swift.Result {
                var count = 0
                while !isEnough.load(ordering: .acquiring) {
                    count += 1
                    try store.write { store in
                        let stream = try store.stream(named: "billing.charges", entity: .charge)
                        let at = Instant(microseconds: 1_763_200_000_000_000 + Int64(count), offsetMinutes: 480)
                        let run = try store.beginRun(stream: stream, mode: "full", mappingVersion: "1", at: at)
                        try store.endRun(run, state: .success, at: at, error: nil, totals: [])
                    }
                    Thread.sleep(forTimeInterval: 0.002)
                    try store.write { try AuditTrail.noteRuns($0, archive: nil) }
                    Thread.sleep(forTimeInterval: 0.02)
                }
                return count
            }
            written.withLock { $0 = result }
        }.start()
        for _ in 0..<25 {
            var verification = AuditVerification(store: store, archive: nil)
            let result = try verification.run()
            #expect(result.problem == nil, "\(String(describing: result.problem))")
            Thread.sleep(forTimeInterval: 0.01)
        }
        isEnough.store(true, ordering: .releasing)
        while written.withLock({ $0 == nil }) { Thread.sleep(forTimeInterval: 0.01) }
        let count = try #require(written.withLock { $0 }).get()
        var verification = AuditVerification(store: store, archive: nil)
        #expect(try verification.run().runs == count)
    }
}
