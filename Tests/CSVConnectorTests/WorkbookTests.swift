import CSVConnector
import Foundation
import HeatModel
import Records
import Testing

/// Workbooks whose parts are written here, one condition each.
@Suite struct WorkbookTests {
    private func pull(
        _ book: WorkbookBytes, _ change: (inout CSVStream) -> Void = { _ in },
        request: (inout PullRequest) -> Void = { _ in }
    ) throws -> Pulled {
        let box = try DropBox()
        try box.put("yh_1.xlsx", book.bytes)
        return Pulled(
            box.stream {
                $0.pattern = "*.xlsx"
                change(&$0)
            }, request)
    }

    /// One column of cells under the header `a`, each given as its attributes and content.
    private func column(
        _ cells: [(attributes: String, content: String)], _ change: (inout WorkbookBytes) -> Void = { _ in }
    )
        throws -> Pulled
    {
        var rows = WorkbookBytes.rows([["a", "b"]])
        for (index, cell) in cells.enumerated() {
            rows +=
                "<row r=\"\(index + 2)\"><c r=\"A\(index + 2)\" \(cell.attributes)>\(cell.content)</c><c r=\"B\(index + 2)\"><v>1</v></c></row>"
        }
        var book = WorkbookBytes(rows)
        change(&book)
        return try pull(book)
    }

    private func numbers(_ stored: [String], format: String? = nil, _ change: (inout WorkbookBytes) -> Void = { _ in })
        throws
        -> Pulled
    {
        try column(stored.map { (format == nil ? "" : "s=\"1\"", "<v>\($0)</v>") }) {
            if let format { $0.formats = [format] }
            change(&$0)
        }
    }

    // MARK: values

    @Test func numbersAreTheirShortestText() throws {
        let stored = [
            "1", "24.5", "0.1", "1.1000000000000001", "0.30000000000000004", "2163.5", "-0", "-12.340",
            "1.0000000000000001E-5", "1E3", "1.2E+16", "1.10105194912310E+17", "110105194912310021",
            "110105194912310000", "123456789012345", "1E-2", "0.29999999999999999",
        ]
        let texts = [
            "1", "24.5", "0.1", "1.1", "0.30000000000000004", "2163.5", "-0", "-12.340", "0.00001", "1000", "1.2E+16",
            "1.1010519491231E+17", "110105194912310021", "1.1010519491231E+17", "123456789012345", "0.01", "0.3",
        ]
        let pulled = try numbers(stored)
        #expect(pulled.rows.map { $0[0] } == texts)
        #expect(pulled.codes == [])
    }

    @Test func formatsOfZerosKeepTheDigitsOfAnId() throws {
        #expect(
            try numbers(["123", "12345678901", "1.5"], format: "00000000").rows.map { $0[0] } == [
                "00000123", "12345678901", "1.5",
            ])
        #expect(try numbers(["123"], format: "0").rows == [["123", "1"]])
        #expect(try numbers(["0.05"], format: "0.00%").rows == [["0.05", "1"]])
    }

    @Test(arguments: [
        ("yyyy-mm-dd", "45975", "2025-11-14"), ("yyyy/m/d", "45975.395833333336", "2025-11-14 09:30:00"),
        ("yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;", "45975", "2025-11-14"),
        ("[$-804]e\\年m\\月", "45975", "2025-11-14"),
        ("yyyy-mm-dd hh:mm:ss", "45975", "2025-11-14 00:00:00"), ("h:mm", "0.395833333333333", "09:30:00"),
        ("h:mm:ss.000", "0.000001", "00:00:00.086"), ("[h]:mm:ss", "1.5", "36:00:00"),
        ("mmm-yy", "45975", "2025-11-14"),
        ("m/d/yy h:mm", "45975.999999999", "2025-11-15 00:00:00"), ("yyyy-mm-dd", "1", "1900-01-01"),
        ("yyyy-mm-dd", "59", "1900-02-28"), ("yyyy-mm-dd", "61", "1900-03-01"), ("yyyy-mm-dd", "2958465", "9999-12-31"),
        ("General", "45975", "45975"), ("0.00E+00", "45975", "45975"),
        ("#,##0.00_ ;[Red]\\-#,##0.00", "45975", "45975"),
        ("\\d0", "45975", "45975"), ("[Red]0.0", "45975", "45975"),
    ])
    func datesAreDatesByTheirFormat(_ format: String, _ stored: String, _ text: String) throws {
        let pulled = try numbers([stored], format: format)
        #expect(pulled.rows == [[text, "1"]], "\(format)")
        #expect(pulled.codes == [])
    }

    @Test func theOtherEpoch() throws {
        let pulled = try numbers(["0", "44513", "59"], format: "yyyy-mm-dd") {
            $0.properties = "<workbookPr date1904=\"1\"/>"
        }
        #expect(pulled.rows.map { $0[0] } == ["1904-01-01", "2025-11-14", "1904-02-29"])
    }

    @Test func builtInFormatsAreDates() throws {
        for (format, stored, text) in [
            ("#14", "45975", "2025-11-14"), ("#22", "45975.5", "2025-11-14 12:00:00"), ("#31", "45975", "2025-11-14"),
            ("#20", "0.5", "12:00:00"), ("#46", "2.25", "54:00:00"), ("#2", "45975", "45975"), ("#10", "0.5", "0.5"),
        ] {
            #expect(try numbers([stored], format: format).rows == [[text, "1"]], "\(format)")
        }
    }

    @Test func everyKindOfCell() throws {
        let pulled = try column([
            ("t=\"s\"", "<v>0</v>"), ("t=\"s\"", "<v>1</v>"), ("t=\"s\"", "<v>2</v>"), ("t=\"b\"", "<v>1</v>"),
            ("t=\"b\"", "<v>0</v>"), ("t=\"str\"", "<v>x &amp; &lt;y&gt; &#26032;</v>"),
            ("t=\"inlineStr\"", "<is><r><t>a</t></r><r><t>b</t></r><rPh><t>zz</t></rPh></is>"),
            ("t=\"d\"", "<v>2025-11-14</v>"), ("", ""), ("t=\"n\"", "<v>7</v>"),
            ("t=\"str\"", "<v><![CDATA[<&>]]></v>"),
        ]) {
            $0.texts = [
                "<t>张伟</t>",
                "<r><rPr><b/></rPr><t>王</t></r><r><t xml:space=\"preserve\"> 芳</t></r><rPh sb=\"0\"><t>wang</t></rPh>",
                "<t>a_x000A_b_x005F_x0041_ _x_ 😀</t>",
            ]
        }
        #expect(
            pulled.rows.map { $0[0] } == [
                "张伟", "王 芳", "a\nb_x0041_ _x_ 😀", "TRUE", "FALSE", "x & <y> 新", "ab", "2025-11-14", "", "7", "<&>",
            ])
        #expect(pulled.codes == [])
        #expect(pulled.ordinals == Array(2...12))
    }

    @Test func rowsAndCellsWithoutTheirPlace() throws {
        let book = WorkbookBytes(
            "<row><c t=\"str\"><v>a</v></c><c t=\"str\"><v>b</v></c></row><row/><row><c/><c><v>2</v></c></row>")
        let pulled = try pull(book)
        #expect(pulled.rows == [["", "2"]])
        #expect(pulled.ordinals == [3])
    }

    // MARK: what is refused row by row

    @Test func whatIsNoValueCostsItsRow() throws {
        let pulled = try column([
            ("", "<v>1</v>"), ("t=\"e\"", "<v>#REF!</v>"), ("t=\"e\"", "<f>1/0</f><v>#DIV/0!</v>"),
            ("", "<f>SUM(C1)</f>"),
            ("", "<f>SUM(C1)</f><v></v>"), ("t=\"str\"", "<f>T(C1)</f><v></v>"), ("", "<f>1+1</f><v>2</v>"),
            ("t=\"s\"", "<v>9</v>"), ("", "<v>abc</v>"), ("", "<v>4</v>"),
        ])
        #expect(pulled.rows.map { $0[0] } == ["1", "", "2", "4"])
        #expect(
            pulled.codes == [
                "record.cellError", "record.cellError", "record.formulaWithoutValue", "record.formulaWithoutValue",
                "record.cellError", "record.cellError",
            ])
        #expect(pulled.places.first == "yh_1.xlsx:3:1")
        #expect(pulled.defects.first?.message.contains("A3") == true)
        #expect(String(decoding: pulled.defects[0].raw, as: UTF8.self) == "#REF!,1")
        let told = pulled.summary.notices.first { $0.code == "workbook.formulas" }
        #expect(told?.message.contains("5 cells of a") == true && told?.message.contains("A4") == true)
    }

    @Test func aFormulaThatWaitsForExcelHasNoValue() throws {
        let pulled = try column([("", "<f>1+1</f><v>0</v>"), ("", "<v>2</v>")]) {
            $0.calculation = "<calcPr calcId=\"124519\" fullCalcOnLoad=\"1\"/>"
        }
        #expect(pulled.codes == ["record.formulaWithoutValue"])
        #expect(pulled.rows == [["2", "1"]])
    }

    @Test func daysThatExcelAloneKnowsAreRefused() throws {
        let pulled = try numbers(["-1", "0", "0.5", "60", "60.25", "2958466", "1E+12", "45975"], format: "yyyy-mm-dd")
        #expect(pulled.codes == Array(repeating: "record.cellDate", count: 7))
        #expect(pulled.rows == [["2025-11-14", "1"]])
        #expect(pulled.defects[3].message.contains("1900-02-29"))
        #expect(pulled.defects[0].message.contains("before 1900"))
    }

    @Test func aCellBesideTheTableAndALongRow() throws {
        var rows = WorkbookBytes.rows([
            ["a", "b"], ["1", "2"], ["3", "4", "", "x"], ["5", String(repeating: "y", count: 300)],
        ])
        rows += WorkbookBytes.rows([["a", "b"], ["合计", "9"]], from: 5)
        let pulled = try pull(WorkbookBytes(rows)) { $0.maxRecordBytes = 200 }
        #expect(
            pulled.codes == [
                "record.raggedRow", "record.tooLarge", "record.repeatedHeader", "record.undeclaredTrailer",
            ])
        #expect(pulled.rows == [["1", "2"]])
        #expect(pulled.defects[0].message.contains("D3"))
    }

    // MARK: where the table stands

    private static let joinedTitle = "<mergeCells count=\"1\"><mergeCell ref=\"A1:C1\"/></mergeCells>"

    @Test func titlesAcrossColumnsArePassedOver() throws {
        var book = WorkbookBytes(
            WorkbookBytes.rows([["2025-2026采暖期用户清单"], [], ["", "户号", "面积"], ["", "00000001", "90.5"]]))
        book.sheets[0].behind = Self.joinedTitle
        let pulled = try pull(book)
        #expect(pulled.batches.first?.columns == ["户号", "面积"])
        #expect(pulled.rows == [["00000001", "90.5"]])
        #expect(pulled.ordinals == [4])
        #expect(pulled.summary.notices.contains { $0.code == "workbook.titleRows" })
    }

    @Test func theHeaderIsFoundByItsNames() throws {
        let rows = WorkbookBytes.rows([["清单"], ["制表:", "王"], ["户号", "面积", "备注"], ["1", "2", "3"]])
        let pulled = try pull(WorkbookBytes(rows)) { $0.workbook.headerHas = ["面积", "户号"] }
        #expect(pulled.batches.first?.columns == ["户号", "面积", "备注"])
        #expect(pulled.rows == [["1", "2", "3"]])
        #expect(try pull(WorkbookBytes(rows)) { $0.preambleLines = 2 }.rows == [["1", "2", "3"]])
        let missing = try pull(WorkbookBytes(rows)) { $0.workbook.headerHas = ["面积", "户主"] }
        #expect(missing.error?.code.name == "source.noHeader" && missing.error?.message.contains("户主") == true)
    }

    @Test func headersThatNameNoColumns() throws {
        for row in [["a", "", "c"], ["a", "b", "a"]] {
            #expect(
                try pull(WorkbookBytes(WorkbookBytes.rows([row, ["1", "2", "3"]]))).error?.code.name
                    == "source.badHeader")
        }
        #expect(try pull(WorkbookBytes("<row r=\"1\"/>")).error?.code.name == "source.noHeader")
        let changed = try pull(WorkbookBytes(WorkbookBytes.rows([["a", "c"]]))) { $0.columns = ["a", "b"] }
        #expect(changed.error?.code.name == "source.headerChanged")
        let without = try pull(WorkbookBytes(WorkbookBytes.rows([["1", "2"]]))) {
            $0.hasHeader = false
            $0.columns = ["a", "b"]
        }
        #expect(without.rows == [["1", "2"]] && without.ordinals == [1])
    }

    @Test func cellsThatAreJoinedAmongTheRows() throws {
        var book = WorkbookBytes(
            WorkbookBytes.rows([["小区", "户号"], ["阳光", "1"], ["", "2"], ["", "3"], ["月光", "4"], ["", ""]]))
        book.sheets[0].behind =
            "<mergeCells><mergeCell ref=\"A2:A4\"/><mergeCell ref=\"A5:A6\"/><mergeCell ref=\"B5:B6\"/></mergeCells>"
        let refused = try pull(book)
        #expect(refused.rows == [["阳光", "1"], ["月光", "4"]])
        #expect(refused.codes == ["record.mergedCells", "record.mergedCells"])
        #expect(
            try pull(book) { $0.workbook.merged = .fill }.rows == [
                ["阳光", "1"], ["阳光", "2"], ["阳光", "3"], ["月光", "4"],
            ])
    }

    @Test func trailersCountAndSum() throws {
        let rows = [["户号", "应缴"], ["1", "10.50"], ["2", "20"], ["合计：", "2", "30.5"]]
        var header = rows
        header[0].append("x")
        let rule = CSVStream.Trailer(prefix: "合计", countField: 2, sumField: 3, sumColumn: "应缴")
        let good = try pull(WorkbookBytes(WorkbookBytes.rows(header))) { $0.trailer = rule }
        #expect(good.rows.count == 2 && good.error == nil && good.summary.statedRows == 2)
        #expect(good.summary.completeness?.proof == .trailer)
        header.remove(at: 1)
        let short = try pull(WorkbookBytes(WorkbookBytes.rows(header))) { $0.trailer = rule }
        #expect(short.error?.code.name == "source.trailerMismatch" && short.ended == 0)
        header.removeLast()
        let cut = try pull(WorkbookBytes(WorkbookBytes.rows(header))) { $0.trailer = rule }
        #expect(cut.error?.code.name == "source.truncated" && cut.rows.count == 1)
    }

    // MARK: sheets

    private func sheets(_ all: [(name: String, rows: [[String]], state: String)]) -> WorkbookBytes {
        var book = WorkbookBytes()
        book.sheets = all.map { .init(name: $0.name, rows: WorkbookBytes.rows($0.rows), state: $0.state) }
        return book
    }

    @Test func emptySheetsBesideTheOneAreNoQuestion() throws {
        let book = sheets([
            ("Sheet1", [], ""), ("Sheet2", [["a", "b"], ["1", "2"]], ""), ("旧", [["x"]], "state=\"hidden\""),
        ])
        let pulled = try pull(book)
        #expect(pulled.rows == [["1", "2"]])
        #expect(pulled.summary.notices.map(\.code).sorted() == ["workbook.hiddenSheets", "workbook.otherSheets"])
        let two = try pull(sheets([("一", [["a"], ["1"]], ""), ("二", [["a"], ["2"]], "")]))
        #expect(two.error?.code.name == "source.sheetUnknown" && two.error?.message.contains("一, 二") == true)
        #expect(two.rows == [])
    }

    @Test func severalSheetsOfOneShape() throws {
        let book = sheets([
            ("1号楼", [["a", "b"], ["1", "2"]], ""), ("说明", [["请勿修改"]], ""), ("2号楼", [["a", "b"], [], ["3", "4"]], ""),
            ("3号楼", [["a", "b"], ["5", "6"]], "state=\"hidden\""),
        ])
        let pulled = try pull(book) { $0.workbook.sheets = ["*号楼"] }
        #expect(pulled.rows == [["1", "2"], ["3", "4"]])
        #expect(pulled.ordinals == [2, 10_000_003])
        #expect(pulled.ended == 1)
        let hidden = try pull(book) { $0.workbook.sheets = ["3号楼"] }
        #expect(hidden.rows == [["5", "6"]])
        #expect(hidden.summary.notices.contains { $0.message.contains("hidden sheets are read") })
        #expect(try pull(book) { $0.workbook.sheets = ["4号楼"] }.error?.code.name == "source.sheetUnknown")
        #expect(try pull(book) { $0.workbook.sheets = ["1号楼", "说明"] }.error?.code.name == "source.headerChanged")
    }

    @Test func whatIsHiddenIsReadAndTold() throws {
        var book = WorkbookBytes(
            WorkbookBytes.rows([["a", "b"], ["1", "2"]])
                + "<row r=\"3\" hidden=\"1\"><c r=\"A3\"><v>3</v></c><c r=\"B3\"><v>4</v></c></row>")
        book.sheets[0].before = "<cols><col min=\"2\" max=\"2\" hidden=\"1\"/></cols>"
        let box = try DropBox()
        try box.put("yh_1.xlsx", book.bytes)
        let stream = box.stream { $0.pattern = "*.xlsx" }
        let pulled = Pulled(stream)
        #expect(pulled.rows == [["1", "2"], ["3", "4"]])
        #expect(pulled.summary.notices.map(\.code).sorted() == ["workbook.hiddenColumns", "workbook.hiddenRows"])
        let findings = CSVConnector(source: "c", streams: [stream]).check()
        #expect(findings.contains { $0.verdict == .warning && $0.detail.contains("1 hidden rows, from row 3") })
        #expect(findings.contains { $0.verdict == .ok && $0.detail == "2 columns: a, b" })
        #expect(!findings.contains { $0.verdict == .failed })
    }

    // MARK: in the folder

    @Test func aWorkbookIsADropLikeAnother() throws {
        let box = try DropBox()
        try box.put("yh_9.csv", "a,b\n1,2\n")
        try box.put("yh_10.xlsx", WorkbookBytes(WorkbookBytes.rows([["a", "b"], ["3", "4"]])).bytes)
        var archive = ZipBytes()
        archive.add("yh_11.csv", "a,b\n5,6\n")
        try box.put("yh_11.csv.zip", archive.bytes)
        let stream = box.stream {
            $0.pattern = "yh_*"
            $0.semantics = .snapshot
        }
        let pulled = Pulled(stream)
        #expect(pulled.error == nil)
        #expect(
            pulled.batches.filter { $0.rowCount > 0 }.map(\.origin.name) == ["yh_9.csv", "yh_10.xlsx", "yh_11.csv.zip"])
        #expect(pulled.rows == [["1", "2"], ["3", "4"], ["5", "6"]])
        let digest = try DropBox.sha256(WorkbookBytes(WorkbookBytes.rows([["a", "b"], ["3", "4"]])).bytes)
        #expect(pulled.batches.contains { $0.origin.digest == digest })
        try box.put("yh_11.csv.zip.manifest", "rows=2\n")
        try box.put("yh_9.csv.manifest", "rows=1\n")
        try box.put("yh_10.xlsx.manifest", "rows=1\nsum=4.00\nsumColumn=b\n")
        let held = Pulled(
            box.stream {
                $0.pattern = "yh_*"
                $0.readiness = .manifest
            })
        #expect(held.error?.code.name == "source.manifestMismatch" && held.rows == [["1", "2"], ["3", "4"]])
    }

    @Test func aLimitCutsAWorkbook() throws {
        let book = WorkbookBytes(WorkbookBytes.rows([["a"], ["1"], ["2"], ["3"]]))
        let pulled = try pull(book, request: { $0.limit = 2 })
        #expect(pulled.rows == [["1"], ["2"]] && pulled.ended == 0 && pulled.summary.completeness == nil)
        let batches = try pull(book, request: { $0.batchRows = 1 })
        #expect(
            batches.batches.filter { $0.rowCount > 0 }.map(\.rowCount) == [1, 1, 1]
                && batches.rows == [["1"], ["2"], ["3"]])
    }

    // MARK: what is broken

    @Test func brokenWorkbooksAreNamed() throws {
        var unclosed = WorkbookBytes("<row r=\"1\"><c r=\"A1\"><v>1</v></c>")
        #expect(try pull(unclosed).error?.code.name == "source.corrupt")
        unclosed = WorkbookBytes(WorkbookBytes.rows([["a"], ["1"]]) + "<row r=\"2\"><c r=\"A2\"><v>1</v></c></row>")
        #expect(try pull(unclosed).error?.message.contains("not in order") == true)
        var bomb = WorkbookBytes(WorkbookBytes.rows([["a"], ["&b;"]]))
        bomb.sheets[0].before = ""
        #expect(try pull(bomb).error?.code.name == "source.corrupt")
        #expect(try pull(WorkbookBytes()).error?.code.name == "source.sheetUnknown")
    }

    /// Whatever is cut off or turned over: nothing, or all of it, and an error where it is not all.
    @Test func cutOrDamagedAnywhereIsNeverTakenForWhole() throws {
        var book = WorkbookBytes(WorkbookBytes.rows([["户号", "金额"], ["1", "10.50"], ["2", "20"]]))
        book.texts = ["<t>张</t>"]
        for isLarge in [false, true] {
            book.isLarge = isLarge
            let bytes = book.bytes
            let whole = [["1", "10.50"], ["2", "20"]]
            let box = try DropBox()
            let stream = box.stream { $0.pattern = "*.xlsx" }
            try box.put("yh_1.xlsx", bytes)
            #expect(Pulled(stream).rows == whole)
            for length in stride(from: 0, to: bytes.count, by: 37) {
                try box.put("yh_1.xlsx", Array(bytes[..<length]))
                let pulled = Pulled(stream)
                #expect(pulled.error != nil && pulled.rows == [] && pulled.ended == 0, "cut at \(length)")
            }
            for at in stride(from: 0, to: bytes.count, by: 11) {
                var damaged = bytes
                damaged[at] ^= 0x10
                try box.put("yh_1.xlsx", damaged)
                let pulled = Pulled(stream)
                #expect(pulled.rows == whole || (pulled.error != nil && pulled.rows == []), "turned at \(at)")
            }
        }
    }
}
