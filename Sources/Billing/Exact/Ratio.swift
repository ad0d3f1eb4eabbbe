public import HeatModel

/// An exact fraction. Money, areas and shares are multiplied in it and rounded once, where a rule says so.
///
/// It is reduced only where 128 bits would otherwise not hold it; what even then does not fit is the problem
/// `billing.overflow`, never a wrong number.
public struct Ratio: Sendable {
    public private(set) var numerator: Int128
    /// Above 0.
    public private(set) var denominator: Int128

    public init(_ value: ExactDecimal) {
        numerator = Int128(value.units)
        denominator = Int128(ExactDecimal.powersOfTen[Int(value.places)])
    }

    /// `denominator` must be above 0.
    public init(_ numerator: Int128, over denominator: Int128 = 1) {
        precondition(denominator > 0, "a ratio has a denominator above 0")
        self.numerator = numerator
        self.denominator = denominator
    }

    /// Fen as 元.
    public init(yuan amount: Fen) { self.init(Int128(amount.amount), over: 100) }

    public static let zero = Ratio(0)
    public static let one = Ratio(1)

    public static func * (left: Ratio, right: Ratio) throws(HearthError) -> Ratio {
        if let product = product(left, right) { return product }
        // Crosswise, so that what cancels out never has to be held.
        let first = Ratio(left.numerator, over: right.denominator).reduced
        let second = Ratio(right.numerator, over: left.denominator).reduced
        if let product = product(first, second) { return product }
        throw overflow
    }

    public static func + (left: Ratio, right: Ratio) throws(HearthError) -> Ratio {
        if left.denominator == right.denominator {
            let (sum, failed) = left.numerator.addingReportingOverflow(right.numerator)
            if !failed { return Ratio(sum, over: left.denominator) }
            throw overflow
        }
        if let sum = sum(left, right) ?? leastSum(left.reduced, right.reduced) { return sum }
        throw overflow
    }

    public static prefix func - (value: Ratio) -> Ratio { Ratio(-value.numerator, over: value.denominator) }

    /// The value ÷ `other`; nil where that is 0.
    public func divided(by other: Ratio) throws(HearthError) -> Ratio? {
        if other.numerator == 0 { return nil }
        let negative = other.numerator < 0
        return try self
            * Ratio(
                negative ? -other.denominator : other.denominator, over: negative ? -other.numerator : other.numerator)
    }

    /// In lowest terms.
    public var reduced: Ratio {
        var (a, b) = (numerator.magnitude, denominator.magnitude)
        while b != 0 { (a, b) = (b, a % b) }
        guard a > 1, let divisor = Int128(exactly: a) else { return self }
        return Ratio(numerator / divisor, over: denominator / divisor)
    }

    /// −1, 0 or 1.
    public func compare(_ other: Ratio) throws(HearthError) -> Int {
        let difference = try self + -other
        return difference.numerator == 0 ? 0 : (difference.numerator < 0 ? -1 : 1)
    }

    /// The value, in 元, as money.
    public func money(_ step: RoundingRule.Step) throws(HearthError) -> Fen {
        let (scaled, failed) = numerator.multipliedReportingOverflow(by: 100)
        let (divisor, failed2) = denominator.multipliedReportingOverflow(by: Int128(step.unit.fen))
        if failed || failed2 {
            let lowest = reduced
            if lowest.numerator != numerator { return try lowest.money(step) }
            throw Self.overflow
        }
        let units = ExactDecimal.divide(scaled, by: divisor, step.mode)
        let (fen, failed3) = units.multipliedReportingOverflow(by: Int128(step.unit.fen))
        guard !failed3, fen.magnitude <= Int128(Self.mostMoney.amount).magnitude else { throw Self.overflow }
        return Fen(Int64(fen))
    }

    /// The value as a decimal with at least `places` places and no more than it needs; nil where it has none.
    public func decimal(atLeast places: UInt8) -> ExactDecimal? {
        let lowest = reduced
        for candidate in places...18 {
            let power = Int128(ExactDecimal.powersOfTen[Int(candidate)])
            guard power % lowest.denominator == 0 else { continue }
            let (units, failed) = lowest.numerator.multipliedReportingOverflow(by: power / lowest.denominator)
            if failed { return nil }
            return Int64(exactly: units).map { ExactDecimal(units: $0, places: candidate) }
        }
        return nil
    }

    /// More than any bill, and so far below 64 bits that sums of bills stay within them.
    static let mostMoney = Fen(1_000_000_000_000_000)

    /// Money that comes from outside.
    static func check(_ amount: Fen) throws(HearthError) {
        if amount.amount.magnitude > mostMoney.amount.magnitude { throw overflow }
    }

    private static func product(_ left: Ratio, _ right: Ratio) -> Ratio? {
        let (numerator, failed) = left.numerator.multipliedReportingOverflow(by: right.numerator)
        let (denominator, failed2) = left.denominator.multipliedReportingOverflow(by: right.denominator)
        return failed || failed2 ? nil : Ratio(numerator, over: denominator)
    }

    private static func sum(_ left: Ratio, _ right: Ratio) -> Ratio? {
        let (first, failed) = left.numerator.multipliedReportingOverflow(by: right.denominator)
        let (second, failed2) = right.numerator.multipliedReportingOverflow(by: left.denominator)
        let (denominator, failed3) = left.denominator.multipliedReportingOverflow(by: right.denominator)
        let (numerator, failed4) = first.addingReportingOverflow(second)
        return failed || failed2 || failed3 || failed4 ? nil : Ratio(numerator, over: denominator)
    }

    /// The sum over the least common denominator: never larger than it must be.
    private static func leastSum(_ left: Ratio, _ right: Ratio) -> Ratio? {
        var (common, rest) = (left.denominator, right.denominator)
        while rest != 0 { (common, rest) = (rest, common % rest) }
        let (leftTimes, rightTimes) = (right.denominator / common, left.denominator / common)
        let (first, failed) = left.numerator.multipliedReportingOverflow(by: leftTimes)
        let (second, failed2) = right.numerator.multipliedReportingOverflow(by: rightTimes)
        let (denominator, failed3) = left.denominator.multipliedReportingOverflow(by: leftTimes)
        let (numerator, failed4) = first.addingReportingOverflow(second)
        return failed || failed2 || failed3 || failed4 ? nil : Ratio(numerator, over: denominator)
    }

    static var overflow: HearthError {
        HearthError(.billingOverflow, "a figure is too large to be computed exactly")
    }
}
