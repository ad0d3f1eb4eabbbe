public import HeatModel

/// Where a notice to a customer stands. What the outbox knows of it is read from there, and kept nowhere else.
public enum NoticeState: String, Sendable, Hashable, CaseIterable, Codable {
    /// It waits for its time.
    case planned
    /// It waits for a later time than it had: in quiet hours, or because its receiver was told enough that day.
    case deferred
    /// It is in the outbox, and nothing of it was sent.
    case queued
    case sending
    /// The channel has it.
    case sent
    /// It may have been sent or not; nobody knows yet.
    case unknown
    /// It is not sent, and the reason says why.
    case notSent

    /// Whether nothing follows.
    public var isFinal: Bool { self == .sent || self == .notSent }
}

/// What a notice is about, and when it is due.
public struct IncomingNotice: Sendable, Hashable {
    /// Name of the rule.
    public var rule: String
    public var account: String
    /// What of the account it is about: a season, an order, an outage. One notice for each rule, account and occasion.
    public var occasion: String
    public var notBefore: Instant
    /// After this it is worth nothing.
    public var expiresAt: Instant

    public init(rule: String, account: String, occasion: String, notBefore: Instant, expiresAt: Instant) {
        self.rule = rule
        self.account = account
        self.occasion = occasion
        self.notBefore = notBefore
        self.expiresAt = expiresAt
    }
}

/// A notice as it stands.
public struct StoredNotice: Sendable, Hashable {
    /// What was told, or is being told.
    public struct Telling: Sendable, Hashable {
        /// Phone number, or what else the person is known by: whom the cap counts. Personal.
        public var person: String
        /// The company's day.
        public var day: CivilDate
        /// Personal.
        public var text: String
        public var segments: Int
        /// What the channel was given beside these, by name. Personal.
        public var values: [String: String]

        public init(person: String, day: CivilDate, text: String, segments: Int, values: [String: String]) {
            self.person = person
            self.day = day
            self.text = text
            self.segments = segments
            self.values = values
        }
    }

    public var id: NoticeID
    public var notice: IncomingNotice
    public var state: NoticeState
    public var plannedAt: Instant
    /// Since when it is in this state, where the outbox does not say otherwise.
    public var changedAt: Instant
    /// The place of its channel in the rule's order.
    public var channel: Int
    /// In the outbox.
    public var action: StoredAction?
    public var telling: Telling?
    /// Why it was put off or is not sent.
    public var reason: String?

    public init(
        id: NoticeID, notice: IncomingNotice, state: NoticeState, plannedAt: Instant, changedAt: Instant, channel: Int,
        action: StoredAction?, telling: Telling?, reason: String?
    ) {
        self.id = id
        self.notice = notice
        self.state = state
        self.plannedAt = plannedAt
        self.changedAt = changedAt
        self.channel = channel
        self.action = action
        self.telling = telling
        self.reason = reason
    }
}

/// Which notices are listed; nil or empty asks for all.
public struct NoticeFilter: Sendable, Hashable {
    public var states: Set<NoticeState>
    public var rule: String?
    public var account: String?

    public init(states: Set<NoticeState> = [], rule: String? = nil, account: String? = nil) {
        self.states = states
        self.rule = rule
        self.account = account
    }
}

/// What a person wants to be told, or not.
public struct NoticeConsent: Sendable, Hashable {
    /// As ``StoredNotice/Telling/person``. Personal.
    public var person: String
    /// A kind of notices, or `all`.
    public var about: String
    public var isWanted: Bool
    public var changedAt: Instant
    /// Who said so.
    public var by: String

    public init(person: String, about: String, isWanted: Bool, changedAt: Instant, by: String) {
        self.person = person
        self.about = about
        self.isWanted = isWanted
        self.changedAt = changedAt
        self.by = by
    }
}

/// Whether a home is well again after a repair, as its customer says.
public struct FollowUp: Sendable, Hashable {
    public enum State: String, Sendable, Hashable, CaseIterable, Codable {
        /// The crew says that it is done; the customer has not said so.
        case unconfirmed
        /// The customer says that it is well again.
        case well
        /// The customer says that it is not: the order was asked to be opened again.
        case reopened
        /// Asked, and no answer came.
        case unanswered
    }

    public var account: String
    /// The dispatch system's number of the order.
    public var order: String
    public var state: State
    /// How often the customer said that it is not well.
    public var reopenings: Int
    public var changedAt: Instant
    /// 1 to 5.
    public var satisfaction: Int?
    /// Personal.
    public var words: String?
    /// What the dispatch system was asked for last.
    public var action: ActionID?
    /// Whether a person is to take over, and has not yet.
    public var wantsPerson: Bool
    public var isEscalated: Bool

    public init(
        account: String, order: String, state: State, reopenings: Int = 0, changedAt: Instant, satisfaction: Int? = nil,
        words: String? = nil, action: ActionID? = nil, wantsPerson: Bool = false, isEscalated: Bool = false
    ) {
        self.account = account
        self.order = order
        self.state = state
        self.reopenings = reopenings
        self.changedAt = changedAt
        self.satisfaction = satisfaction
        self.words = words
        self.action = action
        self.wantsPerson = wantsPerson
        self.isEscalated = isEscalated
    }
}

/// How many notices stand alike.
public struct NoticeCount: Sendable, Hashable {
    public var rule: String
    /// Nil where they were handed to their channel: their actions say what became of them.
    public var state: NoticeState?
    public var count: Int64

    public init(rule: String, state: NoticeState?, count: Int64) {
        self.rule = rule
        self.state = state
        self.count = count
    }
}

/// Notices to customers, what they want of them, and what they answer.
public protocol NoticeReader {
    func notice(_ id: NoticeID) throws -> StoredNotice?
    func notice(rule: String, account: String, occasion: String) throws -> StoredNotice?
    /// The newest first, with numbers below `before`, at most `limit`.
    func notices(_ filter: NoticeFilter, before: NoticeID?, limit: Int) throws -> [StoredNotice]
    /// Those that wait for their time and whose time has come, the earliest first, at most `limit`. One read of an index.
    func dueNotices(at now: Instant, limit: Int) throws -> [StoredNotice]
    /// Those that their channel has certainly not taken: refused, given up, or not reached so often that a person is to look. At
    /// most `limit`.
    func failedNotices(limit: Int) throws -> [StoredNotice]
    /// How many notices a person was told that day, or may have been. One read of an index.
    func tellings(to person: String, on day: CivilDate) throws -> Int
    /// All that there are, by rule and state.
    func noticeCounts() throws -> [NoticeCount]
    /// What a person said, the latest of each kind.
    func consents(of person: String) throws -> [NoticeConsent]
    /// One keyed read.
    func followUp(account: String, order: String) throws -> FollowUp?
    /// Of an account, by order; of all accounts with nil, those that nothing has ended yet or that wait for a person, at most `limit`.
    func followUps(of account: String?, limit: Int) throws -> [FollowUp]
}

public protocol NoticeWriter: NoticeReader {
    /// Keeps a notice, unless there is one of the same rule, account and occasion: of that, while it is planned, the times become
    /// these.
    ///
    /// - Returns: whether it is new.
    func planNotice(_ notice: IncomingNotice, at now: Instant) throws -> Bool
    /// Replaces what stands of a notice: state, times, channel, action, telling and reason.
    func putNotice(_ notice: StoredNotice) throws
    /// Replaces what the person said of the same kind.
    func putConsent(_ consent: NoticeConsent) throws
    /// Replaces the order's.
    func putFollowUp(_ followUp: FollowUp) throws
}
