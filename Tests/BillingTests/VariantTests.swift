import Billing
import HeatModel
import Testing

/// Rules of other cities, and what only some cities have.
@Suite struct VariantTests {
    private func code(_ subject: BillingCase, _ book: TariffBook) -> String? {
        do {
            _ = try book.evaluate(subject)
            return nil
        } catch { return error.code.name }
    }

    @Test func monthlyPriceAndRefundLessBasePart() throws {
        let book = try variants.get()
        var subject = household("西安市", area: "100.000")
        let bill = try book.evaluate(subject)
        #expect(bill.total == Fen(232_000))
        #expect(bill.lines[0].formula == "100.000 ㎡ × 5.800 元/㎡ × 4 月 = 2,320.00 元")
        func reading(_ text: String, _ tenths: Int32) -> ColdRoomRefund.Reading {
            .init(day: day(text), temperature: TenthsOfDegree(tenths), method: .device)
        }
        let refund = try bill.refund(
            [
                reading("2026-01-01", 170), reading("2026-01-02", 160), reading("2026-01-03", 179),
                reading("2026-01-04", 159),
                reading("2026-01-05", 140), reading("2026-01-06", 139), reading("2026-01-07", 180),
            ], of: subject)
        // 5.8 × 4 ÷ 121 × 100 × 70 % = 13.4215 a day.
        #expect(refund.lines.map(\.amount) == [Fen(1_342), Fen(1_342), Fen(805)])
        #expect(refund.lines.map(\.days.count) == [1, 2, 3])
        #expect(refund.lines[0].formula.contains("5.800 元/㎡ × 4 月 ÷ 121 天 × (1 − 30%)"))

        // Begun months: 11-15…, 12-15…, 01-15…, 02-15…03-15.
        for (from, months) in [
            ("2025-11-15", 4), ("2025-12-14", 4), ("2025-12-15", 3), ("2026-01-20", 2), ("2026-03-15", 1),
        ] {
            subject.connected = DaySpan(day(from), day("2026-03-15"))
            #expect(try book.evaluate(subject).total == Fen(Int64(58_000 * months)), "\(from)")
        }
    }

    @Test func lateStart() throws {
        let book = try variants.get()
        var subject = household("临沂市", area: "100.000")
        #expect(try book.evaluate(subject).total == Fen(220_000))
        subject.networkSupply = DaySpan(day("2025-11-15"), day("2026-03-20"))
        let bill = try book.evaluate(subject)
        #expect(bill.lines[0].formula == "100.000 ㎡ × 22.000 元/㎡ × 126 天 ÷ 131 天 = 2,116.03 元")
        #expect(bill.chargedDays == 126)
        // Without the rule a late start changes nothing.
        subject.city = "莱州市"
        #expect(try variants.get().evaluate(subject).total == Fen(230_000))
    }

    @Test func suspensionInTheSeason() throws {
        let book = try variants.get()
        var subject = household("临沂市", area: "100.000")
        let tariff = try book.tariff(for: subject)
        let offer = try tariff.suspensionOffer(subject, .init(share: exact("1")), requestedOn: day("2026-02-01"))
        #expect(offer.isPossible)
        #expect(offer.standing == .insideSeason)
        #expect(offer.fee == .zero)
        #expect(offer.billWith?.lines.map(\.amount) == [Fen(139_389), .zero])
        let late = try tariff.suspensionOffer(subject, .init(share: exact("1")), requestedOn: day("2026-03-01"))
        #expect(late.standing == .tooShort)
        subject.suspensions = [.init(share: exact("0.4"))]
        #expect(try book.evaluate(subject).lines.map(\.amount) == [Fen(132_000), .zero])
        subject.suspensions = [.init(share: exact("0.4"), feeRatio: exact("0.25"))]
        #expect(try book.evaluate(subject).lines.map(\.amount) == [Fen(132_000), Fen(22_000)])
        subject.suspensions = [.init(share: exact("0.7")), .init(share: exact("0.7"))]
        #expect(code(subject, book) == "billing.invalidInput")
        subject.suspensions = [.init(share: exact("1.1"))]
        #expect(code(subject, book) == "billing.invalidInput")
    }

    /// Where a visit counts until the next one, for at most so many days.
    @Test(arguments: [
        // Cold on 01-01 and 01-10; warm on 01-05; the day after 01-12 nobody asked yet.
        (
            "counts: untilNext",
            ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04", "2026-01-10", "2026-01-11", "2026-01-12"]
        ),
        ("counts: untilNext, mostDays: 2", ["2026-01-01", "2026-01-02", "2026-01-10", "2026-01-11"]),
        ("counts: day", ["2026-01-01", "2026-01-10"]),
    ])
    func aReadingHoldsUntilTheNext(_ reach: String, _ days: [String]) throws {
        let book = try oneCity(
            "refund: {threshold: 18, area: charged, evidence: [visit], bands: [{room: \"(, 18)\", percent: 50}], \(reach)}"
        )
        var subject = household("A", area: "100")
        subject.asOf = day("2026-01-12")
        func reading(_ text: String, _ tenths: Int32) -> ColdRoomRefund.Reading {
            .init(day: day(text), temperature: TenthsOfDegree(tenths), method: .visit)
        }
        let refund = try book.evaluate(subject).refund(
            [reading("2026-01-10", 170), reading("2026-01-05", 190), reading("2026-01-01", 160)], of: subject)
        #expect(refund.lines.flatMap(\.days) == days.map { day($0) })
        // 2,400 元 ÷ 121 × 50 % a day, rounded half up over all.
        #expect(refund.amount == Fen((240_000 * Int64(days.count) + 121) / 242))
    }

    /// A suspended part of a metered household pays its share of the area price or of the base price, as the rule says.
    @Test(arguments: [("area", 28_800), ("base", 9_600)])
    func suspensionWhereHeatIsMeasured(_ measured: String, _ fee: Int64) throws {
        let rules = """
            twoPart: {base: 8, heat: {kWh: 0.2}}
            suspension: {ratio: 0.3, measured: \(measured)}
            """
        var subject = household("A", area: "100")
        subject.method = .twoPart
        subject.consumption = [.init(exact("1000"), .kWh)]
        subject.suspensions = [.init(share: exact("0.4"))]
        let bill = try oneCity(rules).evaluate(subject)
        // 60 ㎡ × 8 + 40 ㎡ × 24 (or 8) × 30 % + 1,000 kWh × 0.2.
        #expect(bill.lines.map(\.amount) == [Fen(48_000), Fen(fee), Fen(20_000)])
        #expect(bill.lines[1].item == .suspension)
        // Without such a rule nobody guesses.
        #expect(
            code(subject, try oneCity("twoPart: {base: 8, heat: {kWh: 0.2}}\nsuspension: {ratio: 0.3}"))
                == "billing.notCovered")
    }

    @Test func lowIncomePriceAndFixedHeight() throws {
        let book = try variants.get()
        var subject = household("莱州市", area: "100")
        subject.areas.ceilingHeight = exact("3")
        #expect(try book.evaluate(subject).total == Fen(230_000))
        subject.areas.ceilingHeight = exact("3.001")
        #expect(try book.evaluate(subject).total == Fen(276_000))
        subject.isLowIncome = true
        let bill = try book.evaluate(subject)
        #expect(bill.lines.map(\.amount) == [Fen(215_000), Fen(43_000)])
        #expect(bill.lines[0].rule.key == "concessions")
        subject.areas.ceilingHeight = nil
        #expect(code(subject, book) == "billing.missingInput")
    }

    @Test func singleStoreyAndWholeYuan() throws {
        let book = try variants.get()
        var subject = household("遵化市", area: "70.33")
        #expect(code(subject, book) == "billing.missingInput")
        subject.isSingleStorey = true
        let bill = try book.evaluate(subject)
        // 1,265.94 + 253.19 = 1,519.13 → 1,519.
        #expect(bill.lines.map(\.amount) == [Fen(126_594), Fen(25_319), Fen(-13)])
        #expect(bill.lines[2].item == .adjustment)
        #expect(bill.lines[2].rule.key == "rounding")
        #expect(bill.total == Fen(151_900))
        subject.isSingleStorey = false
        #expect(try book.evaluate(subject).lines.map(\.amount) == [Fen(126_594), Fen(-94)])
        subject.class = .unit
        subject.isSingleStorey = nil
        #expect(try book.evaluate(subject).total == Fen(126_500))
    }

    @Test func theMostSpecificVersionHolds() throws {
        let book = try variants.get()
        var subject = household("甲", area: "100", season: "2023-2024")
        #expect(try book.tariff(for: subject).id == "old")
        subject.season = "2024-2025"
        #expect(try book.tariff(for: subject).id == "new")
        subject.class = .unit
        #expect(try book.tariff(for: subject).id == "unit")
        // Company before class.
        subject.company = "东区热力"
        #expect(try book.tariff(for: subject).id == "east")
        subject.areas.shared = exact("12.5")
        let bill = try book.evaluate(subject)
        #expect(bill.lines.map(\.item) == [.heatByArea, .sharedArea])
        #expect(bill.lines.map(\.amount) == [Fen(166_250), Fen(12_500)])
        #expect(bill.sharedArea == .ownLine)
    }

    @Test func priceByDayAndExceptionalSeason() throws {
        let book = try variants.get()
        var subject = household("甲市", area: "100")
        subject.class = .unit
        #expect(try book.evaluate(subject).total == Fen(363_000))
        subject.season = "2023-2024"
        #expect(try book.evaluate(subject).total == Fen(366_000))
        subject.season = "2022-2023"
        #expect(try book.evaluate(subject).total == Fen(453_000))
        subject.connected = DaySpan(day("2023-01-01"), day("2023-01-31"))
        #expect(code(subject, book) == "billing.notCovered")
    }

    @Test func trueUp() throws {
        let book = try variants.get()
        var subject = household("甲市", area: "100")
        subject.method = .twoPart
        subject.consumption = [.init(exact("8000"), .kWh)]
        #expect(code(subject, book) == "billing.missingInput")
        subject.correction = exact("1.1")
        subject.asOf = day("2026-01-01")
        #expect(try book.evaluate(subject).lines.map(\.item) == [.heatByArea])
        subject.asOf = nil
        // Paid 2,200.00; measured 750.00 + 1,144.00.
        #expect(try book.evaluate(subject).lines.map(\.amount) == [Fen(220_000), Fen(-30_600)])
        subject.consumption = [.init(exact("20000"), .kWh)]
        #expect(try book.evaluate(subject).total == Fen(220_000))
    }

    @Test func lateFeeOnTheBill() throws {
        let book = try variants.get()
        let bill = try book.evaluate(household("甲市", area: "100"))
        func fee(_ text: String) throws -> AmountDue {
            try bill.tariff.amountDue(
                payable: bill.payable, receipts: [Receipt(on: day("2026-01-02"), amount: Fen(200_000))],
                season: bill.season,
                on: day(text))
        }
        #expect(try fee("2026-01-10").lateFee?.amount == .zero)
        // 2,200.00 × 1 ‰, in whole 角; at most 5 % of the 200.00 owed.
        #expect(try fee("2026-01-11").lateFee?.amount == Fen(220))
        #expect(try fee("2026-03-01").lateFee?.amount == Fen(1_000))
        #expect(try fee("2026-03-01").lateFee?.isCapped == true)
    }

    @Test func whatIsNotCovered() throws {
        let book = try shipped.get()
        var subject = household("天津市", area: "100")
        subject.areas.building = nil
        #expect(code(subject, book) == "billing.missingInput")
        subject = household("上海市", area: "100")
        #expect(code(subject, book) == "billing.notCovered")
        subject = household("天津市", area: "100", season: "2025")
        #expect(code(subject, book) == "billing.invalidInput")
        subject = household("天津市", area: "100")
        subject.class = nil
        #expect(code(subject, book) == "billing.missingInput")
        subject.class = .resident
        subject.method = .metered
        #expect(code(subject, book) == "billing.notCovered")
        subject.method = .twoPart
        #expect(code(subject, book) == "billing.missingInput")
        subject.consumption = [.init(exact("-1"), .kWh)]
        #expect(code(subject, book) == "billing.invalidInput")
        subject.consumption = []
        #expect(code(subject, book) == nil)
        subject.method = nil
        #expect(code(subject, book) == "billing.missingInput")
        subject = household("天津市", area: "-1")
        #expect(code(subject, book) == "billing.invalidInput")
        subject.areas.building = ExactDecimal(units: .max, places: 0)
        #expect(code(subject, book) == "billing.overflow")
        // Figures from outside that are no money.
        let bill = try book.evaluate(household("天津市", area: "100"))
        let absurd = [
            Receipt(on: day("2026-01-02"), amount: Fen(.max)), Receipt(on: day("2026-01-03"), amount: Fen(.max)),
        ]
        #expect(throws: HearthError.self) {
            try bill.tariff.amountDue(
                payable: bill.payable, receipts: absurd, season: bill.season, on: day("2026-02-01"))
        }
        #expect(throws: HearthError.self) {
            try book.recompute(household("天津市", area: "100"), billed: [BilledLine(.heatByArea, due: Fen(.min))])
        }
        subject = household("沈阳市", area: "100")
        subject.method = .twoPart
        #expect(code(subject, book) == "billing.notCovered")
        let onlyResidents = try variants.get()
        subject = household("西安市", area: "100")
        subject.class = .unit
        #expect(code(subject, onlyResidents) == "billing.notCovered")
    }
}
