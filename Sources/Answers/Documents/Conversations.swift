package import Conversations
import Disclosure
import HeatModel
import Insights
import JSONText
import Store

extension Answerer {
    /// What is done with conversations, by the words, rules and clock of the answers.
    package func conversationDesk(_ settings: ConversationSettings) -> ConversationDesk {
        ConversationDesk(money: money, triage: triage, settings: settings, instant: instant)
    }

    /// Conversations, the newest first: who, when, where they stand, and no words.
    func conversations(
        _ account: String?, before: Int64?, limit: Int, _ requester: Requester, _ store: any StoreReader
    ) throws -> Reply {
        let found = try store.conversations(
            account: account, before: before.map { ConversationID($0) }, limit: limit)
        let states = try found.map { ConversationState(try store.handOffs(of: $0.id).first) }
        let json = JSONObject.make { json in
            json.integer("version", 1)
            json.list("conversations", Array(zip(found, states))) { json, entry in
                write(entry.0, entry.1, &json)
            }
            json.integer("next", found.count == limit ? found.last?.id.number : nil)
        }
        return Reply(AnswerDocument(json), [requester.access(found.compactMap(\.account), "ok")])
    }

    private func write(_ conversation: Conversation, _ state: ConversationState, _ json: inout JSONObject) {
        json.integer("conversation", conversation.id.number)
        json.text("account_number", conversation.account)
        json.text("state", state.rawValue)
        json.text("channel", conversation.channel)
        json.text("language", conversation.language)
        json.flag("elderly", conversation.isElderly)
        json.text("opened_at", stamp(conversation.openedAt))
        json.text("last_at", stamp(conversation.lastAt))
        json.integer("turn_count", conversation.turns)
    }

    private static let unknownConversation = Problem(
        .unknown, "unknown-conversation", "There is no such conversation",
        detail: "it was never opened, or was kept as long as conversations are", parameter: "id")

    /// A conversation with its turns, as they are kept: masked.
    func conversation(
        _ id: ConversationID, after turn: Int64, limit: Int, _ requester: Requester, _ store: any StoreReader
    ) throws -> Reply {
        guard let conversation = try store.conversation(id) else { throw Self.unknownConversation }
        let turns = try store.turns(of: id, after: turn, limit: limit)
        let handOffs = try store.handOffs(of: id)
        let feedback = try store.feedback(of: id)
        let json = JSONObject.make { json in
            json.integer("version", 1)
            write(conversation, ConversationState(handOffs.first), &json)
            json.list("turns", turns) { $1.write(&$0, stamp) }
            json.integer("next", turns.count == limit ? turns.last?.number : nil)
            json.list("hand_offs", handOffs) { json, handOff in write(handOff, &json) }
            json.list("feedback", feedback) { json, opinion in
                json.text("about", opinion.subject.rawValue)
                json.integer("turn", opinion.turn == 0 ? nil : opinion.turn)
                json.integer("score", opinion.score)
                if let isSolved = opinion.isSolved { json.flag("solved", isSolved) }
                json.text("words", opinion.words)
                json.text("at", stamp(opinion.at))
            }
        }
        return Reply(AnswerDocument(json), [requester.access(conversation.account.map { [$0] } ?? [], "ok")])
    }

    private func write(_ handOff: HandOff, _ json: inout JSONObject) {
        json.integer("hand_off", handOff.id.number)
        json.integer("conversation", handOff.conversation.number)
        json.text("state", handOff.state.rawValue)
        json.text("why", handOff.reason)
        json.text("asked_at", stamp(handOff.askedAt))
        json.text("owner", handOff.owner)
        json.integer("fence", handOff.fence)
        json.text("claimed_at", handOff.claimedAt.map(stamp))
        json.text("closed_at", handOff.closedAt.map(stamp))
        json.text("outcome", handOff.outcome)
        json.text("closing_words", handOff.note)
    }

    /// Hand-offs in the order in which they were asked for, with how long each has waited.
    func handOffs(
        _ states: Set<HandOff.State>, after: Int64?, limit: Int, _ requester: Requester, _ store: any StoreReader
    ) throws -> Reply {
        let found = try store.handOffs(states, after: after.map { HandOffID($0) }, limit: limit)
        let conversations = try found.map { try store.conversation($0.conversation) }
        let now = instant(nil).microseconds
        let json = JSONObject.make { json in
            json.integer("version", 1)
            json.list("hand_offs", Array(zip(found, conversations))) { json, entry in
                write(entry.0, &json)
                json.text("account_number", entry.1?.account)
                json.text("channel", entry.1?.channel)
                let until = (entry.0.claimedAt ?? entry.0.closedAt)?.microseconds ?? now
                json.integer("waited_seconds", max(0, (until - entry.0.askedAt.microseconds) / 1_000_000))
                if let active = entry.0.activeAt, entry.0.state == .claimed {
                    json.integer("idle_seconds", max(0, (now - active.microseconds) / 1_000_000))
                }
                entry.0.card.withUnsafeBytes { card in
                    json.flag("elderly", JSONMembers.value(of: "elderly", in: card)?.equals("true") ?? false)
                    json.text("suggested", JSONMembers.value(of: "suggested", in: card)?.jsonText)
                }
            }
            json.integer("next", found.count == limit ? found.last?.id.number : nil)
        }
        return Reply(AnswerDocument(json), [requester.access(conversations.compactMap { $0?.account }, "ok")])
    }

    /// A hand-off with its card as it was made, what was said since, and the account's facts of now in the requester's form.
    func handOff(_ id: HandOffID, _ requester: Requester, _ source: some ViewSource) throws -> Reply {
        let store = source.reader
        guard let handOff = try store.handOff(id), let conversation = try store.conversation(handOff.conversation)
        else {
            throw Problem(
                .unknown, "unknown-hand-off", "There is no such hand-off",
                detail: "the list of hand-offs names those that there are", parameter: "id")
        }
        let since = try store.turns(of: conversation.id, after: handOff.afterTurn, limit: 500)
        var access = requester.access(conversation.account.map { [$0] } ?? [], "ok")
        var account: [UInt8]?
        if let number = conversation.account {
            _ = try withViewIfAny(number, at: nil, source) { view in
                guard let facts = JSONMembers.value(of: "facts", in: view.body) else { return }
                var formed = JSONBytes(capacity: facts.count * 2 + 256)
                access.unmasked = requester.form.write(facts, into: &formed)
                account = formed.bytes
            }
        }
        let json = JSONObject.make { json in
            json.integer("version", 1)
            write(handOff, &json)
            json.text("account_number", conversation.account)
            if let account { json.value("account") { $0.raw(account) } }
            json.value("card") { $0.raw(handOff.card) }
            json.list("since", since) { $1.write(&$0, stamp) }
        }
        return Reply(AnswerDocument(json), [access])
    }

    /// What a month's conversations tell.
    func insights(_ month: String, _ store: any StoreReader) throws -> Reply {
        guard let month = ReportMonth(month, offset: { instant($0).offsetMinutes }) else {
            throw Problem.parameter("month", "must be a month, as in 2026-11")
        }
        return Reply(AnswerDocument(try MonthReport(month, of: store).json))
    }
}
