import HeatModel
import JSONText

/// A value that a list is ordered by.
///
/// Kinds come one after the other, so that any mixture of values has an order: what is missing, texts by their bytes, days and instants by
/// the moment, numbers. A day stands at its beginning in China, where every source is at home that does not say otherwise, and before an
/// instant of that very moment.
enum OrderValue {
    case none
    case text(UnsafeRawBufferPointer)
    /// Microseconds since 1970-01-01T00:00:00Z.
    case moment(Int64, isDay: Bool)
    case number(Int64)

    private static let dayOffset: Int64 = 8 * 3600
    private static let second: Int64 = 1_000_000

    /// - Parameter json: the value's JSON text.
    init(_ json: UnsafeRawBufferPointer?) {
        guard let json else {
            self = .none
            return
        }
        if let number = json.integer {
            self = .number(number)
            return
        }
        self = Self.moment(json.unquoted) ?? .text(json)
    }

    /// Nil where neither comes first.
    func precedes(_ other: OrderValue) -> Bool? {
        switch (self, other) {
        case (.none, .none): return nil
        case (.number(let one), .number(let other)): return one == other ? nil : one < other
        case (.text(let one), .text(let other)): return one.equals(other) ? nil : one.precedes(other)
        case (.moment(let one, let isDay), .moment(let other, let otherIsDay)):
            if one != other { return one < other }
            return isDay == otherIsDay ? nil : isDay
        default: return rank < other.rank
        }
    }

    private var rank: Int {
        switch self {
        case .none: 0
        case .text: 1
        case .moment: 2
        case .number: 3
        }
    }

    /// Reads `2026-10-01`, `2026-10-01T08:30:00+08:00`, `2026-10-01T08:30:00.25Z`; nil for anything else.
    private static func moment(_ text: UnsafeRawBufferPointer) -> OrderValue? {
        guard text.count >= 10, text[4] == 0x2D, text[7] == 0x2D,
            let year = text.part(0..<4).digits, let month = text.part(5..<7).digits,
            let day = text.part(8..<10).digits,
            let date = CivilDate(year: Int(year), month: Int(month), day: Int(day))
        else { return nil }
        let midnight = Int64(date.dayNumber) * 86_400
        if text.count == 10 { return .moment((midnight - dayOffset) * second, isDay: true) }
        guard text.count >= 20, text[10] == 0x54, text[13] == 0x3A, text[16] == 0x3A,
            let hour = text.part(11..<13).digits, let minute = text.part(14..<16).digits,
            let seconds = text.part(17..<19).digits
        else { return nil }
        var index = 19
        var fraction: Int64 = 0
        if text[index] == 0x2E {
            var scale = second
            index += 1
            while index < text.count, text[index] &- 0x30 <= 9 {
                scale /= 10
                fraction += Int64(text[index] &- 0x30) * scale
                index += 1
            }
        }
        guard index < text.count else { return nil }
        var offset: Int64 = 0
        if text[index] != 0x5A || index + 1 != text.count {
            guard text[index] == 0x2B || text[index] == 0x2D, index + 6 == text.count, text[index + 3] == 0x3A,
                let hours = text.part(index + 1..<index + 3).digits,
                let minutes = text.part(index + 4..<index + 6).digits
            else { return nil }
            offset = (hours * 60 + minutes) * (text[index] == 0x2D ? -60 : 60)
        }
        let local = midnight + hour * 3600 + minute * 60 + seconds
        return .moment((local - offset) * second + fraction, isDay: false)
    }
}

extension UnsafeRawBufferPointer {
    /// Digits alone, as a number.
    fileprivate var digits: Int64? { count > 0 && self[0] &- 0x30 <= 9 ? integer : nil }
}
