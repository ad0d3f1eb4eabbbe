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

    /// The account's view is this one now. Returns what was told.
    @discardableResult
    func see(_ view: String, at now: Int64) throws -> [StoredEvent] {
        try store.write { store in
            let last = try store.lastEvent()
            var events = ViewEvents()
            try Array(view.utf8).withUnsafeBytes { body in
                let views = [IncomingView(account: account, touch: nil, body: body, runs: nil)]
                _ = try store.putViews(views) { _, before in events.note(account, before: before, after: body) }
            }
            try events.tell(in: store, at: Instant(microseconds: now, offsetMinutes: 480))
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
