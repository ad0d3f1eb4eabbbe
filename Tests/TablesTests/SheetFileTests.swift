import Foundation
import Tables
import Testing

@Suite struct SheetFileTests {
    private func write(_ folder: URL, _ name: String) throws -> Data {
        let path = folder.appendingPathComponent(name).path
        let file = try SheetFile(path: path, folder: folder.path)
        let sheet = file.sheet("一")
        file.head(sheet, [("名称", 12), ("元", 8)])
        file.text(sheet, 1, 0, "=cmd|' /C calc'!A0")
        file.yuan(sheet, 1, 1, 284_640)
        file.text(sheet, 2, 0, "<b>&\"\u{1}\u{FFFE}\u{202E}")
        file.count(sheet, 2, 1, 7)
        file.filter(sheet, lastRow: 2, columns: 2)
        try file.close()
        return try Data(contentsOf: URL(fileURLWithPath: path))
    }

    /// The clock is not in it, what is typed as text is no formula, and what XML has no character for is not written.
    @Test func theSameContentIsTheSameFile() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sheets-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let one = try write(folder, "one.xlsx")
        Thread.sleep(forTimeInterval: 2.1)
        #expect(try write(folder, "two.xlsx") == one)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c",
            """
            import sys, zipfile, xml.dom.minidom as dom
            book = zipfile.ZipFile(sys.argv[1])
            sheet = dom.parseString(book.read("xl/worksheets/sheet1.xml"))
            print(len(sheet.getElementsByTagName("f")), [t.firstChild.data for t in sheet.getElementsByTagName("t")])
            """, folder.appendingPathComponent("one.xlsx").path,
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(output.hasPrefix("0 ['名称', '元', \"=cmd|' /C calc'!A0\", '<b>&\""), "\(output)")
    }

    @Test func markupIsText() {
        #expect(HTMLText.escaped("<i a='b' c=\"d\">&") == "&lt;i a=&#39;b&#39; c=&quot;d&quot;&gt;&amp;")
    }
}
