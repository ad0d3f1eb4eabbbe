import HeatModel

/// What a conversion says of one field.
enum Fault: UInt8 {
    case none
    /// The source says nothing.
    case null
    case required
    case noKey
    case badDecimal
    case tooPrecise
    case outOfRange
    case badInteger
    case badDate
    case badInstant
    case badBoolean
    case unknownCode
    case badAccountNumber
    case badPhone
    case badIdNumber
    case badAddress
    case badSeason
    case tooLong
    case scientificNotation
    case undeclaredTrailer

    var code: HearthError.Code { HearthError.Code("record.\(self)") }

    /// What to say of the value; the value itself is put before it where it may be shown.
    var predicate: String {
        switch self {
        case .none, .null: "is not read"
        case .required: "is required, but the source says nothing"
        case .noKey: "is part of the key, but the source says nothing"
        case .badDecimal: "is not a decimal number"
        case .tooPrecise: "has more places than the rule keeps"
        case .outOfRange: "is out of range"
        case .badInteger: "is not a whole number"
        case .badDate: "is not a date"
        case .badInstant: "is not a date with a time"
        case .badBoolean: "is neither a spelling of true nor of false"
        case .unknownCode: "is not in the code table"
        case .badAccountNumber: "is not an account number"
        case .badPhone: "holds no telephone number"
        case .badIdNumber: "is not a valid ID number"
        case .badAddress: "is not one building, unit or room"
        case .badSeason: "is not a heating season"
        case .tooLong: "has more digits than the rule pads to"
        case .scientificNotation:
            "is a number in scientific notation, as a spreadsheet writes a long one: its digits are lost. Have the column sent as text; where 12E4 is an id, name the column in \"literal\""
        case .undeclaredTrailer:
            "names a line of totals: declare it as the stream's \"trailer\", or have it left out; where it is an id, name the column in \"literal\""
        }
    }
}
