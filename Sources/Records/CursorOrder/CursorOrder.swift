public import HeatModel

/// How the values of a cursor column grow, as it is declared or was recognised from the values.
public enum CursorOrder: Hashable, Sendable {
    /// Dates and times as ISO 8601 spells them: `2026-09-30`, `2026-09-30 08:15:00.25`, with `T`, `Z` or an offset.
    case instant
    /// Digits that a clock wrote.
    case digits(CursorClock)
    /// Dates and times in a spelling of their own: `yyyy/M/d`.
    case format(DateFormat)
    /// A number that grows. Where the values are the digits of a clock, it is ordered and bounded as such.
    case number
    /// A number that grows and is no time, even if it looks like one.
    case counter
    /// Texts that grow byte by byte.
    case text

    /// Reads what a configuration declares: a word of ``words`` or a format such as `yyyy/M/d H:mm:ss`.
    public init?(declared: String) {
        switch declared {
        case "iso", "instant": self = .instant
        case "number": self = .number
        case "counter": self = .counter
        case "text": self = .text
        default:
            if let clock = CursorClock(rawValue: declared) {
                self = .digits(clock)
            } else if let format = DateFormat(declared), format.isOfNumbers, format.fields.contains(.day) {
                self = .format(format)
            } else {
                return nil
            }
        }
    }

    /// What can be declared beside a format.
    public static let words = ["iso", "number", "counter", "text"] + CursorClock.allCases.map(\.rawValue)

    /// Whether the values tell moments.
    public var isTime: Bool {
        switch self {
        case .instant, .digits, .format: true
        case .number, .counter, .text: false
        }
    }
}

extension CursorOrder: CustomStringConvertible {
    /// As it is declared.
    public var description: String {
        switch self {
        case .instant: "iso"
        case .digits(let clock): clock.rawValue
        case .format(let format): format.text
        case .number: "number"
        case .counter: "counter"
        case .text: "text"
        }
    }
}
