package import HeatModel
import JSONText
package import Store

/// Tells what has become true of accounts whose views become others, in the transaction that stores the views.
///
/// ```swift
/// var told = ViewEvents()
/// let isStored = try store.putViews(views) { told.note(views[$0].account, before: $1, after: views[$0].body) }
/// try told.tell(in: store, at: now)
/// ```
///
/// A first view tells nothing: what was true before Hearth saw the account is no news.
package struct ViewEvents {
    private var changes: [(account: AccountID, before: [UInt8], after: [UInt8])] = []

    package init() {}

    /// Notes that a view takes another one's place. Most changes concern nothing that is told: they cost a comparison of the bytes and one
    /// walk over the view's keys.
    package mutating func note(
        _ account: AccountID, before: UnsafeRawBufferPointer, after: UnsafeRawBufferPointer
    ) {
        guard ViewDifference(before, after).concernsEvents else { return }
        changes.append((account, Array(before), Array(after)))
    }

    /// Judges what was noted, and appends what is to be told.
    package func tell(in store: some EventWriter, at now: Instant) throws {
        // Each account's view is stored once: what is remembered of one hangs on no other.
        let memories = try store.eventMemory(of: changes.map { .account($0.account) })
        for (change, known) in zip(changes, memories) {
            let subject = EventSubject.account(change.account)
            let told = known.map { EventMemory($0) } ?? EventMemory()
            var judge = AccountJudge(account: change.account, at: now)
            let standings = (
                change.before.withUnsafeBytes { AccountStanding(view: $0, at: now) },
                change.after.withUnsafeBytes { AccountStanding(view: $0, at: now) }
            )
            judge.judge(standings.0, standings.1, told)
            try store.append(judge.events)
            let memory = judge.memory.isEmpty ? nil : judge.memory.bytes
            if memory != known { try store.setEventMemory(of: subject, memory) }
        }
    }
}

/// Where two views differ.
struct ViewDifference {
    /// Whether they differ in what events tell of.
    private(set) var concernsEvents = false

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
                if Self.supplyDiffers(before, after) { concernsEvents = true }
            } else if key.equals("charges") || key.equals("payments") || key.equals("work_orders")
                || key.equals("work_order_events")
            {
                concernsEvents = true
            }
            if concernsEvents { return }
        }
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
