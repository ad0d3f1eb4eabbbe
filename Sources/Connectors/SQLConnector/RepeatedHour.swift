import Foundation
import HeatModel
import Records

/// The local times that a zone's clock shows twice, because it is put back. A row that is written when they come again has a value that
/// is less than those before.
struct RepeatedHour {
    /// Microseconds since 1970 as that clock counts them, without an offset.
    private let start: Int64
    private let end: Int64

    /// The repeated times that are nearest to a local time.
    private init?(near local: Int64, in zone: TimeZone) {
        func offset(_ seconds: Int64) -> Int64 {
            Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(seconds))))
        }
        let seconds = local / 1_000_000
        var (before, after) = (seconds - 129_600, seconds + 129_600)
        let (high, low) = (offset(before), offset(after))
        guard high > low else { return nil }
        while after - before > 1 {
            let middle = before + (after - before) / 2
            if offset(middle) == high { before = middle } else { after = middle }
        }
        start = (after + low) * 1_000_000
        end = (after + high) * 1_000_000
    }

    /// Where the repeated times begin that a value lies in, by the offset of `now`; nil where it lies in none, or says its offset.
    static func start(of value: String, _ order: CursorOrder, in zone: String, now: Instant) -> Int64? {
        guard isLocal(value, order), let zone = TimeZone(identifier: zone),
            let local = order.moment(value, offsetMinutes: 0), let hour = RepeatedHour(near: local, in: zone),
            (hour.start..<hour.end).contains(local)
        else { return nil }
        return hour.start - Int64(now.offsetMinutes) * 60_000_000
    }

    /// Whether a value states the time of day by the clock of some zone, and not which.
    private static func isLocal(_ value: String, _ order: CursorOrder) -> Bool {
        value.utf8.count > 10 && order.moment(value, offsetMinutes: 0) != order.moment(value, offsetMinutes: 60)
    }

    /// What `check` warns of, where the clock of the zone is put back within a year.
    /// - Parameter value: the greatest of the cursor column; nil for a column whose type says that it is local.
    static func findings(
        _ stream: SQLStream, column: String, _ value: String?, _ order: CursorOrder, in name: String, now: Instant
    ) -> [CheckFinding] {
        guard stream.lookback < 3600, value.map({ isLocal($0, order) }) ?? true, let zone = TimeZone(identifier: name),
            (0..<370).contains(where: {
                RepeatedHour(near: now.microseconds + $0 * 86_400_000_000, in: zone) != nil
            })
        else { return [] }
        return [
            CheckFinding(
                "lookback of \(stream.name)", .warning,
                "\(column) has local times, and the clock of \(name) shows an hour twice when it is put back: rows of the second time come below the cursor, and pulls read the whole hour again",
                advice: "Set lookback to 3600 at the least, or follow a column that has its offset (timestamptz).")
        ]
    }
}

extension Instant {
    /// A moment with the offset that a zone's clock has then; UTC where nobody knows the zone.
    init(microseconds: Int64, inZone name: String) {
        let date = Date(timeIntervalSince1970: TimeInterval(microseconds / 1_000_000))
        let offset = (TimeZone(identifier: name) ?? .gmt).secondsFromGMT(for: date) / 60
        self.init(microseconds: microseconds, offsetMinutes: Int16(offset))
    }
}
