import CXlsxWriter
import HeatModel

/// `findings.xlsx`: a sheet of sums, one of findings (as many as a sheet holds, then another), one of control totals.
///
/// A row at a time is kept in memory. Used by one thread.
final class Workbook {
    private static let mostRows: UInt32 = 1_048_575
    private let path: String
    private let book: UnsafeMutablePointer<lxw_workbook>
    private let sums: UnsafeMutablePointer<lxw_worksheet>?
    private var sheet: UnsafeMutablePointer<lxw_worksheet>?
    private var sheets = 0
    private var row: UInt32 = 0
    private let header: UnsafeMutablePointer<lxw_format>?
    private let money: UnsafeMutablePointer<lxw_format>?
    private let number: UnsafeMutablePointer<lxw_format>?
    private let title: UnsafeMutablePointer<lxw_format>?
    private var failure: lxw_error = LXW_NO_ERROR
    /// The library keeps the pointer for as long as the workbook is open.
    private let folder: UnsafeMutablePointer<CChar>

    init(path: String, folder: String) throws {
        self.path = path
        self.folder = strdup(folder)
        guard let book = hearth_workbook_new(path, self.folder) else {
            free(self.folder)
            throw ByteFile.problem(path, "the workbook cannot be made", nil)
        }
        self.book = book
        // The same content is the same file whatever the clock says.
        "Hearth".withCString { hearth_workbook_describe(book, UnsafeMutablePointer(mutating: $0), 946_684_800) }
        header = workbook_add_format(book)
        format_set_bold(header)
        format_set_bg_color(header, 0xE8EEF4)
        format_set_bottom(header, UInt8(LXW_BORDER_THIN.rawValue))
        money = workbook_add_format(book)
        format_set_num_format(money, "#,##0.00")
        number = workbook_add_format(book)
        format_set_num_format(number, "#,##0")
        title = workbook_add_format(book)
        format_set_bold(title)
        format_set_font_size(title, 14)
        sums = workbook_add_worksheet(book, "汇总 Summary")
        beginSheet()
    }

    deinit { free(folder) }

    private func note(_ error: lxw_error) { if failure == LXW_NO_ERROR { failure = error } }

    private func text(
        _ sheet: UnsafeMutablePointer<lxw_worksheet>?, _ row: UInt32, _ column: Int, _ text: String,
        _ format: UnsafeMutablePointer<lxw_format>? = nil
    ) {
        // A cell holds 32,767 characters.
        note(
            worksheet_write_string(
                sheet, row, UInt16(column), text.count > 32_000 ? String(text.prefix(32_000)) : text, format))
    }

    /// 元, for people: a spreadsheet knows no other numbers than floating point, and shows two places. What it could not show to
    /// the fen stands there as text.
    private func yuan(_ sheet: UnsafeMutablePointer<lxw_worksheet>?, _ row: UInt32, _ column: Int, _ fen: Int64) {
        // Spreadsheets keep fifteen digits.
        if fen.magnitude >= 1_000_000_000_000_000 { return text(sheet, row, column, Fen(fen).description) }
        note(worksheet_write_number(sheet, row, UInt16(column), Double(fen) / 100, money))
    }

    private func count(_ sheet: UnsafeMutablePointer<lxw_worksheet>?, _ row: UInt32, _ column: Int, _ value: Int64) {
        note(worksheet_write_number(sheet, row, UInt16(column), Double(value), number))
    }

    private func head(_ sheet: UnsafeMutablePointer<lxw_worksheet>?, _ names: [(String, Double)], at row: UInt32 = 0) {
        for (column, (name, width)) in names.enumerated() {
            if row == 0 { note(worksheet_set_column(sheet, UInt16(column), UInt16(column), width, nil)) }
            text(sheet, row, column, name, header)
        }
    }

    private static let columns: [(FindingColumn, String, Double)] = [
        (.account, "户号 account", 14), (.rule, "规则 rule", 24), (.severity, "级别 severity", 11), (.blocks, "阻断 blocks", 9),
        (.season, "采暖期 season", 12), (.money, "金额(元) yuan", 14), (.community, "小区 community", 16),
        (.zh, "说明", 60), (.en, "text", 60), (.subject, "对象 subject", 28), (.found, "发现 found", 28),
        (.expected, "应为 expected", 18), (.detail, "原因 detail", 28), (.evidence, "依据 evidence", 50), (.id, "编号 id", 23),
    ]

    private func beginSheet() {
        endSheet()
        sheets += 1
        sheet = workbook_add_worksheet(book, sheets == 1 ? "问题 Findings" : "问题 Findings \(sheets)")
        head(sheet, Self.columns.map { ($0.1, $0.2) })
        worksheet_freeze_panes(sheet, 1, 1)
        row = 0
    }

    private func endSheet() {
        if let sheet { note(worksheet_autofilter(sheet, 0, 0, max(1, row), UInt16(Self.columns.count - 1))) }
    }

    func add(_ finding: FindingRow) {
        if row == Self.mostRows { beginSheet() }
        row += 1
        for (column, entry) in Self.columns.enumerated() {
            switch entry.0 {
            case .money: yuan(sheet, row, column, finding.finding.money)
            case .blocks: note(worksheet_write_boolean(sheet, row, UInt16(column), finding.rule.blocks ? 1 : 0, nil))
            default: text(sheet, row, column, entry.0.text(of: finding))
            }
        }
    }

    func add(summary: Summary, totals: [TotalsRow], rules: RuleSet) {
        endSheet()
        for (column, width) in [30.0, 14, 10, 12, 18, 18].enumerated() {
            note(worksheet_set_column(sums, UInt16(column), UInt16(column), width, nil))
        }
        text(sums, 0, 0, "对账结果 Reconciliation", title)
        text(sums, 1, 0, "截至批次 as of run")
        count(sums, 1, 1, summary.asOfRun)
        text(sums, 2, 0, "户数 accounts")
        count(sums, 2, 1, summary.accounts)
        text(sums, 3, 0, "问题 findings")
        count(sums, 3, 1, summary.all.findings)
        text(sums, 4, 0, "涉及金额(元) worth, yuan")
        yuan(sums, 4, 1, summary.all.absolute.amount)
        let names = ["规则 rule", "级别 severity", "阻断 blocks", "数量 findings", "净额(元) net", "总额(元) absolute"]
        head(sums, names.map { ($0, 0) }, at: 6)
        for (index, entry) in summary.rules.enumerated() {
            let row = UInt32(index + 7)
            text(sums, row, 0, entry.rule)
            text(sums, row, 1, entry.severity)
            note(worksheet_write_boolean(sums, row, 2, entry.blocks ? 1 : 0, nil))
            count(sums, row, 3, entry.count.findings)
            yuan(sums, row, 4, entry.count.money.amount)
            yuan(sums, row, 5, entry.count.absolute.amount)
        }
        add(totals)
    }

    private func add(_ totals: [TotalsRow]) {
        let sheet = workbook_add_worksheet(book, "控制总数 Totals")
        head(
            sheet,
            [
                ("侧 side", 10), ("系统 system", 12), ("流 stream", 24), ("采暖期 season", 13), ("小区 community", 18),
                ("费用项 item", 18), ("指标 measure", 16), ("条数 count", 12), ("合计(元) yuan", 18),
            ])
        worksheet_freeze_panes(sheet, 1, 0)
        var row: UInt32 = 0
        for total in totals.prefix(Int(Self.mostRows)) {
            row += 1
            let cells = [
                total.side.rawValue, total.system, total.stream, total.season, total.community, total.item,
                total.measure,
            ]
            for (column, cell) in cells.enumerated() where !cell.isEmpty { text(sheet, row, column, cell) }
            count(sheet, row, 7, total.count)
            if let sum = total.sum { yuan(sheet, row, 8, sum) }
        }
        note(worksheet_autofilter(sheet, 0, 0, max(1, row), 8))
    }

    func close() throws {
        let closed = workbook_close(book)
        note(closed)
        if failure != LXW_NO_ERROR {
            let why = String(cString: lxw_strerror(failure))
            throw ByteFile.problem(path, "the workbook cannot be written (\(why))", nil)
        }
    }
}
