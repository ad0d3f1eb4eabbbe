import AccountView
import Explanation
import HeatModel
import Store

extension Answerer {
    /// Answers a question about an account's money, from its view of the moment asked about or of now. The document holds no
    /// personal data, so it has one form.
    ///
    /// - Parameter readings: what became of the wish to have the account's rows read again.
    func money(
        _ question: Question, _ requester: Requester, _ source: some ViewSource, readings: [AccountReading] = []
    ) throws -> Reply {
        guard let money else { throw HearthError(.configMissing, "no tariffs and wordings are loaded") }
        switch question {
        case .explanation(let number, let season, let versus, let day, let language, let asOf):
            return try answered(number, money, language, asOf, requester, source) { view, moment, now in
                try money.explanation(
                    AccountContext(view: view.body), runs: view.runs, at: moment, season: season, versus: versus,
                    today: day ?? now.local.date, now: now, in: source.reader)
            }
        case .amountDue(let number, let season, let day, let language, let asOf, _):
            return try answered(number, money, language, asOf, requester, source) { view, moment, now in
                var answer = try money.amountDue(
                    of: number, view: AccountContext(view: view.body), at: moment, season: season,
                    on: day ?? now.local.date, in: source.reader)
                answer.held = Self.held(readings, now)
                return answer
            }
        case .receipts(let number, let season, let language, let asOf, _):
            return try answered(number, money, language, asOf, requester, source) { view, moment, now in
                var answer = try money.receipts(
                    of: number, view: AccountContext(view: view.body), at: moment, season: season, in: source.reader)
                answer.held = Self.held(readings, now)
                return answer
            }
        case .refund(let number, let season, let rooms, let day, let language, let asOf):
            return try answered(number, money, language, asOf, requester, source) { view, moment, now in
                try money.refund(
                    of: number, view: AccountContext(view: view.body), at: moment, season: season, rooms: rooms,
                    today: day ?? now.local.date, now: now, in: source.reader)
            }
        case .suspension(let number, let season, let day, let intent, let heating, let language, let asOf):
            return try answered(number, money, language, asOf, requester, source) { view, moment, now in
                try money.suspension(
                    of: number, view: AccountContext(view: view.body), at: moment, season: season,
                    requestedOn: day ?? now.local.date, intent: intent, heating: heating, in: source.reader)
            }
        default: preconditionFailure("the question is not about money")
        }
    }

    /// The reply to a question that is answered in words from an account's view.
    func answered(
        _ number: String, _ money: MoneyAnswers, _ language: AnswerLanguage, _ asOf: AsOf, _ requester: Requester,
        _ source: some ViewSource,
        _ make: (ViewSlice, Moment?, _ now: Instant) throws -> some TextAnswer
    ) throws -> Reply {
        let moment = try moment(of: asOf, source)
        let answer = try withView(number, at: moment, source) { try make($0, moment, instant(moment)) }
        let wordings = money.wordings(for: [language.rawValue])
        let json = answer.json(in: wordings)
        var document = AnswerDocument(json, tag: json.withUnsafeBytes { ContentTag.of($0, seed: 0) })
        if requester.wantsWords, let wording = wordings.first { document.spoken = (answer, wording) }
        return Reply(document, [requester.access([number], "ok")])
    }
}
