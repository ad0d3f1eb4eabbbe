import Foundation
import HeatModel
import Store
import Synchronization

/// All streams of a store held at once, so that no run is at work.
enum StreamsAtRest {
    /// - Parameter tell: is given what is waited for, and that the streams could not be let go: they are free by themselves then, when
    ///   their leases expire.
    /// - Throws: `backup.streamsBusy` where a run is still at work after `wait`; `backup.changed`.
    static func hold<Result>(
        _ store: any Store, wait: Duration, isCancelled: () -> Bool, tell: (String) -> Void, _ body: () throws -> Result
    ) throws -> Result {
        let deadline = ContinuousClock.now + wait
        var told: Set<String> = []
        var held: [Lease] = []
        defer {
            do { try store.write { writer in for lease in held { try writer.dropLease(lease) } } } catch {
                tell("the streams stay held for a minute: \(error)")
            }
        }
        // One after the other, as they come to rest: a moment in which all of them rest may never come by itself.
        let streams = try store.read { try $0.streams().map(\.id) }
        while held.count < streams.count {
            if isCancelled() { throw Backup.cancelled }
            for stream in streams where !held.contains(where: { $0.stream == stream }) {
                do {
                    held.append(
                        try store.write {
                            try $0.takeLease(stream: stream, owner: .current, isAlive: LeaseOwner.isAlive)
                        }
                    )
                } catch let error as HearthError where error.code == .runLocked {
                    if told.insert(error.message).inserted { tell("waiting: \(error.message)") }
                    if ContinuousClock.now > deadline {
                        throw HearthError(
                            .backupStreamsBusy, "a sync is still at work", at: error.place ?? .address("store"),
                            advice: "back up when it has ended, or wait longer", cause: error)
                    }
                }
            }
            if held.count == streams.count { break }
            try store.write { writer in for lease in held { try writer.renewLease(lease) } }
            Thread.sleep(forTimeInterval: 0.2)
        }
        let renewal = Renewal(store, held)
        renewal.start()
        defer { renewal.stop() }
        let result = try body()
        let areHeld = try store.read { reader in try held.allSatisfy { try reader.holds($0) } }
        if !areHeld {
            throw HearthError(
                .backupChanged, "a sync began while the store was copied", at: .address("store"),
                advice: "back up again", cause: renewal.failure)
        }
        return result
    }

    /// Renews leases on a thread of its own while the store is copied.
    private final class Renewal: Sendable {
        private let store: any Store
        private let leases: [Lease]
        private let isOver = Mutex(false)
        private let lastFailure = Mutex<(any Error)?>(nil)

        /// Why the leases could not be renewed the last time; whether that mattered their holding tells.
        var failure: (any Error)? { lastFailure.withLock { $0 } }

        init(_ store: any Store, _ leases: [Lease]) {
            self.store = store
            self.leases = leases
        }

        func start() {
            Thread.detachNewThread { [self] in
                var fifths = 0
                while !isOver.withLock({ $0 }) {
                    Thread.sleep(forTimeInterval: 0.2)
                    fifths += 1
                    if fifths % 50 != 0 { continue }
                    do {
                        try store.write { writer in for lease in leases { try writer.renewLease(lease) } }
                    } catch {
                        lastFailure.withLock { $0 = error }
                    }
                }
            }
        }

        func stop() { isOver.withLock { $0 = true } }
    }
}
