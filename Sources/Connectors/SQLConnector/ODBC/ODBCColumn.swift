import CODBC

/// A column of a result, as the driver describes it.
struct ODBCColumn {
    var name: String
    var typeName: String
    /// ODBC's number of the type.
    var type: Int
    /// Characters or digits, 0 where the driver does not know.
    var size: Int
    var isNullable: Bool

    /// What a value may take in UTF-8 text, with the byte that ends it; nil where it is not bounded, or by too much.
    func capacity(leastText: Int) -> Int? {
        let bytes: Int
        switch type {
        case Int(SQL_CHAR), Int(SQL_VARCHAR), Int(SQL_WCHAR), Int(SQL_WVARCHAR), Int(SQL_LONGVARCHAR),
            Int(SQL_WLONGVARCHAR):
            if size <= 0 { return nil }
            // A character has four bytes at the most.
            bytes = max(size, leastText) * 4 + 1
        case Int(SQL_BINARY), Int(SQL_VARBINARY), Int(SQL_LONGVARBINARY):
            if size <= 0 { return nil }
            bytes = size * 2 + 3
        case Int(SQL_BIT), Int(SQL_TINYINT), Int(SQL_SMALLINT), Int(SQL_INTEGER), Int(SQL_BIGINT): bytes = 24
        case Int(SQL_DECIMAL), Int(SQL_NUMERIC): bytes = max(size, 40) + 8
        case Int(SQL_FLOAT), Int(SQL_REAL), Int(SQL_DOUBLE): bytes = 48
        case Int(SQL_TYPE_DATE), Int(SQL_TYPE_TIME), Int(SQL_TYPE_TIMESTAMP): bytes = 48
        default: bytes = max(size, 255) * 4 + 1
        }
        return bytes <= Self.most ? bytes : nil
    }

    /// Longer ones are read a part at a time.
    private static let most = 16 << 10
}
