import Conversations

/// Why a person is wanted, in the terms of conversations.
enum ConversationReasons {
    static let all = ConversationTerms.reasons
}
