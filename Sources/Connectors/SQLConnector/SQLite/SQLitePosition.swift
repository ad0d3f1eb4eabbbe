import GRDBSQLite
import HeatModel
import Records

/// The SQL function `hearth_position`: where a value of a cursor column stands by the judge of cursor values, NULL where it is no value of
/// the column's order.
final class SQLitePosition {
    private let order: CursorOrder
    private let offsetMinutes: Int16

    private init(_ order: CursorOrder, offsetMinutes: Int16) {
        self.order = order
        self.offsetMinutes = offsetMinutes
    }

    /// Makes the function known to a connection, which keeps it.
    static func define(_ order: CursorOrder, offsetMinutes: Int16, for connection: SQLiteConnection) throws {
        let context = Unmanaged.passRetained(SQLitePosition(order, offsetMinutes: offsetMinutes)).toOpaque()
        // The context is released by SQLite, also where this fails.
        let code = sqlite3_create_function_v2(
            connection.handle, "hearth_position", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, context,
            { context, _, arguments in
                guard let value = arguments?[0], let text = sqlite3_value_text(value),
                    let owner = sqlite3_user_data(context)
                else {
                    sqlite3_result_null(context)
                    return
                }
                let bytes = UnsafeBufferPointer(start: text, count: Int(sqlite3_value_bytes(value)))
                let position = Unmanaged<SQLitePosition>.fromOpaque(owner).takeUnretainedValue().position(bytes)
                if let position { sqlite3_result_int64(context, position) } else { sqlite3_result_null(context) }
            }, nil, nil, { Unmanaged<SQLitePosition>.fromOpaque($0!).release() })
        if code != SQLITE_OK { throw connection.failure(code, stream: nil) }
    }

    private func position(_ value: UnsafeBufferPointer<UInt8>) -> Int64? {
        order.isTime ? order.moment(value, offsetMinutes: offsetMinutes) : order.whole(value)
    }
}
