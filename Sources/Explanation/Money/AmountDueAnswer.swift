package import Billing
package import HeatModel
import JSONText

/// What must be paid on a day, and why billing may say otherwise.
package struct AmountDueAnswer: TextAnswer {
    package var account: String
    package var season: HeatingSeason?
    package var on: CivilDate
    /// `explained`, or why there is no answer.
    package var status: Explanation.Status
    package var problem: Explanation.Problem?
    /// The bill less discounts and reductions; what was paid; what is open, late fee included, and what was paid beyond that.
    package var due: AmountDue?
    /// Payments that went through and wait for the bank's file; they count as paid.
    package var pending: Fen = .zero
    /// What billing itself says is owed, and whether it says the same.
    package var billingArrears: Fen = .zero
    package var agreesWithBilling = true
    /// The bill's own date, else the tariff's.
    package var dueOn: CivilDate?
    /// Arrears of other seasons, as billing has them.
    package var others: [(season: String, arrears: Fen)] = []
    /// The first day on which any of what is owed of other seasons fell due, where billing says.
    package var othersDueOn: CivilDate?
    package var rule: RuleReference?
    package var evidence: [Explanation.Evidence] = []
    /// Streams that were to be read again for this answer, and could not be: since when what is held of them stands.
    package var held: [Explanation.Freshness] = []
    package var needsHandOff: Bool { !agreesWithBilling }
    /// What is owed of other seasons. What was paid too much for one season settles no other: billing has not said so.
    package var openOfOthers: Fen { owing.reduce(.zero) { $0 + $1.arrears } }
    /// All that is owed, of every season, late fee included: the one figure of what an account owes.
    package var totalOpen: Fen { (due?.open ?? .zero) + openOfOthers }
    private var owing: [(season: String, arrears: Fen)] { others.filter { $0.arrears > .zero } }
    /// What should have been paid before the day and was not, of all seasons. A bill without a date is not overdue.
    package var overdue: Fen {
        guard let due, let dueOn, dueOn < on else { return openOfOthers }
        return openOfOthers + due.open
    }
    /// The first day on which any of that fell due, where it is known.
    package var overdueSince: CivilDate? {
        let own = (due?.open ?? .zero) > .zero ? dueOn.flatMap { $0 < on ? $0 : nil } : nil
        return [own, othersDueOn].compactMap(\.self).min()
    }

    package func json(in wordings: [Wording] = []) -> [UInt8] {
        JSONObject.make { json in
            json.text("question", "due")
            json.text("account_number", account)
            json.text("season", season)
            json.text("on", on)
            json.status(status, problem)
            if let due {
                json.fen("payable_fen", due.payable)
                json.fen("paid_fen", due.paid)
                json.fen("open_fen", due.open)
                json.fen("credit_fen", due.credit)
                if let fee = due.lateFee {
                    json.object("late_fee") {
                        $0.fen("fen", fee.amount)
                        $0.text("formula", fee.formula)
                        $0.flag("capped", fee.isCapped)
                        $0.text("rule", fee.rule)
                    }
                }
            }
            json.text("due_on", dueOn)
            json.fen("pending_fen", pending)
            json.fen("billing_arrears_fen", billingArrears)
            json.flag("agrees_with_billing", agreesWithBilling)
            json.list("other_seasons", others) { json, other in
                json.text("season", other.season)
                json.fen("arrears_fen", other.arrears)
            }
            if due != nil || openOfOthers > .zero { json.fen("total_open_fen", totalOpen) }
            json.flag("hand_off", needsHandOff)
            json.evidence(evidence)
            json.texts(wordings, of: self)
        }
    }

    package func render(into text: inout AnswerText) {
        renderDue(into: &text)
        text.stale(held)
    }

    private func renderDue(into text: inout AnswerText) {
        guard status == .explained, let due else {
            if status != .noBill {
                text.line(status, season, problem)
            } else if let season {
                text.line("money.due.no_bill", [(.season, .text(season.description))])
            } else {
                text.line("money.due.no_bill_at_all")
            }
            return renderOthers(into: &text)
        }
        text.line(
            due.open > .zero ? "money.due.open" : "money.due.settled",
            [
                (.season, .text(season?.description ?? "")), (.payable, .fen(due.payable)), (.paid, .fen(due.paid)),
                (.on, .date(on)), (.open, .fen(due.open)),
            ])
        if due.credit > .zero { text.line("money.due.credit", [(.credit, .fen(due.credit))]) }
        if let fee = due.lateFee, fee.amount > .zero, due.open > .zero {
            text.line("money.due.late", [(.fee, .fen(fee.amount)), (.formula, .text(fee.formula))])
        }
        if let dueOn, due.open > .zero { text.line("money.due.deadline", [(.dueOn, .date(dueOn))]) }
        if pending > .zero { text.line("money.due.pending", [(.amount, .fen(pending))]) }
        if !agreesWithBilling { text.line("money.due.billing_says", [(.arrears, .fen(billingArrears))]) }
        renderOthers(into: &text)
    }

    private func renderOthers(into text: inout AnswerText) {
        if owing.isEmpty { return }
        let wording = text.wording
        let seasons = owing.map { other in
            wording.sentence(
                "money.due.other",
                [
                    (.season, .text(other.season.isEmpty ? wording.word("unknown") : other.season)),
                    (.arrears, .fen(other.arrears)),
                ])
        }
        text.line(
            "money.due.others",
            [(.list, wording.list(seasons)), (.arrears, .fen(openOfOthers)), (.amount, .fen(totalOpen))])
    }
}

extension JSONObject {
    mutating func status(_ status: Explanation.Status, _ problem: Explanation.Problem?) {
        text("status", status.rawValue)
        if let problem {
            object("problem") {
                $0.text("code", problem.code)
                $0.text("message", problem.message)
            }
        }
    }
}
