import AccountView
import Billing
import Explanation
import HeatModel
import Store
import Testing

/// The examples of the domain, worked out by hand, to the fen.
@Suite struct WorkedExampleTests {
    private func explain(
        _ view: ViewText, _ around: Neighbourhood, _ versus: Explanation.Versus = .peers, season: String? = nil
    ) throws -> Explanation {
        try Explainer(book: shipped.get()).explain(
            AccountContext(view: view.bytes), season: season, versus: versus, asOf: day("2026-01-20"),
            now: instant("2026-01-20T12:00:00+08:00"), in: around)
    }

    /// Twenty households of which the statistics are what the example says.
    private func neighbours(
        area: String, inner: String? = nil, bill: Int64, intensity: String? = nil, tariff: String
    ) throws -> Neighbourhood {
        var statistics = try #require(CohortStatistics.example(households: 20))
        statistics.building = exact(area)
        statistics.inner = inner.map { exact($0) }
        statistics.bill = Fen(bill)
        statistics.total = bill * 20
        statistics.largest = bill
        statistics.tariff = tariff
        statistics.intensity = intensity.map { [.building: exact($0)] } ?? [:]
        return Neighbourhood(byLevel: [.building: statistics])
    }

    /// 118.60 ㎡ and 9,800 kWh against 96.20 ㎡ at 68 kWh/㎡: 591.59 = area 387.32 + intensity 204.27.
    @Test func twoPartInTianjin() throws {
        var view = ViewText()
        view.facts["method"] = "twoPart"
        view.facts["tariff"] = "TJ-JM-3"
        view.facts["area_inner"] = nil
        view.facts["area_shared"] = nil
        view.charge("2025-2026", "heatBase", "118.600", "m2", "7.500", 88_950)
        view.charge("2025-2026", "heatMetered", "9800.000", "kWh", "0.130", 127_400)
        view.reading("2025-2026", "1000.000", "10800.000", at: "2026-01-15T09:00:00+08:00")
        let answer = try explain(view, neighbours(area: "96.20", bill: 157_191, intensity: "68.00", tariff: "TJ-JM-3"))
        #expect(answer.status == .explained)
        #expect(answer.bill?.due == Fen(216_350))
        #expect(answer.reference?.typical == Fen(157_191))
        #expect(answer.difference == Fen(59_159))
        #expect(answer.parts.map(\.kind) == ["area", "intensity"])
        #expect(answer.parts.map(\.fen) == [Fen(38_732), Fen(20_427)])
        #expect(answer.check?.agrees == true)
        #expect(answer.parts[0].change?.value == "22.40")
        #expect(answer.parts[1].mine?.value == "82.63" && answer.parts[1].reference?.value == "68.00")
        let text = answer.text(try #require(wordings.get()["zh"]))
        for said in ["2,163.50", "591.59", "387.32", "204.27", "22.40", "82.63", "68.00"] {
            #expect(text.contains(said), "\(text)")
        }
    }

    /// 24 元/㎡, 2,846.40 against 2,308.80: inner +17.40 ㎡ → 417.60, shared +5.00 ㎡ → 120.00.
    @Test func byAreaInBeijing() throws {
        var view = ViewText()
        view.facts["tariff"] = "BJ-JM-1"
        view.charge("2025-2026", "heatByArea", "118.600", "m2", "24.000", 284_640)
        let around = try neighbours(area: "96.20", inner: "83.80", bill: 230_880, tariff: "BJ-JM-1")
        let answer = try explain(view, around)
        #expect(answer.difference == Fen(53_760))
        #expect(answer.parts.map(\.kind) == ["inner_area", "shared_area"])
        #expect(answer.parts.map(\.fen) == [Fen(41_760), Fen(12_000)])
        #expect(
            answer.parts[0].formula == "17.400 ㎡ × 24.000 元/㎡ = 417.60 元"
                || answer.parts[0].formula == "17.400 ㎡ × 24 元/㎡ = 417.60 元")
        #expect(answer.area?.shared == .inside)
        #expect(answer.temperature?.isMetered == false)
    }

    /// A price raised from 24 to 25 元: 118.60 more for 118.60 ㎡, and nothing else.
    @Test func whyItRose() throws {
        let book = try tariffs(
            """
            city: 天津市
            aliases: [TJ]
            common: {source: a notice, area: building, season: {start: 11-15, end: 03-15}}
            versions:
              - {id: old, seasons: ..2024-2025, price: {amount: 24}}
              - {id: new, seasons: 2025-2026.., price: {amount: 25}}
            """)
        var view = ViewText()
        view.charge("2024-2025", "heatByArea", "118.600", "m2", "24.000", 284_640)
        view.charge("2025-2026", "heatByArea", "118.600", "m2", "25.000", 296_500)
        let answer = try Explainer(book: book).explain(
            AccountContext(view: view.bytes), season: nil, versus: .previous, asOf: day("2026-01-20"),
            now: instant("2026-01-20T12:00:00+08:00"), in: Neighbourhood())
        #expect(answer.difference == Fen(11_860))
        #expect(answer.parts.map(\.kind) == ["price"])
        #expect(answer.parts.map(\.fen) == [Fen(11_860)])
    }

    /// 上个月的热费 of a bill by the season: 31 of 121 days.
    @Test func lastMonthOfASeasonsBill() throws {
        var view = ViewText()
        view.charge("2025-2026", "heatByArea", "118.600", "m2", "25.000", 296_500)
        let answer = try explain(view, Neighbourhood(), .tariff)
        #expect(answer.month?.month == 12)
        #expect(answer.month?.days == 31)
        #expect(answer.month?.seasonDays == 121)
        #expect(answer.month?.share == Fen(75_963))
        #expect(answer.text(try #require(wordings.get()["zh"])).contains("没有月账单"))
    }

    @Test func aHeightThatWasLeftOut() throws {
        var view = ViewText()
        view.facts["class"] = "unit"
        view.facts["tariff"] = "HB-FJ-1"
        view.facts["area_usable"] = "100.000"
        view.facts["area_ceiling_height"] = "3.300"
        view.charge("2025-2026", "heatByArea", "100.000", "m2", "43.300", 433_000)
        let answer = try explain(view, Neighbourhood(), .tariff)
        #expect(answer.difference == Fen(-12_990))
        #expect(answer.parts.reduce(Fen.zero) { $0 + $1.fen } == Fen(-12_990))
        #expect(answer.needsHandOff)
        #expect(answer.check?.causes.first?.alternatives.first?.kind == "height")
        #expect(answer.area?.shared == .absent)
    }
}

extension CohortStatistics {
    /// Some statistics to change as a test needs them.
    static func example(households: Int) -> CohortStatistics? {
        var bytes: [UInt8] = []
        var reader = CohortMemberReader()
        var view = ViewText()
        view.charge("2025-2026", "heatByArea", "100.000", "m2", "25.000", 250_000)
        let text = view.bytes
        for number in 0..<households {
            let row = text.withUnsafeBytes { reader.row(of: AccountID(Int64(number)), view: $0) }
            bytes += row.body
        }
        var members: [CohortMember] = []
        bytes.withUnsafeBytes { bytes in CohortMember.forEach(in: bytes) { members.append($0) } }
        return CohortStatistics(members)
    }
}
