import GRDB
import GRDBSQLite
import HeatModel
import Store
import StoreSQL

/// The tables whose rows are packed since step 14 of the schema, and those of before that are emptied into them.
struct PackedTable {
    let name: String
    /// What a message calls a row, by its key.
    let what: String
    let key: String
    /// What else a row keeps.
    let columns: String
    let beside: String
    /// The number of the rows' subject.
    let subject: String

    var before: String { name + "_before" }

    static let all = [
        PackedTable(
            name: "record", what: "record", key: "id",
            columns: "stream_id, key, account_id, rule, voided, run_id, origin_id, ordinal, hash", beside: "raw",
            subject: "stream_id"),
        PackedTable(
            name: "record_history", what: "earlier version", key: "id",
            columns: """
                record_id, stream_id, key, account_id, rule, voided, run_id, origin_id, ordinal, hash, ended_run_id, ended_reason
                """, beside: "raw", subject: "stream_id"),
        PackedTable(
            name: "account_view", what: "view of account", key: "account_id", columns: "settled_us", beside: "runs",
            subject: "\(Packing.Subject.views)"),
    ]
}

extension Schema {
    /// The tables get new ones in their place; ``Session/repack(rows:)`` moves the rows, a transaction at a time.
    static func pack(_ db: Database) throws {
        for index in [
            "record_key", "record_account", "record_placed", "record_left_out", "record_history_key",
            "record_history_account",
        ] { try db.execute(sql: "DROP INDEX \(index)") }
        for table in PackedTable.all { try db.execute(sql: "ALTER TABLE \(table.name) RENAME TO \(table.before)") }
        try db.execute(
            sql: """
                CREATE TABLE packing(
                    id INTEGER PRIMARY KEY, subject INTEGER NOT NULL, kind INTEGER NOT NULL, share INTEGER NOT NULL,
                    content BLOB NOT NULL);
                CREATE TABLE record(
                    id INTEGER PRIMARY KEY, stream_id INTEGER NOT NULL, key BLOB NOT NULL, account_id INTEGER,
                    rule INTEGER NOT NULL, voided INTEGER NOT NULL, run_id INTEGER NOT NULL, origin_id INTEGER NOT NULL,
                    ordinal INTEGER NOT NULL, hash BLOB NOT NULL, packing_id INTEGER NOT NULL, packed BLOB NOT NULL);
                CREATE UNIQUE INDEX record_key ON record(stream_id, key);
                CREATE INDEX record_account ON record(account_id) WHERE account_id IS NOT NULL;
                CREATE INDEX record_placed ON record(stream_id, key) WHERE rule = 3;
                CREATE INDEX record_left_out ON record(stream_id, key) WHERE (voided = 1 OR account_id IS NULL);
                CREATE TABLE record_history(
                    id INTEGER PRIMARY KEY, record_id INTEGER NOT NULL, stream_id INTEGER NOT NULL, key BLOB NOT NULL,
                    account_id INTEGER, rule INTEGER NOT NULL, voided INTEGER NOT NULL, run_id INTEGER NOT NULL,
                    origin_id INTEGER NOT NULL, ordinal INTEGER NOT NULL, hash BLOB NOT NULL, packing_id INTEGER NOT NULL,
                    packed BLOB NOT NULL, ended_run_id INTEGER NOT NULL, ended_reason TEXT NOT NULL);
                CREATE INDEX record_history_key ON record_history(stream_id, key);
                CREATE INDEX record_history_account ON record_history(account_id) WHERE account_id IS NOT NULL;
                CREATE TABLE account_view(
                    account_id INTEGER PRIMARY KEY, packing_id INTEGER NOT NULL, packed BLOB NOT NULL, settled_us INTEGER);
                """)
        for table in PackedTable.all {
            let isEmpty = try Int.fetchOne(db, sql: "SELECT 1 FROM \(table.before) LIMIT 1") == nil
            if isEmpty { try db.execute(sql: "DROP TABLE \(table.before)") }
        }
    }
}

extension Session {
    /// The first table that still has rows of before.
    func tableToRepack() throws -> PackedTable? {
        let names = try rows(statement("SELECT name FROM sqlite_master WHERE type = 'table'")) { $0.text(0) }
        return PackedTable.all.first { names.contains($0.before) }
    }

    /// Moves rows of before into their new table, each with its number: what is moved is told by what is left, so that a process that is
    /// killed leaves a store that the next one goes on with.
    func repack(rows limit: Int = 4096) throws {
        guard let table = try tableToRepack() else { return }
        let read = try Statement(
            connection,
            "SELECT \(table.key), \(table.subject), body, \(table.beside) FROM \(table.before) ORDER BY \(table.key) LIMIT ?1"
        )
        let found = try rows(read.bind(1, Int64(limit))) {
            (key: $0.int(0), subject: $0.int(1), body: $0.blob(2), beside: $0.optionalBlob(3))
        }
        guard let last = found.last else {
            try Statement(connection, "DROP TABLE \(table.before)").run()
            return
        }
        let put = try Statement(
            connection,
            """
            INSERT INTO \(table.name)(\(table.key), \(table.columns), packing_id, packed)
            SELECT \(table.key), \(table.columns), ?2, ?3 FROM \(table.before) WHERE \(table.key) = ?1
            """)
        for (subject, members) in Dictionary(grouping: found, by: \.subject).sorted(by: { $0.key < $1.key }) {
            let subject = try packing.subject(subject)
            guard packing.wantsSamples(subject) else { continue }
            // One buffer, for the samples to stand still in.
            let bytes = members.flatMap { $0.body + ($0.beside ?? []) }
            try bytes.withUnsafeBytes { bytes in
                var start = 0
                func part(_ count: Int) -> UnsafeRawBufferPointer {
                    defer { start += count }
                    return UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
                }
                try packing.prepare(
                    subject,
                    members.map { PackedTexts(body: part($0.body.count), beside: $0.beside.map { part($0.count) }) })
            }
        }
        for row in found {
            let subject = try packing.subject(row.subject)
            put.bind(1, row.key)
            try row.body.withUnsafeBytes { body in
                let (number, bytes) =
                    try row.beside?.withUnsafeBytes { try packing.pack(body, $0, as: subject) }
                    ?? packing.pack(body, nil, as: subject)
                try put.bind(2, number).bind(3, blob: bytes).run()
            }
        }
        try Statement(connection, "DELETE FROM \(table.before) WHERE \(table.key) <= ?1").bind(1, last.key).run()
    }
}
