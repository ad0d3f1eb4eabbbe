import Dispatch
import HeatModel
import Tables

/// `findings.xlsx`: a sheet of sums, one of findings (as many as a sheet holds, then another), one of control totals.
///
/// A row at a time is kept in memory. Used by one thread at a time: from ``closing(with:totals:rules:)`` on by one of its own.
final class Workbook {
    private let file: SheetFile
    private let sums: SheetFile.Sheet
    private var sheet: SheetFile.Sheet?
    private var sheets = 0
    private var row: UInt32 = 0

    init(path: String, folder: String) throws {
        file = try SheetFile(path: path, folder: folder)
        sums = file.sheet("汇总 Summary")
        beginSheet()
    }

    /// What stands in each column, its head, and how many characters it is wide.
    private static let columns: [(FindingColumn, String, Int)] = [
        (.account, "户号 account", 14), (.rule, "规则 rule", 24), (.severity, "级别 severity", 11), (.blocks, "阻断 blocks", 9),
        (.season, "采暖期 season", 12), (.money, "金额(元) yuan", 14), (.community, "小区 community", 16),
        (.zh, "说明", 60), (.en, "text", 60), (.subject, "对象 subject", 28), (.found, "发现 found", 28),
        (.expected, "应为 expected", 18), (.detail, "原因 detail", 28), (.evidence, "依据 evidence", 50), (.id, "编号 id", 23),
    ]

    private func beginSheet() {
        endSheet()
        sheets += 1
        let sheet = file.sheet(sheets == 1 ? "问题 Findings" : "问题 Findings \(sheets)")
        file.head(sheet, Self.columns.map { ($0.1, $0.2) })
        file.freeze(sheet, rows: 1, columns: 1)
        self.sheet = sheet
        row = 0
    }

    private func endSheet() {
        if let sheet { file.filter(sheet, lastRow: row, columns: Self.columns.count) }
    }

    func add(_ finding: FindingRow) {
        if row == SheetFile.mostRows { beginSheet() }
        guard let sheet else { return }
        row += 1
        for (column, entry) in Self.columns.enumerated() {
            switch entry.0 {
            case .money: file.yuan(sheet, row, column, finding.finding.money)
            case .blocks: file.flag(sheet, row, column, finding.rule.blocks)
            default: file.text(sheet, row, column, entry.0.text(of: finding))
            }
        }
    }

    /// The last of a workbook's work, on a thread of its own.
    final class Closing: @unchecked Sendable {
        // Written before the group is left, read after it was waited for.
        private var result: Result<Void, any Error> = .success(())
        private let work = DispatchGroup()

        init(_ body: @escaping @Sendable () throws -> Void) {
            DispatchQueue.global().async(group: work) { self.result = Result(catching: body) }
        }

        func wait() { work.wait() }

        /// - Throws: `output.notWritable`.
        func end() throws {
            wait()
            try result.get()
        }
    }

    /// Adds what is known at the end, and closes the file. Nothing else is done with the workbook after this.
    func closing(with summary: Summary, totals: [TotalsRow], rules: RuleSet) -> Closing {
        nonisolated(unsafe) let workbook = self
        return Closing {
            workbook.add(summary: summary, totals: totals, rules: rules)
            try workbook.file.close()
        }
    }

    private func add(summary: Summary, totals: [TotalsRow], rules: RuleSet) {
        endSheet()
        file.widths(sums, [30, 14, 10, 12, 18, 18])
        file.text(sums, 0, 0, "对账结果 Reconciliation", .title)
        file.text(sums, 1, 0, "截至批次 as of run")
        file.count(sums, 1, 1, summary.asOfRun)
        file.text(sums, 2, 0, "户数 accounts")
        file.count(sums, 2, 1, summary.accounts)
        file.text(sums, 3, 0, "问题 findings")
        file.count(sums, 3, 1, summary.all.findings)
        file.text(sums, 4, 0, "涉及金额(元) worth, yuan")
        file.yuan(sums, 4, 1, summary.all.absolute.amount)
        let names = ["规则 rule", "级别 severity", "阻断 blocks", "数量 findings", "净额(元) net", "总额(元) absolute"]
        file.head(sums, names.map { ($0, 0) }, at: 6)
        for (index, entry) in summary.rules.enumerated() {
            let row = UInt32(index + 7)
            file.text(sums, row, 0, entry.rule)
            file.text(sums, row, 1, entry.severity)
            file.flag(sums, row, 2, entry.blocks)
            file.count(sums, row, 3, entry.count.findings)
            file.yuan(sums, row, 4, entry.count.money.amount)
            file.yuan(sums, row, 5, entry.count.absolute.amount)
        }
        add(totals)
    }

    private func add(_ totals: [TotalsRow]) {
        let sheet = file.sheet("控制总数 Totals")
        file.head(
            sheet,
            [
                ("侧 side", 10), ("系统 system", 12), ("流 stream", 24), ("采暖期 season", 13), ("小区 community", 18),
                ("费用项 item", 18), ("指标 measure", 16), ("条数 count", 12), ("合计(元) yuan", 18),
            ])
        file.freeze(sheet, rows: 1, columns: 0)
        var row: UInt32 = 0
        for total in totals.prefix(Int(SheetFile.mostRows)) {
            row += 1
            let cells = [
                total.side.rawValue, total.system, total.stream, total.season, total.community, total.item,
                total.measure,
            ]
            for (column, cell) in cells.enumerated() where !cell.isEmpty { file.text(sheet, row, column, cell) }
            file.count(sheet, row, 7, total.count)
            if let sum = total.sum { file.yuan(sheet, row, 8, sum) }
        }
        file.filter(sheet, lastRow: row, columns: 9)
    }
}
