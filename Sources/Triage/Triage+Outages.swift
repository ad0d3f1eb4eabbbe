import AccountView
import Explanation
import HeatModel
import Store

extension Triage {
    /// The outages that concern the account's places, the latest first.
    func outages(_ facts: AccountFacts) throws -> [Finding] {
        let places = facts.outagePlaces
        // What has been known of a past moment may have been put right since: of that every record is looked at.
        let hours = max(rules.endedHours, rules.unclearHours)
        let since = Instant(
            microseconds: now.microseconds - hours * 3_600_000_000, offsetMinutes: now.offsetMinutes)
        var found: [(begins: Int64, finding: Finding)] = []
        for (stream, key) in try store.outages(at: places, openSince: moment == nil ? since : nil) {
            guard let record = try version(stream, key), !record.isVoided else { continue }
            var outage = record.body.withUnsafeBytes { Outage(body: $0) }
            outage.beginsAt = local(outage.beginsAt)
            outage.expectedEndAt = local(outage.expectedEndAt)
            outage.endedAt = local(outage.endedAt)
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
            instant.map { (0..<hours).contains(Self.hours(from: $0, to: now)) } ?? false
        }
        switch outage.standing(at: now, isOtherDay: isOtherDay) {
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
        // Of one that goes on and states no time, nobody knows how old it is.
        if outage.state == .ongoing, outage.beginsAt == nil, outage.expectedEndAt == nil, outage.endedAt == nil {
            return .outageUnclear
        }
        let stated = [outage.beginsAt, outage.expectedEndAt, outage.endedAt].compactMap(\.self)
        let last = stated.max { $0.microseconds < $1.microseconds }
        // Also a time that is still to come.
        return last.map { abs(Self.hours(from: $0, to: now)) < rules.unclearHours } ?? false ? .outageUnclear : nil
    }
}
