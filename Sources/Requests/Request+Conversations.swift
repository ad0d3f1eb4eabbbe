import Answers
import Conversations
import Disclosure
import Evidence
import Explanation
import Foundation
import HeatModel
import Store

/// Something that is asked of a conversation, under a key.
package struct KeyedConversationRequest: Sendable {
    let kind: RequestKind
    let request: ConversationRequest
    let key: String

    /// - Throws: a problem that names the argument that is missing or wrong, and repeats none.
    init(_ kind: RequestKind, _ arguments: Arguments) throws(Problem) {
        self.kind = kind
        let read = ArgumentReader(definition: kind.definition, arguments: arguments)
        key = try read.idempotencyKey()
        func words(_ name: String) throws(Problem) -> String? {
            guard let text = try read.text(name) else { return nil }
            // What only controls how others are shown says nothing.
            if FreeText.clean(text).isEmpty { throw .parameter(name, "must not be empty") }
            return text
        }
        func number(_ name: String) throws(Problem) -> Int64 { Int64(try read.integer(name) ?? 0) }
        func account() throws(Problem) -> String? {
            try read.text("account_number") == nil ? nil : try read.accountNumber("account_number")
        }
        func agent() throws(Problem) -> String? {
            guard let name = try read.text("agent") else { return nil }
            if !ConversationTerms.isAgent(name) { throw .parameter("agent", "must be letters, digits and dashes") }
            return name
        }
        switch kind {
        case .openConversation:
            let channel = try read.required("channel")
            request = .open(
                account: try account(), channel: channel, language: try read.language().rawValue,
                isElderly: try read.flag("elderly"))
        case .turn:
            let id = ConversationID(try number("id"))
            guard let speaker = Turn.Speaker(rawValue: try read.required("who")) else {
                throw .parameter("who", "must be one of customer, assistant")
            }
            guard let text = try words("words") else { throw .parameter("words", "is missing") }
            var turn = ConversationRequest.NewTurn(speaker, text)
            turn.intent = try read.text("intent")
            if let intent = turn.intent, !ConversationTerms.isIntent(intent) {
                throw .parameter(
                    "intent", "must be a letter, then letters, digits, dots, dashes and at most five digits")
            }
            turn.mark = try read.text("mark").flatMap { Turn.Mark(rawValue: $0) }
            if speaker == .customer, let mark = turn.mark, mark == .answered {
                throw .parameter("mark", "must be one of misunderstood, unanswered where the customer speaks")
            }
            var facts: [Turn.Fact] = []
            for (index, element) in try read.objects("facts").enumerated() {
                facts.append(try Self.fact(element, index))
            }
            turn.facts = facts
            for (index, element) in try read.objects("actions").enumerated() {
                guard let number = element["request"].flatMap({ Int64($0) }), number > 0 else {
                    throw .parameter("actions[\(index)].request", "must be a request's number")
                }
                turn.actions.append(ActionID(number))
            }
            if speaker == .customer, !facts.isEmpty { throw .parameter("facts", "are shown by an answer") }
            turn.account = try account()
            request = .turn(id, turn)
        case .handOff:
            request = .handOff(
                ConversationID(try number("id")), reason: try read.required("why"), note: try words("why_in_words"))
        case .claimHandOff: request = .claim(HandOffID(try number("id")), agent: try agent())
        case .replyHandOff:
            guard let text = try words("words") else { throw .parameter("words", "is missing") }
            request = .reply(HandOffID(try number("id")), agent: try agent(), words: text)
        case .closeHandOff:
            request = .close(
                HandOffID(try number("id")), agent: try agent(), outcome: try read.required("outcome"),
                note: try words("closing_words"))
        default:
            guard try read.integer("conversation") != nil else { throw .parameter("conversation", "is missing") }
            let subject = Feedback.Subject(rawValue: try read.required("about")) ?? .conversation
            let turn = try read.integer("turn")
            if (subject == .answer) != (turn != nil) {
                throw .parameter("turn", subject == .answer ? "is missing" : "stands where an answer is meant")
            }
            let score = try read.integer("score").map { Int64($0) }
            let isSolved = try read.text("solved").map { $0 == "yes" }
            let text = try words("words")
            if score == nil, isSolved == nil, text == nil {
                throw .parameter("score", "is missing, as are \"solved\" and \"words\"")
            }
            request = .feedback(
                ConversationID(try number("conversation")),
                ConversationRequest.Opinion(
                    subject, turn: Int64(turn ?? 0), score: score, isSolved: isSolved, words: text))
        }
    }

    private static func fact(_ element: [String: String], _ index: Int) throws(Problem) -> Turn.Fact {
        let kind = element["kind"] ?? ""
        if !ConversationTerms.facts.contains(kind) {
            throw .parameter(
                "facts[\(index)].kind", "must be one of \(ConversationTerms.facts.joined(separator: ", "))")
        }
        let id = element["id"] ?? ""
        if !ConversationTerms.isFactID(id) {
            throw .parameter(
                "facts[\(index)].id",
                "must be 1 to 128 letters, digits and ,-./:_ that are no telephone's or ID's number")
        }
        let freshAt = element["fresh_at"] ?? ""
        if freshAt == "unknown" { return Turn.Fact(kind: kind, id: id, freshAt: nil) }
        guard freshAt.utf8.count <= 40, Instant(freshAt) != nil else {
            throw .parameter(
                "facts[\(index)].fresh_at",
                "must be an instant with its offset, as in 2026-12-01T09:00:00+08:00, or unknown")
        }
        return Turn.Fact(kind: kind, id: id, freshAt: freshAt)
    }

    /// By which a repeat under a key is told from another request. What is kept of it holds no words and no number of anybody's.
    var fingerprint: [UInt8] {
        get throws {
            let pattern = FreeText()
            func masked(_ words: String?) -> String? {
                words.map { pattern.masked(FreeText.clean($0), of: .customer) }
            }
            var parts: [String: String] = [:]
            switch request {
            case .open(let account, let channel, let language, let isElderly):
                parts["account"] = account
                parts["channel"] = channel
                parts["lang"] = language
                parts["elderly"] = "\(isElderly)"
            case .turn(let id, let turn):
                parts["id"] = "\(id)"
                parts["who"] = turn.speaker.rawValue
                parts["words"] = masked(turn.words)
                parts["intent"] = turn.intent
                parts["mark"] = turn.mark?.rawValue
                parts["account"] = turn.account
                for (index, fact) in turn.facts.enumerated() {
                    parts["fact \(index)"] = "\(fact.kind) \(fact.id) \(fact.freshAt ?? "")"
                }
                parts["actions"] = turn.actions.map(\.description).joined(separator: " ")
            case .handOff(let id, let reason, let note):
                parts["id"] = "\(id)"
                parts["why"] = reason
                parts["words"] = masked(note)
            case .claim(let id, let agent):
                parts["id"] = "\(id)"
                parts["agent"] = agent
            case .reply(let id, let agent, let words):
                parts["id"] = "\(id)"
                parts["agent"] = agent
                parts["words"] = masked(words)
            case .close(let id, let agent, let outcome, let note):
                parts["id"] = "\(id)"
                parts["agent"] = agent
                parts["outcome"] = outcome
                parts["words"] = masked(note)
            case .feedback(let id, let opinion):
                parts["id"] = "\(id)"
                parts["about"] = "\(opinion.subject.rawValue) \(opinion.turn)"
                parts["score"] = opinion.score.map { "\($0)" }
                parts["solved"] = opinion.isSolved.map { "\($0)" }
                parts["words"] = masked(opinion.words)
            }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return AuditTrail.fingerprint(
                system: "request", kind: kind.definition.tool, payload: Array(try encoder.encode(parts)))
        }
    }
}

extension RequestDesk {
    /// What is asked of a conversation: the same keys, the same one transaction as of a repair order.
    func reply(to keyed: KeyedConversationRequest, for requester: Requester) throws -> Reply {
        let fingerprint = try keyed.fingerprint
        return try once(keyed.key, fingerprint, requester) {
            let (kept, isReplayed, isNew) = try answerer.store.settledWrite { store -> (KeptAnswer, Bool, Bool) in
                if let kept = try self.kept(keyed.key, fingerprint, requester, store) { return (kept, true, false) }
                let taken = try conversations.take(keyed.request, by: requester.caller.id, in: store)
                let answer = KeptAnswer(
                    caller: requester.caller.id, key: keyed.key, fingerprint: fingerprint,
                    account: taken.account ?? "", action: nil, answer: taken.json)
                try store.keep(answer)
                return (answer, false, taken.isNew)
            }
            return reply(kept, isNew: isNew, isReplayed: isReplayed, requester)
        }
    }
}
