package import HeatModel
package import Store

extension SQLSession {
    package func outages(at places: [OutagePlace], openSince since: Instant?) throws -> [(
        stream: StreamID, key: [UInt8]
    )] {
        let list = try statement(
            """
            SELECT stream_id, key FROM outage_place
            WHERE level = ?1 AND place = ?2 AND (?3 IS NULL OR ends_us IS NULL OR ends_us > ?3) ORDER BY 1, 2
            """)
        var found: [(stream: StreamID, key: [UInt8])] = []
        for place in places {
            list.bind(1, Int64(place.level.rawValue)).bind(2, place.name).bind(3, since?.microseconds)
            for row in try rows(list, { (stream: StreamID($0.int(0)), key: $0.blob(1)) })
            where !found.contains(where: { $0.stream == row.stream && $0.key == row.key }) {
                found.append(row)
            }
        }
        return found.sorted {
            $0.stream == $1.stream ? $0.key.lexicographicallyPrecedes($1.key) : $0.stream.number < $1.stream.number
        }
    }

    package func noteOutage(
        stream: StreamID, key: UnsafeRawBufferPointer, at place: OutagePlace, endsAt: Instant?
    ) throws {
        let put = try statement(
            """
            INSERT INTO outage_place(level, place, stream_id, key, ends_us) VALUES(?1, ?2, ?3, ?4, ?5)
            ON CONFLICT(level, place, stream_id, key) DO UPDATE SET ends_us = excluded.ends_us
            """)
        try put.bind(1, Int64(place.level.rawValue)).bind(2, place.name).bind(3, stream.number).bind(4, blob: key)
            .bind(5, endsAt?.microseconds).run()
    }
}
