import AccountView
import Explanation
import HeatModel
import Store
import Triage

extension Answerer {
    /// Why a home is cold, at the moment asked about, at noon of a day, or now. The document names no person and no other household, so
    /// it has one form.
    func triage(
        _ number: String, on day: CivilDate?, _ language: AnswerLanguage, _ asOf: AsOf, _ requester: Requester,
        _ source: some ViewSource
    ) throws -> Reply {
        guard let money, let triage else {
            var problem = Problem(
                .unavailable, "no-triage-rules", "This question has no rules here",
                detail: "have triage.yaml put beside the configuration")
            problem.underlying = HearthError(
                .configMissing, "no rules of triage are loaded",
                advice: "put triage.yaml beside the configuration: \(.initialize) writes one")
            throw problem
        }
        return try answered(number, money, language, asOf, requester, source) { view, moment, now in
            try Triage(
                rules: triage, money: money, store: source.reader, moment: moment,
                now: day.map { now.noon(of: $0) } ?? now, isOtherDay: day.map { $0 != now.local.date } ?? false
            ).answer(number, view: view.body)
        }
    }
}

extension Instant {
    /// Noon of a day on this instant's clock.
    fileprivate func noon(of day: CivilDate) -> Instant {
        let seconds = Int64(day.dayNumber) * 86_400 + 43_200 - Int64(offsetMinutes) * 60
        return Instant(microseconds: seconds * 1_000_000, offsetMinutes: offsetMinutes)
    }
}
