import Billing
import HeatModel
import Testing

/// The rules of the shipped cities.
@Suite struct CityTests {
    struct Price: Sendable {
        var city: String
        var `class`: HeatModel.AccountFacts.Class
        var source: String?
        var total: Int64
        var basis: AreaBasis
    }

    @Test(arguments: [
        Price(city: "北京市", class: .resident, total: 240_000, basis: .building),
        Price(city: "北京市", class: .resident, source: "boiler", total: 300_000, basis: .building),
        Price(city: "北京市", class: .unit, total: 450_000, basis: .building),
        Price(city: "北京市", class: .unit, source: "boiler", total: 430_000, basis: .building),
        Price(city: "天津市", class: .resident, total: 250_000, basis: .building),
        Price(city: "天津市", class: .unit, total: 400_000, basis: .building),
        Price(city: "济南市", class: .resident, total: 213_600, basis: .inner),
        Price(city: "济南市", class: .unit, total: 398_000, basis: .building),
        Price(city: "哈尔滨市", class: .resident, total: 268_240, basis: .usable),
        Price(city: "哈尔滨市", class: .unit, total: 303_100, basis: .usable),
        Price(city: "沈阳市", class: .resident, total: 260_000, basis: .building),
        Price(city: "沈阳市", class: .unit, total: 320_000, basis: .building),
    ])
    func pricesByArea(_ price: Price) throws {
        var subject = household(price.city, area: "100")
        subject.class = price.class
        subject.heatSource = price.source
        subject.areas.inner = exact("80")
        subject.areas.usable = exact("70")
        let bill = try shipped.get().evaluate(subject)
        #expect(bill.total == Fen(price.total))
        #expect(bill.basis == price.basis)
        #expect(bill.sharedArea == (price.basis == .building ? .inside : .absent))
    }

    @Test func seasons() throws {
        let book = try shipped.get()
        func days(_ city: String, _ season: String) throws -> Int {
            try book.evaluate(household(city, area: "1", season: season)).seasonDays
        }
        #expect(try days("北京市", "2025-2026") == 121)
        #expect(try days("北京市", "2023-2024") == 122)
        #expect(try days("哈尔滨市", "2025-2026") == 183)
        #expect(try days("沈阳市", "2025-2026") == 151)
    }

    @Test func heightInHarbinCountsFullSteps() throws {
        let book = try shipped.get()
        var subject = household("哈尔滨市", area: "100")
        subject.class = .unit
        for (height, fen) in [("3.2", 0), ("3.299", 0), ("3.3", 12_990), ("3.39", 12_990), ("3.6", 51_960)]
            as [(String, Int64)]
        {
            subject.areas.ceilingHeight = exact(height)
            #expect(try book.evaluate(subject).total == Fen(433_000 + fen), "\(height)")
        }
        subject.class = .resident
        #expect(try book.evaluate(subject).total == Fen(383_200))
    }

    @Test func heightInShenyangCountsStartedSteps() throws {
        let book = try shipped.get()
        var subject = household("沈阳市", area: "100")
        for (height, steps) in [("3.5", 0), ("3.501", 1), ("3.8", 1), ("3.801", 2)] as [(String, Int64)] {
            subject.areas.ceilingHeight = exact(height)
            #expect(try book.evaluate(subject).total == Fen(260_000 + steps * 26_000), "\(height)")
        }
        let line = try #require(try book.evaluate(subject).lines.last)
        #expect(line.formula == "100 ㎡ × (26.000 × 10% × 2) 元/㎡ = 520.00 元")
    }

    @Test func twoPartUnits() throws {
        let book = try shipped.get()
        var subject = household("哈尔滨市", area: "100")
        subject.method = .twoPart
        subject.consumption = [.init(exact("30.5"), .GJ)]
        #expect(try book.evaluate(subject).lines.map(\.amount) == [Fen(165_400), Fen(135_451)])
        subject.consumption = [.init(exact("8472"), .kWh)]
        let error = #expect(throws: HearthError.self) { try book.evaluate(subject) }
        #expect(error?.code.name == "billing.unitMismatch")
        #expect(error?.place != nil)

        // Published in both units: each is taken as it is.
        subject.city = "北京市"
        subject.consumption = [.init(exact("277.78"), .kWh)]
        #expect(try book.evaluate(subject).lines[1].amount == Fen(4_444))
        subject.consumption = [.init(exact("1"), .GJ)]
        #expect(try book.evaluate(subject).lines[1].amount == Fen(4_445))

        // A stated factor.
        subject.city = "天津市"
        subject.consumption = [.init(exact("9.8"), .MWh)]
        #expect(try book.evaluate(subject).lines[1].amount == Fen(127_400))
        subject.correction = exact("0.9")
        #expect(try book.evaluate(subject).lines[1].amount == Fen(114_660))
        #expect(try book.evaluate(subject).lines[1].formula == "9800.000 kWh × 0.130 元/kWh × 0.9 = 1,146.60 元")
    }

    @Test func caps() throws {
        let book = try shipped.get()
        var subject = household("济南市", area: "100")
        subject.method = .twoPart
        subject.consumption = [.init(exact("20000"), .kWh)]
        let bill = try book.evaluate(subject)
        #expect(bill.total == Fen(293_700))
        #expect(bill.lines.last?.item == .adjustment)
        #expect(bill.lines.last?.amount == Fen(-186_400))
        #expect(bill.lines.last?.rule.key == "cap")
        subject.asOf = day("2026-03-15")
        #expect(try book.evaluate(subject).total == Fen(480_100))
        subject.asOf = day("2026-03-16")
        #expect(try book.evaluate(subject).total == Fen(293_700))
        subject.city = "哈尔滨市"
        subject.consumption = [.init(exact("100"), .GJ)]
        subject.asOf = nil
        #expect(try book.evaluate(subject).total == Fen(383_200))
    }

    @Test func refunds() throws {
        let book = try shipped.get()
        func percents(_ city: String, _ tenths: [Int32]) throws -> [String] {
            var subject = household(city, area: "100")
            subject.coldRoomsArea = exact("45")
            let bill = try book.evaluate(subject)
            return try tenths.map {
                let refund = try bill.refund(
                    [.init(day: day("2026-01-10"), temperature: TenthsOfDegree($0), method: .visit)], of: subject)
                return refund.lines.first?.percent.description ?? "0"
            }
        }
        #expect(
            try percents("北京市", [180, 179, 161, 160, 141, 140, 90]) == ["0", "40", "40", "60", "60", "100", "100"])
        #expect(try percents("济南市", [180, 179, 140, 139]) == ["0", "50", "50", "100"])
        #expect(try percents("哈尔滨市", [180, 179, 160, 159]) == ["0", "50", "50", "100"])
        #expect(throws: HearthError.self) { try percents("天津市", [170]) }
    }

    @Test func readingsThatDoNotCount() throws {
        let book = try shipped.get()
        var subject = household("北京市", area: "100")
        subject.coldRoomsArea = exact("45")
        let bill = try book.evaluate(subject)
        let refund = try bill.refund(
            [
                .init(day: day("2026-01-10"), temperature: TenthsOfDegree(170), method: .visit),
                .init(day: day("2026-01-10"), temperature: TenthsOfDegree(130), method: .visit),
                .init(day: day("2026-01-11"), temperature: TenthsOfDegree(130), method: .selfReported),
                .init(day: day("2026-01-11"), temperature: TenthsOfDegree(130), method: nil),
                .init(day: day("2026-03-16"), temperature: TenthsOfDegree(130), method: .visit),
                .init(day: day("2026-01-12"), temperature: TenthsOfDegree(190), method: .visit),
            ], of: subject)
        #expect(refund.amount == .zero)
        #expect(refund.contradictoryDays == [day("2026-01-10")])
        #expect(refund.readingsLeftOut == 3)
        #expect(refund.readDays == 2)
        #expect(refund.warmDays == 1)
        subject.coldRoomsArea = nil
        let error = #expect(throws: HearthError.self) { try bill.refund([], of: subject) }
        #expect(error?.code.name == "billing.missingInput")
    }

    @Test func tianjinMoney() throws {
        let book = try shipped.get()
        let subject = household("天津市", area: "100")
        let bill = try book.evaluate(subject)
        func discount(_ text: String) throws -> Int64? {
            try bill.earlyPayment(on: day(text), method: .byArea)?.amount.amount
        }
        #expect(try discount("2025-05-31") == nil)
        #expect(try discount("2025-06-01") == 7_500)
        #expect(try discount("2025-06-30") == 7_500)
        #expect(try discount("2025-07-01") == 5_000)
        #expect(try discount("2025-08-31") == 5_000)
        #expect(try discount("2025-09-30") == 2_500)
        #expect(try discount("2025-10-01") == nil)
        #expect(bill.dueOn == day("2025-12-31"))
        func due(_ text: String, _ receipts: [Receipt] = []) throws -> AmountDue {
            try bill.tariff.amountDue(payable: bill.payable, receipts: receipts, season: bill.season, on: day(text))
        }
        #expect(try due("2025-12-31").lateFee?.amount == .zero)
        #expect(try due("2026-01-01").lateFee?.amount == Fen(500))
        #expect(try due("2026-01-10").open == Fen(255_000))
        let partly = try due("2026-01-10", [Receipt(on: day("2026-01-05"), amount: Fen(150_000))])
        #expect(partly.lateFee?.amount == Fen(2_500 + 1_000))
        #expect(
            partly.lateFee?.formula == "(2,500.00 元 × 5 天 + 1,000.00 元 × 5 天) × 0.002 = 35.00 元")
        #expect(partly.open == Fen(103_500))
        #expect(try due("2030-01-01").lateFee?.amount == Fen(250_000))
        #expect(try due("2030-01-01").lateFee?.isCapped == true)
        let over = try due("2025-12-01", [Receipt(on: day("2025-11-01"), amount: Fen(250_100))])
        #expect(over.open == .zero && over.credit == Fen(100))
    }

    @Test func suspensionDeadlines() throws {
        let book = try shipped.get()
        func offer(_ city: String, _ on: String) throws -> SuspensionOffer {
            let subject = household(city, area: "100")
            return try book.tariff(for: subject).suspensionOffer(
                subject, .init(share: exact("1")), requestedOn: day(on))
        }
        #expect(try offer("北京市", "2025-09-30").fee == Fen(72_000))
        #expect(try offer("北京市", "2025-10-01").standing == .afterDeadline)
        #expect(try offer("哈尔滨市", "2025-09-20").standing == .inTime)
        #expect(try offer("哈尔滨市", "2025-09-20").fee == .zero)
        #expect(try offer("哈尔滨市", "2025-09-21").standing == .afterDeadline)
        #expect(try offer("北京市", "2026-04-01").standing == .afterSeason)
    }
}
