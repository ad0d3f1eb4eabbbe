import Foundation
import HeatModel
package import Store
import Synchronization

/// Claims what is due and has it sent, several actions beside each other, until it is stopped. Any number of workers may run on one
/// store: each action is one worker's at a time.
package final class ActionWorker: Sendable {
    private struct State {
        var breakers: [String: Breaker] = [:]
        var underWay = 0
        var settled = 0
    }

    private let outbox: Outbox
    private let owner: LeaseOwner
    private let atOnce: Int
    /// Milliseconds between two looks where nothing is due.
    private let pause: Int
    private let onError: @Sendable (any Error) -> Void
    private let onBreaker: @Sendable (_ system: String, _ isOpen: Bool) -> Void
    private let clock: ClockWatch
    private let state: Mutex<State>
    private let changed = DispatchSemaphore(value: 0)

    /// - Parameters:
    ///   - atOnce: how many actions are worked on beside each other.
    ///   - onError: is told what the store throws, and why a system is left in peace.
    ///   - onBreaker: is told of each system whether it is left in peace: at the beginning, and when that changes.
    package convenience init(
        _ outbox: Outbox, atOnce: Int = 4, pause: Int = 250, owner: LeaseOwner = .current,
        onError: @escaping @Sendable (any Error) -> Void,
        onBreaker: @escaping @Sendable (_ system: String, _ isOpen: Bool) -> Void = { _, _ in }
    ) {
        self.init(
            outbox, atOnce: atOnce, pause: pause, owner: owner, clock: ClockWatch(), onError: onError,
            onBreaker: onBreaker)
    }

    /// A worker whose present is `now`, in microseconds since 1970: for whoever keeps the time.
    package convenience init(
        _ outbox: Outbox, now: @escaping @Sendable () -> Int64, onError: @escaping @Sendable (any Error) -> Void
    ) {
        let (began, first) = (ContinuousClock.now, now())
        self.init(
            outbox, atOnce: 1, pause: 250, owner: .current,
            clock: ClockWatch(
                wall: { Instant(microseconds: now(), offsetMinutes: 0) },
                steady: { began + .microseconds(now() - first) }), onError: onError)
    }

    init(
        _ outbox: Outbox, atOnce: Int, pause: Int, owner: LeaseOwner, clock: ClockWatch,
        onError: @escaping @Sendable (any Error) -> Void,
        onBreaker: @escaping @Sendable (_ system: String, _ isOpen: Bool) -> Void = { _, _ in }
    ) {
        self.outbox = outbox
        self.onBreaker = onBreaker
        self.clock = clock
        self.owner = owner
        self.atOnce = atOnce
        self.pause = pause
        self.onError = onError
        state = Mutex(
            State(
                breakers: outbox.systems.mapValues {
                    Breaker(failures: $0.breakerFailures, rest: $0.breakerRest)
                }))
        for system in outbox.systems.keys { onBreaker(system, false) }
    }

    /// Works until `isStopped`, and then ends what is under way. Blocks its thread.
    ///
    /// - Parameter drains: end as soon as nothing is left that a worker can do: all is settled, or a dead letter.
    /// - Returns: how many claims were worked on.
    @discardableResult
    package func run(drains: Bool = false, isStopped: @Sendable () -> Bool) -> Int {
        while !isStopped() {
            clock.look()
            let busy = state.withLock { $0.underWay }
            if busy >= atOnce {
                _ = changed.wait(timeout: .now() + .milliseconds(pause))
                continue
            }
            do {
                if let claim = try claim() {
                    begin(claim)
                    continue
                }
                if drains, busy == 0, try isDone() { break }
            } catch {
                onError(error)
            }
            _ = changed.wait(timeout: .now() + .milliseconds(pause))
        }
        while state.withLock({ $0.underWay }) > 0 { _ = changed.wait(timeout: .now() + .milliseconds(pause)) }
        return state.withLock { $0.settled }
    }

    /// Works on everything that is due now, one after the other on the caller's thread, and returns how many claims that were: a
    /// worker for whoever keeps the time.
    ///
    /// - Throws: what the store throws. A claim that was lost to another worker is none.
    @discardableResult
    package func workOnDue(atMost limit: Int = .max, isStopped: () -> Bool = { false }) throws -> Int {
        var count = 0
        clock.look()
        while count < limit, !isStopped(), let claim = try claim() {
            count += 1
            let name = claim.action.request.system
            guard let system = outbox.systems[name] else { continue }
            state.withLock { $0.breakers[name]?.begin() }
            var isFailure: Bool?
            defer { state.withLock { $0.breakers[name]?.end(isFailure: isFailure, at: now()) } }
            isFailure = try work(claim, in: system)
        }
        return count
    }

    /// Milliseconds, for the breakers.
    private func now() -> Int64 { clock.elapsed }

    private func claim() throws -> ActionClaim? {
        let now = now()
        let open = state.withLock { state in state.breakers.filter { $0.value.allows(at: now) }.map(\.key).sorted() }
        if open.isEmpty { return nil }
        // One lease for all: of the system that takes longest.
        let seconds = open.compactMap { outbox.systems[$0]?.leaseSeconds }.max() ?? 60
        return try outbox.claim(systems: open, owner: owner, seconds: seconds)
    }

    /// Whether the system failed; nil where it was not asked, or another worker has the action.
    private func work(_ claim: ActionClaim, in system: ActionSystem) throws -> Bool? {
        do {
            return switch try ActionSender(store: outbox.store, system: system, clock: clock).work(claim) {
            case .reached: false
            case .failed: true
            case .idle: nil
            }
        } catch let error as HearthError where error.code == .actionFenced {
            return nil
        }
    }

    private func isDone() throws -> Bool {
        let open = ActionFilter(states: [.accepted, .sending, .unknown], isDead: false)
        return try outbox.store.read { try $0.actions(open, before: nil, limit: 10_000) }
            .allSatisfy { outbox.systems[$0.request.system] == nil }
    }

    private func begin(_ claim: ActionClaim) {
        let name = claim.action.request.system
        guard let system = outbox.systems[name] else { return }
        state.withLock { state in
            state.underWay += 1
            state.breakers[name]?.begin()
        }
        Thread.detachNewThread { [self] in
            var isFailure: Bool?
            do {
                isFailure = try work(claim, in: system)
            } catch {
                onError(error)
            }
            let now = now()
            let (rests, isOpen) = state.withLock { [isFailure] state in
                state.underWay -= 1
                state.settled += 1
                let before = state.breakers[name]?.state
                state.breakers[name]?.end(isFailure: isFailure, at: now)
                let after = state.breakers[name]?.state
                guard case .open = after else { return (false, false) }
                return (before != after, true)
            }
            onBreaker(name, isOpen)
            if rests {
                onError(
                    HearthError(
                        .sourceUnreachable, "the system \(name) failed \(system.breakerFailures) times in a row",
                        at: .address(name),
                        advice: "it is left in peace for \(system.breakerRest / 1000) s; look whether it works"))
            }
            changed.signal()
        }
    }
}
