import CLibPQ
import HeatModel

extension Estate {
    /// Writes the billing system into a PostgreSQL database by `COPY … FROM STDIN`, in one transaction. Tables of these names
    /// that stand there are replaced.
    /// - Parameter conninfo: as libpq has it: `host=/tmp dbname=billing` or a `postgresql://` address.
    /// - Throws: ``HearthError`` `source.unreachable` or `source.failed`; no message holds the connection string.
    package func writeBilling(postgres conninfo: String) throws {
        let session = try PostgresSession(conninfo)
        try session.run("SET client_encoding = 'UTF8'")
        try session.run("SET client_min_messages = warning")
        try session.run("BEGIN")
        for table in BillingTable.allCases {
            try session.run("DROP TABLE IF EXISTS \(table.name)")
            try session.run(table.createStatement(postgres: true))
        }
        var writer = BillingWriter(estate: self, sink: PostgresSink(session))
        try writer.writeAll()
        try writer.sink.finish()
        for table in BillingTable.allCases {
            for statement in table.indexStatements { try session.run(statement) }
        }
        try session.run("COMMIT")
        for table in BillingTable.allCases { try session.run("ANALYZE \(table.name)") }
    }
}

/// One connection, closed with its owner; used by one thread.
private final class PostgresSession {
    private let connection: OpaquePointer

    init(_ conninfo: String) throws {
        guard let connection = PQconnectdb(conninfo) else {
            throw HearthError(.init("source.unreachable"), "libpq gives no connection")
        }
        self.connection = connection
        guard PQstatus(connection) == CONNECTION_OK else {
            throw HearthError(
                .init("source.unreachable"), "cannot connect to PostgreSQL",
                advice: "check host, database, user and password",
                cause: HearthError(.init("source.failed"), message(connection)))
        }
    }

    deinit { PQfinish(connection) }

    private func message(_ connection: OpaquePointer) -> String {
        var text = String(cString: PQerrorMessage(connection))
        while text.last == "\n" { text.removeLast() }
        return text
    }

    private func failure() -> HearthError { HearthError(.init("source.failed"), "PostgreSQL: \(message(connection))") }

    func run(_ statement: String) throws {
        let result = PQexec(connection, statement)
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_COMMAND_OK else { throw failure() }
    }

    func copy(_ table: BillingTable, _ rows: [UInt8]) throws {
        let begun = PQexec(connection, "COPY \(table.name) FROM STDIN")
        defer { PQclear(begun) }
        guard PQresultStatus(begun) == PGRES_COPY_IN else { throw failure() }
        let put = rows.withUnsafeBytes {
            PQputCopyData(connection, $0.baseAddress?.assumingMemoryBound(to: CChar.self), Int32($0.count))
        }
        guard put == 1, PQputCopyEnd(connection, nil) == 1 else { throw failure() }
        var failed = false
        while let result = PQgetResult(connection) {
            failed = failed || PQresultStatus(result) != PGRES_COMMAND_OK
            PQclear(result)
        }
        if failed { throw failure() }
    }
}

/// Gathers rows in COPY's text form and sends a table's rows whenever there are enough.
private struct PostgresSink: BillingSink {
    private static let flushBytes = 4 << 20
    private let session: PostgresSession
    private var buffers: [[UInt8]]

    init(_ session: PostgresSession) {
        self.session = session
        buffers = Array(repeating: [], count: BillingTable.allCases.count)
    }

    mutating func write(_ table: BillingTable, _ row: borrowing RowBuffer) throws {
        let number = table.rawValue
        row.bytes.withUnsafeBufferPointer { bytes in
            var start = 0
            for (column, end) in row.ends.enumerated() {
                if column > 0 { buffers[number].append(0x09) }
                if end < 0 {
                    buffers[number].append(0x5C)
                    buffers[number].append(0x4E)
                    continue
                }
                Self.append(bytes[start..<Int(end)], to: &buffers[number])
                start = Int(end)
            }
        }
        buffers[number].append(0x0A)
        if buffers[number].count >= Self.flushBytes { try flush(table) }
    }

    private static func append(_ field: Slice<UnsafeBufferPointer<UInt8>>, to buffer: inout [UInt8]) {
        let needsEscape = field.contains { $0 == 0x5C || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        if !needsEscape {
            buffer.append(contentsOf: field)
            return
        }
        for byte in field {
            switch byte {
            case 0x5C: buffer.append(contentsOf: [0x5C, 0x5C])
            case 0x09: buffer.append(contentsOf: [0x5C, 0x74])
            case 0x0A: buffer.append(contentsOf: [0x5C, 0x6E])
            case 0x0D: buffer.append(contentsOf: [0x5C, 0x72])
            default: buffer.append(byte)
            }
        }
    }

    private mutating func flush(_ table: BillingTable) throws {
        if buffers[table.rawValue].isEmpty { return }
        try session.copy(table, buffers[table.rawValue])
        buffers[table.rawValue].removeAll(keepingCapacity: true)
    }

    mutating func finish() throws { for table in BillingTable.allCases { try flush(table) } }
}
