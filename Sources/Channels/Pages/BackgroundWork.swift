import Foundation
package import HeatModel
import Synchronization

/// Work that takes longer than a page may wait: one at a time, on a thread of its own. What came of the last one is kept as long as the
/// process lives.
///
/// ```swift
/// let work = BackgroundWork<AuditVerification.Result>(now: { .now })
/// work.begin("audit verify", by: caller) { step in try verify(step) }   // false where one is under way
/// ```
package final class BackgroundWork<Outcome: Sendable>: Sendable {
    package struct Underway: Sendable {
        package var name: String
        package var caller: String
        package var since: Instant
        /// What it is at.
        package var step = ""
    }

    package struct Ended: Sendable {
        package var name: String
        package var caller: String
        package var at: Instant
        package var outcome: Result<Outcome, any Error>
    }

    package struct State: Sendable {
        package var underway: Underway?
        package var last: Ended?
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> Instant

    package init(now: @escaping @Sendable () -> Instant) { self.now = now }

    package var current: State { state.withLock(\.self) }

    /// Begins a piece of work, unless one is under way.
    ///
    /// - Parameter body: given what tells the step that it is at.
    /// - Returns: whether it was begun.
    package func begin(
        _ name: String, by caller: String,
        _ body: @escaping @Sendable (_ step: @escaping @Sendable (String) -> Void) throws -> Outcome
    ) -> Bool {
        let begun = Underway(name: name, caller: caller, since: now())
        let isFree = state.withLock { state in
            if state.underway != nil { return false }
            state.underway = begun
            return true
        }
        if !isFree { return false }
        Thread.detachNewThread { [self] in
            let outcome = Result { try body { step in self.state.withLock { $0.underway?.step = step } } }
            let ended = Ended(name: name, caller: caller, at: now(), outcome: outcome)
            state.withLock { $0 = State(underway: nil, last: ended) }
        }
        return true
    }
}
