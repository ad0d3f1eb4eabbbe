import Foundation
import HeatModel
import Testing

@testable import LegacyEstate

@Suite struct DispatchWritingTests {
    private struct Said: Decodable {
        /// HTTP status; 0 where the connection was cut, −1 where the client gave up.
        var status: Int
        /// Texts of the first elements with these names.
        var Result: String?
        var Message: String?
        var WorkOrderNo: String?
        var faultstring: String?
        /// Numbers of the orders in an answer to a query.
        var orders: [String]
        var states: [String]
        var references: [String]
    }

    /// A client that is not ours. Each call is `[operation, user, password, {element: text}, timeout in seconds]`.
    private static let program = """
        import sys, json, http.client, socket, urllib.parse
        import xml.etree.ElementTree as ET
        from xml.sax.saxutils import escape
        D = '{http://dispatch.nuancheng.example/ws/2026}'
        W = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-'
        url, said = urllib.parse.urlparse(sys.argv[1]), []
        for op, user, password, fields, timeout in json.loads(sys.argv[2]):
            body = f'''<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>
            <w:Security xmlns:w="{W}wssecurity-secext-1.0.xsd"><w:UsernameToken><w:Username>{user}</w:Username>
            <w:Password>{password}</w:Password></w:UsernameToken></w:Security></s:Header>
            <s:Body><d:{op} xmlns:d="http://dispatch.nuancheng.example/ws/2026">''' + ''.join(
                f'<d:{k}>{escape(v)}</d:{k}>' for k, v in fields.items()) + f'</d:{op}></s:Body></s:Envelope>'
            one = {'status': 0, 'orders': [], 'states': [], 'references': []}
            try:
                connection = http.client.HTTPConnection(url.hostname, url.port, timeout=timeout)
                connection.request('POST', url.path, body.encode(), {'Content-Type': 'text/xml; charset=utf-8'})
                answer = connection.getresponse()
                root = ET.fromstring(answer.read())
                one['status'] = answer.status
                for name in ('Result', 'Message', 'WorkOrderNo'):
                    found = root.find('.//' + D + name)
                    if found is not None: one[name] = found.text
                fault = root.find('.//faultstring')
                if fault is not None: one['faultstring'] = fault.text
                for order in root.iter(D + 'WorkOrder'):
                    one['orders'].append(order.get('id'))
                    one['states'].append(order.find(D + 'State').text)
                    one['references'] += [r.text for r in order.iter(D + 'ExternalRef')]
            except socket.timeout: one['status'] = -1
            except (http.client.HTTPException, ConnectionError): one['status'] = 0
            said.append(one)
        print(json.dumps(said))
        """

    private struct Call: Encodable {
        var operation: String
        var fields: [String: String]
        var user = Estate.dispatchWriter
        var password = Estate.dispatchWriterPassword
        var timeout = 600.0

        func encode(to encoder: any Encoder) throws {
            var list = encoder.unkeyedContainer()
            try list.encode(operation)
            try list.encode(user)
            try list.encode(password)
            try list.encode(fields)
            try list.encode(timeout)
        }
    }

    private func say(_ address: String, _ calls: Call...) async throws -> [Said] {
        let text = String(decoding: try JSONEncoder().encode(calls), as: UTF8.self)
        let said = try await pythonJSON(apart: [Said].self, Self.program, [address, text])
        try #require(said.count == calls.count)
        return said
    }

    private static let estate = Estate(EstateOptions(accounts: 300, seed: 14, plantFaults: false))
    private var account: String { Self.estate.account(7).number }

    private func create(_ reference: String, timeout: Double = 600) -> Call {
        Call(
            operation: "CreateWorkOrder",
            fields: ["AccountNo": account, "Type": "不热", "ExternalRef": reference, "Description": "客厅 <16 度 & 冰凉"],
            timeout: timeout)
    }

    private func find(_ reference: String) -> Call {
        Call(
            operation: "QueryWorkOrders",
            fields: ["Page": "1", "PageSize": "100", "AccountNo": account, "ExternalRef": reference])
    }

    @Test func ordersAreMadeChangedAndFoundAgain() async throws {
        let service = Self.estate.dispatchService()
        let address = try await service.start()
        let first = "WX" + Digits.padded(20_000_001 + Self.estate.workOrderCount, 9)
        func change(_ operation: String, _ more: [String: String] = [:]) -> Call {
            Call(
                operation: operation,
                fields: ["WorkOrderNo": first, "ExternalRef": "r-\(operation)"].merging(more) { _, new in new })
        }
        let said = try await say(
            address, create("r1"), create("r1"), find("r1"), change("AmendWorkOrder", ["Description": "卧室也冷"]),
            change("ReopenWorkOrder"), change("CancelWorkOrder"), change("CancelWorkOrder"), find("r-CancelWorkOrder"),
            change("RecordVisit", ["Satisfy": "满意"]),
            Call(operation: "QueryWorkOrders", fields: ["CreatedFrom": "2026-02-01T00:00:00Z", "Page": "1"]))
        let orders = said[2].orders
        #expect(said[0].Result == "0" && said[0].WorkOrderNo == first && said[1].Result == "0")
        // No idempotency key: the same request twice makes two orders.
        #expect(orders.count == 2 && orders.first == first && said[2].references == ["r1", "r1"])
        #expect(said[3].Result == "0" && said[4].Result == "1004" && said[5].Result == "0")
        #expect(said[6].Result == "1003" && said[6].Message == "工单已结束,不能修改或取消")
        #expect(said[7].orders == [first] && said[7].states == ["已取消"])
        #expect(said[8].Result == "1004")
        #expect(said[9].orders == orders)
        #expect(service.entries.map(\.operation) == [.create, .create, .amend, .cancel])
        #expect(service.entries.first?.description == "客厅 <16 度 & 冰凉")
        await service.stop()
    }

    @Test func aFinishedOrderIsVisitedAndReopened() async throws {
        let estate = Estate(EstateOptions(accounts: 2000, seed: 14, plantFaults: false, plantDiscrepancies: true))
        let service = estate.dispatchService()
        let address = try await service.start()
        let ordinal = try #require(
            (0..<estate.workOrderCount).first { estate.workOrder($0).events.last?.state == "已解决" })
        let number = Estate.workOrderNumber(ordinal)
        let visit = Call(operation: "RecordVisit", fields: ["WorkOrderNo": number, "Satisfy": "不满意"])
        let said = try await say(
            address, visit, visit,
            Call(operation: "ReopenWorkOrder", fields: ["WorkOrderNo": number, "Remark": "还没好"]),
            visit)
        #expect(said.map(\.Result) == ["0", "1006", "0", "1004"])
        let order = try #require(DispatchOrders(estate, service.entries).order(number: number))
        #expect(order.events.last?.state == "待派工" && order.events.last?.note == "还没好")
        // What was true of the work that begins anew is told no more.
        #expect(order.time(of: "已解决") == nil && order.time(of: "已回访") == nil && order.result.isEmpty)
        await service.stop()
    }

    @Test func whoMayReadMayNotWrite() async throws {
        let service = Self.estate.dispatchService()
        let address = try await service.start()
        var (asReader, wrong) = (create("r1"), create("r1"))
        asReader.user = Estate.dispatchUser
        asReader.password = Estate.dispatchPassword
        wrong.password = Estate.dispatchPassword
        var (stranger, kind) = (create("r1"), create("r1"))
        stranger.fields["AccountNo"] = "99999999"
        kind.fields["Type"] = "点歌"
        let said = try await say(address, asReader, wrong, stranger, kind)
        #expect(said[0].status == 500 && said[0].faultstring == "该用户无权写入")
        #expect(said[1].status == 500 && said[1].faultstring == "用户名或口令不正确")
        #expect(said[2].status == 200 && said[2].Result == "1001" && said[2].Message == "户号不存在")
        #expect(said[3].Result == "1005")
        #expect(service.entries.isEmpty)
        await service.stop()
    }

    private static let misbehaviours: [(String, Int, Int)] = [
        ("closesAfter=1000", 0, 1), ("closesBefore=1000", 0, 0), ("faultsAfter=1000", 500, 1),
        ("faultsBefore=1000", 500, 0), ("errorsAfter=1000", 200, 1), ("reference=3", 200, 1),
    ]
    /// Where the service is alone it has read the request before its caller gives up.
    private static let late: [(String, Int, Int)] =
        ProcessInfo.processInfo.environment["HEARTH_HEAVY_TESTS"] == nil ? [] : [("late=1000,delay=6000", -1, 1)]

    @Test(arguments: misbehaviours + late)
    func itMisbehavesAsItIsTold(_ text: String, _ status: Int, _ made: Int) async throws {
        let service = Self.estate.dispatchService()
        service.misbehave(try #require(DispatchMisbehaviour(text)))
        let address = try await service.start()
        let said = try await say(address, create("r-1234", timeout: status == -1 ? 1 : 600))
        #expect(said[0].status == status && service.entries.count == made)
        if text == "errorsAfter=1000" { #expect(said[0].Result == "9000" && said[0].WorkOrderNo == nil) }
        if text == "reference=3" { #expect(service.entries.first?.reference == "r-1") }
        await service.stop()
    }

    @Test func aReplicaThatLagsShowsWhatWas() async throws {
        let service = Self.estate.dispatchService()
        let address = try await service.start()
        service.misbehave(try #require(DispatchMisbehaviour("stale=3600000")))
        #expect(try await say(address, create("r1"), find("r1"))[1].orders.isEmpty)
        service.misbehave(try #require(DispatchMisbehaviour("queryFaults=1000")))
        #expect(try await say(address, find("r1"))[0].status == 500)
        service.misbehave(DispatchMisbehaviour())
        #expect(try await say(address, find("r1"))[0].orders.count == 1)
        await service.stop()
    }

    @Test func aJournalOutlivesItsService() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("journal-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: folder) } }
        let path = folder + "/dispatch.journal"
        let service = try Self.estate.dispatchService(journal: path)
        _ = try await say(service.start(), create("r1"), create("r2"))
        await service.stop()
        // A line that was being written when the process died.
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        try (whole + Data("{\"account\":\"12".utf8)).write(to: URL(fileURLWithPath: path))
        let again = try Self.estate.dispatchService(journal: path)
        #expect(again.entries.map(\.reference) == ["r1", "r2"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == whole)
        let said = try await say(again.start(), create("r3"), find("r1"))
        #expect(said[0].WorkOrderNo == Estate.workOrderNumber(Self.estate.workOrderCount + 2))
        #expect(said[1].orders.count == 1)
        await again.stop()
        #expect(try DispatchEntry.all(inJournal: path) == again.entries)
        try Data("{}\n".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: HearthError.self) { try Self.estate.dispatchService(journal: path) }
    }

    @Test(arguments: ["slow", "slow=x", "slow=1001", "sometimes=3", "delay=-1"]) func misbehaviourIsReadWithCare(
        _ text: String
    ) {
        #expect(DispatchMisbehaviour(text) == nil)
    }
}
