import AccountView
import Billing
import Explanation
import HeatModel
import Store
import Testing

/// When a season is over, and what is settled by then.
@Suite struct SeasonTests {
    private static let book = Result {
        try tariffs(
            """
            city: 天津市
            aliases: [TJ]
            common: {source: a notice, area: building, season: {start: 11-15, end: 03-15}, price: {amount: 25}}
            versions:
              - id: all
                seasons: ..
                twoPart: {base: 7.5, heat: {kWh: 0.13}}
                cap: {percent: 100, settles: seasonEnd}
            """)
    }

    /// 80 ㎡ that used so much, read last in the season.
    private func household(_ season: String, heat: Int64, lastRead: String) -> ViewText {
        var view = ViewText()
        view.facts["method"] = "twoPart"
        view.facts["area_building"] = "80.000"
        view.charge(season, "heatBase", "80.000", "m2", "7.500", 60_000)
        view.charge(season, "heatMetered", "\(heat).000", "kWh", "0.130", heat * 13)
        view.reading(season, "0.000", "\(heat).000", at: "\(lastRead)T08:00:00+08:00")
        return view
    }

    private func explain(
        _ view: ViewText, on today: String, company: String? = nil, season: String? = nil
    ) throws -> Explanation {
        var around = Neighbourhood()
        around.companyDay = company.map(day)
        return try Explainer(book: Self.book.get()).explain(
            AccountContext(view: view.bytes), season: season, versus: .tariff, asOf: day(today),
            now: instant("\(today)T12:00:00+08:00"), in: around)
    }

    /// The calendar says whether a season is over, not the day of the last reading.
    @Test(arguments: [
        ("2024-2025", "2025-03-10", "2026-11-28", false), ("2024-2025", "2025-03-10", "2025-03-16", false),
        ("2024-2025", "2025-03-10", "2025-03-15", true), ("2025-2026", "2026-01-15", "2026-01-20", true),
        ("2025-2026", "2026-01-15", "2026-03-15", true), ("2025-2026", "2026-01-15", "2026-05-01", false),
    ])
    func theCalendarSaysWhetherItIsOver(_ season: String, _ read: String, _ today: String, _ isRunning: Bool) throws {
        let answer = try explain(household(season, heat: 1_000, lastRead: read), on: today)
        #expect(answer.status == .explained && answer.check?.agrees == true)
        #expect(answer.isRunning == isRunning)
        let text = answer.text(try #require(wordings.get()["en"]))
        #expect(text.contains("season is not over") == isRunning, "\(text)")
    }

    @Test func aBillByAreaIsNeverSaidToRun() throws {
        var view = ViewText()
        view.charge("2025-2026", "heatByArea", "118.600", "m2", "25.000", 296_500)
        #expect(try !explain(view, on: "2026-01-20").isRunning)
    }

    /// 600 + 2,600 against a cap of 2,000: settled once the company tells of a day after the season's end.
    @Test func aCapIsSettledAsFarAsTheCompanyTells() throws {
        let view = household("2024-2025", heat: 20_000, lastRead: "2025-03-10")
        // Nothing is known of later days: the bill runs still.
        #expect(try explain(view, on: "2025-06-01").difference == .zero)
        #expect(try explain(view, on: "2025-06-01", company: "2025-03-14").difference == .zero)
        #expect(try explain(view, on: "2025-06-01", company: "2025-05-20").difference == Fen(120_000))
        // The account itself knows of a later day.
        var paid = view
        paid.payments = [
            "{\"source\":\"billing.payments\",\"key\":\"1\",\"season\":\"2024-2025\",\"paid_at\":\"2025-04-01T08:00:00+08:00\",\"amount_fen\":100}"
        ]
        #expect(try explain(paid, on: "2025-06-01").difference == Fen(120_000))
        // A day that has not come is nobody's.
        #expect(try explain(paid, on: "2025-03-12").difference == .zero)
    }

    /// A relief on a line of its own is no part of what heat costs.
    @Test func aReliefIsNoCharge() throws {
        for due in [Int64(-29_650), 29_650] {
            var view = ViewText()
            view.charge("2025-2026", "heatByArea", "118.600", "m2", "25.000", 296_500)
            view.charge("2025-2026", "reduction", "1.000", "each", "1.000", due)
            let answer = try explain(view, on: "2026-01-20")
            #expect(answer.difference == .zero && answer.check?.agrees == true)
            #expect(answer.bill?.due == Fen(296_500) && answer.bill?.reduction == Fen(29_650))
        }
    }
}

/// Shared area on a line of its own, explained.
@Suite struct SharedLineExplanationTests {
    private static func book() throws -> TariffBook {
        try tariffs(
            """
            city: 天津市
            aliases: [TJ]
            common: {source: a notice, area: inner, season: {start: 11-15, end: 03-15}, price: {amount: 25}}
            versions:
              - id: all
                seasons: ..
                shared: {as: ownLine, price: 6}
                twoPart: {base: 7.5, heat: {kWh: 0.13}}
                metered: {heat: {kWh: 0.32}}
            """)
    }

    private func household(_ method: String, inner: String, shared: String, heat: String) -> ViewText {
        var view = ViewText()
        view.facts["method"] = method
        view.facts["area_building"] = nil
        view.facts["area_inner"] = inner
        view.facts["area_shared"] = shared
        if method != "byArea" { view.reading("2025-2026", "0.000", heat, at: "2026-01-15T09:00:00+08:00") }
        return view
    }

    /// Every part is told, and they sum to the difference from the season before with other areas.
    @Test(arguments: ["byArea", "twoPart", "metered"]) func sharedAreaIsAFactorOfItsOwn(_ method: String) throws {
        var (mine, other) = (BillingCase(), BillingCase())
        for (subject, inner, shared) in [(1, "80", "12"), (0, "80", "10")] {
            var made = BillingCase()
            made.city = "天津市"
            made.season = "2025-2026"
            made.class = .resident
            made.method = AccountFacts.Method(rawValue: method)
            made.areas.inner = exact(inner)
            made.areas.shared = exact(shared)
            made.consumption = method == "byArea" ? nil : [.init(exact("1000"), .kWh)]
            if subject == 1 { mine = made } else { other = made }
        }
        let book = try Self.book()
        #expect(try book.evaluate(mine).total - book.evaluate(other).total == Fen(1_200))
        var view = household(method, inner: "80", shared: "12", heat: "1000.000")
        for line in try book.evaluate(mine).lines {
            view.charge(
                "2025-2026", line.item.rawValue, "\(line.quantity)", line.unit.rawValue, "\(line.unitPrice)",
                line.amount.amount)
        }
        var statistics = try #require(CohortStatistics.example(households: 20))
        statistics.building = exact("90.00")
        statistics.inner = exact("80.00")
        statistics.bill = try book.evaluate(other).total
        statistics.total = statistics.bill.amount * 20
        statistics.largest = statistics.bill.amount
        statistics.tariff = "TJ-JM-1"
        statistics.intensity = method == "byArea" ? [:] : [.inner: exact("12.50")]
        let answer = try Explainer(book: book).explain(
            AccountContext(view: view.bytes), season: nil, versus: .peers, asOf: day("2026-01-20"),
            now: instant("2026-01-20T12:00:00+08:00"), in: Neighbourhood(byLevel: [.building: statistics]))
        #expect(answer.status == .explained, "\(String(describing: answer.problem))")
        #expect(answer.difference == Fen(1_200))
        #expect(answer.parts.map(\.kind) == ["shared_area"] && answer.parts.map(\.fen) == [Fen(1_200)])
        #expect(answer.area?.shared == .ownLine)
        if method == "byArea" { #expect(answer.parts.first?.formula.contains("× 6.000 元/㎡ = 12.00 元") == true) }
        // Where the peers' shared area is not known it is no difference.
        statistics.building = nil
        let unknown = try Explainer(book: book).explain(
            AccountContext(view: view.bytes), season: nil, versus: .peers, asOf: day("2026-01-20"),
            now: instant("2026-01-20T12:00:00+08:00"), in: Neighbourhood(byLevel: [.building: statistics]))
        #expect(unknown.parts.reduce(Fen.zero) { $0 + $1.fen } == unknown.difference)
        #expect(!unknown.parts.map(\.kind).contains("shared_area"))
    }
}

/// Who is nobody's peer.
@Suite struct PeerRecordTests {
    private func bills(_ disconnection: String?) throws -> Int {
        var view = ViewText()
        view.charge("2025-2026", "heatByArea", "118.600", "m2", "25.000", 296_500)
        if let disconnection { view.disconnections = [disconnection] }
        let text = view.bytes
        var reader = CohortMemberReader()
        return text.withUnsafeBytes { reader.row(of: AccountID(1), view: $0) }.body.count
    }

    /// What is only asked for takes no household out of the peers.
    @Test(arguments: [
        ("requested", true), ("approved", true), ("disconnected", false), ("", false), ("restored", false),
    ])
    func aDisconnectionThatHasHappened(_ state: String, _ isPeer: Bool) throws {
        let record =
            "{\"source\":\"billing.disconnections\",\"key\":\"1\",\"on\":\"2026-01-10\""
            + (state.isEmpty ? "}" : ",\"state\":\"\(state)\"}")
        #expect(try (bills(record) > 0) == isPeer)
        #expect(try bills(nil) > 0)
    }
}
