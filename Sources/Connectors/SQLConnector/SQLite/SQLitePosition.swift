import GRDBSQLite
import HeatModel
import Records

/// The SQL function `hearth_position`: where a value of a cursor column stands by the judge of cursor values, NULL where it is no value of
/// the column's order. `hearth_moment` says the same of the digits of a clock by the moment that they state.
final class SQLitePosition {
    private let order: CursorOrder
    private let offsetMinutes: Int16
    private let isMoment: Bool

    private init(_ order: CursorOrder, offsetMinutes: Int16, isMoment: Bool) {
        self.order = order
        self.offsetMinutes = offsetMinutes
        self.isMoment = isMoment
    }

    /// Makes the function known to a connection, which keeps it.
    /// - Parameter isMoment: `hearth_moment` is meant.
    static func define(
        _ order: CursorOrder, offsetMinutes: Int16, isMoment: Bool = false, for connection: SQLiteConnection
    ) throws {
        let owner = SQLitePosition(order, offsetMinutes: offsetMinutes, isMoment: isMoment)
        let context = Unmanaged.passRetained(owner).toOpaque()
        // The context is released by SQLite, also where this fails.
        let code = sqlite3_create_function_v2(
            connection.handle, isMoment ? "hearth_moment" : "hearth_position", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
            context,
            { context, _, arguments in
                guard let value = arguments?[0], let text = sqlite3_value_text(value),
                    let owner = sqlite3_user_data(context)
                else {
                    sqlite3_result_null(context)
                    return
                }
                let bytes = UnsafeBufferPointer(start: text, count: Int(sqlite3_value_bytes(value)))
                Unmanaged<SQLitePosition>.fromOpaque(owner).takeUnretainedValue().answer(bytes, to: context)
            }, nil, nil, { Unmanaged<SQLitePosition>.fromOpaque($0!).release() })
        if code != SQLITE_OK { throw connection.failure(code, stream: nil) }
    }

    private func answer(_ value: UnsafeBufferPointer<UInt8>, to context: OpaquePointer?) {
        switch order {
        case .instant, .format:
            if let moment = order.moment(value, offsetMinutes: offsetMinutes) {
                return sqlite3_result_int64(context, moment)
            }
        case .digits where isMoment:
            if let moment = order.moment(value, offsetMinutes: offsetMinutes) {
                return sqlite3_result_int64(context, moment)
            }
        case .digits, .number, .counter, .text:
            let text = String(decoding: value, as: UTF8.self)
            if let number = CursorRule.number(text) {
                return Int64(number).map { sqlite3_result_int64(context, $0) }
                    ?? sqlite3_result_double(context, Double(number) ?? 0)
            }
        }
        sqlite3_result_null(context)
    }
}
