import GRDBSQLite
import Records

/// One row of a statement as bytes and ranges, in buffers used again for every row.
struct SQLiteRow {
    private(set) var bytes: [UInt8] = []
    private(set) var ranges: [ByteRange]

    init(width: Int) { ranges = Array(repeating: .none, count: width) }

    /// NULL is null; a number its shortest exact text; a text its bytes, valid or not; a blob `\x` and hex.
    mutating func read(_ statement: OpaquePointer) {
        bytes.removeAll(keepingCapacity: true)
        for column in 0..<ranges.count {
            let index = Int32(column)
            let start = bytes.count
            switch sqlite3_column_type(statement, index) {
            case SQLITE_NULL:
                ranges[column] = .none
                continue
            case SQLITE_FLOAT: bytes.append(contentsOf: sqlite3_column_double(statement, index).description.utf8)
            case SQLITE_BLOB:
                let hex = Array("0123456789abcdef".utf8)
                bytes.append(contentsOf: [0x5c, 0x78])
                let blob = sqlite3_column_blob(statement, index)
                let content = UnsafeRawBufferPointer(start: blob, count: Int(sqlite3_column_bytes(statement, index)))
                for byte in content {
                    bytes.append(hex[Int(byte >> 4)])
                    bytes.append(hex[Int(byte & 15)])
                }
            default:
                let text = sqlite3_column_text(statement, index)
                let count = Int(sqlite3_column_bytes(statement, index))
                bytes.append(contentsOf: UnsafeBufferPointer(start: text, count: text == nil ? 0 : count))
            }
            ranges[column] = ByteRange(offset: UInt32(start), length: Int32(bytes.count - start))
        }
    }
}
