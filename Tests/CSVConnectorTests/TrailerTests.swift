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

    @Test func misplacedTrailerIsADefect() throws {
        let pulled = try pull("a,b,c\n合计,1,1\n1,x,1\n合计,2,1\n", rule)
        #expect(pulled.codes == ["record.misplacedTrailer"])
        #expect(pulled.rows == [["1", "x", "1"]])
        #expect(pulled.error == nil)
    }
}
