import Answers
import Conversations
import Store

extension RequestKind {
    /// What is asked of conversations.
    static func conversationRow(_ kind: RequestKind) -> DoorDefinition {
        switch kind {
        case .openConversation:
            DoorDefinition(
                "/v1/conversations", tool: "open_conversation", command: "conversations open", "Open a conversation",
                "Opens a conversation with a customer, under whose number everything that is said is kept. The account may be told later, once it is known.",
                [
                    .key,
                    Parameter(
                        "channel", .choice(ConversationTerms.channels), "Through which the customer speaks.",
                        isRequired: true, isPrivate: true), account,
                    Parameter(
                        "elderly", .flag,
                        "Whether the customer said to be elderly; the account's own mark counts, too.",
                        standard: .flag(false), isPrivate: true), .language(isPrivate: true), .plain(isPrivate: true),
                ], [.assistant, .desk], concernsAccounts: true, isChange: true)
        case .turn:
            DoorDefinition(
                "/v1/conversations/{id}/turns", tool: "add_turn", command: "conversations say", "Keep what was said",
                "Keeps what the customer said, or what the assistant answered with the facts that it showed. Personal data is masked before anything is kept. While a person has the conversation the assistant is refused and says nothing; what the customer says is kept and shown to that person.",
                [
                    conversation, .key,
                    Parameter(
                        "who", .choice(["customer", "assistant"]), "Who speaks.", isRequired: true, isPrivate: true),
                    words,
                    Parameter(
                        "intent", .text(most: 40),
                        "What it was taken to be about, such as money.due: a letter, then letters, digits, dots, dashes.",
                        isPrivate: true),
                    Parameter(
                        "mark", .choice(Turn.Mark.allCases.map(\.rawValue)),
                        "Of an answer how it met the question; of what a customer says `misunderstood`, where the answer before missed it.",
                        isPrivate: true),
                    Parameter(
                        "facts", .objects(members: ["kind", "id", "fresh_at"], most: 20),
                        "What the customer was shown: a kind (\(ConversationTerms.facts.joined(separator: ", "))), the id of the record, order or question, and the instant it was true, or `unknown`.",
                        isPrivate: true),
                    Parameter(
                        "actions", .objects(members: ["request"], most: 5),
                        "Numbers of requests for repair orders that were made in it.", isPrivate: true), account,
                ], [.assistant, .desk], concernsAccounts: true, isChange: true)
        case .handOff:
            DoorDefinition(
                "/v1/conversations/{id}/hand-off", tool: "hand_off_conversation", command: "hand-offs ask",
                "Hand a conversation to a person",
                "Puts a card before the people at the desk: what was asked, answered, paid and promised, open orders, whether the bill recomputes, a first sentence. Whoever asks twice joins the hand-off that stands.",
                [
                    conversation, .key,
                    Parameter(
                        "why", .choice(ConversationTerms.reasons), "Why a person is needed.", isRequired: true,
                        isPrivate: true),
                    Parameter(
                        "why_in_words", .prose(most: ConversationTerms.mostNote), "The same in a sentence.",
                        isPrivate: true),
                ], [.assistant, .desk], concernsAccounts: true, isChange: true)
        case .claimHandOff:
            DoorDefinition(
                "/v1/hand-offs/{id}/claim", tool: "claim_hand_off", command: "hand-offs claim", "Take a hand-off",
                "Takes a hand-off that nobody has, or whose owner has been idle for long. From then on the assistant is silent.",
                [handedOff, .key, agent], [.desk], concernsAccounts: true, isChange: true)
        case .replyHandOff:
            DoorDefinition(
                "/v1/hand-offs/{id}/reply", tool: "reply_hand_off", command: "hand-offs reply", "Answer the customer",
                "Keeps what its owner tells the customer.", [handedOff, .key, words, agent], [.desk],
                concernsAccounts: true, isChange: true)
        case .closeHandOff:
            DoorDefinition(
                "/v1/hand-offs/{id}/close", tool: "close_hand_off", command: "hand-offs close", "Close a hand-off",
                "Gives the conversation back to the assistant.",
                [
                    handedOff, .key,
                    Parameter(
                        "outcome", .choice(ConversationTerms.outcomes), "What became of it.", isRequired: true,
                        isPrivate: true),
                    Parameter(
                        "closing_words", .prose(most: ConversationTerms.mostNote), "The same in a sentence.",
                        isPrivate: true), agent,
                ], [.desk], concernsAccounts: true, isChange: true)
        default:
            DoorDefinition(
                "/v1/feedback", tool: "give_feedback", command: "feedback", "What a customer thinks",
                "Keeps what a customer thinks of a conversation, of one answer in it, or of a visit. Who says it again means what they say last.",
                [
                    .key,
                    Parameter(
                        "conversation", .integer(1...9_007_199_254_740_991), "Number of the conversation.",
                        isRequired: true, isPrivate: true),
                    Parameter(
                        "about", .choice(["conversation", "answer", "visit"]), "What it is about.",
                        standard: .text("conversation"), isPrivate: true),
                    Parameter(
                        "turn", .integer(1...9_007_199_254_740_991), "Of an answer, its turn.", isPrivate: true),
                    Parameter("score", .integer(1...5), "From 1, bad, to 5, good.", isPrivate: true),
                    Parameter("solved", .choice(["yes", "no"]), "Whether it is solved.", isPrivate: true),
                    Parameter(
                        "words", .prose(most: ConversationTerms.mostNote), "In their own words.", isPrivate: true),
                ], [.assistant, .desk], concernsAccounts: true, isChange: true)
        }
    }

    private static let conversation = Parameter(
        "id", .integer(1...9_007_199_254_740_991), "Number of the conversation.", isRequired: true)
    private static let handedOff = Parameter(
        "id", .integer(1...9_007_199_254_740_991), "Number of the hand-off.", isRequired: true)
    private static let account = Parameter(
        "account_number", .accountNumber, "Account number (户号), where it is known.", isPrivate: true)
    private static let words = Parameter(
        "words", .prose(most: ConversationTerms.mostWords), "What was said.", isRequired: true, isPrivate: true)
    private static let agent = Parameter(
        "agent", .text(most: 40),
        "Who at the desk, where several people use one token: letters, digits, dashes; no person's name.",
        isPrivate: true)
}
