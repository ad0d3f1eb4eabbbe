import HearthTesting
import HeatModel
import Records
import SOAPConnector
import TestTraits
import Testing

/// Against a SOAP implementation that is not ours, over HTTP.
@Suite(.waitsForServers) struct SpyneTests {
    @Test(arguments: [("11", SOAPVersion.v11), ("12", .v12)])
    func oneEnvelopeIsASnapshot(_ path: String, _ version: SOAPVersion) throws {
        let pulled = try Pulled(
            Dispatch.connector(path, [Dispatch.all], version: version), .init(stream: "all", batchRows: 10))
        #expect(pulled.rows == Dispatch.rows)
        #expect(pulled.batches.map(\.rowCount) == [10, 10, 5])
        #expect(pulled.batches.map(\.endsOrigin) == [false, false, true])
        #expect(!pulled.batches.contains { !$0.origin.isSnapshot })
        #expect(pulled.batches.last?.origin.digest?.count == 64)
        #expect(pulled.summary.statedRows == 25)
        // Compressed on the wire: fewer bytes than the envelope has.
        #expect(pulled.summary.bytes > 0 && pulled.summary.bytes < pulled.batches.last?.origin.byteCount ?? 0)
    }

    @Test(arguments: [false, true])
    func pagesAndCursor(_ hasMore: Bool) throws {
        let connector = try Dispatch.connector("11", [Dispatch.pages(hasMore: hasMore)])
        let first = try Pulled(connector, .init(stream: "pages"))
        #expect(first.rows == Dispatch.rows)
        // Without a word of the service the end is proved by a page that adds nothing.
        let pages = hasMore ? 3 : 4
        #expect(first.batches.map(\.origin.name) == (1...pages).map { "WorkOrdersByPage page \($0)" })
        #expect(first.summary.completeness?.proof == (hasMore ? .statedEnd : .emptyPage))
        // One hour of lookback: the last two again.
        let again = try Pulled(connector, .init(stream: "pages", cursor: first.batches.last?.cursor))
        #expect(again.rows == Array(Dispatch.rows.suffix(2)))
        // After the second page, it is asked for again, to see whether anything moved, and then the third.
        let rest = try Pulled(connector, .init(stream: "pages", cursor: first.batches[1].cursor))
        #expect(rest.rows == Array(Dispatch.rows.dropFirst(10)))
        #expect(rest.batches[0].origin.name == "WorkOrdersByPage page 2")
    }

    @Test func tokens() throws {
        for isDurable in [false, true] {
            let connector = try Dispatch.connector("12", [Dispatch.token(isDurable: isDurable)], version: .v12)
            let pulled = try Pulled(connector, .init(stream: "token"))
            #expect(pulled.rows == Dispatch.rows)
            #expect(pulled.batches.map { $0.cursor != nil } == [isDurable, isDurable, isDurable, true])
            if isDurable {
                let rest = try Pulled(connector, .init(stream: "token", cursor: pulled.batches[1].cursor))
                #expect(rest.rows == Array(Dispatch.rows.dropFirst(14)))
            }
        }
    }

    @Test func windowsUpToNow() throws {
        let connector = try Dispatch.connector("11", [Dispatch.windows])
        let pulled = try Pulled(connector, .init(stream: "windows"))
        // The machine's clock may stand anywhere; a window that ends before the records' days holds fewer.
        #expect(Set(pulled.rows).isSubset(of: Set(Dispatch.rows)))
        #expect(pulled.batches.allSatisfy { $0.cursor != nil })
        #expect(try Pulled(connector, .init(stream: "windows", cursor: pulled.batches.last?.cursor)).rows.isEmpty)
    }

    @Test func nestedRecordsSeeTheirAncestors() throws {
        let pulled = try Pulled(Dispatch.connector("11", [Dispatch.events]), .init(stream: "events"))
        let expected: [[String?]] = (1...25).flatMap { i in
            (0..<(i % 3)).map { [Dispatch.row(i)[0], Dispatch.row(i)[1], "\($0)", "S\($0)"] }
        }
        #expect(pulled.rows == expected)
    }

    @Test(arguments: [SOAPUsernameToken.PasswordType.text, .digest])
    func usernameTokenIsChecked(_ type: SOAPUsernameToken.PasswordType) throws {
        let good = SOAPSecurity(
            usernameToken: .init(credentials: Dispatch.user, type: type, sendsTimestamp: type == .text))
        let connector = try Dispatch.connector("wsse", [Dispatch.pages()], security: good)
        #expect(try Pulled(connector, .init(stream: "pages")).rows == Dispatch.rows)
        let bad = SOAPSecurity(usernameToken: .init(credentials: .init(user: "hearth", password: "guess"), type: type))
        let refused = try Dispatch.connector("wsse", [Dispatch.pages()], security: bad)
        expectCode("source.unauthorized") { _ = try Pulled(refused, .init(stream: "pages")) }
        #expect(refused.check().first?.verdict == .failed)
        expectCode("source.unauthorized") {
            _ = try Pulled(Dispatch.connector("wsse", [Dispatch.all]), .init(stream: "all"))
        }
    }

    @Test func basicAuthentication() throws {
        let good = try Dispatch.connector("basic", [Dispatch.all], security: .init(basic: Dispatch.user))
        #expect(try Pulled(good, .init(stream: "all")).rows == Dispatch.rows)
        let bad = try Dispatch.connector("basic", [Dispatch.all])
        expectCode("source.unauthorized") { _ = try Pulled(bad, .init(stream: "all")) }
    }

    @Test func faultsCarryCodeAndTextOnly() throws {
        var stream = Dispatch.all
        stream.body = "<d:Refuse><d:why>a &lt; b</d:why></d:Refuse>"
        for (path, version) in [("11", SOAPVersion.v11), ("12", .v12)] {
            let connector = try Dispatch.connector(path, [stream], version: version)
            do {
                _ = try Pulled(connector, .init(stream: "all"))
                Issue.record("no fault")
            } catch let error as HearthError {
                #expect(error.code.name == "source.soapFault")
                #expect(error.message.contains("NoSuchThing") && error.message.contains("nothing of the kind: a < b"))
                #expect(!String(reflecting: error).contains("张三"))
            }
        }
    }

    @Test func discoverReadsTheDescription() throws {
        let found = try Dispatch.connector("11", [Dispatch.all], wsdl: true).discover()
        #expect(found.first?.columns.map(\.name) == Dispatch.columns)
        #expect(found.first?.isConfigured == true)
        #expect(
            Set(found.dropFirst().map(\.name)) == [
                "WorkOrdersByPage", "WorkOrdersByToken", "WorkOrdersByWindow", "NoWorkOrders", "BusyWorkOrders",
                "Refuse",
            ])
        let findings = try Dispatch.connector("11", [Dispatch.all], wsdl: true).check()
        #expect(findings.allSatisfy { $0.verdict == .ok })
    }

    @Test func checkWarnsWhereNothingIsFound() throws {
        var stream = Dispatch.all
        stream.recordPath = "d:Workorder"
        #expect(try Dispatch.connector("11", [stream]).check().map(\.verdict) == [.failed])
        expectCode("source.badAnswer") { _ = try Pulled(Dispatch.connector("11", [stream]), .init(stream: "all")) }
    }

    @Test(arguments: ["all", "pages", "token"])
    func conformance(_ name: String) throws {
        let streams = [Dispatch.all, Dispatch.pages(6), Dispatch.token(isDurable: true)]
        let closed = try closedPort()
        let fixture = ConnectorFixture(
            stream: name, columns: Dispatch.columns, rows: Dispatch.rows,
            connector: { try Dispatch.connector("11", streams) },
            brokenConnector: {
                try SOAPConnector(
                    source: "dispatch",
                    options: .init(
                        endpoint: "http://127.0.0.1:\(closed)/", namespaces: Dispatch.namespaces,
                        retry: .init(attempts: 2, base: 1)), streams: streams)
            },
            // The answer comes with status 200 and its length, and lacks its last third.
            withholdingConnector: { try Dispatch.connector("cut", streams) },
            fingerprint: {
                try Pulled(Dispatch.connector("11", [Dispatch.all]), .init(stream: "all")).batches.last?.origin.digest
                    ?? ""
            })
        let failures = ConnectorConformance(fixture: fixture).run()
        #expect(failures.isEmpty, "\(failures)")
    }
}
