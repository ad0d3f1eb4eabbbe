import GRDBSQLite
import HeatModel
import Store

extension Session {
    func forEachView(_ body: (AccountID, UnsafeRawBufferPointer) throws -> Void) throws {
        let statement = try statement("SELECT account_id, body FROM account_view ORDER BY account_id")
        defer { statement.reset() }
        while try statement.step() { try body(AccountID(statement.int(0)), statement.bytes(1)) }
    }

    func view(_ account: AccountID) throws -> StoredView? {
        try first(statement("SELECT body FROM account_view WHERE account_id = ?1").bind(1, account.number)) {
            StoredView(account: account, body: $0.blob(0))
        }
    }

    func position(stream: StreamID, key: UnsafeRawBufferPointer) throws -> RecordPosition? {
        let sql = """
            SELECT r.run_id, o.name, r.ordinal FROM record r JOIN origin o ON o.id = r.origin_id
            WHERE r.stream_id = ?1 AND r.key = ?2
            """
        return try first(statement(sql).bind(1, stream.number).bind(2, blob: key)) {
            RecordPosition(run: RunID($0.int(0)), origin: $0.text(1), ordinal: $0.int(2))
        }
    }

    func forEachPlacedRecord(_ body: (AccountID, RecordSlice) throws -> Void) throws {
        // The partial index record_placed holds these alone.
        let statement = try statement(
            """
            SELECT account_id, stream_id, key, body FROM record INDEXED BY record_placed
            WHERE rule = 3 AND voided = 0 AND account_id IS NOT NULL ORDER BY stream_id, key
            """)
        defer { statement.reset() }
        while try statement.step() {
            try body(
                AccountID(statement.int(0)),
                RecordSlice(stream: StreamID(statement.int(1)), key: statement.bytes(2), body: statement.bytes(3)))
        }
    }

    func forEachLeftOutRecord(_ body: (RecordSlice) throws -> Void) throws {
        let statement = try statement(
            """
            SELECT stream_id, key, body FROM record INDEXED BY record_left_out
            WHERE (voided = 1 OR account_id IS NULL) ORDER BY stream_id, key
            """)
        defer { statement.reset() }
        while try statement.step() {
            try body(
                RecordSlice(stream: StreamID(statement.int(0)), key: statement.bytes(1), body: statement.bytes(2)))
        }
    }

    func sharedPlaces() throws -> [(numbers: [String], community: String)] {
        let places = try statement(
            """
            SELECT community, building, unit, room FROM place WHERE community <> '' AND building <> '' AND room <> ''
            GROUP BY community, building, room, unit HAVING count(*) > 1 ORDER BY community, building, room, unit
            """)
        let found = try rows(places) { [$0.text(0), $0.text(1), $0.text(2), $0.text(3)] }
        let members = try statement(
            """
            SELECT a.number FROM place p JOIN account a ON a.id = p.account_id
            WHERE p.community = ?1 AND p.building = ?2 AND p.unit = ?3 AND p.room = ?4 ORDER BY a.number
            """)
        return try found.map { place in
            for (index, part) in place.enumerated() { members.bind(Int32(index + 1), part) }
            return (try rows(members) { $0.text(0) }, place[0])
        }
    }

    func originName(_ origin: OriginID) throws -> String? {
        try first(statement("SELECT name FROM origin WHERE id = ?1").bind(1, origin.number)) { $0.text(0) }
    }

    func newestRun() throws -> RunID? {
        try first(statement("SELECT max(id) FROM run")) { $0.optionalInt(0).map { RunID($0) } } ?? nil
    }

    func repeatedRows(stream: StreamID) throws -> Int64 {
        let sql = """
            SELECT coalesce(sum(duplicate), 0) FROM run WHERE stream_id = ?1
            AND id >= coalesce((SELECT max(id) FROM run WHERE stream_id = ?1 AND mode = 'full' AND state = 'success'), 0)
            """
        return try first(statement(sql).bind(1, stream.number)) { $0.int(0) } ?? 0
    }
}
