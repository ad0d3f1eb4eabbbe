import GRDBSQLite
import HearthTesting
import HeatModel
import SQLiteStore

/// Everything that a store's file holds, table by table, each row as text: to tell whether anything changed.
struct StoreDump: Equatable {
    var tables: [String: [String]] = [:]

    /// The names of the tables that differ. Of a server the numbers are left out that were given last: they do not go back with a
    /// transaction.
    func difference(_ other: StoreDump) -> [String] {
        let passedOver: Set = StoreKind.standard == .server ? ["sqlite_sequence"] : []
        return Set(tables.keys).union(other.tables.keys).subtracting(passedOver)
            .filter { tables[$0] != other.tables[$0] }.sorted()
    }

    /// The whole file.
    init(_ path: String) throws { try self.init(path, columns: { _, column in column }) }

    /// What is left when the runs are left out of it: the data, and not the story of how it came.
    static func data(_ path: String) throws -> StoreDump {
        var dump = try StoreDump(path) { table, column in
            column.hasSuffix("run_id") || column == "origin_id" || ["settled_us", "runs", "fence"].contains(column)
                ? nil : column
        }
        for table in ["run", "run_total", "origin", "sqlite_sequence", "lease", "chain", "change_batch", "packing"] {
            dump.tables[table] = nil
        }
        return dump
    }

    /// What two stores that came by different ways have in common: records and views by their names, without numbers.
    static func meaning(_ path: String) throws -> StoreDump {
        var dump = StoreDump()
        let database = try Database(path)
        dump.tables["record"] = try database.rows(
            """
            SELECT s.name, hex(r.key), a.number, r.rule, r.voided, hex(r.hash), r.body, hex(r.raw) FROM record r
            JOIN stream s ON s.id = r.stream_id LEFT JOIN account a ON a.id = r.account_id ORDER BY s.name, r.key
            """)
        dump.tables["view"] = try database.rows(
            "SELECT a.number, v.body FROM account_view v JOIN account a ON a.id = v.account_id ORDER BY 1")
        dump.tables["totals"] = try database.rows(
            """
            SELECT s.name, s.records, t.measure, t.count, t.sum_fen FROM stream s LEFT JOIN stream_total t ON t.stream_id = s.id
            WHERE t.count IS NULL OR t.count <> 0 ORDER BY s.name, t.measure
            """)
        return dump
    }

    /// Does to the file what no store would.
    static func execute(_ path: String, _ sql: String) throws {
        var handle: OpaquePointer?
        defer { sqlite3_close_v2(handle) }
        let code = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, nil)
        if let handle { try PackedColumns.add(to: handle) }
        guard code == SQLITE_OK, sqlite3_busy_timeout(handle, 10_000) == SQLITE_OK,
            sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK
        else { throw HearthError(.init("store.failed"), String(cString: sqlite3_errmsg(handle))) }
    }

    private init() {}

    private init(_ path: String, columns: (String, String) -> String?) throws {
        let database = try Database(path)
        for table in try database.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name") {
            let names = try database.rows("SELECT name FROM pragma_table_info('\(table)')").compactMap {
                columns(table, $0)
            }
            let list = names.map { "quote(\"\($0)\")" }.joined(separator: ", ")
            tables[table] = try database.rows(
                "SELECT \(list.isEmpty ? "1" : list) FROM \(table) ORDER BY \(names.indices.map { "\($0 + 1)" }.joined(separator: ", "))"
            )
        }
    }

    private final class Database {
        private var handle: OpaquePointer?

        init(_ path: String) throws {
            guard sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, nil) == SQLITE_OK else { throw failure }
            // A store that is being closed holds its file for a moment.
            sqlite3_busy_timeout(handle, 10_000)
            if let handle { try PackedColumns.add(to: handle) }
            guard sqlite3_exec(handle, PackedColumns.views, nil, nil, nil) == SQLITE_OK else { throw failure }
        }

        deinit { sqlite3_close_v2(handle) }

        private var failure: HearthError { HearthError(.init("store.failed"), String(cString: sqlite3_errmsg(handle))) }

        func rows(_ sql: String) throws -> [String] {
            var statement: OpaquePointer?
            guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else { throw failure }
            defer { sqlite3_finalize(statement) }
            var rows: [String] = []
            while sqlite3_step(statement) == SQLITE_ROW {
                rows.append(
                    (0..<sqlite3_column_count(statement)).map { column in
                        sqlite3_column_text(statement, column).map { String(cString: $0) } ?? "NULL"
                    }.joined(separator: "|"))
            }
            return rows
        }
    }
}
