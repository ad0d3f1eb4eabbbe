import HeatModel
import Records
import SOAPConnector
import Testing

/// The dispatch service's streams as an engineer would configure them.
enum Dispatch {
    static let namespace = "http://dispatch.example.com/ws/2026"
    static let namespaces = ["d": namespace]
    static let user = SOAPCredentials(user: "hearth", password: "pa<ss&wörd")
    static let columns = ["id", "account", "type", "updatedAt", "engineerNo", "engineer", "address", "remark"]

    static let fields: [SOAPField] = [
        .init("id", "@id"), .init("account", "d:AccountNo"), .init("type", "d:Type"), .init("updatedAt", "d:UpdatedAt"),
        .init("engineerNo", "d:Engineer/@no"), .init("engineer", "d:Engineer/d:Name"), .init("address", "d:Address"),
        .init("remark", "d:Remark"),
    ]

    static let all = SOAPStream(
        name: "all", body: "<d:AllWorkOrders/>", recordPath: "d:WorkOrder", fields: fields, key: ["id"],
        total: .init(path: "d:AllWorkOrdersResult/@total"), isSnapshot: true)

    static func pages(_ size: Int = 10, hasMore: Bool = false) -> SOAPStream {
        SOAPStream(
            name: "pages",
            body: """
                <d:WorkOrdersByPage><d:since>{{cursor}}</d:since><d:page>{{page}}</d:page><d:size>{{pageSize}}</d:size>\
                </d:WorkOrdersByPage>
                """, recordPath: "d:WorkOrder", fields: fields, key: ["id"],
            paging: .pages(.init(pageSize: size, hasMorePath: hasMore ? "d:WorkOrdersByPageResult/d:HasMore" : nil)),
            cursor: .init(column: "updatedAt", lookback: 3600))
    }

    static func token(isDurable: Bool) -> SOAPStream {
        SOAPStream(
            name: "token",
            body:
                "<d:WorkOrdersByToken><d:token>{{token}}</d:token><d:size>{{pageSize}}</d:size></d:WorkOrdersByToken>",
            recordPath: "d:WorkOrder", fields: fields, key: ["id"],
            paging: .token(
                .init(
                    nextTokenPath: "d:WorkOrdersByTokenResult/d:NextToken", pageSize: 7, isDurable: isDurable,
                    absentIsEnd: true)))
    }

    static let windows = SOAPStream(
        name: "windows",
        body: """
            <d:WorkOrdersByWindow><d:start>{{windowStart}}</d:start><d:end>{{windowEnd}}</d:end></d:WorkOrdersByWindow>
            """, recordPath: "d:WorkOrder", fields: fields, key: ["id"],
        paging: .window(.init(startsAt: Instant("2026-11-01T00:00:00+08:00")!, step: 100 * 86_400)))

    static let events = SOAPStream(
        name: "events", body: "<d:AllWorkOrders/>", recordPath: "d:WorkOrder/d:Events",
        fields: [
            .init("workOrder", "../@id"), .init("account", "../d:AccountNo"), .init("seq", "@seq"),
            .init("state", "d:State"),
        ])

    static func connector(
        _ path: String, _ streams: [SOAPStream], version: SOAPVersion = .v11, security: SOAPSecurity = .init(),
        wsdl: Bool = false, attempts: Int = 1, service: PythonService? = nil
    ) throws -> SOAPConnector {
        let service = try service ?? PythonService.dispatch.get()
        return try SOAPConnector(
            source: "dispatch",
            options: SOAPOptions(
                endpoint: service.address(path), version: version, namespaces: namespaces, security: security,
                retry: .init(attempts: attempts, base: 1, cap: 5),
                wsdl: wsdl ? service.address("11?wsdl") : nil), streams: streams)
    }

    /// What the service holds, told again in Swift.
    static func row(_ i: Int) -> [String?] {
        let account = String(i * 7919 % 1000)
        let (day, hour) = (1 + i / 24, i % 24)
        return [
            "WO" + String(repeating: "0", count: 4 - String(i).count) + String(i),
            String(repeating: "0", count: 8 - account.count) + account, ["报修", "测温", "停供", "复供"][i % 4],
            "2026-11-0\(day)T\(hour < 10 ? "0" : "")\(hour):00:00+08:00", i % 5 == 0 ? nil : String(i % 7),
            i % 5 == 0 ? nil : "工程师<\(i % 7)>&", i % 3 == 0 ? nil : "阳光花园\(i)号楼 \"A\"", i % 2 == 1 ? "" : nil,
        ]
    }

    static let rows = (1...25).map(row)
}

/// What a pull handed over.
struct Pulled {
    var batches: [RawBatch] = []
    var summary = PullSummary()

    init() {}

    init(_ connector: SOAPConnector, _ request: PullRequest) throws {
        var batches: [RawBatch] = []
        summary = try connector.pull(request) { batches.append($0) }
        self.batches = batches
    }

    var rows: [[String?]] { batches.flatMap(\.texts) }
}

extension RawBatch {
    var texts: [[String?]] { (0..<rowCount).map { row in columns.indices.map { text(row: row, column: $0) } } }
}

/// That the body throws a `HearthError` of this code.
func expectCode(_ code: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void) {
    var found = "nothing thrown"
    do { try body() } catch let error as HearthError { found = error.code.name } catch { found = "\(error)" }
    #expect(found == code, sourceLocation: sourceLocation)
}
