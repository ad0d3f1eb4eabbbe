import HeatModel
package import Store

extension SQLSession {
    /// Two keyed reads a stream, in one statement.
    package func firstPulls() throws -> [StreamID: FirstPull] {
        let sql = """
            SELECT s.id, r.started_at, (SELECT id FROM run WHERE stream_id = s.id AND \(Self.isPull) ORDER BY id LIMIT 1)
            FROM stream s JOIN run r ON r.id = (SELECT id FROM run WHERE stream_id = s.id ORDER BY id LIMIT 1)
            """
        let pulls = try rows(statement(sql)) { row in
            guard let begun = Instant(row.text(1)) else {
                throw Self.unreadable("the first run of stream \(row.int(0)) began at no instant: \(row.text(1))")
            }
            return (StreamID(row.int(0)), FirstPull(begunAt: begun, whole: row.optionalInt(2).map { RunID($0) }))
        }
        return Dictionary(uniqueKeysWithValues: pulls)
    }
}
