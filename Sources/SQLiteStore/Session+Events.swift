import GRDBSQLite
import HeatModel
import Store

extension Schema {
    /// AUTOINCREMENT: a number that was given is not given again, whatever has been let go of.
    static let events = """
        CREATE TABLE event(
            number INTEGER PRIMARY KEY AUTOINCREMENT, mark INTEGER NOT NULL, type TEXT NOT NULL, account_id INTEGER,
            level INTEGER, place TEXT, at_us INTEGER, at_offset INTEGER, noted_us INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE INDEX event_account ON event(account_id, number) WHERE account_id IS NOT NULL;
        CREATE INDEX event_place ON event(level, place, number) WHERE place IS NOT NULL;
        CREATE TABLE event_memory(
            stream_id INTEGER NOT NULL, key BLOB NOT NULL, body BLOB NOT NULL, PRIMARY KEY(stream_id, key)) WITHOUT ROWID;
        CREATE TABLE account_event_memory(account_id INTEGER PRIMARY KEY, body BLOB NOT NULL);
        """
}

extension Session {
    private static let eventColumns = """
        e.number, e.mark, e.type, a.number, e.level, e.place, e.at_us, e.at_offset, e.noted_us, e.body
        """

    private func storedEvent(_ row: Statement) throws -> StoredEvent {
        let place = try row.optionalText(5).map { name in
            guard let level = CohortLevel(rawValue: Int(row.int(4))) else {
                throw HearthError(.storeCorrupt, "event \(row.int(0)) is of no known level", at: .address("store"))
            }
            return OutagePlace(level: level, name: name)
        }
        return StoredEvent(
            position: EventPosition(row.int(0)), mark: UInt32(truncatingIfNeeded: row.int(1)), type: row.text(2),
            account: row.optionalText(3), place: place,
            at: row.optionalInt(6).map {
                Instant(microseconds: $0, offsetMinutes: Int16(truncatingIfNeeded: row.int(7)))
            }, notedAt: row.int(8), body: row.blob(9))
    }

    // MARK: Reading

    func lastEvent() throws -> EventPosition {
        EventPosition(try first(statement("SELECT seq FROM sqlite_sequence WHERE name = 'event'")) { $0.int(0) } ?? 0)
    }

    func oldestEvent() throws -> EventPosition? {
        try first(statement("SELECT min(number) FROM event")) { $0.optionalInt(0) }.flatMap { $0 }.map {
            EventPosition($0)
        }
    }

    func events(after position: EventPosition?, matching filter: EventFilter, limit: Int) throws -> [StoredEvent] {
        if let position {
            let last = try lastEvent()
            let oldest = try oldestEvent() ?? EventPosition(last.number + 1)
            if position.number + 1 < oldest.number || position > last { throw HearthError.eventsGone(after: position) }
        }
        let types = filter.types.sorted()
        var next: Int32 = 3
        func parameter() -> String {
            defer { next += 1 }
            return "?\(next)"
        }
        let ofType = types.isEmpty ? "" : "AND e.type IN (\(types.map { _ in parameter() }.joined(separator: ", ")))"
        var sources = ["SELECT number FROM event WHERE number > ?1"]
        if let scope = filter.scope {
            sources = ["SELECT number FROM event WHERE account_id = \(parameter()) AND number > ?1"]
            sources += scope.places.map { _ in
                "SELECT number FROM event WHERE level = \(parameter()) AND place = \(parameter()) AND number > ?1"
            }
        }
        let list = try statement(
            """
            SELECT \(Self.eventColumns) FROM event e LEFT JOIN account a ON a.id = e.account_id
            WHERE e.number \(filter.scope == nil ? "> ?1" : "IN (\(sources.joined(separator: " UNION ALL ")))") \(ofType)
            ORDER BY e.number LIMIT ?2
            """)
        list.bind(1, position?.number ?? 0).bind(2, Int64(limit))
        var index: Int32 = 3
        for type in types {
            list.bind(index, type)
            index += 1
        }
        if let scope = filter.scope {
            list.bind(index, scope.account.number)
            index += 1
            for place in scope.places {
                list.bind(index, Int64(place.level.rawValue)).bind(index + 1, place.name)
                index += 2
            }
        }
        return try rows(list) { try storedEvent($0) }
    }

    func events(at positions: [EventPosition]) throws -> [StoredEvent] {
        let one = try statement(
            """
            SELECT \(Self.eventColumns) FROM event e LEFT JOIN account a ON a.id = e.account_id WHERE e.number = ?1
            """)
        return try positions.sorted().compactMap { position in
            try first(one.bind(1, position.number)) { try storedEvent($0) }
        }
    }

    func eventMemory(of subject: EventSubject) throws -> [UInt8]? {
        switch subject {
        case .account(let account):
            let one = try statement("SELECT body FROM account_event_memory WHERE account_id = ?1")
            return try first(one.bind(1, account.number)) { $0.blob(0) }
        case .record(let stream, let key):
            let one = try statement("SELECT body FROM event_memory WHERE stream_id = ?1 AND key = ?2")
            return try first(one.bind(1, stream.number).bind(2, blob: key)) { $0.blob(0) }
        }
    }

    // MARK: Writing

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

    func setEventMemory(of subject: EventSubject, _ body: [UInt8]?) throws {
        switch (subject, body) {
        case (.account(let account), let body?):
            let put = try statement("INSERT OR REPLACE INTO account_event_memory(account_id, body) VALUES(?1, ?2)")
            try put.bind(1, account.number).bind(2, blob: body).run()
        case (.account(let account), nil):
            try statement("DELETE FROM account_event_memory WHERE account_id = ?1").bind(1, account.number).run()
        case (.record(let stream, let key), let body?):
            let put = try statement("INSERT OR REPLACE INTO event_memory(stream_id, key, body) VALUES(?1, ?2, ?3)")
            try put.bind(1, stream.number).bind(2, blob: key).bind(3, blob: body).run()
        case (.record(let stream, let key), nil):
            let remove = try statement("DELETE FROM event_memory WHERE stream_id = ?1 AND key = ?2")
            try remove.bind(1, stream.number).bind(2, blob: key).run()
        }
    }

    func trimEvents(keeping kept: Int64) throws {
        let (last, kept) = (try lastEvent().number, max(kept, 1))
        // What follows this number stays.
        var bound = last - kept
        let awaited = try first(
            statement(
                """
                SELECT min(awaited) FROM (
                    SELECT min(position) AS awaited FROM webhook WHERE disabled IS NULL
                    UNION ALL SELECT min(d.event - 1) FROM webhook_delivery d JOIN webhook w ON w.name = d.webhook
                    WHERE d.is_dead = 0 AND w.disabled IS NULL)
                """)
        ) { $0.optionalInt(0) }.flatMap { $0 }
        if let awaited, awaited < bound { bound = max(awaited, last - 2 * kept) }
        try statement("DELETE FROM event WHERE number <= ?1").bind(1, bound).run()
    }
}
