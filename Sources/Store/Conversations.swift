public import HeatModel

public enum ConversationEntity {}
public typealias ConversationID = StoreID<ConversationEntity>
public enum HandOffEntity {}
public typealias HandOffID = StoreID<HandOffEntity>

/// A conversation with a customer. Words in it and below it are masked before they come here.
public struct Conversation: Sendable, Hashable {
    public var id: ConversationID
    /// Number of the account; nil until it is known.
    public var account: String?
    /// Through which the customer speaks: `wechat`, `phone`.
    public var channel: String
    /// `zh`, `zh_plain`, `en`: the words that the customer is answered in.
    public var language: String
    /// Whether the customer said to be elderly, or was seen to be.
    public var isElderly: Bool
    /// Who opened it.
    public var caller: String
    public var openedAt: Instant
    /// When something was last said.
    public var lastAt: Instant
    public var turns: Int64

    public init(
        id: ConversationID, account: String?, channel: String, language: String, isElderly: Bool, caller: String,
        openedAt: Instant, lastAt: Instant, turns: Int64
    ) {
        self.id = id
        self.account = account
        self.channel = channel
        self.language = language
        self.isElderly = isElderly
        self.caller = caller
        self.openedAt = openedAt
        self.lastAt = lastAt
        self.turns = turns
    }
}

/// What one side says.
public struct Turn: Sendable, Hashable {
    public enum Speaker: String, Sendable, Hashable, CaseIterable, Codable {
        case customer, assistant, human
    }

    /// How a question was met.
    public enum Mark: String, Sendable, Hashable, CaseIterable, Codable {
        case answered, misunderstood, unanswered
    }

    /// What a customer was shown, by which it is found again.
    public struct Fact: Sendable, Hashable {
        /// `bill`, `work_order`, `question`.
        public var kind: String
        public var id: String
        /// When it was true, as it was stated; nil where that is not known.
        public var freshAt: String?

        public init(kind: String, id: String, freshAt: String?) {
            self.kind = kind
            self.id = id
            self.freshAt = freshAt
        }
    }

    /// From 1 in each conversation.
    public var number: Int64
    public var speaker: Speaker
    public var at: Instant
    /// Masked.
    public var words: String
    /// What it was taken to be about: `money.due`.
    public var intent: String?
    public var mark: Mark?
    public var facts: [Fact]
    /// What legacy systems were asked for by it.
    public var actions: [ActionID]
    /// Who added it.
    public var caller: String

    /// Intents of what is told without being asked begin so.
    public static let noticeIntent = "notice."
    /// Whether it was told without being asked.
    public var isNotice: Bool { speaker == .assistant && intent?.hasPrefix(Self.noticeIntent) == true }

    public init(
        number: Int64, speaker: Speaker, at: Instant, words: String, intent: String? = nil, mark: Mark? = nil,
        facts: [Fact] = [], actions: [ActionID] = [], caller: String
    ) {
        self.number = number
        self.speaker = speaker
        self.at = at
        self.words = words
        self.intent = intent
        self.mark = mark
        self.facts = facts
        self.actions = actions
        self.caller = caller
    }
}

/// A conversation that is handed to a person.
public struct HandOff: Sendable, Hashable {
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// Nobody has it yet.
        case waiting
        /// A person has it, and the assistant is silent.
        case claimed
        /// The assistant has the conversation again.
        case closed
    }

    public var id: HandOffID
    public var conversation: ConversationID
    public var reason: String
    /// The last turn that the card knows.
    public var afterTurn: Int64
    /// A JSON object.
    public var card: [UInt8]
    public var askedAt: Instant
    public var askedBy: String
    /// Who has it, or had it last.
    public var owner: String?
    public var claimedAt: Instant?
    /// When its owner last did something.
    public var activeAt: Instant?
    /// Greater with each owner.
    public var fence: Int64
    public var closedAt: Instant?
    /// The conversation's last turn then.
    public var closedTurn: Int64?
    public var outcome: String?
    public var note: String?

    public var state: State { closedAt != nil ? .closed : owner != nil ? .claimed : .waiting }

    public init(
        id: HandOffID, conversation: ConversationID, reason: String, afterTurn: Int64, card: [UInt8], askedAt: Instant,
        askedBy: String, owner: String?, claimedAt: Instant?, activeAt: Instant?, fence: Int64, closedAt: Instant?,
        closedTurn: Int64?, outcome: String?, note: String?
    ) {
        self.id = id
        self.conversation = conversation
        self.reason = reason
        self.afterTurn = afterTurn
        self.card = card
        self.askedAt = askedAt
        self.askedBy = askedBy
        self.owner = owner
        self.claimedAt = claimedAt
        self.activeAt = activeAt
        self.fence = fence
        self.closedAt = closedAt
        self.closedTurn = closedTurn
        self.outcome = outcome
        self.note = note
    }
}

/// What a customer thinks of a conversation, of one answer in it, or of a visit.
public struct Feedback: Sendable, Hashable {
    public enum Subject: String, Sendable, Hashable, CaseIterable {
        case conversation, answer, visit
    }

    public var conversation: ConversationID
    public var subject: Subject
    /// Of an answer, its turn; 0 else.
    public var turn: Int64
    /// 1 to 5.
    public var score: Int64?
    public var isSolved: Bool?
    /// Masked.
    public var words: String?
    public var at: Instant
    public var caller: String

    public init(
        conversation: ConversationID, subject: Subject, turn: Int64 = 0, score: Int64?, isSolved: Bool?,
        words: String?, at: Instant, caller: String
    ) {
        self.conversation = conversation
        self.subject = subject
        self.turn = turn
        self.score = score
        self.isSolved = isSolved
        self.words = words
        self.at = at
        self.caller = caller
    }
}

public protocol ConversationReader {
    func conversation(_ id: ConversationID) throws -> Conversation?
    /// The newest first, with numbers below `before`, at most `limit`; of one account where one is named.
    func conversations(account: String?, before: ConversationID?, limit: Int) throws -> [Conversation]
    /// Those opened at or after one moment and before another, in microseconds since 1970, by number.
    func conversations(opened: Range<Int64>, after: ConversationID?, limit: Int) throws -> [Conversation]
    /// With numbers above `number`, in their order, at most `limit`.
    func turns(of conversation: ConversationID, after number: Int64, limit: Int) throws -> [Turn]
    func handOff(_ id: HandOffID) throws -> HandOff?
    /// The newest first.
    func handOffs(of conversation: ConversationID) throws -> [HandOff]
    /// In one of these states, with numbers above `after`, in their order, at most `limit`.
    func handOffs(_ states: Set<HandOff.State>, after: HandOffID?, limit: Int) throws -> [HandOff]
    /// In the order of their subjects and turns.
    func feedback(of conversation: ConversationID) throws -> [Feedback]
}

public protocol ConversationWriter: ConversationReader {
    /// Keeps a new conversation; its number, moments and turns are the store's to say.
    func openConversation(
        account: String?, channel: String, language: String, isElderly: Bool, caller: String
    ) throws -> Conversation
    /// Says whose a conversation is, which had no account.
    func setAccount(_ account: String, of conversation: ConversationID) throws
    /// Says that its customer is elderly, as they have told.
    func markElderly(_ conversation: ConversationID) throws
    /// Adds a turn at its end, whose number and moment are the store's to say.
    ///
    /// - Throws: `store.failed` where there is no such conversation.
    func addTurn(_ turn: Turn, to conversation: ConversationID) throws -> Turn
    /// - Throws: `store.failed` where there is no such turn.
    func setMark(_ mark: Turn.Mark, ofTurn number: Int64, of conversation: ConversationID) throws
    /// Keeps a new one, which nobody has yet.
    ///
    /// - Throws: `store.failed` where the conversation has one that is not closed.
    func askHandOff(
        _ conversation: ConversationID, reason: String, afterTurn: Int64, card: [UInt8], caller: String
    ) throws -> HandOff
    /// Gives it to an owner, unless it is closed, or another owner has it who did something in the last `idleSeconds`.
    ///
    /// - Returns: nil where it cannot be had.
    func claimHandOff(_ id: HandOffID, owner: String, idleSeconds: Int64) throws -> HandOff?
    /// Notes that its owner did something. False where another has it, or it is closed.
    func touchHandOff(_ id: HandOffID, owner: String) throws -> Bool
    /// False where another has it, or it is closed.
    func closeHandOff(_ id: HandOffID, owner: String, outcome: String, note: String?) throws -> Bool
    /// Keeps what a customer thinks of something, in place of what they thought of it before; its moment is the store's to say.
    func putFeedback(_ feedback: Feedback) throws
    /// Removes the oldest conversations in which nothing was said since a moment, in microseconds since 1970, with all that belongs to
    /// them, at most `limit`; none that waits for a person or that one has.
    ///
    /// - Returns: which.
    func forgetConversations(silentSince moment: Int64, limit: Int) throws -> [ConversationID]
}
