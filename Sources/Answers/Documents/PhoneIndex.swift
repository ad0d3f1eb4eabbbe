import Foundation
import HeatModel
import JSONText
import Mapping
import Records
import Store
import Synchronization

/// Which accounts have a phone. Kept in memory, 16 bytes a phone, made at the first search (some seconds for a million
/// accounts) and made again, by one search while the others use the old one, once a run has changed a stream that states phones.
/// While views wait to be rebuilt that is done each 30 s at most: a phone that came in with the sync that is at work is found
/// so much later, or when the sync is done.
///
/// The phones themselves are not in it, only a digest of 64 bits of each; what is found is looked up in the account's view
/// before it is returned.
package final class PhoneIndex: Sendable {
    private struct Entry {
        var digest: UInt64
        var account: Int64
    }

    /// Shows whether phones have changed.
    private struct State: Sendable {
        /// The latest run that changed something, of each stream that states phones.
        var runs: String
        /// Views that wait to be rebuilt.
        var waiting: Int64
    }

    private struct Table: Sendable {
        var entries: [Entry]
        /// What the store was like when it was made.
        var state: State
        var madeAt: ContinuousClock.Instant
        /// Of those that were made.
        var number = 0
    }

    private static let leastPause = Duration.seconds(30)

    private let store: any SnapshotReading
    private let streams: [String]
    private let now: @Sendable () -> ContinuousClock.Instant
    private let table = Mutex<Table?>(nil)
    /// Held while one is made.
    private let making = Mutex(())

    init(
        store: any SnapshotReading, unified: UnifiedView,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.store = store
        self.now = now
        streams =
            unified.facts.first { $0.field.name == "holder.phones" }?.from.map(\.description) ?? []
    }

    /// Digits alone, without China's prefix; nil where there are too few or too many of them.
    package static func folded(_ text: String) -> String? {
        let folded = text.precomposedStringWithCompatibilityMapping
        var digits = folded.filter { $0.isASCII && $0.isNumber }
        guard folded.allSatisfy({ ($0.isASCII && $0.isNumber) || " -+()".contains($0) }) else { return nil }
        if folded.hasPrefix("+86") { digits.removeFirst(2) } else if digits.hasPrefix("0086") { digits.removeFirst(4) }
        return (5...20).contains(digits.count) ? digits : nil
    }

    /// Numbers of the accounts, in byte order.
    func accounts(_ phone: String, limit: Int, _ source: some ViewSource) throws -> [String] {
        let entries = try current(source.reader)
        let digest = Self.digest(Array(phone.utf8))
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].digest < digest { low = middle + 1 } else { high = middle }
        }
        let accounts = entries[low...].prefix(limit * 2).prefix { $0.digest == digest }.map(\.account)
        var numbers: [String] = []
        for account in accounts {
            guard var number = try source.reader.accountNumber(AccountID(account)), !numbers.contains(number) else {
                continue
            }
            var isStated = false
            _ = try number.withUTF8 { number in
                try source.withView(number: UnsafeRawBufferPointer(number)) { view in
                    Self.forEachPhone(in: view.body) { if Array($0) == Array(phone.utf8) { isStated = true } }
                }
            }
            if isStated { numbers.append(number) }
        }
        return Array(numbers.sorted().prefix(limit))
    }

    private func current(_ reader: any StoreReader) throws -> [Entry] {
        guard let old = table.withLock({ $0 }) else {
            // Without any, those who search meanwhile wait for the first.
            return try making.withLock { _ in try table.withLock { $0 }?.entries ?? make() }
        }
        guard isOld(old, try state(reader)) else { return old.entries }
        let renewed = try making.withLockIfAvailable { _ in
            // Another search may have made one since.
            if let other = table.withLock({ $0 }), other.number != old.number { return other.entries }
            return try make()
        }
        return renewed ?? old.entries
    }

    private func isOld(_ table: Table, _ state: State) -> Bool {
        if table.state.runs == state.runs, table.state.waiting == 0, state.waiting == 0 { return false }
        return state.waiting == 0 || now() - table.madeAt >= Self.leastPause
    }

    private func state(_ reader: any StoreReader) throws -> State {
        var parts: [String] = []
        for stream in try reader.streams() where streams.contains(stream.name) {
            let changing = try reader.runs(stream: stream.id, limit: 100).first {
                $0.counts.new + $0.counts.changed + $0.counts.vanished > 0
                    || !["incremental", "account"].contains($0.mode)
            }
            parts.append("\(stream.name) \(changing?.id.number ?? 0) \(changing?.endedAt?.microseconds ?? 0)")
        }
        return State(runs: parts.joined(separator: ";"), waiting: try reader.touchedCount())
    }

    /// The caller holds ``making``.
    private func make() throws -> [Entry] {
        let snapshot = try store.makeSnapshotReader(cacheMegabytes: 4)
        try snapshot.begin()
        defer { snapshot.end() }
        let state = try state(snapshot.reader)
        var entries: [Entry] = []
        try snapshot.forEachView(after: nil) { account, view in
            Self.forEachPhone(in: view) { phone in
                entries.append(Entry(digest: Self.digest(phone), account: account.number))
            }
            return true
        }
        entries.sort { ($0.digest, $0.account) < ($1.digest, $1.account) }
        table.withLock { table in
            table = Table(entries: entries, state: state, madeAt: now(), number: (table?.number ?? 0) + 1)
        }
        return entries
    }

    private static func forEachPhone(in view: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        guard let facts = JSONMembers.value(of: "facts", in: view),
            let list = JSONMembers.value(of: "holder_phones", in: facts)
        else { return }
        var phones = JSONMembers(list)
        while let (_, phone) = phones.next() { body(phone.unquoted) }
    }

    private static func digest(_ bytes: some Collection<UInt8>) -> UInt64 {
        Array(bytes).withUnsafeBytes { ContentTag.of($0, seed: 7) }
    }
}
