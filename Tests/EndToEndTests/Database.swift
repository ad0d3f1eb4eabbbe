import Foundation
import GRDBSQLite
import SQLiteStore

/// A SQLite file seen with other eyes than the store's; used by one task at a time.
final class Database {
    private let handle: OpaquePointer

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    init(path: String, readOnly: Bool = true) throws {
        var opened: OpaquePointer?
        let flags = readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE
        guard sqlite3_open_v2(path, &opened, flags, nil) == SQLITE_OK, let opened else {
            sqlite3_close(opened)
            throw Failure(description: "cannot open \(path)")
        }
        handle = opened
        sqlite3_busy_timeout(opened, 10_000)
        try PackedColumns.add(to: opened)
        // Over a view nothing can be written.
        if readOnly, sqlite3_exec(opened, PackedColumns.views, nil, nil, nil) != SQLITE_OK {
            throw failure(PackedColumns.views)
        }
    }

    deinit { sqlite3_close(handle) }

    /// The rows of a query; BLOBs are read as text, NULL is `nil`.
    @discardableResult
    func rows(_ sql: String) throws -> [[String?]] {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else { throw failure(sql) }
        defer { sqlite3_finalize(statement) }
        var rows: [[String?]] = []
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW:
                rows.append(
                    (0..<sqlite3_column_count(statement)).map { column in
                        if sqlite3_column_type(statement, column) == SQLITE_NULL { return nil }
                        guard let bytes = sqlite3_column_blob(statement, column) else { return "" }
                        let count = Int(sqlite3_column_bytes(statement, column))
                        return String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
                    })
            case SQLITE_DONE: return rows
            default: throw failure(sql)
            }
        }
    }

    /// The first column of a query.
    func column(_ sql: String) throws -> [String] { try rows(sql).map { $0[0] ?? "" } }

    func number(_ sql: String) throws -> Int { Int(try column(sql).first ?? "") ?? 0 }

    private func failure(_ sql: String) -> Failure {
        Failure(description: "\(String(cString: sqlite3_errmsg(handle))): \(sql)")
    }
}

extension Database {
    /// Everything that a store says of the company, in a fixed order: no run, clock or number of the store's own is in it.
    ///
    /// - Parameter withPlaces: whether to say also where each record was read from. The number of a row in a query's answer is
    ///   left out, that of a record in a service's pages and how often a page was asked for: they depend
    ///   on where a run began and on the machine, and the key names the row.
    func dump(withPlaces: Bool = true) throws -> [String] {
        // Which time of asking was answered depends on how busy the machine is.
        let name = "CASE WHEN instr(o.name, ' attempt ') > 0 THEN substr(o.name, 1, instr(o.name, ' attempt ') - 1) ELSE o.name END"
        let place = withPlaces ? "\(name), CASE WHEN o.kind = 'table' THEN '' ELSE r.ordinal END" : "''"
        func records(_ table: String, _ more: String) -> String {
            """
            SELECT '\(table)', s.name, r.key, a.number, r.rule, r.voided, hex(r.hash), r.body, hex(r.raw), c.columns, \(place)\(more)
            FROM \(table) r JOIN stream s ON s.id = r.stream_id JOIN origin o ON o.id = r.origin_id
            JOIN column_set c ON c.id = o.column_set_id LEFT JOIN account a ON a.id = r.account_id ORDER BY 1, 2, 3, r.id
            """
        }
        let queries = [
            records("record", ""), records("record_history", ", r.ended_reason"),
            "SELECT 'account', number FROM account ORDER BY 2",
            "SELECT DISTINCT 'crosswalk', c.system, c.external_id, a.number FROM crosswalk c JOIN account a ON a.id = c.account_id ORDER BY 2, 3",
            """
            SELECT DISTINCT 'place', a.number, p.community, p.building, p.unit, p.room FROM place p
            JOIN account a ON a.id = p.account_id ORDER BY 2, 3, 4, 5, 6
            """,
            "SELECT 'view', a.number, v.body FROM account_view v JOIN account a ON a.id = v.account_id ORDER BY 2",
            "SELECT 'touched', a.number FROM touched_account t JOIN account a ON a.id = t.account_id ORDER BY 2",
            "SELECT 'house', id, company, station, community, building FROM cohort_house ORDER BY 2",
            "SELECT 'member', a.number, m.house_id, hex(m.body) FROM cohort_member m JOIN account a ON a.id = m.account_id ORDER BY 2",
            "SELECT 'page', house_id, kind, hex(body) FROM cohort_page ORDER BY 2, 3",
            "SELECT 'cohort', level, place, kind, hex(body) FROM cohort ORDER BY 2, 3, 4",
            "SELECT 'touched house', house_id FROM cohort_touched ORDER BY 2",
            """
            SELECT 'quarantine', s.name, q.state, q.code, q.message, q.field_column, q.key, q.candidates, hex(q.raw), q.is_split, q.note
            \(withPlaces ? ", CASE WHEN q.place LIKE '% page % record %' THEN '' ELSE q.place END" : "")
            FROM quarantine q JOIN stream s ON s.id = q.stream_id ORDER BY 2, 7, 9
            """,
            "SELECT 'total', s.name, t.measure, t.count, t.sum_fen FROM stream_total t JOIN stream s ON s.id = t.stream_id ORDER BY 2, 3",
            // What a cursor remembers of the answers depends on how often they came, not on what they said.
            """
            SELECT 'stream', name, entity, records,
                   CASE WHEN instr(cursor, ' seen=') > 0 THEN substr(cursor, 1, instr(cursor, ' seen=') - 1) ELSE cursor END
            FROM stream ORDER BY 2
            """,
        ]
        return try queries.flatMap { try rows($0).map { $0.map { $0 ?? "NULL" }.joined(separator: " | ") } }
    }
}

/// The first differences of two listings, nil where there are none.
func difference(_ left: [String], _ right: [String], limit: Int = 8) -> String? {
    if left == right { return nil }
    let onlyLeft = Set(left).subtracting(right).sorted()
    let onlyRight = Set(right).subtracting(left).sorted()
    let lines =
        onlyLeft.prefix(limit).map { "- " + shortened($0) } + onlyRight.prefix(limit).map { "+ " + shortened($0) }
    return "\(onlyLeft.count) only left, \(onlyRight.count) only right\n" + lines.joined(separator: "\n")
}

private func shortened(_ line: String) -> String {
    line.count <= 500 ? line : line.prefix(300) + " … " + line.suffix(200)
}
