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
    private let clock: ClockWatch
    private let state: Mutex<State>
    private let changed = DispatchSemaphore(value: 0)

    /// - Parameters:
    ///   - atOnce: how many actions are worked on beside each other.
    ///   - onError: is told what the store throws, and why a system is left in peace.
    package convenience init(
        _ outbox: Outbox, atOnce: Int = 4, pause: Int = 250, owner: LeaseOwner = .current,
        onError: @escaping @Sendable (any Error) -> Void
    ) {
        self.init(outbox, atOnce: atOnce, pause: pause, owner: owner, clock: ClockWatch(), onError: onError)
    }

    init(
        _ outbox: Outbox, atOnce: Int, pause: Int, owner: LeaseOwner, clock: ClockWatch,
        onError: @escaping @Sendable (any Error) -> Void
    ) {
        self.outbox = outbox
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

    private static func now() -> Int64 {
        var clock = timespec()
        clock_gettime(CLOCK_MONOTONIC, &clock)
        return Int64(clock.tv_sec) * 1000 + Int64(clock.tv_nsec) / 1_000_000
    }

    private func claim() throws -> ActionClaim? {
        let now = Self.now()
        let open = state.withLock { state in state.breakers.filter { $0.value.allows(at: now) }.map(\.key).sorted() }
        if open.isEmpty { return nil }
        // One lease for all: of the system that takes longest.
        let seconds = open.compactMap { outbox.systems[$0]?.leaseSeconds }.max() ?? 60
        return try outbox.claim(systems: open, owner: owner, seconds: seconds)
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
                switch try ActionSender(store: outbox.store, system: system, clock: clock).work(claim) {
                case .reached: isFailure = false
                case .failed: isFailure = true
                case .idle: break
                }
            } catch let error as HearthError where error.code == .actionFenced {
                // Another worker has it.
            } catch {
                onError(error)
            }
            let now = Self.now()
            let rests = state.withLock { [isFailure] state in
                state.underWay -= 1
                state.settled += 1
                let before = state.breakers[name]?.state
                state.breakers[name]?.end(isFailure: isFailure, at: now)
                let after = state.breakers[name]?.state
                if case .open = after, before != after { return true }
                return false
            }
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
