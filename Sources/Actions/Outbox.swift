import Evidence
import Foundation
package import HeatModel
package import Store

/// The only way into a legacy system: what is accepted here is kept with its idempotency key and a line of the audit chain, in one
/// transaction, before anybody is told so; ``ActionSender`` sends it.
package struct Outbox: Sendable {
    let store: any Store
    package let systems: [String: ActionSystem]

    package init(store: any Store, systems: [ActionSystem]) {
        self.store = store
        self.systems = Dictionary(systems.map { ($0.name, $0) }) { first, _ in first }
    }

    /// Accepts a request of a caller under its key, or says what became of the one that it repeats.
    ///
    /// - Parameters:
    ///   - answerWithin: seconds in which the caller is to be answered, until when a repeat is told to wait.
    ///   - answer: what the caller is answered at once, kept for repeats; nil where it is given later.
    /// - Throws: `action.unknownSystem`, `action.unknownKind`, `action.badField`; what the store throws.
    package func accept(
        _ request: ActionRequest, by system: String, caller: String, key: String, answerWithin: Int64 = 30,
        answer: ((StoredAction) throws -> [UInt8])? = nil
    ) throws -> ActionAcceptance {
        let incoming = try incoming(request, by: system, caller: caller, key: key)
        return try store.settledWrite { store in
            try Self.accept(incoming, answerWithin: answerWithin, in: store) { try answer?($0) }
        }
    }

    /// The same within a transaction that has begun: what is decided there before holds until the action is kept.
    package func accept(
        _ request: ActionRequest, by system: String, caller: String, key: String, in store: any StoreWriter,
        answer: (StoredAction) throws -> [UInt8]
    ) throws -> ActionAcceptance {
        try Self.accept(
            incoming(request, by: system, caller: caller, key: key), answerWithin: 0, in: store, answer: answer)
    }

    /// Notes what is done in a transaction of the store itself: nothing of it is left for a worker.
    ///
    /// - Throws: `action.unknownSystem`, `action.badField`; `store.failed` where it cannot be noted: nothing of the transaction may stay
    ///   then.
    package func done(
        _ request: ActionRequest, by system: String, caller: String, key: String, externalID: String?,
        in store: any StoreWriter
    ) throws -> StoredAction {
        let acceptance = try accept(request, by: system, caller: caller, key: key, in: store) { _ in [] }
        guard case .accepted(let action) = acceptance,
            let claim = try store.claimAction(
                systems: [system], owner: .current, seconds: 60, isAlive: LeaseOwner.isAlive),
            claim.action.id == action.id
        else {
            throw HearthError(.storeFailed, "what is done at once cannot be noted of \(system)", at: .address("store"))
        }
        let attempt = try store.beginAttempt(claim, .send)
        let done = try store.settle(
            claim, attempt: attempt, result: "confirmed", detail: nil, message: nil, .confirmed(externalID: externalID))
        try AuditTrail.note(action: done, was: action.state, by: nil, result: "confirmed", in: store)
        return done
    }

    /// Notes in the chain that a caller was given an action that stands already.
    package func noteJoined(_ action: StoredAction, by caller: String, in store: any StoreWriter) throws {
        try AuditTrail.note(action: action, was: action.state, by: caller, result: "joined", in: store)
    }

    private func incoming(
        _ request: ActionRequest, by system: String, caller: String, key: String
    ) throws -> IncomingAction {
        guard let known = systems[system] else {
            throw HearthError(
                .actionUnknownSystem, "no source \"\(system)\" has actions", at: .address(system),
                advice: NearestName.advice(system, among: systems.keys.sorted()))
        }
        guard known.kinds.contains(request.kind) else { throw ActionErrors.unknownKind(request.kind) }
        _ = try known.words(request)
        let payload = try request.payload
        return IncomingAction(
            system: system, kind: request.kind.rawValue, account: request.account, caller: caller, key: key,
            fingerprint: AuditTrail.fingerprint(system: system, kind: request.kind.rawValue, payload: payload),
            reference: ActionReference.make(), payload: payload,
            isUrgent: request.kind == .createWorkOrder && request.values[.urgent] == "true")
    }

    private static func accept(
        _ incoming: IncomingAction, answerWithin: Int64, in store: any StoreWriter,
        answer: (StoredAction) throws -> [UInt8]?
    ) throws -> ActionAcceptance {
        let acceptance = try store.accept(incoming, answerWithin: answerWithin)
        guard case .accepted(var action) = acceptance else { return acceptance }
        if let bytes = try answer(action) {
            try store.answerAction(action.id, with: bytes)
            action.answer = bytes
        }
        try AuditTrail.note(action: action, was: nil, by: incoming.caller, result: "accepted", in: store)
        return .accepted(action)
    }

    /// Claims what has waited longest; where the worker that sent it has ended, that is unknown from now on, with its line of the chain.
    func claim(systems: [String], owner: LeaseOwner, seconds: Int64) throws -> ActionClaim? {
        try store.write { store in
            let claim = try store.claimAction(
                systems: systems, owner: owner, seconds: seconds, isAlive: LeaseOwner.isAlive)
            if let claim, claim.before != claim.action.state {
                try AuditTrail.note(
                    action: claim.action, was: claim.before, by: nil, result: "its worker ended", in: store)
            }
            return claim
        }
    }

    /// Most characters of the reason for which an action is given up.
    package static let mostReason = 200

    /// What an action looks like to a person who is to decide on it (``StoredAction/mark``); nil where there is none.
    package func mark(of id: ActionID) throws -> String? { try store.read { try $0.action(id)?.mark } }

    /// Has what is not settled tried again at once.
    ///
    /// - Parameter mark: what it looked like when that was decided; nil where it does not matter.
    /// - Throws: `action.notSettled` where it is settled already, or there is none; `action.changed` where it looks otherwise by now.
    package func retry(_ id: ActionID, by person: String, ifStill mark: String? = nil) throws -> StoredAction {
        try store.settledWrite { store in
            try Self.requireUnchanged(id, mark, in: store)
            return try Self.changed(retry(id, by: person, in: store), id)
        }
    }

    /// The same in a transaction that does more; nil where it cannot be.
    package func retry(_ id: ActionID, by person: String, in store: any StoreWriter) throws -> StoredAction? {
        try change(id, by: person, "retry", in: store) { try $0.retryAction(id) }
    }

    /// Gives up what is not settled.
    ///
    /// - Parameter mark: as of ``retry(_:by:ifStill:)``.
    /// - Throws: `action.notSettled` where it is settled already, a worker is at it, or there is none; `action.changed`.
    package func drop(
        _ id: ActionID, by person: String, reason: String, ifStill mark: String? = nil
    ) throws -> StoredAction {
        try store.settledWrite(
            orFind: { store in try store.action(id).flatMap { $0.state == .dropped ? $0 : nil } }
        ) { store in
            try Self.requireUnchanged(id, mark, in: store)
            return try Self.changed(drop(id, by: person, reason: reason, in: store), id)
        }
    }

    /// The same in a transaction that does more; nil where it cannot be.
    package func drop(
        _ id: ActionID, by person: String, reason: String, in store: any StoreWriter
    ) throws -> StoredAction? {
        try change(id, by: person, "drop", in: store) { try $0.dropAction(id, message: SystemWords.clean(reason)) }
    }

    /// Gives up what its system has certainly not taken, in a transaction that does something else instead; false where that is not
    /// certain, or where it is settled, or a worker is at it.
    package func giveUp(_ action: StoredAction, reason: String, in store: any StoreWriter) throws -> Bool {
        // Where nobody was asked, a request that may have come through may still be there.
        if let system = systems[action.request.system], system.sink.assumesAbsence,
            try store.attempts(of: action.id).contains(where: { $0.kind == .probe })
        {
            return false
        }
        guard try store.dropAction(action.id, message: reason), let after = try store.action(action.id) else {
            return false
        }
        try AuditTrail.note(action: after, was: action.state, by: nil, result: reason, in: store)
        return true
    }

    /// Lets go of actions that were settled so long ago, some hundred at a time. Their lines in the audit chain stay.
    ///
    /// - Returns: how many.
    package static func forget(in store: any Store, keptDays: Int, now: Instant) throws -> Int {
        let moment = now.microseconds - Int64(keptDays) * 86_400_000_000
        var count = 0
        while true {
            let gone = try store.write { store in
                let gone = try store.forgetActions(settledBefore: moment, limit: 500)
                // What is gone and the line that says so are one.
                if !gone.isEmpty { try AuditTrail.note(forgotten: gone, in: store) }
                return gone
            }
            if gone.isEmpty { return count }
            count += gone.count
        }
    }

    private func change(
        _ id: ActionID, by person: String, _ what: String, in store: any StoreWriter,
        _ body: (any StoreWriter) throws -> Bool
    ) throws -> StoredAction? {
        guard let before = try store.action(id), try body(store), let after = try store.action(id) else { return nil }
        try AuditTrail.note(action: after, was: before.state, by: person, result: what, in: store)
        return after
    }

    private static func requireUnchanged(_ id: ActionID, _ mark: String?, in store: any StoreReader) throws {
        guard let mark, let action = try store.action(id), action.mark != mark else { return }
        throw HearthError(
            .actionChanged, "action \(id) has changed since it was looked at", at: .address("store"),
            advice: "look at it again")
    }

    private static func changed(_ action: StoredAction?, _ id: ActionID) throws -> StoredAction {
        if let action { return action }
        throw HearthError(
            .actionNotSettled, "action \(id) cannot be changed: it is settled, a worker is at it, or there is none",
            at: .address("store"), advice: "look at it first; a worker that has died holds it for minutes at most")
    }
}

extension StoredAction {
    /// Another text after each change of its state, each attempt and each decision of a person.
    package var mark: String {
        "\(state.rawValue)-\(isDead ? 1 : 0)-\(tries)-\(changedAt.microseconds)-\(notBefore.microseconds)"
    }
}
