package import Billing
package import HeatModel
import JSONText

/// What suspending supply for a season costs, its deadline, the documents it needs, and how it goes; or how supply is given up for good.
package struct SuspensionAnswer: TextAnswer {
    package var account: String
    package var season: HeatingSeason
    package var requestedOn: CivilDate
    /// Nil where the tariff has no rule; ``problem`` says why then.
    package var offer: SuspensionOffer?
    package var problem: Explanation.Problem?
    /// All that is owed, as ``AmountDueAnswer/totalOpen`` has it; it must be settled first.
    package var arrears: Fen
    package var evidence: [Explanation.Evidence]
    /// What is wanted, as far as was said.
    var intent = SuspensionProcedures.Intent.suspend
    /// How it goes; nil where no file says.
    var procedure: SuspensionProcedures.Procedure?
    /// What the customer is to be asked first, since the answer hangs on it.
    var toAsk: [(query: SuspensionProcedures.Query, words: SuspensionProcedures.Words)] = []

    /// Whether the tariff's offer is what is asked about.
    var isAboutCost: Bool { intent == .suspend && procedure?.when.heating != .own }

    /// Keys of the documents to bring.
    private var documents: [String] { procedure?.documents?.map(\.name) ?? offer?.documents ?? [] }

    private func documents(in wording: Wording) -> [String] {
        procedure?.documents?.map { $0.words.said(in: wording.language) }
            ?? offer?.documents.map { wording.word("document.\($0)", or: $0) } ?? []
    }

    /// Whether there is something to do at all: a suspension that the tariff does not grant has no steps.
    private var isOpen: Bool { !isAboutCost || offer?.isPossible ?? true }

    /// What the suspension saves.
    package var saved: Fen? { offer?.billWith.flatMap { with in offer.map { $0.billWithout.total - with.total } } }

    package func json(in wordings: [Wording] = []) -> [UInt8] {
        JSONObject.make { json in
            json.text("question", "suspension")
            json.text("account_number", account)
            json.text("season", season)
            json.text("requested_on", requestedOn)
            json.status(offer == nil && (isAboutCost || problem != nil) ? .tariffNotCovered : .explained, problem)
            if let offer {
                json.text("standing", offer.standing.rawValue)
                json.flag("possible", offer.isPossible)
                json.text("deadline", offer.deadline)
                json.fen("fee_fen", offer.fee)
                json.fen("without_fen", offer.billWithout.total)
                json.fen("with_fen", offer.billWith?.total)
                json.fen("saved_fen", saved)
                json.lines("lines", offer.billWith?.lines ?? [])
                json.text("rule", offer.rule)
            }
            json.texts("documents", documents)
            if let procedure {
                json.text("intent", intent.rawValue)
                json.object("procedure") { json in
                    json.text("name", procedure.name)
                    json.flag("open", isOpen)
                    json.list("steps", procedure.steps) { json, step in
                        json.text("step", step.name)
                        json.said(wordings) { $0.line(text: step.words.said(in: $0.wording.language)) }
                    }
                    if let place = procedure.place {
                        json.object("place") { json in
                            json.text("place", place.name)
                            json.said(wordings) { $0.line(text: place.words.said(in: $0.wording.language)) }
                        }
                    }
                }
                json.list("ask", toAsk) { json, query in
                    json.text("parameter", query.query.rawValue)
                    json.said(wordings) { $0.line(text: query.words.said(in: $0.wording.language)) }
                }
            }
            json.fen("arrears_fen", arrears)
            json.evidence(evidence)
            json.texts(wordings, of: self)
        }
    }

    package func render(into text: inout AnswerText) {
        let language = text.wording.language
        for query in toAsk { text.line(text: query.words.said(in: language)) }
        if isAboutCost || problem != nil { renderOffer(into: &text) }
        let documents = documents(in: text.wording)
        if isOpen, !documents.isEmpty {
            text.line("money.suspension.documents", [(.documents, text.wording.list(documents))])
        }
        if isOpen, let procedure {
            for (index, step) in procedure.steps.enumerated() {
                let number = procedure.steps.count > 1 ? "\(index + 1). " : ""
                text.line(text: number + step.words.said(in: language))
            }
            if let place = procedure.place { text.line(text: place.words.said(in: language)) }
        }
        // What is not granted is not granted after payment either.
        if isOpen, arrears > .zero, procedure?.when.heating != .own {
            text.line("money.suspension.arrears", [(.arrears, .fen(arrears))])
        }
    }

    private func renderOffer(into text: inout AnswerText) {
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
    }
}
