import HeatModel

extension HearthError.Code {
    /// A turn could not be kept: the same customer's turns come through several programs at once. Sent again it is taken.
    static let assistantBusy = Self("assistant.busy")
    /// Something that a customer wanted to know could not be looked up.
    static let assistantUnanswered = Self("assistant.unanswered")
    /// What is kept of a customer cannot be read: it is kept on, the customer is told, and the conversation begins anew.
    static let assistantUnreadable = Self("assistant.unreadable")
}
