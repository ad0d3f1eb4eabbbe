public import HeatModel
public import Records

/// One source row in canonical form; all of it but the numbers lies in the batch's bytes.
public struct CanonicalRecord: Sendable {
    /// The key columns' raw text joined by U+001F, each escaped as in ``raw``.
    public var key: ByteRange
    /// Normalised account number, or none.
    public var accountNumber: ByteRange
    /// The id that another system knows the account by, or none.
    public var crosswalkID: ByteRange
    /// The id that this row teaches the crosswalk, or none.
    public var registersID: ByteRange
    /// The community's name, or a longer text that contains it where an address was parsed; none where nothing is said.
    public var community: ByteRange
    public var building: ByteRange
    public var unit: ByteRange
    public var room: ByteRange
    /// Canonical JSON object: flat, keys in catalogue order, null fields left out, no blanks.
    public var body: ByteRange
    /// Every column of the stream as pulled; see ``RawRecord``.
    public var raw: ByteRange
    /// The first 16 bytes of the SHA-256 of ``raw``, as two big-endian words.
    public var hash: (UInt64, UInt64)
    public var ordinal: Int64
    /// The row is kept, but says nothing of the account's present.
    public var isVoided: Bool
}

/// A row that could not be mapped. It goes to quarantine with its raw text.
public struct Reject: Sendable {
    /// Such as `record.badDecimal`, `record.required`, `record.unknownCode`, `record.outOfRange`, `record.badDate`.
    public var code: HearthError.Code
    /// Without customer data: the offending value is shown only where the field is not personal.
    public var message: String
    /// The source column or columns that the value came from.
    public var column: String?
    /// The canonical field, as written in the mapping file.
    public var field: String?
    public var ordinal: Int64
    /// The record's key, where it has one.
    public var key: String?
    /// Same encoding as ``CanonicalRecord/raw``.
    public var raw: [UInt8]
    /// Where in the mapping file the broken rule stands.
    public var mappingPlace: Place?

    /// Whether the row may be that of any record: its key has lost digits.
    public var hidesKey: Bool { key == nil && code == Fault.scientificNotation.code }
}

/// Count and sum of one money field over a batch's mapped rows.
public struct ControlTotal: Hashable, Sendable {
    /// Field name: `due`.
    public var measure: String
    /// Rows that state the field.
    public var count: Int64
    public var sum: Fen
}

/// What a mapping makes of a ``RawBatch``: each row is in `records` or in `rejects`, in order, never in both.
/// The batch's own defects are not repeated here.
public struct CanonicalBatch: Sendable {
    public var bytes: [UInt8]
    public var records: [CanonicalRecord]
    public var rejects: [Reject]
    /// One for each money field that the mapping fills, in catalogue order.
    public var totals: [ControlTotal]
    /// Fields that were unreadable and left empty, because their rule says `on_error: null`.
    public var warnings: Int

    /// The text of a slice, nil for none. For tests, previews and messages; hot code works on the bytes.
    public func text(_ slice: ByteRange) -> String? {
        if slice.isNone { return nil }
        let start = Int(slice.offset)
        return String(decoding: bytes[start..<start + Int(slice.length)], as: UTF8.self)
    }

    /// The bytes of a slice; empty for none.
    public func bytes(_ slice: ByteRange) -> ArraySlice<UInt8> {
        if slice.isNone { return [] }
        let start = Int(slice.offset)
        return bytes[start..<start + Int(slice.length)]
    }
}
