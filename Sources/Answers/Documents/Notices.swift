import AccountView
package import Explanation
import HeatModel
import JSONText
package import Store

extension Answerer {
    /// What an account's customer was told, or is to be, and whether each repair that the crew says is done is confirmed. Neither phones
    /// nor the words of the customer stand in it.
    func notices(
        _ number: String, limit: Int, _ language: AnswerLanguage, _ requester: Requester, _ source: some ViewSource
    ) throws -> Reply {
        let wording = try wording(of: language)
        return try withView(number, at: nil, source) { view in
            let notices = try source.reader.notices(NoticeFilter(account: number), before: nil, limit: limit)
            let answers = try source.reader.followUps(of: number, limit: 1000)
            var json = JSONBytes()
            json.raw("{\"version\":1")
            json.member("account_number", number)
            json.key("notices")
            json.raw("[")
            for (index, notice) in notices.enumerated() {
                if index > 0 { json.raw(",") }
                write(notice, to: &json)
            }
            json.raw("],\"follow_ups\":[")
            var isFirst = true
            for order in AccountContext.workOrders(in: view.body) {
                let name = order.value.number ?? order.source.key
                let known = answers.last { $0.order == name }
                // Whatever the crew says: without the customer's word nobody knows that it is well.
                guard known != nil || order.value.state?.isDealtWith == true else { continue }
                if !isFirst { json.raw(",") }
                isFirst = false
                write(name, order.value, known, wording, to: &json)
            }
            json.raw("]}")
            return Reply(AnswerDocument(json.bytes), [requester.access([number], "ok")])
        }
    }

    private func write(_ notice: StoredNotice, to json: inout JSONBytes) {
        json.raw("{\"notice\":")
        json.integer(notice.id.number)
        json.member("rule", notice.notice.rule)
        json.member("about", notice.notice.occasion)
        json.member("state", notice.state.rawValue)
        json.member("settled", notice.state.isFinal)
        json.member("waits_for_person", notice.action?.isDead ?? false)
        json.member("reason", notice.reason)
        json.member("channel", notice.action.map { String($0.request.system.split(separator: "/").last ?? "") })
        json.member("planned_at", stamp(notice.plannedAt))
        json.member("not_before", stamp(notice.notice.notBefore))
        json.member("expires_at", stamp(notice.notice.expiresAt))
        json.member("changed_at", stamp(notice.changedAt))
        if let telling = notice.telling {
            json.key("segments")
            json.integer(Int64(telling.segments))
        }
        json.raw("}")
    }

    private func write(
        _ number: String, _ order: WorkOrder, _ known: FollowUp?, _ wording: Wording, to json: inout JSONBytes
    ) {
        json.raw("{\"order_number\":")
        json.string(number)
        json.member("order_state", order.state?.rawValue)
        json.member("state", (known?.state ?? .unconfirmed).rawValue)
        json.member("crew_says_done", order.state?.isDealtWith ?? false)
        json.member("confirmed", known?.state == .well)
        json.key("reopenings")
        json.integer(Int64(known?.reopenings ?? 0))
        json.member("escalated", known?.isEscalated ?? false)
        json.member("waits_for_person", known?.wantsPerson ?? false)
        if let satisfaction = known?.satisfaction {
            json.key("satisfaction")
            json.integer(Int64(satisfaction))
        }
        json.member("changed_at", known.map { stamp($0.changedAt) })
        json.member("text", Self.text(of: known, order: number, wording))
        json.raw("}")
    }

    /// What is said of a follow-up.
    package static func text(of followUp: FollowUp?, order: String, _ wording: Wording) -> String {
        let key =
            switch followUp?.state ?? .unconfirmed {
            case .unconfirmed: "unconfirmed"
            case .well: "well"
            case .unanswered: "unanswered"
            case .reopened where followUp?.isEscalated == true: "escalated"
            case .reopened where followUp?.action == nil: "reopened_by_person"
            case .reopened: "reopened"
            }
        return wording.finish(
            wording.sentence(
                "orders.follow_up.\(key)", [(.order, .text(order)), (.count, .integer(followUp?.reopenings ?? 0))]))
    }
}
