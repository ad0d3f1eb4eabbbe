package import HeatModel
import JSONText
package import Store

/// Tells what has become true of accounts whose views become others, in the transaction that stores the views.
///
/// ```swift
/// var told = ViewEvents(try FirstReadings(in: store, at: now))
/// let isStored = try store.putViews(views) { told.note(views[$0], before: $1) }
/// try told.tell(in: store, at: now)
/// ```
///
/// A first view tells nothing, and nothing is told of what a stream says in its first reading: what was true before Hearth saw it is no
/// news.
package struct ViewEvents {
    private struct Change {
        var account: AccountID
        var before: [UInt8]
        var after: [UInt8]
        /// The ``RecordRuns`` of it.
        var runs: [UInt8]?
    }

    private let readings: FirstReadings
    private var changes: [Change] = []

    package init(_ readings: FirstReadings) { self.readings = readings }

    /// Notes that a view takes another one's place. Most changes concern nothing that is told: they cost a comparison of the bytes and one
    /// walk over the view's keys.
    package mutating func note(_ view: IncomingView, before: UnsafeRawBufferPointer) {
        let difference = ViewDifference(before, view.body)
        guard difference.concernsEvents else { return }
        // Nothing can have vanished, and nothing is new: not worth a reading of both views, and a first sync is made of such.
        if difference.isOnlyMore, readings.areAll(in: view.runs) { return }
        changes.append(
            Change(
                account: view.account, before: Array(before), after: Array(view.body), runs: view.runs.map { Array($0) }
            ))
    }

    private func memory(of judge: AccountJudge) -> [UInt8]? { judge.memory.isEmpty ? nil : judge.memory.bytes }

    /// Judges what was noted, and appends what is to be told.
    package func tell(in store: some EventWriter, at now: Instant) throws {
        // Each account's view is stored once: what is remembered of one hangs on no other.
        let memories = try store.eventMemory(of: changes.map { .account($0.account) })
        for (change, known) in zip(changes, memories) {
            let subject = EventSubject.account(change.account)
            let told = known.map { EventMemory($0) } ?? EventMemory()
            var before = change.before.withUnsafeBytes { AccountStanding(view: $0, at: now) }
            let after = change.after.withUnsafeBytes { AccountStanding(view: $0, at: now) }
            var judge = AccountJudge(account: change.account, at: now)
            judge.judge(before, after, told)
            if !judge.events.isEmpty || memory(of: judge) != known {
                // Rare enough to look which of it a first reading states.
                var records = change.runs?.withUnsafeBytes { readings.records(in: $0) } ?? []
                records.subtract(change.before.withUnsafeBytes { AccountStanding.records(listedIn: $0) })
                change.after.withUnsafeBytes { before.take(records, from: $0, at: now) }
                judge = AccountJudge(account: change.account, at: now)
                judge.judge(before, after, told)
            }
            try store.append(judge.events)
            let kept = memory(of: judge)
            if kept != known { try store.setEventMemory(of: subject, kept) }
        }
    }
}

/// Where two views differ.
struct ViewDifference {
    /// Whether they differ in what events tell of.
    private(set) var concernsEvents = false
    /// Whether the view before stated no order, payment or charge, and supply as the other does.
    private(set) var isOnlyMore = false

    init(_ before: UnsafeRawBufferPointer, _ after: UnsafeRawBufferPointer) {
        let first = Self.commonPrefix(before, after)
        let shared = min(before.count, after.count) - first
        let tail = Self.commonSuffix(before, after, atMost: shared)
        let last = after.count - tail
        var cursor = JSONCursor(bytes: after)
        guard cursor.beginObject(), let begin = after.baseAddress else { return }
        while let key = cursor.nextKey() {
            let value = cursor.value()
            guard let at = value.baseAddress else { return }
            let start = at - begin
            // Behind the last difference both say the same, and before the first.
            if start > last { return }
            if start + value.count < first { continue }
            if key.equals("facts") {
                if Self.supplyDiffers(before, after) {
                    concernsEvents = true
                    return
                }
            } else if AccountStanding.lists.contains(where: { key.equals($0) }) {
                concernsEvents = true
                isOnlyMore = !Self.statesAnything(before) && !Self.supplyDiffers(before, after)
                return
            }
        }
    }

    private static func statesAnything(_ view: UnsafeRawBufferPointer) -> Bool {
        var members = JSONMembers(view)
        while let (key, value) = members.next() {
            // An empty list is `[]`.
            if value.count > 2, AccountStanding.lists.contains(where: { key.equals($0) }) { return true }
        }
        return false
    }

    private static func supplyDiffers(_ before: UnsafeRawBufferPointer, _ after: UnsafeRawBufferPointer) -> Bool {
        func value(_ name: StaticString, _ view: UnsafeRawBufferPointer) -> String? {
            JSONMembers.value(of: "facts", in: view).flatMap { JSONMembers.value(of: name, in: $0)?.text }
        }
        return value("supply_state", before) != value("supply_state", after)
            || value("supply_valve", before) != value("supply_valve", after)
    }

    private static func commonPrefix(_ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> Int {
        let most = min(one.count, other.count)
        var index = 0
        while index + 8 <= most,
            one.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                == other.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        { index += 8 }
        while index < most, one[index] == other[index] { index += 1 }
        return index
    }

    private static func commonSuffix(
        _ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer, atMost most: Int
    ) -> Int {
        var count = 0
        while count + 8 <= most,
            one.loadUnaligned(fromByteOffset: one.count - count - 8, as: UInt64.self)
                == other.loadUnaligned(fromByteOffset: other.count - count - 8, as: UInt64.self)
        { count += 8 }
        while count < most, one[one.count - count - 1] == other[other.count - count - 1] { count += 1 }
        return count
    }
}
