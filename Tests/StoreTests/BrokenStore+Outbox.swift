import HearthTesting
import HeatModel
import Store

/// The outbox, broken where it is asked to be.
extension BrokenReader {
    func action(_ id: ActionID) throws -> StoredAction? {
        try store.ask()
        return try reader.action(id)
    }
    func action(caller: String, key: String) throws -> StoredAction? {
        try store.ask()
        return try reader.action(caller: caller, key: key)
    }
    func actions(_ filter: ActionFilter, before: ActionID?, limit: Int) throws -> [StoredAction] {
        try store.ask()
        var filter = filter
        if fault == .actionsListed { filter.isDead = nil }
        return try reader.actions(filter, before: before, limit: limit)
    }
    func attempts(of action: ActionID) throws -> [ActionAttempt] {
        try store.ask()
        return try reader.attempts(of: action)
    }
    func actionCounts() throws -> [ActionCount] {
        try store.ask()
        let counts = try reader.actionCounts()
        return fault == .actionsCounted ? counts.filter { !$0.isDead } : counts
    }
    func oldestUnsettledActions() throws -> [String: Instant] {
        try store.ask()
        return try reader.oldestUnsettledActions()
    }
    func attachmentUses(of sha256: String) throws -> [AttachmentUse] {
        try store.ask()
        let uses = try reader.attachmentUses(of: sha256)
        return fault == .attachmentsNamed ? Array(uses.prefix(1)) : uses
    }
    func attachments(of action: ActionID) throws -> [String] {
        try store.ask()
        return try reader.attachments(of: action)
    }
    func keptAnswer(caller: String, key: String) throws -> KeptAnswer? {
        try store.ask()
        return try reader.keptAnswer(caller: fault == .answersKept ? "柜台" : caller, key: key)
    }
}

extension BrokenWriter {
    func accept(_ action: IncomingAction, answerWithin: Int64) throws -> ActionAcceptance {
        try store.ask()
        let acceptance = try writer.accept(action, answerWithin: answerWithin)
        if fault == .actionsAcceptedOnce, case .conflict(let id) = acceptance, let known = try writer.action(id) {
            return .repeated(known)
        }
        return acceptance
    }
    func answerAction(_ id: ActionID, with answer: [UInt8]) throws {
        try store.ask()
        try writer.answerAction(id, with: answer)
    }
    func claimAction(
        systems: [String], owner: LeaseOwner, seconds: Int64, isAlive: (LeaseOwner) -> Bool
    ) throws -> ActionClaim? {
        try store.ask()
        return try writer.claimAction(systems: systems, owner: owner, seconds: seconds) {
            fault == .actionsClaimed || isAlive($0)
        }
    }
    func beginAttempt(_ claim: ActionClaim, _ kind: ActionAttemptKind) throws -> Int64 {
        try store.ask()
        if fault != .actionsFenced { return try writer.beginAttempt(claim, kind) }
        do { return try writer.beginAttempt(claim, kind) } catch is HearthError { return 0 }
    }
    func settle(
        _ claim: ActionClaim, attempt: Int64?, result: String, detail: String?, message: String?, _ step: ActionStep
    ) throws -> StoredAction {
        try store.ask()
        var step = step
        if fault == .actionsSettled, case .unknown(let after, let isDead) = step {
            step = .notSent(after: after, isDead: isDead)
        }
        return try writer.settle(
            claim, attempt: attempt, result: result, detail: detail, message: message, step)
    }
    func retryAction(_ id: ActionID) throws -> Bool {
        try store.ask()
        return try writer.retryAction(id)
    }
    func dropAction(_ id: ActionID, message: String) throws -> Bool {
        try store.ask()
        if fault == .deadLettersWait { return try writer.action(id) != nil }
        return try writer.dropAction(id, message: message)
    }
    func forgetActions(settledBefore moment: Int64, limit: Int) throws -> [ActionID] {
        try store.ask()
        return try writer.forgetActions(
            settledBefore: fault == .actionsForgotten ? .max : moment, limit: limit)
    }
    func useAttachment(_ sha256: String, account: String, action: ActionID) throws {
        try store.ask()
        try writer.useAttachment(sha256, account: account, action: action)
    }
    func forgetAttachment(_ sha256: String) throws {
        try store.ask()
        try writer.forgetAttachment(sha256)
    }
    func keep(_ answer: KeptAnswer) throws {
        try store.ask()
        try writer.keep(answer)
    }
}
