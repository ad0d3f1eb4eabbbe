import AccountView
import Disclosure
import Evidence
package import Explanation
package import HeatModel
import JSONText
package import Store
package import Triage

/// Does what is asked of a conversation, within the transaction that keeps the request's answer: who may speak now, what is kept of the
/// words, and what the chain is to know.
///
/// ```swift
/// let taken = try store.write { try desk.take(.open(account: nil, channel: "wechat", …), by: caller, in: $0) }
/// ```
///
/// A conversation is with the *assistant*; from a hand-off on it *waits* for a person, and the assistant may still speak; from a claim
/// until it is closed it is with a *human*, and the assistant is silent.
package struct ConversationDesk: Sendable {
    let money: MoneyAnswers?
    let triage: TriageRules?
    let settings: ConversationSettings
    /// The company's clock.
    let instant: @Sendable (Moment?) -> Instant
    private let recent = RecentHouseholds()

    package init(
        money: MoneyAnswers?, triage: TriageRules?, settings: ConversationSettings,
        instant: @escaping @Sendable (Moment?) -> Instant
    ) {
        self.money = money
        self.triage = triage
        self.settings = settings
        self.instant = instant
    }

    /// What a caller is answered. It holds no words of anybody's, so it may be kept.
    package struct Taken: Sendable {
        package var json: [UInt8]
        package var account: String?
        /// Whether something was taken that is not done yet.
        package var isNew = false
        /// Who speaks with the customer, where words were added.
        package var state: ConversationState?
    }

    /// - Throws: `conversation.…`, and what the store throws.
    package func take(
        _ request: ConversationRequest, by caller: String, in store: any StoreWriter
    ) throws -> Taken {
        switch request {
        case .open(let account, let channel, let language, let isElderly):
            return try open(account, channel, language, isElderly, caller, store)
        case .turn(let id, let turn): return try add(turn, to: id, caller, store)
        case .handOff(let id, let reason, let note): return try handOff(id, reason, note, caller, store)
        case .claim(let id, let agent): return try claim(id, Self.owner(caller, agent), store)
        case .reply(let id, let agent, let words): return try reply(id, words, Self.owner(caller, agent), store)
        case .close(let id, let agent, let outcome, let note):
            return try close(id, outcome, note, Self.owner(caller, agent), store)
        case .feedback(let id, let opinion): return try keep(opinion, of: id, caller, store)
        }
    }

    /// After so many turns the assistant is silent, and after twice as many everybody: a caller that goes round in a circle fills no disk.
    static let mostTurns: Int64 = 2000

    private static func owner(_ caller: String, _ agent: String?) -> String {
        agent.map { "\(caller)/\($0)" } ?? caller
    }

    private static func known(_ id: ConversationID, _ store: any StoreReader) throws -> Conversation {
        guard let conversation = try store.conversation(id) else { throw ConversationErrors.unknown }
        return conversation
    }

    private func document(_ conversation: Conversation, _ fill: (inout JSONObject) -> Void) -> [UInt8] {
        JSONObject.make { json in
            json.integer("version", 1)
            json.integer("conversation", conversation.id.number)
            json.text("account_number", conversation.account)
            fill(&json)
        }
    }

    // MARK: What is said

    private func open(
        _ account: String?, _ channel: String, _ language: String, _ isElderly: Bool, _ caller: String,
        _ store: any StoreWriter
    ) throws -> Taken {
        var isElderly = isElderly
        if let account {
            guard let view = try Self.view(account, store) else { throw ConversationErrors.noAccount }
            isElderly = isElderly || view.body.withUnsafeBytes { AccountContext.isElderly(in: $0) }
        }
        let made = try store.openConversation(
            account: account, channel: channel, language: language, isElderly: isElderly, caller: caller)
        let json = document(made) { json in
            json.text("state", ConversationState.assistant.rawValue)
            json.flag("elderly", isElderly)
            json.text("opened_at", stamp(made.openedAt))
            json.text("path", "/v1/conversations/\(made.id)")
        }
        return Taken(json: json, account: account)
    }

    private func add(
        _ new: ConversationRequest.NewTurn, to id: ConversationID, _ caller: String, _ store: any StoreWriter
    ) throws -> Taken {
        var conversation = try Self.known(id, store)
        let handOff = try store.handOffs(of: id).first
        let state = ConversationState(handOff)
        if new.speaker == .assistant, state == .human { throw ConversationErrors.humanOwns(handOff) }
        if conversation.turns >= (new.speaker == .assistant ? Self.mostTurns : 2 * Self.mostTurns) {
            throw ConversationErrors.full
        }
        if let account = new.account, let known = conversation.account, known != account {
            throw ConversationErrors.otherAccount
        }
        let viewed = try (new.account ?? conversation.account).flatMap { try Self.stamp(ofView: $0, store) }
        if let account = new.account {
            if viewed == nil { throw ConversationErrors.noAccount }
            if conversation.account == nil { try store.setAccount(account, of: id) }
            conversation.account = account
        }
        try check(new.actions, conversation, store)
        let kept =
            if let kept = new.kept, kept.account == conversation.account, kept.stamp == viewed { kept.words } else {
                try words(new.words, of: new.speaker, household(conversation.account, store), store, in: new)
            }
        var turn = Turn(
            number: 0, speaker: new.speaker, at: conversation.lastAt,
            words: kept, intent: new.intent, mark: new.mark, facts: new.facts, actions: new.actions, caller: caller)
        if new.speaker == .customer, new.mark == .misunderstood {
            // It is the answer before that missed what was asked.
            let before = try store.turns(of: id, after: 0, limit: Int(2 * Self.mostTurns)).last {
                $0.speaker == .assistant
            }
            if let before { try store.setMark(.misunderstood, ofTurn: before.number, of: id) }
        }
        turn = try store.addTurn(turn, to: id)
        if turn.speaker != .customer { try AuditTrail.note(told: turn, in: id, by: caller, store) }
        let json = document(conversation) { json in
            json.integer("turn", turn.number)
            json.text("state", state.rawValue)
            json.text("at", stamp(turn.at))
            json.flag("masked", turn.words != FreeText.clean(new.words))
        }
        return Taken(json: json, account: conversation.account, state: state)
    }

    /// Each must be there, and the conversation's own.
    private func check(_ actions: [ActionID], _ conversation: Conversation, _ store: any StoreReader) throws {
        for (index, id) in actions.enumerated() {
            guard let action = try store.action(id), let account = conversation.account,
                action.request.account == account
            else { throw ConversationErrors.unknownAction(index) }
        }
    }

    /// What is kept of a turn's words; it holds as long as the conversation's account has the view that it was made with.
    struct KeptWords: Sendable {
        fileprivate var words: String
        fileprivate var account: String?
        fileprivate var stamp: ViewStamp?
    }

    /// Turns with what is kept of their words, which takes longer to find out than all else of keeping them: it is found out before the
    /// transaction that takes the turns, and there again only where the account's view has become another.
    ///
    /// - Parameter turns: each with the account that its conversation will be about.
    package func withKeptWords(
        _ turns: [(turn: ConversationRequest.NewTurn, account: String?)], in store: any StoreReader
    ) throws -> [ConversationRequest.NewTurn] {
        var household = Household()
        return try turns.map { turn, account in
            if household.account != account { household = try self.household(account, store) }
            var turn = turn
            turn.kept = KeptWords(
                words: try words(turn.words, of: turn.speaker, household, store, in: turn), account: account,
                stamp: household.stamp)
            return turn
        }
    }

    private func household(_ account: String?, _ store: any StoreReader) throws -> Household {
        guard let account else { return Household() }
        guard let stamp = try Self.stamp(ofView: account, store) else { return Household(account: account) }
        if let known = recent.household(of: account), known.stamp == stamp { return known }
        guard let view = try Self.view(account, store) else { return Household(account: account) }
        let household = Household(account: account, stamp: stamp, view: view.body)
        recent.keep(household)
        return household
    }

    /// What is kept of what was said.
    private func words(
        _ words: String, of speaker: Turn.Speaker, _ household: Household, _ store: any StoreReader,
        in turn: ConversationRequest.NewTurn? = nil
    ) throws -> String {
        var text = household.words
        text.know(turn?.facts.map(\.id) ?? [])
        text.know(try turn?.actions.compactMap { try store.action($0)?.externalID } ?? [])
        return text.masked(FreeText.clean(words), of: speaker == .customer ? .customer : .company)
    }

    private func words(
        _ words: String, of speaker: Turn.Speaker, _ conversation: Conversation, _ store: any StoreReader
    ) throws -> String {
        try self.words(words, of: speaker, household(conversation.account, store), store)
    }

    static func view(_ number: String, _ store: any StoreReader) throws -> StoredView? {
        var number = number
        return try number.withUTF8 { try store.view(number: UnsafeRawBufferPointer($0)) }
    }

    static func stamp(ofView number: String, _ store: any StoreReader) throws -> ViewStamp? {
        var number = number
        return try number.withUTF8 { try store.viewStamp(number: UnsafeRawBufferPointer($0)) }
    }

    /// An instant of the store as the company's clock has it.
    func stamp(_ moment: Instant) -> String {
        Instant(microseconds: moment.microseconds, offsetMinutes: instant(nil).offsetMinutes).description
    }

    // MARK: Hand-offs

    private func handOff(
        _ id: ConversationID, _ reason: String, _ note: String?, _ caller: String, _ store: any StoreWriter
    ) throws -> Taken {
        let conversation = try Self.known(id, store)
        let last = try store.handOffs(of: id).first
        if let last, last.state != .closed { return taken(last, conversation, isJoined: true) }
        let turns = try store.turns(of: id, after: 0, limit: Int(2 * Self.mostTurns))
        // Whoever was given back to the assistant is handed on again once they have said something: no assistant goes round in a circle.
        if let end = last?.closedTurn, !turns.contains(where: { $0.number > end && $0.speaker == .customer }) {
            throw ConversationErrors.nothingSaid
        }
        let note = try note.map { try words($0, of: .customer, conversation, store) }
        let maker = HandOffCard(
            conversation: conversation, turns: turns, reason: reason, note: note, desk: self, now: instant(nil))
        let made = try store.askHandOff(
            id, reason: reason, afterTurn: conversation.turns, card: maker.json(store), caller: caller)
        try AuditTrail.note(step: made, by: caller, in: store)
        return taken(made, conversation, isJoined: false)
    }

    private func taken(_ handOff: HandOff, _ conversation: Conversation, isJoined: Bool) -> Taken {
        let json = document(conversation) { json in
            json.integer("hand_off", handOff.id.number)
            json.text("state", handOff.state.rawValue)
            json.flag("joined", isJoined)
            json.text("asked_at", stamp(handOff.askedAt))
        }
        return Taken(json: json, account: conversation.account, isNew: !isJoined)
    }

    private static func known(_ id: HandOffID, _ store: any StoreReader) throws -> (HandOff, Conversation) {
        guard let handOff = try store.handOff(id) else { throw ConversationErrors.unknownHandOff }
        return (handOff, try known(handOff.conversation, store))
    }

    private func claim(_ id: HandOffID, _ owner: String, _ store: any StoreWriter) throws -> Taken {
        let (before, conversation) = try Self.known(id, store)
        if before.state == .closed { throw ConversationErrors.closed }
        guard let held = try store.claimHandOff(id, owner: owner, idleSeconds: Int64(settings.idleSeconds)) else {
            throw ConversationErrors.heldByAnother(before)
        }
        if held.fence != before.fence { try AuditTrail.note(step: held, by: owner, in: store) }
        return Taken(json: document(held, conversation), account: conversation.account)
    }

    private func document(_ handOff: HandOff, _ conversation: Conversation, turn: Turn? = nil) -> [UInt8] {
        document(conversation) { json in
            json.integer("hand_off", handOff.id.number)
            json.text("state", handOff.state.rawValue)
            json.text("owner", handOff.owner)
            json.integer("fence", handOff.fence)
            json.integer("turn", turn?.number)
            json.text("claimed_at", handOff.claimedAt.map(stamp))
            json.text("closed_at", handOff.closedAt.map(stamp))
            json.text("path", "/v1/hand-offs/\(handOff.id)")
        }
    }

    private func reply(
        _ id: HandOffID, _ words: String, _ owner: String, _ store: any StoreWriter
    ) throws -> Taken {
        let (_, conversation) = try Self.known(id, store)
        guard try store.touchHandOff(id, owner: owner) else { throw try notOwner(id, store) }
        if conversation.turns >= 2 * Self.mostTurns { throw ConversationErrors.full }
        let turn = try store.addTurn(
            Turn(
                number: 0, speaker: .human, at: conversation.lastAt,
                words: try self.words(words, of: .human, conversation, store), caller: owner), to: conversation.id)
        try AuditTrail.note(told: turn, in: conversation.id, by: owner, store)
        let (after, _) = try Self.known(id, store)
        return Taken(json: document(after, conversation, turn: turn), account: conversation.account)
    }

    private func close(
        _ id: HandOffID, _ outcome: String, _ note: String?, _ owner: String, _ store: any StoreWriter
    ) throws -> Taken {
        let (_, conversation) = try Self.known(id, store)
        let note = try note.map { try words($0, of: .customer, conversation, store) }
        guard try store.closeHandOff(id, owner: owner, outcome: outcome, note: note) else {
            throw try notOwner(id, store)
        }
        let (after, _) = try Self.known(id, store)
        try AuditTrail.note(step: after, by: owner, in: store)
        return Taken(json: document(after, conversation), account: conversation.account)
    }

    private func notOwner(_ id: HandOffID, _ store: any StoreReader) throws -> HearthError {
        let (handOff, _) = try Self.known(id, store)
        return handOff.state == .closed ? ConversationErrors.closed : ConversationErrors.notOwner
    }

    // MARK: Feedback

    private func keep(
        _ opinion: ConversationRequest.Opinion, of id: ConversationID, _ caller: String, _ store: any StoreWriter
    ) throws -> Taken {
        let conversation = try Self.known(id, store)
        if opinion.subject == .answer {
            let turn = try store.turns(of: id, after: opinion.turn - 1, limit: 1).first
            guard let turn, turn.number == opinion.turn, turn.speaker != .customer else {
                throw ConversationErrors.unknownTurn
            }
        }
        let isRepeated = try store.feedback(of: id).contains {
            $0.subject == opinion.subject && $0.turn == opinion.turn
        }
        let words = try opinion.words.map { try self.words($0, of: .customer, conversation, store) }
        try store.putFeedback(
            Feedback(
                conversation: id, subject: opinion.subject, turn: opinion.turn, score: opinion.score,
                isSolved: opinion.isSolved, words: words, at: conversation.lastAt, caller: caller))
        let json = document(conversation) { json in
            json.text("about", opinion.subject.rawValue)
            json.integer("turn", opinion.turn == 0 ? nil : opinion.turn)
            json.flag("replaced", isRepeated)
        }
        return Taken(json: json, account: conversation.account)
    }

    // MARK: Retention

    /// Lets go of conversations in which nothing was said for as long as they are to be kept, some hundred at a time.
    ///
    /// - Returns: how many.
    package func forget(in store: any Store, keptDays: Int) throws -> Int {
        let moment = instant(nil).microseconds - Int64(keptDays) * 86_400_000_000
        var count = 0
        while true {
            let gone = try store.write { store in
                let gone = try store.forgetConversations(silentSince: moment, limit: 500)
                // What is gone and the line that says so are one.
                if !gone.isEmpty { try AuditTrail.note(forgotten: gone, in: store) }
                return gone
            }
            count += gone.count
            if gone.isEmpty { break }
        }
        // How far customers had come, and what each turn was answered, is of no use without them.
        while try store.write({ try $0.forgetCustomers(silentSince: moment, limit: 500) }) > 0 {}
        return count
    }
}

/// Who speaks with the customer.
package enum ConversationState: String, Sendable {
    case assistant, waiting, human

    /// - Parameter handOff: the conversation's last one.
    package init(_ handOff: HandOff?) {
        self =
            switch handOff?.state {
            case .waiting: .waiting
            case .claimed: .human
            case .closed, nil: .assistant
            }
    }
}

enum ConversationErrors {
    static let unknown = HearthError(
        .conversationUnknown, "there is no such conversation", at: .address("store"),
        advice: "it was never opened, or was kept as long as conversations are")
    static let unknownHandOff = HearthError(
        .conversationUnknownHandOff, "there is no such hand-off", at: .address("store"),
        advice: "the list of hand-offs names those that there are")
    static let noAccount = HearthError(
        .usageUnknownAccount, "there is no account with this number", at: .address("store"),
        advice: "check the leading zeros")
    static let otherAccount = HearthError(
        .conversationOtherAccount, "the conversation is another account's", at: .address("store"),
        advice: "open another conversation for another account")
    static let full = HearthError(
        .conversationFull, "the conversation has as many turns as one may have", at: .address("store"),
        advice: "open another conversation")
    static let nothingSaid = HearthError(
        .conversationNothingSaid, "the customer has said nothing since a person gave the conversation back",
        at: .address("store"), advice: "answer, and hand over again once the customer has said something")
    static let notOwner = HearthError(
        .conversationNotOwner, "the hand-off is not yours", at: .address("store"),
        advice: "claim it first; whoever is idle for long may lose it to another")
    static let closed = HearthError(
        .conversationHandOffClosed, "the hand-off is closed", at: .address("store"),
        advice: "the assistant has the conversation again")
    static let unknownTurn = HearthError(
        .conversationUnknownTurn, "\"turn\" is no answer of this conversation", at: .address("turn"),
        advice: "name the turn in which the customer was answered")

    static func unknownAction(_ index: Int) -> HearthError {
        HearthError(
            .conversationUnknownAction, "\"actions[\(index)].request\" is no request of this conversation's account",
            at: .address("actions[\(index)].request"),
            advice: "its number stands in the answer to the report; say whose the conversation is, too")
    }

    static func humanOwns(_ handOff: HandOff?) -> HearthError {
        HearthError(
            .conversationHumanOwns, "a person has this conversation, and the assistant is silent",
            at: .address("hand-off \(handOff.map { "\($0.id)" } ?? "")"),
            advice: "say nothing; add what the customer says, until the hand-off is closed")
    }

    static func heldByAnother(_ handOff: HandOff) -> HearthError {
        HearthError(
            .conversationHeldByAnother, "another person has this hand-off", at: .address("hand-off \(handOff.id)"),
            advice: "take the next one; this one can be taken over once its owner has been idle for long")
    }
}
