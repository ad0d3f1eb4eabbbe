import Foundation
import HearthTesting
import TestTraits
import Testing

/// A service of room temperatures, which not every order has.
enum Temperatures {
    /// - Parameter fields: of which column `no` names the account, where there is none of its own.
    static func sources(_ address: String, pages: String, fields: String = "celsius: ., no: ../No") -> String {
        """
          x:
            soap:
              endpoint: \(address)
              retry: {attempts: 1}
            streams:
              temperatures: {operation: Q, body: "<Q><p>{{page}}</p><s>{{pageSize}}</s></Q>", record: "Order/Temp", key: [no], pages: {\(pages)}, fields: {\(fields)}}

        """
    }

    static let mappings = [
        "unified": "facts: {}\nlists: {temperatures: {from: [x.temperatures], order: [measuredAt]}}\n",
        "x.temperatures": """
        entity: roomTemperature
        from: x.temperatures
        key: [no]
        account: {column: no, as: text, introduces: true}
        fields:
          celsius: {column: celsius, as: tenths, required: true}
          measuredAt: {value: "2026-01-01T00:00:00+08:00"}

        """,
    ]
}

/// SOAP services as they really answer.
@Suite(.waitsForServers) struct ServiceTests {
    // MARK: Pages

    struct Paging: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Of each order, in the service's order; nil for an order without one.
        var temperatures: [String?]
        var size: Int
        /// The most orders that the service puts into an answer.
        var cap = Int.max
    }

    static let pagings = [
        Paging(testDescription: "an order without one", temperatures: ["18.0", nil, "19.0", "20.0", "21.0"], size: 2),
        Paging(
            testDescription: "a page without any", temperatures: ["18.0", "19.0", nil, nil, "21.0", "22.0"], size: 2),
        Paging(testDescription: "the first page without any", temperatures: [nil, nil, nil, "20.0"], size: 3),
        Paging(testDescription: "one order a page", temperatures: ["18.0", nil, "19.0"], size: 1),
        Paging(
            testDescription: "the service gives less than is asked for",
            temperatures: (0..<9).map { "\(16 + $0).0" }, size: 5, cap: 2),
    ]

    /// The service says how many pages there are, and nothing else.
    @Test(arguments: pagings) func pagesThatHoldFewerRecordsThanTheirSize(_ it: Paging) async throws {
        let service = try FieldService { request in
            let (page, size) = (request.number("p") ?? 1, min(request.number("s") ?? 1, it.cap))
            let from = max(0, (page - 1) * size)
            let orders = (from..<max(from, min(from + size, it.temperatures.count))).map { index in
                let temperature = it.temperatures[index].map { "<Temp>\($0)</Temp>" } ?? ""
                return "<Order><No>A\(index + 1)</No>\(temperature)</Order>"
            }
            let pages = (it.temperatures.count + size - 1) / size
            return .envelope("<R xmlns=\"\"><TotalPages>\(pages)</TotalPages>\(orders.joined())</R>")
        }
        let site = try FieldSite(
            sources: Temperatures.sources(service.address, pages: "size: \(it.size)"), mappings: Temperatures.mappings)
        let sync = try await site.sync()
        if sync.ending.status == 0 {
            #expect(
                sync.counts["x.temperatures"]?["new"] == it.temperatures.count { $0 != nil }, "\(sync.ending.output)")
        } else {
            // Refused, then: nothing may look as if it were whole.
            #expect(sync.ending.status == 2, "\(sync.ending.output) \(sync.ending.errors)")
        }
        // Stated, it is read.
        let stated = try FieldSite(
            sources: Temperatures.sources(service.address, pages: "size: \(it.size), count: TotalPages"),
            mappings: Temperatures.mappings)
        let whole = try await stated.sync()
        #expect(whole.ending.status == 0, "\(whole.ending.output) \(whole.ending.errors)")
        #expect(whole.counts["x.temperatures"]?["new"] == it.temperatures.count { $0 != nil }, "\(whole.ending.output)")
    }

    /// What stands around the record may be wanted twice: in both fields, or refused; never in one of them only.
    @Test(arguments: ["celsius: ., no: ../No, account: ../No", "celsius: ., account: ../No, no: ../No"])
    func aPathOfTwoFields(_ fields: String) async throws {
        let service = try FieldService { request in
            let page = request.number("p") ?? 1
            let order = "<Order><No>A\(page)</No><Temp>20.0</Temp></Order>"
            return .envelope("<R xmlns=\"\"><TotalPages>3</TotalPages>\(page <= 3 ? order : "")</R>")
        }
        var mappings = Temperatures.mappings
        mappings["x.temperatures"] = Temperatures.mappings["x.temperatures"]?.replacing(
            "{column: no, as", with: "{column: account, as")
        let site = try FieldSite(
            sources: Temperatures.sources(service.address, pages: "size: 1, count: TotalPages", fields: fields),
            mappings: mappings)
        let sync = try await site.sync()
        let new = sync.counts["x.temperatures"]?["new"] ?? 0
        #expect(sync.ending.status >= 2 || new == 3, "\(sync.ending.output)")
    }

    // MARK: Text that is not quite XML

    struct Text: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var records: [String]
        /// Ids of the records that are lost.
        var bad: [String] = []
        var encoding = "utf-8"
    }

    private static func record(_ id: Int, _ text: String) -> String { "<rec id=\"\(id)\">\(text)</rec>" }

    static let texts = [
        Text(testDescription: "good", records: [record(1, "a b"), record(2, "ok")]),
        Text(testDescription: "a bare & and a blank", records: [record(1, "a & b"), record(2, "ok")], bad: ["1"]),
        Text(
            testDescription: "in a list", records: ["<list>" + record(1, "a & b"), record(2, "ok") + "</list>"],
            bad: ["1"]),
        Text(testDescription: "&nbsp;", records: [record(1, "a&nbsp;b"), record(2, "ok")], bad: ["1"]),
        Text(testDescription: "& and a name", records: [record(1, "a&b c"), record(2, "ok")], bad: ["1"]),
        Text(testDescription: "& and a name;", records: [record(1, "a&b; c"), record(2, "ok")], bad: ["1"]),
        Text(
            testDescription: "the second", records: [record(1, "ok"), record(2, "a & b"), record(3, "ok")], bad: ["2"]),
        Text(testDescription: "& and digits", records: [record(1, "a&1"), record(2, "ok")], bad: ["1"]),
        Text(testDescription: "a control character", records: [record(1, "a\u{1}b"), record(2, "ok")], bad: ["1"]),
        // More of the kind.
        Text(testDescription: "two in one", records: [record(1, "a & b & c"), record(2, "ok")], bad: ["1"]),
        Text(testDescription: "the last", records: [record(1, "ok"), record(2, "甲&乙")], bad: ["2"]),
        Text(
            testDescription: "one of three hundred",
            records: (1...300).map { record($0, $0 == 150 ? "R&D中心" : "好 \($0)") }, bad: ["150"]),
        Text(
            testDescription: "several", records: (1...9).map { record($0, $0 % 3 == 0 ? "x & y" : "ok") },
            bad: ["3", "6", "9"]),
        Text(
            testDescription: "written as it should be",
            records: [record(1, "a &amp; b"), record(2, "<![CDATA[a & b]]>")]),
        Text(
            testDescription: "in GBK", records: [record(1, "甲 & 乙"), record(2, "好")], bad: ["1"], encoding: "gb18030"),
    ]

    @Test(arguments: texts) func aBrokenReferenceCostsItsRecordOnly(_ it: Text) async throws {
        let text =
            "<?xml version=\"1.0\" encoding=\"\(it.encoding)\"?><soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>\(it.records.joined())</soap:Body></soap:Envelope>"
        let bytes = it.encoding == "utf-8" ? Array(text.utf8) : try Encoded.bytes(text, as: it.encoding)
        let service = try FieldService { _ in FieldService.Response(bytes: bytes) }
        let site = try FieldSite(
            sources: """
                  x:
                    soap: {endpoint: "\(service.address)", version: "1.1", retry: {attempts: 1}}
                    streams:
                      r: {operation: Q, action: Q, body: <Q/>, record: "*:rec", key: [id], fields: {id: "@id", t: .}}

                """,
            mappings: [
                "unified": "facts: {}\nlists: {work_orders: {from: [x.r], order: [createdAt]}}\n",
                "x.r": """
                entity: workOrder
                from: x.r
                key: [id]
                account: {column: id, as: text, introduces: true}
                fields:
                  number: {column: t, as: text(raw)}
                  kind: {value: other}
                  state: {value: dispatched}

                """,
            ])
        let sync = try await site.sync()
        #expect(sync.ending.status == (it.bad.isEmpty ? 0 : 1), "\(sync.ending.output) \(sync.ending.errors)")
        let count = it.records.count
        #expect(sync.counts["x.r"]?["new"] == count - it.bad.count, "\(sync.ending.output)")
        let entries = try await site.quarantine()
        #expect(entries.count == it.bad.count && entries.allSatisfy { $0.code.hasPrefix("record.") }, "\(entries)")
        for id in it.bad { #expect(try await site.account(id).isEmpty) }
    }
}

/// Text in an encoding of this part of the world, by the system's own converter.
enum Encoded {
    static func bytes(_ text: String, as encoding: String) throws -> [UInt8] {
        let converter = iconv_open(encoding, "utf-8")
        guard converter != iconv_t(bitPattern: -1) else { throw POSIXError(.EINVAL) }
        defer { iconv_close(converter) }
        var input = Array(text.utf8).map { CChar(bitPattern: $0) }
        var output = [CChar](repeating: 0, count: input.count * 4 + 16)
        let written: Int? = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                var (from, left) = (input.baseAddress, input.count)
                var (to, room) = (output.baseAddress, output.count)
                return iconv(converter, &from, &left, &to, &room) == .max ? nil : output.count - room
            }
        }
        guard let written else { throw POSIXError(.EILSEQ) }
        return output[..<written].map { UInt8(bitPattern: $0) }
    }
}
