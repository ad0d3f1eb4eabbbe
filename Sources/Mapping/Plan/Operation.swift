import HeatModel
import Records

/// One step of a compiled mapping: read a column, convert it, write it. Plain numbers only, so that running it costs
/// neither reference counting nor a call through a witness; what is larger stands in the plan's tables.
struct Operation: Sendable {
    enum Code: UInt8, Sendable {
        case constant
        case text
        case rawText
        case paddedText
        case accountNumber
        case table
        /// A table of what several columns say together.
        case pairTable
        case decimal
        case money
        case tenths
        case integer
        case date
        case instant
        case phones
        case idNumber
        case building
        case unit
        case room
        case community
        case season
    }

    var code: Code
    /// Index of the column in a row; −1 where several are joined.
    var column: Int32 = -1
    /// Index of the join, where `column` is −1.
    var join: Int32 = -1
    /// `,"due_fen":` in the plan's constants; empty for what is no field of the body.
    var prefix = ByteRange.none
    /// A constant or default, as JSON, in the plan's constants.
    var value = ByteRange.none
    /// The amount of `value`, where it is money.
    var valueFen: Int64 = 0
    var nulls: Int32 = 0
    /// Index of a code table, of unit suffixes, of phone separators or of declared forms of dates; −1 for none.
    var table: Int32 = -1
    /// Places that the source may use.
    var sourcePlaces: UInt8 = 0
    /// Places written.
    var places: UInt8 = 0
    /// 10 to the power of `places − sourcePlaces`.
    var scale: Int64 = 1
    var rounds = false
    /// Whether a sign or word for yuan may stand beside the number.
    var allowsCurrency = false
    var isRequired = false
    var isNullOnError = false
    var hasRange = false
    var verifiesCheckDigit = true
    /// Whether the text finds an account, so that what cannot be an id is a fault.
    var identifies = false
    /// Whether `12E4` is an id in its column: see ``IdentityCheck``.
    var isLiteral = false
    /// Digits are given leading zeros up to this width; 0 for none.
    var pad: UInt8 = 0
    /// In units of 10⁻ˢᵒᵘʳᶜᵉᴾˡᵃᶜᵉˢ, or in days since 1970-01-01.
    var low = Int64.min
    var high = Int64.max
    /// Index of the control total; −1 for none.
    var total: Int32 = -1
    /// Index of the rule, for messages.
    var rule: Int32
}
