import Actions
import Answers
import Explanation
import HeatModel
import JSONText
import Store

/// What who reports a fault is told. It holds nothing personal, so it is the same for every caller and may be kept.
struct FaultReceipt {
    let number: String
    let report: FaultReport
    let situation: AccountSituation
    let hint: String?
    /// The open order that is joined, where the dispatch system has one.
    let order: AccountSituation.Order?
    /// What stands for it in the outbox: joined, or new.
    private(set) var action: StoredAction?
    private var isNew = false

    init(
        number: String, report: FaultReport, situation: AccountSituation, hint: String?,
        order: AccountSituation.Order?, action: StoredAction?
    ) {
        self.number = number
        self.report = report
        self.situation = situation
        self.hint = hint
        self.order = order
        self.action = action
    }

    mutating func take(new action: StoredAction) {
        self.action = action
        isNew = true
    }

    func json(_ wording: Wording, _ answerer: Answerer) -> [UInt8] {
        var json = JSONBytes()
        json.raw("{\"version\":1")
        json.member("account_number", number)
        json.member("kind", report.kind)
        json.member("urgent", report.isUrgent)
        json.member("joined", !isNew)
        if let action {
            json.member("request", action.id.number)
            json.member("state", action.state.rawValue)
            if !isNew { json.member("waits_for_person", action.isDead) }
            json.member("accepted_at", answerer.stamp(action.acceptedAt))
            json.member("status_path", "/v1/accounts/\(number)/work-orders/requests/\(action.id.number)")
        }
        if let made = order?.number ?? action?.externalID {
            json.key("order")
            json.raw("{")
            json.member("number", made)
            json.member("state", order?.state.rawValue)
            json.member("created_at", order?.createdAt?.description)
            json.raw("}")
        }
        json.member("network_number", situation.facts.networkNumber)
        json.member("station", situation.facts.station)
        json.member("supply_state", situation.facts.supply.state?.rawValue)
        json.member("supply_valve", situation.facts.supply.valve?.rawValue)
        json.member("hint", hint)
        let advice = report.isUrgent ? wording.finish(wording.sentence("orders.do_now.\(report.kind)")) : nil
        json.member("do_now", advice)
        json.member("text", [advice, wording.finish(outcome(wording))].compactMap(\.self).joined(separator: "\n"))
        json.raw("}")
        return json.bytes
    }

    private func outcome(_ wording: Wording) -> String {
        let fault = (Wording.Placeholder.fault, Wording.Value.text(wording.word("fault.\(report.kind)")))
        if let order {
            return wording.sentence(
                "orders.asked.joined_order",
                [
                    fault, (.order, .text(order.number)),
                    (.state, .text(wording.word("order.\(order.state.rawValue)"))),
                ])
        }
        let request = (Wording.Placeholder.request, Wording.Value.integer(Int(action?.id.number ?? 0)))
        // Nothing more is done with it before a person has looked.
        if !isNew, action?.isDead == true { return wording.sentence("orders.request.waiting", [request]) }
        return wording.sentence(isNew ? "orders.asked.accepted" : "orders.asked.joined_request", [fault, request])
    }
}

extension FaultReport {
    /// What the dispatch system is asked for: the customer's words apart from what Hearth adds.
    ///
    /// - Parameter now: on the company's clock, by which the time of a visit is told.
    func action(of number: String, note: String, now: Instant) throws(HearthError) -> ActionRequest {
        var values = ["account": number, "problem": kind, "urgent": isUrgent ? "true" : "false", "note": note]
        values["words"] = words
        values["phone"] = phone
        values["wantedAt"] = wantedAt.map { wanted in
            Instant(microseconds: wanted.microseconds / 1_000_000 * 1_000_000, offsetMinutes: now.offsetMinutes)
                .description
        }
        return try ActionRequest(.createWorkOrder, values)
    }
}
