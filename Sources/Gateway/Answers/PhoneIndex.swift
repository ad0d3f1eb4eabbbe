import AccountView
import Foundation
import HeatModel
import Mapping
import Records
import Store
import Synchronization

/// Which accounts have a phone. Kept in memory, 16 bytes a phone, made at the first search (some seconds for a million
/// accounts) and made anew once a run has changed a stream that states phones.
///
/// The phones themselves are not in it, only a digest of 64 bits of each; what is found is looked up in the account's view
/// before it is told.
final class PhoneIndex: Sendable {
    private struct Entry {
        var digest: UInt64
        var account: Int64
    }

    private struct Table: Sendable {
        var entries: [Entry] = []
        var version = ""
    }

    private let store: any ServingStore
    private let streams: [String]
    /// Held while it is made: those who search meanwhile wait for it.
    private let table = Mutex(Table())

    init(store: any ServingStore, unified: UnifiedView) {
        self.store = store
        streams =
            unified.facts.first { $0.field.name == "holder.phones" }?.from.map(\.description) ?? []
    }

    /// Digits alone, without China's prefix; nil where there are too few or too many of them.
    static func folded(_ text: String) -> String? {
        let folded = text.precomposedStringWithCompatibilityMapping
        var digits = folded.filter { $0.isASCII && $0.isNumber }
        guard folded.allSatisfy({ ($0.isASCII && $0.isNumber) || " -+()".contains($0) }) else { return nil }
        if folded.hasPrefix("+86") { digits.removeFirst(2) } else if digits.hasPrefix("0086") { digits.removeFirst(4) }
        return (5...20).contains(digits.count) ? digits : nil
    }

    /// Numbers of the accounts, in byte order.
    func accounts(_ phone: String, limit: Int, _ source: some ViewSource) throws -> [String] {
        let version = try version(source.reader)
        let digest = Self.digest(Array(phone.utf8))
        let accounts: [Int64] = try table.withLock { table in
            if table.version != version { table = Table(entries: try entries(), version: version) }
            var low = 0
            var high = table.entries.count
            while low < high {
                let middle = (low + high) / 2
                if table.entries[middle].digest < digest { low = middle + 1 } else { high = middle }
            }
            var found: [Int64] = []
            while low < table.entries.count, table.entries[low].digest == digest, found.count < limit * 2 {
                found.append(table.entries[low].account)
                low += 1
            }
            return found
        }
        var numbers: [String] = []
        for account in accounts {
            guard var number = try source.reader.accountNumber(AccountID(account)), !numbers.contains(number) else {
                continue
            }
            var isStated = false
            _ = try number.withUTF8 { number in
                try source.withView(number: UnsafeRawBufferPointer(number)) { view in
                    Self.forEachPhone(in: view) { if Array($0) == Array(phone.utf8) { isStated = true } }
                }
            }
            if isStated { numbers.append(number) }
        }
        return Array(numbers.sorted().prefix(limit))
    }

    /// Another one once a run has changed one of the streams.
    private func version(_ reader: any StoreReader) throws -> String {
        var parts: [String] = [String(try reader.touchedCount())]
        for stream in try reader.streams() where streams.contains(stream.name) {
            let changing = try reader.runs(stream: stream.id, limit: 100).first {
                $0.counts.new + $0.counts.changed + $0.counts.vanished > 0 || $0.mode != "incremental"
            }
            parts.append("\(stream.name) \(changing?.id.number ?? 0) \(changing?.endedAt?.microseconds ?? 0)")
        }
        return parts.joined(separator: ";")
    }

    private func entries() throws -> [Entry] {
        let snapshot = try store.makeSnapshotReader(cacheMegabytes: 4)
        try snapshot.begin()
        defer { snapshot.end() }
        var entries: [Entry] = []
        try snapshot.forEachView(after: nil) { account, view in
            Self.forEachPhone(in: view) { phone in
                entries.append(Entry(digest: Self.digest(phone), account: account.number))
            }
            return true
        }
        entries.sort { ($0.digest, $0.account) < ($1.digest, $1.account) }
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
