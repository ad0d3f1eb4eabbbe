import HearthTesting
import HeatModel
import Testing

@testable import Billing

/// What holds for any figures.
@Suite struct PropertyTests {
    private func random(
        _ range: ClosedRange<Int64>, _ places: UInt8, _ generator: inout SeededGenerator
    ) -> ExactDecimal {
        ExactDecimal(units: Int64.random(in: range, using: &generator), places: places)
    }

    @Test func roundedBillsAreSumsOfTheirLines() throws {
        var generator = SeededGenerator(seed: 11)
        for unit in RoundingRule.Unit.allCases {
            for mode in [ExactDecimal.Rounding.halfUp, .truncate] {
                let book = try oneCity(
                    "rounding: {total: \(unit.rawValue) \(mode.rawValue)}\nheight: [{above: 3, percent: 7}]")
                for _ in 0..<200 {
                    var subject = household("A", area: "1")
                    subject.areas.building = random(1...900_000, 3, &generator)
                    subject.areas.ceilingHeight = random(2_500...4_000, 3, &generator)
                    let bill = try book.evaluate(subject)
                    let posted = bill.lines.filter { $0.rule.key == "rounding" }
                    let exact = bill.lines.filter { $0.rule.key != "rounding" }.reduce(Fen.zero) { $0 + $1.amount }
                    #expect(bill.total.amount % unit.fen == 0)
                    #expect(posted.count == (exact == bill.total ? 0 : 1))
                    #expect((bill.total - exact).amount.magnitude < UInt64(unit.fen))
                    if mode == .truncate { #expect(bill.total <= exact) }
                    if mode == .halfUp { #expect((bill.total - exact).amount.magnitude * 2 <= UInt64(unit.fen)) }
                }
            }
        }
    }

    @Test func partsOfASeasonMakeTheSeason() throws {
        let book = try oneCity("proration: {account: byDay}")
        var generator = SeededGenerator(seed: 12)
        for _ in 0..<500 {
            var subject = household("A", area: "1")
            subject.areas.building = random(1...900_000, 3, &generator)
            let whole = try book.evaluate(subject)
            subject.connected = whole.span
            #expect(try book.evaluate(subject).total == whole.total)
            let cut = whole.span.first.adding(days: Int.random(in: 0..<120, using: &generator))
            subject.connected = DaySpan(whole.span.first, cut)
            let first = try book.evaluate(subject)
            subject.connected = DaySpan(cut.adding(days: 1), whole.span.last)
            let second = try book.evaluate(subject)
            #expect((first.total + second.total - whole.total).amount.magnitude <= 1)
            #expect(first.chargedDays + second.chargedDays == whole.seasonDays)
        }
    }

    @Test func lateFeesGrow() throws {
        let book = try shipped.get()
        var generator = SeededGenerator(seed: 13)
        for _ in 0..<50 {
            var subject = household("天津市", area: "1")
            subject.areas.building = random(10_000...900_000, 3, &generator)
            let bill = try book.evaluate(subject)
            let receipts = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                Receipt(
                    on: day("2025-12-20").adding(days: Int.random(in: 0...60, using: &generator)),
                    amount: Fen(Int64.random(in: 1...50_000, using: &generator)))
            }
            var before = Fen.zero
            for offset in stride(from: 0, to: 700, by: 7) {
                let due = try bill.tariff.amountDue(
                    payable: bill.payable, receipts: receipts, season: bill.season,
                    on: day("2025-12-28").adding(days: offset))
                let fee = try #require(due.lateFee?.amount)
                #expect(fee >= before)
                #expect(fee <= bill.payable)
                #expect(due.open - due.credit == bill.payable + fee - due.paid)
                before = fee
            }
        }
    }

    @Test func higherRoomsNeverCostLess() throws {
        let book = try shipped.get()
        var generator = SeededGenerator(seed: 14)
        for city in ["哈尔滨市", "沈阳市"] {
            for _ in 0..<100 {
                var subject = household(city, area: "1")
                subject.class = .unit
                subject.areas.usable = random(1_000...900_000, 3, &generator)
                subject.areas.building = subject.areas.usable
                var before = Fen.zero
                for millimetres in stride(from: Int64(2_500), through: 5_000, by: 37) {
                    subject.areas.ceilingHeight = ExactDecimal(units: millimetres, places: 3)
                    let total = try book.evaluate(subject).total
                    #expect(total >= before)
                    before = total
                }
            }
        }
    }

    @Test func ratiosAreExact() throws {
        var generator = SeededGenerator(seed: 15)
        for _ in 0..<2_000 {
            let (a, b, c) = (
                random(-99_999...99_999, 3, &generator), random(-99_999...99_999, 2, &generator),
                random(1...999, 1, &generator)
            )
            let left = try Ratio(a) * (Ratio(b) + Ratio(c))
            let right = try Ratio(a) * Ratio(b) + Ratio(a) * Ratio(c)
            #expect(try left.compare(right) == 0)
            let back = try (Ratio(a) * Ratio(c)).divided(by: Ratio(c))
            #expect(try back?.compare(Ratio(a)) == 0)
            #expect(left.reduced.denominator <= left.denominator)
        }
        #expect(try Ratio.one.divided(by: .zero) == nil)
        let huge = Ratio(Int128.max)
        #expect(throws: HearthError.self) { try huge * Ratio(2) }
        // What cancels out is never held.
        #expect(try (huge * Ratio(3, over: Int128.max)).compare(Ratio(3)) == 0)
        #expect(try Ratio(1, over: 3).money(.init(.fen, .halfUp)) == Fen(33))
        #expect(Ratio(1, over: 3).decimal(atLeast: 3) == nil)
        #expect(Ratio(1, over: 8).decimal(atLeast: 2) == ExactDecimal(units: 125, places: 3))
    }
}

@Suite struct RatioTests {
    /// Denominators that only together are too large: their least common one is not.
    @Test func sumsStayOverTheLeastCommonDenominator() throws {
        let large = Int128(1) << 100
        let sum = try Ratio(1, over: large) + Ratio(1, over: large * 3)
        #expect(try sum.compare(Ratio(4, over: large * 3)) == 0)
        #expect(throws: HearthError.self) { try Ratio(1, over: Int128.max) + Ratio(1, over: Int128.max - 2) }
    }
}
