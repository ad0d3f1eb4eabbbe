import Foundation
import HeatModel

/// A workbook of accounts with twelve columns, a tenth as many rows as there are bills, written by xlsxwriter: texts, numbers, days and
/// instants.
struct WorkbookFile {
    let folder: String
    let path: String
    /// A Python that has xlsxwriter and openpyxl, in the benchmark's folder.
    let python: String

    /// Makes the workbook of this size where it is not there yet.
    static func made(in benchmark: BenchmarkFolder) throws -> WorkbookFile {
        let rows = benchmark.rows / 10
        let folder = benchmark.path + "/workbook"
        let path = "\(folder)/accounts_\(rows).xlsx"
        let environment = benchmark.path + "/venv"
        let python = environment + "/bin/python"
        let file = WorkbookFile(folder: folder, path: path, python: python)
        if FileManager.default.fileExists(atPath: path) { return file }
        if !Command.exists("python3") { throw HearthError(.benchmarkMissing, "python3 is not installed") }
        if !FileManager.default.isExecutableFile(atPath: python) {
            _ = try Command(shell: "python3 -m venv \"$1\"", environment).output()
        }
        if (try? Command(python, ["-c", "import openpyxl, xlsxwriter"]).output()) == nil {
            _ = try Command(python, ["-m", "pip", "install", "-q", "openpyxl", "xlsxwriter"]).output()
        }
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        _ = try Command(python, ["-c", program, path, "\(rows)"]).output()
        return file
    }

    private static let program = """
        import datetime, sys, xlsxwriter
        book = xlsxwriter.Workbook(sys.argv[1] + ".new")
        sheet = book.add_worksheet("用户")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet.write_row(0, 0, ["户号", "姓名", "小区", "楼栋", "单元", "房号", "面积", "单价", "应缴", "开户", "更新", "备注"])
        start = datetime.datetime(2025, 10, 1)
        for row in range(1, int(sys.argv[2]) + 1):
            area = (6000 + row * 7919 % 12000) / 100
            sheet.write_string(row, 0, f"{row:08d}")
            sheet.write_string(row, 1, f"用户{row % 50000}")
            sheet.write_string(row, 2, f"阳光花园小区{row % 321}")
            sheet.write_number(row, 3, 1 + row % 40)
            sheet.write_number(row, 4, 1 + row % 6)
            sheet.write_string(row, 5, f"{101 + row % 900}")
            sheet.write_number(row, 6, area)
            sheet.write_number(row, 7, 24.5)
            sheet.write_number(row, 8, round(area * 24.5, 2))
            sheet.write_datetime(row, 9, start + datetime.timedelta(days=row % 100), day)
            sheet.write_datetime(row, 10, start + datetime.timedelta(seconds=row * 7), moment)
            sheet.write_string(row, 11, "" if row % 3 else "供热面积已复核")
        book.close()
        import os
        os.rename(sys.argv[1] + ".new", sys.argv[1])
        """
}
