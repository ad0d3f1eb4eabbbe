package import Answers
import Conversations
import Crypto
import Foundation
package import HeatModel
package import Requests
package import Store
import Synchronization
package import Understanding

/// Speaks with customers, whatever the channel: a turn in, a reply out. It decides nothing of its own about money, orders and outages: the
/// answers do, and what is to be done goes through the desk of requests.
///
/// ```swift
/// let reply = try assistant.reply(to: CustomerTurn(channel: .chat, customer: session, key: "7", said: .words("怎么缴费"), at: now))
/// ```
///
/// What a turn asks to be done is asked under keys of the turn, and all that is kept of the turn is kept in one transaction: the words, what
/// was told with its facts, the wish for a person, how far the customer has come, the reply. A turn that is repeated, or played again
/// after a crash, has one effect and one reply.
package final class Assistant: Converser {
    let book: Playbook
    let hearing: any Hearing
    let desk: RequestDesk
    private let access: any AccessRecorder
    private let pause: @Sendable (Duration) -> Void
    private let onTrouble: @Sendable (HearthError) -> Void
    /// Intents that are offered first.
    let menu: Mutex<[String]>
    /// Turns of one customer go one after the other in this process; over processes the version of their state tells.
    private let order = (0..<64).map { _ in TurnLock() }

    private final class TurnLock: Sendable {
        let mutex = Mutex(())
    }

    /// - Parameters:
    ///   - desk: with words; its answerer is asked.
    ///   - access: where it is written down which account was looked at, before anything of it is told.
    ///   - onTrouble: is told what could not be answered or read, for the program's log; it holds nothing of a customer.
    ///   - pause: waits, so that the time of a comparison reveals nothing.
    package init(
        _ book: Playbook, hearing: any Hearing, desk: RequestDesk, access: any AccessRecorder,
        onTrouble: @escaping @Sendable (HearthError) -> Void,
        pause: @escaping @Sendable (Duration) -> Void = { Thread.sleep(forTimeInterval: $0 / .seconds(1)) }
    ) {
        self.book = book
        self.hearing = hearing
        self.desk = desk
        self.access = access
        self.onTrouble = onTrouble
        menu = Mutex(book.menu(asked: [:]))
        self.pause = pause
    }

    /// What a customer is known by in the store.
    package static func key(_ channel: ChannelKind, _ customer: String) -> CustomerKey {
        let digest = SHA256.hash(data: Data("hearth customer\u{0}\(channel.rawValue)\u{0}\(customer)".utf8))
        return CustomerKey(channel: channel.rawValue, id: Array(digest))
    }

    /// Where the customer of a state is found outside of a turn, as the door sealed it; nil where they are not, or the state is none of
    /// ours.
    package static func address(in state: CustomerState) -> String? {
        (try? Mind(kept: state.body))?.address
    }

    package func reply(to turn: CustomerTurn, also: Also) throws -> AssistantReply {
        let customer = Self.key(turn.channel, turn.customer)
        return try order[Int(customer.id[0]) % order.count].mutex.withLock { _ in
            // Another process may write this customer's state meanwhile: then the turn is played from there.
            for _ in 0..<8 {
                if let reply = try attempt(turn, of: customer, also) { return reply }
            }
            throw HearthError(
                .assistantBusy, "the customer's state is written by others all the time", at: .address("store"))
        }
    }

    // MARK: One attempt

    /// What stands of a customer before the turn.
    private struct Before {
        var version: Int64 = 0
        var mind = Mind()
        var conversation: Conversation?
        var handOff: HandOff?
        var bound: [String] = []
        /// Why what was kept cannot be read.
        var trouble: HearthError?
    }

    /// What a turn comes to before any of it is kept.
    private enum Outcome {
        /// The turn was had before.
        case kept(AssistantReply)
        /// A person has the conversation.
        case listening(Conversation)
        case played(Play, Ready)
    }

    /// Nil where somebody else wrote the customer's state meanwhile.
    private func attempt(_ turn: CustomerTurn, of customer: CustomerKey, _ also: Also) throws -> AssistantReply? {
        let turnKey = Self.digest("\(customer.channel)\u{0}\(Self.hex(customer.id))\u{0}\(turn.key)")
        let caller = Caller(id: "customer:" + Self.hex(customer.id).prefix(16), scopes: ScopeSet([.assistant]))
        let begin = ContinuousClock.now
        let (before, outcome) = try desk.answerer.store.holdingReads {
            try played(turn, turnKey, customer, caller)
        }
        if let trouble = before.trouble { onTrouble(trouble) }
        switch outcome {
        case .kept(let reply): return reply
        case .listening(let conversation):
            return try listen(turn, turnKey, customer, conversation, before, also)
        case .played(let play, let ready):
            for trouble in play.facts.troubles { onTrouble(trouble) }
            try note(play.accesses + play.facts.accesses, caller, turn)
            if let least = play.leastTime {
                let rest = least - (ContinuousClock.now - begin)
                if rest > .zero { pause(rest) }
            }
            return try keep(play, ready, turn, turnKey, customer, before, caller, also)
        }
    }

    private func played(
        _ turn: CustomerTurn, _ turnKey: String, _ customer: CustomerKey, _ caller: Caller
    ) throws -> (Before, Outcome) {
        let now = desk.answerer.instant(nil)
        let (kept, before) = try desk.answerer.store.read { store in
            (try store.customerReply(customer, key: turnKey), try self.before(customer, now, store))
        }
        // What was kept is the reply, whatever has become of the rest.
        if let kept { return (Before(), .kept(try Self.decoded(kept))) }
        if let conversation = before.conversation, before.handOff?.state == .claimed {
            return (before, .listening(conversation))
        }
        let requester = Requester(caller, action: "assistant:\(turn.channel.rawValue)")
        var play = Play(
            book: book, hearing: hearing, desk: desk, requester: requester, turn: turn, bound: before.bound,
            menu: menu.withLock { $0 },
            keyPrefix: "turn-" + turnKey, isWaiting: before.handOff?.state == .waiting, mind: before.mind,
            facts: AccountFacts(answerer: desk.answerer, requester: requester, book: book, now: now))
        play.play(hasLost: before.trouble != nil)
        return (before, .played(play, try ready(play, turn, before)))
    }

    private func before(_ customer: CustomerKey, _ now: Instant, _ store: any StoreReader) throws -> Before {
        var before = Before()
        before.bound = try store.boundAccounts(of: customer)
        guard let state = try store.customerState(customer) else { return before }
        before.version = state.version
        var mind = Mind()
        do {
            mind = try Mind(kept: state.body)
        } catch {
            // No customer is locked out by what cannot be read: it stays, and they are told to begin anew.
            before.trouble = HearthError(
                .assistantUnreadable, "what is kept of a customer cannot be read, and is kept on",
                at: .address("store"), advice: "a program of another version wrote it, or it was damaged", cause: error)
            mind.unread = state.body
        }
        if let id = state.conversation, let conversation = try store.conversation(id) {
            let handOff = try store.handOffs(of: id).first
            let isOpen = handOff.map { $0.state != .closed } ?? false
            let age = now.microseconds - conversation.lastAt.microseconds
            let isNear = age < Int64(book.company.conversationHours) * 3_600_000_000
            if isOpen || (isNear && conversation.turns < Self.mostTurns) {
                before.conversation = conversation
                before.handOff = handOff
                before.mind = mind
                return before
            }
        }
        // What was spoken of long ago is over; how somebody wants to be spoken with is not.
        before.mind.isElderly = mind.isElderly
        before.mind.isPlain = mind.isPlain
        before.mind.account = mind.account
        before.mind.unread = mind.unread
        before.mind.address = mind.address
        return before
    }

    /// Fewer than the record takes.
    private static let mostTurns: Int64 = 1900
    /// Of a customer's replies so many are kept for repeats.
    private static let mostReplies = 20

    // MARK: Keeping

    /// While a person has the conversation the customer's words are kept, and the assistant says nothing.
    private func listen(
        _ turn: CustomerTurn, _ turnKey: String, _ customer: CustomerKey, _ conversation: Conversation,
        _ before: Before, _ also: Also
    ) throws -> AssistantReply? {
        let caller = "customer:" + Self.hex(customer.id).prefix(16)
        var mind = before.mind
        mind.clearSubject()
        mind.parked = []
        mind.queue = []
        let words = Self.words(of: turn, offered: before.mind.offered)
        mind.offered = []
        mind.address = turn.address ?? mind.address
        return try desk.answerer.store.settledWrite { store in
            guard try store.customerState(customer)?.version ?? 0 == before.version else { return nil }
            if let words {
                _ = try desk.conversations.take(
                    .turn(conversation.id, .init(.customer, words)), by: String(caller), in: store)
            }
            return try finish(
                AssistantReply(conversation: conversation.id.number, messages: [], holder: .person), mind, turnKey,
                customer, before, also, store)
        }
    }

    private func keep(
        _ play: Play, _ ready: Ready, _ turn: CustomerTurn, _ turnKey: String, _ customer: CustomerKey, _ before: Before,
        _ caller: Caller, _ also: Also
    ) throws -> AssistantReply? {
        try desk.answerer.store.settledWrite { store in
            guard try store.customerState(customer)?.version ?? 0 == before.version else { return nil }
            for account in play.binds { try store.bind(customer, to: account) }
            for account in play.unbinds { _ = try store.unbind(customer, from: account) }
            var mind = play.mind
            mind.address = turn.address ?? before.mind.address
            let account = try mind.account.flatMap { try Self.hasView($0, store) ? $0 : nil }
            var id = before.conversation?.id
            // A conversation is about one account.
            if let known = before.conversation?.account, let account, known != account { id = nil }
            let conversation: ConversationID
            if let id {
                conversation = id
                if mind.isElderly, before.conversation?.isElderly == false { try store.markElderly(id) }
            } else {
                conversation = try open(turn, account, mind.isElderly, caller, store)
            }
            let state =
                try ready.said.flatMap {
                    try desk.conversations.take(.turn(conversation, $0), by: caller.id, in: store).state
                } ?? ConversationState(store.handOffs(of: conversation).first)
            // A person may have taken it since the turn began.
            if state == .human {
                mind.clearSubject()
                return try finish(
                    AssistantReply(conversation: conversation.number, messages: [], holder: .person), mind, turnKey,
                    customer, before, also, store)
            }
            var messages = ready.drawn
            var told = ready.told
            if play.isRepeat {
                let again = try said(before.mind.lastKey, to: customer, store)
                messages += Forms(book.company).again(again, plainly: play.mind.isPlain)
                told = Self.told(play, messages, before)
            }
            told.actions = account == nil ? [] : play.actions
            told.account = account
            let taken = try desk.conversations.take(.turn(conversation, told), by: caller.id, in: store)
            mind.lastKey = turnKey
            mind.lastTurn = AnswerReader(json: taken.json).integer("turn")
            if let rating = play.rating, before.conversation?.id == conversation {
                let opinion = ConversationRequest.Opinion(
                    rating.subject, turn: rating.subject == .answer ? rating.answer : 0,
                    score: Int64(rating.score), isSolved: rating.score >= 3)
                do {
                    _ = try store.nested {
                        try desk.conversations.take(.feedback(conversation, opinion), by: caller.id, in: store)
                    }
                } catch let error as HearthError where error.code == .conversationUnknownTurn {
                    // Nothing was answered yet that could be rated.
                }
            }
            if let handOff = play.handOff {
                do {
                    _ = try store.nested {
                        try desk.conversations.take(
                            .handOff(conversation, reason: handOff.reason, note: handOff.note), by: caller.id, in: store
                        )
                    }
                } catch let error as HearthError where error.code == .conversationNothingSaid {
                    // The customer opened the page, and nothing more.
                }
            }
            let holder: AssistantReply.Holder =
                switch try (play.handOff == nil ? taken.state : nil)
                    ?? ConversationState(store.handOffs(of: conversation).first)
                {
                case .waiting: .waiting
                case .human: .person
                case .assistant: .assistant
                }
            return try finish(
                AssistantReply(conversation: conversation.number, messages: messages, holder: holder), mind, turnKey,
                customer, before, also, store)
        }
    }

    /// What is to be kept of a turn: the two turns of the record, with what is kept of their words where that is known by now, and the
    /// messages.
    private struct Ready {
        var said: ConversationRequest.NewTurn?
        var told: ConversationRequest.NewTurn
        var drawn: [AssistantReply.Message]
    }

    private func ready(_ play: Play, _ turn: CustomerTurn, _ before: Before) throws -> Ready {
        let forms = Forms(book.company)
        let drawn = play.messages.map { forms.message($0, plainly: play.mind.isPlain) }
        let words = Self.words(of: turn, offered: before.mind.offered)
        let said = words.map {
            ConversationRequest.NewTurn(
                .customer, $0,
                mark: play.rating.map { $0.score <= 2 && $0.subject == .answer } == true ? .misunderstood : nil)
        }
        var told = Self.told(play, drawn, before)
        if play.isRepeat { return Ready(said: said, told: told, drawn: drawn) }
        let (account, known) = (play.mind.account, before.conversation?.account)
        if account == nil { told.actions = [] }
        let goesOn = before.conversation != nil && (account == nil || known == nil || account == known)
        return try desk.answerer.store.read { store in
            let kept = try desk.conversations.withKeptWords(
                (said.map { [($0, goesOn ? known : account)] } ?? []) + [(told, account ?? known)], in: store)
            return Ready(said: kept.count > 1 ? kept.first : nil, told: kept.last ?? told, drawn: drawn)
        }
    }

    private static func told(
        _ play: Play, _ messages: [AssistantReply.Message], _ before: Before
    ) -> ConversationRequest.NewTurn {
        ConversationRequest.NewTurn(
            .assistant, String(messages.map(\.full).joined(separator: "\n").prefix(ConversationTerms.mostWords)),
            intent: play.intent ?? before.mind.intent, mark: play.mark, facts: facts(play), actions: play.actions)
    }

    /// What was told under the key of an earlier turn.
    private func said(
        _ key: String?, to customer: CustomerKey, _ store: any StoreReader
    ) throws -> [AssistantReply.Message] {
        try key.flatMap { try store.customerReply(customer, key: $0) }.map(Self.decoded)?.messages ?? []
    }

    private func finish(
        _ reply: AssistantReply, _ mind: Mind, _ turnKey: String, _ customer: CustomerKey, _ before: Before,
        _ also: Also, _ store: any StoreWriter
    ) throws -> AssistantReply {
        let isPut = try store.putCustomerState(
            mind.json, conversation: ConversationID(reply.conversation), of: customer,
            replacing: before.version)
        guard isPut else { throw HearthError(.storeBusy, "the customer's state was written meanwhile") }
        try store.keepReply(reply.json, to: customer, key: turnKey, most: Self.mostReplies)
        try also(reply, store)
        return reply
    }

    private func open(
        _ turn: CustomerTurn, _ account: String?, _ isElderly: Bool, _ caller: Caller, _ store: any StoreWriter
    ) throws -> ConversationID {
        let taken = try desk.conversations.take(
            .open(
                account: account, channel: turn.channel.nameInRecord, language: turn.plain ? "zh_plain" : "zh",
                isElderly: isElderly), by: caller.id, in: store)
        guard let number = AnswerReader(json: taken.json).integer("conversation") else {
            throw HearthError(.storeFailed, "a conversation has no number")
        }
        return ConversationID(number)
    }

    private static func hasView(_ account: String, _ store: any StoreReader) throws -> Bool {
        var account = account
        return try account.withUTF8 { try store.viewStamp(number: UnsafeRawBufferPointer($0)) } != nil
    }

    /// What was told, and by which entries.
    private static func facts(_ play: Play) -> [Turn.Fact] {
        let entries = play.messages.map { Turn.Fact(kind: "question", id: $0.entry.factID, freshAt: nil) }
        var seen: Set<Turn.Fact> = []
        return Array(
            (entries + play.shown).filter { seen.insert($0).inserted && ConversationTerms.isFactID($0.id) }.prefix(20))
    }

    /// What the customer said, as the record has it; nil where nothing was said.
    private static func words(of turn: CustomerTurn, offered: [Mind.Offer]) -> String? {
        let photos = turn.attachments.isEmpty ? "" : "[照片 \(turn.attachments.count) 张]"
        switch turn.said {
        case .opened: return photos.isEmpty ? nil : photos
        case .words(let words):
            let all = (words + photos).trimmingCharacters(in: .whitespacesAndNewlines)
            return all.isEmpty ? "[无声]" : String(all.prefix(ConversationTerms.mostWords))
        case .choice(let id): return "[选择] " + (offered.first { $0.id == id }?.words ?? choiceWords[id] ?? "别的")
        case .keys(let keys):
            let digits = keys.filter { $0.isASCII && ($0.isNumber || $0 == "*" || $0 == "X") }
            // A row of keys is a number of somebody's.
            return digits.count >= 4 ? "[按键 \(digits.count) 位]" : "[按键] \(digits)"
        }
    }

    private static let choiceWords = ["x:human": "转人工", "x:leave": "先不办了", "x:back": "接着办"]

    // MARK: Accesses

    private func note(_ accesses: [Access], _ caller: Caller, _ turn: CustomerTurn) throws {
        if accesses.isEmpty { return }
        let id = RequestNumber.next()
        let stamp = desk.answerer.instant(nil).description
        var written: Set<[UInt8]> = []
        let entries = accesses.map { access in
            let fields = access.line(at: stamp, caller: caller.id, peer: turn.channel.rawValue, id)
            return fields
        }
        try access.append(entries.filter { written.insert($0).inserted })
    }

    // MARK: Bytes

    private static func digest(_ text: String) -> String {
        String(hex(Array(SHA256.hash(data: Data(text.utf8)))).prefix(40))
    }

    static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static func decoded(_ bytes: [UInt8]) throws -> AssistantReply {
        do {
            return try JSONDecoder().decode(AssistantReply.self, from: Data(bytes))
        } catch {
            throw HearthError(
                .assistantUnreadable, "a reply that was kept cannot be read", at: .address("store"),
                advice: "a program of another version wrote it, or it was damaged; the turn had its effect",
                cause: error)
        }
    }
}
