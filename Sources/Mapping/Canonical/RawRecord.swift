public import Records

/// The encoding in which a row as pulled is kept, hashed and replayed.
///
/// Columns are joined by U+001F in the stream's order. NULL is the single byte 0x00. A 0x1F, 0x00 or 0x1B inside a value
/// is preceded by 0x1B, so that any text comes back unchanged.
public enum RawRecord {
    static let separator: UInt8 = 0x1F
    static let null: UInt8 = 0x00
    static let escape: UInt8 = 0x1B

    /// Encodes the values of one row; nil is NULL.
    public static func encode(_ values: [[UInt8]?]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(separator) }
            guard let value else {
                bytes.append(null)
                continue
            }
            for byte in value {
                if byte == separator || byte == null || byte == escape { bytes.append(escape) }
                bytes.append(byte)
            }
        }
        return bytes
    }

    /// The values of one row; nil where the bytes are not an encoding of exactly `columns` values.
    public static func decode(_ bytes: some Sequence<UInt8>, columns: Int) -> [[UInt8]?]? {
        var values: [[UInt8]?] = []
        var value: [UInt8] = []
        var isNull = false
        var isEscaped = false
        for byte in bytes {
            if isEscaped {
                value.append(byte)
                isEscaped = false
            } else if byte == escape {
                isEscaped = true
            } else if byte == separator {
                values.append(isNull ? nil : value)
                value.removeAll()
                isNull = false
                continue
            } else if byte == null {
                if isNull || !value.isEmpty { return nil }
                isNull = true
                continue
            } else {
                value.append(byte)
            }
            if isNull { return nil }
        }
        if isEscaped { return nil }
        values.append(isNull ? nil : value)
        return values.count == columns ? values : nil
    }

    /// The parts of a record's key, each as it stands there; see ``CanonicalRecord/key``.
    static func parts(of key: [UInt8]) -> [[UInt8]] {
        var parts: [[UInt8]] = [[]]
        var isEscaped = false
        for byte in key {
            if byte == separator, !isEscaped {
                parts.append([])
            } else {
                parts[parts.count - 1].append(byte)
            }
            isEscaped = byte == escape && !isEscaped
        }
        return parts
    }

    /// A batch of one row from its encoding, to map a quarantined record again; nil as for ``decode(_:columns:)``.
    public static func batch(
        _ bytes: some Sequence<UInt8>, columns: [String], origin: Origin, ordinal: Int64
    ) -> RawBatch? {
        guard let values = decode(bytes, columns: columns.count) else { return nil }
        var batch = RawBatch(columns: columns, origin: origin, ordinals: [ordinal])
        for value in values {
            guard let value else {
                batch.fields.append(.none)
                continue
            }
            batch.fields.append(ByteRange(offset: UInt32(batch.bytes.count), length: Int32(value.count)))
            batch.bytes.append(contentsOf: value)
        }
        return batch
    }
}
