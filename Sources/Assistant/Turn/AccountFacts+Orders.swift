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
        guard let orders = orders(), let wording = wording(of: .chinese) else {
            return .init(outcome: "unavailable")
        }
        let newest = orders.sorted { ($0.text("created_at") ?? "") > ($1.text("created_at") ?? "") }
        let open = newest.filter { $0.text("state").flatMap(WorkOrderState.init).map(\.isOpen) ?? false }
        let shown = open.isEmpty ? Array(newest.prefix(openOnly ? 0 : 1)) : Array(open.prefix(3))
        guard let first = shown.first else { return .init(outcome: "none") }
        var told = Told()
        let texts = shown.map { line($0, wording) }
        told.values["order_text"] = Words(
            texts.map(\.full).joined(separator: "\n"), plain: texts.map(\.plain).joined(separator: "\n"))
        told.values["order_first"] = texts[0]
        told.order = first.text("number")
        told.facts = shown.compactMap { order in
            order.text("number").map { Turn.Fact(kind: "work_order", id: $0, freshAt: nil) }
        }
        return told
    }

    /// The newest request for an order that the orders do not show yet.
    mutating func askedOrder() -> Told? {
        guard let account, let id = workOrders()?.integer("requested"),
            let (document, words) = spoken(
                "order_request.\(id)", { .orderRequest(account, ActionID(id), $0) })
        else { return nil }
        var told = Told()
        told.values["order_text"] = words
        told.values["order_first"] = Words(Self.first(words.full), plain: Self.first(words.plain))
        told.order = document.text("order_number")
        told.facts = [Turn.Fact(kind: "question", id: "order_request", freshAt: nil)]
        return told
    }

    /// What became of the order that the conversation made for an address. Of one that somebody had asked for before nothing is known here.
    mutating func reportedOrder() -> Told {
        guard let reported else { return Told(outcome: "unavailable") }
        var told = Told()
        told.facts = [Turn.Fact(kind: "question", id: "order_request", freshAt: nil)]
        guard let id = reported.request else {
            let words = book.entries[RoomEntry.orderReported.rawValue]?.full.filled { book.company.values[$0] } ?? ""
            told.values["order_text"] = Words(words)
            told.values["order_first"] = Words(Self.first(words))
            return told
        }
        guard
            let (_, words) = spoken(
                "order_request.\(id)", { .orderRequest(reported.account, ActionID(id), $0) })
        else { return Told(outcome: "unavailable") }
        told.values["order_text"] = words
        told.values["order_first"] = Words(Self.first(words.full), plain: Self.first(words.plain))
        return told
    }

    func line(_ order: AnswerReader, _ wording: Wording) -> Words {
        var values = [
            "order_number": order.text("number") ?? wording.word("unknown"),
            "order_kind": order.text("kind").map { wording.word("fault.\($0)", or: wording.word("fault.other")) } ?? "",
            "order_state": order.text("state").map { wording.word("order.\($0)") } ?? wording.word("unknown"),
        ]
        var entries = [RoomEntry.orderLine]
        if let crew = order.text("crew") {
            values["crew"] = crew
            entries.append(.orderCrew)
        }
        if let appointed = order.text("appointed_at") {
            values["appointed"] = Self.minute(appointed)
            entries.append(.orderAppointed)
        }
        // Somebody on the way is somewhere else a little later.
        if order.text("state") == "enroute", let metres = order.integer("technician_distance"),
            let seen = order.text("technician_seen_at").flatMap({ Instant($0) }),
            seen.isNews(at: now, within: EventRules.position)
        {
            let tenths = (metres + 50) / 100
            values["kilometres"] = "\(tenths / 10).\(tenths % 10)"
            values["seen"] = String(Self.minute(seen.description).suffix(5))
            entries.append(.orderPosition)
        }
        let pieces = entries.compactMap { book.entries[$0.rawValue] }
        return Words(
            pieces.map { $0.full.filled { values[$0] } }.joined(),
            plain: pieces.map { ($0.plain ?? $0.full).filled { values[$0] } }.joined())
    }
}
