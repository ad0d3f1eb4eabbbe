import GRDBSQLite
import HeatModel
import Store
import StoreSQL

/// What is bound of rows of one statement, and where each row's part ends: it stays where it is until the statement has run.
struct BoundRows {
    private(set) var bytes: [UInt8] = []
    private(set) var ends: [Int] = []

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }

    mutating func append(_ part: UnsafeRawBufferPointer) { bytes.append(contentsOf: part) }

    mutating func endRow() { ends.append(bytes.count) }
}

/// New records go into their table many by one statement. A statement opens the table and its four indexes, and closes them at its end: that is
/// half of what a single row costs. While they stay open, a row that follows the one before it in an index is put there without a search.
extension Session {
    /// Rows of one statement.
    static let rowsAtOnce = 32

    /// Inserts records of one stream, run and origin unless their keys are taken: nil for those.
    ///
    /// - Parameter records: as many as ``rowsAtOnce`` at most.
    func insert(_ records: [IncomingRecord]) throws -> [RecordID?] {
        if records.count == Self.rowsAtOnce { return try insert(records[...], by: insertRecords.get()) }
        let one = try insertRecord.get()
        return try records.indices.flatMap { try insert(records[$0...$0], by: one) }
    }

    /// What ``insert(_:)`` takes at once of changes: new records that follow each other.
    static func newRecords(in changes: ArraySlice<RecordChange>) -> [IncomingRecord] {
        var records: [IncomingRecord] = []
        records.reserveCapacity(rowsAtOnce)
        var index = changes.startIndex
        while index < changes.endIndex, records.count < rowsAtOnce, case .insert(let record) = changes[index] {
            if let first = records.first,
                record.stream != first.stream || record.run != first.run || record.origin != first.origin
            {
                break
            }
            records.append(record)
            index += 1
        }
        return records
    }

    /// - Parameter statement: of as many rows.
    private func insert(_ records: ArraySlice<IncomingRecord>, by statement: Statement) throws -> [RecordID?] {
        guard let stream = records.first?.stream, let run = records.first?.run, let origin = records.first?.origin
        else { return [] }
        statement.bind(1, stream.number).bind(2, run.number).bind(3, origin.number)
        let subject = try packing.subject(stream.number)
        // Kept aside, as a variable that only this function sees.
        var rows = boundRows
        boundRows = BoundRows()
        defer { boundRows = rows }
        rows.removeAll()
        var index: Int32 = Self.firstOfRow
        for record in records {
            statement.bind(index + 1, record.account?.number).bind(index + 2, Int64(record.rule.rawValue))
            statement.bind(index + 3, record.isVoided ? Int64(1) : 0).bind(index + 4, record.ordinal)
            withHash(record.hash) { rows.append($0) }
            let (packing, bytes) = try packing.pack(record.body, record.raw, as: subject)
            statement.bind(index + 6, packing)
            rows.append(bytes)
            rows.endRow()
            index += Self.columnsOfRow
        }
        let before = sqlite3_total_changes64(connection)
        try rows.bytes.withUnsafeBytes { bytes in
            var start = 0
            index = Self.firstOfRow
            for (record, end) in zip(records, rows.ends) {
                statement.bind(index, blob: record.key)
                statement.bind(index + 5, blob: UnsafeRawBufferPointer(rebasing: bytes[start..<start + 16]))
                statement.bind(index + 7, blob: UnsafeRawBufferPointer(rebasing: bytes[start + 16..<end]))
                start = end
                index += Self.columnsOfRow
            }
            try statement.run()
        }
        let inserted = sqlite3_total_changes64(connection) - before
        let last = sqlite3_last_insert_rowid(connection)
        // Each new row has the number after the greatest one.
        if inserted == records.count { return (0..<inserted).map { RecordID(last - inserted + 1 + $0) } }
        if inserted == 0 { return records.map { _ in nil } }
        var next = last - inserted + 1
        return try records.map { record in
            let id = try lookUp(stream: stream, keys: [record.key])[0]?.id
            guard id?.number == next else { return nil }
            next += 1
            return id
        }
    }

    private static let firstOfRow: Int32 = 4
    private static let columnsOfRow: Int32 = 8

    /// The statement of so many rows: its first three parameters are of all of them, the stream, the run and the origin.
    ///
    /// `OR FAIL`: a statement of many rows that could take them back alone would copy each page before it writes to it. Where one fails
    /// the transaction is taken back.
    static func insertion(ofRows count: Int) -> String {
        let rows = (0..<Int32(count)).map { row in
            let first = firstOfRow + row * columnsOfRow
            let own = (0..<columnsOfRow).map { "?\(first + $0)" }.joined(separator: ", ")
            return "(?1, ?2, ?3, \(own))"
        }
        return """
            INSERT OR FAIL INTO record(stream_id, run_id, origin_id, key, account_id, rule, voided, ordinal, hash, packing_id, packed)
            VALUES \(rows.joined(separator: ", ")) ON CONFLICT DO NOTHING
            """
    }
}
