import Foundation
import HearthTesting
import HeatModel
import Mapping
import PostgresStore
import Records
import SQLiteStore
import Store
import StoreCopy
import StoreSQL
import Synchronization
import Testing

@testable import Setup
@testable import Sync

/// A folder of its own with a real store and real mapping files, removed with the last reference to it.
final class House: Sendable {
    let folder: String
    let store: any TableStore
    private let copies = Mutex<Int>(0)

    /// Where the store lies, where it is no file.
    private let server: PostgresDatabase?

    /// A minute passes at each look.
    private let minutes = Mutex<Int64>(0)
    let stop = StopSignal()

    init(
        mappings: [String: String] = Texts.all, on kind: StoreKind = .standard,
        clock: @escaping StoreClock = SQLiteStore.systemClock
    ) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("hearth-sync-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder + "/Mappings", withIntermediateDirectories: true)
        server = kind == .server ? try PostgresServer.shared().createDatabase() : nil
        store =
            try server.map { try PostgresStore(conninfo: $0.dsn, clock: clock) }
            ?? SQLiteStore(path: folder + "/hearth.db", clock: clock)
        for (name, text) in mappings { try write(name, text) }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// The store as a file: of a database a copy of what it holds now, a new one at each look.
    var database: String {
        if server == nil { return folder + "/hearth.db" }
        let path = folder + "/copy-\(copies.withLock { $0 += 1; return $0 }).db"
        do {
            _ = try StoreCopy(from: store, to: SQLiteStore(path: path, cacheMegabytes: 1)).run()
        } catch {
            Issue.record(error)
        }
        return path
    }

    /// Does to the store what no program of ours would; in SQLite's words where the two databases differ.
    func damage(_ sql: String) throws {
        guard let server else { return try StoreDump.execute(folder + "/hearth.db", sql) }
        let portable = sql.replacing("CAST(key AS TEXT)", with: "convert_from(key, 'UTF8')")
            .replacing(/CAST\((.+?) AS BLOB\)/) { "convert_to(\($0.1), 'UTF8')" }
            .replacing(/x'([0-9a-f]*)'/) { "'\\x\($0.1)'::bytea" }
        try server.execute(portable)
    }

    /// Writes a mapping file (`billing.charges`, `unified`).
    func write(_ name: String, _ text: String) throws {
        try text.write(toFile: "\(folder)/Mappings/\(name).yaml", atomically: true, encoding: .utf8)
    }

    func now() -> Instant {
        Instant(
            microseconds: 1_763_200_000_000_000 + minutes.withLock {
                $0 += 1; return $0
            } * 60_000_000, offsetMinutes: 480)
    }

    func engine(_ store: (any Store)? = nil) -> SyncEngine {
        SyncEngine(store: store ?? self.store, clock: { [self] in now() }, isCancelled: { [stop] in stop.isSet })
    }

    func stream(_ name: String, _ source: any Connector) throws -> SyncStream {
        let mapping = try MappingFile.load(path: "\(folder)/Mappings/\(name).yaml")
        return SyncStream(name: mapping.stream, connector: source, mapping: mapping, zone: "Asia/Shanghai")
    }

    /// One run.
    @discardableResult
    func run(
        _ name: String, _ source: any Connector, mode: PullRequest.Mode = .incremental, batchRows: Int = 3,
        limit: Int? = nil,
        policy: VanishPolicy = VanishPolicy()
    ) throws -> RunReport {
        try engine().run(
            stream(name, source), options: .init(mode: mode, limit: limit, policy: policy, batchRows: batchRows))
    }

    func workspace(
        _ sources: [(MemorySource, streams: [String])], policy: VanishPolicy = VanishPolicy(), isArchived: Bool = false
    ) throws -> Workspace {
        let configuration = HearthConfiguration(
            path: folder + "/hearth.yaml", storePath: database, mappings: folder + "/Mappings", policy: policy,
            sources: sources.map {
                .init(name: $0.0.source, connector: $0.0, zone: "Asia/Shanghai", streams: $0.streams)
            }, archive: isArchived ? ArchiveSettings(folder: folder + "/archive", isSynced: false) : nil)
        return Workspace(
            configuration: configuration, mappings: try MappingSet.load(directory: folder + "/Mappings"), store: store,
            clock: { [self] in now() }, isCancelled: { [stop] in stop.isSet })
    }

    /// Accounts 00000001… in 阳光花园, building 1, room 101….
    func introduceAccounts(_ count: Int) throws {
        try run(
            "customer.residents",
            MemorySource("customer", [.table(Texts.residentColumns, (1...count).map { Texts.resident($0) })]))
    }

    // MARK: Looking

    func id(_ stream: String) throws -> StreamID {
        try store.read { try $0.streams() }.first { $0.name == stream }?.id ?? StreamID(0)
    }

    func record(_ stream: String, _ key: String) throws -> StoredRecord? {
        let id = try id(stream)
        return try Array(key.utf8).withUnsafeBytes { key in try store.read { try $0.record(stream: id, key: key) } }
    }

    func history(_ stream: String, _ key: String) throws -> [StoredRecord] {
        let id = try id(stream)
        return try Array(key.utf8).withUnsafeBytes { key in try store.read { try $0.history(stream: id, key: key) } }
    }

    func keys(_ stream: String) throws -> [String] {
        let id = try id(stream)
        return try store.read { store in
            var keys: [String] = []
            try store.forEachRecord(in: id) { keys.append(String(decoding: $1, as: UTF8.self)) }
            return keys
        }
    }

    func quarantine(_ stream: String, _ state: QuarantineState? = .open) throws -> [QuarantinedRecord] {
        let id = try id(stream)
        return try store.read { try $0.quarantine(stream: id, state: state, code: nil, after: nil, limit: .max) }
    }

    func accountNumber(_ record: StoredRecord?) throws -> String? {
        guard let account = record?.account else { return nil }
        return try store.read { try $0.accountNumber(account) }
    }

    func view(_ number: String) throws -> String? {
        try Array(number.utf8).withUnsafeBytes { number in
            try store.read { try $0.view(number: number) }.map { String(decoding: $0.body, as: UTF8.self) }
        }
    }

    func runs(_ stream: String) throws -> [Run] {
        let id = try id(stream)
        return try store.read { try $0.runs(stream: id, limit: .max) }
    }

    func state(_ stream: String) throws -> SyncState {
        let id = try id(stream)
        return try store.read { try $0.state(stream: id) }
    }

    func setting(_ name: String) throws -> String? { try store.read { try $0.setting(name) } }
}

extension StoredRecord {
    var text: String { String(decoding: body, as: UTF8.self) }
}

extension RunReport {
    /// `read/new/changed/unchanged/duplicate/quarantined/vanished`.
    var books: String { counts.books }
}

extension RunCounts {
    var books: String { "\(read)/\(new)/\(changed)/\(unchanged)/\(duplicate)/\(quarantined)/\(vanished)" }
}

extension Trait where Self == ConditionTrait {
    /// Of tests that look into the store's file, or damage it.
    static var ofTheStoresFile: Self {
        .enabled(if: StoreKind.standard == .file, "it looks into the SQLite store's file, or damages it on purpose")
    }
}

/// A seed and a store: all of a range over the standard one and, in an ordinary run, its last over the other, too.
struct Weather: Sendable, CustomTestStringConvertible {
    var seed: Int
    var kind: StoreKind
    var testDescription: String { "\(seed), \(kind)" }

    static func each(_ seeds: Range<Int>) -> [Weather] {
        seeds.map { Weather(seed: $0, kind: .standard) }
            + StoreKind.each.filter { $0 != .standard }.map { Weather(seed: seeds.upperBound - 1, kind: $0) }
    }
}
