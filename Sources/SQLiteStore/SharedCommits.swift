import Foundation
import Synchronization

/// Short transactions of several threads as one: what comes while one is at work is done by the thread that has it, before it commits.
///
/// A commit writes a dozen pages to the log, most of them the same for everybody, and the next writer would be woken only after it.
final class SharedCommits: Sendable {
    /// So many go into one transaction: nobody waits long for the others of theirs.
    private static let most = 16

    private let state = Mutex(State())

    private struct State {
        var isLed = false
        var waiting: [Request] = []
    }

    /// What one thread wants written. That thread waits for `done` while another has it: whoever takes it from the list under the mutex
    /// alone reads and writes it until `done` is signalled, and its own thread afterwards.
    private final class Request: @unchecked Sendable {
        enum Verdict { case committed, takenBack, leads }

        /// Let go before its thread goes on, whose closure it is.
        private var body: ((Session) throws -> Void)?
        let done = DispatchSemaphore(value: 0)
        var verdict = Verdict.leads

        init(_ body: @escaping (Session) throws -> Void) { self.body = body }

        func run(_ session: Session) throws { try body?(session) }

        func letGo() { body = nil }

        func end(_ verdict: Verdict) {
            if verdict != .leads { letGo() }
            self.verdict = verdict
            done.signal()
        }
    }

    /// Runs a body in `transaction`, or has another thread run it in its own.
    ///
    /// - Returns: false where the transaction was taken back, perhaps for another's error: then the body is to be run again by itself.
    /// - Throws: what the transaction throws where it is this body's alone.
    func run(
        _ body: @escaping (Session) throws -> Void, transaction: ((Session) throws -> Void) throws -> Void
    ) throws -> Bool {
        let own = Request(body)
        defer { own.letGo() }
        let leads = state.withLock { state in
            if state.isLed { state.waiting.append(own) }
            defer { state.isLed = true }
            return !state.isLed
        }
        if !leads {
            own.done.wait()
            if own.verdict != .leads { return own.verdict == .committed }
        }
        var others: [Request] = []
        do {
            try transaction { session in
                try own.run(session)
                while others.count < Self.most - 1, let next = nextWaiting() {
                    others.append(next)
                    try next.run(session)
                }
            }
        } catch {
            passOn()
            for other in others { other.end(.takenBack) }
            if others.isEmpty { throw error }
            return false
        }
        passOn()
        for other in others { other.end(.committed) }
        return true
    }

    private func nextWaiting() -> Request? {
        state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
    }

    /// Who waits longest has the next transaction.
    private func passOn() {
        let next = state.withLock { state -> Request? in
            if !state.waiting.isEmpty { return state.waiting.removeFirst() }
            state.isLed = false
            return nil
        }
        next?.end(.leads)
    }
}
