/// The tables of the billing system, as its vendor named them: initials of the Chinese words.
enum BillingTable: Int, CaseIterable, Sendable {
    /// Heating seasons (采暖期).
    case sf_cnq
    /// Code table (代码).
    case sf_dm
    /// Accounts (用户).
    case sf_yh
    /// Charge lines (费用).
    case sf_fy
    /// Audit copies of charge lines (审核): a trap, not for pulling.
    case sf_fy_sh_t
    /// A backup of charge lines: a trap, not for pulling.
    case sf_fy_bak
    /// Payments (缴费).
    case sf_jf
    /// Meter readings (抄表).
    case sf_cb
    /// Suspensions (面积停供).
    case sf_mjtg
    /// Disconnections (面积拆网).
    case sf_mjcw

    enum ColumnType { case integer, text, money, time }

    var name: String { "\(self)" }

    var columns: [(name: String, type: ColumnType)] {
        switch self {
        case .sf_cnq: [("cnqid", .integer), ("cnq", .text), ("ksrq", .text), ("jsrq", .text), ("gxsj", .time)]
        case .sf_dm: [("lb", .text), ("dm", .text), ("mc", .text)]
        case .sf_yh:
            [
                ("yhid", .integer), ("yhkh", .text), ("yhm", .text), ("yhlx", .text), ("jsfs", .text), ("jglb", .text),
                ("sfmj", .text), ("jzmj", .text), ("tnmj", .text), ("symj", .text), ("gtmj", .text), ("tgmj", .text),
                ("cg", .text), ("rlz", .text), ("xqmc", .text), ("ldh", .text), ("dyh", .text), ("fjh", .text),
                ("gnzt", .text), ("fmzt", .text), ("dbh", .text), ("jcsh", .integer), ("hmd", .integer),
                ("ljqf", .money),
                ("zf", .integer), ("kzsj", .text), ("bz", .text), ("gxsj", .time),
            ]
        case .sf_fy, .sf_fy_sh_t, .sf_fy_bak:
            [
                ("id", .integer), ("yhid", .integer), ("yhkh", .text), ("cnq", .text), ("fylb", .text), ("sl", .text),
                ("jldw", .text), ("dj", .text), ("ysje", .money), ("sfje", .money), ("qfje", .money), ("zkje", .money),
                ("hjje", .money), ("wyje", .money), ("jfzt", .text), ("jzrq", .text), ("scsj", .time), ("zf", .integer),
                ("bz", .text), ("gxsj", .time),
            ]
        case .sf_jf:
            [
                ("lsh", .text), ("yhid", .integer), ("yhkh", .text), ("cnq", .text), ("sfrq", .text), ("sffs", .text),
                ("je", .money), ("dzzt", .text), ("fphm", .text), ("hc", .integer), ("zf", .integer), ("gxsj", .time),
            ]
        case .sf_cb:
            [
                ("id", .integer), ("yhid", .integer), ("yhkh", .text), ("bh", .text), ("cnq", .text), ("cbsj", .text),
                ("qsbs", .text), ("zzbs", .text), ("yl", .text), ("dw", .text), ("ljll", .text), ("gswd", .text),
                ("hswd", .text), ("zf", .integer), ("gxsj", .time),
            ]
        case .sf_mjtg:
            [
                ("id", .integer), ("yhid", .integer), ("yhkh", .text), ("cnq", .text), ("ywlx", .text), ("tgbl", .text),
                ("ksrq", .text), ("jsrq", .text), ("sqrq", .text), ("shrq", .text), ("tgyy", .text), ("shzt", .text),
                ("zf", .integer), ("gxsj", .time),
            ]
        case .sf_mjcw:
            [
                ("id", .integer), ("yhid", .integer), ("yhkh", .text), ("cwrq", .text), ("cwzt", .text),
                ("kfhf", .text),
                ("cwyy", .text), ("zf", .integer), ("gxsj", .time),
            ]
        }
    }

    private var keyColumn: String {
        switch self {
        case .sf_cnq: "cnqid"
        case .sf_dm: "dm"
        case .sf_yh: "yhid"
        case .sf_jf: "lsh"
        default: "id"
        }
    }

    private var hasCursor: Bool { self != .sf_dm }

    /// No table declares a primary key: in the wild that is why the same row stands there twice.
    func createStatement(postgres: Bool) -> String {
        let list = columns.map { column in
            let type =
                switch column.type {
                case .integer: postgres ? "bigint" : "INTEGER"
                case .text: postgres ? "text" : "TEXT"
                // SQLite keeps a fraction exact only as text.
                case .money: postgres ? "numeric(14,2)" : "TEXT"
                case .time: postgres ? "timestamp(0)" : "TEXT"
                }
            return "\(column.name) \(type)"
        }
        return "CREATE TABLE \(name) (\(list.joined(separator: ", ")))"
    }

    /// Built after the rows are in.
    var indexStatements: [String] {
        guard hasCursor else { return [] }
        let isOfAccount = keyColumn != "yhid" && columns.contains { $0.name == "yhid" }
        return [
            "CREATE INDEX ix_\(name)_key ON \(name) (\(keyColumn))",
            "CREATE INDEX ix_\(name)_gxsj ON \(name) (gxsj, \(keyColumn))",
        ] + (isOfAccount ? ["CREATE INDEX ix_\(name)_yhid ON \(name) (yhid)"] : [])
    }
}
