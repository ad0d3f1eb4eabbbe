import GRDBSQLite
import HeatModel
import StoreSQL

/// The SQL functions that read what is packed: `body_of(packing_id, packed, what, number)`, TEXT, and `beside_of(…)`, BLOB or NULL. What
/// cannot be unpacked is `SQLITE_CORRUPT`, told by the last two arguments: never another value than the one that was stored.
package enum PackedColumns {
    /// Adds them to a connection that is not the store's own, for who looks into its file; and `packed(body, beside)`, which packs.
    ///
    /// - Throws: `store.failed` where there is no memory for it.
    package static func add(to connection: OpaquePointer) throws {
        let packing = try Packing(PackingTable { try Statement(connection, $0) })
        add(to: connection, packing)
        add("packed", 2, to: connection, packing, Self.pack)
    }

    /// SQL that has such a connection see the tables with `body` and `raw` or `runs`, as if nothing were packed.
    package static let views = PackedTable.all.map { table in
        """
        CREATE TEMP VIEW \(table.name) AS SELECT \(table.key), \(table.columns),
            \(body("t", table.what, number: table.key)) AS body, \(beside("t", table.what, number: table.key)) AS \(table.beside)
        FROM main.\(table.name) t;
        """
    }.joined(separator: "\n")

    static func add(to connection: OpaquePointer, _ packing: Packing) {
        add("body_of", 4, to: connection, packing, Self.body)
        add("beside_of", 4, to: connection, packing, Self.beside)
    }

    private static func add(
        _ name: String, _ arguments: Int32, to connection: OpaquePointer, _ packing: Packing, _ function: Function
    ) {
        // The connection keeps it for as long as it has the function.
        let context = Unmanaged.passRetained(packing).toOpaque()
        sqlite3_create_function_v2(
            connection, name, arguments, SQLITE_UTF8 | SQLITE_DETERMINISTIC, context, function, nil, nil,
            { Unmanaged<Packing>.fromOpaque($0!).release() })
    }

    /// The SQL of a row's body, for a table by its alias.
    static func body(_ row: String, _ what: String = "record", number: String = "id") -> String {
        "body_of(\(row).packing_id, \(row).packed, '\(what)', \(row).\(number))"
    }

    static func beside(_ row: String, _ what: String = "record", number: String = "id") -> String {
        "beside_of(\(row).packing_id, \(row).packed, '\(what)', \(row).\(number))"
    }

    private static func message(_ what: String, _ number: Int64) -> String {
        "\(what) \(number) is not what was stored"
    }

    private typealias Function = @convention(c) (OpaquePointer?, Int32, UnsafeMutablePointer<OpaquePointer?>?) -> Void

    private static let body: Function = { context, _, arguments in
        unpack(context, arguments) { body, _ in
            sqlite3_result_text64(
                context, body.baseAddress?.assumingMemoryBound(to: CChar.self), UInt64(body.count), transient,
                UInt8(SQLITE_UTF8))
        }
    }

    private static let beside: Function = { context, _, arguments in
        unpack(context, arguments) { _, beside in
            if let beside { sqlite3_result_blob64(context, beside.baseAddress, UInt64(beside.count), transient) }
        }
    }

    private static let pack: Function = { context, _, arguments in
        guard let arguments, let packing = sqlite3_user_data(context) else { return }
        func bytes(_ index: Int) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(
                start: sqlite3_value_blob(arguments[index]), count: Int(sqlite3_value_bytes(arguments[index])))
        }
        let hasMore = sqlite3_value_type(arguments[1]) != SQLITE_NULL
        do {
            let packed = try Unmanaged<Packing>.fromOpaque(packing).takeUnretainedValue().packAlone(
                bytes(0), hasMore ? bytes(1) : nil)
            sqlite3_result_blob64(context, packed.baseAddress, UInt64(packed.count), transient)
        } catch {
            sqlite3_result_error(context, "\(error)", -1)
        }
    }

    private static func unpack(
        _ context: OpaquePointer?, _ arguments: UnsafeMutablePointer<OpaquePointer?>?,
        _ give: (UnsafeRawBufferPointer, UnsafeRawBufferPointer?) -> Void
    ) {
        guard let arguments, let packing = sqlite3_user_data(context) else { return }
        let row = UnsafeRawBufferPointer(
            start: sqlite3_value_blob(arguments[1]), count: Int(sqlite3_value_bytes(arguments[1])))
        do {
            let isGiven: Void? = try Unmanaged<Packing>.fromOpaque(packing).takeUnretainedValue().unpacking(
                row, packing: sqlite3_value_int64(arguments[0]), give)
            if isGiven != nil { return }
        } catch {
            // What the row is packed by cannot be read: a disk that fails is no damaged row.
            sqlite3_result_error(context, "\(error)", -1)
            if let connection = sqlite3_context_db_handle(context), sqlite3_errcode(connection) != SQLITE_OK {
                sqlite3_result_error_code(context, sqlite3_errcode(connection))
            }
            return
        }
        let what = sqlite3_value_text(arguments[2]).map { String(cString: $0) } ?? ""
        sqlite3_result_error(context, message(what, sqlite3_value_int64(arguments[3])), -1)
        sqlite3_result_error_code(context, SQLITE_CORRUPT)
    }

    private static var transient: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}
