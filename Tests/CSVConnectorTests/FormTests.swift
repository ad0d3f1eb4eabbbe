import CSVConnector
import Foundation
import HeatModel
import Records
import Testing

/// Forms in which CSV comes in the field, and what is none.
@Suite struct FormTests {
    func pull(_ text: String, _ change: (inout CSVStream) -> Void = { _ in }) throws -> Pulled {
        let box = try DropBox()
        try box.put("a.csv", text)
        return Pulled(box.stream(change))
    }

    // MARK: empty columns at the end

    @Test(arguments: [
        "a,b,,\n1,2,,\n3,4\n5,6,\n", "a,b, ,\"\"\n1,2, ,\n3,4,\"\",\"\"\n5,6\n", "a,b,\r\n1,2,\r\n3,4,\r\n5,6,",
    ])
    func namelessColumnsAtTheEnd(_ text: String) throws {
        let pulled = try pull(text)
        #expect(pulled.error == nil && pulled.codes == [])
        #expect(pulled.batches.first?.columns == ["a", "b"])
        #expect(pulled.rows == [["1", "2"], ["3", "4"], ["5", "6"]])
        #expect(try pull(text) { $0.columns = ["a", "b"] }.error == nil)
    }

    @Test func whatStandsBeyondTheHeaderIsNotDropped() throws {
        let pulled = try pull("a,b,\n1,2,x\n3,4,,\n5,6,\n")
        #expect(pulled.codes == ["record.raggedRow", "record.raggedRow"])
        #expect(pulled.rows == [["5", "6"]])
        #expect(try pull("a,b\n1,2,\n3,4\n").codes == ["record.raggedRow"])
        // Inside a header a name is still missing.
        #expect(try pull("a,,c\n1,2,3\n").error?.code.name == "source.badHeader")
        #expect(try pull(",,\n1,2,3\n").error?.code.name == "source.badHeader")
    }

    @Test(arguments: [",", "||", ";"]) func aDelimiterAfterTheLastField(_ delimiter: String) throws {
        let text = "a,b\n1,2,\n3,4\n\"5\",\"6\",,\n7,,\n".replacing(",", with: delimiter)
        let pulled = try pull(text) {
            $0.delimiter = delimiter
            $0.emptyTail = .drop
        }
        #expect(pulled.codes == [])
        #expect(pulled.rows == [["1", "2"], ["3", "4"], ["5", "6"], ["7", ""]])
    }

    // MARK: sep=

    @Test(arguments: ["sep=;\n", "sep=;\r\n", "SEP=;\n", "\"sep=;\"\n", "\u{FEFF}sep=;\r\n"])
    func excelStatesItsDelimiter(_ line: String) throws {
        let pulled = try pull(line + "a;b\n1,5;2\n")
        #expect(pulled.error == nil && pulled.rows == [["1,5", "2"]])
        #expect(pulled.ordinals == [3])
        // A preamble of one line is that line.
        #expect(try pull(line + "a;b\n1,5;2\n") { $0.preambleLines = 1 }.rows == [["1,5", "2"]])
        #expect(
            try pull(line + "1,5;2\n") {
                $0.hasHeader = false
                $0.columns = ["a", "b"]
            }.rows == [["1,5", "2"]])
    }

    @Test func aColumnCalledSep() throws {
        #expect(try pull("sep,b\n1,2\n").rows == [["1", "2"]])
        #expect(try pull("sep=x,b\n1,2\n").batches.first?.columns == ["sep=x", "b"])
    }

    // MARK: escapes

    @Test func backslashEscapes() throws {
        let lines = [
            #"id,text"#, #"1,"say \"hi\", she said""#, #"2,one\, two"#, #"3,"C:\\dir\\""#, #"4,"line\nend""#, #"5,\N"#,
            #"6,"doubled "" too""#, #"7,"\\\"x""#, #"8,tab\there"#,
        ]
        let pulled = try pull(lines.joined(separator: "\n") + "\n9,cut\\\nshort\n10,last\\\\\n11,z\n") {
            $0.escape = "\\"
            $0.nulls = ["\\N"]
        }
        #expect(pulled.codes == [])
        #expect(
            pulled.rows == [
                ["1", #"say "hi", she said"#], ["2", "one, two"], ["3", #"C:\dir\"#], ["4", "line\nend"], ["5", nil],
                ["6", #"doubled " too"#], ["7", #"\"x"#], ["8", "tab\there"], ["9", "cut\nshort"], ["10", "last\\"],
                ["11", "z"],
            ])
        #expect(pulled.ordinals == [2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13])
    }

    /// Across every boundary of 64 bytes and of the window.
    @Test func escapesAtBoundaries() throws {
        var text = "id,a,b\n"
        var rows: [[String?]] = []
        for number in 0..<6_000 {
            let pad = String(repeating: "x", count: number % 131)
            text += "\(number),\"\(pad)\\\",\\\\\",\(pad)\\,\\\"\n"
            rows.append([String(number), "\(pad)\",\\", "\(pad),\""])
        }
        let pulled = try pull(text) { $0.escape = "\\" }
        #expect(pulled.codes == [])
        #expect(pulled.rows == rows)
    }

    @Test func withoutEscapeABackslashIsText() throws {
        #expect(try pull("a,b\nC:\\,\\N\n").rows == [["C:\\", "\\N"]])
        for escape in [",", "\"", "", "\\\\", "\n"] {
            #expect(try pull("a,b\n1,2\n") { $0.escape = escape }.error?.code.name == "config.csv")
        }
    }

    // MARK: text cells of Excel

    @Test func textCellsComeWhole() throws {
        let pulled = try pull("a,b\n=\"00000001\",'00000005\n\"=\"\"00000002\"\"\",=\"x\"\n")
        #expect(pulled.codes == [])
        #expect(pulled.rows == [["=\"00000001\"", "'00000005"], ["=\"00000002\"", "=\"x\""]])
    }

    // MARK: what is no CSV

    @Test(arguments: ["xls", "pdf", "html", "7z"])
    func anotherFormatUnderItsName(_ kind: String) throws {
        let box = try DropBox()
        let bytes: [UInt8] =
            switch kind {
            case "xls": [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1] + Array(repeating: 0, count: 504)
            case "pdf": Array("%PDF-1.7\n".utf8)
            case "7z": [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C, 0, 4]
            case "html": Array("\u{FEFF}\r\n<!DOCTYPE html><html><body>请登录</body></html>".utf8)
            default: preconditionFailure()
            }
        try box.put("yh_1.csv", bytes)
        let error = Pulled(box.stream()).error
        #expect(error?.code.name == "source.wrongFormat")
        #expect(error?.message.lowercased().contains(kind) == true)
        #expect(error?.place?.description.hasSuffix("yh_1.csv") == true && error?.advice?.contains("sent") == true)
        let findings = CSVConnector(source: "c", streams: [box.stream()]).check()
        #expect(
            findings.contains { $0.verdict == .failed && $0.detail.lowercased().contains(kind) && $0.advice != nil })
    }
}
