import HearthTesting
import HeatModel
import Records
import SOAPConnector
import Store
import Testing

@testable import Sync

/// A household that paid twice alike, as a SOAP service tells it: two records that say the same, with money.
@Suite struct EqualSOAPRecordsTests {
    private static let mapping = [
        "pay.rows": """
        entity: payment
        from: pay.rows
        key: KEY
        account: {column: no, as: accountNumber, introduces: true}
        fields:
          amount: {column: amount, as: money(yuan), required: true}
          paidAt: {column: day, as: instant}
        """,
        "unified": "facts: {}\nlists: {payments: {from: [pay.rows], order: [paidAt]}}",
    ]

    private static func mapping(_ key: String) -> [String: String] {
        mapping.mapValues { $0.replacing("KEY", with: key) }
    }

    /// Three payments, the first two alike; `page` tells which of them.
    private static func records(_ rows: ArraySlice<Int>) -> String {
        let all = ["A1", "A1", "A2"].map { "<P><No>\($0)</No><Day>2025-07-02</Day><Amount>1200.00</Amount></P>" }
        return rows.map { all[$0] }.joined()
    }

    private func connector(_ size: Int?, key: [String]) throws -> (SOAPConnector, String) {
        let address = LoopbackService.shared.address { request in
            let page = request.body.firstRange(of: "<p>").flatMap {
                Int(String(request.body[$0.upperBound...].prefix(1)))
            }
            let rows =
                size.map { Array(0..<3).dropFirst((page.map { $0 - 1 } ?? 0) * $0).prefix($0) } ?? [0, 1, 2][...]
            return .init(
                "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><R><L>\(Self.records(rows))</L></R></s:Body></s:Envelope>"
            )
        }
        let stream = SOAPStream(
            name: "rows", body: "<Get><p>{{page}}</p></Get>", recordPath: "L/P",
            fields: [.init("no", "No"), .init("day", "Day"), .init("amount", "Amount")], key: key,
            paging: size.map { .pages(.init(pageSize: $0)) } ?? .none, isSnapshot: size == nil)
        return (try SOAPConnector(source: "pay", options: .init(endpoint: address), streams: [stream]), address)
    }

    /// One answer; two pages with the equal records on one page.
    @Test(arguments: [nil, 2], [[], ["no", "day", "amount"]]) func theSecondWaitsInQuarantine(
        _ size: Int?, _ key: [String]
    ) throws {
        let house = try House(mappings: Self.mapping("[no, day, amount]"))
        let (connector, address) = try connector(size, key: key)
        defer { LoopbackService.shared.remove(address) }
        func total() throws -> Int64? {
            try house.state("pay.rows").totals.first { $0.measure == "amount_fen" }?.sum.amount
        }
        let report = try house.run("pay.rows", connector)
        #expect(report.books == "3/2/0/0/0/1/0", "\(String(describing: report.error))")
        let waiting = try house.quarantine("pay.rows")
        #expect(waiting.map(\.code) == ["record.equalRow"])
        #expect(try total() == 240_000)
        // Read again, it is the same record that waits.
        _ = try house.run("pay.rows", connector, mode: .full)
        #expect(try house.quarantine("pay.rows").map(\.code) == ["record.equalRow"])
        #expect(try total() == 240_000)
        // A key by occurrence tells them apart in one answer that states everything; pages are readings of changes, and it is refused.
        try house.write("pay.rows", Self.mapping("[no, day, amount, occurrence]")["pay.rows"] ?? "")
        let mended = try house.run("pay.rows", connector, mode: .full)
        if size == nil {
            #expect(mended.state == .success, "\(String(describing: mended.error))")
            #expect(try total() == 360_000)
            #expect(try house.quarantine("pay.rows").isEmpty)
        } else {
            #expect(mended.error?.code.name == "config.positionalKey")
            #expect(try total() == 240_000)
            #expect(try house.quarantine("pay.rows").map(\.code) == ["record.equalRow"])
        }
    }
}
