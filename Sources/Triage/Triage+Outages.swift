import AccountView
import Explanation
import HeatModel
import Store

extension Triage {
    /// The outages that concern the account's places, the latest first.
    func outages(_ facts: AccountFacts) throws -> [Finding] {
        let places = facts.outagePlaces
        // What has been known of a past moment may have been put right since: of that every record is looked at.
        let since = Instant(
            microseconds: now.microseconds - rules.endedHours * 3_600_000_000, offsetMinutes: now.offsetMinutes)
        var found: [(begins: Int64, finding: Finding)] = []
        for (stream, key) in try store.outages(at: places, openSince: moment == nil ? since : nil) {
            guard let record = try version(stream, key), !record.isVoided else { continue }
            let outage = record.body.withUnsafeBytes { Outage(body: $0) }
            guard let place = outage.place, places.contains(place), let kind = kind(of: outage) else { continue }
            found.append(
                (
                    outage.beginsAt?.microseconds ?? .min,
                    Finding(
                        kind, .outage(outage, place.level), evidence: [try money.evidence(record, in: store)])
                ))
        }
        return found.sorted { $0.begins > $1.begins }.map(\.finding)
    }

    /// The record as it is, or as it was at the moment asked about.
    private func version(_ stream: StreamID, _ key: [UInt8]) throws -> StoredRecord? {
        try key.withUnsafeBytes { key in
            let current = try store.record(stream: stream, key: key)
            guard let moment else { return current }
            func hasBegun(_ record: StoredRecord) throws -> Bool {
                try store.hasEnded(RunID(record.provenance.run), by: moment)
            }
            if let current, try hasBegun(current) { return current }
            return try store.history(stream: stream, key: key).first { version in
                guard let ended = version.ended, try hasBegun(version) else { return false }
                return try !store.hasEnded(ended.run, by: moment)
            }
        }
    }

    /// What the outage means for a home that is cold now; nil for nothing.
    func kind(of outage: Outage) -> Finding.Kind? {
        func isWithin(_ hours: Int64, of instant: Instant?) -> Bool {
            instant.map { Self.hours(from: $0, to: now) < hours } ?? false
        }
        switch outage.standing(at: now) {
        case .cancelled: return nil
        case .ended: return isWithin(rules.endedHours, of: outage.endedAt) ? .outageEnded : nil
        case .ahead:
            return outage.beginsAt.flatMap { Self.hours(from: now, to: $0) < rules.aheadHours ? .outageAhead : nil }
        case .present:
            // One that nobody has ended is no reason for a cold home weeks later.
            if outage.expectedEnd != nil || isWithin(rules.openHours, of: outage.beginsAt) { return .outage }
        case .overdue: if isWithin(rules.overdueHours, of: outage.expectedEnd) { return .outageOverdue }
        case .unclear: break
        }
        let stated = [outage.beginsAt, outage.expectedEndAt, outage.endedAt].compactMap(\.self)
        let last = stated.max { $0.microseconds < $1.microseconds }
        return isWithin(rules.unclearHours, of: last) ? .outageUnclear : nil
    }
}
