import GRDB
import GRDBSQLite
import HeatModel
import Store

extension Schema {
    /// What the old tables say stays readable until the records have stated it again, under numbers that no record has.
    ///
    /// Which record had stated what, they did not keep, and the mapping files that tell are not at hand here: the next sync goes through
    /// the records (`statements.restated` says how far), and then takes the old rows away.
    static func splitStatements(_ db: Database) throws {
        try db.execute(
            sql: """
                ALTER TABLE place RENAME TO place_before;
                DROP INDEX place_key;
                CREATE TABLE place(
                    record_id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, community TEXT NOT NULL, building TEXT NOT NULL,
                    unit TEXT NOT NULL, room TEXT NOT NULL);
                INSERT INTO place SELECT -account_id, account_id, community, building, unit, room FROM place_before
                    WHERE community <> '';
                CREATE INDEX place_key ON place(community, building, room, unit);
                DROP TABLE place_before;
                ALTER TABLE crosswalk RENAME TO crosswalk_before;
                CREATE TABLE crosswalk(
                    record_id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, system TEXT NOT NULL, external_id TEXT NOT NULL);
                INSERT INTO crosswalk
                    SELECT -row_number() OVER (ORDER BY system, external_id), account_id, system, external_id FROM crosswalk_before;
                CREATE INDEX crosswalk_id ON crosswalk(system, external_id, account_id);
                DROP TABLE crosswalk_before;
                INSERT INTO setting(name, value) SELECT 'statements.restated', '0 0' WHERE EXISTS (SELECT 1 FROM record);
                """)
    }
}

extension Session {
    func statement(of record: RecordID) throws -> RecordStatement? {
        let place = try first(
            statement("SELECT account_id, community, building, unit, room FROM place WHERE record_id = ?1").bind(
                1, record.number)
        ) {
            RecordStatement.Stated(
                PlaceKey(community: $0.text(1), building: $0.text(2), unit: $0.text(3), room: $0.text(4)),
                of: AccountID($0.int(0)))
        }
        let foreignID = try first(
            statement("SELECT account_id, system, external_id FROM crosswalk WHERE record_id = ?1").bind(
                1, record.number)
        ) { RecordStatement.Stated(ForeignID(system: $0.text(1), id: $0.blob(2)), of: AccountID($0.int(0))) }
        return place == nil && foreignID == nil ? nil : RecordStatement(place: place, foreignID: foreignID)
    }

    func statementCounts() throws -> [StatementCount] {
        let sql = """
            SELECT r.stream_id, sum(s.kind = 0), sum(s.kind = 1)
            FROM (SELECT record_id, 0 AS kind FROM place UNION ALL SELECT record_id, 1 FROM crosswalk) s
            LEFT JOIN record r ON r.id = s.record_id GROUP BY r.stream_id ORDER BY r.stream_id
            """
        return try rows(statement(sql)) {
            StatementCount(
                stream: $0.optionalInt(0).map { StreamID($0) }, places: $0.int(1), foreignIDs: $0.int(2))
        }
    }

    func records(in stream: StreamID, linkedBy rule: LinkRule, after: RecordID?, limit: Int) throws -> [StoredRecord] {
        let sql = """
            SELECT \(Self.recordColumns) FROM record r \(Self.recordJoins)
            WHERE +r.stream_id = ?1 AND +r.rule = ?2 AND r.id > ?3 ORDER BY r.id LIMIT ?4
            """
        let list = try statement(sql).bind(1, stream.number).bind(2, Int64(rule.rawValue))
        return try rows(list.bind(3, after?.number ?? 0).bind(4, Int64(limit)), storedRecord)
    }

    // MARK: Writing

    func setPlace(_ place: PlaceKey?, of account: AccountID, statedBy record: RecordID) throws {
        guard let place, !place.community.isEmpty else { return try removePlace.get().bind(1, record.number).run() }
        // What stays as it was is not written: SQLite would take its entry out of the index and put it in again.
        let put = try putPlace.get().bind(1, record.number).bind(2, account.number).bind(3, place.community)
        try put.bind(4, place.building).bind(5, place.unit).bind(6, place.room).run()
    }

    func setForeignID(
        _ id: UnsafeRawBufferPointer?, system: String, of account: AccountID, statedBy record: RecordID
    ) throws {
        guard let id, !id.isEmpty else { return try removeForeignID.get().bind(1, record.number).run() }
        try putForeignID.get().bind(1, record.number).bind(2, account.number).bind(3, system).bind(4, text: id).run()
    }

    func removeStatementsOfNoRecord() throws {
        for table in ["place", "crosswalk"] { try statement("DELETE FROM \(table) WHERE record_id < 0").run() }
    }
}
