import CSVConnector
import Foundation
import HeatModel
import Records
import Testing

/// ZIP files in the folder, and other files that are no text.
@Suite struct ZipTests {
    private func pull(_ bytes: [UInt8], _ change: (inout CSVStream) -> Void = { _ in }) throws -> Pulled {
        let box = try DropBox()
        try box.put("yh_1.zip", bytes)
        return Pulled(
            box.stream {
                $0.pattern = "*.zip"
                change(&$0)
            })
    }

    @Test(arguments: [false, true])
    func theOneFileInItIsRead(_ isLarge: Bool) throws {
        var zip = ZipBytes()
        zip.isLarge = isLarge
        zip.comment = Array("PK\u{5}\u{6} 备注".utf8)
        zip.add("导出/", [])
        zip.add(FileBytes.encoded("导出/用户.csv", "GB18030"), FileBytes.encoded("户号,姓名\n1,张伟\n", "GB18030"))
        zip.add("__MACOSX/导出/._用户.csv", [1, 2, 3])
        zip.add("导出/.DS_Store", [0])
        let pulled = try pull(zip.bytes)
        #expect(pulled.error == nil)
        #expect(pulled.rows == [["1", "张伟"]])
        #expect(pulled.summary.completeness?.detail.contains("GB18030") == true)
    }

    /// By zip(1), deflated, so large that it comes in many pieces.
    @Test func deflatedByAnotherProgram() throws {
        let folder = try DropBox()
        let rows = (1...60_000).map { "\($0),客户\($0 % 977),\($0 * 37 % 1_000)" }
        try folder.put("yh.csv", "id,n,m\n" + rows.joined(separator: "\n") + "\n")
        _ = try DropBox.run("/bin/sh", ["-c", "cd '\(folder.path)' && /usr/bin/zip -q yh_1.zip yh.csv"], [])
        let stream = folder.stream { $0.pattern = "*.zip" }
        #expect(Pulled(stream).rows.map { $0.map { $0 ?? "" }.joined(separator: ",") } == rows)
    }

    @Test func severalAreNotGuessedAt() throws {
        var zip = ZipBytes()
        zip.add("甲.csv", "a\n1\n")
        zip.add("乙.csv", "a\n2\n")
        let error = try pull(zip.bytes).error
        #expect(error?.code.name == "source.wrongFormat")
        #expect(error?.message.contains("甲.csv, 乙.csv") == true)
        #expect(try pull(ZipBytes().bytes).error?.message.contains("empty") == true)
    }

    @Test func whatIsNoTextInIt() throws {
        let workbook = WorkbookBytes(WorkbookBytes.rows([["a"], ["1"]])).bytes
        for (content, word) in [(workbook, "workbook"), ([0x1F, 0x8B, 8, 0], "gzip"), (Array("%PDF-1.7".utf8), "PDF")] {
            var zip = ZipBytes()
            zip.add("x.csv", content)
            let error = try pull(zip.bytes).error
            #expect(error?.code.name == "source.wrongFormat" && error?.message.contains(word) == true)
        }
        var zip = ZipBytes()
        zip.add("x.csv", Array("a\n1\n".utf8), flags: 1)
        #expect(try pull(zip.bytes).error?.message.contains("password") == true)
        zip = ZipBytes()
        zip.add("x.csv", Array("a\n1\n".utf8), method: 14)
        #expect(try pull(zip.bytes).error?.message.contains("method 14") == true)
        zip = ZipBytes()
        zip.add("x.csv", Array("a\n1\n".utf8), statedSize: 3)
        #expect(try pull(zip.bytes).error?.code.name == "source.corrupt")
    }

    @Test func cutAnywhereIsAnError() throws {
        var zip = ZipBytes()
        zip.add("x.csv", "a,b\n1,2\n3,4\n")
        for length in 4..<zip.bytes.count {
            let pulled = try pull(Array(zip.bytes[..<length]))
            #expect(pulled.error != nil && pulled.rows == [], "\(length)")
        }
    }

    /// The container of Excel 97 and of workbooks with a password: a head, and a directory in sector 0.
    private static func compound(_ names: [String]) -> [UInt8] {
        var head = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1] + [UInt8](repeating: 0, count: 504)
        head[30] = 9
        for (index, name) in (["Root Entry"] + names).enumerated() {
            var entry = [UInt8](repeating: 0, count: 128)
            for (place, unit) in name.utf16.enumerated() { entry[place * 2] = UInt8(unit) }
            head += entry
            _ = index
        }
        return head + [UInt8](repeating: 0, count: 512)
    }

    @Test func oldWorkbooksAreNamed() throws {
        let xls = try pull(Self.compound(["Workbook"])).error
        #expect(xls?.code.name == "source.wrongFormat" && xls?.message.contains("of the old kind (xls)") == true)
        #expect(xls?.advice?.contains("xlsx") == true)
        #expect(
            try pull(Self.compound(["EncryptionInfo", "EncryptedPackage"])).error?.message.contains("password") == true)
        #expect(try pull(Self.compound(["WordDocument"])).error?.message.contains("Office 97") == true)
        var ods = ZipBytes()
        ods.add("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        ods.add("content.xml", "<x/>")
        #expect(try pull(ods.bytes).error?.message.contains("ods") == true)
        var binary = ZipBytes()
        binary.add("[Content_Types].xml", "<x/>")
        binary.add("xl/workbook.bin", "x")
        #expect(try pull(binary.bytes).error?.message.contains("xlsb") == true)
    }
}
