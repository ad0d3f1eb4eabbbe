import Foundation
import HearthTesting
import HeatModel

/// A million rows of ten columns in a MariaDB server of the benchmark's own.
final class MariaDBTable {
    static let name = "bill"
    static let rows: Int64 = 1_000_000
    private let database: MariaDBDatabase

    /// Where the server is, for the processes that measure.
    init(_ folder: BenchmarkFolder) throws {
        database = try MariaDBServer(settings: ["--innodb-buffer-pool-size=512M"]).createDatabase()
        try database.execute(
            """
            CREATE TABLE \(Self.name)(
                bill_id BIGINT PRIMARY KEY, account_no CHAR(10), season VARCHAR(12), item VARCHAR(20), address VARCHAR(200),
                amount DECIMAL(14,2), paid DECIMAL(14,2), due_on DATE, updated_at DATETIME, remark VARCHAR(80));
            INSERT INTO \(Self.name) SELECT seq, CONCAT('HT', LPAD(seq DIV 5, 8, '0')), '2025-2026', ELT(1 + seq % 3, '基本热费', '计量热费', '滞纳金'),
                CONCAT('沈阳市阳光花园小区', seq % 321, '号楼', 1 + seq % 6, '单元', 101 + seq % 900), (6000 + seq * 7919 % 12000) / 100.0,
                (seq * 31 % 300000) / 100.0, '2022-11-15' + INTERVAL seq % 1000 DAY, '2026-10-01' + INTERVAL seq SECOND,
                IF(seq % 7 = 0, '用户申请减免，经审核"同意"', NULL) FROM seq_1_to_\(Self.rows)
            """)
        try database.server.socket.write(toFile: folder.path + "/mariadb.socket", atomically: true, encoding: .utf8)
        try database.name.write(toFile: folder.path + "/mariadb.database", atomically: true, encoding: .utf8)
    }

    static func socket(in folder: BenchmarkFolder) throws -> String {
        try String(contentsOfFile: folder.path + "/mariadb.socket", encoding: .utf8)
    }

    static func database(in folder: BenchmarkFolder) throws -> String {
        try String(contentsOfFile: folder.path + "/mariadb.database", encoding: .utf8)
    }
}
