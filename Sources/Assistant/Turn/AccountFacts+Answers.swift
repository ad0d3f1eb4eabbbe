import Answers
import Explanation
import HeatModel
import Store

/// What an answer says, as values of a text, steps and facts that are shown.
extension AccountFacts {
    mutating func tell(_ question: Action.Question) -> Told {
        switch question {
        case .due:
            guard let (document, words) = due() else { return .init(outcome: "unavailable") }
            return told("money.due", document, "due", words) { told in
                told.values["open"] = document.integer("total_open_fen").map { Words(Fen($0).description) }
                told.values["season"] = document.text("season").map { Words($0) }
                let deadline = deadline(document)
                told.values["due_deadline"] = deadline
                told.values["due_rest"] = Words(
                    Self.without(deadline.full, words.full), plain: Self.without(deadline.plain, words.plain))
                // Without a bill of this season older ones may be owed all the same.
                let hasNoBill = document.text("status") == "no_bill"
                let isKnown = hasNoBill || document.integer("open_fen") != nil && told.values["season"] != nil
                // What nobody knows is not told as a figure.
                if !isKnown || told.values["open"] == nil { told.outcome = hasNoBill ? "none" : "unavailable" }
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
        case .reported: return reportedOrder()
        case .offices: return offices()
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
    func told(
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

    /// By when the bill is to be paid: its own day, else the company's.
    mutating func deadline(_ document: AnswerReader) -> Words {
        let day = document.text("due_on") ?? book.company.values["pay_deadline"] ?? ""
        func sentence(_ wording: Wording?) -> String? {
            wording.map { $0.finish($0.sentence("money.due.deadline", [(.dueOn, .text(day))])) }
        }
        return Words(sentence(wording(of: .chinese)) ?? day, plain: sentence(wording(of: .plainChinese)))
    }

    /// A text without a line that is told before it.
    static func without(_ line: String, _ text: String) -> String {
        text.split(separator: "\n").filter { $0 != line }.joined(separator: "\n")
    }

    /// Where the company's offices are.
    func offices() -> Told {
        let lines = book.offices.map { office in
            var pieces = [RoomEntry.officeLine]
            if office.phone != nil { pieces.append(.officePhone) }
            let values = [
                "office_name": office.name, "office_address": office.address, "office_open": office.hours,
                "office_phone": office.phone ?? "",
            ]
            return pieces.compactMap { book.entries[$0.rawValue]?.full.filled { values[$0] } }.joined()
        }
        guard let first = lines.first else { return Told(outcome: "none") }
        var told = Told()
        told.values["office_list"] = Words(lines.joined(separator: "\n"))
        told.values["office_first"] = Words(first)
        return told
    }

    static func first(_ text: String) -> String {
        text.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? text
    }

    mutating func explained(_ versus: Explanation.Versus) -> Told {
        guard let (document, words) = explanation(versus) else { return .init(outcome: "unavailable") }
        let lead = lead(versus, document)
        return told("explain", document, "explain", words) { told in
            told.values["explain_lead"] = Words(lead)
            told.chart = chart(document)
        }
    }

    /// A difference that is hardly one is said to be none first.
    func lead(_ versus: Explanation.Versus, _ document: AnswerReader) -> String {
        guard versus != .tariff, let difference = document.integer("difference_fen"),
            let reference = document.integer("reference", "fen"), difference != 0,
            abs(difference) * 100 <= abs(reference) * Int64(book.company.smallDifferencePercent)
        else { return "" }
        if versus == .previous { return book.company.values["same_as_last_year"] ?? "" }
        let level = document.text("reference", "level") ?? ""
        return book.company.values[level == "building" ? "same_as_building" : "same_as_others"] ?? ""
    }

    mutating func suspension(_ intent: SuspensionProcedures.Intent) -> Told {
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

    mutating func refund() -> (AnswerReader, Words)? {
        guard let account else { return nil }
        return spoken("money.refund") { .refund(account, season: nil, rooms: nil, on: nil, $0, .present) }
    }

    mutating func outage() -> Told {
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

    mutating func temperature() -> Told {
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
        guard let wording = wording(of: .chinese) else { return .init(outcome: "unavailable") }
        let words = wording.sentence(
            "explain.temperature.latest", values + [(.method, .text(wording.word("method.\(method)")))])
        let standard =
            document.text("temperature", "standard").map {
                wording.sentence("explain.temperature.standard", [(.standard, .text($0))])
            } ?? ""
        told.values["temperature_text"] = Words(words + standard)
        return told
    }

    mutating func sentence(_ key: String) -> Words? {
        guard let wording = wording(of: .chinese), wording.hasSentence(key) else { return nil }
        let plain = self.wording(of: .plainChinese)
        return Words(wording.finish(wording.sentence(key)), plain: plain.map { $0.finish($0.sentence(key)) })
    }

    /// `2026-12-20T14:05:00+08:00` → `2026-12-20 14:05`
    static func minute(_ instant: String) -> String {
        instant.count >= 16 ? String(instant.prefix(16)).replacing("T", with: " ") : instant
    }

    static func checks(_ document: AnswerReader) -> [AssistantReply.Step] {
        document.list("first_checks").compactMap { check in
            guard let words = check.list("text").first?.text("text") else { return nil }
            let picture = check.text("picture")
            return .init(words: words, picture: picture, pictureWords: picture.map { _ in words })
        }
    }

    /// The checks are steps of the message: they need not stand in its text too.
    static func withoutChecks(_ text: String) -> String {
        var lines = text.split(separator: "\n").map(String.init)
        lines.removeAll { $0.hasPrefix("· ") || $0.hasSuffix("检查:") || $0.hasSuffix("检查：") }
        return lines.joined(separator: "\n")
    }
}
