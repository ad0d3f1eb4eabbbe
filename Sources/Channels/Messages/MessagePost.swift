package import Actions
package import Assistant
package import HeatModel
package import Store

/// What is said to customers who are at no page: queued in the outbox, once for its key, and sent by its worker.
///
/// ```swift
/// let kept = try post.queue("好的", to: sealed, .sms, in: conversation, key: turn, until: soon, in: store) { _ in [] }
/// ```
package struct MessagePost: Sendable {
    package let store: any Store
    /// Of doors that can tell.
    package let outbox: Outbox

    /// - Parameter systems: named by ``system(of:)``.
    package init(store: any Store, systems: [ActionSystem]) {
        self.store = store
        outbox = Outbox(store: store, systems: systems)
    }

    /// Names of actions' systems that are doors begin so: no source has such a name.
    package static func system(of channel: ChannelKind) -> String { "channels/" + channel.rawValue }

    package func takes(_ channel: ChannelKind) -> Bool { outbox.systems[Self.system(of: channel)] != nil }

    /// What was queued under a key; nil where nothing was.
    package func kept(_ channel: ChannelKind, key: String, in store: any StoreReader) throws -> KeptAnswer? {
        try store.keptAnswer(caller: Self.system(of: channel), key: key)
    }

    /// Queues words in a transaction that has begun, unless something was queued under the key: that stays as it is.
    ///
    /// - Parameters:
    ///   - address: sealed by the door.
    ///   - conversation: its messages go one after the other; nil where there is none.
    ///   - until: when they are worth nothing any more.
    ///   - answer: what is kept under the key. It outlives the message, and holds nothing that is personal.
    /// - Throws: `action.badField` where the words cannot be sent as they are.
    @discardableResult
    package func queue(
        _ words: String, to address: String, _ channel: ChannelKind, in conversation: Int64?, key: String,
        until: Instant, in store: any StoreWriter, answer: (ActionID) -> [UInt8] = { _ in Array("{}".utf8) }
    ) throws -> KeptAnswer {
        if let kept = try kept(channel, key: key, in: store) { return kept }
        var values = ["words": words, "address": address, "until": until.description]
        values["conversation"] = conversation.map { "\($0)" }
        let system = Self.system(of: channel)
        let acceptance = try outbox.accept(
            ActionRequest(.sendMessage, values), by: system, caller: system, key: key, in: store
        ) { _ in [] }
        guard case .accepted(let action) = acceptance else {
            throw HearthError(.storeFailed, "a key of a message is taken without its answer", at: .address("store"))
        }
        let kept = KeptAnswer(
            caller: system, key: key, fingerprint: action.request.fingerprint, account: "", action: action.id,
            answer: answer(action.id))
        try store.keep(kept)
        return kept
    }

    /// Has what waits for a customer to be heard again tried at once: they were heard.
    package func wake(_ channel: ChannelKind, _ conversation: Int64) throws {
        let filter = ActionFilter(
            states: [.accepted], system: Self.system(of: channel),
            account: ActionRequest.name(ofConversation: "\(conversation)"))
        let waiting = try store.read { try $0.actions(filter, before: nil, limit: 100) }
        if waiting.isEmpty { return }
        try store.write { store in
            for action in waiting { _ = try outbox.retry(action.id, by: filter.system ?? "", in: store) }
        }
    }
}
