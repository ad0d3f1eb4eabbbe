import CSVConnector
import HearthTesting
import Records
import Testing

@Suite struct CSVConformanceTests {
    @Test(arguments: ["UTF-8", "GB18030", "UTF-16LE"])
    func keepsTheContract(_ encoding: String) throws {
        let box = try DropBox()
        let first = "户号,姓名,备注\r\n00000001,张伟,\\N\r\n00000002,\"王,芳\",\r\n00000003,\"她说\"\"冷\"\"\",\"两\n行\"\r\n"
        let second = "户号,姓名,备注\n00000004,欧阳建国,x\n00000004,欧阳建国,x\n00000005,,室|温\n"
        try box.put("a.csv", first, encoding: encoding)
        try box.put("b.csv", second, encoding: encoding)
        // What the sender packed, and cut before its end.
        let cut = try DropBox()
        let packed = try DropBox.run("/usr/bin/gzip", ["-c"], Array((first + second).utf8))
        try cut.put("a.csv", Array(packed.dropLast(12)))
        let stream = box.stream {
            $0.encoding = CSVEncoding(name: encoding)
            $0.nulls = ["\\N"]
        }
        let fixture = ConnectorFixture(
            stream: "residents", columns: ["户号", "姓名", "备注"],
            rows: [
                ["00000001", "张伟", nil], ["00000002", "王,芳", ""], ["00000003", "她说\"冷\"", "两\n行"],
                ["00000004", "欧阳建国", "x"], ["00000004", "欧阳建国", "x"], ["00000005", "", "室|温"],
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
                return CSVConnector(source: "customer", streams: [withholding])
            },
            fingerprint: { try box.fingerprint() })
        let failures = ConnectorConformance(fixture: fixture).run()
        #expect(failures.isEmpty, "\(failures)")
    }
}
