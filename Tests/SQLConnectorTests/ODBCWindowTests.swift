import Foundation
import HearthTesting
import HeatModel
import Records
import TestTraits
import Testing

@testable import SQLConnector

/// A driver that holds whole results is asked for windows of the key, the next while the rows of one are taken.
@Suite(.waitsForServers) struct ODBCWindowTests {
    private let database: MariaDBDatabase

    init() throws { database = try MariaDBServer.shared().createDatabase() }

    /// The driver would hold a whole result: a table is read in windows of its key, all of one snapshot.
    @Test func aTableIsReadInWindowsOfItsKey() throws {
        try database.execute(
            """
            CREATE TABLE t(a VARCHAR(8), b INT, c CHAR(4), n VARCHAR(30), PRIMARY KEY (a, b, c));
            INSERT INTO t SELECT ELT(1 + seq % 5, '张', 'it''s', 'a\\\\b', 'B', ''), seq DIV 7, LPAD(seq % 7, 2, '0'), CONCAT('n', seq) FROM seq_1_to_9000
            """)
        let connector = database.connector(SQLStream(name: "t", table: "t", countsRows: true))
        var isChanged = false
        let pulled = try connector.pulled(PullRequest(stream: "t", batchRows: 500)) { _ in
            if !isChanged {
                try database.execute("DELETE FROM t WHERE b % 2 = 0; INSERT INTO t VALUES ('zz', 1, 'q', 'late')")
            }
            isChanged = true
        }
        #expect(Set(pulled.rows.map { $0[3] }) == Set((1...9000).map { "n\($0)" }) && pulled.rows.count == 9000)
        #expect(pulled.summary.completeness?.proof == .countedTotal)
    }

    /// Windows have 200 rows, 200, 4,000, and then as many as fit.
    @Test func everyRowComesOnceAtTheEdgesOfWindows() throws {
        try database.execute("CREATE TABLE t(id INT PRIMARY KEY, n VARCHAR(30))")
        let connector = database.connector(SQLStream(name: "t", table: "t", countsRows: true))
        var before = 0
        for count in [0, 1, 199, 200, 201, 399, 400, 401, 4399, 4400, 4401] {
            if count > before {
                try database.execute("INSERT INTO t SELECT seq, CONCAT('n', seq) FROM seq_\(before + 1)_to_\(count)")
            }
            before = count
            let pulled = try connector.pulled(PullRequest(stream: "t"))
            #expect(pulled.rows.map { $0[1] } == (0..<count).map { "n\($0 + 1)" }, "\(count)")
            #expect(pulled.summary.completeness?.proof == .countedTotal)
        }
    }

    /// Where taking ends early, the statement for the next window ends too, and nothing of it is left on the server.
    @Test(arguments: [1, 199, 250, 3000]) func whatStopsInAWindowStopsTheNextOne(_ row: Int) throws {
        try database.execute(
            "CREATE TABLE t(id INT PRIMARY KEY, n VARCHAR(30)); INSERT INTO t SELECT seq, 'n' FROM seq_1_to_100000")
        let connector = database.connector(SQLStream(name: "t", table: "t"))
        struct Broken: Error {}
        var rows = 0
        #expect(throws: Broken.self) {
            try connector.pull(PullRequest(stream: "t", batchRows: 50)) {
                rows += $0.rowCount
                if rows >= row { throw Broken() }
            }
        }
        let cancelled = try hearthError {
            let limit = rows
            nonisolated(unsafe) var seen = 0
            let request = PullRequest(stream: "t", batchRows: 50, isCancelled: { seen >= limit })
            _ = try connector.pull(request) { seen += $0.rowCount }
        }
        #expect(cancelled.code.name == "run.cancelled")
        // The server may notice a little later that nobody listens.
        let question =
            "SELECT count(*) FROM information_schema.processlist WHERE db = '\(database.name)' AND info LIKE 'SELECT `id`%'"
        let deadline = ContinuousClock.now + .seconds(600)
        while try database.execute(question) != [["0"]], ContinuousClock.now < deadline { usleep(20_000) }
        #expect(try database.execute(question) == [["0"]])
        #expect(try connector.pulled(PullRequest(stream: "t")).rows.count == 100_000)
    }

    /// A statement that is left at any moment, also while the driver describes its columns, ends nothing but itself: MariaDB's driver
    /// closes what it is asked to cancel, under whoever reads it.
    @Test func aStatementIsLeftAtAnyMoment() throws {
        let columns = (0..<400).map { "c\($0) INT" }.joined(separator: ", ")
        try database.execute("CREATE TABLE wide(\(columns))")
        let connection = try ODBCConnection(database.options(), zone: "Asia/Shanghai")
        for delay in 0..<400 {
            _ = try ODBCStatement(beginning: "SELECT * FROM wide", connection, stream: nil)
            let statement = try ODBCStatement(beginning: "SELECT * FROM wide", connection, stream: nil)
            usleep(UInt32(delay * 5))
            withExtendedLifetime(statement) {}
        }
        #expect(try connection.rows("SELECT 1", stream: nil) == [["1"]])
    }

    /// A driver that does not scroll is asked for one window after the other; of one that hands over another row than it says, nothing of
    /// the next window is taken.
    @Test func aDriverThatTellsAnotherRowIsNotBelieved() throws {
        try database.execute("CREATE TABLE t(id INT PRIMARY KEY); INSERT INTO t SELECT seq FROM seq_1_to_5000")
        func read(_ change: @escaping ([String]?) -> [String]?, into ids: inout [String]) throws {
            let stream = SQLStream(name: "t", table: "t")
            let session = try database.connector(stream).session()
            let table = try SQLTable(stream, session)
            try session.begin(stream)
            var plan = try SQLPullPlan(stream, PullRequest(stream: "t"), table, nil, session)
            plan.addKeyFields(table, session)
            let reader = OtherReader(try #require(try session.windows(of: table, stream)), change)
            _ = try SQLWindows(session: session, stream: stream, table: table, limit: nil, reader: reader).each(plan) {
                guard case .fields(let bytes, let ranges) = $0 else { return }
                ids.append(String(decoding: bytes[..<Int(ranges[0].length)], as: UTF8.self))
            }
        }
        var all: [String] = []
        try read({ _ in nil }, into: &all)
        #expect(all == (1...5000).map { "\($0)" })
        for key in ["150", "300"] {
            var some: [String] = []
            let error = try hearthError { try read({ $0.map { _ in [key] } }, into: &some) }
            #expect(error.code.name == "source.brokenData" && some == (1...200).map { "\($0)" }, "\(key): \(error)")
        }
    }

    @Test func pullsBesideEachOtherKeepTheirRowsApart() async throws {
        try database.execute(
            """
            CREATE TABLE a(id INT PRIMARY KEY, n VARCHAR(30)); INSERT INTO a SELECT seq, CONCAT('a', seq) FROM seq_1_to_30000;
            CREATE TABLE b(id INT PRIMARY KEY, n VARCHAR(30)); INSERT INTO b SELECT seq, CONCAT('b', seq) FROM seq_1_to_30000
            """)
        try await withThrowingTaskGroup(of: (name: String, rows: [[String?]]).self) { group in
            for name in ["a", "b", "a", "b"] {
                let connector = database.connector(SQLStream(name: name, table: name))
                group.addTask { (name, try connector.pulled(PullRequest(stream: name)).rows) }
            }
            for try await (name, rows) in group {
                #expect(rows.map { $0[1] } == (1...30_000).map { "\(name)\($0)" })
            }
        }
    }
}

/// Windows of a driver that tells other keys than its own.
private final class OtherReader: SQLWindowReader {
    private let real: any SQLWindowReader
    private let change: ([String]?) -> [String]?

    init(_ real: any SQLWindowReader, _ change: @escaping ([String]?) -> [String]?) {
        self.real = real
        self.change = change
    }

    func begin(_ sql: String) throws -> any SQLWindow { OtherWindow(try real.begin(sql), change) }

    private final class OtherWindow: SQLWindow {
        private let real: any SQLWindow
        private let change: ([String]?) -> [String]?

        init(_ real: any SQLWindow, _ change: @escaping ([String]?) -> [String]?) {
            self.real = real
            self.change = change
        }

        func finish() throws { try real.finish() }
        func texts(ofRow number: Int, _ fields: [Int]) throws -> [String]? {
            change(try real.texts(ofRow: number, fields))
        }
        func each(_ take: (SQLRow) throws -> Void) throws { try real.each(take) }
    }
}
