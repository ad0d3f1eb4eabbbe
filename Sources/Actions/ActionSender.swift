import Evidence
import Foundation
import HeatModel
import Store

/// Works on one claim: asks what became of what may have taken effect, sends what has not, and notes each step before and after.
///
/// What it goes by: *nothing is sent while an earlier request may have taken effect.* An action that is `accepted` has had no effect and
/// is sent. One that is `unknown` is asked about; it is sent again only where the system says that nothing of it is there, of a moment
/// that lies later than ``ActionSystem/settle`` after the begin of the last request.
struct ActionSender: Sendable {
    let store: any Store
    let system: ActionSystem
    let clock: ClockWatch

    /// How the work on a claim ended, for the breaker.
    enum Ending: Equatable {
        /// The system was reached.
        case reached
        case failed
        /// It was not asked.
        case idle
    }

    func work(_ claim: ActionClaim) throws -> Ending {
        let begin = ContinuousClock.now
        var letter: ActionLetter
        let request: ActionRequest
        do {
            request = try ActionRequest(kind: claim.action.request.kind, payload: claim.action.request.payload)
            let sends = claim.attempts.filter { $0.kind == .send }
            letter = ActionLetter(
                kind: request.kind, reference: claim.action.request.reference, values: try system.words(request),
                firstSent: sends.first?.begunAt)
        } catch {
            // Nothing can be sent: the configuration was changed, or the store was.
            try settle(
                claim, nil, "unreadable", error,
                claim.action.state == .unknown
                    ? .unknown(after: 0, isDead: true) : .notSent(after: 0, isDead: true), request: nil)
            return .idle
        }
        if claim.action.state == .unknown {
            if let gate = system.gate {
                letter.values.merge(try store.read { try gate.values(claim.action, in: $0) }) { $1 }
            }
            guard let ending = try probe(claim, letter, request) else {
                return try send(claim, letter, request, since: begin)
            }
            return ending
        }
        return try send(claim, letter, request, since: begin)
    }

    // MARK: Asking

    /// Nil where nothing of it is there, for certain.
    private func probe(_ claim: ActionClaim, _ letter: ActionLetter, _ request: ActionRequest) throws -> Ending? {
        let attempt = try store.write { try $0.beginAttempt(claim, .probe) }
        let asked = clock.now
        let outcome = system.sink.probe(letter)
        switch outcome {
        case .found(let ids):
            let known = ids.filter { !$0.isEmpty }
            let others =
                known.count > 1 ? "the system has it \(known.count) times: \(known.joined(separator: ", "))" : nil
            try settle(
                claim, attempt, "found", nil, .confirmed(externalID: known.first), request: request, words: others)
            return .reached
        case .refused(let words):
            try settle(claim, attempt, "refused", nil, .refused, request: request, words: words)
            return .reached
        case .absent(let asOf):
            let last = claim.attempts.last { $0.kind == .send }?.begunAt ?? asked
            let believed = last.microseconds + system.settle * 1_000_000
            let seen = min(asOf ?? asked, asked)
            let doubt = clock.doubt(for: system.settle)
            if seen.microseconds < believed || doubt > 0 {
                // Not a try: it is only too early. It is looked for meanwhile, for the sake of who waits.
                let left = max(200, (believed - seen.microseconds) / 1000 + 50, doubt)
                let step = max(1000, min((asked.microseconds - last.microseconds) / 1000, 60_000))
                try settle(
                    claim, attempt, "absent yet", nil, .wait(min(left, step)), request: request,
                    words: doubt > 0 ? "this machine's clock was put forward: it is waited for anew" : nil)
                return .reached
            }
            if claim.action.tries >= system.attempts {
                try settle(
                    claim, attempt, "absent", nil, .notSent(after: 0, isDead: true), request: request,
                    words: claim.action.message)
                return .reached
            }
            try settle(claim, attempt, "absent", nil, .goOn, request: request)
            return nil
        case .ambiguous(let words):
            try settle(claim, attempt, "ambiguous", nil, again(claim, isUnknown: true), request: request, words: words)
            return .reached
        case .failed(let error):
            try settle(claim, attempt, Self.word(error), error, again(claim, isUnknown: true), request: request)
            return .failed
        case .unanswerable:
            try settle(
                claim, attempt, "unanswerable", nil, .unknown(after: 0, isDead: true), request: request,
                words: claim.action.message)
            return .idle
        }
    }

    // MARK: Sending

    private func send(
        _ claim: ActionClaim, _ letter: ActionLetter, _ request: ActionRequest, since begin: ContinuousClock.Instant
    ) throws -> Ending {
        if let verdict = try system.gate?.prepare(claim.action), verdict.holdsBack {
            try store.write { try hold(claim, verdict, request, in: $0) }
            return .idle
        }
        var letter = letter
        let begun: Int64? = try store.write { store in
            if let verdict = try system.gate?.decide(claim.action, in: store) {
                if case .send(let values) = verdict { letter.values.merge(values) { $1 } }
                if verdict.holdsBack {
                    try hold(claim, verdict, request, in: store)
                    return nil
                }
            }
            let attempt = try store.beginAttempt(claim, .send)
            if claim.action.state == .accepted, let sending = try store.action(claim.action.id) {
                try AuditTrail.note(action: sending, was: .accepted, by: nil, result: "send \(attempt)", in: store)
            }
            return attempt
        }
        guard let attempt = begun else { return .idle }
        // A process that was stopped meanwhile must not send what another has settled by now.
        let left = system.leaseSeconds - Int64(system.sink.longestCall)
        if ContinuousClock.now - begin > .seconds(left) {
            let error = HearthError(
                .actionPausedTooLong, "the worker was held up before it could send", at: .address(system.name),
                advice: "nothing is to be done: it is tried again")
            try settle(claim, attempt, "held up", error, again(claim, isUnknown: false), request: request)
            return .idle
        }
        switch system.sink.send(letter) {
        case .confirmed(let id, let words):
            try settle(claim, attempt, "confirmed", nil, .confirmed(externalID: id), request: request, words: words)
            return .reached
        case .refused(let words):
            try settle(claim, attempt, "refused", nil, .refused, request: request, words: words)
            return .reached
        case .notSent(let error):
            try settle(claim, attempt, Self.word(error), error, again(claim, isUnknown: false), request: request)
            return .failed
        case .later(let wait, let error):
            try settle(
                claim, attempt, Self.word(error), error, .notSent(after: wait, isDead: false), request: request)
            return .reached
        case .unclear(let error):
            // It is asked about at once: an answer that was lost is found, and the customer knows.
            let isDead = claim.action.tries + 1 > system.attempts
            try settle(claim, attempt, Self.word(error), error, .unknown(after: 0, isDead: isDead), request: request)
            return .failed
        }
    }

    /// Notes that nothing is sent now, or at all. What is known to have had no effect is `accepted` again.
    private func hold(
        _ claim: ActionClaim, _ verdict: ActionVerdict, _ request: ActionRequest, in store: any StoreWriter
    ) throws {
        switch verdict {
        case .send: break
        case .later(let wait, let why):
            let step: ActionStep =
                claim.action.state == .unknown ? .notSent(after: wait, isDead: false) : .wait(wait)
            try settle(claim, nil, "held back", nil, step, request: request, words: why, in: store)
        case .never(let why):
            try settle(claim, nil, "not sent", nil, .dropped, request: request, words: why, in: store)
        }
    }

    /// Later again, or never where it was tried often enough.
    private func again(_ claim: ActionClaim, isUnknown: Bool) -> ActionStep {
        var random = SystemRandomNumberGenerator()
        let wait = system.wait(afterTries: claim.action.tries, using: &random)
        let isDead = claim.action.tries + 1 >= system.attempts
        return isUnknown ? .unknown(after: wait, isDead: isDead) : .notSent(after: wait, isDead: isDead)
    }

    // MARK: Noting

    private func settle(
        _ claim: ActionClaim, _ attempt: Int64?, _ result: String, _ error: HearthError?, _ step: ActionStep,
        request: ActionRequest?, words: String? = nil, in store: (any StoreWriter)? = nil
    ) throws {
        let said = (words ?? error?.message).map { text in
            request.map { SystemWords.masked(text, of: $0) } ?? SystemWords.clean(text)
        }
        func settle(in store: any StoreWriter) throws {
            let before = try store.action(claim.action.id)
            let after = try store.settle(
                claim, attempt: attempt, result: result, detail: said, message: said, step)
            if before?.state != after.state || before?.isDead != after.isDead {
                try AuditTrail.note(action: after, was: before?.state, by: nil, result: result, in: store)
            }
        }
        if let store { try settle(in: store) } else { try self.store.write { try settle(in: $0) } }
    }

    /// A short, bounded word for an error.
    private static func word(_ error: HearthError) -> String { error.code.name }
}

extension ActionVerdict {
    fileprivate var holdsBack: Bool { if case .send = self { false } else { true } }
}
