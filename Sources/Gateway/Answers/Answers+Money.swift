import AccountView
import Explanation
import HeatModel
import Store
import Sync

extension Answers {
    /// In which words a caller wants an answer: `zh`, `zh_plain` or `en`.
    static func language(_ call: Call) throws(Problem) -> String {
        let language = try call.choice("lang", default: "zh", of: ["zh", "en"])
        let isPlain = try call.choice("plain", default: "false", of: ["true", "false"]) == "true"
        return isPlain && language == "zh" ? "zh_plain" : language
    }

    /// The season of a path or a parameter; nil for `latest`.
    static func season(_ text: String?) throws(Problem) -> String? {
        guard let text, text != "latest" else { return nil }
        let years = text.split(separator: "-", omittingEmptySubsequences: false)
        guard text.utf8.count == 9, years.count == 2, years.allSatisfy({ $0.utf8.count == 4 }),
            let first = Int(years[0]), let second = Int(years[1]), second == first + 1
        else { throw .parameter("season", "must be two years that follow each other, as in 2025-2026, or \"latest\"") }
        return text
    }

    /// Why a bill is what it is: against peers, the season before, or the tariff.
    func explanation(_ call: Call, _ source: some ViewSource, versus fixed: Explanation.Versus? = nil) throws -> Answer
    {
        let number = try call.accountNumber()
        let season = try Self.season(call.values.last)
        let known = Explanation.Versus.allCases
        let stated = try call.choice("versus", default: Explanation.Versus.peers.rawValue, of: known.map(\.rawValue))
        let versus = fixed ?? known.first { $0.rawValue == stated } ?? .peers
        let language = try Self.language(call)
        return try money(call, number, source) { view, moment, now in
            let explained = try desk.explanation(
                AccountContext(view: view.body), runs: view.runs, at: moment, season: season, versus: versus,
                today: now.local.date, now: now,
                in: source.reader)
            return explained.json(in: desk.wordings(for: [language]))
        }
    }

    /// What is to be paid on a day, late fee included.
    func amountDue(_ call: Call, _ source: some ViewSource) throws -> Answer {
        let number = try call.accountNumber()
        let season = try Self.season(call.query["season"])
        let language = try Self.language(call)
        let stated = try Self.day(call)
        return try money(call, number, source) { view, moment, now in
            let day = stated ?? now.local.date
            let due = try desk.amountDue(
                of: number, view: AccountContext(view: view.body), at: moment, season: season, on: day,
                in: source.reader)
            return due.json(in: desk.wordings(for: [language]))
        }
    }

    /// What is given back for cold rooms.
    func refund(_ call: Call, _ source: some ViewSource) throws -> Answer {
        let number = try call.accountNumber()
        let season = try Self.season(call.query["season"])
        let language = try Self.language(call)
        var rooms: ExactDecimal?
        if let text = try call.text("rooms", atMost: 16) {
            guard let area = ExactDecimal(text)?.exactly(places: 3), (0...100_000_000).contains(area.units) else {
                throw Problem.parameter("rooms", "must be an area in ㎡ with at most three places, as in 45.0")
            }
            rooms = area
        }
        return try money(call, number, source) { view, moment, now in
            let refund = try desk.refund(
                of: number, view: AccountContext(view: view.body), at: moment, season: season, rooms: rooms,
                today: now.local.date, now: now,
                in: source.reader)
            return refund.json(in: desk.wordings(for: [language]))
        }
    }

    /// What suspending supply costs when it is asked for on a day, and by when it must be.
    func suspension(_ call: Call, _ source: some ViewSource) throws -> Answer {
        let number = try call.accountNumber()
        let season = try Self.season(call.query["season"])
        let language = try Self.language(call)
        let stated = try Self.day(call)
        return try money(call, number, source) { view, moment, now in
            let offer = try desk.suspension(
                of: number, view: AccountContext(view: view.body), at: moment, season: season,
                requestedOn: stated ?? now.local.date,
                in: source.reader)
            return offer.json(in: desk.wordings(for: [language]))
        }
    }

    /// An answer made from an account's view, at the moment asked about or now. It holds no personal data, so it has one form.
    private func money(
        _ call: Call, _ number: String, _ source: some ViewSource,
        _ make: (ViewSlice, Moment?, _ now: Instant) throws -> [UInt8]
    ) throws -> Answer {
        let moment = try moment(of: call, source.reader)
        let now = workspace.instant(of: moment)
        var answer: Answer?
        try withView(number, call, source) { view in
            answer = Answer(.json, try make(view, moment, now))
        }
        guard var answer else { throw Problem.unknownAccount }
        answer.tag = answer.body.withUnsafeBytes { ContentTag.of($0, seed: 0) }
        answer.accesses = [call.access([number], "ok")]
        return answer
    }

    /// The day that a caller states; nil where it is that of the answer's moment.
    private static func day(_ call: Call) throws(Problem) -> CivilDate? {
        guard let text = try call.text("on", atMost: 10) else { return nil }
        guard let day = CivilDate(text), (1970...2199).contains(day.components.year) else {
            throw .parameter("on", "must be a day, as in 2026-01-20")
        }
        return day
    }
}
