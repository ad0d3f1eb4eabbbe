import CSVConnector
import HeatModel
import Records
import Testing

@Suite struct SplittingTests {
    func pull(_ text: String, _ change: (inout CSVStream) -> Void = { _ in }) throws -> Pulled {
        let box = try DropBox()
        try box.put("a.csv", text)
        return Pulled(box.stream(change))
    }

    @Test(arguments: ["\n", "\r\n", "\r"])
    func lineEnds(_ end: String) throws {
        let pulled = try pull("a,b\(end)1,2\(end)\(end)3,\"x\(end)y\"\(end)5,6")
        #expect(pulled.rows == [["1", "2"], ["3", "x\(end)y"], ["5", "6"]])
        #expect(pulled.ordinals == [2, 4, 6])
        #expect(pulled.ended == 1)
    }

    @Test func quotes() throws {
        let pulled = try pull("a,b\n\"\",\"\"\"\"\n\"a,\"\"b\"\"\",x\"y\"z\n\"last\",\"no newline\"")
        #expect(pulled.rows == [["", "\""], ["a,\"b\"", "x\"y\"z"], ["last", "no newline"]])
    }

    @Test func withoutQuotes() throws {
        let pulled = try pull("a,b\n\"1,2\n\"x\",y\"\n") { $0.quote = nil }
        #expect(pulled.rows == [["\"1", "2"], ["\"x\"", "y\""]])
    }

    @Test(arguments: ["|", "\t", ";", "||", "|~|", "\u{1F}"])
    func delimiters(_ delimiter: String) throws {
        let pulled = try pull("a\(delimiter)b\n1|2\(delimiter)\"q\(delimiter)\"\n".replacing("1|2", with: "1")) {
            $0.delimiter = delimiter
        }
        #expect(pulled.rows == [["1", "q\(delimiter)"]])
    }

    @Test func multiByteDelimiterKeepsItsHalves() throws {
        let pulled = try pull("a||b\nx|y||z\n\"p||q\"||r|\n") { $0.delimiter = "||" }
        #expect(pulled.rows == [["x|y", "z"], ["p||q", "r|"]])
    }

    @Test func nullsApartFromEmpty() throws {
        let pulled = try pull("a,b,c\n\\N,,\"\\N\"\n") { $0.nulls = ["\\N"] }
        #expect(pulled.rows == [[nil, "", "\\N"]])
    }

    @Test func raggedRowsAreDefects() throws {
        let pulled = try pull("a,b\n1,2\n3\n4,5,6\n7,\"8\"\n9,\"x\"\"y\",z\n")
        #expect(pulled.rows == [["1", "2"], ["7", "8"]])
        #expect(pulled.codes == ["record.raggedRow", "record.raggedRow", "record.raggedRow"])
        #expect(pulled.places == ["a.csv:3", "a.csv:4", "a.csv:6"])
        #expect(pulled.defects.map { String(decoding: $0.raw, as: UTF8.self) } == ["3", "4,5,6", "9,\"x\"\"y\",z"])
        #expect(pulled.defects[0].message == "expected 2 fields, found 1")
        #expect(pulled.summary.rows == 5)
    }

    @Test func raggedRowsMayBeFilled() throws {
        let pulled = try pull("a,b\n1\n1,2,3\n") { $0.ragged = .fillWithNull }
        #expect(pulled.rows == [["1", nil]])
        #expect(pulled.codes == ["record.raggedRow"])
    }

    /// A stray quote costs its own line, not the rest of the file.
    @Test func brokenQuotesCostTheirLine() throws {
        let pulled = try pull("a,b\n1,\"2\n3,4\n5,\"6\"x\n7,8\n9,\"end\n10,11\n")
        #expect(pulled.rows == [["3", "4"], ["7", "8"], ["10", "11"]])
        #expect(pulled.codes == ["record.brokenQuote", "record.brokenQuote", "record.unterminatedQuote"])
        #expect(pulled.places == ["a.csv:2", "a.csv:4:6", "a.csv:6"])
    }

    @Test func oversizeRecords() throws {
        let long = String(repeating: "x", count: 900_000)
        let pulled = try pull("a,b\n1,2\n3,\(long)\n4,5\n6,\"\(String(repeating: "y\n", count: 60_000))z\n") {
            $0.maxRecordBytes = 100_000
        }
        #expect(Array(pulled.rows.prefix(2)) == [["1", "2"], ["4", "5"]])
        #expect(pulled.codes[0] == "record.tooLarge")
        #expect(pulled.codes[1] == "record.unterminatedQuote")
        #expect(pulled.places[0] == "a.csv:3")
        #expect(pulled.places[1] == "a.csv:5")
        #expect(pulled.error == nil)
        // The lines after the stray quote are records of their own.
        #expect(pulled.summary.rows == Int64(4 + 60_000))
    }

    @Test func nulBytesAreText() throws {
        let pulled = try pull("a,b\n1\0,2\n\0\0,3\n")
        #expect(pulled.rows == [["1\0", "2"], ["\0\0", "3"]])
    }

    @Test func preambleAndExplicitColumns() throws {
        let pulled = try pull("report\r\nof \"2026\r\n1,2\r\n") {
            $0.preambleLines = 2
            $0.hasHeader = false
            $0.columns = ["a", "b"]
        }
        #expect(pulled.rows == [["1", "2"]])
        #expect(pulled.ordinals == [3])
    }

    @Test func headerOnlyAndEmpty() throws {
        let only = try pull("a,b\n")
        #expect(only.batches.count == 1 && only.batches[0].endsOrigin && only.batches[0].rowCount == 0)
        #expect(only.batches.first?.columns == ["a", "b"])
        let empty = try pull("")
        #expect(empty.error?.code.name == "source.noHeader")
        let plain = try pull("") {
            $0.hasHeader = false
            $0.columns = ["a"]
        }
        #expect(plain.error == nil && plain.ended == 1 && plain.rows.isEmpty)
    }

    @Test func badHeaders() throws {
        let twice = try pull("x\na,b,a\n1,2,3\n") { $0.preambleLines = 1 }
        #expect(twice.error?.code.name == "source.badHeader")
        #expect(twice.error?.place?.description.hasSuffix("a.csv:2:5") == true)
        let missing = try pull("a,,c\n")
        #expect(missing.error?.place?.description.hasSuffix("a.csv:1:3") == true)
        let changed = try pull("a,c\n") { $0.columns = ["a", "b"] }
        #expect(changed.error?.code.name == "source.headerChanged")
        let box = try DropBox()
        try box.put("a.csv", "户号,姓名\n1,2\n", encoding: "GB18030")
        let misread = Pulled(box.stream { $0.encoding = .utf8 })
        #expect(misread.error?.code.name == "source.badHeader")
        #expect(misread.batches.isEmpty)
    }

    @Test func oneColumn() throws {
        let pulled = try pull("a\n1\n\n2")
        #expect(pulled.rows == [["1"], [""], ["2"]])
    }

    @Test func contradictoryOptions() throws {
        for change: (inout CSVStream) -> Void in [
            { $0.delimiter = "" }, { $0.delimiter = "\n" }, { $0.quote = "," }, { $0.hasHeader = false },
            { $0.columns = ["a", "a"] }, { $0.encoding = .named("no-such-code") }, { $0.maxRecordBytes = 0 },
        ] {
            let pulled = try pull("a,b\n1,2\n", change)
            #expect(pulled.error?.code.area == "config", "\(String(describing: pulled.error))")
            #expect(pulled.error?.place != nil)
        }
    }
}
