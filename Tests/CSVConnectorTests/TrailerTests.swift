import CSVConnector
import HeatModel
import Records
import Testing

@Suite struct TrailerTests {
    func pull(_ text: String, _ trailer: CSVStream.Trailer) throws -> Pulled {
        let box = try DropBox()
        try box.put("a.csv", text)
        return Pulled(box.stream { $0.trailer = trailer }) { $0.batchRows = 2 }
    }
    let rule = CSVStream.Trailer(prefix: "合计", countField: 2, sumField: 3, sumColumn: "c")

    @Test func agrees() throws {
        let pulled = try pull("a,b,c\n1,x,1.10\n2,y,2.20\n3,z,-0.05\n合计,3,\"3.250\"\n", rule)
        #expect(pulled.error == nil)
        #expect(pulled.rows.count == 3 && pulled.ended == 1 && pulled.codes.isEmpty)
        #expect(pulled.summary.statedRows == 3)
    }

    @Test(arguments: ["合计,4,3.25\n", "合计,3,3.26\n", "合计,x,3.25\n", "合计\n", ""])
    func disagrees(_ trailer: String) throws {
        let pulled = try pull("a,b,c\n1,x,1.10\n2,y,2.20\n3,z,-0.05\n" + trailer, rule)
        #expect(pulled.error?.code.name == (trailer.isEmpty ? "source.truncated" : "source.trailerMismatch"))
        #expect(pulled.error?.place != nil && pulled.error?.advice != nil)
        #expect(pulled.rows.count == 3 && pulled.ended == 0)
    }

    @Test func raggedTrailerAndBlankLinesAfter() throws {
        let pulled = try pull("a,b,c\n1,x,1\nTRAILER,1\n\n\n", .init(prefix: "TRAILER", countField: 2))
        #expect(pulled.error == nil && pulled.ended == 1)
        #expect(pulled.summary.statedRows == 1)
    }

    /// A line of totals is no record, also where nobody declared it; a name that begins so is none.
    @Test(arguments: [("合计,2,,30.00", ","), ("合计|2||30.00", "|"), ("合计,2", ",")])
    func aTotalThatNobodyDeclared(_ total: String, _ delimiter: String) throws {
        let box = try DropBox()
        let lines = ["户号,姓名,地址,金额", "1,a,b,10.00", "合计里,a,b,20.00"].map { $0.replacing(",", with: delimiter) }
        for encoding in ["UTF-8", "GB18030"] {
            try box.put("a.csv", (lines + [total]).joined(separator: "\n") + "\n", encoding: encoding)
            let pulled = Pulled(box.stream { $0.delimiter = delimiter })
            #expect(pulled.codes == ["record.undeclaredTrailer"])
            #expect(pulled.places == ["a.csv:4"] && pulled.rows.map { $0[0] } == ["1", "合计里"])
        }
    }

    @Test(arguments: [
        "总计,2,,30.00", "\"合计\",2,,30.00", " 合 计 ,2,,30.00", "合计：,2,,30.00", "\"小计:\",1,,10.00", "Total,2,,30.00",
        "本页小计", "【合计】,,,",
        "=\"合计\",2,,30.00", "合计（共2户）,,,30.00",
    ])
    func otherWordsForATotal(_ total: String) throws {
        let box = try DropBox()
        for trailer in [nil, CSVStream.Trailer(prefix: "T,", isRequired: false)] {
            try box.put("a.csv", "户号,姓名,地址,金额\n1,a,b,10.00\n\(total)\n2,合计,小计,20.00\n", encoding: "GB18030")
            let pulled = Pulled(box.stream { $0.trailer = trailer })
            #expect(pulled.codes == ["record.undeclaredTrailer"] && pulled.places == ["a.csv:3"])
            #expect(pulled.rows.map { $0[0] } == ["1", "2"])
        }
    }

    /// In the first column, which may be any, only what is nothing else than a total.
    @Test func namesThatEndLikeATotal() throws {
        let box = try DropBox()
        try box.put("a.csv", "姓名,户号\n王小计,1\n合计里3号,2\n阳光小区小计,3\nTotal Energies,4\n12,5\n")
        let pulled = Pulled(box.stream())
        #expect(pulled.codes.isEmpty && pulled.rows.count == 5)
        // Nor is a header a total.
        try box.put("a.csv", "合计,户号\n1,2\n")
        #expect(Pulled(box.stream()).rows == [["1", "2"]])
    }

    /// A sender that quotes every field quotes this one, too.
    @Test(arguments: ["合计", "合计,", "合"])
    func aQuotedTrailer(_ prefix: String) throws {
        let rule = CSVStream.Trailer(prefix: prefix, countField: 2, sumField: 3, sumColumn: "c")
        for trailer in ["\"合计\",\"2\",\"3.30\"\n", " 合计,2,3.30\n", "\" 合计 \",2,3.30"] {
            let pulled = try pull("\"a\",\"b\",\"c\"\n\"1\",\"x\",\"1.10\"\n\"2\",\"合计\",\"2.20\"\n" + trailer, rule)
            #expect(pulled.error == nil && pulled.summary.statedRows == 2 && pulled.codes.isEmpty, "\(trailer)")
            let wrong = try pull("\"a\",\"b\",\"c\"\n\"1\",\"x\",\"3.30\"\n" + trailer, rule)
            #expect(wrong.error?.code.name == "source.trailerMismatch")
        }
        // Another word that begins so is another word, where the delimiter is named.
        let other = try pull("a,b,c\n\"合计里\",2,2.20\n合计,1,2.20\n", .init(prefix: "合计,", countField: 2))
        #expect(other.error == nil && other.rows.count == 1)
    }

    @Test func misplacedTrailerIsADefect() throws {
        let pulled = try pull("a,b,c\n合计,1,1\n1,x,1\n合计,2,1\n", rule)
        #expect(pulled.codes == ["record.misplacedTrailer"])
        #expect(pulled.rows == [["1", "x", "1"]])
        #expect(pulled.error == nil)
    }

    /// As the mapping reads amounts.
    @Test(arguments: [
        ("10.00\u{A0}", "10"), ("１０．００", "10.00"), ("\"1,000.00\"", "1000"), ("+10.00", "10.0"), ("¥10.00", "￥10"),
        ("10.00元", "10"),
        ("(10.00)", "-10"), ("10.00-", "\u{2212}10.00"), ("=\"10.00\"", "10"), ("'10", "10.00元"), ("\u{3000}", "0"),
        ("10", "\"１0.00\""),
    ])
    func sumsAreReadAsAmounts(_ amount: String, _ stated: String) throws {
        let pulled = try pull("a,b,c\n1,x,\(amount)\n2,y,5.00\n3,z,-5\n合计,３,\(stated)\n", rule)
        #expect(pulled.error == nil, "\(String(describing: pulled.error))")
        #expect(pulled.rows.count == 3 && pulled.summary.statedRows == 3)
        let wrong = try pull("a,b,c\n1,x,\(amount)\n2,y,5.00\n3,z,-5.01\n合计,3,\(stated)\n", rule)
        #expect(wrong.error?.code.name == "source.trailerMismatch")
    }

    @Test(arguments: ["n/a", "12万元", "1 000", "1.234,50"]) func whatIsNoAmountAgreesWithNothing(_ amount: String) throws
    {
        let pulled = try pull("a,b,c\n1,x,\"\(amount)\"\n合计,1,0\n", rule)
        #expect(pulled.error?.code.name == "source.trailerMismatch")
    }

    /// What one file of two states is not what both hold.
    @Test func onlyWhatAllFilesStateIsStated() throws {
        let box = try DropBox()
        try box.put("a_1.csv", "a,b,c\n1,x,1\n合计,1,1\n")
        try box.put("a_2.csv", "a,b,c\n2,x,1\n")
        let mixed = Pulled(box.stream { $0.trailer = .init(prefix: "合计", countField: 2, isRequired: false) })
        #expect(mixed.error == nil && mixed.summary.rows == 2 && mixed.summary.statedRows == nil)
        try box.put("a_2.csv", "a,b,c\n2,x,1\n合计,1,1\n")
        #expect(Pulled(box.stream { $0.trailer = rule }).summary.statedRows == 2)
    }

    /// A last line that was cut is not delivered: its fields may be cut, too.
    @Test(arguments: ["2,y,2", "2,y,2.20", "合", "\"2"]) func aCutLastLine(_ last: String) throws {
        let pulled = try pull("a,b,c\n1,x,1.10\n" + last, rule)
        #expect(pulled.error?.code.name == "source.truncated")
        #expect(pulled.rows == [["1", "x", "1.10"]] && pulled.ended == 0)
        // After a trailer it is told.
        let after = try pull("a,b,c\n1,x,1.10\n合计,1,1.10\n" + last, rule)
        #expect(after.codes.contains("record.misplacedTrailer") || after.error != nil)
    }

    /// Equal rows count, each of them.
    @Test func equalRowsAreCounted() throws {
        let text = "a,b,c\n1,x,1.10\n1,x,1.10\n"
        #expect(try pull(text + "合计,2,2.20\n", rule).error == nil)
        #expect(try pull(text + "合计,1,1.10\n", rule).error?.code.name == "source.trailerMismatch")
        #expect(try pull(text + "合计,2,1.10\n", rule).error?.code.name == "source.trailerMismatch")
    }
}
