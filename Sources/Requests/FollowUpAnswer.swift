import Actions
import Answers
import Conversations
import Disclosure
import Evidence
import Explanation
import HeatModel
import JSONText
import Store

/// 恢复了吗: what a customer says of a repair that the crew says is done.
package struct FollowUpAnswer: Sendable {
    package static let answers = ["well", "notWell"]

    let account: String
    let order: String
    let isWell: Bool
    let satisfaction: Int?
    let words: String?
    let language: AnswerLanguage
    let key: String
    /// Whether a conversation is opened and handed over where a person is wanted; not where the customer speaks in one already, which
    /// whoever speaks with them hands over.
    package var opensConversation = true

    init(_ arguments: Arguments) throws(Problem) {
        let read = ArgumentReader(definition: RequestKind.followUp.definition, arguments: arguments)
        key = try read.idempotencyKey()
        account = try read.accountNumber()
        order = try read.required("order")
        isWell = try read.required("answer") == "well"
        satisfaction = try read.integer("satisfaction")
        words = try read.text("words")
        language = try read.language()
    }

    var fingerprint: [UInt8] {
        get throws {
            var parts = [
                "account": account, "order": order, "answer": isWell ? "well" : "notWell", "lang": language.rawValue,
            ]
            parts["satisfaction"] = satisfaction.map { "\($0)" }
            parts["words"] = words
            return try Request.fingerprint(of: "followUp", parts)
        }
    }

    /// As dispatch systems are told.
    var satisfactionWord: String? {
        satisfaction.map { $0 >= 4 ? "satisfied" : $0 == 3 ? "neutral" : "dissatisfied" }
    }
}

extension RequestDesk {
    /// Takes what a customer says: kept, and the dispatch system asked to open the order again, in one transaction.
    func take(_ answer: FollowUpAnswer, _ requester: Requester) throws -> Reply {
        let wording = try answerer.wording(of: answer.language)
        let fingerprint = try answer.fingerprint
        let now = answerer.instant(nil)
        let kind: ActionKind = answer.isWell ? .recordFollowUp : .reopenWorkOrder
        // Without a system that can be asked a person is: what the customer says is never refused for that.
        // A configuration that cannot be set up ends `hearth serve` before it answers.
        let able = try? system(for: kind)
        return try once(answer.key, fingerprint, answer.account, requester) { store in
            guard let situation = try Self.situation(of: answer.account, store) else { throw Problem.unknownAccount }
            guard let order = situation.orders.last(where: { $0.number == answer.order }) else {
                throw Problem(
                    .unknown, "unknown-order", "The account has no such order",
                    detail: "its orders are those of work_orders", parameter: "order")
            }
            let known = try store.followUp(account: answer.account, order: answer.order)
            // A view that is older than the customer's last word shows the order as it was before; one that shows it open needs nothing
            // to open it.
            let isKnown = !answer.isWell && (known?.state == .reopened || known != nil && !order.state.isDealtWith)
            if order.state == .cancelled || known == nil && !order.state.isDealtWith {
                throw Problem(
                    .conflict, "order-not-done", "Nobody has said that the order is done",
                    detail: "it is \(order.state.rawValue); ask work_orders how it goes on", parameter: "order")
            }
            var followUp =
                known
                ?? FollowUp(account: answer.account, order: answer.order, state: .unconfirmed, changedAt: now)
            var action: StoredAction?
            // What is said is kept, whether or not anything more is done for it.
            let said = answer.words.map { FreeText(known: [answer.account, answer.order]).masked($0, of: .customer) }
            followUp.words = [followUp.words, said].compactMap(\.self).joined(separator: "\n").nilIfEmpty
            followUp.satisfaction = answer.satisfaction ?? followUp.satisfaction
            if isKnown {
                try store.putFollowUp(followUp)
            } else {
                followUp.changedAt = now
                followUp.action = nil
                if answer.isWell {
                    followUp.state = .well
                    followUp.wantsPerson = false
                } else {
                    // Who says so after having said that it is well has not had the crew once more.
                    if known?.state != .well || followUp.reopenings == 0 { followUp.reopenings += 1 }
                    followUp.state = .reopened
                    followUp.wantsPerson = true
                    followUp.isEscalated = followUp.reopenings >= 2
                }
                if let (outbox, system) = able, let values = Self.values(answer, followUp) {
                    let acceptance = try outbox.accept(
                        ActionRequest(kind, values), by: system, caller: requester.caller.id,
                        key: answer.key, in: store
                    ) { _ in [] }
                    guard case .accepted(let made) = acceptance else { throw Self.keyInUse }
                    action = made
                    followUp.action = made.id
                }
                try store.putFollowUp(followUp)
                if followUp.wantsPerson, answer.opensConversation { try handOver(answer, followUp, requester, store) }
            }
            var json = JSONBytes()
            json.raw("{\"version\":1")
            json.member("account_number", answer.account)
            json.member("order_number", answer.order)
            json.member("answer", answer.isWell ? "well" : "notWell")
            json.member("state", followUp.state.rawValue)
            json.member("joined", isKnown)
            json.key("reopenings")
            json.integer(Int64(followUp.reopenings))
            json.member("escalated", followUp.isEscalated)
            json.member("hand_off", followUp.wantsPerson)
            json.member("status_path", "/v1/accounts/\(answer.account)/notices")
            if let action {
                json.member("request", action.id.number)
                json.member("request_state", action.state.rawValue)
            }
            json.member(
                "text",
                isKnown
                    ? wording.finish(wording.sentence("orders.follow_up.known", [(.order, .text(answer.order))]))
                    : Answerer.text(of: followUp, order: answer.order, wording))
            json.raw("}")
            return (json.bytes, action?.id)
        }
    }

    /// Has a person take over: a conversation that begins with what the customer says, handed off in the same transaction.
    private func handOver(
        _ answer: FollowUpAnswer, _ followUp: FollowUp, _ requester: Requester, _ store: any StoreWriter
    ) throws {
        let caller = requester.caller.id
        let opened = try conversations.take(
            .open(account: answer.account, channel: "other", language: answer.language.rawValue, isElderly: false),
            by: caller, in: store)
        let number = opened.json.withUnsafeBytes { json in
            JSONMembers.value(of: "conversation", in: json).flatMap { Int64(String(decoding: $0, as: UTF8.self)) }
        }
        guard let id = number.map({ ConversationID($0) }) else { return }
        let said = ConversationRequest.NewTurn(
            .customer, answer.words ?? "维修单 \(answer.order):还没好", intent: "repair.notDone",
            facts: [.init(kind: "work_order", id: answer.order, freshAt: nil)],
            actions: followUp.action.map { [$0] } ?? [])
        _ = try conversations.take(.turn(id, said), by: caller, in: store)
        _ = try conversations.take(
            .handOff(
                id, reason: followUp.isEscalated ? "complaint" : "coldHome",
                note: "维修单 \(answer.order) 第 \(followUp.reopenings) 次说还没好"),
            by: caller, in: store)
    }

    /// What the dispatch system is told; nil for nothing.
    private static func values(_ answer: FollowUpAnswer, _ followUp: FollowUp) -> [String: String]? {
        var values = ["account": answer.account, "order": answer.order]
        if answer.isWell {
            guard let word = answer.satisfactionWord else { return nil }
            values["satisfaction"] = word
            values["note"] = answer.words
            return values
        }
        values["reason"] = answer.words
        if followUp.isEscalated { values["urgent"] = "true" }
        return values
    }
}

extension String {
    fileprivate var nilIfEmpty: String? { isEmpty ? nil : self }
}
