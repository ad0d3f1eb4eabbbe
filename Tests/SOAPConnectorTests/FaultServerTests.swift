import HeatModel
import Records
import SOAPConnector
import Synchronization
import TestTraits
import Testing

/// Answers that are wrong at the level of bytes, status and length.
@Suite(.waitsForServers) struct FaultServerTests {
    static let stream = SOAPStream(
        name: "r", body: "<d:Get/>", recordPath: "d:R", fields: [.init("id", "@id"), .init("v", "d:V")])

    func connector(_ path: String, attempts: Int = 1, total: Int = 10_000) throws -> SOAPConnector {
        try SOAPConnector(
            source: "s",
            options: .init(
                endpoint: try PythonService.faults.get().address(path), namespaces: ["d": "urn:d"],
                timeouts: .init(connect: 5000, total: total), retry: .init(attempts: attempts, base: 1, cap: 5)),
            streams: [Self.stream])
    }

    @Test(arguments: [
        ("fault200", "source.soapFault"), ("fault500", "source.soapFault"), ("fault12", "source.soapFault"),
        ("html500", "source.httpStatus"), ("xml500", "source.httpStatus"), ("html200", "source.notSOAP"),
        ("text200", "source.notSOAP"), ("other200", "source.notSOAP"), ("redirect", "source.httpStatus"),
        ("refused", "source.unauthorized"), ("empty", "source.truncated"), ("nothing", "source.truncated"),
        ("cut", "source.truncated"), ("short", "source.truncated"), ("long", "source.truncated"),
        ("chunkcut", "source.truncated"),
        ("badgzip", "source.truncated"), ("dtd", "source.forbiddenDTD"), ("none", "source.httpStatus"),
    ])
    func wrongAnswersAreTyped(_ path: String, _ expected: String) throws {
        do {
            let pulled = try Pulled(connector(path), .init(stream: "r"))
            Issue.record("\(path) gave \(pulled.rows.count) rows")
        } catch let error as HearthError {
            #expect(error.code.name == expected, "\(error)")
            #expect(error.place != nil && error.advice != nil)
            #expect(!String(reflecting: error).contains("张三") && !String(reflecting: error).contains("customer 1"))
        }
    }

    @Test func aCutAnswerNamesItsPlace() throws {
        var batches: [RawBatch] = []
        do {
            _ = try connector("cut").pull(.init(stream: "r", batchRows: 100)) { batches.append($0) }
        } catch let error as HearthError {
            guard case .envelope(let name, let number, let record) = error.place else { throw error }
            #expect(name.hasPrefix("Get:") && number == 1 && record > 0)
        }
        // What was whole before the cut has come; nothing claims to be the end.
        #expect(batches.count > 5 && batches.allSatisfy { !$0.endsOrigin && $0.cursor == nil })
    }

    @Test(arguments: ["slow", "silent"]) func slowServersTimeOut(_ path: String) throws {
        expectCode("source.timeout") { _ = try Pulled(connector(path, total: 300), .init(stream: "r")) }
    }

    /// The service drips for longer than that, a byte before any bound on its speed is reached.
    @Test func aDescriptionThatDripsIsGivenUp() throws {
        let service = try PythonService.faults.get()
        expectCode("source.timeout") {
            _ = try ServiceDescription.fetch(service.address("slow"), atMost: 1 << 20, within: 1)
        }
        expectCode("source.httpStatus") {
            _ = try ServiceDescription.fetch(service.address("redirect"), atMost: 1 << 20)
        }
    }

    @Test func nobodyThere() throws {
        let connector = try SOAPConnector(
            source: "s",
            options: .init(
                endpoint: "http://u:secret@127.0.0.1:\(try closedPort())/x?key=secret", namespaces: ["d": "urn:d"],
                retry: .init(attempts: 2, base: 1)), streams: [Self.stream])
        do {
            _ = try Pulled(connector, .init(stream: "r"))
            Issue.record("connected")
        } catch let error as HearthError {
            #expect(error.code.name == "source.unreachable")
            #expect(!String(reflecting: error).contains("secret"))
        }
    }

    @Test func plainHTTPUnderHTTPS() throws {
        let port = try PythonService.faults.get().port
        let connector = try SOAPConnector(
            source: "s", options: .init(endpoint: "https://127.0.0.1:\(port)/good", namespaces: ["d": "urn:d"]),
            streams: [Self.stream])
        expectCode("source.tls") { _ = try Pulled(connector, .init(stream: "r")) }
    }

    @Test func busyServersAreAskedAgain() throws {
        #expect(
            try Pulled(connector("busy/\(UInt64.random(in: 0...UInt64.max))", attempts: 4), .init(stream: "r")).rows
                .count == 3)
        expectCode("source.httpStatus") { _ = try Pulled(connector("busy/x", attempts: 1), .init(stream: "r")) }
    }

    @Test func aBrokenPageIsAskedAgainUnderAnotherName() throws {
        let path = "cutonce/\(UInt64.random(in: 0...UInt64.max))"
        let pulled = try Pulled(connector(path, attempts: 2), .init(stream: "r", batchRows: 100))
        let names = Set(pulled.batches.map(\.origin.name))
        #expect(names == ["Get", "Get attempt 2"])
        let second = pulled.batches.filter { $0.origin.name != "Get" }
        #expect(second.flatMap(\.ordinals) == Array(1...2000))
        #expect(pulled.summary.rows == Int64(pulled.rows.count))
    }

    /// A service that does not look at the page number would be asked without end.
    @Test func theSamePageAgainIsAnError() throws {
        var stream = Self.stream
        stream.body = "<d:Get><d:page>{{page}}</d:page></d:Get>"
        stream.paging = .pages(.init(pageSize: 3))
        let connector = try SOAPConnector(
            source: "s",
            options: .init(endpoint: try PythonService.faults.get().address("good"), namespaces: ["d": "urn:d"]),
            streams: [stream])
        var pages: [RawBatch] = []
        do {
            _ = try connector.pull(.init(stream: "r")) { pages.append($0) }
            Issue.record("the pull ended")
        } catch let error as HearthError {
            #expect(error.code.name == "source.badAnswer" && error.message.contains("the same page again"))
            #expect(error.place == .envelope("Get page 2", number: 2, record: 0))
        }
        #expect(pages.map(\.rowCount) == [3])
    }

    @Test func cancellationWhileWaiting() throws {
        let asked = Mutex(0)
        let request = PullRequest(
            stream: "r",
            isCancelled: {
                asked.withLock { count in
                    count += 1
                    return count > 2
                }
            })
        expectCode("run.cancelled") { _ = try Pulled(connector("silent"), request) }
    }

    @Test func chineseEncodings() throws {
        #expect(try Pulled(connector("gb"), .init(stream: "r")).rows == [["1", "镕\u{4DAE}𠮷"]])
        #expect(try Pulled(connector("gbheader"), .init(stream: "r")).rows == [["1", "热费"]])
    }
}
