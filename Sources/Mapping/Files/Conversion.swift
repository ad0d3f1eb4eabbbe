import HeatModel

/// How the text of a source column is read, as `as:` names it.
enum Conversion: Hashable, Sendable {
    case text
    case rawText
    case accountNumber
    case code
    case decimal(places: UInt8)
    case yuan
    case fen
    case tenths
    case integer
    case boolean
    case date
    case instant
    case phones
    case idNumber
    case building
    case unit
    case room
    case community
    case season

    static let spellings = [
        "text", "text(raw)", "accountNumber", "accountNumber(n)", "code", "decimal(n)", "money(yuan)", "money(fen)",
        "tenths", "integer",
        "boolean",
        "date", "instant", "phones", "idNumber", "building", "unit", "room", "community", "season",
    ]

    /// The width of `accountNumber(8)`; nil for anything else.
    static func width(ofAccountNumber text: String) -> Int? {
        guard text.hasPrefix("accountNumber("), text.hasSuffix(")"), let width = Int(text.dropFirst(14).dropLast()),
            widths.contains(width)
        else { return nil }
        return width
    }

    /// What digits may be padded to.
    static let widths = 1...32

    /// Nil for what is no conversion.
    init?(_ text: String) {
        switch text {
        case "text": self = .text
        case "text(raw)": self = .rawText
        case "accountNumber": self = .accountNumber
        case "code": self = .code
        case "money(yuan)": self = .yuan
        case "money(fen)": self = .fen
        case "tenths": self = .tenths
        case "integer": self = .integer
        case "boolean": self = .boolean
        case "date": self = .date
        case "instant": self = .instant
        case "phones": self = .phones
        case "idNumber": self = .idNumber
        case "building": self = .building
        case "unit": self = .unit
        case "room": self = .room
        case "community": self = .community
        case "season": self = .season
        default:
            if Self.width(ofAccountNumber: text) != nil {
                self = .accountNumber
                return
            }
            guard text.hasPrefix("decimal("), text.hasSuffix(")"), let places = UInt8(text.dropFirst(8).dropLast()),
                places <= 9
            else { return nil }
            self = .decimal(places: places)
        }
    }

    /// Whether the conversion makes what a field of this type holds.
    func suits(_ type: FieldType) -> Bool {
        switch (self, type) {
        case (.text, .text), (.rawText, .text), (.accountNumber, .text), (.idNumber, .text), (.building, .text),
            (.unit, .text),
            (.room, .text), (.community, .text), (.season, .text), (.code, .code), (.yuan, .fen), (.fen, .fen),
            (.tenths, .tenthsOfDegree), (.integer, .integer), (.boolean, .boolean), (.date, .date),
            (.instant, .instant),
            (.phones, .textList), (.code, .text):
            return true
        case (.decimal(let places), .decimal(let most)): return places <= most
        default: return false
        }
    }

    /// What may be written for a field of this type.
    static func suiting(_ type: FieldType) -> String {
        switch type {
        case .text: "text, text(raw), accountNumber, code, idNumber, building, unit, room, community or season"
        case .textList: "phones"
        case .code: "code"
        case .decimal(let places): "decimal(n) with n up to \(places)"
        case .fen: "money(yuan) or money(fen)"
        case .tenthsOfDegree: "tenths"
        case .date: "date"
        case .instant: "instant"
        case .integer: "integer"
        case .boolean: "boolean"
        }
    }

    /// Whether `valid:` has a meaning for it.
    var hasRange: Bool { isNumber || self == .date || self == .instant }

    var isNumber: Bool {
        switch self {
        case .decimal, .yuan, .fen, .tenths, .integer: true
        default: false
        }
    }
}
