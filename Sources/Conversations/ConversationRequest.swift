import Disclosure
import HeatModel
package import Store

/// What is done with conversations, as a value whose form was checked.
package enum ConversationRequest: Sendable {
    case open(account: String?, channel: String, language: String, isElderly: Bool)
    case turn(ConversationID, NewTurn)
    case handOff(ConversationID, reason: String, note: String?)
    case claim(HandOffID, agent: String?)
    case reply(HandOffID, agent: String?, words: String)
    case close(HandOffID, agent: String?, outcome: String, note: String?)
    case feedback(ConversationID, Opinion)

    package struct NewTurn: Sendable {
        package var speaker: Turn.Speaker
        package var words: String
        package var intent: String?
        package var mark: Turn.Mark?
        package var facts: [Turn.Fact]
        package var actions: [ActionID]
        /// Whose the conversation is, where that is known by now.
        package var account: String?
        /// What is kept of its words, made before the transaction: see ``ConversationDesk/withKeptWords(_:about:in:)``.
        var kept: ConversationDesk.KeptWords?

        package init(
            _ speaker: Turn.Speaker, _ words: String, intent: String? = nil, mark: Turn.Mark? = nil,
            facts: [Turn.Fact] = [], actions: [ActionID] = [], account: String? = nil
        ) {
            self.speaker = speaker
            self.words = words
            self.intent = intent
            self.mark = mark
            self.facts = facts
            self.actions = actions
            self.account = account
        }
    }

    package struct Opinion: Sendable {
        package var subject: Feedback.Subject
        package var turn: Int64
        package var score: Int64?
        package var isSolved: Bool?
        package var words: String?

        package init(
            _ subject: Feedback.Subject, turn: Int64 = 0, score: Int64?, isSolved: Bool?, words: String? = nil
        ) {
            self.subject = subject
            self.turn = turn
            self.score = score
            self.isSolved = isSolved
            self.words = words
        }
    }
}

/// The words of which requests are made.
package enum ConversationTerms {
    package static let channels = ["app", "counter", "kiosk", "phone", "sms", "web", "wechat", "other"]
    package static let reasons = [
        "asked", "misunderstood", "unanswered", "bill", "coldHome", "complaint", "emergency", "actionFailed", "other",
    ]
    package static let outcomes = ["resolved", "followUp", "unreachable", "other"]
    package static let facts = ["account", "bill", "payment", "work_order", "outage", "temperature", "question"]
    /// Characters.
    package static let mostWords = 4000
    package static let mostNote = 1000
    /// What an agent's name may be made of: a name at the desk, no person's.
    package static func isAgent(_ text: String) -> Bool {
        (1...40).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0 &- 0x30 <= 9 || ($0 | 0x20) &- 0x61 < 26 || $0 == 0x2D || $0 == 0x5F }
            && !FreeText.holdsPersonsNumber(text)
    }
    /// A letter, then letters, digits, `.`, `_`, `-`; not so many digits that they could be a number of somebody's.
    package static func isIntent(_ text: String) -> Bool {
        (1...40).contains(text.utf8.count) && text.utf8.first.map { ($0 | 0x20) &- 0x61 < 26 } == true
            && text.utf8.allSatisfy { $0 &- 0x30 <= 9 || ($0 | 0x20) &- 0x61 < 26 || [0x2D, 0x2E, 0x5F].contains($0) }
            && text.utf8.filter { $0 &- 0x30 <= 9 }.count < 6 && !FreeText.holdsPersonsNumber(text)
    }
    /// The name of a record, an order or an answer: printable ASCII without blanks.
    package static func isFactID(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                $0 &- 0x30 <= 9 || ($0 | 0x20) &- 0x61 < 26 || [0x2C, 0x2D, 0x2E, 0x2F, 0x3A, 0x5F].contains($0)
            } && !FreeText.holdsPersonsNumber(text)
    }
}

/// `conversations:` of the configuration.
package struct ConversationSettings: Sendable, Hashable {
    /// Days after its last word in which a conversation is kept; nil for ever.
    package var keptDays: Int? = 180
    /// Seconds in which an owner does nothing, after which another may take a hand-off over.
    package var idleSeconds = 1800

    package init() {}
}
