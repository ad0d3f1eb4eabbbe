import Foundation
import HeatModel
import SQLiteStore
import Store

@testable import Events

/// A store with one account, whose view becomes another one again and again; what is told each time.
final class Teller {
    let store: SQLiteStore
    let folder: URL
    private(set) var account = AccountID(0)

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("events-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try SQLiteStore(path: folder.path + "/hearth.db")
        account = try store.write { store in
            let stream = try store.stream(named: "billing.accounts", entity: .account)
            let run = try store.beginRun(
                stream: stream, mode: "full", mappingVersion: "1",
                at: Instant(microseconds: Moments.start, offsetMinutes: 480))
            return try Array("1".utf8).withUnsafeBytes { try store.introduceAccount(number: $0, run: run) }
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// A run that asks the stream.
    func beginRun(_ stream: String, _ entity: EntityKind, at moment: Int64 = Moments.start) throws -> RunID {
        try store.write { store in
            try store.beginRun(
                stream: store.stream(named: stream, entity: entity), mode: "full", mappingVersion: "1",
                at: Instant(microseconds: moment, offsetMinutes: 480))
        }
    }

    func endRun(_ run: RunID, _ state: RunState = .success) throws {
        try store.write { store in
            try store.endRun(
                run, state: state, at: Instant(microseconds: Moments.start, offsetMinutes: 480), error: nil, totals: [])
        }
    }

    /// The account's view is this one now. Returns what was told.
    ///
    /// - Parameter runs: which run brought which of its records, by stream and key; nil where that is not known.
    @discardableResult
    func see(_ view: String, at now: Int64, runs: [(stream: String, key: String, run: RunID)]? = nil) throws
        -> [StoredEvent]
    {
        try store.write { store in
            let last = try store.lastEvent()
            let streams = Dictionary(uniqueKeysWithValues: try store.streams().map { ($0.name, $0.id) })
            var packed = RecordRuns()
            for (stream, key, run) in runs ?? [] {
                Array(key.utf8).withUnsafeBytes { packed.append(streams[stream] ?? StreamID(0), key: $0, run) }
            }
            let instant = Instant(microseconds: now, offsetMinutes: 480)
            var events = ViewEvents(try FirstReadings(in: store, at: instant))
            try packed.bytes.withUnsafeBytes { packed in
                try Array(view.utf8).withUnsafeBytes { body in
                    let view = IncomingView(
                        account: account, touch: nil, body: body, runs: runs == nil ? nil : packed)
                    _ = try store.putViews([view]) { _, before in events.note(view, before: before) }
                }
            }
            try events.tell(in: store, at: instant)
            return try store.events(after: last, matching: EventFilter(), limit: 100)
        }
    }
}

enum Moments {
    /// 2025-11-15 17:46:40 in China.
    static let start: Int64 = 1_763_200_000_000_000
    static func text(_ microseconds: Int64) -> String {
        Instant(microseconds: microseconds, offsetMinutes: 480).description
    }
}
