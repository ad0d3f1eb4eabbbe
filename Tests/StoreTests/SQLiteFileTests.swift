import Foundation
import GRDBSQLite
import HeatModel
import SQLiteStore
import Store
import Synchronization
import Testing

/// The store's file: made, opened again, refused where it is none.
@Suite struct SQLiteFileTests {
    private func refusal(_ path: String) -> HearthError? {
        do {
            _ = try SQLiteStore(path: path)
            return nil
        } catch {
            return error as? HearthError
        }
    }

    /// Runs SQL on a file of its own, without the store.
    private func execute(_ sql: String, on path: String) throws {
        var handle: OpaquePointer?
        defer { sqlite3_close_v2(handle) }
        try #require(sqlite3_open(path, &handle) == SQLITE_OK)
        try #require(
            sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK, "\(String(cString: sqlite3_errmsg(handle)))")
    }

    @Test func aNewStoreHoldsNothing() throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(path: folder.database)
        let counts = try store.read { store in
            [
                try store.streams().count, Int(try store.accountCount()), Int(try store.touchedCount()),
                try store.communities().count,
                try store.runs(stream: nil, limit: 9).count, try store.quarantineCounts().count,
            ]
        }
        #expect(counts == [0, 0, 0, 0, 0, 0])
        #expect(try store.size() > 0)
    }

    @Test func whatWasCommittedIsThereWhenTheFileIsOpenedAgain() throws {
        let folder = try TemporaryFolder()
        do {
            let store = try SQLiteStore(path: folder.database)
            try store.write { store in
                let stream = try store.stream(named: "billing.charges", entity: .charge)
                try store.setCursor(stream: stream, run: RunID(1), cursor: "far")
                try store.setSetting("a", "b")
            }
        }
        for _ in 0..<3 {
            let store = try SQLiteStore(path: folder.database)
            let streams = try store.read { try $0.streams() }
            #expect(streams.map(\.name) == ["billing.charges"] && streams.map(\.entity) == [.charge])
            #expect(try store.read { try $0.state(stream: streams[0].id).cursor } == "far")
        }
    }

    /// Readers keep the mark between commits: it must be another after a run has begun or ended, whoever wrote it.
    @Test func theMarkOfRunsIsAnotherAfterEachThatBeginsOrEnds() throws {
        let folder = try TemporaryFolder()
        let (one, other) = (try SQLiteStore(path: folder.database), try SQLiteStore(path: folder.database))
        let snapshot = try one.makeSnapshotReader(cacheMegabytes: 1)
        func mark() throws -> String {
            try snapshot.begin()
            defer { snapshot.end() }
            return try snapshot.reader.runMark()
        }
        let at = try #require(Instant("2026-01-20T08:00:00+08:00"))
        var seen: [String] = []
        func look() throws {
            let marks = [
                try mark(), try mark(), try one.read { try $0.runMark() }, try other.read { try $0.runMark() },
            ]
            #expect(Set(marks).count == 1)
            #expect(!seen.contains(marks[0]))
            seen.append(marks[0])
        }
        try look()
        for writer in [one, other, one] {
            let run = try writer.write { store in
                let stream = try store.stream(named: "billing.charges", entity: .charge)
                let before = try store.runMark()
                let run = try store.beginRun(stream: stream, mode: "full", mappingVersion: "1", at: at)
                #expect(try store.runMark() != before)
                return run
            }
            try look()
            // One that is taken back never was.
            struct Refusal: Error {}
            #expect(throws: Refusal.self) {
                try writer.write { store in
                    let stream = try store.stream(named: "billing.charges", entity: .charge)
                    _ = try store.beginRun(stream: stream, mode: "full", mappingVersion: "1", at: at)
                    #expect(try store.runMark() != seen.last)
                    throw Refusal()
                }
            }
            #expect(try writer.write { try $0.runMark() } == seen.last)
            // What is written of other things does not end a run.
            try writer.write { try $0.setSetting("a", "\(run.number)") }
            #expect(try mark() == seen.last)
            try writer.write { try $0.endRun(run, state: .success, at: at, error: nil, totals: []) }
            try look()
        }
    }

    @Test func twoHandlesOfOneFileSeeEachOthersCommits() throws {
        let folder = try TemporaryFolder()
        let (one, other) = (try SQLiteStore(path: folder.database), try SQLiteStore(path: folder.database))
        for turn in 0..<20 {
            let (writer, reader) = turn.isMultiple(of: 2) ? (one, other) : (other, one)
            try writer.write { try $0.setSetting("turn", "\(turn)") }
            #expect(try reader.read { try $0.setting("turn") } == "\(turn)")
        }
    }

    @Test func manyMayOpenANewStoreAtOnce() throws {
        let folder = try TemporaryFolder()
        let failures = Mutex<[String]>([])
        let group = DispatchGroup()
        for number in 0..<8 {
            group.enter()
            Thread {
                defer { group.leave() }
                do {
                    let store = try SQLiteStore(path: folder.database)
                    try store.write { try $0.setSetting("opened by \(number)", "yes") }
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }.start()
        }
        group.wait()
        #expect(failures.withLock { $0 } == [])
        let store = try SQLiteStore(path: folder.database)
        for number in 0..<8 { #expect(try store.read { try $0.setting("opened by \(number)") } == "yes") }
    }

    @Test func aFileThatIsNoDatabaseIsRefused() throws {
        let folder = try TemporaryFolder()
        try String(repeating: "户号,姓名\n00000001,张三\n", count: 100).write(
            toFile: folder.database, atomically: true, encoding: .utf8)
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.database))
        let error = refusal(folder.database)
        #expect(error?.code.name == "store.corrupt")
        #expect(error?.place == .file(folder.database, line: 0, column: 0))
        #expect(error?.advice != nil)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.database)) == before)
    }

    @Test func anotherProgramsDatabaseIsRefusedAndLeftAlone() throws {
        let folder = try TemporaryFolder()
        try execute(
            "CREATE TABLE sf_fy(id INTEGER PRIMARY KEY, ysje TEXT); INSERT INTO sf_fy(ysje) VALUES('1.00')",
            on: folder.database)
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.database))
        let error = refusal(folder.database)
        #expect(error?.code.name == "store.foreign")
        #expect(error?.place == .file(folder.database, line: 0, column: 0))
        #expect(error?.advice?.contains("store: sqlite:") == true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.database)) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["hearth.db"])
    }

    @Test func aStoreOfALaterVersionIsRefused() throws {
        let folder = try TemporaryFolder()
        do { _ = try SQLiteStore(path: folder.database) }
        try execute("INSERT INTO grdb_migrations(identifier) VALUES('99 something later')", on: folder.database)
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.database))
        let error = refusal(folder.database)
        #expect(error?.code.name == "store.tooNew")
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.database)) == before)
        #expect(error?.place == .file(folder.database, line: 0, column: 0))
        #expect(error?.advice != nil)
    }

    @Test(arguments: ["/proc/hearth.db", "no/such/folder/hearth.db", ""]) func aPlaceThatCannotHoldAStoreIsNamed(
        _ place: String
    ) throws {
        let folder = try TemporaryFolder()
        let path = place.hasPrefix("/") ? place : folder.path + (place.isEmpty ? "" : "/" + place)
        let error = refusal(path)
        #expect(error?.code.name == "store.notWritable")
        #expect(error?.place == .file(path, line: 0, column: 0))
        #expect(error?.advice?.isEmpty == false)
    }

    /// Errors within a transaction name the file, not just "the store".
    @Test func errorsOfATransactionNameTheFile() throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(path: folder.database)
        let error = #expect(throws: HearthError.self) {
            try store.write { try $0.end(RecordID(5), run: RunID(1), reason: .vanished) }
        }
        #expect(error?.code.name == "store.failed")
        #expect(error?.place == .file(folder.database, line: 0, column: 0))
        // And the closure's own errors arrive as they are.
        #expect(throws: CancellationError.self) { try store.read { _ in throw CancellationError() } }
    }

    @Test func aDamagedFileIsToldOnUse() throws {
        let folder = try TemporaryFolder()
        do {
            let store = try SQLiteStore(path: folder.database)
            try store.write { store in
                for number in 0..<5000 { try store.setSetting("name \(number)", String(repeating: "x", count: 50)) }
            }
            try store.checkpoint()
        }
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: folder.database))
        let size = try file.seekToEnd()
        for offset in stride(from: UInt64(16384), to: size, by: 16384) {
            try file.seek(toOffset: offset)
            try file.write(contentsOf: Data(repeating: 0xA5, count: 4096))
        }
        try file.close()
        var error: HearthError?
        do {
            let store = try SQLiteStore(path: folder.database)
            _ = try store.read { store in try (0..<5000).map { try store.setting("name \($0)") } }
        } catch let seen as HearthError { error = seen }
        #expect(error?.code.name == "store.corrupt")
        #expect(error?.place == .file(folder.database, line: 0, column: 0))
        #expect(error?.advice?.contains("sync again") == true)
    }

    /// With the last reference to it a store lets go of its file.
    @Test func aStoreClosesItsFile() throws {
        let folder = try TemporaryFolder()
        func open() -> [String] {
            let links = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
            return links.compactMap {
                try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
            }
            .filter { $0.hasPrefix(folder.path) }
        }
        do {
            let store = try SQLiteStore(path: folder.database)
            try store.write { try $0.setSetting("a", "b") }
            _ = try store.read { try $0.setting("a") }
            #expect(!open().isEmpty)
        }
        #expect(open() == [])
    }
}
