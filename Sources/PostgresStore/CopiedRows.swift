/// Rows in the binary form of PostgreSQL's COPY: a signature, then each row as the count of its fields, and each field behind its length.
struct CopiedRows {
    private var bytes: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0] + [UInt8](repeating: 0, count: 8)

    mutating func beginRow(fields: Int16) { put(fields) }

    mutating func append(_ number: Int64) {
        put(Int32(8))
        put(number)
    }

    mutating func append(_ number: Int64?) {
        if let number { append(number) } else { put(Int32(-1)) }
    }

    /// For a smallint.
    mutating func append(small number: Int16) {
        put(Int32(2))
        put(number)
    }

    mutating func append(_ part: UnsafeRawBufferPointer) {
        put(Int32(part.count))
        bytes.append(contentsOf: part)
    }

    /// With the sign that no more come.
    var ended: [UInt8] { bytes + [0xFF, 0xFF] }

    private mutating func put(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
