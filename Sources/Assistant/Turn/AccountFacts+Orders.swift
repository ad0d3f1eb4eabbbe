import Answers
import Events
import Explanation
import HeatModel
import Store

/// What stands of the customer's repair orders.
extension AccountFacts {
    /// What stands of the customer's orders, the newest first: what is open, else the last one.
    mutating func progress(openOnly: Bool = false) -> Told {
        // What was asked for and no read of the dispatch system shows yet is the newest.
        if let asked = askedOrder() { return asked }
        guard let orders = orders(), let wording = try? answerer.wording(of: .chinese) else {
            return .init(outcome: "unavailable")
        }
        let newest = orders.sorted { ($0.text("created_at") ?? "") > ($1.text("created_at") ?? "") }
        let open = newest.filter { $0.text("state").flatMap(WorkOrderState.init).map(\.isOpen) ?? false }
        let shown = open.isEmpty ? Array(newest.prefix(openOnly ? 0 : 1)) : Array(open.prefix(3))
        guard let first = shown.first else { return .init(outcome: "none") }
        var told = Told()
        let texts = shown.map { line($0, wording) }
        told.values["order_text"] = Words(texts.joined(separator: "\n"))
        told.values["order_first"] = Words(texts[0])
        told.order = first.text("number")
        told.facts = shown.compactMap { order in
            order.text("number").map { Turn.Fact(kind: "work_order", id: $0, freshAt: nil) }
        }
        return told
    }

    /// The newest request for an order that stands in the outbox, where the orders do not show what became of it.
    mutating func askedOrder() -> Told? {
        guard let account, let orders = orders() else { return nil }
        let filter = ActionFilter(
            states: [.accepted, .sending, .unknown, .confirmed], kind: "createWorkOrder", account: account)
        let numbers = Set(orders.compactMap { $0.text("number") })
        let latest = orders.compactMap { $0.text("created_at").flatMap { Instant($0) } }.max()
        guard let action = try? answerer.store.read({ try $0.actions(filter, before: nil, limit: 1).first }),
            action.externalID.map({ !numbers.contains($0) }) ?? true,
            latest.map({ $0 < action.acceptedAt }) ?? true,
            let (document, words) = spoken(
                "order_request.\(action.id.number)", { .orderRequest(account, action.id, $0) })
        else { return nil }
        var told = Told()
        told.values["order_text"] = words
        told.values["order_first"] = Words(Self.first(words.full), plain: Self.first(words.plain))
        told.order = document.text("order_number")
        told.facts = [Turn.Fact(kind: "question", id: "order_request", freshAt: nil)]
        return told
    }

    func line(_ order: AnswerReader, _ wording: Wording) -> String {
        let number = order.text("number") ?? wording.word("unknown")
        let kind = order.text("kind").map { wording.word("fault.\($0)", or: wording.word("fault.other")) } ?? ""
        let state = order.text("state").map { wording.word("order.\($0)") } ?? wording.word("unknown")
        var text = "维修单 \(number)(\(kind)):\(state)。"
        if let crew = order.text("crew") { text += "班组:\(crew)。" }
        if let appointed = order.text("appointed_at") { text += "约定 \(Self.minute(appointed)) 上门。" }
        // Somebody on the way is somewhere else a little later.
        if order.text("state") == "enroute", let metres = order.integer("technician_distance"),
            let seen = order.text("technician_seen_at").flatMap({ Instant($0) }),
            seen.isNews(at: now, within: EventRules.position)
        {
            let tenths = (metres + 50) / 100
            text += "师傅距您家 \(tenths / 10).\(tenths % 10) 公里(\(Self.minute(seen.description).suffix(5)) 更新)。"
        }
        return text
    }
}
