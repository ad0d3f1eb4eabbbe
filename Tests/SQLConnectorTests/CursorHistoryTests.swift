import Foundation
import HearthTesting
import HeatModel
import Records
import SQLConnector
import TestTraits
import Testing

/// Seeded histories of a table with sentinels, strays, odd values and late commits in its cursor column, between pulls that are
/// broken off or not. After each, everything that was committed was handed over, or a pull was refused with a typed error.
@Suite(.waitsForServers) struct CursorHistoryTests {
    /// How the cursor column is kept.
    enum Column: String, CaseIterable, Sendable {
        case timestamptz, timestamp, compact, epoch, counter, numeric, iso, declared, compactText

        /// The value of a tick, a second each, as an SQL literal.
        func literal(_ tick: Int) -> String {
            let seconds = CursorHistoryTests.start + tick
            let local = Instant(microseconds: Int64(seconds) * 1_000_000, offsetMinutes: 480)
            let digits = CursorClock.second.number(at: local)
            let (date, _) = local.local
            let (year, month, day) = date.components
            let time = digits % 1_000_000
            switch self {
            case .timestamptz: return "'\(local.description)'"
            case .timestamp, .iso: return "'\(local.description.prefix(19).replacing("T", with: " "))'"
            case .compact: return "\(digits)"
            case .compactText: return "'\(digits)'"
            case .epoch: return "\(seconds)"
            case .counter: return "\(1000 + tick)"
            case .numeric: return "\(1000 + tick).5"
            case .declared: return "'\(year)/\(month)/\(day) \(time / 10_000):\(time / 100 % 100):\(time % 100)'"
            }
        }

        var strays: [String] {
            switch self {
            case .timestamptz, .timestamp:
                ["'9999-12-31'", "'infinity'", "'2999-01-01'", "'1900-01-01'", "NULL", "'-infinity'"]
            case .compact: ["99991231235959", "99999999999999", "20991231000000", "0", "NULL", "9223372036854775807"]
            case .epoch: ["253402300799", "4102444800", "2147483647", "0", "NULL", "9999999999"]
            case .counter, .numeric:
                ["2147483647", "99991231", "5000000", "999999", "NULL", "20240101", "1700000000", "0", "-1"]
            case .iso:
                ["'9999-12-31 00:00'", "'N/A'", "''", "'2026/9/30'", "'15.11.2025'", "'20.11.2025'", "NULL", "' 20'"]
            case .declared: ["'9999/12/31 0:0:0'", "'N/A'", "''", "'2026-09-30 08:00:00'", "NULL", "'30.09.2026'"]
            case .compactText: ["'99991231235959'", "'N/A'", "''", "'0'", "NULL", "'待定'"]
            }
        }

        var order: CursorOrder? { self == .declared ? CursorOrder(declared: "yyyy/M/d H:m:s") : nil }

        func type(sqlite: Bool) -> String {
            switch self {
            case .timestamptz, .timestamp: rawValue
            case .compact, .epoch, .counter: sqlite ? "INTEGER" : "bigint"
            case .numeric: "numeric"
            case .iso, .declared, .compactText: "text"
            }
        }
    }

    /// 2026-01-01 in China: the present lies after all ticks.
    private static let start = 1_767_196_800

    /// What a history asks of a database.
    private struct Scene {
        var execute: (String) throws -> Void
        /// Writes a row, whether it is there or not.
        var upsert: (Int, Int, String) -> String = { id, version, value in
            "INSERT INTO t VALUES (\(id), 'v\(version)', \(value)) ON CONFLICT (id) DO UPDATE SET v = excluded.v, c = excluded.c"
        }
        var strays: [String]?
        var rows: () throws -> [String: String]
        var connector: any Connector
        /// Another session, where there may be one beside ours.
        var late: ((String) throws -> Void)?
    }

    private struct Broken: Error {}

    /// What is wrong with what came; nil where all came, or a pull was refused with a typed error.
    private func play(seed: UInt64, _ column: Column, _ scene: Scene) throws -> String? {
        var random = SeededGenerator(seed: seed)
        func below(_ most: Int) -> Int { Int.random(in: 0..<most, using: &random) }
        let strays = scene.strays ?? column.strays
        var tick = 0
        var version = 0
        var cursor: Cursor?
        var held: [String: String] = [:]
        var isLate = false
        var lateIDs: Set<Int> = []
        var steps: [String] = []
        func write(_ id: Int, _ value: String, by execute: (String) throws -> Void) throws {
            version += 1
            steps.append("\(id) = \(value)")
            try execute(scene.upsert(id, version, value))
        }
        func next() -> String {
            tick += 1 + below(40)
            return column.literal(tick)
        }
        func pull(breaksOff: Bool) throws {
            steps.append(breaksOff ? "broken pull" : "pull")
            var batches = 0
            do {
                let summary = try scene.connector.pull(
                    PullRequest(stream: "t", cursor: cursor, batchRows: 1 + below(4), limit: below(8) == 0 ? 3 : nil)
                ) { batch in
                    for row in 0..<batch.rowCount {
                        held[batch.text(row: row, column: 0)!] = batch.text(row: row, column: 1)
                    }
                    cursor = batch.cursor ?? cursor
                    batches += 1
                    if breaksOff && batches == 2 { throw Broken() }
                }
                if !breaksOff && summary.completeness == nil { try pull(breaksOff: false) }
            } catch is Broken {}
        }
        do {
            for _ in 0..<3 { try write(below(6), next(), by: scene.execute) }
            for _ in 0..<14 {
                switch below(10) {
                case 0...3:
                    let id = below(12)
                    if !lateIDs.contains(id) { try write(id, next(), by: scene.execute) }
                case 4:
                    let id = below(12)
                    if !lateIDs.contains(id) {
                        try write(id, strays[below(strays.count)], by: scene.execute)
                    }
                case 5:
                    guard let late = scene.late else { continue }
                    if !isLate { try late("BEGIN") }
                    isLate = true
                    let id = 100 + below(3)
                    lateIDs.insert(id)
                    try write(id, next(), by: late)
                case 6:
                    if isLate { try scene.late?("COMMIT") }
                    if isLate { steps.append("commit") }
                    isLate = false
                case 7: try pull(breaksOff: true)
                default: try pull(breaksOff: false)
                }
            }
            if isLate { try scene.late?("COMMIT") }
            try pull(breaksOff: false)
            // A load that was under way is followed from where it began.
            try pull(breaksOff: false)
        } catch let error as HearthError {
            if isLate { try? scene.late?("ROLLBACK") }
            if error.code.name == "config.cursorOrder" && error.advice != nil { return nil }
            return "seed \(seed) \(column): \(error) \(steps)"
        }
        if try held == scene.rows() { return nil }
        return "seed \(seed) \(column): \(steps), cursor \(cursor?.text ?? "-")"
    }

    private func postgres(
        _ column: Column, seeds: Range<UInt64>, _ connector: (SQLConnector) -> any Connector
    ) throws -> [String] {
        let database = try PostgresServer.shared().createDatabase()
        let (session, other) = (try database.session(), try database.session())
        var options = PostgresOptions(conninfo: database.dsn)
        options.settleTime = 0
        let reader = SQLConnector(
            source: "billing", driver: .postgres(options),
            streams: [SQLStream(name: "t", table: "t", cursor: "c", cursorOrder: column.order)])
        try session.execute("SET TimeZone = 'Asia/Shanghai'")
        try other.execute("SET TimeZone = 'Asia/Shanghai'")
        try session.execute("CREATE TABLE t(id int PRIMARY KEY, v text, c \(column.type(sqlite: false)))")
        if column == .counter || column == .timestamptz { try session.execute("CREATE INDEX ON t(c)") }
        return try seeds.compactMap { seed in
            try session.execute("TRUNCATE t")
            let scene = Scene(
                execute: { _ = try session.execute($0) },
                rows: {
                    Dictionary(
                        uniqueKeysWithValues: try session.execute("SELECT id, v FROM t").map {
                            ($0[0] ?? "", $0[1] ?? "")
                        })
                }, connector: connector(reader), late: { _ = try other.execute($0) })
            return try play(seed: seed, column, scene)
        }
    }

    private func sqlite(
        _ column: Column, seeds: Range<UInt64>, _ connector: (SQLConnector) -> any Connector
    ) throws -> [String] {
        let file = try SQLiteFile("CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT, c \(column.type(sqlite: true)))")
        if column == .counter { try file.execute("CREATE INDEX t_c ON t(c)") }
        let reader = file.connector(
            SQLStream(name: "t", table: "t", cursor: "c", cursorOrder: column.order), SQLStream(name: "all", table: "t")
        )
        return try seeds.compactMap { seed in
            try file.execute("DELETE FROM t")
            let scene = Scene(
                execute: { try file.execute($0) },
                rows: {
                    let all = try reader.pulled(PullRequest(stream: "all", mode: .full)).rows
                    return Dictionary(uniqueKeysWithValues: all.map { ($0[0] ?? "", $0[1] ?? "") })
                }, connector: connector(reader))
            return try play(seed: seed, column, scene)
        }
    }

    private func mariaDB(
        _ column: Column, seeds: Range<UInt64>, _ connector: (SQLConnector) -> any Connector
    ) throws -> [String] {
        let database = try MariaDBServer.shared().createDatabase()
        let other = try database.session()
        var options = database.options()
        options.settleTime = 0
        let reader = SQLConnector(
            source: "billing", driver: .odbc(options),
            streams: [SQLStream(name: "t", table: "t", cursor: "c", cursorOrder: column.order)])
        let type =
            switch column {
            case .timestamp: "DATETIME"
            case .timestamptz: "TIMESTAMP"
            case .compact, .epoch, .counter: "BIGINT"
            case .numeric: "DECIMAL(24,1)"
            case .iso, .declared, .compactText: "VARCHAR(40)"
            }
        try database.execute("CREATE TABLE t(id INT PRIMARY KEY, v VARCHAR(20), c \(type))")
        if column == .counter || column == .timestamp { try database.execute("CREATE INDEX t_c ON t(c)") }
        return try seeds.compactMap { seed in
            try database.execute("DELETE FROM t")
            let scene = Scene(
                execute: { try database.execute($0) },
                upsert: { "REPLACE INTO t VALUES (\($0), 'v\($1)', \($2))" },
                strays: column == .timestamp ? ["'9999-12-31'", "'2999-01-01'", "'1900-01-01'", "NULL"] : nil,
                rows: {
                    Dictionary(
                        uniqueKeysWithValues: try database.execute("SELECT id, v FROM t").map {
                            ($0[0] ?? "", $0[1] ?? "")
                        })
                }, connector: connector(reader), late: { _ = try other.execute($0) })
            return try play(seed: seed, column, scene)
        }
    }

    @Test(arguments: [Column.timestamp, .compact, .counter, .numeric, .iso, .declared, .compactText])
    func mariaDBByODBC(_ column: Column) throws {
        for wrong in try mariaDB(column, seeds: 2000..<2006, { $0 }) { Issue.record(Comment(rawValue: wrong)) }
    }

    @Test(arguments: Column.allCases) func postgres(_ column: Column) throws {
        for wrong in try postgres(column, seeds: 0..<25, { $0 }) { Issue.record(Comment(rawValue: wrong)) }
    }

    @Test(arguments: [Column.compact, .epoch, .counter, .iso, .declared, .compactText]) func sqlite(_ column: Column)
        throws
    {
        for wrong in try sqlite(column, seeds: 1000..<1060, { $0 }) { Issue.record(Comment(rawValue: wrong)) }
    }

    /// Each way of being wrong is seen, by each driver.
    @Test(arguments: BrokenPull.Way.allCases) func brokenPullsAreSeen(_ way: BrokenPull.Way) throws {
        let onPostgres = try postgres(.counter, seeds: 0..<25) { BrokenPull(connector: $0, way: way) }
        #expect(!onPostgres.isEmpty)
        let onSQLite = try sqlite(.counter, seeds: 1000..<1060) { BrokenPull(connector: $0, way: way) }
        #expect(!onSQLite.isEmpty)
    }
}
