import Foundation
import HearthTesting
import TestTraits
import Testing

/// A billing database behind an ODBC driver, kept as legacy systems keep them.
@Suite(.waitsForServers) struct DatabaseTests {
    private let database: MariaDBDatabase

    init() throws { database = try MariaDBServer.shared().createDatabase() }

    private func site(socket: String? = nil, driver: String = "MariaDB Unicode", settings: String = "") throws
        -> FieldSite
    {
        try FieldSite(
            sources: """
                  c:
                    sql: {driver: odbc, system: mysql, odbcDriver: \(driver), host: \(socket ?? database.server.socket), database: \(database.name), user: root\(settings)}
                    streams:
                      users: {table: yh, key: [no]}
                      payments: {table: sfjl, key: [id], cursor: at, lookback: 60, countRows: true}

                """, mappings: Mappings.doors(payments: "{column: no, as: accountNumber}"))
    }

    struct Keeping: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var charset: String
        var no = "CHAR(12)"
        var amount = "DECIMAL(14,2)"
        var at = "DATETIME"
        var community: String
        /// As SQL, and in fen.
        var amounts: [(sql: String, fen: Int)] = [("500.00", 50_000), ("0.01", 1)]
    }

    static let keepings = [
        // The last byte of 東 is that of `|`.
        Keeping(testDescription: "gbk", charset: "gbk", community: "東關|鎔苑"),
        Keeping(
            testDescription: "gb2312, amounts as texts", charset: "gb2312", amount: "VARCHAR(20)", community: "阳光花园"),
        Keeping(
            testDescription: "utf8mb4, many digits, a clock's digits", charset: "utf8mb4", no: "VARCHAR(12)",
            amount: "DECIMAL(30,2)", at: "BIGINT", community: "𠮷祥里",
            amounts: [("999999999.99", 99_999_999_999), ("-0.10", -10)]),
    ]

    @Test(arguments: keepings) func anEarlierCharset(_ it: Keeping) async throws {
        func at(_ hour: String) -> String {
            it.at == "BIGINT" ? "20260101\(hour)0000" : "'2026-01-01 \(hour):00:00'"
        }
        try database.execute(
            """
            CREATE TABLE yh(no \(it.no) PRIMARY KEY, community VARCHAR(40), door VARCHAR(10)) CHARACTER SET \(it.charset);
            CREATE TABLE sfjl(id INT PRIMARY KEY, no \(it.no), amount \(it.amount), at \(it.at) NOT NULL) CHARACTER SET \(it.charset);
            INSERT INTO yh VALUES ('00000001', '\(it.community)', '1-1');
            INSERT INTO sfjl VALUES (1, '00000001', '\(it.amounts[0].sql)', \(at("08"))), (2, '00000001', '\(it.amounts[1].sql)', \(at("09")))
            """)
        let site = try site()
        #expect(try await site.hearth("check").status == 0)
        let first = try await site.sync()
        #expect(first.ending.status == 0 && first.counts["c.payments"]?["new"] == 2, "\(first.ending.errors)")
        #expect(try await site.facts("00000001")["community"] == it.community)
        let amounts = try await site.values("amount_fen", of: "payments", in: "00000001", as: Int.self)
        #expect(Set(amounts) == Set(it.amounts.map(\.fen)))
        // Corrected later, and one of nobody.
        try database.execute(
            "UPDATE sfjl SET amount = '7.00', at = \(at("10")) WHERE id = 1; INSERT INTO sfjl VALUES (3, '00000009', '1.00', \(at("11")))"
        )
        let second = try await site.sync()
        #expect(second.ending.status == 1 && second.counts["c.payments"]?["changed"] == 1, "\(second.counts)")
        #expect(try await site.quarantine().map(\.key) == ["3"])
        let later = try await site.values("amount_fen", of: "payments", in: "00000001", as: Int.self)
        #expect(Set(later) == [700, it.amounts[1].fen])
        #expect(try await site.sync().counts["c.payments"]?["changed"] == 0)
    }

    @Test func whatCannotBeReadIsToldBeforehand() async throws {
        try database.execute(
            "CREATE TABLE yh(no CHAR(12) PRIMARY KEY, community VARCHAR(40), door VARCHAR(10)); CREATE TABLE sfjl(id INT PRIMARY KEY, no CHAR(12), amount DECIMAL(14,2), at DATETIME NOT NULL); INSERT INTO yh VALUES ('00000001', '阳光', '1-1')"
        )
        for (site, code, advice) in [
            (try site(settings: ", settings: {CHARSET: latin1}"), "source.charset", "CHARSET=utf8mb4"),
            (try site(driver: "Nope"), "config.badConnection", "odbc-mariadb"),
        ] {
            let check = try await site.hearth("check")
            #expect(check.status >= 2 && check.output.contains(advice), "\(check.output)\(check.errors)")
            let sync = try await site.hearth("sync")
            #expect(sync.status >= 2 && sync.errors.contains(code) && sync.errors.contains(advice), "\(sync.errors)")
            #expect(try await site.account("00000001").isEmpty)
        }
    }

    /// The connection is cut in the middle: what was committed stays, the next run takes the rest, and nothing is there twice.
    @Test func aConnectionThatIsCut() async throws {
        try database.execute(
            """
            CREATE TABLE yh(no CHAR(12) PRIMARY KEY, community VARCHAR(40), door VARCHAR(10));
            CREATE TABLE sfjl(id INT PRIMARY KEY, no CHAR(12), amount DECIMAL(14,2), at DATETIME NOT NULL);
            INSERT INTO yh VALUES ('00000001', '阳光', '1-1');
            INSERT INTO sfjl SELECT seq, '00000001', seq / 100, '2026-01-01' + INTERVAL seq SECOND FROM seq_1_to_600
            """)
        let folder = "/tmp/hearthcut-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let socket = try CutSocket(folder + "/s", before: database.server.socket)
        defer { socket.close() }
        let site = try site(socket: socket.path)
        #expect(try await site.sync("c.users").ending.status == 0)
        var new = 0
        for bytes in [9_000, 16_000, 20_000, nil] {
            socket.cut(after: bytes)
            let sync = try await site.sync("c.payments", "--batch-rows", "50")
            #expect(sync.ending.status == (bytes == nil ? 0 : 2), "\(sync.ending.errors)")
            let counts = sync.counts["c.payments"] ?? [:]
            let parts = ["new", "changed", "unchanged", "duplicate", "quarantined"].reduce(0) { $0 + (counts[$1] ?? 0) }
            #expect(counts["read"] == parts && counts["changed"] == 0)
            new += counts["new"] ?? 0
            // A batch that was committed is not read again but for the row that the cursor stands on.
            if bytes == nil { #expect(counts["new"] ?? 600 < 600 && counts["read"] ?? 600 < 600, "\(counts)") }
        }
        #expect(new == 600)
        let amounts = try await site.values("amount_fen", of: "payments", in: "00000001", as: Int.self)
        #expect(amounts.count == 600 && Set(amounts) == Set(1...600))
    }
}
