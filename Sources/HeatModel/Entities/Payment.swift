/// Money received for an account. Coded as the flat canonical body of a ``EntityKind/payment``.
public struct Payment: Sendable, Hashable {
    public enum Channel: String, Sendable, CaseIterable {
        case wechat
        case alipay
        case bankTransfer
        case bankFile
        case cash
        case card
        case other
    }

    public var number: String?
    public var season: String?
    public var paidAt: Instant?
    public var amount: Fen?
    public var channel: Channel?
    public var serial: String?
    public var reconciled: Bool?
    public var invoiceNumber: String?
    /// 红冲.
    public var reversed: Bool?
    /// 作废.
    public var voided: Bool?

    /// A record that states nothing yet.
    public init() {}

    package enum Key: String, CaseIterable {
        case number
        case season
        case paidAt = "paid_at"
        case amount = "amount_fen"
        case channel
        case serial
        case reconciled
        case invoiceNumber = "invoice_number"
        case reversed
        case voided
    }
}
