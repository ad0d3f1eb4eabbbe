import Actions
package import Conversations
import Foundation
import HeatModel
package import Store
import Synchronization

/// What is told on the chat page: offered while the page has time to fetch it, and told in the transaction in which it does.
extension NoticeDesk {
    /// Why a notice waits that a page is offered.
    static let offered = "offered to the page"

    static func isOffered(_ notice: StoredNotice) -> Bool { notice.state == .deferred && notice.reason == offered }

    /// Tells a customer what their page is offered and fetches now: whether there is still reason, the words in their conversation, and
    /// that it was sent
    /// are one transaction.
    ///
    /// What needs fresh data is read anew first, on a thread of its own, and told when the page asks again.
    ///
    /// - Parameter speaker: who keeps what is said in conversations.
    /// - Returns: how many were told.
    @discardableResult
    package func tell(
        _ customer: CustomerKey, in conversation: ConversationID, by speaker: ConversationDesk
    ) throws -> Int {
        guard rules.sends, let page = rules.channelNames.first(where: { rules.ways[$0] == .chat }) else { return 0 }
        let offered = try store.read { store in
            try store.boundAccounts(of: customer).flatMap { account in
                try store.notices(NoticeFilter(states: [.deferred], account: account), before: nil, limit: 100)
            }
        }.filter(Self.isOffered).sorted { $0.id.number < $1.id.number }
        var count = 0
        for notice in offered where readings.isReady(notice, gate, clock) {
            do {
                if try store.write({ try tell(notice.id, on: page, customer, conversation, speaker, $0) }) {
                    count += 1
                }
            } catch let error as HearthError where error.code == .conversationFull {
                // Another channel tells it once the offer is over.
            }
        }
        return count
    }

    /// Whether it was told; nothing of it is where that throws.
    private func tell(
        _ id: NoticeID, on page: String, _ customer: CustomerKey, _ conversation: ConversationID,
        _ speaker: ConversationDesk, _ store: any StoreWriter
    ) throws -> Bool {
        guard let notice = try store.notice(id), Self.isOffered(notice), let rule = rules.rule(notice.notice.rule),
            try store.boundAccounts(of: customer).contains(notice.notice.account),
            let known = try store.conversation(conversation),
            // Nobody speaks over a person.
            try ConversationState(store.handOffs(of: conversation).first) != .human,
            case .send(let values) = try gate.decide(notice, by: page, in: store)
        else { return false }
        let account = notice.notice.account
        let words = ConversationRequest.NewTurn(
            .assistant, values["text"] ?? "", intent: Turn.noticeIntent + rule.kind.rawValue,
            facts: [Turn.Fact(kind: "account", id: account, freshAt: nil)],
            account: known.account == nil ? account : nil)
        _ = try speaker.take(.turn(conversation, words), by: "notices", in: store)
        let action = try outbox.done(
            ActionRequest(.sendNotice, ["account": account, "notice": "\(id)"]), by: ChannelConfiguration.prefix + page,
            caller: "notices", key: "\(id)/\(notice.channel)", externalID: "conversation \(conversation)", in: store)
        guard var told = try store.notice(id) else { return false }
        told.action = action
        try store.putNotice(told)
        return true
    }
}

/// What was read anew for notices that pages are offered: a page that asks is never kept waiting for a legacy system.
final class PageReadings: Sendable {
    private struct Reading {
        var at: Instant
        /// Nil while it is under way.
        var mayGo: Bool?
    }

    private let readings = Mutex<[NoticeID: Reading]>([:])
    /// Readings at once, and seconds for which one counts.
    private static let mostAtOnce = 4
    private static let counts: Int64 = 60

    /// Whether what a notice hangs on was read just now, or needs not be; else it is begun.
    func isReady(_ notice: StoredNotice, _ gate: NoticeGate, _ clock: CompanyClock) -> Bool {
        guard gate.readsAnew(notice) else { return true }
        let now = clock.now
        let (isReady, begins) = readings.withLock { readings -> (Bool, Bool) in
            if let known = readings[notice.id] {
                guard let mayGo = known.mayGo else { return (false, false) }
                if now.microseconds - known.at.microseconds < Self.counts * 1_000_000 { return (mayGo, false) }
            }
            readings = readings.filter {
                $0.value.mayGo == nil || now.microseconds - $0.value.at.microseconds < Self.counts * 1_000_000
            }
            if readings.values.filter({ $0.mayGo == nil }).count >= Self.mostAtOnce { return (false, false) }
            readings[notice.id] = Reading(at: now)
            return (false, true)
        }
        if begins {
            Thread.detachNewThread { [self] in
                let mayGo = gate.prepare(notice) == nil
                readings.withLock { $0[notice.id] = Reading(at: clock.now, mayGo: mayGo) }
            }
        }
        return isReady
    }
}
