import HeatModel
import Store
import StoreSQL

/// Numbers that have no gaps, also where a transaction is taken back: those of runs and events. A row of the table `counter` has the last.
extension Session {
    func lastEvent() throws -> EventPosition {
        EventPosition(try first(statement("SELECT value FROM counter WHERE name = 'event'")) { $0.int(0) } ?? 0)
    }

    func append(_ events: [IncomingEvent]) throws {
        if events.isEmpty { return }
        let count = try statement("UPDATE counter SET value = value + ?1 WHERE name = 'event' RETURNING value")
        let before = try inserted(count.bind(1, Int64(events.count))) - Int64(events.count)
        let numbers = ListParameter.numbers(before + 1...before + Int64(events.count))
        var (marks, accounts, levels) = (ListParameter(.integers), ListParameter(.integers), ListParameter(.integers))
        var (types, places, bodies) = (ListParameter(.texts), ListParameter(.texts), ListParameter(.byteStrings))
        var (moments, offsets) = (ListParameter(.integers), ListParameter(.integers))
        for event in events {
            marks.append(Int64(UInt32.random(in: 0 ... .max)))
            types.append(event.type)
            accounts.append(event.account?.number)
            levels.append(event.place.map { Int64($0.level.rawValue) })
            if let place = event.place { places.append(place.name) } else { places.appendNull() }
            moments.append(event.at?.microseconds)
            offsets.append(event.at.map { Int64($0.offsetMinutes) })
            event.body.withUnsafeBytes { bodies.append($0) }
        }
        let put = try statement(
            """
            INSERT INTO event(number, mark, type, account_id, level, place, at_us, at_offset, noted_us, body)
            SELECT v.number, v.mark, v.type, v.account, v.level, v.place, v.at_us, v.at_offset, ?10, v.body
            FROM unnest(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                AS v(number, mark, type, account, level, place, at_us, at_offset, body)
            """)
        put.bind(1, numbers).bind(2, marks).bind(3, types).bind(4, accounts).bind(5, levels).bind(6, places)
        try put.bind(7, moments).bind(8, offsets).bind(9, bodies).bind(10, clock()).run()
    }

    func reserveRuns(through run: RunID) throws {
        try statement("UPDATE counter SET value = ?1 WHERE name = 'run' AND value < ?1").bind(1, run.number).run()
    }
}
