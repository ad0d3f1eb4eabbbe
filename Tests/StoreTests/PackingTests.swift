import CZstd
import Foundation
import GRDBSQLite
import HearthTesting
import HeatModel
import SQLiteStore
import Store
import Testing

/// What is packed comes back byte for byte, or the read says which row is not what was stored.
@Suite struct PackingTests {
    /// A file of its own, seen with other eyes than the store's.
    private final class File {
        let handle: OpaquePointer

        init(_ path: String) throws {
            var opened: OpaquePointer?
            try #require(sqlite3_open(path, &opened) == SQLITE_OK)
            handle = try #require(opened)
            sqlite3_busy_timeout(handle, 10_000)
            try PackedColumns.add(to: handle)
        }

        deinit { sqlite3_close_v2(handle) }

        func run(_ sql: String) throws {
            try #require(
                sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK, "\(String(cString: sqlite3_errmsg(handle)))")
        }

        /// The first column of the first row.
        func blob(_ sql: String, _ arguments: [UInt8]?...) throws -> [UInt8]? {
            var statement: OpaquePointer?
            try #require(sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK)
            defer { sqlite3_finalize(statement) }
            for (index, argument) in arguments.enumerated() {
                guard let argument else { continue }
                let copy = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
                _ = argument.withUnsafeBytes {
                    sqlite3_bind_blob(
                        statement, Int32(index + 1), $0.baseAddress ?? UnsafeRawPointer(bitPattern: 1), Int32($0.count),
                        copy)
                }
            }
            try #require(sqlite3_step(statement) == SQLITE_ROW, "\(String(cString: sqlite3_errmsg(handle)))")
            if sqlite3_column_type(statement, 0) == SQLITE_NULL { return nil }
            let count = Int(sqlite3_column_bytes(statement, 0))
            return Array(UnsafeRawBufferPointer(start: sqlite3_column_blob(statement, 0), count: count))
        }
    }

    private struct Scene {
        let folder: TemporaryFolder
        let store: SQLiteStore
        let stream: StreamID
        let run: RunID
        let origin: OriginID
        let account: AccountID

        init() throws {
            folder = try TemporaryFolder()
            store = try SQLiteStore(path: folder.database)
            (stream, run, origin, account) = try store.write { store in
                let stream = try store.stream(named: "billing.charges", entity: .charge)
                let at = Instant(microseconds: 1_763_200_000_000_000, offsetMinutes: 480)
                let run = try store.beginRun(stream: stream, mode: "full", mappingVersion: "1", at: at)
                let origin = try store.beginOrigin(
                    IncomingOrigin(
                        stream: stream, run: run, kind: "file", name: "a.csv", digest: nil, byteCount: nil,
                        isSnapshot: false, columns: ["id", "amount", "name"]))
                let account = try Array("00000001".utf8).withUnsafeBytes {
                    try store.introduceAccount(number: $0, run: run)
                }
                return (stream, run, origin, account)
            }
        }

        typealias Row = (key: [UInt8], body: [UInt8], raw: [UInt8])

        func put(_ rows: [Row]) throws {
            let bytes = rows.flatMap { $0.key + $0.body + $0.raw }
            try bytes.withUnsafeBytes { bytes in
                var place = 0
                func part(_ count: Int) -> UnsafeRawBufferPointer {
                    defer { place += count }
                    return UnsafeRawBufferPointer(rebasing: bytes[place..<place + count])
                }
                let changes = rows.enumerated().map { index, row in
                    RecordChange.insert(
                        IncomingRecord(
                            stream: stream, key: part(row.key.count), account: account, rule: .accountNumber,
                            hash: ContentHash(1, UInt64(index)), body: part(row.body.count), raw: part(row.raw.count),
                            run: run, origin: origin, ordinal: Int64(index), isVoided: false))
                }
                for start in stride(from: 0, to: changes.count, by: 1000) {
                    try store.write {
                        _ = try $0.apply(Array(changes[start..<min(start + 1000, changes.count)]))
                    }
                }
            }
        }

        func record(_ key: [UInt8]) throws -> StoredRecord? {
            try store.read { store in try key.withUnsafeBytes { try store.record(stream: stream, key: $0) } }
        }
    }

    /// Rows like those of a source, some of them like nothing.
    private func rows(_ count: Int, from first: Int = 0, seed: UInt64) -> [Scene.Row] {
        var random = SeededGenerator(seed: seed)
        return (first..<first + count).map { number in
            let fen = Int(random.next() % 1_000_000)
            var body = Array(#"{"number":"\#(number)","season":"2025-2026","due_fen":\#(fen),"status":"paid"}"#.utf8)
            var raw = Array("\(number)\u{1F}2025-2026\u{1F}\(fen / 100).\(fen % 100)\u{1F}已缴".utf8)
            switch random.next() % 20 {
            case 0: raw = []
            case 1: body = []
            case 2: raw = (0..<Int(random.next() % 3000)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            case 3: body = Array(repeating: 0x20, count: Int(random.next() % 100_000))
            default: break
            }
            return (Array("k\(number)".utf8), body, raw)
        }
    }

    @Test(arguments: [1, 2, 3]) func whatIsPackedComesBackByteForByte(_ seed: UInt64) throws {
        let scene = try Scene()
        let rows = rows(3000, seed: seed)
        // The first few find no dictionary, the rest make one.
        try scene.put(Array(rows[..<20]))
        try scene.put(Array(rows[20...]))
        var told: [[UInt8]: [UInt8]] = [:]
        try scene.store.read { try $0.forEachRecord(of: scene.account) { told[Array($0.key)] = Array($0.body) } }
        #expect(told.count == rows.count)
        for row in rows {
            #expect(told[row.key] == row.body)
            let record = try scene.record(row.key)
            #expect(record?.body == row.body && record?.raw == row.raw)
        }
        let file = try File(scene.folder.database)
        // Without anything, by a shape, and by a dictionary what the shape does not suit.
        #expect(try file.blob("SELECT count(DISTINCT packing_id) FROM record") == Array("3".utf8))
        #expect(try scene.store.read { try $0.readEverything() } == 3000)
    }

    @Test func anyTwoTextsComeBack() throws {
        let folder = try TemporaryFolder()
        let file = try File(folder.database)
        var random = SeededGenerator(seed: 7)
        let texts: [[UInt8]?] = [nil, [], [0], Array(repeating: 0x41, count: 63), Array(repeating: 0x42, count: 64)]
        let long = [1 << 13, 1 << 20].map { count in (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) } }
        for body in texts.compactMap(\.self) + long {
            for beside in texts + long.map(Optional.some) {
                let packed = try #require(try file.blob("SELECT packed(?1, ?2)", body, beside))
                #expect(try file.blob("SELECT body_of(0, ?1, 'record', 1)", packed) == body)
                #expect(try file.blob("SELECT beside_of(0, ?1, 'record', 1)", packed) == beside)
            }
        }
    }

    /// A row of which a bit is another is told by its number, or says what it said: never anything else.
    @Test func aDamagedRowIsNamed() throws {
        let scene = try Scene()
        let rows = rows(200, seed: 5).filter { $0.body.count > 20 && $0.body.count < 200 && $0.raw.count < 200 }
        try scene.put(rows)
        try scene.store.write { store in
            try Array("{}".utf8).withUnsafeBytes { try store.putView(scene.account, body: $0, runs: nil) }
        }
        let row = rows[50]
        let number = try #require(try scene.record(row.key)?.id.number)
        let file = try File(scene.folder.database)
        let packing = try String(
            decoding: file.blob("SELECT packing_id FROM record WHERE id = \(number)") ?? [], as: UTF8.self)
        let sound = try #require(try file.blob("SELECT packed FROM record WHERE id = \(number)"))
        var refused = 0
        for bit in 0..<sound.count * 8 {
            var broken = sound
            broken[bit / 8] ^= 1 << (bit % 8)
            let hex = broken.map { String(format: "%02x", $0) }.joined()
            try file.run("UPDATE record SET packed = x'\(hex)' WHERE id = \(number)")
            do {
                let record = try scene.record(row.key)
                #expect(record?.body == row.body && record?.raw == row.raw, "bit \(bit)")
            } catch let error as HearthError {
                refused += 1
                #expect(error.code.name == "store.corrupt" && error.message.contains("record \(number) "), "\(error)")
                #expect(error.place == .file(scene.folder.database, line: 0, column: 0))
            }
            if bit % 64 == 0 {
                #expect(throws: HearthError.self) {
                    try scene.store.read { try $0.forEachRecord(of: scene.account) { _ in } }
                }
                let error = #expect(throws: HearthError.self) { try scene.store.read { try $0.readEverything() } }
                #expect(error?.message.contains("record \(number) ") == true)
            }
        }
        #expect(refused > sound.count * 6)
        // Another dictionary, or none, gives nothing else either.
        let hex = sound.map { String(format: "%02x", $0) }.joined()
        for other in [0, 1, 2, 77] where "\(other)" != packing {
            try file.run("UPDATE record SET packed = x'\(hex)', packing_id = \(other) WHERE id = \(number)")
            let error = #expect(throws: HearthError.self) { try scene.record(row.key) }
            #expect(error?.code.name == "store.corrupt")
        }
        try file.run("UPDATE record SET packed = x'\(hex)', packing_id = \(packing) WHERE id = \(number)")
        #expect(try scene.record(row.key)?.body == row.body)
        try file.run("UPDATE account_view SET packed = x'00' WHERE account_id = \(scene.account.number)")
        let error = #expect(throws: HearthError.self) { try scene.store.read { try $0.view(scene.account) } }
        #expect(error?.message.contains("view of account \(scene.account.number) ") == true)
    }

    /// Where it cannot be read what rows are packed by, no row is called damaged.
    @Test func aStoreThatCannotBeReadIsNotDamaged() throws {
        let scene = try Scene()
        let rows = rows(200, seed: 6).filter { $0.body.count > 20 && $0.body.count < 200 && $0.raw.count < 200 }
        try scene.put(rows)
        let file = try File(scene.folder.database)
        try file.run("ALTER TABLE packing RENAME TO gone")
        let store = try SQLiteStore(path: scene.folder.database)
        func record() throws -> StoredRecord? {
            try store.read { store in
                try rows[50].key.withUnsafeBytes { try store.record(stream: scene.stream, key: $0) }
            }
        }
        let error = #expect(throws: HearthError.self) { try record() }
        #expect(
            error?.code.name == "store.failed" && error?.message.contains("packing") == true,
            "\(String(describing: error))")
        try file.run("ALTER TABLE gone RENAME TO packing")
        #expect(try record()?.body == rows[50].body)
    }

    /// Rows that have become other ones get another dictionary; those of before are still read with theirs.
    @Test func aStreamThatChangesGetsAnotherDictionary() throws {
        let scene = try Scene()
        let before = rows(2000, seed: 1)
        var random = SeededGenerator(seed: 9)
        let after: [Scene.Row] = (0..<6000).map { number in
            let words = (0..<12).map { _ in "\(["甲", "乙", "丙"][Int(random.next() % 3)])\(random.next() % 100)" }
            return (
                Array("n\(number)".utf8), Array(#"{"remark":"\#(words.joined(separator: " "))"}"#.utf8),
                Array(words.joined(separator: "\u{1F}").utf8)
            )
        }
        try scene.put(before)
        try scene.put(after)
        let file = try File(scene.folder.database)
        #expect(
            try file.blob("SELECT count(*) > 1 FROM packing WHERE kind = 2 AND subject = \(scene.stream.number)")
                == Array("1".utf8))
        for row in before + after { #expect(try scene.record(row.key)?.body == row.body) }
    }

    /// Views of a store of before step 15 of the schema: their dictionary is of another kind, and their frames have zstd's checksum.
    @Test func rowsOfADictionaryOfBeforeAreRead() throws {
        let scene = try Scene()
        let bodies = (0..<64).map { number in
            Array(
                #"{"account_number":"\#(number)","seasons":[{"season":"2025-2026","due_fen":\#(number * 977)}]}"#.utf8)
        }
        let accounts = try scene.store.write { store in
            let accounts = try bodies.indices.map { number in
                try Array("9\(1_000_000 + number)".utf8).withUnsafeBytes {
                    try store.introduceAccount(number: $0, run: scene.run)
                }
            }
            for _ in 0..<2 {
                try bodies.flatMap(\.self).withUnsafeBytes { bytes in
                    var start = 0
                    _ = try store.putViews(
                        zip(accounts, bodies).map { account, body in
                            defer { start += body.count }
                            let part = UnsafeRawBufferPointer(rebasing: bytes[start..<start + body.count])
                            return IncomingView(account: account, touch: nil, body: part, runs: nil)
                        })
                }
            }
            return accounts
        }
        let file = try File(scene.folder.database)
        #expect(try file.blob("SELECT group_concat(kind) FROM packing") == Array("2".utf8))
        let dictionary = try #require(try file.blob("SELECT content FROM packing"))
        let compressor = ZSTD_createCCtx()
        defer { ZSTD_freeCCtx(compressor) }
        ZSTD_CCtx_setParameter(compressor, ZSTD_c_checksumFlag, 1)
        ZSTD_CCtx_setParameter(compressor, ZSTD_c_dictIDFlag, 0)
        ZSTD_CCtx_loadDictionary(compressor, dictionary, dictionary.count)
        for (account, body) in zip(accounts, bodies) {
            // Its length, doubled, by seven bits a byte.
            let text = [UInt8(body.count << 1 & 0x7F) | 0x80, UInt8(body.count >> 6)] + body
            var frame = [UInt8](repeating: 0, count: 1000)
            let count = ZSTD_compress2(compressor, &frame, frame.count, text, text.count)
            let hex = frame[4..<count].map { String(format: "%02x", $0) }.joined()
            try file.run("UPDATE account_view SET packed = x'\(hex)' WHERE account_id = \(account.number)")
        }
        try file.run("UPDATE packing SET kind = 0; DELETE FROM grdb_migrations WHERE identifier LIKE '15 %'")
        let store = try SQLiteStore(path: scene.folder.database)
        for (account, body) in zip(accounts, bodies) { #expect(try store.read { try $0.view(account)?.body } == body) }
        #expect(try store.read { try $0.readEverything() } == 64)
        // It goes on being used, and is checked as before.
        try store.write { store in
            try bodies[7].withUnsafeBytes { try store.putView(accounts[3], body: $0, runs: $0) }
        }
        #expect(try file.blob("SELECT count(*) FROM packing") == Array("1".utf8))
        #expect(try store.read { try $0.view(accounts[3])?.body } == bodies[7])
        try file.run(
            """
            UPDATE account_view SET packed = substr(packed, 1, length(packed) - 1) || x'00'
                WHERE account_id = \(accounts[3].number) AND substr(packed, -1) <> x'00';
            UPDATE account_view SET packed = substr(packed, 1, length(packed) - 1) || x'01'
                WHERE account_id = \(accounts[5].number) AND substr(packed, -1) <> x'01';
            """)
        let errors = [3, 5].map { place in
            #expect(throws: HearthError.self) { try store.read { try $0.view(accounts[place]) } }
        }
        #expect(errors.allSatisfy { $0?.code.name == "store.corrupt" })
    }

    /// Takes a file back to what it was before rows were packed.
    private static let asBefore = """
        \(PackedColumns.views)
        CREATE TABLE r AS SELECT * FROM temp.record;
        CREATE TABLE h AS SELECT * FROM temp.record_history;
        CREATE TABLE v AS SELECT * FROM temp.account_view;
        DROP VIEW temp.record; DROP VIEW temp.record_history; DROP VIEW temp.account_view;
        DROP TABLE record; DROP TABLE record_history; DROP TABLE account_view; DROP TABLE packing;
        CREATE TABLE record(
            id INTEGER PRIMARY KEY, stream_id INTEGER NOT NULL, key BLOB NOT NULL, account_id INTEGER,
            rule INTEGER NOT NULL, voided INTEGER NOT NULL, run_id INTEGER NOT NULL, origin_id INTEGER NOT NULL,
            ordinal INTEGER NOT NULL, hash BLOB NOT NULL, body TEXT NOT NULL, raw BLOB NOT NULL);
        CREATE UNIQUE INDEX record_key ON record(stream_id, key);
        CREATE INDEX record_account ON record(account_id, stream_id, key) WHERE account_id IS NOT NULL;
        CREATE INDEX record_placed ON record(stream_id, key) WHERE rule = 3;
        CREATE INDEX record_left_out ON record(stream_id, key) WHERE (voided = 1 OR account_id IS NULL);
        CREATE TABLE record_history(
            id INTEGER PRIMARY KEY, record_id INTEGER NOT NULL, stream_id INTEGER NOT NULL, key BLOB NOT NULL,
            account_id INTEGER, rule INTEGER NOT NULL, voided INTEGER NOT NULL, run_id INTEGER NOT NULL,
            origin_id INTEGER NOT NULL, ordinal INTEGER NOT NULL, hash BLOB NOT NULL, body TEXT NOT NULL,
            raw BLOB NOT NULL, ended_run_id INTEGER NOT NULL, ended_reason TEXT NOT NULL);
        CREATE INDEX record_history_key ON record_history(stream_id, key);
        CREATE INDEX record_history_account ON record_history(account_id) WHERE account_id IS NOT NULL;
        CREATE TABLE account_view(account_id INTEGER PRIMARY KEY, body TEXT NOT NULL, settled_us INTEGER, runs BLOB);
        INSERT INTO record SELECT * FROM r;
        INSERT INTO record_history(id, record_id, stream_id, key, account_id, rule, voided, run_id, origin_id, ordinal, hash,
            ended_run_id, ended_reason, body, raw) SELECT * FROM h;
        INSERT INTO account_view(account_id, settled_us, body, runs) SELECT * FROM v;
        DROP TABLE r; DROP TABLE h; DROP TABLE v;
        DELETE FROM grdb_migrations WHERE identifier LIKE '14 %';
        """

    /// Everything that the tables say, without how it is packed.
    private func content(_ path: String) throws -> [UInt8]? {
        let file = try File(path)
        try file.run(PackedColumns.views)
        return try file.blob(
            """
            SELECT group_concat(line, x'0A') FROM (
                SELECT id || hex(key) || account_id || ordinal || hex(hash) || hex(body) || hex(raw) AS line FROM record
                UNION ALL SELECT id || record_id || hex(body) || hex(raw) || ended_run_id || ended_reason FROM record_history
                UNION ALL SELECT account_id || hex(body) || coalesce(hex(runs), 'none') || coalesce(settled_us, '')
                    FROM account_view)
            """)
    }

    /// 9,000 records, 70 of them ended, and a view; at `path` the same as a store of before.
    private func sceneWithStoreOfBefore(at name: String) throws -> (scene: Scene, path: String) {
        let scene = try Scene()
        try scene.put(rows(9000, seed: 3))
        try scene.store.write { store in
            for number in 0..<70 {
                let key = Array("k\(number * 100)".utf8)
                guard let record = try key.withUnsafeBytes({ try store.record(stream: scene.stream, key: $0) }) else {
                    continue
                }
                _ = try store.end(record.id, run: scene.run, reason: .vanished)
            }
            try Array("{\"a\":1}".utf8).withUnsafeBytes { try store.putView(scene.account, body: $0, runs: $0) }
        }
        try scene.store.checkpoint()
        let path = scene.folder.path + "/" + name
        try FileManager.default.copyItem(atPath: scene.folder.database, toPath: path)
        try File(path).run(Self.asBefore)
        return (scene, path)
    }

    /// What ``aKilledMigrationGoesOn`` kills: opens a store in a process of its own.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["HEARTH_OPEN_STORE"] != nil))
    func aStoreIsOpened() throws {
        _ = try SQLiteStore(path: ProcessInfo.processInfo.environment["HEARTH_OPEN_STORE"] ?? "")
    }

    /// Processes that open a store of before are killed: one when the first rows have moved, others when so many more bytes stand in the
    /// log. The last one finds what all have done, and goes on.
    @Test func aKilledMigrationGoesOn() async throws {
        let (scene, path) = try sceneWithStoreOfBefore(at: "before.db")
        let before = try content(scene.folder.database)
        var random = SeededGenerator(seed: 77)
        for round in 0..<3 {
            let copy = scene.folder.path + "/round\(round).db"
            try FileManager.default.copyItem(atPath: path, toPath: copy)
            for number in 0..<3 {
                let bytes = Int(random.next() % 1_000_000)
                let ending = try await Program.run(
                    ["--filter", "aStoreIsOpened", "--testing-library", "swift-testing"],
                    executable: FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
                    environment: ["HEARTH_OPEN_STORE": copy], directory: scene.folder.path
                ) { process in
                    var facts = stat()
                    let most = (stat(copy + "-wal", &facts) == 0 ? Int(facts.st_size) : 0) + bytes
                    // The process ends by itself where the log stays smaller.
                    while kill(process, 0) == 0 {
                        let isDue =
                            number == 1
                            ? hasMoved(copy) : stat(copy + "-wal", &facts) == 0 && Int(facts.st_size) > most
                        if isDue {
                            kill(process, SIGKILL)
                            return
                        }
                        usleep(200)
                    }
                }
                try #require(ending.isSignalled || ending.status == 0, "\(ending.output)\(ending.errors)")
                if number == 1 {
                    #expect(hasMoved(copy))
                    #expect(try File(copy).blob("SELECT count(*) > 0 FROM record_before") == Array("1".utf8))
                }
            }
            let store = try SQLiteStore(path: copy)
            #expect(try content(copy) == before)
            #expect(try store.read { try $0.readEverything() } == 9001)
        }
    }

    /// Whether a part of the records stands in the new table.
    private func hasMoved(_ path: String) -> Bool {
        var opened: OpaquePointer?
        defer { sqlite3_close_v2(opened) }
        var statement: OpaquePointer?
        guard sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK,
            sqlite3_busy_timeout(opened, 10_000) == SQLITE_OK,
            sqlite3_prepare_v2(opened, "SELECT 1 FROM record WHERE packing_id >= 0 LIMIT 1", -1, &statement, nil)
                == SQLITE_OK
        else { return false }
        defer { sqlite3_finalize(statement) }
        return sqlite3_step(statement) == SQLITE_ROW
    }

    /// A store of before is packed when it is opened; where that is cut off, what is done stays and the next one goes on.
    @Test func aStoreOfBeforeIsPackedAndGoesOnWhereItWasCutOff() throws {
        let (scene, path) = try sceneWithStoreOfBefore(at: "before.db")
        let before = try content(scene.folder.database)
        do {
            let file = try File(path)
            // A row that the new table cannot take: the second transaction stops at it.
            try file.run(
                """
                DROP INDEX record_key;
                CREATE INDEX record_key ON record(stream_id, key);
                UPDATE record SET key = CAST('k4' AS BLOB) WHERE id = 6002;
                """)
        }
        #expect(throws: HearthError.self) { try SQLiteStore(path: path) }
        do {
            let file = try File(path)
            #expect(try file.blob("SELECT count(*) FROM record") == Array("4096".utf8))
            try file.run("UPDATE record_before SET key = CAST('k6001' AS BLOB) WHERE id = 6002")
        }
        let store = try SQLiteStore(path: path)
        #expect(try content(path) == before)
        #expect(try store.read { try $0.readEverything() } == 9001)
        let file = try File(path)
        #expect(try file.blob("SELECT count(*) FROM sqlite_master WHERE name LIKE '%before'") == Array("0".utf8))
        let bytes = try #require(try file.blob("SELECT sum(length(packed)) < sum(length(hash)) * 9 FROM record"))
        #expect(bytes == Array("1".utf8))
    }
}
