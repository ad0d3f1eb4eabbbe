import Foundation
import HeatModel
import Store
import Synchronization

/// Says when events have been noted, by this process or another one: the store is looked at a hundred times a second while anybody waits.
///
/// A look is one keyed read on a connection of its own, some microseconds. Nothing in the system tells a process of a commit that another one
/// makes.
final class EventPulse: Sendable {
    private struct Waiter {
        var after: EventPosition
        var until: ContinuousClock.Instant
        var resume: CheckedContinuation<Void, Never>
    }

    private struct State {
        var last: EventPosition?
        var waiters: [Int: Waiter] = [:]
        var next = 0
        var isStarted = false
        var isClosed = false
    }

    private static let interval = 0.01
    private let store: any Store
    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)

    init(store: any Store) { self.store = store }

    /// Returns once there is an event after a position, or after some time, or when the task is cancelled or the server ends.
    func wait(after position: EventPosition, atMost time: Duration) async {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    if state.isClosed || Task.isCancelled || state.last.map({ $0 > position }) == true { return true }
                    state.waiters[id] = Waiter(after: position, until: .now + time, resume: continuation)
                    if !state.isStarted {
                        state.isStarted = true
                        Thread.detachNewThread { [self] in look() }
                    }
                    return false
                }
                if isDone { continuation.resume() } else { wake.signal() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume.resume()
        }
    }

    /// Lets all go on, and ends the thread.
    func close() {
        let waiters = state.withLock { state in
            state.isClosed = true
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume.resume() }
        wake.signal()
    }

    private func look() {
        var snapshot: (any SnapshotReader)?
        while true {
            let (isClosed, isIdle) = state.withLock { ($0.isClosed, $0.waiters.isEmpty) }
            if isClosed { return }
            if isIdle {
                wake.wait()
                continue
            }
            // Where the store cannot be read those who wait go on when their time is over, and find out.
            var last: EventPosition?
            do {
                let reader = try snapshot ?? store.makeSnapshotReader(cacheMegabytes: 1)
                snapshot = reader
                last = try reader.reader.lastEvent()
            } catch {
                snapshot = nil
            }
            let now = ContinuousClock.now
            let ready = state.withLock { state in
                state.last = last ?? state.last
                let ready = state.waiters.filter { _, waiter in
                    waiter.until <= now || state.last.map { $0 > waiter.after } == true
                }
                for id in ready.keys { state.waiters[id] = nil }
                return ready
            }
            for waiter in ready.values { waiter.resume.resume() }
            Thread.sleep(forTimeInterval: Self.interval)
        }
    }
}
