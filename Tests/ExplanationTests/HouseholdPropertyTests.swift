import AccountView
import Billing
import Explanation
import HearthTesting
import HeatModel
import Store
import Testing

/// Random households and random neighbours under every city's rules.
@Suite struct HouseholdPropertyTests {
    private static let cities = ["BJ", "TJ", "JN", "HB", "SY"]

    /// A household whose bill is what the rules give, or beside it.
    private func household(_ random: inout SeededGenerator) throws -> (ViewText, BillingCase)? {
        var view = ViewText()
        let isUnit = Int.random(in: 0..<4, using: &random) == 0
        let code = Self.cities.randomElement(using: &random)!
        let book = try shipped.get()
        var subject = BillingCase()
        subject.city = book.city(ofCode: code)
        subject.season = "2024-2025"
        subject.class = isUnit ? .unit : .resident
        subject.method = [.byArea, .byArea, .twoPart, .metered].randomElement(using: &random)!
        let building = Int64.random(in: 30_000...400_000, using: &random)
        let inner = building * Int64.random(in: 700...900, using: &random) / 1000
        func area(_ units: Int64) -> ExactDecimal { ExactDecimal(units: units, places: 3) }
        subject.areas.building = area(building)
        subject.areas.inner = area(inner)
        subject.areas.shared = area(building - inner)
        subject.areas.usable = area(inner * 9 / 10)
        subject.areas.billing = area(building)
        subject.areas.ceilingHeight = area(Int64.random(in: 2_600...5_000, using: &random))
        let unit: Charge.Unit = code == "HB" && subject.method == .twoPart ? .GJ : .kWh
        if subject.method != .byArea {
            let used = Int64.random(in: 1_000...20_000_000, using: &random) / (unit == .GJ ? 100 : 1)
            subject.consumption = [.init(area(used), unit)]
            view.reading(
                "2024-2025", "100.000", ((try? Ratio(area(used)) + Ratio(100))?.decimal(atLeast: 3)?.description) ?? "",
                unit.rawValue, at: "2025-03-14T09:00:00+08:00")
            // Something later than the season's end, so that it is settled.
            view.temperature("20.0", at: "2025-06-01T09:00:00+08:00")
        }
        if subject.method == .byArea, Int.random(in: 0..<5, using: &random) == 0 {
            let share = [2_500, 5_000, 10_000].randomElement(using: &random)!
            subject.suspensions = [.init(share: ExactDecimal(units: Int64(share), places: 4))]
            view.suspensions = [
                "{\"source\":\"billing.suspensions\",\"key\":\"S1\",\"kind\":\"partial\",\"season\":\"2024-2025\",\"ratio\":\"\(ExactDecimal(units: Int64(share), places: 4))\",\"state\":\"approved\"}"
            ]
        }
        guard let bill = try? book.evaluate(subject) else { return nil }
        view.facts = [
            "class": isUnit ? "unit" : "resident", "method": subject.method?.rawValue ?? "", "tariff": "\(code)-X-1",
            "company": "暖城", "station": "S", "community": "C", "building": "1",
            "area_building": area(building).description, "area_inner": area(inner).description,
            "area_shared": area(building - inner).description, "area_usable": area(inner * 9 / 10).description,
            "area_billing": area(building).description,
            "area_ceiling_height": subject.areas.ceilingHeight?.description ?? "", "supply_state": "normal",
        ]
        let wrong = Int.random(in: 0..<20, using: &random) == 0 ? Int64.random(in: -999...999, using: &random) : 0
        for (index, line) in bill.lines.enumerated() {
            view.charge(
                "2024-2025", line.item.rawValue, line.quantity.description, line.unit.rawValue,
                line.unitPrice.description,
                line.amount.amount + (index == 0 ? wrong : 0))
        }
        return (view, subject)
    }

    private func neighbours(
        _ random: inout SeededGenerator, _ subject: BillingCase, tariff code: String
    ) throws -> Neighbourhood {
        var statistics = try #require(CohortStatistics.example(households: 20))
        let building = Int64.random(in: 4_000...30_000, using: &random)
        statistics.building = ExactDecimal(units: building, places: 2)
        statistics.inner = ExactDecimal(units: building * 8 / 10, places: 2)
        statistics.usable = ExactDecimal(units: building * 7 / 10, places: 2)
        statistics.billing = statistics.building
        statistics.height = ExactDecimal(units: Int64.random(in: 260...450, using: &random), places: 2)
        statistics.bill = Fen(Int64.random(in: 50_000...900_000, using: &random))
        statistics.total = statistics.bill.amount * 20
        statistics.largest = statistics.bill.amount * 2
        let unit = subject.consumption?.first?.unit ?? .kWh
        statistics.isGigajoule = unit == .GJ
        statistics.tariff = code
        let typical = ExactDecimal(units: Int64.random(in: 1_000...9_000, using: &random), places: unit == .GJ ? 4 : 2)
        statistics.intensity = [.building: typical, .inner: typical, .usable: typical, .billing: typical]
        return Neighbourhood(byLevel: [.building: statistics])
    }

    @Test func partsAlwaysSumToTheDifference() throws {
        var random = SeededGenerator(seed: 99)
        let explainer = Explainer(book: try shipped.get())
        var explained = 0
        var kinds: Set<String> = []
        for _ in 0..<800 {
            guard let (view, subject) = try household(&random) else { continue }
            let around = try neighbours(&random, subject, tariff: view.facts["tariff"] ?? "")
            for versus in [Explanation.Versus.peers, .tariff] {
                let answer = try explainer.explain(
                    AccountContext(view: view.bytes), season: nil, versus: versus, asOf: day("2025-12-01"),
                    now: instant("2025-12-01T12:00:00+08:00"), in: around)
                #expect(answer.status == .explained, "\(answer.status) \(answer.problem?.message ?? "")")
                guard let difference = answer.difference, let bill = answer.bill, let reference = answer.reference
                else {
                    continue
                }
                explained += 1
                kinds.formUnion(answer.parts.map(\.kind))
                #expect(difference == bill.due - reference.fen)
                #expect(answer.parts.reduce(Fen.zero) { $0 + $1.fen } == difference)
            }
        }
        #expect(explained > 1000)
        for kind in [
            "inner_area", "shared_area", "area", "intensity", "height", "suspension", "basis_difference",
            "billing_difference",
        ] {
            #expect(kinds.contains(kind), "no \(kind)")
        }
    }

    /// What one sees of the other is what the other sees of the one, with the sign turned: two seasons told forwards and backwards.
    @Test func twoSeasonsToldBackwardsNegateEveryPart() throws {
        let book = try tariffs(
            """
            city: 天津市
            aliases: [TJ]
            common:
              source: a notice
              area: building
              season: {start: 11-15, end: 03-15}
              twoPart: {base: 7.5, heat: {kWh: 0.13}}
            versions:
              - {id: old, seasons: ..2024-2025, price: {amount: 24}}
              - {id: new, seasons: 2025-2026.., price: {amount: 25}, twoPart: {base: 8.1, heat: {kWh: 0.137}}}
            """)
        let turned = try turnedBook(
            turnedOf: "twoPart: {base: 8.1, heat: {kWh: 0.137}}", "twoPart: {base: 7.5, heat: {kWh: 0.13}}")
        var random = SeededGenerator(seed: 5)
        for _ in 0..<100 {
            let used = (0..<2).map { _ in Int64.random(in: 1_000_000...9_000_000, using: &random) }
            func answer(_ book: TariffBook, _ used: [Int64]) throws -> Explanation {
                var view = ViewText()
                view.facts["method"] = "twoPart"
                for (index, season) in ["2024-2025", "2025-2026"].enumerated() {
                    var subject = BillingCase()
                    subject.city = "天津市"
                    subject.season = season
                    subject.class = .resident
                    subject.method = .twoPart
                    subject.areas.building = exact("118.600")
                    subject.consumption = [.init(ExactDecimal(units: used[index], places: 3), .kWh)]
                    for line in try book.evaluate(subject).lines {
                        view.charge(
                            season, line.item.rawValue, line.quantity.description, line.unit.rawValue,
                            line.unitPrice.description, line.amount.amount)
                    }
                    view.reading(
                        season, "0.000", ExactDecimal(units: used[index], places: 3).description,
                        at: index == 0 ? "2025-03-20T09:00:00+08:00" : "2026-03-20T09:00:00+08:00")
                }
                return try Explainer(book: book).explain(
                    AccountContext(view: view.bytes), season: "2025-2026", versus: .previous, asOf: day("2026-05-01"),
                    now: instant("2026-05-01T12:00:00+08:00"), in: Neighbourhood())
            }
            let forward = try answer(book, used)
            let backward = try answer(turned, used.reversed())
            #expect(forward.difference == backward.difference.map { -$0 })
            #expect(forward.parts.map(\.kind) == backward.parts.map(\.kind))
            #expect(forward.parts.map(\.fen) == backward.parts.map { -$0.fen })
        }
    }

    private func turnedBook(turnedOf old: String, _ new: String) throws -> TariffBook {
        try tariffs(
            """
            city: 天津市
            aliases: [TJ]
            common: {source: a notice, area: building, season: {start: 11-15, end: 03-15}}
            versions:
              - {id: new, seasons: ..2024-2025, price: {amount: 25}, \(old)}
              - {id: old, seasons: 2025-2026.., price: {amount: 24}, \(new)}
            """)
    }
}
