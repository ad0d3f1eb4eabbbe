import CSVConnector
import Foundation
import HearthTesting
import HeatModel
import Records
import Testing

/// A workbook that another program wrote gives the records of the CSV file of the same rows.
@Suite struct WorkbookWriterTests {
    private func made(_ writer: String, _ seed: Int) throws -> DropBox {
        let box = try DropBox()
        try PythonProgram.run("workbooks.py", [writer, "\(seed)", box.path])
        return box
    }

    private func compare(_ box: DropBox, _ name: String) {
        let book = Pulled(box.stream { $0.pattern = "*.xlsx" })
        let text = Pulled(box.stream())
        #expect(book.error == nil && book.codes == [], "\(name): \(book.error.map { "\($0)" } ?? "")")
        #expect(text.rows.count == 200)
        #expect(book.batches.first?.columns == text.batches.first?.columns)
        for (index, (one, other)) in zip(book.rows, text.rows).enumerated() where one != other {
            Issue.record("\(name), row \(index + 2): \(one) is not \(other)")
            break
        }
        #expect(book.rows.count == text.rows.count)
    }

    @Test(arguments: ["openpyxl", "xlsxwriter", "streamed"], [1, 2, 3])
    func givesTheRecordsOfTheCSV(_ writer: String, _ seed: Int) throws {
        compare(try made(writer, seed), "\(writer) \(seed)")
    }

    /// LibreOffice reads openpyxl's workbook and writes its own.
    @Test func givesTheRecordsAfterAnOfficeProgram() throws {
        let box = try made("openpyxl", 4)
        let office = try DropBox()
        _ = try DropBox.run(
            "/usr/bin/soffice",
            [
                "-env:UserInstallation=file://\(office.path)/profile", "--headless", "--convert-to", "xlsx", "--outdir",
                office.path, "\(box.path)/yh_1.xlsx",
            ], [])
        let written = try Data(contentsOf: URL(fileURLWithPath: "\(office.path)/yh_1.xlsx"))
        try box.put("yh_1.xlsx", Array(written))
        compare(box, "LibreOffice")
    }

    @Test func keepsTheContract() throws {
        let box = try DropBox()
        var first = WorkbookBytes(
            WorkbookBytes.rows([["户号", "姓名", "备注"], ["00000001", "张伟", "\\N"], ["00000002", "王,芳"]]))
        try box.put("a.xlsx", first.bytes)
        first = WorkbookBytes(
            WorkbookBytes.rows([
                ["户号", "姓名", "备注"], [], ["00000004", "欧阳建国", "x"], ["00000004", "欧阳建国", "x"], ["00000005", "", "室|温"],
            ]))
        try box.put("b.xlsx", first.bytes)
        let cut = try DropBox()
        // Its trailer has not come.
        try cut.put("a.xlsx", first.bytes)
        let stream = box.stream {
            $0.pattern = "*.xlsx"
            $0.nulls = ["\\N"]
        }
        let fixture = ConnectorFixture(
            stream: "residents", columns: ["户号", "姓名", "备注"],
            rows: [
                ["00000001", "张伟", nil], ["00000002", "王,芳", ""], ["00000004", "欧阳建国", "x"], ["00000004", "欧阳建国", "x"],
                ["00000005", "", "室|温"],
            ],
            connector: { CSVConnector(source: "customer", streams: [stream]) },
            brokenConnector: {
                var gone = stream
                gone.folder = box.path + "/gone"
                return CSVConnector(source: "customer", streams: [gone])
            },
            withholdingConnector: {
                var withholding = stream
                withholding.folder = cut.path
                withholding.trailer = .init(prefix: "合计")
                return CSVConnector(source: "customer", streams: [withholding])
            },
            fingerprint: { try box.fingerprint() })
        let failures = ConnectorConformance(fixture: fixture).run()
        #expect(failures.isEmpty, "\(failures)")
    }
}
