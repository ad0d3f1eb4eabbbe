import Disclosure
import HeatModel
package import Records
import Store
package import Sync

/// What a sync would change, with some of the changes as people read them.
package struct PlanSketch: Sendable {
    package struct Change: Encodable, Sendable {
        package var stream: String
        package var kind: String
        package var key: String
        /// Fields that differ; the values of personal fields are not shown.
        package var fields: [String]
    }

    package var outcome: PlanOutcome
    /// By stream, in the order in which the plan met them.
    package var changes: [StreamName: [Change]]

    /// Whether the store would be another.
    package var changesAnything: Bool {
        outcome.replayed.replayed > 0
            || outcome.reports.contains { report in
                var counts = report.counts
                if let remapped = report.remapped { counts += remapped }
                return counts.new + counts.changed + counts.vanished > 0 || report.newlyQuarantined > 0
            }
    }
}

extension Workspace {
    /// What a sync of the selection would do, without doing it. See ``plan(_:options:onChange:)``.
    ///
    /// - Parameter most: changes that are kept of each stream, at most half of them new records.
    package func sketch(
        _ selection: [String], options: SyncEngine.Options, keeping most: Int
    ) throws -> PlanSketch {
        var kept: [StreamName: [PlannedChange]] = [:]
        let outcome = try plan(selection, options: options) { stream, change in
            let count = kept[stream, default: []].count
            guard count < most, change.kind != .new || count < most / 2 else { return }
            kept[stream, default: []].append(change)
        }
        var shown: [StreamName: [PlanSketch.Change]] = [:]
        for (stream, changes) in kept {
            shown[stream] = try changes.map { change in
                PlanSketch.Change(
                    stream: stream.description, kind: change.kind.rawValue, key: RecordKey.text(change.key),
                    fields: try Self.differences(change.before, change.after))
            }
        }
        return PlanSketch(outcome: outcome, changes: shown)
    }

    /// The fields in which two canonical bodies differ.
    ///
    /// - Throws: `store.corrupt`.
    private static func differences(_ before: [UInt8]?, _ after: [UInt8]?) throws(HearthError) -> [String] {
        guard let before, let after else { return [] }
        let old = try StoredObject.members(of: before)
        let new = try StoredObject.members(of: after)
        return Set(old.keys).union(new.keys).sorted().compactMap { name in
            let one = old[name].map { "\($0)" }
            let other = new[name].map { "\($0)" }
            if one == other { return nil }
            return PersonalField.mask(ofKey: name) == nil ? "\(name) \(one ?? "–") → \(other ?? "–")" : name
        }
    }
}
