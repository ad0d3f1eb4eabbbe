import Foundation
import HearthTesting
import HeatModel
import Records
import SQLConnector
import TestTraits
import Testing

/// A connection that is cut at any byte of an answer loses nothing and takes nothing twice.
@Suite(.waitsForServers) struct ODBCCutTests {
    private static let all = Set((1...450).map { "\($0)" })
    // Other tests hold transactions open; here nobody writes while a pull goes.
    private static let stream = SQLStream(name: "t", table: "t", cursor: "at", lookback: 1)

    /// `HEARTH_HEAVY_TESTS=1` makes it ten times as many.
    private static func cuts(_ bytes: Int, _ count: Int, seed: UInt64) -> [Int] {
        let isHeavy = ProcessInfo.processInfo.environment["HEARTH_HEAVY_TESTS"] != nil
        let count = isHeavy ? count * 10 : count
        var random = SeededGenerator(seed: seed)
        return [0, bytes - 1] + (2..<count).map { _ in Int.random(in: 0..<bytes, using: &random) }
    }

    private func play(_ connector: SQLConnector, _ socket: CutSocket, count: Int, change: () throws -> Void) throws {
        let whole = try connector.pulled(PullRequest(stream: "t", batchRows: 40))
        #expect(Set(whole.rows.map { $0[0] ?? "" }) == Self.all && whole.summary.completeness != nil)
        try cut(connector, socket, from: nil, count: count, expecting: Self.all, seed: 1)
        try change()
        let changed = Set((101...400).map { "\($0)" })
        try cut(connector, socket, from: whole.cursor, count: count / 2, expecting: changed, seed: 2)
    }

    private func cut(
        _ connector: SQLConnector, _ socket: CutSocket, from cursor: Cursor?, count: Int,
        expecting expected: Set<String>,
        seed: UInt64
    ) throws {
        _ = try connector.pulled(PullRequest(stream: "t", cursor: cursor, batchRows: 40))
        var (broken, resumed) = (0, 0)
        for cut in Self.cuts(socket.passed, count, seed: seed) {
            socket.cut(after: cut)
            var first = Pulled()
            do {
                first.summary = try connector.pull(PullRequest(stream: "t", cursor: cursor, batchRows: 40)) {
                    first.batches.append($0)
                }
            } catch let error as HearthError {
                broken += 1
                #expect(error.code.area == "source" && first.summary.completeness == nil, "byte \(cut): \(error)")
            }
            socket.cut(after: nil)
            if first.summary.completeness == nil, !first.rows.isEmpty { resumed += 1 }
            let reached = first.cursor ?? cursor
            let rest =
                first.summary.completeness == nil
                ? try connector.pulled(PullRequest(stream: "t", cursor: reached, batchRows: 40)) : Pulled()
            let ids = (first.rows + rest.rows).compactMap { $0[0] }
            #expect(expected.isSubset(of: ids), "byte \(cut) of \(socket.passed)")
            // What came before is not read again, but for the row that the cursor stands on, and the second of the lookback.
            let again = Set(first.rows.compactMap { $0[0] }).intersection(rest.rows.compactMap { $0[0] })
            let last = first.rows.last.flatMap { $0[0] }.flatMap { Int($0) } ?? 0
            #expect(
                again.isSubset(of: cursor == nil ? ["\(last)"] : ["\(last)", "\(last - 1)"]),
                "byte \(cut): \(again.count) again after \(reached?.text ?? "nothing")")
        }
        #expect(broken > count / 2 && (cursor != nil || resumed > 0), "\(broken) broken, \(resumed) resumed")
    }

    private func folder(_ body: (String) throws -> Void) throws {
        let folder = "/tmp/hearthcut-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    @Test func mariaDB() throws {
        let database = try MariaDBServer.shared().createDatabase()
        try database.execute(
            """
            CREATE TABLE t(id INT PRIMARY KEY, v VARCHAR(20), at DATETIME NOT NULL);
            INSERT INTO t SELECT seq, '汉字', '2026-01-01' FROM seq_1_to_450
            """)
        try folder { folder in
            let socket = try CutSocket(folder + "/s", before: database.server.socket)
            defer { socket.close() }
            var options = database.options()
            options.host = socket.path
            let connector = SQLConnector(source: "billing", driver: .odbc(options), streams: [Self.stream])
            try play(connector, socket, count: 80) {
                try database.execute("UPDATE t SET at = '2026-02-01' + INTERVAL id SECOND WHERE id BETWEEN 101 AND 400")
            }
        }
    }

    @Test func postgres() throws {
        let database = try PostgresServer.shared().createDatabase()
        try database.execute(
            """
            CREATE TABLE t(id int PRIMARY KEY, v text, at timestamp NOT NULL);
            INSERT INTO t SELECT i, '汉字', '2026-01-01' FROM generate_series(1, 450) i
            """)
        try folder { folder in
            let port = database.server.port
            let socket = try CutSocket(
                "\(folder)/.s.PGSQL.\(port)", before: "\(database.server.socketDirectory)/.s.PGSQL.\(port)")
            defer { socket.close() }
            let options = ODBCOptions(
                system: .postgres, driver: "PostgreSQL Unicode", host: folder, port: port, database: database.name,
                user: "postgres")
            let connector = SQLConnector(source: "billing", driver: .odbc(options), streams: [Self.stream])
            try play(connector, socket, count: 40) {
                try database.execute(
                    "UPDATE t SET at = timestamp '2026-02-01' + id * interval '1 second' WHERE id BETWEEN 101 AND 400")
            }
        }
    }
}
