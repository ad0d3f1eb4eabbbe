import HearthTesting
import HeatModel
import Testing

@testable import Billing
@testable import LegacyEstate

/// Wrong bills and what is found out about them.
@Suite struct RecomputationTests {
    /// The bill that a changed world would have sent.
    private func billed(_ subject: BillingCase, _ changes: [Alternative], _ book: TariffBook) throws -> [BilledLine] {
        var world = WhatIf(subject: subject, tariff: try book.tariff(for: subject))
        for change in changes {
            let applied = world.apply(change, book)
            try #require(applied)
        }
        return try #require(world.lines()).map {
            BilledLine($0.item, quantity: $0.quantity, unit: $0.unit, unitPrice: $0.unitPrice, due: $0.amount)
        }
    }

    @Test func agreement() throws {
        let book = try shipped.get()
        let subject = household("天津市", area: "118.6")
        let result = try book.recompute(subject, billed: try billed(subject, [], book))
        #expect(result.agrees)
        #expect(result.causes.isEmpty)
        #expect(result.difference == .zero)
    }

    @Test func innerAreaForBuildingArea() throws {
        let book = try shipped.get()
        var subject = household("天津市", area: "118.600")
        subject.areas.inner = exact("101.200")
        let lines = [
            BilledLine(.heatByArea, quantity: exact("101.200"), unit: .m2, unitPrice: exact("25"), due: Fen(253_000))
        ]
        let result = try book.recompute(subject, billed: lines)
        #expect(result.difference == Fen(-43_500))
        #expect(result.comparisons.map(\.billed) == [Fen(253_000)])
        #expect(result.evaluation.total == Fen(296_500))
        #expect(result.causes.first?.alternatives == [.areaBasis(.inner)])
        #expect(result.causes.first?.strength == .statements)
        #expect(result.causes.first?.alternatives.first?.kind == "areaBasis")
    }

    @Test func aHeightThatWasRegisteredAs33() throws {
        let book = try shipped.get()
        var subject = household("哈尔滨市", area: "100.000")
        subject.class = .unit
        subject.areas.ceilingHeight = exact("3.000")
        let lines = try billed(subject, [.height(exact("3.300"), additions: 1)], book)
        let result = try book.recompute(subject, billed: lines)
        #expect(result.difference == Fen(12_990))
        #expect(result.causes.first?.alternatives == [.height(exact("3.300"), additions: 1)])
        #expect(result.comparisons.last?.right == nil)
    }

    @Test func aLineThatDoesNotMultiply() throws {
        let book = try shipped.get()
        let subject = household("天津市", area: "100")
        let lines = [
            BilledLine(.heatByArea, quantity: exact("100"), unit: .m2, unitPrice: exact("25"), due: Fen(250_001))
        ]
        let result = try book.recompute(subject, billed: lines)
        #expect(!result.agrees)
        #expect(result.inconsistentItems == [.heatByArea])
        #expect(result.causes.isEmpty)
        #expect(try book.recompute(subject, billed: []).difference == Fen(-250_000))
    }

    @Test func pricesOfAnotherSeason() throws {
        let book = try variants.get()
        let subject = household("甲市", area: "88.500")
        let result = try book.recompute(
            subject, billed: try billed(subject, [.pricesOf(HeatingSeason(startYear: 2023))], book))
        #expect(result.difference == Fen(-17_700))
        #expect(result.causes.first?.alternatives == [.pricesOf(HeatingSeason(startYear: 2023))])
    }

    @Test func voidedLinesAndLateFeesAreNotCompared() {
        var charge = Charge()
        charge.item = .heatByArea
        charge.due = Fen(100)
        #expect(BilledLine(charge)?.due == Fen(100))
        charge.voided = true
        #expect(BilledLine(charge) == nil)
        charge.voided = nil
        charge.item = .lateFee
        #expect(BilledLine(charge) == nil)
    }

    /// Each alternative that changes a bill, injected on its own, is found again.
    @Test(arguments: [1, 2, 3] as [UInt64]) func injectedErrorsAreFound(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let shippedBook = try shipped.get()
        let others = try variants.get()
        var kinds: Set<String> = []
        for turn in 0..<60 {
            let (subject, book) = Self.anyCase(turn, shippedBook, others, &generator)
            let right = try book.evaluate(subject)
            let candidates =
                Alternatives(subject: subject, right: right, billed: [], book: book).all + [.area(exact("77.123"))]
            for candidate in candidates {
                var world = WhatIf(subject: subject, tariff: right.tariff)
                guard world.apply(candidate, book), let lines = world.lines() else { continue }
                let sums = Dictionary(grouping: lines, by: \.item).mapValues { $0.reduce(Fen.zero) { $0 + $1.amount } }
                let rightSums = Dictionary(grouping: right.lines, by: \.item).mapValues {
                    $0.reduce(Fen.zero) { $0 + $1.amount }
                }
                let stated = lines.map {
                    BilledLine($0.item, quantity: $0.quantity, unit: $0.unit, unitPrice: $0.unitPrice, due: $0.amount)
                }
                let result = try book.recompute(subject, billed: stated)
                if sums.filter({ $0.value != .zero }) == rightSums.filter({ $0.value != .zero }) {
                    #expect(result.agrees)
                    continue
                }
                kinds.insert(candidate.kind)
                #expect(
                    result.causes.contains { $0.alternatives == [candidate] },
                    "\(candidate) in \(result.causes.map(\.alternatives))")
                #expect(result.causes.first?.alternatives.count == 1)
                #expect(result.evaluation.total == right.total)
                let again = try book.recompute(subject, billed: stated)
                #expect(again.causes == result.causes)
            }
        }
        #expect(kinds.count >= 12, "\(kinds.sorted())")
    }

    @Test func twoErrorsAtOnce() throws {
        let book = try shipped.get()
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<12 {
            var subject = household("哈尔滨市", area: "100")
            subject.class = .unit
            subject.areas.usable = ExactDecimal(units: Int64.random(in: 50_000...200_000, using: &generator), places: 3)
            subject.areas.inner = ExactDecimal(units: (subject.areas.usable?.units ?? 0) + 7_310, places: 3)
            subject.areas.building = nil
            subject.areas.ceilingHeight = exact("3.900")
            let changes: [Alternative] = [.areaBasis(.inner), .height(exact("3.300"), additions: 1)]
            let result = try book.recompute(subject, billed: try billed(subject, changes, book))
            #expect(result.causes.first?.alternatives == changes)
            #expect(result.causes.first?.strength == .statements)
        }
    }

    /// What the estate plants: bills on a stale area and with an understated height.
    @Test(arguments: [City.tianjin, .harbin, .shenyang, .jinan, .beijing]) func wrongBillsOfTheEstate(_ city: City)
        throws
    {
        let book = try shipped.get()
        let estate = Estate(EstateOptions(accounts: 800, seed: 4, city: city))
        var (areas, heights) = (0, 0)
        for index in stride(from: 0, to: 800, by: 3) {
            let account = estate.account(index)
            let subject = estate.billingCase(account, season: 1)
            let right = account.chargedArea(estate.tariff)
            let stale = estate.maker.bill(account, season: 1, chargedArea: right - 3_170)
            if stale.lines.isEmpty || account.method == .metered { continue }
            let result = try book.recompute(subject, billed: stale.lines.map(BilledLine.init))
            if result.agrees { continue }
            areas += 1
            #expect(
                result.causes.first?.alternatives == [.area(ExactDecimal(units: right - 3_170, places: 3))],
                "\(account.number) \(result.causes)")
            let low = estate.maker.bill(account, season: 1, height: ExactDecimal(units: 2_800, places: 3))
            let other = try book.recompute(subject, billed: low.lines.map(BilledLine.init))
            if other.agrees { continue }
            heights += 1
            #expect(other.causes.first?.alternatives.first?.kind == "height")
            #expect(other.difference < .zero)
        }
        #expect(areas > 200)
        #expect((heights > 0) == (city == .harbin || city == .shenyang))
    }

    private static func anyCase(
        _ turn: Int, _ shipped: TariffBook, _ others: TariffBook, _ generator: inout SeededGenerator
    ) -> (BillingCase, TariffBook) {
        let city = ["天津市", "哈尔滨市", "沈阳市", "济南市", "北京市", "莱州市", "甲市", "临沂市"][turn % 8]
        var subject = household(city, area: "100")
        let area = Int64.random(in: 40_000...180_000, using: &generator)
        subject.areas.building = ExactDecimal(units: area, places: 3)
        subject.areas.inner = ExactDecimal(units: area * 83 / 100, places: 3)
        subject.areas.usable = ExactDecimal(units: area * 74 / 100, places: 3)
        subject.areas.shared = ExactDecimal(units: area - area * 83 / 100, places: 3)
        subject.areas.ceilingHeight = ExactDecimal(units: Int64.random(in: 25...45, using: &generator), places: 1)
        subject.class = ["西安市", "甲市"].contains(city) || Bool.random(using: &generator) ? .resident : .unit
        subject.isLowIncome = Bool.random(using: &generator)
        if city != "莱州市", Int.random(in: 0..<3, using: &generator) == 0, city != "甲市" {
            subject.suspensions = [
                .init(share: ["1", "0.4", "0.25"].map { exact($0) }.randomElement(using: &generator) ?? exact("1"))
            ]
        } else if city == "临沂市", Bool.random(using: &generator) {
            subject.connected = DaySpan(day("2025-12-07"), day("2026-03-20"))
        } else if ["天津市", "北京市", "济南市", "甲市"].contains(city), Bool.random(using: &generator) {
            subject.method = .twoPart
            subject.consumption = [
                .init(ExactDecimal(units: Int64.random(in: 3_000...25_000, using: &generator), places: 0), .kWh)
            ]
            subject.correction = exact("0.92")
        }
        return (subject, ["莱州市", "甲市", "临沂市"].contains(city) ? others : shipped)
    }
}
