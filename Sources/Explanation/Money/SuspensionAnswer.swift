public import Billing
public import HeatModel

/// What suspending supply for a season costs, by when it must be asked for, and what to bring.
public struct SuspensionAnswer: Sendable {
    public var account: String
    public var season: HeatingSeason
    public var requestedOn: CivilDate
    /// Nil where the tariff has no rule; ``problem`` says why then.
    public var offer: SuspensionOffer?
    public var problem: Explanation.Problem?
    /// What billing says is owed for all seasons; it must be settled first.
    public var arrears: Fen
    public var evidence: [Explanation.Evidence]

    /// What the suspension saves.
    public var saved: Fen? { offer?.billWith.flatMap { with in offer.map { $0.billWithout.total - with.total } } }

    public func json(texts: [(language: String, text: String)] = []) -> [UInt8] {
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
            json.texts(texts)
        }
    }

    public func text(_ wording: Wording) -> String {
        guard let offer else {
            return wording.finish(
                wording.say("money.suspension.not_covered", [("message", problem?.message ?? "")]))
        }
        var lines: [String] = []
        let deadline = offer.deadline.map { [("deadline", $0.description)] } ?? []
        switch offer.standing {
        case .inTime: break
        case .afterDeadline: lines.append(wording.say("money.suspension.late", deadline))
        case .insideSeason:
            let answer = wording.say("money.suspension.inside_\(offer.isPossible ? "possible" : "impossible")")
            lines.append(wording.say("money.suspension.inside", [("answer", answer)]))
        case .afterSeason: lines.append(wording.say("money.suspension.after"))
        case .tooShort: lines.append(wording.say("money.suspension.too_short"))
        }
        if offer.isPossible, let fee = offer.fee, let saved {
            lines.append(
                wording.say(
                    "money.suspension.possible",
                    [
                        ("fee", fee.description), ("full", offer.billWithout.total.description),
                        ("saved", saved.description),
                    ]))
        }
        if offer.standing == .inTime, !deadline.isEmpty {
            lines.append(wording.say("money.suspension.deadline", deadline))
        }
        if offer.isPossible, !offer.documents.isEmpty {
            let named = offer.documents.map { wording.word("document.\($0)", or: $0) }
            lines.append(
                wording.say(
                    "money.suspension.documents", [("documents", named.joined(separator: wording.word("separator")))]))
        }
        if arrears > .zero { lines.append(wording.say("money.suspension.arrears", [("arrears", arrears.description)])) }
        return wording.finish(lines.joined(separator: "\n"))
    }
}
