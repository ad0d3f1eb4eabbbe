import AccountView
import Billing
import Explanation
package import HeatModel
package import JSONText
package import Store
import Triage

/// What a person needs to go on with a conversation: what was asked, answered, paid and promised, what stands open, whether the bill
/// recomputes, and a first sentence. Each part is an answer of the room that judges it; what cannot be had is named, and holds up no
/// hand-off.
struct HandOffCard {
    let conversation: Conversation
    let turns: [Turn]
    let reason: String
    let note: String?
    let desk: ConversationDesk
    let now: Instant

    /// Of each side the last so many turns stand on the card; the rest is in the conversation.
    private static let mostTurns = 10
    private static let mostActions = 10
    private static let mostPayments = 5

    /// What the rooms below say of the account.
    private struct Parts {
        var due: AmountDueAnswer?
        var receipts: ReceiptAnswer?
        var explanation: Explanation?
        var triage: TriageAnswer?
        var actions: [StoredAction] = []
        var orders: [WorkOrder] = []
        var isElderly = false
        /// Part → the code of why it is not there.
        var lacking: [(part: String, code: String)] = []

        mutating func take<Value>(_ part: String, _ make: () throws -> Value) -> Value? {
            do {
                return try make()
            } catch let error as HearthError {
                lacking.append((part, error.code.name))
            } catch {
                lacking.append((part, "unknown"))
            }
            return nil
        }
    }

    private func parts(_ store: any StoreReader) throws -> Parts {
        var parts = Parts()
        parts.isElderly = conversation.isElderly
        guard let number = conversation.account, let view = try ConversationDesk.view(number, store) else {
            parts.lacking = [("account", conversation.account == nil ? "account.notKnown" : "account.noView")]
            return parts
        }
        let context = AccountContext(view: view.body)
        if context.facts.flags.elderly == true { parts.isElderly = true }
        parts.orders = view.body.withUnsafeBytes { AccountContext.workOrders(in: $0) }.map(\.value).filter {
            $0.state?.isOpen == true
        }
        let kinds: Set = [StoredAction.orderKind, "reopenWorkOrder"]
        parts.actions =
            parts.take("promised") {
                try store.actions(ActionFilter(account: number), before: nil, limit: Self.mostActions).filter {
                    kinds.contains($0.request.kind)
                }
            } ?? []
        guard let money = desk.money else {
            parts.lacking.append(("money", HearthError.Code.configMissing.name))
            return parts
        }
        let today = now.local.date
        parts.due = parts.take("amount_due") {
            try money.amountDue(of: number, view: context, season: nil, on: today, in: store)
        }
        parts.receipts = parts.take("paid") {
            try money.receipts(of: number, view: context, season: nil, in: store)
        }
        parts.explanation = parts.take("recomputation") {
            try money.explanation(context, at: nil, season: nil, versus: .tariff, today: today, now: now, in: store)
        }
        if let rules = desk.triage {
            parts.triage = parts.take("triage") {
                try view.body.withUnsafeBytes {
                    try Triage(rules: rules, money: money, store: store, moment: nil, now: now).answer(number, view: $0)
                }
            }
        } else {
            parts.lacking.append(("triage", HearthError.Code.configMissing.name))
        }
        return parts
    }

    func json(_ store: any StoreReader) throws -> [UInt8] {
        let parts = try parts(store)
        let isPlain = parts.isElderly && conversation.language == "zh" || conversation.language == "zh_plain"
        let wording = desk.money?.wordings(for: [isPlain ? "zh_plain" : conversation.language]).first
        let wordings = wording.map { [$0] } ?? []
        return JSONObject.make { json in
            json.integer("version", 1)
            json.text("made_at", now)
            json.integer("conversation", conversation.id.number)
            json.text("account_number", conversation.account)
            json.text("channel", conversation.channel)
            json.text("language", conversation.language)
            json.text("why", reason)
            json.text("why_in_words", note)
            json.flag("elderly", parts.isElderly)
            json.flag("plain_words", isPlain)
            json.flag("large_print", parts.isElderly)
            json.list("asked", Array(turns.filter { $0.speaker == .customer }.suffix(Self.mostTurns))) {
                $1.write(&$0, desk)
            }
            json.list("answered", Array(turns.filter { $0.speaker != .customer }.suffix(Self.mostTurns))) {
                $1.write(&$0, desk)
            }
            if let due = parts.due { json.value("amount_due") { $0.raw(due.json(in: wordings)) } }
            if var receipts = parts.receipts {
                receipts.payments = Array(receipts.payments.prefix(Self.mostPayments))
                json.value("paid") { $0.raw(receipts.json(in: wordings)) }
            }
            if let explanation = parts.explanation { json.object("recomputation") { write(explanation, &$0) } }
            json.list("promised", parts.actions) { json, action in
                json.integer("request", action.id.number)
                json.text("fault", action.fault)
                json.text("state", action.state.rawValue)
                json.flag("waits_for_person", action.isDead)
                json.text("order_number", action.externalID)
                json.text("accepted_at", desk.stamp(action.acceptedAt))
                json.text("wanted_at", action.wantedAt)
                if let wording { json.text("text", action.told(in: wording)) }
            }
            json.list("open_orders", parts.orders) { json, order in
                json.text("number", order.number)
                json.text("kind", order.kind?.rawValue)
                json.text("state", order.state?.rawValue)
                json.text("created_at", order.createdAt)
                json.text("appointed_at", order.appointedAt)
            }
            if let triage = parts.triage {
                json.object("triage") { json in
                    json.text("finding", triage.findings.first?.kind.rawValue)
                    json.text("action", triage.action.rawValue)
                    if let wording { json.text("text", triage.text(wording)) }
                }
            }
            json.freshness(Self.freshness(parts.explanation, parts.triage))
            json.list("not_available", parts.lacking) { json, lack in
                json.text("part", lack.part)
                json.text("code", lack.code)
            }
            json.text("suggested", wording.map { suggested($0, parts) })
        }
    }

    /// Whether the bill is what the rules give: `equal`, `differs` by so many fen, or `cannot_say` and why.
    private func write(_ explanation: Explanation, _ json: inout JSONObject) {
        json.text("season", explanation.season)
        guard let check = explanation.check else {
            json.text("result", "cannot_say")
            json.text("status", explanation.status.rawValue)
            json.text("because", explanation.problem?.code)
            return
        }
        json.text("result", check.agrees ? "equal" : "differs")
        json.fen("billed_fen", explanation.bill?.due)
        json.fen("by_rules_fen", check.right)
        json.fen("difference_fen", check.difference)
        json.text("tariff", check.tariff)
    }

    /// Each source once.
    private static func freshness(
        _ explanation: Explanation?, _ triage: TriageAnswer?
    ) -> [Explanation.Freshness] {
        var known: Set<String> = []
        return ((explanation?.freshness ?? []) + (triage?.freshness ?? [])).filter { known.insert($0.source).inserted }
    }

    /// What the person may begin with: of what the reason is about, else of what stands open.
    private func suggested(_ wording: Wording, _ parts: Parts) -> String {
        var sentences: [String] = [wording.sentence("hand_off.hello")]
        let differs = parts.explanation?.check.map { !$0.agrees } ?? false
        let request = parts.actions.first { !$0.state.isFinal }
        let isAboutBill = reason == "bill"
        let isAboutHome = reason == "coldHome" || reason == "emergency" || reason == "actionFailed"
        if reason == "emergency" { sentences.append(wording.sentence("hand_off.emergency")) }
        if differs, !isAboutHome, let explanation = parts.explanation, let check = explanation.check {
            sentences.append(
                wording.sentence(
                    "hand_off.differs",
                    [
                        (.season, .text(explanation.season?.description ?? "")),
                        (.difference, .fen(Fen(abs(check.difference.amount)))),
                    ]))
        } else if let order = parts.orders.last, !isAboutBill {
            sentences.append(
                wording.sentence(
                    "hand_off.order",
                    [
                        (.order, .text(order.number ?? wording.word("unknown"))),
                        (.state, .text(wording.word("order.\(order.state?.rawValue ?? "")"))),
                    ]))
        } else if let request, !isAboutBill {
            sentences.append(wording.sentence("hand_off.request", [(.request, .integer(Int(request.id.number)))]))
        } else if isAboutBill, let due = parts.due, due.openOfOthers > .zero {
            sentences.append(
                wording.sentence(
                    "hand_off.open_others", [(.open, .fen(due.totalOpen)), (.arrears, .fen(due.openOfOthers))]))
        } else if isAboutBill, let due = parts.due?.due, due.open > .zero {
            sentences.append(
                wording.sentence(
                    "hand_off.open",
                    [(.season, .text(parts.due?.season?.description ?? "")), (.open, .fen(due.open))]))
        } else {
            sentences.append(wording.sentence("hand_off.read"))
        }
        return wording.finish(sentences.joined(separator: "\(wording.blank)"))
    }
}

extension Turn {
    func write(_ json: inout JSONObject, _ desk: ConversationDesk) { write(&json) { desk.stamp($0) } }

    /// As documents have it.
    package func write(_ json: inout JSONObject, _ stamp: (Instant) -> String) {
        json.integer("turn", number)
        json.text("speaker", speaker.rawValue)
        json.text("at", stamp(at))
        json.text("words", words)
        json.text("intent", intent)
        json.text("mark", mark?.rawValue)
        if !facts.isEmpty {
            json.list("facts", facts) { json, fact in
                json.text("kind", fact.kind)
                json.text("id", fact.id)
                json.text("fresh_at", fact.freshAt)
            }
        }
        if !actions.isEmpty { json.list("actions", actions) { $0.integer("request", $1.number) } }
    }
}
