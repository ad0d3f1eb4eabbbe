import Foundation

/// The offsets of a time zone through history, for turning local times into instants.
///
/// A local time that a clock change skipped or repeated is read with the offset in force before the change.
struct ZoneRules: Sendable {
    /// Local seconds since 1970-01-01T00:00:00 local, at which the offset of the same index begins; ascending, from `Int64.min`.
    private let begins: [Int64]
    /// Seconds since 1970-01-01T00:00:00Z of the same changes.
    private let changes: [Int64]
    /// Minutes east of UTC.
    private let offsets: [Int16]

    static var names: [String] { TimeZone.knownTimeZoneIdentifiers }

    static func isKnown(_ name: String) -> Bool {
        TimeZone(identifier: name) != nil && name.contains("/") || name == "UTC"
    }

    /// Nil where there is no such zone.
    init?(_ name: String) {
        guard Self.isKnown(name), let zone = TimeZone(identifier: name) else { return nil }
        var date = Date(timeIntervalSince1970: -2_208_988_800)  // 1900-01-01
        let end = Date(timeIntervalSince1970: 4_102_444_800)  // 2100-01-01
        var before = zone.secondsFromGMT(for: date)
        var begins = [Int64.min]
        var changes = [Int64.min]
        var offsets = [Int16(before / 60)]
        while let change = zone.nextDaylightSavingTimeTransition(after: date), change < end, change > date {
            let after = zone.secondsFromGMT(for: change)
            date = change
            if after == before { continue }
            changes.append(Int64(change.timeIntervalSince1970.rounded()))
            begins.append(Int64(change.timeIntervalSince1970.rounded()) + Int64(max(before, after)))
            offsets.append(Int16(after / 60))
            before = after
        }
        self.begins = begins
        self.changes = changes
        self.offsets = offsets
    }

    /// From here on the offset no longer changes, so far as is known: local seconds and offset.
    var last: (begin: Int64, offset: Int) { (begins[begins.count - 1], Int(offsets[offsets.count - 1])) }

    /// Minutes east of UTC at a local time.
    func offset(atLocalSecond second: Int64) -> Int { offset(of: second, among: begins) }

    /// Minutes east of UTC at a moment.
    func offset(atSecond second: Int64) -> Int { offset(of: second, among: changes) }

    private func offset(of second: Int64, among begins: [Int64]) -> Int {
        var low = 0
        var high = begins.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if begins[middle] <= second { low = middle } else { high = middle }
        }
        return Int(offsets[low])
    }
}
