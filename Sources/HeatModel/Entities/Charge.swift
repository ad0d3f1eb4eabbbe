/// One line of a heating bill. Coded as the flat canonical body of a ``EntityKind/charge``.
public struct Charge: Sendable, Hashable {
    public enum Item: String, Sendable, CaseIterable {
        case heatByArea
        case heatMetered
        case heatBase
        case heatExchanger
        case sharedArea
        case heightSurcharge
        case adjustment
        case lateFee
        case reduction
        case suspension
        case other
    }

    public enum Unit: String, Sendable, CaseIterable {
        case m2
        case kWh
        case GJ
        case MWh
        case MJ
        case m3
        case day
        case each
    }

    public enum Status: String, Sendable, CaseIterable {
        case paid
        case partlyPaid
        case unpaid
    }

    public var number: String?
    public var season: String?
    public var item: Item?
    public var quantity: ExactDecimal?
    public var unit: Unit?
    /// 元 for one unit.
    public var unitPrice: ExactDecimal?
    /// 应缴.
    public var due: Fen?
    /// 实缴.
    public var received: Fen?
    /// 欠费.
    public var arrears: Fen?
    /// 折扣.
    public var discount: Fen?
    /// 核减.
    public var reduction: Fen?
    /// 违约金.
    public var penalty: Fen?
    /// 税额.
    public var tax: Fen?
    public var status: Status?
    public var dueOn: CivilDate?
    public var issuedAt: Instant?
    /// 作废.
    public var voided: Bool?
    public var remark: String?

    /// A record that states nothing yet.
    public init() {}

    package enum Key: String, CaseIterable {
        case number
        case season
        case item
        case quantity
        case unit
        case unitPrice = "unit_price"
        case due = "due_fen"
        case received = "received_fen"
        case arrears = "arrears_fen"
        case discount = "discount_fen"
        case reduction = "reduction_fen"
        case penalty = "penalty_fen"
        case tax = "tax_fen"
        case status
        case dueOn = "due_on"
        case issuedAt = "issued_at"
        case voided
        case remark
    }
}
