import HearthTesting
import HeatModel

/// Customers and their bills in PostgreSQL.
final class BillingDatabase {
    let dsn: String
    let bills: Int
    var customers: Int { bills / 5 }
    private let schema: String
    private let server: PostgresServer?
    private let session: PostgresSession

    /// In a database that is there, or else on a server of the benchmark's own.
    init(dsn: String?, rows: Int) throws {
        bills = rows
        if let dsn {
            server = nil
            self.dsn = dsn
        } else {
            let server = try PostgresServer(settings: ["shared_buffers = 256MB", "max_wal_size = 4GB"])
            self.server = server
            self.dsn = server.dsn
        }
        session = try PostgresSession(dsn: self.dsn)
        schema = try Self.holds(rows, "public", session) ? "public" : "hearth_benchmark"
        if try schema != "public" && !Self.holds(rows, schema, session) { try makeTables() }
        try undoChange()
    }

    func table(_ name: String) -> String { "\(schema).\(name)" }

    func stop() { server?.stop() }

    /// A thousandth of the bills is paid a little more, at a later instant than all others.
    func change() throws {
        try session.execute(
            """
            CREATE TABLE \(table("bill_before_change")) AS SELECT bill_id, paid, updated_at FROM \(table("bill")) WHERE bill_id % 1000 = 7;
            UPDATE \(table("bill")) SET paid = paid + 1, updated_at = timestamptz '2027-06-01' + bill_id * interval '1 ms'
                WHERE bill_id % 1000 = 7;
            """)
    }

    /// Also what a benchmark that was stopped did not undo.
    func undoChange() throws {
        guard try session.execute("SELECT to_regclass('\(table("bill_before_change"))')").first?.first != .some(nil)
        else { return }
        try session.execute(
            """
            UPDATE \(table("bill")) b SET paid = o.paid, updated_at = o.updated_at FROM \(table("bill_before_change")) o WHERE o.bill_id = b.bill_id;
            DROP TABLE \(table("bill_before_change"));
            """)
    }

    private static func holds(_ rows: Int, _ schema: String, _ session: PostgresSession) throws -> Bool {
        for (name, count) in [("customer", rows / 5), ("bill", rows)] {
            let found = try session.execute("SELECT to_regclass('\(schema).\(name)')")
            guard let found = found.first?.first, found != nil else { return false }
            let counted = try session.execute("SELECT count(*) FROM \(schema).\(name)")
            if counted.first?.first != .some(String(count)) { return false }
        }
        return true
    }

    private func makeTables() throws {
        try session.execute(
            """
            SET client_min_messages = warning; DROP SCHEMA IF EXISTS \(schema) CASCADE;
            CREATE SCHEMA \(schema);
            CREATE TABLE \(table("customer"))(
                account_no text NOT NULL, name text NOT NULL, phone text, id_no text, city text, district text, community text,
                building text, unit text, room text, area_m2 numeric(10,2), heating_type text, status text, station_code text,
                tariff_code text, unit_price numeric(8,3), opened_on date, updated_at timestamptz);
            CREATE TABLE \(table("bill"))(
                bill_id bigint NOT NULL, account_no text NOT NULL, season text, line_no int, item text, quantity numeric(12,3),
                unit_price numeric(8,3), amount numeric(14,2), tax numeric(14,2), paid numeric(14,2), due_on date, status text,
                remark text, updated_at timestamptz);
            INSERT INTO \(table("customer")) SELECT 'HT' || (10000000 + i),
                (ARRAY['张伟','王芳','李娜','刘洋','陈静','欧阳建国','赵敏','孙丽'])[1 + i % 8] || (i % 977),
                '139' || lpad((i % 100000000)::text, 8, '0'), '2101' || lpad((i % 90000000)::text, 14, '0'), '沈阳市',
                (ARRAY['和平区','沈河区','铁西区','皇姑区','浑南区'])[1 + i % 5], '阳光花园小区' || (i % 321),
                (1 + i % 40) || '号楼', (1 + i % 6) || '单元', (101 + i % 900)::text, (60 + (i * 7919 % 12000) / 100.0)::numeric(10,2),
                (ARRAY['地暖','散热器'])[1 + i % 2], (ARRAY['正常供热','报停','欠费停供'])[1 + (i % 20) / 18], 'ST' || (100 + i % 300),
                'RES-26', 26.0, date '2005-10-01' + (i % 7000)::int, timestamptz '2026-10-01' + (i % 4000000) * interval '1 second'
                FROM generate_series(0::bigint, \(customers - 1)) i;
            INSERT INTO \(table("bill")) SELECT i, 'HT' || (10000000 + i / 5),
                (ARRAY['2022-2023','2023-2024','2024-2025','2025-2026','2026-2027'])[1 + i % 5], 1 + i % 5,
                (ARRAY['基本热费','计量热费','滞纳金','减免','其他'])[1 + i % 5], (60 + (i * 7919 % 12000) / 100.0)::numeric(12,3), 26.0,
                ((60 + (i * 7919 % 12000) / 100.0) * 26)::numeric(14,2), ((60 + (i * 7919 % 12000) / 100.0) * 2.34)::numeric(14,2),
                ((i * 31) % 300000 / 100.0)::numeric(14,2), date '2022-11-15' + ((i % 5) * 365)::int,
                (ARRAY['已缴','未缴','部分缴'])[1 + i % 3],
                CASE WHEN i % 7 = 0 THEN '用户申请减免，经审核"同意",备注' || chr(9) || i END,
                timestamptz '2026-10-01' + (i % 4000000) * interval '1 second'
                FROM generate_series(0::bigint, \(bills - 1)) i;
            ALTER TABLE \(table("customer")) ADD PRIMARY KEY(account_no);
            ALTER TABLE \(table("bill")) ADD PRIMARY KEY(bill_id);
            CREATE INDEX ON \(table("customer"))(updated_at);
            CREATE INDEX ON \(table("bill"))(updated_at);
            """)
        for name in ["customer", "bill"] { try session.execute("VACUUM ANALYZE \(table(name))") }
    }
}
