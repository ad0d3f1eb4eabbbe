import HeatModel
package import Store

extension SQLSession {
    package func statement(of record: RecordID) throws -> RecordStatement? {
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

    package func statementCounts() throws -> [StatementCount] {
        let sql = """
            SELECT r.stream_id, count(*) FILTER (WHERE s.kind = 0), count(*) FILTER (WHERE s.kind = 1)
            FROM (SELECT record_id, 0 AS kind FROM place UNION ALL SELECT record_id, 1 FROM crosswalk) s
            LEFT JOIN record r ON r.id = s.record_id GROUP BY r.stream_id ORDER BY r.stream_id
            """
        return try rows(statement(sql)) {
            StatementCount(
                stream: $0.optionalInt(0).map { StreamID($0) }, places: $0.int(1), foreignIDs: $0.int(2))
        }
    }

    package func records(in stream: StreamID, linkedBy rule: LinkRule, after: RecordID?, limit: Int) throws
        -> [StoredRecord]
    {
        let sql = """
            SELECT \(Self.recordColumns) FROM record r \(Self.recordJoins)
            WHERE +r.stream_id = ?1 AND +r.rule = ?2 AND r.id > ?3 ORDER BY r.id LIMIT ?4
            """
        let list = try statement(sql).bind(1, stream.number).bind(2, Int64(rule.rawValue))
        return try rows(list.bind(3, after?.number ?? 0).bind(4, Int64(limit)), storedRecord)
    }

    // MARK: Writing

    package func removeStatementsOfNoRecord() throws {
        for table in ["place", "crosswalk"] { try statement("DELETE FROM \(table) WHERE record_id < 0").run() }
    }
}
