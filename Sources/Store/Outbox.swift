public import HeatModel

/// What became of something that a legacy system was asked to do.
public enum ActionState: String, Sendable, Hashable, CaseIterable, Codable {
    /// It is kept and nothing was sent, or what was sent is known to have had no effect.
    case accepted
    /// It is being sent, or was when its process died.
    case sending
    /// It may have taken effect or not; nobody knows yet. It is called neither success nor failure.
    case unknown
    /// The system has it.
    case confirmed
    /// The system said that it does not do it.
    case refused
    /// It was given up: by a person, or because what it was for was gone before it was sent.
    case dropped

    /// Whether nothing follows.
    public var isFinal: Bool { self == .confirmed || self == .refused || self == .dropped }
}

/// What is asked of a legacy system, about to be accepted.
public struct IncomingAction: Sendable, Hashable {
    /// Name of the source whose system is written.
    public var system: String
    public var kind: String
    /// Number of the account; empty where it is about none.
    public var account: String
    /// Whose key it is: two callers' equal keys are two keys.
    public var caller: String
    /// The caller's idempotency key.
    public var key: String
    /// SHA-256 of what was asked for, by which a repeat is told from another request under the same key.
    public var fingerprint: [UInt8]
    /// Ours, unique: what the system is asked to keep with what it does.
    public var reference: String
    /// What is asked for, as JSON.
    public var payload: [UInt8]
    /// Whether it goes before others, and does not wait for what the account asked to be made before.
    public var isUrgent: Bool

    public init(
        system: String, kind: String, account: String, caller: String, key: String, fingerprint: [UInt8],
        reference: String, payload: [UInt8], isUrgent: Bool = false
    ) {
        self.isUrgent = isUrgent
        self.system = system
        self.kind = kind
        self.account = account
        self.caller = caller
        self.key = key
        self.fingerprint = fingerprint
        self.reference = reference
        self.payload = payload
    }
}

/// An action as it stands.
public struct StoredAction: Sendable, Hashable {
    public var id: ActionID
    public var request: IncomingAction
    public var state: ActionState
    public var acceptedAt: Instant
    /// Since when it is in this state.
    public var changedAt: Instant
    /// Not tried again before.
    public var notBefore: Instant
    /// Tries in a row that settled nothing.
    public var tries: Int64
    /// Whether it is on the list of dead letters: not tried again until a person says so.
    public var isDead: Bool
    /// What its caller was answered; nil while that is under way.
    public var answer: [UInt8]?
    /// What the system calls what it made.
    public var externalID: String?
    /// The system's words, or why it is not settled.
    public var message: String?

    public init(
        id: ActionID, request: IncomingAction, state: ActionState, acceptedAt: Instant, changedAt: Instant,
        notBefore: Instant, tries: Int64, isDead: Bool, answer: [UInt8]?, externalID: String?, message: String?
    ) {
        self.id = id
        self.request = request
        self.state = state
        self.acceptedAt = acceptedAt
        self.changedAt = changedAt
        self.notBefore = notBefore
        self.tries = tries
        self.isDead = isDead
        self.answer = answer
        self.externalID = externalID
        self.message = message
    }
}

/// What became of a request under an idempotency key.
public enum ActionAcceptance: Sendable, Hashable {
    /// It is new and is kept now.
    case accepted(StoredAction)
    /// It was made before; its answer is there, or its first request ended without one.
    case repeated(StoredAction)
    /// The first request under this key is not answered yet.
    case inFlight(StoredAction)
    /// The key stands for another request.
    case conflict(ActionID)
}

public enum ActionAttemptKind: String, Sendable, Hashable {
    /// Asks whether it has taken effect.
    case probe
    case send
}

/// One try to send an action, or to find out what became of it.
public struct ActionAttempt: Sendable, Hashable {
    /// From 1 in each action.
    public var number: Int64
    public var kind: ActionAttemptKind
    /// Of the claim under which it was made.
    public var fence: Int64
    public var begunAt: Instant
    /// Nil where its process died or is still at it.
    public var endedAt: Instant?
    /// A short, bounded word: `confirmed`, `timeout`, `absent`.
    public var result: String?
    public var detail: String?

    public init(
        number: Int64, kind: ActionAttemptKind, fence: Int64, begunAt: Instant, endedAt: Instant? = nil,
        result: String? = nil, detail: String? = nil
    ) {
        self.number = number
        self.kind = kind
        self.fence = fence
        self.begunAt = begunAt
        self.endedAt = endedAt
        self.result = result
        self.detail = detail
    }
}

/// The right to work on an action until its lease expires. Each claim of an action has a greater fencing number than the one before.
public struct ActionClaim: Sendable, Hashable {
    public var action: StoredAction
    /// The state in which it was found: `sending` where the process that sent it has died, which makes it `unknown`.
    public var before: ActionState
    public var attempts: [ActionAttempt]
    public var fence: Int64

    public init(action: StoredAction, before: ActionState, attempts: [ActionAttempt], fence: Int64) {
        self.action = action
        self.before = before
        self.attempts = attempts
        self.fence = fence
    }
}

/// How the work under a claim goes on after an attempt, or without one.
public enum ActionStep: Sendable, Hashable {
    /// The claim is kept.
    case goOn
    /// It is done; what the system calls it, where it says so.
    case confirmed(externalID: String?)
    /// The system does not do it.
    case refused
    /// It is given up: nothing has taken effect, and nothing is to.
    case dropped
    /// Nothing has taken effect; it is tried again after so many milliseconds.
    case notSent(after: Int64, isDead: Bool)
    /// Nobody knows; it is looked at again after so many milliseconds.
    case unknown(after: Int64, isDead: Bool)
    /// The state stays and no try is counted, as where a system rests; looked at again after so many milliseconds.
    case wait(Int64)
}

/// Which actions are listed; nil or empty asks for all.
public struct ActionFilter: Sendable, Hashable {
    public var states: Set<ActionState>
    public var system: String?
    public var kind: String?
    public var account: String?
    public var isDead: Bool?

    public init(
        states: Set<ActionState> = [], system: String? = nil, kind: String? = nil, account: String? = nil,
        isDead: Bool? = nil
    ) {
        self.states = states
        self.system = system
        self.kind = kind
        self.account = account
        self.isDead = isDead
    }
}

/// How many actions stand alike.
public struct ActionCount: Sendable, Hashable {
    public var system: String
    public var kind: String
    public var state: ActionState
    public var isDead: Bool
    public var count: Int64

    public init(system: String, kind: String, state: ActionState, isDead: Bool, count: Int64) {
        self.system = system
        self.kind = kind
        self.state = state
        self.isDead = isDead
        self.count = count
    }
}

/// The outbox: what legacy systems are asked to do. A request, its key and its state are one row; time is the store's own clock.
public protocol OutboxReader {
    func action(_ id: ActionID) throws -> StoredAction?
    func action(caller: String, key: String) throws -> StoredAction?
    /// The newest first, with numbers below `before`, at most `limit`.
    func actions(_ filter: ActionFilter, before: ActionID?, limit: Int) throws -> [StoredAction]
    /// By number.
    func attempts(of action: ActionID) throws -> [ActionAttempt]
    /// All that there are, by system, kind and state.
    func actionCounts() throws -> [ActionCount]
    /// When the oldest action that is not settled was accepted, of each system that has one.
    func oldestUnsettledActions() throws -> [String: Instant]
}

public protocol OutboxWriter: OutboxReader {
    /// Keeps a request under its caller's key, unless that is taken: the first wins, whoever comes beside it. A request that is not
    /// answered (``answerAction(_:with:)``) within `answerWithin` seconds counts as ended without an answer.
    ///
    /// - Throws: `store.failed` where the reference is taken.
    func accept(_ action: IncomingAction, answerWithin: Int64) throws -> ActionAcceptance
    /// Keeps what the caller is answered, for repeats. The first answer stays.
    func answerAction(_ id: ActionID, with answer: [UInt8]) throws
    /// Claims the action of these systems that has waited longest, for `seconds`; nil where none is due. Within an account and a
    /// system one after the other, in the order in which they were accepted: dead letters hold nothing up. What is urgent goes first,
    /// and an urgent one does not wait for earlier ones of its kind that are not.
    ///
    /// A claim is lost where `isAlive` says that its owner has ended, and where its lease has expired. A lease that expires later
    /// than a new one would was given before the store's clock went back, and counts as expired.
    func claimAction(
        systems: [String], owner: LeaseOwner, seconds: Int64, isAlive: (LeaseOwner) -> Bool
    ) throws -> ActionClaim?
    /// To be committed before anything is sent: notes that an attempt begins. One that sends makes an action `sending`, unless it is
    /// `unknown`.
    ///
    /// - Returns: its number.
    /// - Throws: `action.fenced` where another owner has claimed the action since, or it is settled.
    func beginAttempt(_ claim: ActionClaim, _ kind: ActionAttemptKind) throws -> Int64
    /// Notes how an attempt ended (`attempt` nil for none) and what follows. `message` stands with the action from then on.
    ///
    /// - Returns: the action as it stands.
    /// - Throws: `action.fenced` where another owner has claimed the action since, or it is settled.
    func settle(
        _ claim: ActionClaim, attempt: Int64?, result: String, detail: String?, message: String?, _ step: ActionStep
    ) throws -> StoredAction
    /// Has an action that is not settled tried at once, also a dead letter. False where it is settled or there is none.
    func retryAction(_ id: ActionID) throws -> Bool
    /// Gives an action up. False where it is settled, claimed by an owner whose lease has not expired, or there is none.
    func dropAction(_ id: ActionID, message: String) throws -> Bool
    /// Lets go of actions, with their attempts, that were settled before a moment, in microseconds since 1970; at most `limit`, those
    /// first that were settled first. One goes only where its caller's key is known without it: there is a kept answer under it, or it
    /// is a notice's, which keeps from then on what became of it. One whose notice has still to be looked at stays.
    ///
    /// - Returns: which.
    func forgetActions(settledBefore moment: Int64, limit: Int) throws -> [ActionID]
}

extension ActionClaim {
    /// The refusal of a claim that is no longer held.
    public var fenced: HearthError {
        HearthError(
            .actionFenced, "action \(action.id) was claimed by another worker, or settled, since this one claimed it",
            at: .address("store"), advice: "nothing more is written by this claim; the other worker goes on")
    }
}
