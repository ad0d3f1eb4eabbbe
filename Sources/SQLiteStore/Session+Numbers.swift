import GRDBSQLite
import HeatModel
import Store
import StoreSQL

/// What SQLite keeps in a table of its own: the greatest number that a table with AUTOINCREMENT has given.
extension Session {
    func lastEvent() throws -> EventPosition {
        EventPosition(try first(statement("SELECT seq FROM sqlite_sequence WHERE name = 'event'")) { $0.int(0) } ?? 0)
    }

    func append(_ events: [IncomingEvent]) throws {
        if events.isEmpty { return }
        let now = clock()
        let put = try statement(
            """
            INSERT INTO event(mark, type, account_id, level, place, at_us, at_offset, noted_us, body)
            VALUES(random() & 4294967295, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """)
        for event in events {
            put.bind(1, event.type).bind(2, event.account?.number)
            put.bind(3, event.place.map { Int64($0.level.rawValue) }).bind(4, event.place?.name)
            put.bind(5, event.at?.microseconds).bind(6, event.at.map { Int64($0.offsetMinutes) }).bind(7, now)
            try put.bind(8, blob: event.body).run()
        }
    }

    func reserveRuns(through run: RunID) throws {
        // AUTOINCREMENT keeps the greatest number ever given in this table, once there was one.
        try statement("UPDATE sqlite_sequence SET seq = max(seq, ?1) WHERE name = 'run'").bind(1, run.number).run()
        let sql =
            "INSERT INTO sqlite_sequence(name, seq) SELECT 'run', ?1 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'run')"
        try statement(sql).bind(1, run.number).run()
    }

    func runMark() throws -> String {
        // What another connection commits changes the first number, what this one writes the second.
        let version = try first(dataVersion.get()) { $0.int(0) } ?? 0
        let changes = sqlite3_total_changes64(connection)
        if let known = knownRunMark, known.version == version, known.changes == changes { return known.mark }
        let mark = try newestRunMark()
        knownRunMark = (version, changes, mark)
        return mark
    }
}
