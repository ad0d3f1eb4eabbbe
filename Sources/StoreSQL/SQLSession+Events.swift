import HeatModel
package import Store

extension SQLSession {
    private static var eventColumns: String {
        """
        e.number, e.mark, e.type, a.number, e.level, e.place, e.at_us, e.at_offset, e.noted_us, e.body
        """
    }

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

    package func oldestEvent() throws -> EventPosition? {
        try first(statement("SELECT min(number) FROM event")) { $0.optionalInt(0) }.flatMap { $0 }.map {
            EventPosition($0)
        }
    }

    package func events(after position: EventPosition?, matching filter: EventFilter, limit: Int) throws
        -> [StoredEvent]
    {
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

    package func events(at positions: [EventPosition]) throws -> [StoredEvent] {
        let one = try statement(
            """
            SELECT \(Self.eventColumns) FROM event e LEFT JOIN account a ON a.id = e.account_id WHERE e.number = ?1
            """)
        return try positions.sorted().compactMap { position in
            try first(one.bind(1, position.number)) { try storedEvent($0) }
        }
    }

    package func eventMemory(of subjects: [EventSubject]) throws -> [[UInt8]?] {
        try subjects.map { subject in
            switch subject {
            case .account(let account):
                let one = try statement("SELECT body FROM account_event_memory WHERE account_id = ?1")
                return try first(one.bind(1, account.number)) { $0.blob(0) }
            case .record(let stream, let key): return try eventMemory(ofRecord: key, in: stream)
            }
        }
    }

    package func eventMemory(ofRecord key: [UInt8], in stream: StreamID) throws -> [UInt8]? {
        let one = try statement("SELECT body FROM event_memory WHERE stream_id = ?1 AND key = ?2")
        return try first(one.bind(1, stream.number).bind(2, blob: key)) { $0.blob(0) }
    }

    // MARK: Writing

    package func setEventMemory(of subject: EventSubject, _ body: [UInt8]?) throws {
        switch (subject, body) {
        case (.account(let account), let body?):
            let put = try statement(
                """
                INSERT INTO account_event_memory(account_id, body) VALUES(?1, ?2)
                ON CONFLICT(account_id) DO UPDATE SET body = excluded.body
                """)
            try put.bind(1, account.number).bind(2, blob: body).run()
        case (.account(let account), nil):
            try statement("DELETE FROM account_event_memory WHERE account_id = ?1").bind(1, account.number).run()
        case (.record(let stream, let key), let body?):
            let put = try statement(
                """
                INSERT INTO event_memory(stream_id, key, body) VALUES(?1, ?2, ?3)
                ON CONFLICT(stream_id, key) DO UPDATE SET body = excluded.body
                """)
            try put.bind(1, stream.number).bind(2, blob: key).bind(3, blob: body).run()
        case (.record(let stream, let key), nil):
            let remove = try statement("DELETE FROM event_memory WHERE stream_id = ?1 AND key = ?2")
            try remove.bind(1, stream.number).bind(2, blob: key).run()
        }
    }

    package func trimEvents(keeping kept: Int64) throws {
        let (last, kept) = (try lastEvent().number, max(kept, 1))
        // What follows this number stays.
        var bound = last - kept
        let awaited = try first(
            statement(
                """
                SELECT min(awaited) FROM (
                    SELECT min(position) AS awaited FROM webhook WHERE disabled IS NULL
                    UNION ALL SELECT min(d.event - 1) FROM webhook_delivery d JOIN webhook w ON w.name = d.webhook
                    WHERE d.is_dead = 0 AND w.disabled IS NULL) AS subscribers
                """)
        ) { $0.optionalInt(0) }.flatMap { $0 }
        if let awaited, awaited < bound { bound = max(awaited, last - 2 * kept) }
        try statement("DELETE FROM event WHERE number <= ?1").bind(1, bound).run()
    }
}
