public import HeatModel

/// What a charge line charges for, with billing's code of it (fylb).
public enum ChargeItem: String, Sendable, CaseIterable, Codable {
    case heatByArea = "01"
    case heatBase = "02"
    case heatMetered = "03"
    case sharedArea = "04"
    case heightSurcharge = "05"
    case suspension = "06"
    case lateFee = "07"
    case adjustment = "08"

    var name: String {
        switch self {
        case .heatByArea: "按面积热费"
        case .heatBase: "两部制基本热费"
        case .heatMetered: "计量热费"
        case .sharedArea: "公摊热费"
        case .heightSurcharge: "超高加收"
        case .suspension: "报停基础费"
        case .lateFee: "滞纳金"
        case .adjustment: "封顶调整"
        }
    }
}

/// One line of a season's bill, exact to the fen.
public struct ChargeLine: Sendable {
    /// Key in billing (sf_fy.id).
    public var id: Int64
    public var season: Int
    public var item: ChargeItem
    public var quantity: ExactDecimal
    /// `m2`, `kWh` or `GJ`.
    public var unit: String
    public var price: ExactDecimal
    public var due: Fen
    public var received: Fen
    public var discount: Fen
    public var reduction: Fen
    public var penalty: Fen
    public var dueOn: CivilDate
    var issuedAt: LocalTime
    var updatedAt: LocalTime

    /// due − received − discount − reduction.
    public var arrears: Fen { due - received - discount - reduction }
}

/// One payment as it reached billing.
public struct PaymentFact: Sendable {
    public enum Channel: String, Sendable, CaseIterable {
        case wechat = "WX"
        case alipay = "ZFB"
        case bankFile = "YHWJ"
        case bankTransfer = "ZZ"
        case cash = "XJ"
        case card = "POS"
    }

    /// Serial number (流水号), key in billing (sf_jf.lsh).
    public var serial: String
    public var season: Int
    public var amount: Fen
    public var channel: Channel
    public var isReconciled: Bool
    /// Paid twice by mistake and taken back (红冲); not part of what the lines received.
    public var isReversed: Bool
    public var invoice: String
    var paidAt: LocalTime
    var updatedAt: LocalTime
}

/// A season's lines and payments of one account.
public struct Bill: Sendable {
    public var season: Int
    public var lines: [ChargeLine]
    public var payments: [PaymentFact]

    public var due: Fen { lines.reduce(.zero) { $0 + $1.due } }
    public var received: Fen { lines.reduce(.zero) { $0 + $1.received } }
    public var arrears: Fen { lines.reduce(.zero) { $0 + $1.arrears } }
    public var penalty: Fen { lines.reduce(.zero) { $0 + $1.penalty } }
}

/// Where two keys of one account may differ: every account owns `slots` charge ids and as many payment serials.
enum BillKeys {
    static let slots = 32

    static func charge(_ index: Int, slot: Int) -> Int64 { 10_000_000 + Int64(index * slots + slot) }
    static func payment(_ index: Int, slot: Int) -> String {
        "L" + Digits.padded(300_000_000 + index * slots + slot, 12)
    }
    /// Slots of a season's regular rows start here; 24… are for extra rows.
    static func firstSlot(season: Int) -> Int { season * 12 }
    static let extraSlot = 24
}
