package import HeatModel

extension HearthError.Code {
    package static let conversationUnknown = Self("conversation.unknownConversation")
    package static let conversationUnknownHandOff = Self("conversation.unknownHandOff")
    package static let conversationUnknownAction = Self("conversation.unknownAction")
    package static let conversationUnknownTurn = Self("conversation.unknownTurn")
    package static let conversationHumanOwns = Self("conversation.humanOwns")
    package static let conversationOtherAccount = Self("conversation.otherAccount")
    package static let conversationFull = Self("conversation.full")
    package static let conversationNothingSaid = Self("conversation.nothingSaid")
    package static let conversationHeldByAnother = Self("conversation.heldByAnother")
    package static let conversationNotOwner = Self("conversation.notOwner")
    package static let conversationHandOffClosed = Self("conversation.handOffClosed")
}
