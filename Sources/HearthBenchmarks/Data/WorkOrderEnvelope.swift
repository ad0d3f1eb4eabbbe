/// Work orders as the answer of a SOAP service.
enum WorkOrderEnvelope {
    static let namespace = "http://dispatch.example.com/ws/2026"

    static func write(_ count: Int, to path: String) throws {
        let file = try DataFile(path)
        file.append(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:d="\(namespace)"><soap:Body>\
            <d:QueryWorkOrdersResponse><d:Result code="0"><d:WorkOrders>

            """)
        let types = ["报修", "测温", "停供", "复供"]
        let states = ["已派单", "处理中", "已完成"]
        for index in 0..<count {
            file.append(
                "<d:WorkOrder id=\"WO2026\(1_000_000 + index)\"><d:AccountNo>HT\(10_000_000 + index * 7919 % 1_000_000)</d:AccountNo>"
            )
            file.append(
                "<d:Type>\(types[index % 4])</d:Type><d:State>\(states[index % 3])</d:State><d:CreatedAt>2026-11-")
            file.append(
                "\(DataFile.padded(1 + index % 28, 2))T\(DataFile.padded(index % 24, 2)):00:00+08:00</d:CreatedAt>")
            file.append(
                "<d:Engineer no=\"\(index % 200)\">工程师\(index % 200)</d:Engineer><d:Address>沈阳市和平区阳光花园小区\(index % 321) "
            )
            file.append(
                "\(1 + index % 40)号楼 &amp; 附属楼</d:Address><d:Fee currency=\"CNY\">\(DataFile.hundredths(index * 31 % 30_000))</d:Fee>"
            )
            file.append("<d:Description>用户反映室温不足18度，需上门测温。\(index)</d:Description></d:WorkOrder>\n")
        }
        file.append("</d:WorkOrders></d:Result></d:QueryWorkOrdersResponse></soap:Body></soap:Envelope>\n")
        try file.close()
    }
}
