import Foundation
import GRDBSQLite
import HearthTesting
import HeatModel
import Records
import SQLConnector
import Testing

/// What a pull handed over.
struct Pulled {
    var batches: [RawBatch] = []
    var summary = PullSummary()

    var rows: [[String?]] {
        batches.flatMap { batch in
            (0..<batch.rowCount).map { row in batch.columns.indices.map { batch.text(row: row, column: $0) } }
        }
    }
    var defects: [RecordDefect] { batches.flatMap(\.defects) }
    var cursor: Cursor? { batches.last { $0.cursor != nil }?.cursor }
}

extension SQLConnector {
    func pulled(_ request: PullRequest, each: (RawBatch) throws -> Void = { _ in }) throws -> Pulled {
        var pulled = Pulled()
        pulled.summary = try pull(request) { batch in
            pulled.batches.append(batch)
            try each(batch)
        }
        return pulled
    }
}

extension SQLConnector {
    /// Pulls until no transaction of another test keeps the cursor where it is: MariaDB tells of those of all databases.
    func settled(_ request: PullRequest) throws -> Pulled {
        while true {
            let pulled = try pulled(request)
            if !pulled.summary.notices.contains(where: { $0.code == "cursor.transactionOpen" }) { return pulled }
        }
    }
}

extension PostgresDatabase {
    func connector(
        _ streams: SQLStream..., user: String? = nil, password: String? = nil, statementTimeout: Int = 0,
        zone: String = "Asia/Shanghai"
    ) -> SQLConnector {
        let conninfo = user.map { dsn(user: $0, password: password) } ?? dsn
        return SQLConnector(
            source: "billing",
            driver: .postgres(PostgresOptions(conninfo: conninfo, statementTimeout: statementTimeout)),
            streams: streams, zone: zone)
    }
}

/// A SQLite file in a folder of its own, removed with its owner.
final class SQLiteFile: Sendable {
    let folder: String
    let path: String

    init(_ sql: String) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("hearth-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        path = folder + "/billing.db"
        try execute(sql)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func execute(_ sql: String) throws {
        var handle: OpaquePointer?
        defer { sqlite3_close_v2(handle) }
        try #require(sqlite3_open(path, &handle) == SQLITE_OK)
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        try #require(code == SQLITE_OK, "\(String(cString: sqlite3_errmsg(handle)))")
    }

    func connector(_ streams: SQLStream...) -> SQLConnector {
        SQLConnector(source: "billing", driver: .sqlite(path), streams: streams)
    }
}

func hearthError(_ body: () throws -> Void) throws -> HearthError {
    do { try body() } catch { return try #require(error as? HearthError) }
    Issue.record("nothing was thrown")
    throw HearthError(.init("run.unexpected"), "nothing was thrown")
}
