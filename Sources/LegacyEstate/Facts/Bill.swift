package import HeatModel

/// What a charge line charges for, with billing's code of it (fylb).
package enum ChargeItem: String, Sendable, CaseIterable, Codable {
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
package struct ChargeLine: Sendable {
    /// Key in billing (sf_fy.id).
    package var id: Int64
    package var season: Int
    package var item: ChargeItem
    package var quantity: ExactDecimal
    /// `m2`, `kWh` or `GJ`.
    package var unit: String
    package var price: ExactDecimal
    package var due: Fen
    package var received: Fen
    package var discount: Fen
    package var reduction: Fen
    package var penalty: Fen
    package var dueOn: CivilDate
    var issuedAt: LocalTime
    var updatedAt: LocalTime

    /// due − received − discount − reduction.
    package var arrears: Fen { due - received - discount - reduction }
}

/// One payment as it reached billing.
package struct PaymentFact: Sendable {
    package enum Channel: String, Sendable, CaseIterable {
        case wechat = "WX"
        case alipay = "ZFB"
        case bankFile = "YHWJ"
        case bankTransfer = "ZZ"
        case cash = "XJ"
        case card = "POS"
    }

    /// Serial number (流水号), key in billing (sf_jf.lsh).
    package var serial: String
    package var season: Int
    package var amount: Fen
    package var channel: Channel
    package var isReconciled: Bool
    /// Paid twice by mistake and taken back (红冲); not part of what the lines received.
    package var isReversed: Bool
    package var invoice: String
    var paidAt: LocalTime
    var updatedAt: LocalTime
}

/// A season's lines and payments of one account.
package struct Bill: Sendable {
    package var season: Int
    package var lines: [ChargeLine]
    package var payments: [PaymentFact]

    package var due: Fen { lines.reduce(.zero) { $0 + $1.due } }
    package var received: Fen { lines.reduce(.zero) { $0 + $1.received } }
    package var arrears: Fen { lines.reduce(.zero) { $0 + $1.arrears } }
    package var penalty: Fen { lines.reduce(.zero) { $0 + $1.penalty } }
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
