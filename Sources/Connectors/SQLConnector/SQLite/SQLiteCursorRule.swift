import Foundation
import HeatModel

/// Which values of a cursor column move the cursor: numbers, and texts that are ISO dates or times (`2025-11-15`,
/// `2025-11-15 08:30:00`, with `T`, a fraction or an offset) not later than now.
///
/// A clock that runs ahead, a date such as 9999-12-31 or a text such as `N/A` must not carry the cursor to where no change is
/// ever seen again. Rows with such a value are read by every pull instead, as far as they stand outside of what is behind the cursor.
struct SQLiteCursorRule {
    let name: String
    /// The present by the clock of the source's zone, `2025-11-15 08:30:00`, and in seconds since 1970.
    private let local: String
    private let seconds: Int64

    init(name: String, zone: String, now: Date = Date()) {
        self.name = name
        seconds = Int64(now.timeIntervalSince1970)
        let offset = (TimeZone(identifier: zone) ?? .gmt).secondsFromGMT(for: now)
        let text = Instant(microseconds: (seconds + Int64(offset)) * 1_000_000, offsetMinutes: 0).description
        local = String(text.prefix(19).replacing("T", with: " "))
    }

    /// An SQL condition on the column.
    var moves: String { Self.moves(name, local: local, seconds: seconds) }

    /// The same of a value that was stored.
    func moves(_ value: SQLiteValue, _ connection: SQLiteConnection) throws -> Bool {
        let statement = try connection.prepare(
            "SELECT 1 FROM (SELECT ?1 AS v) WHERE \(Self.moves("v", local: local, seconds: seconds))")
        statement.bind(value, at: 1)
        return try statement.step()
    }

    private static func moves(_ name: String, local: String, seconds: Int64) -> String {
        let digit = "[0-9]"
        let two = digit + digit
        let day = "\(two)\(two)-\(two)-\(two)"
        // What follows the seconds is the offset, or nothing that counts.
        let clock =
            "CASE WHEN length(\(name)) = 10 THEN \(name) ELSE substr(\(name), 1, 16 + 3 * (\(name) GLOB '\(day)?\(two):\(two):\(two)*')) END"
        let hasOffset = "(\(name) GLOB '*\(digit)Z' OR \(name) GLOB '*\(digit)[+-]\(two):\(two)')"
        return """
            CASE typeof(\(name)) WHEN 'integer' THEN 1 WHEN 'real' THEN 1 WHEN 'text' THEN
            (\(name) GLOB '\(day)' OR \(name) GLOB '\(day)[ T]\(two):\(two)*') AND strftime('%s', \(clock)) IS NOT NULL
            AND CASE WHEN \(hasOffset) THEN coalesce(CAST(strftime('%s', \(name)) AS INTEGER) <= \(seconds), 0)
            ELSE replace(\(clock), 'T', ' ') <= '\(local)' END
            ELSE 0 END
            """
    }
}
