import HearthTesting
import Tables
import Testing

@testable import Reconciliation

@Suite struct CSVTextTests {
    @Test(arguments: [
        ("=1+1", "'=1+1"), ("+86 139", "'+86 139"), ("-5", "'-5"), ("@x", "'@x"), ("\tx", "'\tx"), ("＝1", "'＝1"),
        ("－1", "'－1"), ("a,b", "\"a,b\""), ("say \"so\"", "\"say \"\"so\"\"\""), ("=a,b", "\"'=a,b\""), ("", ""),
        ("01234567", "01234567"), ("甲\n乙", "\"甲\n乙\""), ("\r\n=x", "\"'\r\n=x\""),
        ("甲\"\u{301},乙", "\"甲\"\"\u{301},乙\""), ("\"\u{200D}", "\"\"\"\u{200D}\""), ("\"\u{FE0F}", "\"\"\"\u{FE0F}\""),
        ("a,\u{301}", "\"a,\u{301}\""), ("=\u{301}1", "'=\u{301}1"),
    ]) func cells(_ text: String, _ cell: String) { #expect(CSVText.cell(text) == cell) }

    /// Whatever stands in the cells comes back, row by row.
    @Test func rowsComeBack() throws {
        var random = SeededGenerator(seed: 7)
        let pieces = [
            "a", ",", "\"", "\r\n", "\n", "甲", "=", "'", " ", "\u{1F}", "x\"y", "\u{301}", "\u{200D}", "\u{FE0F}",
        ]
        let rows = (0..<400).map { _ in
            (0..<5).map { _ in
                (0..<Int.random(in: 0...6, using: &random)).map { _ in pieces.randomElement(using: &random)! }.joined()
            }
        }
        try withFolder { folder in
            try write(rows.map { CSVText.line($0) }.joined(), to: folder + "/rows.csv")
            let file = try CSVRows(folder + "/rows.csv")
            for row in rows {
                #expect(try file.next())
                let cells = file.cells.map { cell in
                    let inner = String(cell.dropFirst())
                    return cell.first == "'" && CSVText.cell(inner).replacing("\"", with: "").hasPrefix("'")
                        ? inner : cell
                }
                // A cell that itself begins with the mark keeps it.
                for (cell, text) in zip(cells, row) { #expect(cell == text || "'" + cell == text) }
            }
            #expect(try !file.next())
        }
    }
}
