import CSVConnector
import HeatModel
import Records
import Testing

/// A stray quote never puts rows into a field, and a text with line ends stays a text.
@Suite struct StrayQuoteTests {
    func pull(_ text: String, _ change: (inout CSVStream) -> Void = { _ in }) throws -> Pulled {
        let box = try DropBox()
        try box.put("a.csv", text)
        return Pulled(box.stream(change))
    }

    /// A separator is lost before or after a quoted field that holds one or two: the number of fields is right, their places are not.
    @Test(arguments: [
        "00000002,Wang\"2 Road, Town\",y", "00000002\"Wang, Fang\",2 Road,y",
        "00000002,Wang\"2 Road, \"\"Old\"\" Town\",y",
        "00000002,Wang,2 Road\"y, z\"", "00000002,Wang\"2 Road, Town, C\"y",
        "00000002\"Wang, Fang\"2 Road,y,z", "00000002,王五\"和平路2号, 3单元\"楼上,x", "00000002\"Wang, No 5\"y,z,x",
        "00000002,Wang\"2 Road, No 5\"y,x",
    ])
    func aLostSeparator(_ line: String) throws {
        let pulled = try pull(
            "id,name,address,remark\n00000001,Li,\"1 Road, Town\",x\n\(line)\n00000003,Zhao,3 Road,z\n")
        #expect(pulled.codes == ["record.strayQuote"] || pulled.codes == ["record.raggedRow"])
        #expect(pulled.rows == [["00000001", "Li", "1 Road, Town", "x"], ["00000003", "Zhao", "3 Road", "z"]])
        #expect(pulled.places[0].hasPrefix("a.csv:3"))
        #expect(pulled.defects.first?.raw == Array(line.utf8))
    }

    /// Quotes as text: inches, nicknames, what a person types.
    @Test(arguments: [
        "5\",6\"", "x\"y\"z,\"p, q\"", "5\" pipe,old", "\"5\"\" pipe\",a\"b", "a \"b\" c,d \"e\" f",
        "5\" pipe,6\" pipe", "5\"管,1/2\"管", "5'6\" tall,5'7\"", "39°54'20\"N,116°23'29.5\"E", "Wang \"Bob\" Li,x\"y",
        "DN 20\"阀,30\"阀",
    ])
    func quotesAsText(_ fields: String) throws {
        let pulled = try pull("id,a,b\n1,\(fields)\n2,x,y\n")
        #expect(pulled.codes == [] && pulled.rows.count == 2 && pulled.rows.last == ["2", "x", "y"])
    }

    /// The quote finds a partner two lines later. Its line is lost and told, the others come through or are told.
    @Test(arguments: ["\n", "\r\n", "\r"]) func rowsInsideAField(_ end: String) throws {
        let lines = [
            "id,name,address,remark", "00000001,Li,\"1 Road,x", "00000002,Wang,2 Road,y", "00000003,Zhao,3 Road,z",
            "00000004,Qian,4 Road\",w", "00000005,Sun,\"5 Road, Town\",v",
        ]
        let pulled = try pull(lines.joined(separator: end) + end)
        #expect(pulled.codes == ["record.strayQuote", "record.strayQuote"])
        #expect(pulled.places == ["a.csv:2:13", "a.csv:5:21"])
        #expect(
            pulled.rows == [
                ["00000002", "Wang", "2 Road", "y"], ["00000003", "Zhao", "3 Road", "z"],
                ["00000005", "Sun", "5 Road, Town", "v"],
            ])
        #expect(pulled.ordinals == [3, 4, 6])
        #expect(pulled.defects.map { String(decoding: $0.raw, as: UTF8.self) } == [lines[1], lines[4]])
    }

    /// At other places of the record, over two lines, with a ragged row among them, with other delimiters.
    @Test(arguments: [
        ("1|\"Li|1 Road|x\n2|Wang\"|2 Road|y\n", "|", ["3"]), ("1,Li,1 Road,\"x\n2,Wang,2 Road,y\"\n", ",", ["3"]),
        ("1,Li,\"1 Road,x\n2,Wang\n22,Wu,22 Road,y\n23,Wu,23 Road,y\n24,Wei,24 Road\",y\n", ",", ["22", "23", "3"]),
        ("1||Li||\"1 Road||x\n2||Wang||2 Road\"||y\n", "||", ["3"]),
        ("2025-11-01\tLi\t\"1\tx\n2025-11-02\tWang\t2\ty\n2025-11-03\tWu\t3\"\tz\n", "\t", ["2025-11-02", "3"]),
    ])
    func otherPlaces(_ text: String, _ delimiter: String, _ through: [String]) throws {
        let header = ["id", "name", "address", "remark"].joined(separator: delimiter) + "\n"
        let after = ["3", "Zhao", "3 Road", "z"].joined(separator: delimiter) + "\n"
        let pulled = try pull(header + text + after) { $0.delimiter = delimiter }
        #expect(pulled.rows.map { $0[0] } == through, "\(pulled.rows)")
        #expect(pulled.codes.contains("record.strayQuote"))
        #expect(pulled.rows.allSatisfy { $0.count == 4 && !$0.contains { $0?.contains("\n") == true } })
    }

    /// Where it may be either, the record waits in quarantine as a whole.
    @Test(arguments: [
        "1,Li,\"1 Road\n2,Wang,2 Road\"\n", "Li,a,\"1 Road\nWang,b,2 Road\nWu,c,3 Road\"\n",
        "1,Li,\"see list:\n2,Wang,x\nthanks\"\n",
    ])
    func either(_ text: String) throws {
        let pulled = try pull("id,name,address\n\(text)7,Zhao,7 Road\n")
        #expect(pulled.codes == ["record.strayQuote"])
        #expect(pulled.rows == [["7", "Zhao", "7 Road"]])
        #expect(pulled.defects.first?.raw == Array(text.utf8.dropLast()))
        #expect(pulled.defects.first?.ordinal == 2)
    }

    /// Addresses, remarks and lists that people write over several lines.
    @Test(arguments: [
        "1 Road,\nTown", "1 Road, Flat 2,\nOld Town, North\nP.O. Box 3",
        "called on 3 Nov, no answer\ncalled again, cold",
        "1, 2, 3\n4, 5, 6", "line\n\n\nline", "a\n\"quoted, text\"\nb", "楼上漏水,已回访\n用户称,不热", "2\n3\n4", "\n", ",\n,",
        "Li, 13800000000\nWang, 13900000000",
    ])
    func textsWithLineEnds(_ remark: String) throws {
        let quoted = "\"" + remark.replacing("\"", with: "\"\"") + "\""
        let rows: [[String]] = [
            ["00000001", "Li", "x", quoted, "90.5"], ["00000002", "Wang", quoted, "y", "91"],
            ["00000003", quoted, "3", quoted, "92"],
        ]
        let text = (["id,name,address,remark,area"] + rows.map { $0.joined(separator: ",") }).joined(separator: "\n")
        let pulled = try pull(text + "\n")
        #expect(pulled.codes == [])
        #expect(pulled.rows == rows.map { $0.map { $0 == quoted ? remark : $0 } } as [[String?]])
    }

    @Test func theHeaderOnceMore() throws {
        let box = try DropBox()
        try box.put("a.csv", "户号,姓名\n1,x\n户号,姓名\r\n2,y\n\"户号\",\"姓名\"\n", encoding: "GB18030")
        let pulled = Pulled(box.stream())
        #expect(pulled.codes == ["record.repeatedHeader"])
        #expect(pulled.places == ["a.csv:3"])
        #expect(pulled.rows == [["1", "x"], ["2", "y"], ["户号", "姓名"]])
    }
}
