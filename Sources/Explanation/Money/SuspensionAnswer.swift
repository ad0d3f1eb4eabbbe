package import Billing
package import HeatModel
import JSONText

/// What suspending supply for a season costs, its deadline, and the documents it needs.
package struct SuspensionAnswer: TextAnswer {
    package var account: String
    package var season: HeatingSeason
    package var requestedOn: CivilDate
    /// Nil where the tariff has no rule; ``problem`` says why then.
    package var offer: SuspensionOffer?
    package var problem: Explanation.Problem?
    /// What billing says is owed for all seasons; it must be settled first.
    package var arrears: Fen
    package var evidence: [Explanation.Evidence]

    /// What the suspension saves.
    package var saved: Fen? { offer?.billWith.flatMap { with in offer.map { $0.billWithout.total - with.total } } }

    package func json(in wordings: [Wording] = []) -> [UInt8] {
        JSONObject.make { json in
            json.text("question", "suspension")
            json.text("account_number", account)
            json.text("season", season)
            json.text("requested_on", requestedOn)
            json.status(offer == nil ? .tariffNotCovered : .explained, problem)
            if let offer {
                json.text("standing", offer.standing.rawValue)
                json.flag("possible", offer.isPossible)
                json.text("deadline", offer.deadline)
                json.fen("fee_fen", offer.fee)
                json.fen("without_fen", offer.billWithout.total)
                json.fen("with_fen", offer.billWith?.total)
                json.fen("saved_fen", saved)
                json.lines("lines", offer.billWith?.lines ?? [])
                json.texts("documents", offer.documents)
                json.text("rule", offer.rule)
            }
            json.fen("arrears_fen", arrears)
            json.evidence(evidence)
            json.texts(wordings, of: self)
        }
    }

    package func render(into text: inout AnswerText) {
        guard let offer else {
            return text.line("money.suspension.not_covered", [(.message, .text(problem?.message ?? ""))])
        }
        let wording = text.wording
        let deadline = offer.deadline.map { [(Wording.Placeholder.deadline, Wording.Value.date($0))] } ?? []
        switch offer.standing {
        case .inTime: break
        case .afterDeadline: text.line("money.suspension.late", deadline)
        case .insideSeason:
            let answer = wording.sentence("money.suspension.inside_\(offer.isPossible ? "possible" : "impossible")")
            text.line("money.suspension.inside", [(.answer, .text(answer))])
        case .afterSeason: text.line("money.suspension.after")
        case .tooShort: text.line("money.suspension.too_short")
        }
        if offer.isPossible, let fee = offer.fee, let saved {
            text.line(
                "money.suspension.possible",
                [(.fee, .fen(fee)), (.full, .fen(offer.billWithout.total)), (.saved, .fen(saved))])
        }
        if offer.standing == .inTime, !deadline.isEmpty { text.line("money.suspension.deadline", deadline) }
        if offer.isPossible, !offer.documents.isEmpty {
            let named = offer.documents.map { wording.word("document.\($0)", or: $0) }
            text.line("money.suspension.documents", [(.documents, wording.list(named))])
        }
        if arrears > .zero { text.line("money.suspension.arrears", [(.arrears, .fen(arrears))]) }
    }
}
