import GRDB
import HeatModel

/// When the runs of an older store ended, as a number that can be compared.
enum RunEnds {
    static func fill(_ db: Database) throws {
        let rows = try Row.fetchAll(db, sql: "SELECT id, state, started_at, ended_at FROM run WHERE state <> 'running'")
        let ends = rows.map { row -> (id: Int64, moment: Int64) in
            // A run that was cut off did at least begin.
            let text: String = row["ended_at"] ?? row["started_at"]
            return (row["id"], Instant(text)?.microseconds ?? 0)
        }
        var last = Int64.min
        for end in ends.sorted(by: { ($0.moment, $0.id) < ($1.moment, $1.id) }) {
            last = max(end.moment, last == .min ? end.moment : last + 1)
            try db.execute(sql: "UPDATE run SET ended_us = ? WHERE id = ?", arguments: [last, end.id])
        }
    }
}
