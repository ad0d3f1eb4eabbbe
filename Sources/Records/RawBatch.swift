public import HeatModel

/// The thing that records were read from: a file, an envelope, a table.
public struct Origin: Hashable, Sendable {
    public enum Kind: String, Sendable { case file, envelope, table, query }

    public var kind: Kind
    /// File name, operation and page, or table name, as a person would look for it.
    public var name: String
    /// SHA-256 of the origin's bytes, lower-case hex, where it has bytes of its own. A connector that reads a stream (SOAP) knows it,
    /// and `byteCount`, only on the origin's last batch.
    public var digest: String?
    public var byteCount: Int64?
    /// Whether the origin states the whole stream, so that a key it lacks has vanished.
    public var isSnapshot: Bool

    public init(kind: Kind, name: String, digest: String? = nil, byteCount: Int64? = nil, isSnapshot: Bool) {
        self.kind = kind
        self.name = name
        self.digest = digest
        self.byteCount = byteCount
        self.isSnapshot = isSnapshot
    }
}

/// A record that could not even be split into fields. It counts as read and goes to quarantine with its bytes.
public struct RecordDefect: Sendable {
    /// Such as `record.raggedRow`, `record.undecodable`, `record.tooLarge`.
    public var code: HearthError.Code
    /// Without customer data: `expected 20 fields, found 19`.
    public var message: String
    public var ordinal: Int64
    public var place: Place
    /// The record as it stood in the source, as UTF-8 where it could be decoded, otherwise the bytes as they were.
    public var raw: [UInt8]

    public init(code: HearthError.Code, message: String, ordinal: Int64, place: Place, raw: [UInt8]) {
        self.code = code
        self.message = message
        self.ordinal = ordinal
        self.place = place
        self.raw = raw
    }
}

/// Some thousands of records of one stream from one origin, their fields' bytes (valid UTF-8) in one buffer.
///
/// Shape: `fields` holds `rowCount × columns.count` ranges, row by row; `ordinals` one number a row, strictly increasing
/// within an origin (see ``Provenance/ordinal``).
public struct RawBatch: Sendable {
    public var columns: [String]
    public var origin: Origin
    public var bytes: [UInt8]
    public var fields: [ByteRange]
    public var ordinals: [Int64]
    public var defects: [RecordDefect]
    /// Where the next pull may start once this batch is committed; nil leaves the stored cursor as it is.
    public var cursor: Cursor?
    /// The last batch of its origin. An origin without a single record ends with an empty batch.
    public var endsOrigin: Bool

    @inlinable public var rowCount: Int { ordinals.count }

    public init(
        columns: [String], origin: Origin, bytes: [UInt8] = [], fields: [ByteRange] = [], ordinals: [Int64] = [],
        defects: [RecordDefect] = [], cursor: Cursor? = nil, endsOrigin: Bool = false
    ) {
        self.columns = columns
        self.origin = origin
        self.bytes = bytes
        self.fields = fields
        self.ordinals = ordinals
        self.defects = defects
        self.cursor = cursor
        self.endsOrigin = endsOrigin
    }

    /// The text of one field, nil for NULL. For tests, previews and messages; hot code works on the bytes.
    public func text(row: Int, column: Int) -> String? {
        let range = fields[row * columns.count + column]
        if range.isNone { return nil }
        let start = Int(range.offset)
        return String(decoding: bytes[start..<start + Int(range.length)], as: UTF8.self)
    }
}
