import Assistant
import HeatModel
import Pages
import Store

/// What a page shows of a conversation, for as long as a visit lasts. The record is the store's: this is lost with the process, and the
/// page then shows the record's words.
struct Transcript: Sendable {
    enum Line: Sendable {
        case customer(String)
        case assistant(AssistantReply.Message)
        /// Words of the record, of whoever said them.
        case kept(Turn.Speaker, String)
    }

    struct Entry: Sendable {
        var number: Int
        var line: Line
        /// Of the buttons that belong to it.
        var key: String
    }

    var entries: [Entry] = []
    /// Keys of turns that are answered here.
    var keys: [String] = []
    var last = 0
    /// The last turn of the record that was shown.
    var seen: Int64 = 0
    var holder = AssistantReply.Holder.assistant

    static let mostEntries = 80

    mutating func add(_ line: Line) {
        last += 1
        entries.append(Entry(number: last, line: line, key: CookieKeys.random()))
        if entries.count > Self.mostEntries { entries.removeFirst(entries.count - Self.mostEntries) }
    }
}

extension ChatDoor {
    /// Turns of the record that are shown when a visit begins.
    private static let mostKept: Int64 = 20

    /// Keeps what was said and answered, for the page.
    func remember(_ session: inout CustomerSession, _ reply: AssistantReply, said: String?, key: String?) {
        let before = session.conversation
        session.conversation = reply.conversation
        let kept = said == nil && before > 0 ? (try? earlier(before)) ?? [] : []
        // What the record has by now is shown by the reply; only what people say later is news.
        let turns = (try? store.read { try $0.conversation(ConversationID(reply.conversation))?.turns }) ?? nil
        transcripts.change(session.customer, now: now()) { transcript in
            var lines = transcript ?? Transcript()
            for turn in kept { lines.add(.kept(turn.speaker, turn.words)) }
            if let said { lines.add(.customer(said)) }
            for message in reply.messages { lines.add(.assistant(message)) }
            if let key {
                lines.keys.append(key)
                if lines.keys.count > 40 { lines.keys.removeFirst() }
            }
            if lines.seen == 0 || before != reply.conversation { lines.seen = turns ?? 0 }
            lines.holder = reply.holder
            transcript = lines
        }
    }

    private func earlier(_ conversation: Int64) throws -> [Turn] {
        try store.read { store in
            guard let known = try store.conversation(ConversationID(conversation)),
                known.channel == ChannelKind.chat.nameInRecord
            else { return [] }
            return try store.turns(
                of: known.id, after: max(0, known.turns - Self.mostKept), limit: Int(Self.mostKept))
        }
    }

    func isKnown(_ key: String, _ session: CustomerSession) -> Bool {
        transcripts.value(session.customer, now: now())?.keys.contains(key) ?? false
    }

    /// Whether the customer was last asked for a part of their ID number.
    func wantsIdentity(_ session: CustomerSession) -> Bool {
        guard case .assistant(let message)? = transcripts.value(session.customer, now: now())?.entries.last?.line else {
            return false
        }
        return message.wants == .idLastSix
    }

    /// What a button says that was offered.
    func words(of choice: String, _ session: CustomerSession) -> String? {
        for entry in transcripts.value(session.customer, now: now())?.entries.reversed() ?? [] {
            if case .assistant(let message) = entry.line,
                let found = message.choices.first(where: { $0.id == choice })
            {
                return found.words
            }
        }
        return nil
    }

    /// Adds what people have said since, and what was told without being asked.
    func takeUpNews(_ session: CustomerSession) throws {
        guard session.conversation > 0, let seen = transcripts.value(session.customer, now: now())?.seen else { return }
        tell(Assistant.key(.chat, session.customer), ConversationID(session.conversation))
        let (turns, state) = try store.read { store -> ([Turn], HandOff.State?) in
            let id = ConversationID(session.conversation)
            return (try store.turns(of: id, after: seen, limit: 100), try store.handOffs(of: id).first?.state)
        }
        let holder: AssistantReply.Holder =
            switch state {
            case .claimed: .person
            case .waiting: .waiting
            case .closed, nil: .assistant
            }
        transcripts.change(session.customer, now: now()) { transcript in
            guard var lines = transcript else { return }
            for turn in turns where turn.number > lines.seen {
                lines.seen = turn.number
                if turn.speaker == .human || turn.isNotice { lines.add(.kept(turn.speaker, turn.words)) }
            }
            lines.holder = holder
            transcript = lines
        }
    }
}
