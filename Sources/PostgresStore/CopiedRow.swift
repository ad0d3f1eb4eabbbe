/// What PostgreSQL's COPY is sent, in its binary form: a signature, then each row as the count of its fields, and each field behind its length.
struct CopiedRow {
    /// What is still to be sent.
    var bytes: [UInt8] = []

    mutating func putHead() {
        bytes += Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0] + [UInt8](repeating: 0, count: 8)
    }

    mutating func putEnd() { put(Int16(-1)) }

    mutating func begin(fields: Int16) { put(fields) }

    mutating func append(_ number: Int64?) {
        guard let number else { return put(Int32(-1)) }
        put(Int32(8))
        put(number)
    }

    /// For a smallint.
    mutating func append(small number: Int16) {
        put(Int32(2))
        put(number)
    }

    mutating func append(text: String) {
        var text = text
        text.withUTF8 { append(text: UnsafeRawBufferPointer($0)) }
    }

    /// See ``Statement/storable(_:)``.
    mutating func append(text: UnsafeRawBufferPointer) {
        Statement.storable(text).withUnsafeBytes { append($0) }
    }

    mutating func append(_ part: UnsafeRawBufferPointer) {
        put(Int32(part.count))
        bytes.append(contentsOf: part)
    }

    private mutating func put(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
