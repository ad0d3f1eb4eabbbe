import Answers
import Events
import Explanation
import Foundation
import HeatModel
import Store

/// What the answers say of the one account that a customer speaks of. Each question is asked once a turn.
struct AccountFacts {
    let answerer: Answerer
    let requester: Requester
    let company: Company
    let now: Instant
    private(set) var account: String?
    private(set) var accesses: [Access] = []
    private var known: [String: AnswerReader?] = [:]

    init(answerer: Answerer, requester: Requester, company: Company, now: Instant) {
        self.answerer = answerer
        self.requester = requester
        self.company = company
        self.now = now
    }

    mutating func speak(of account: String?) {
        if account != self.account { known = [:] }
        self.account = account
    }

    /// What became of something changes what the answers say.
    mutating func forget() { known = [:] }

    /// A value in the words of a text, and in those for old people.
    struct Words: Sendable {
        var full: String
        var plain: String

        init(_ full: String, plain: String? = nil) {
            self.full = full
            self.plain = plain ?? full
        }
    }

    /// What came of asking: an outcome, values to tell, facts that are shown.
    struct Told {
        var outcome = "ok"
        var values: [String: Words] = [:]
        var facts: [Turn.Fact] = []
        var chart: AssistantReply.Chart?
        var steps: [AssistantReply.Step] = []
        var order: String?
    }

    // MARK: Documents

    private mutating func ask(_ name: String, _ question: Answers.Question) -> AnswerReader? {
        if let found = known[name] { return found }
        let reply = answerer.reply(to: question, for: requester)
        accesses += reply.accesses
        let found = (try? reply.result.get()).map { AnswerReader(json: $0.json) }
        known[name] = .some(found)
        return found
    }

    private mutating func spoken(
        _ name: String, _ question: (AnswerLanguage) -> Answers.Question
    ) -> (AnswerReader, Words)? {
        guard let document = ask(name, question(.chinese)), let words = document.words else { return nil }
        let plain = ask(name + ".plain", question(.plainChinese))?.words
        return (document, Words(words, plain: plain))
    }

    private mutating func due() -> (AnswerReader, Words)? {
        guard let account else { return nil }
        return spoken("money.due") { .amountDue(account, season: nil, on: nil, $0, .present) }
    }

    private mutating func explanation(_ versus: Explanation.Versus) -> (AnswerReader, Words)? {
        guard let account else { return nil }
        return spoken("explain.\(versus.rawValue)") {
            .explanation(account, season: nil, versus: versus, on: nil, $0, .present)
        }
    }

    private mutating func triage() -> (AnswerReader, Words)? {
        guard let account else { return nil }
        return spoken("triage") { .triage(account, on: nil, $0, .present) }
    }

    private mutating func orders() -> [AnswerReader]? {
        guard let account else { return nil }
        return ask("work_orders", .workOrders(account, .present))?.list("work_orders")
    }

    private mutating func followUps() -> [AnswerReader]? {
        guard let account else { return nil }
        return ask("notices", .notices(account, limit: 1, .chinese))?.list("follow_ups")
    }

    // MARK: Conditions

    mutating func holds(_ word: Condition.Word) -> Bool {
        guard account != nil else { return false }
        func finds(_ kinds: Set<String>) -> Bool {
            triage()?.0.list("findings").contains { $0.text("finding").map(kinds.contains) ?? false } ?? false
        }
        switch word {
        case .arrears:
            guard let document = due()?.0 else { return false }
            return (document.integer("total_open_fen") ?? 0) > 0
        case .suspended: return finds(["suspended"])
        case .disconnected: return finds(["disconnected"])
        case .supplyStopped: return finds(["supplyStopped", "valveClosed"])
        case .outage: return finds(Self.outages)
        case .openOrder: return finds(["openOrder"])
        case .doneOrder: return doneOrder() != nil
        case .billDiffers: return explanation(.tariff)?.0.flag("recomputation", "agrees") == false
        default: return false
        }
    }

    private static let outages: Set = ["outage", "outageOverdue", "outageAhead", "likelyOutage"]

    /// The last order that the crew says is done and the customer has not said to be well.
    private mutating func doneOrder() -> String? {
        // A cold home months after a repair is another matter.
        let recent = Set((orders() ?? []).filter(isRecent).compactMap { $0.text("number") })
        return followUps()?.last {
            $0.text("order_number").map(recent.contains) == true && $0.flag("crew_says_done") == true
                && $0.text("state") != "well" && $0.text("order_state") != "cancelled"
        }?.text("order_number")
    }

    private func isRecent(_ order: AnswerReader) -> Bool {
        let at = order.text("closed_at") ?? order.text("completed_at") ?? order.text("created_at")
        guard let at = at.flatMap({ Instant($0) }) else { return false }
        return now.microseconds - at.microseconds < Self.followUpDays * 86_400_000_000
    }

    /// Days after a repair in which 还没好 speaks of it.
    private static let followUpDays: Int64 = 60

    // MARK: Asking

    mutating func tell(_ question: Action.Question) -> Told {
        switch question {
        case .due:
            guard let (document, words) = due() else { return .init(outcome: "unavailable") }
            return told("money.due", document, "due", words) { told in
                // All that is owed, of every season: the figure by which it is asked whether anything is.
                told.values["open"] = document.integer("total_open_fen").map { Words(Money.yuan($0)) }
                told.values["season"] = document.text("season").map { Words($0) }
                // What nobody knows is not told as a figure; that nothing is to be paid only where nothing is owed.
                if told.values["open"] == nil || told.values["season"] == nil {
                    let isNone = document.text("status") == "no_bill" && told.values["open"] == nil
                    told.outcome = isNone ? "none" : "unavailable"
                }
                // What of it is older, for the forms that do not bring the answer's own words.
                let older = Self.olderArrears(document).map { "其中 \($0.season) 采暖期 \($0.yuan) 元。" }
                told.values["other_due"] = Words(older.joined())
            }
        case .peers: return explained(.peers)
        case .previous: return explained(.previous)
        case .tariff: return explained(.tariff)
        case .triage:
            guard let (document, words) = triage() else { return .init(outcome: "unavailable") }
            return told(
                "triage", document, "triage",
                Words(Self.withoutChecks(words.full), plain: Self.withoutChecks(words.plain))
            ) {
                $0.steps = Self.checks(document)
            }
        case .outage: return outage()
        case .receipts:
            guard let account,
                let (document, words) = spoken(
                    "money.receipts", { .receipts(account, season: nil, $0, .present) })
            else { return .init(outcome: "unavailable") }
            return told("money.receipts", document, "receipts", words)
        case .suspension: return suspension(.suspend)
        case .closing: return suspension(.close)
        case .refund:
            guard let (document, words) = refund() else { return .init(outcome: "unavailable") }
            return told("money.refund", document, "refund", words)
        case .orders: return progress()
        case .openOrders: return progress(openOnly: true)
        case .doneOrder:
            guard followUps() != nil else { return .init(outcome: "unavailable") }
            guard let order = doneOrder() else { return .init(outcome: "none") }
            var told = Told()
            told.order = order
            told.values["order"] = Words(order)
            told.facts = [Turn.Fact(kind: "work_order", id: order, freshAt: nil)]
            return told
        case .temperature: return temperature()
        case .area:
            guard let (document, _) = explanation(.peers), let shared = document.text("area", "shared_area"),
                let words = sentence("explain.shared.\(shared)")
            else { return .init(outcome: "unavailable") }
            var told = Told()
            told.values["area_text"] = words
            told.facts = Self.facts(document, "explain")
            return told
        }
    }

    /// Values `NAME_text` and `NAME_first` of an answer's words.
    private func told(
        _ question: String, _ document: AnswerReader, _ name: String, _ words: Words,
        _ more: (inout Told) -> Void = { _ in }
    ) -> Told {
        var told = Told()
        told.values[name + "_text"] = words
        told.values[name + "_first"] = Words(Self.first(words.full), plain: Self.first(words.plain))
        told.values["account"] = account.map { Words($0) }
        told.facts = Self.facts(document, question)
        more(&told)
        return told
    }

    private static func first(_ text: String) -> String {
        text.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? text
    }

    private mutating func explained(_ versus: Explanation.Versus) -> Told {
        guard let (document, words) = explanation(versus) else { return .init(outcome: "unavailable") }
        let lead = lead(versus, document)
        return told("explain", document, "explain", words) { told in
            told.values["explain_lead"] = Words(lead)
            told.chart = Self.chart(document)
        }
    }

    /// A difference that is hardly one is said to be none first.
    private func lead(_ versus: Explanation.Versus, _ document: AnswerReader) -> String {
        guard versus != .tariff, let difference = document.integer("difference_fen"),
            let reference = document.integer("reference", "fen"), difference != 0,
            abs(difference) * 100 <= abs(reference) * Int64(company.smallDifferencePercent)
        else { return "" }
        if versus == .previous { return company.values["same_as_last_year"] ?? "" }
        let level = document.text("reference", "level") ?? ""
        return (company.values[level == "building" ? "same_as_building" : "same_as_others"] ?? "")
    }

    private static func chart(_ document: AnswerReader) -> AssistantReply.Chart? {
        guard let mine = document.integer("bill", "due_fen"), let reference = document.integer("reference", "fen")
        else { return nil }
        var bars = [AssistantReply.Chart.Bar(label: "本户", fen: mine, words: Money.yuan(mine) + " 元")]
        let other =
            document.text("versus") == "previous" ? "上一采暖期" : document.text("versus") == "tariff" ? "按规则" : "同类住户"
        bars.append(.init(label: other, fen: reference, words: Money.yuan(reference) + " 元"))
        for part in document.list("parts") {
            guard let factor = part.text("factor"), let fen = part.integer("fen") else { continue }
            bars.append(
                .init(
                    label: ChartWords.factors[factor] ?? "其他", fen: fen,
                    words: (fen < 0 ? "少 " : "多 ") + Money.yuan(abs(fen)) + " 元"))
        }
        return .init(title: "热费构成", bars: bars)
    }

    private mutating func suspension(_ intent: SuspensionProcedures.Intent) -> Told {
        guard let account,
            let (document, words) = spoken(
                "money.suspension.\(intent.rawValue)",
                {
                    .suspension(account, season: nil, on: nil, intent: intent, heating: .central, $0, .present)
                })
        else { return .init(outcome: "unavailable") }
        return told("money.suspension", document, "suspension", words) { told in
            // What is not granted has no steps.
            guard document.flag("procedure", "open") != false else { return }
            told.steps = document.list("procedure", "steps").compactMap { step in
                step.list("text").first?.text("text").map { AssistantReply.Step(words: $0) }
            }
        }
    }

    private mutating func refund() -> (AnswerReader, Words)? {
        guard let account else { return nil }
        return spoken("money.refund") { .refund(account, season: nil, rooms: nil, on: nil, $0, .present) }
    }

    private mutating func outage() -> Told {
        guard let (document, _) = triage() else { return .init(outcome: "unavailable") }
        var told = Told()
        let found = document.list("findings").filter { $0.text("finding").map(Self.outages.contains) ?? false }
        told.facts = Self.facts(document, "triage")
        guard !found.isEmpty else {
            told.outcome = "none"
            return told
        }
        let texts = found.compactMap { $0.list("text").first?.text("text") }
        told.values["outage_text"] = Words(texts.joined(separator: "\n"))
        return told
    }

    private mutating func temperature() -> Told {
        guard let (document, _) = refund() else { return .init(outcome: "unavailable") }
        var told = Told()
        told.facts = Self.facts(document, "money.refund")
        let readings = document.list("temperature", "readings")
        guard let last = readings.max(by: { ($0.text("at") ?? "") < ($1.text("at") ?? "") }), let at = last.text("at"),
            let celsius = last.text("celsius")
        else {
            told.outcome = "none"
            return told
        }
        let method = last.text("method") ?? "unknown"
        let values: [(Wording.Placeholder, Wording.Value)] = [
            (.at, .text(Self.minute(at))), (.celsius, .text(celsius)), (.count, .integer(readings.count)),
        ]
        guard let wording = try? answerer.wording(of: .chinese) else { return .init(outcome: "unavailable") }
        let words = wording.sentence(
            "explain.temperature.latest", values + [(.method, .text(wording.word("method.\(method)")))])
        let standard =
            document.text("temperature", "standard").map {
                wording.sentence("explain.temperature.standard", [(.standard, .text($0))])
            } ?? ""
        told.values["temperature_text"] = Words(words + standard)
        return told
    }

    private func sentence(_ key: String) -> Words? {
        guard let wording = try? answerer.wording(of: .chinese), wording.hasSentence(key) else { return nil }
        let plain = try? answerer.wording(of: .plainChinese)
        return Words(wording.finish(wording.sentence(key)), plain: plain.map { $0.finish($0.sentence(key)) })
    }

    /// `2026-12-20T14:05:00+08:00` → `2026-12-20 14:05`
    private static func minute(_ instant: String) -> String {
        instant.count >= 16 ? String(instant.prefix(16)).replacing("T", with: " ") : instant
    }

    // MARK: Orders

    /// What stands of the customer's orders, the newest first: what is open, else the last one.
    private mutating func progress(openOnly: Bool = false) -> Told {
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
    private mutating func askedOrder() -> Told? {
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

    /// What is owed for other heating seasons, each as the answer has it.
    private static func olderArrears(_ document: AnswerReader) -> [(season: String, yuan: String)] {
        document.list("other_seasons").compactMap { other in
            guard let season = other.text("season"), let fen = other.integer("arrears_fen"), fen > 0 else { return nil }
            return (season, Money.yuan(fen))
        }
    }

    private func line(_ order: AnswerReader, _ wording: Wording) -> String {
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

    // MARK: First checks

    private static func checks(_ document: AnswerReader) -> [AssistantReply.Step] {
        document.list("first_checks").compactMap { check in
            guard let words = check.list("text").first?.text("text") else { return nil }
            let picture = check.text("picture")
            return .init(words: words, picture: picture, pictureWords: picture.map { _ in words })
        }
    }

    /// The checks are steps of the message: they need not stand in its text too.
    private static func withoutChecks(_ text: String) -> String {
        var lines = text.split(separator: "\n").map(String.init)
        lines.removeAll { $0.hasPrefix("· ") || $0.hasSuffix("检查:") || $0.hasSuffix("检查：") }
        return lines.joined(separator: "\n")
    }

    // MARK: Facts

    private static let kinds = [
        "billing.charges": "bill", "billing.payments": "payment", "dispatch.workOrders": "work_order",
        "dispatch.outages": "outage", "dispatch.temperatures": "temperature",
    ]

    static func facts(_ document: AnswerReader, _ question: String) -> [Turn.Fact] {
        [Turn.Fact(kind: "question", id: question, freshAt: nil)]
            + document.evidence.prefix(12).map { evidence in
                Turn.Fact(
                    kind: kinds[evidence.source] ?? "account", id: "\(evidence.source)/\(evidence.key)",
                    freshAt: evidence.instant)
            }
    }
}

/// What the parts of a bill are called beside their bars.
enum ChartWords {
    static let factors = [
        "area": "面积", "inner_area": "套内面积", "shared_area": "公摊面积", "intensity": "用热", "price": "单价", "method": "计费方式",
        "height": "层高", "shared_line": "公摊", "days": "天数", "suspension": "报停", "concession": "优惠",
        "basis_difference": "口径差", "billing_difference": "账单与规则不符", "previous_billing_difference": "上季账单与规则不符",
        "incomplete_bill": "账单不全", "rounding": "尾数",
    ]
}

enum Money {
    /// `184640` → `1,846.40`
    static func yuan(_ fen: Int64) -> String {
        let digits = String(fen.magnitude / 100)
        var grouped = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { grouped.append(",") }
            grouped.append(digit)
        }
        let rest = fen.magnitude % 100
        return (fen < 0 ? "-" : "") + grouped + "." + (rest < 10 ? "0" : "") + "\(rest)"
    }
}
