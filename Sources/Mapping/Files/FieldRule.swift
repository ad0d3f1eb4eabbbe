import HeatModel

/// A column as a mapping file names it.
struct ColumnReference: Sendable {
    var name: String
    var place: Place
}

/// Where a value comes from and how it is read: the rule of one canonical field, or of a part of the account's address.
struct FieldRule: Sendable {
    /// How a record that cannot be read under this rule is treated.
    enum OnError: Sendable { case quarantine, null }

    /// As in the file: `area.building`, `account`, `address.room`.
    var name: String
    var field: FieldDefinition?
    var place: Place
    /// More than one are joined by `join`; none where `constant` is set.
    var columns: [ColumnReference] = []
    var join = ""
    /// A canonical value, as JSON.
    var constant: CanonicalValue?
    var conversion = Conversion.text
    var isRequired = false
    /// In the unit of the source, inclusive.
    var low: Bound?
    var high: Bound?
    /// Replaces the file's.
    var nulls: [String]?
    var fallback: CanonicalValue?
    var unit: String?
    var onError = OnError.quarantine
    var rounds = false
    /// `codes`, or the spellings of a boolean, to the canonical text.
    var codes: [(spelling: String, value: String)] = []
    /// The value of `"*"`.
    var rest: String?
    var splits: String = FieldRule.phoneSeparators
    var verifiesCheckDigit = true
    /// Digits are given leading zeros up to this width; 0 for none.
    var pad = 0
    /// Forms of dates beside the ordinary ones.
    var formats: [DateFormat] = []
    /// Whether the columns make a code together, each spelling of `codes` naming one text a column, joined by U+001F.
    var isPaired = false

    /// Which columns are anything in some code, by bit: the codes that name most first.
    var pairStars: [UInt8] {
        let used = codes.map { code in
            code.spelling.split(separator: "\u{1F}", omittingEmptySubsequences: false).enumerated().reduce(UInt8(0)) {
                $1.element == "*" ? $0 | 1 << UInt8($1.offset) : $0
            }
        }
        return Set(used).sorted { ($0.nonzeroBitCount, $1) < ($1.nonzeroBitCount, $0) }
    }

    static let phoneSeparators = "/、,，;； "
}

/// An end of `valid:`.
enum Bound: Sendable {
    case number(ExactDecimal)
    case day(CivilDate)
}

/// A value that stands in the mapping file itself, ready to be written into a body.
struct CanonicalValue: Sendable {
    var json: [UInt8]
    /// The amount, where the field is money.
    var fen: Int64 = 0
}
