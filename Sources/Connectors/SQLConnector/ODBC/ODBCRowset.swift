import CODBC
import Records

#if canImport(Glibc)
    import Glibc
#endif

/// The buffers that a driver writes a block of rows into, column by column.
///
/// `@unchecked Sendable`: it is the driver's thread's from the beginning of a fetch to its end, then the pull's; a fetch that is left behind
/// keeps it.
final class ODBCRowset: @unchecked Sendable {
    private let capacities: [Int]
    private let rows: Int
    private var values: [UnsafeMutablePointer<UInt8>] = []
    private var lengths: [UnsafeMutablePointer<SQLLEN>] = []
    private let count = UnsafeMutablePointer<SQLULEN>.allocate(capacity: 1)
    private let status: UnsafeMutablePointer<SQLUSMALLINT>
    /// One row, its values one behind the other.
    private let row: UnsafeMutablePointer<UInt8>
    private let ranges: UnsafeMutablePointer<ByteRange>

    /// - Parameter capacities: bytes of a value, the one that ends it included; 0 for a column that is not bound.
    init(_ capacities: [Int], rows: Int) {
        self.capacities = capacities
        self.rows = rows
        for capacity in capacities {
            values.append(.allocate(capacity: max(1, capacity * rows)))
            let length = UnsafeMutablePointer<SQLLEN>.allocate(capacity: rows)
            length.initialize(repeating: SQLLEN(SQL_NULL_DATA), count: rows)
            lengths.append(length)
        }
        count.initialize(to: 0)
        status = .allocate(capacity: rows)
        status.initialize(repeating: SQLUSMALLINT(SQL_ROW_SUCCESS), count: rows)
        row = .allocate(capacity: max(1, capacities.reduce(0, +)))
        ranges = .allocate(capacity: max(1, capacities.count))
    }

    deinit {
        for value in values { value.deallocate() }
        for length in lengths { length.deallocate() }
        count.deallocate()
        status.deallocate()
        row.deallocate()
        ranges.deallocate()
    }

    func bind(_ handle: SQLHANDLE) -> Bool {
        SQLSetStmtAttr(handle, SQL_ATTR_ROW_ARRAY_SIZE, UnsafeMutableRawPointer(bitPattern: rows), 0)
        SQLSetStmtAttr(handle, SQL_ATTR_ROWS_FETCHED_PTR, count, 0)
        SQLSetStmtAttr(handle, SQL_ATTR_ROW_STATUS_PTR, status, 0)
        for (column, capacity) in capacities.enumerated() where capacity > 0 {
            let result = SQLBindCol(
                handle, SQLUSMALLINT(column + 1), SQLSMALLINT(SQL_C_CHAR), values[column], SQLLEN(capacity),
                lengths[column])
            if !ODBCConnection.isGood(result) { return false }
        }
        return true
    }

    var fetched: Int { Int(count.pointee) }
    /// Whether some row could not be fetched.
    var hasFailed: Bool { (0..<fetched).contains { status[$0] == SQLUSMALLINT(SQL_ROW_ERROR) } }

    /// A value's bytes, as many as came, and whether these are all of them; nil for NULL.
    @inline(__always)
    private func value(_ index: Int, _ column: Int) -> (start: UnsafeMutablePointer<UInt8>, length: Int, isWhole: Bool)?
    {
        let length = Int(lengths[column][index])
        if length == Int(SQL_NULL_DATA) { return nil }
        let most = capacities[column] - 1
        let start = values[column] + index * capacities[column]
        if length >= 0 && length <= most { return (start, length, true) }
        return (start, strnlen(UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self), most), false)
    }

    /// A field of the first row; nil for NULL and for what did not come as a whole.
    func text(_ column: Int) -> String? {
        guard let (start, length, isWhole) = value(0, column), isWhole else { return nil }
        return String(validating: UnsafeBufferPointer(start: start, count: length), as: UTF8.self)
    }

    func copy(_ index: Int, _ column: Int, to target: inout ODBCRow) {
        guard let (start, length, isWhole) = value(index, column) else { return target.appendNull() }
        target.append(start, length)
        if !isWhole { target.cut(column) }
    }

    /// Hands over each row, all of its columns being bound.
    func each(_ take: (SQLRow) throws -> Void) throws {
        for index in 0..<fetched {
            var used = 0
            var cut: Int?
            for column in capacities.indices {
                guard let (start, length, isWhole) = value(index, column) else {
                    ranges[column] = .none
                    continue
                }
                memcpy(row + used, start, length)
                ranges[column] = ByteRange(offset: UInt32(used), length: Int32(length))
                used += length
                if !isWhole { cut = cut ?? column }
            }
            let bytes = UnsafeBufferPointer(start: row, count: used)
            if let cut {
                try take(.cut(bytes, column: cut))
            } else {
                try take(.fields(bytes, UnsafeBufferPointer(start: ranges, count: capacities.count)))
            }
        }
    }
}

/// One row as bytes and ranges, in buffers used again for every row.
struct ODBCRow {
    private var bytes: [UInt8] = []
    private var ranges: [ByteRange] = []
    /// The column whose value did not come as a whole.
    private var cutColumn: Int?
    private var part: [UInt8] = []

    init(width: Int) { ranges.reserveCapacity(width) }

    mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
        ranges.removeAll(keepingCapacity: true)
        cutColumn = nil
    }

    mutating func appendNull() { ranges.append(.none) }

    mutating func append(_ start: UnsafePointer<UInt8>, _ length: Int) {
        ranges.append(ByteRange(offset: UInt32(bytes.count), length: Int32(length)))
        bytes.append(contentsOf: UnsafeBufferPointer(start: start, count: length))
    }

    mutating func cut(_ column: Int) { cutColumn = cutColumn ?? column }

    /// Reads a long value a part at a time. A part may end within a character: they are put together again byte for byte.
    mutating func read(_ handle: SQLHANDLE, _ column: Int) -> Bool {
        if part.isEmpty { part = [UInt8](repeating: 0, count: 64 << 10) }
        let start = bytes.count
        var stated: Int?
        while true {
            var left: SQLLEN = 0
            let result = part.withUnsafeMutableBytes {
                SQLGetData(
                    handle, SQLUSMALLINT(column + 1), SQLSMALLINT(SQL_C_CHAR), $0.baseAddress, SQLLEN($0.count), &left)
            }
            if result == SQL_NO_DATA { break }
            guard ODBCConnection.isGood(result) else { return false }
            if left == SQLLEN(SQL_NULL_DATA) {
                appendNull()
                return true
            }
            let known: Int? = left == SQLLEN(SQL_NO_TOTAL) ? nil : Int(left)
            if stated == nil { stated = known.map { $0 + 0 } ?? -1 }
            if let known, let stated, stated >= 0 {
                // What the parts before came to, told by what is left.
                let before = stated - known
                if before >= 0, before < bytes.count - start { bytes.removeLast(bytes.count - start - before) }
            }
            let most = part.count - 1
            let length = known.map { min($0, most) } ?? strnlen(part.map { CChar(bitPattern: $0) }, most)
            bytes.append(contentsOf: part[..<length])
            if result == SQL_SUCCESS { break }
        }
        if let stated, stated >= 0, stated != bytes.count - start { cut(column) }
        if bytes.count > Int(Int32.max) { return false }
        ranges.append(ByteRange(offset: UInt32(start), length: Int32(bytes.count - start)))
        return true
    }

    func hand(_ take: (SQLRow) throws -> Void) throws {
        try bytes.withUnsafeBufferPointer { bytes in
            if let cutColumn { return try take(.cut(bytes, column: cutColumn)) }
            try ranges.withUnsafeBufferPointer { try take(.fields(bytes, $0)) }
        }
    }
}
