import Foundation
import HeatModel
import Store
import Synchronization

/// Thrown on purpose.
private struct TakeBack: Error {}

extension StoreConformance {
    func writesTogether(_ scene: StoreScene) throws {
        let store = scene.store
        let (threads, turns) = (8, 20)
        let problems = Mutex<[any Error]>([])
        let done = DispatchSemaphore(value: 0)
        for thread in 0..<threads {
            Thread {
                do {
                    for turn in 1...turns {
                        do {
                            let count = try store.writeTogether { store in
                                let count = try store.setting("together").flatMap { Int($0) } ?? 0
                                try store.setSetting("together", "\(count + 1)")
                                try store.setSetting("of \(thread)", "\(turn)")
                                if turn % 5 == 0 { throw TakeBack() }
                                return count
                            }
                            try expect(turn % 5 != 0, "an error did not arrive")
                            // It is committed: a read sees it.
                            let (all, own) = try store.read { (try $0.setting("together"), try $0.setting("of \(thread)")) }
                            try expect(all.flatMap { Int($0) } ?? 0 > count, "what was written is not seen")
                            try expect(own, is: "\(turn)", "what this thread wrote last")
                        } catch is TakeBack { try expect(turn % 5 == 0, "another's error arrived") }
                    }
                } catch { problems.withLock { $0.append(error) } }
                done.signal()
            }.start()
        }
        for _ in 0..<threads { done.wait() }
        if let problem = problems.withLock(\.first) { throw problem }
        let written = threads * turns * 4 / 5
        try expect(try store.read { try $0.setting("together") }, is: "\(written)", "writes that were kept")
        try expect(try store.read { try $0.setting("of 0") }, is: "\(turns - 1)", "the last that was kept")
    }

    func throwingTakesBack(_ scene: StoreScene) throws {
        let id = try scene.store.write { try scene.insert($0, "kept", body: "{\"a\":1}") }
        do {
            try scene.store.write { store in
                let account = try scene.account(store, "1")
                try scene.insert(store, "gone", account: account)
                _ = try scene.with("kept", body: "{\"a\":2}") { try store.supersede(id, with: $0) }
                try store.setCursor(stream: scene.charges, run: scene.run, cursor: "far")
                try scene.refuse(store, "raw")
                try store.addTotals(stream: scene.charges, records: 1, sums: [("due_fen", 1, 5)])
                try scene.touch(store, [account])
                try store.setSetting("name", "value")
                throw TakeBack()
            }
            throw Unexpected(message: "the closure's error did not arrive")
        } catch is TakeBack {}
        try scene.store.read { store in
            try expect(try scene.record(store, "gone") == nil, "a record is there")
            try expect(try scene.record(store, "kept")?.body.text, is: "{\"a\":1}", "the record before it")
            try expect(try scene.history(store, "kept").isEmpty, "there is history")
            try expect(try store.accountCount(), is: 0, "accounts")
            try expect(try store.state(stream: scene.charges).cursor, is: nil, "cursor")
            try expect(try scene.entries(store).isEmpty, "there is a quarantine entry")
            try expect(try store.state(stream: scene.charges).totals, is: [], "totals")
            try expect(try store.touchedCount(), is: 0, "touched accounts")
            try expect(try store.setting("name"), is: nil, "setting")
            try expect(try store.lastChange(), is: .start, "the last position of the feed")
        }
    }

    func readersSeeLastCommit(_ scene: StoreScene) throws {
        try scene.store.write { _ = try scene.insert($0, "1") }
        let charges = scene.charges
        func keys() throws -> Int? {
            try Self.elsewhere(scene.store) { store in
                try store.read { store in
                    var count = 0
                    try store.forEachRecord(in: charges) { _, _ in count += 1 }
                    return count
                }
            }
        }
        let during = try scene.store.write { store in
            try scene.insert(store, "2")
            return try keys()
        }
        try expect(during != nil, "a reader waited for the writer")
        try expect(during, is: 1, "records that a reader saw while a writer was at work")
        try expect(try keys(), is: 2, "records after the commit")
    }

    func readsAreSnapshots(_ scene: StoreScene) throws {
        let charges = scene.charges
        try scene.store.write { try $0.setSetting("turn", "before") }
        let (first, second) = try scene.store.read { reader in
            let first = try reader.setting("turn")
            let written: Bool? = try Self.elsewhere(scene.store) { store in
                try store.write {
                    try $0.setSetting("turn", "after")
                    try $0.addTotals(stream: charges, records: 5, sums: [])
                }
                return true
            }
            try expect(written != nil, "a writer waited for the reader")
            try expect(try reader.state(stream: charges).records, is: 0, "records that a reader saw of a later commit")
            return (first, try reader.setting("turn"))
        }
        try expect([first, second], is: ["before", "before"], "what one reader saw")
        try expect(try scene.store.read { try $0.setting("turn") }, is: "after", "what the next one saw")
    }

    /// Runs `body` on another thread; nil where it does not come back within seconds.
    private static func elsewhere<Value: Sendable>(
        _ store: any Store, _ body: @escaping @Sendable (any Store) throws -> Value
    ) throws -> Value? {
        let result = Outcome<Value>()
        let done = DispatchSemaphore(value: 0)
        Thread {
            let outcome = Result { try body(store) }
            result.value.withLock { $0 = outcome }
            done.signal()
        }.start()
        guard done.wait(timeout: .now() + 20) == .success else { return nil }
        return try result.value.withLock { $0 }?.get()
    }
}

private final class Outcome<Value: Sendable>: Sendable {
    let value = Mutex<Result<Value, any Error>?>(nil)
}
