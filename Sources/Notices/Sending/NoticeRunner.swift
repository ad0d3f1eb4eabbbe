import Actions
import Foundation
import HeatModel
import Store

/// Looks at what is to be told and sends it, until it is stopped.
package final class NoticeRunner: Sendable {
    package let desk: NoticeDesk
    private let worker: ActionWorker
    private let onError: @Sendable (any Error) -> Void

    /// - Parameters:
    ///   - atOnce: how many are sent beside each other.
    ///   - onError: is told what the store throws, and why a channel is left in peace.
    ///   - onBreaker: is told of each channel whether it is left in peace.
    package init(
        _ desk: NoticeDesk, atOnce: Int = 4, onError: @escaping @Sendable (any Error) -> Void,
        onBreaker: @escaping @Sendable (_ channel: String, _ isOpen: Bool) -> Void = { _, _ in }
    ) {
        self.desk = desk
        self.onError = onError
        worker = ActionWorker(desk.outbox, atOnce: atOnce, onError: onError, onBreaker: onBreaker)
    }

    /// Blocks its thread.
    ///
    /// - Parameter drains: ends once nothing that is due is left that can be done now.
    package func run(drains: Bool = false, isStopped: @escaping @Sendable () -> Bool) {
        if drains {
            while !isStopped() {
                do {
                    let look = try desk.look(isStopped: isStopped)
                    let worked = try worker.workOnDue(isStopped: isStopped)
                    if look.handedOver == 0, worked == 0 {
                        if try !isUnderWay() { return }
                        Thread.sleep(forTimeInterval: 0.2)
                    }
                } catch {
                    onError(error)
                    Thread.sleep(forTimeInterval: 1)
                }
            }
            return
        }
        let sending = DispatchSemaphore(value: 0)
        Thread.detachNewThread { [worker] in
            worker.run { isStopped() }
            sending.signal()
        }
        while !isStopped() {
            do { try desk.look(isStopped: isStopped) } catch { onError(error) }
            let end = ContinuousClock.now + .seconds(desk.rules.lookSeconds)
            while !isStopped(), ContinuousClock.now < end { Thread.sleep(forTimeInterval: 0.1) }
        }
        sending.wait()
    }

    /// Whether something is on its way that has not ended, and waits neither for its time nor for a person.
    private func isUnderWay() throws -> Bool {
        let now = desk.clock.now.adding(hours: 1)
        let known = Set(desk.outbox.systems.keys)
        return try desk.store.read { store in
            try store.actions(
                ActionFilter(
                    states: [.accepted, .sending, .unknown], kind: ActionKind.sendNotice.rawValue, isDead: false),
                before: nil, limit: 10_000
            ).contains { known.contains($0.request.system) && $0.notBefore < now }
        }
    }
}
