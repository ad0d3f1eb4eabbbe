import HearthTesting
import HeatModel
import Store

/// Conversations, broken where it is asked to be.
extension BrokenReader {
    func conversation(_ id: ConversationID) throws -> Conversation? {
        try store.ask()
        return try reader.conversation(id)
    }
    func conversations(account: String?, before: ConversationID?, limit: Int) throws -> [Conversation] {
        try store.ask()
        return try reader.conversations(
            account: fault == .conversationsKept ? nil : account, before: before, limit: limit)
    }
    func conversations(opened: Range<Int64>, after: ConversationID?, limit: Int) throws -> [Conversation] {
        try store.ask()
        return try reader.conversations(opened: opened, after: after, limit: limit)
    }
    func turns(of conversation: ConversationID, after number: Int64, limit: Int) throws -> [Turn] {
        try store.ask()
        return try reader.turns(of: conversation, after: number, limit: limit)
    }
    func handOff(_ id: HandOffID) throws -> HandOff? {
        try store.ask()
        return try reader.handOff(id)
    }
    func handOffs(of conversation: ConversationID) throws -> [HandOff] {
        try store.ask()
        return try reader.handOffs(of: conversation)
    }
    func handOffs(_ states: Set<HandOff.State>, after: HandOffID?, limit: Int) throws -> [HandOff] {
        try store.ask()
        return try reader.handOffs(states, after: after, limit: limit)
    }
    func feedback(of conversation: ConversationID) throws -> [Feedback] {
        try store.ask()
        return try reader.feedback(of: conversation)
    }
}

extension BrokenWriter {
    func openConversation(
        account: String?, channel: String, language: String, isElderly: Bool, caller: String
    ) throws -> Conversation {
        try store.ask()
        return try writer.openConversation(
            account: account, channel: channel, language: language, isElderly: isElderly, caller: caller)
    }
    func setAccount(_ account: String, of conversation: ConversationID) throws {
        try store.ask()
        try writer.setAccount(account, of: conversation)
    }
    func markElderly(_ conversation: ConversationID) throws {
        try store.ask()
        try writer.markElderly(conversation)
    }
    func addTurn(_ turn: Turn, to conversation: ConversationID) throws -> Turn {
        try store.ask()
        return try writer.addTurn(turn, to: conversation)
    }
    func setMark(_ mark: Turn.Mark, ofTurn number: Int64, of conversation: ConversationID) throws {
        try store.ask()
        try writer.setMark(mark, ofTurn: number, of: conversation)
    }
    func askHandOff(
        _ conversation: ConversationID, reason: String, afterTurn: Int64, card: [UInt8], caller: String
    ) throws -> HandOff {
        try store.ask()
        return try writer.askHandOff(
            conversation, reason: reason, afterTurn: afterTurn, card: card, caller: caller)
    }
    func claimHandOff(_ id: HandOffID, owner: String, idleSeconds: Int64) throws -> HandOff? {
        try store.ask()
        // Whoever comes last has it.
        return try writer.claimHandOff(
            id, owner: owner, idleSeconds: fault == .handOffsOwnedOnce ? 0 : idleSeconds)
    }
    func touchHandOff(_ id: HandOffID, owner: String) throws -> Bool {
        try store.ask()
        return try writer.touchHandOff(id, owner: owner)
    }
    func closeHandOff(_ id: HandOffID, owner: String, outcome: String, note: String?) throws -> Bool {
        try store.ask()
        return try writer.closeHandOff(id, owner: owner, outcome: outcome, note: note)
    }
    func putFeedback(_ feedback: Feedback) throws {
        try store.ask()
        // The first stays.
        if fault == .feedbackKeptOnce,
            try writer.feedback(of: feedback.conversation).contains(where: {
                $0.subject == feedback.subject && $0.turn == feedback.turn
            })
        {
            return
        }
        try writer.putFeedback(feedback)
    }
    func forgetConversations(silentSince moment: Int64, limit: Int) throws -> [ConversationID] {
        try store.ask()
        return try writer.forgetConversations(
            silentSince: fault == .conversationsForgotten ? .max : moment, limit: limit)
    }
}
