public import HeatModel

/// One thing that billing may have done otherwise than the rules say.
public enum Alternative: Sendable, Hashable {
    /// Charged on another kind of area.
    case areaBasis(AreaBasis)
    /// Charged on another area than the registered one: the one that the bill's lines state, in ㎡.
    case area(ExactDecimal)
    case accountClass(AccountFacts.Class)
    case heatSource(String?)
    case method(AccountFacts.Method)
    /// As if the ceiling height, in m, were this; with how many additions.
    case height(ExactDecimal, additions: Int)
    case heightCounting(HeightBand.Counting)
    /// The height surcharge charged to a class that does not pay it.
    case heightForEveryClass
    /// The season's price spread over so many days.
    case seasonDays(Int)
    /// So many days more (or fewer) charged.
    case chargedDays(Int)
    /// A part of a season charged as a full one.
    case fullSeason
    case suspensionIgnored
    /// Share of the fee that stayed due.
    case suspensionRatio(ExactDecimal)
    /// Share of the area that was suspended.
    case suspensionShare(ExactDecimal)
    case lineRounding(RoundingRule.Step)
    case totalRounding(RoundingRule.Step)
    /// The prices of another season.
    case pricesOf(HeatingSeason)
    /// A concession given or not given.
    case lowIncome(Bool)
    /// Heat used, as the bill's lines state it.
    case consumption(ExactDecimal, Charge.Unit)
    case correction(ExactDecimal)
    case capIgnored
    case withoutLine(Charge.Item)
    case lineTwice(Charge.Item)

    /// A name for programs and templates: `areaBasis`.
    public var kind: String { String(describing: self).prefix { $0 != "(" }.description }

    /// Likelier kinds come first where two explain the same.
    var order: Int {
        switch self {
        case .areaBasis: 0
        case .area: 1
        case .accountClass: 2
        case .heatSource: 3
        case .method: 4
        case .height: 5
        case .heightCounting: 6
        case .heightForEveryClass: 7
        case .seasonDays: 8
        case .chargedDays: 9
        case .fullSeason: 10
        case .suspensionIgnored: 11
        case .suspensionRatio: 12
        case .suspensionShare: 13
        case .pricesOf: 14
        case .lowIncome: 15
        case .consumption: 16
        case .correction: 17
        case .capIgnored: 18
        case .withoutLine: 19
        case .lineTwice: 20
        case .lineRounding: 21
        case .totalRounding: 22
        }
    }

    /// Its figure or name, where it has one: `116.600`, `unit`. The same on every machine.
    public var figure: String { sortKey }

    /// Numbers and names only, the same on every machine: orders what else is equal.
    var sortKey: String {
        switch self {
        case .areaBasis(let basis): basis.rawValue
        case .area(let area): "\(area)"
        case .accountClass(let value): value.rawValue
        case .heatSource(let name): name ?? ""
        case .method(let method): method.rawValue
        case .height(let height, _): "\(height)"
        case .heightCounting(let counting): counting.rawValue
        case .seasonDays(let days), .chargedDays(let days): "\(days)"
        case .suspensionRatio(let value), .suspensionShare(let value), .correction(let value): "\(value)"
        case .lineRounding(let step), .totalRounding(let step): "\(step)"
        case .pricesOf(let season): "\(season)"
        case .lowIncome(let flag): "\(flag)"
        case .consumption(let quantity, let unit): "\(quantity) \(unit.rawValue)"
        case .withoutLine(let item), .lineTwice(let item): item.rawValue
        case .heightForEveryClass, .fullSeason, .suspensionIgnored, .capIgnored: ""
        }
    }
}
