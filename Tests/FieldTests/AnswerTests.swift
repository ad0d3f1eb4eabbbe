import Foundation
import HearthTesting
import Synchronization
import TestTraits
import Testing

/// Answers of SOAP services that look like the end, or like nothing new, and are neither.
@Suite(.waitsForServers) struct AnswerTests {
    private static let mappings = [
        "unified": "facts: {}\nlists: {work_orders: {from: [x.r], order: [createdAt]}}\n",
        "x.r": """
        entity: workOrder
        from: x.r
        key: [id]
        account: {column: id, as: text, introduces: true}
        fields:
          number: {column: id, as: text}
          kind: {value: other}
          state: {value: dispatched}
          description: {column: note, as: text}

        """,
    ]

    private func site(
        _ service: FieldService, _ options: String = "", body: String = "<Q><p>{{page}}</p></Q>",
        retry: String = "{attempts: 1}"
    )
        throws -> FieldSite
    {
        try FieldSite(
            sources: """
                  x:
                    soap: {endpoint: "\(service.address)", namespaces: {d: "urn:d"}, retry: \(retry), timeouts: {total: 20}}
                    streams:
                      r:
                        operation: Q
                        body: "\(body)"
                        record: d:rec
                        key: [id]
                        fields: {id: "@id", note: d:note, at: d:at}
                        \(options)

                """, mappings: Self.mappings)
    }

    private static func records(_ range: some Sequence<Int>) -> String {
        range.map { "<rec id=\"\($0)\"><note>n\($0)</note><at>2026-01-01T00:00:00+08:00</at></rec>" }.joined()
    }

    private static func list(_ range: some Sequence<Int>, _ more: String = "", namespace: String = "urn:d") -> String {
        "<R xmlns=\"\(namespace)\"><list>\(records(range))</list>\(more)</R>"
    }

    private func error(_ ending: Program.Ending) -> (code: String, message: String) {
        let runs = ((try? ending.json()) as? [String: Any])?["runs"] as? [[String: Any]] ?? []
        let error = runs.first?["error"] as? [String: Any]
        return (error?["code"] as? String ?? "", error?["message"] as? String ?? "")
    }

    // MARK: Whether more follows

    /// What the answer says of whether more follows, and the path that is configured.
    static let silences = [
        ("", "d:more"), ("<more/>", "d:more"), ("<more> </more>", "d:more"), ("<more>true</more>", "d:hasMore"),
        ("<more>perhaps</more>", "d:more"),
    ]

    @Test(arguments: silences) func anAnswerThatDoesNotSayWhetherMoreFollows(_ more: String, _ path: String)
        async throws
    {
        let service = try FieldService { request in
            let page = request.number("p") ?? 1
            return .envelope(Self.list(page <= 3 ? (page * 10)..<(page * 10 + 10) : 0..<0, more))
        }
        let site = try site(service, "pages: {size: 10, hasMore: \"\(path)\"}")
        let sync = try await site.sync()
        #expect(sync.ending.status == 2, "\(sync.ending.output)")
        #expect(error(sync.ending).code.hasPrefix("source."), "\(sync.ending.output)")
        let check = try await site.hearth("check")
        #expect(check.status == 2 && check.output.contains(path), "\(check.output)")
    }

    @Test(arguments: ["true", "1", "Y", "是", "TRUE"]) func spellingsOfYes(_ yes: String) async throws {
        let service = try FieldService { request in
            let page = request.number("p") ?? 1
            let no = ["true": "false", "1": "0", "Y": "N", "是": "否", "TRUE": "FALSE"][yes] ?? ""
            return .envelope(Self.list((page * 10)..<(page * 10 + 10), "<more>\(page < 3 ? yes : no)</more>"))
        }
        let sync = try await site(service, "pages: {size: 10, hasMore: \"d:more\"}").sync()
        #expect(
            sync.ending.status == 0 && sync.counts["x.r"]?["new"] == 30, "\(sync.ending.output) \(sync.ending.errors)")
    }

    // MARK: Sessions

    @Test func aCookieOfTheFirstPageIsSentWithTheNext() async throws {
        let service = try FieldService { request in
            let page = request.number("p") ?? 1
            let isKnown = page == 1 || request.headers["cookie"]?.contains("sid=s3cret") == true
            var response = FieldService.Response.envelope(
                Self.list(
                    isKnown && page <= 3 ? (page * 3)..<(page * 3 + 3) : 0..<0, "<more>\(isKnown && page < 3)</more>"))
            if page == 1 { response.headers = ["Set-Cookie: sid=s3cret; Path=/; HttpOnly"] }
            return response
        }
        let sync = try await site(service, "pages: {size: 3, hasMore: \"d:more\"}").sync()
        #expect(
            sync.ending.status == 0 && sync.counts["x.r"]?["new"] == 9, "\(sync.ending.output) \(sync.ending.errors)")
    }

    // MARK: Nothing that is something

    /// Answers of a service that had records yesterday.
    static let nothings = [
        "<R xmlns=\"urn:d\"><Code>-1</Code><Message>会话已过期</Message></R>", "",
        "<R xmlns=\"urn:d\"><list><row id=\"1\"/></list></R>",
        // An upgraded service.
        list(1...3, namespace: "urn:d:2"), list(1...3, namespace: ""),
        // XML as text.
        "<R xmlns=\"urn:d\"><return>\(list(1...3).replacing("<", with: "&lt;"))</return></R>",
        "<R xmlns=\"urn:d\"><return><![CDATA[<?xml version=\"1.0\" encoding=\"gb2312\"?>\(list(1...3))]]></return></R>",
    ]

    @Test(arguments: nothings) func anAnswerWithoutRecordsIsNotNothingNew(_ answer: String) async throws {
        let today = Mutex(false)
        let service = try FieldService { _ in .envelope(today.withLock { $0 } ? answer : Self.list(1...3)) }
        let site = try site(service)
        #expect(try await site.sync().counts["x.r"]?["new"] == 3)
        today.withLock { $0 = true }
        let sync = try await site.sync()
        #expect(sync.ending.status == 2, "\(sync.ending.output)")
        #expect(error(sync.ending).code.hasPrefix("source."), "\(sync.ending.output)")
        // Healed, it goes on.
        today.withLock { $0 = false }
        #expect(try await site.sync().ending.status == 0)
    }

    /// The list is there and holds nothing: that is nothing new.
    @Test func anEmptyListIsNothingNew() async throws {
        let today = Mutex(false)
        let service = try FieldService { _ in .envelope(Self.list(today.withLock { $0 } ? 0..<0 : 1..<4)) }
        let site = try site(service)
        #expect(try await site.sync().counts["x.r"]?["new"] == 3)
        today.withLock { $0 = true }
        let sync = try await site.sync().ending
        #expect(sync.status == 0, "\(sync.output)")
    }

    // MARK: Which characters

    static let charsets = [
        (header: "text/xml; charset=ISO-8859-1", prolog: "utf-8"),
        (header: "text/xml; charset=iso-8859-1", prolog: "gb18030"),
        (header: "text/xml; charset=us-ascii", prolog: "utf-8"), (header: "text/xml", prolog: "gb18030"),
    ]

    @Test(arguments: charsets) func aContainersDefaultDoesNotBeatTheProlog(_ it: (header: String, prolog: String))
        async throws
    {
        let text =
            "<?xml version=\"1.0\" encoding=\"\(it.prolog)\"?><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><R xmlns=\"urn:d\"><list><rec id=\"1\"><note>漏水</note></rec></list></R></s:Body></s:Envelope>"
        let bytes = it.prolog == "utf-8" ? Array(text.utf8) : try Encoded.bytes(text, as: it.prolog)
        let service = try FieldService { _ in FieldService.Response(bytes: bytes, type: it.header) }
        let site = try site(service)
        #expect(try await site.sync().ending.status == 0)
        let note = try await site.values("description", of: "work_orders", in: "1", as: String.self)
        #expect(note == ["漏水"])
    }

    @Test func aContradictionIsRefusedAndNamed() async throws {
        let text =
            "<?xml version=\"1.0\" encoding=\"gb18030\"?><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\(Self.list(1...2))</s:Body></s:Envelope>"
        let service = try FieldService { _ in
            FieldService.Response(bytes: Array(text.utf8), type: "text/xml; charset=utf-8")
        }
        let sync = try await site(service).sync()
        if sync.ending.status != 0 {
            let message = error(sync.ending).message.lowercased()
            #expect(message.contains("utf-8") && message.contains("gb18030"), "\(message)")
        }
    }

    // MARK: Without end, and faults

    @Test(arguments: [1, 7, 100]) func aServiceThatIgnoresThePage(_ size: Int) async throws {
        let clock = Mutex(0)
        let service = try FieldService { _ in
            let now = clock.withLock {
                $0 += 1; return $0
            }
            return .envelope(Self.list(1...size, "<ServerTime>\(now)</ServerTime>"))
        }
        let sync = try await site(service, "pages: {size: \(size)}").sync()
        #expect(service.requests < 50, "\(service.requests)")
        #expect(sync.ending.status == 2 || sync.counts["x.r"]?["new"] == size, "\(sync.ending.output)")
    }

    @Test(arguments: [3, 7]) func faultsNowAndThenDoNotEndALongPass(_ every: Int) async throws {
        let asked = Mutex(0)
        let service = try FieldService { request in
            let number = asked.withLock {
                $0 += 1; return $0
            }
            if number % every == 0 {
                var fault = FieldService.Response.envelope(
                    "<s:Fault><faultcode>s:Server</faultcode><faultstring>busy</faultstring></s:Fault>")
                fault.status = 500
                return fault
            }
            let page = request.number("p") ?? 1
            return .envelope(Self.list(((page - 1) * 5)..<(page * 5), "<more>\(page < 20)</more>"))
        }
        let site = try site(
            service, "pages: {size: 5, hasMore: \"d:more\"}", retry: "{attempts: 4, baseMilliseconds: 1, capSeconds: 1}"
        )
        let sync = try await site.sync()
        #expect(
            sync.ending.status == 0 && sync.counts["x.r"]?["new"] == 100, "\(sync.ending.output) \(sync.ending.errors)")
    }

    // MARK: Cursors

    static let sentinels = ["9999-12-31T00:00:00+08:00", "2099-01-01T00:00:00+08:00", "9999-12-31T23:59:59Z"]

    /// One record of a far future does not hide what changes from then on.
    @Test(arguments: sentinels) func aSentinelInTheCursorColumn(_ sentinel: String) async throws {
        let all = Mutex([("1", "2026-01-01T08:00:00+08:00"), ("2", sentinel), ("3", "2026-01-02T08:00:00+08:00")])
        let service = try FieldService { request in
            let since = request.value("since") ?? ""
            let found = all.withLock { $0 }.filter { since.isEmpty || $0.1 >= since }
            let records = found.map { "<rec id=\"\($0.0)\"><note>n</note><at>\($0.1)</at></rec>" }.joined()
            return .envelope("<R xmlns=\"urn:d\"><list>\(records)</list></R>")
        }
        let site = try site(
            service, "cursor: {column: at, order: instant, lookback: 60}", body: "<Q><since>{{cursor}}</since></Q>")
        let first = try await site.sync()
        #expect(first.ending.status == 0 && first.counts["x.r"]?["new"] == 3, "\(first.ending.output)")
        all.withLock { $0.append(("4", "2026-01-03T08:00:00+08:00")) }
        let second = try await site.sync()
        #expect(second.ending.status == 0 && second.counts["x.r"]?["new"] == 1, "\(second.ending.output)")
        let check = try await site.hearth("check")
        #expect(check.output.contains("warning"), "\(check.output)")
    }

    // MARK: Not XML

    @Test func aPrefixThatIsBoundToNothing() async throws {
        let service = try FieldService { _ in
            .envelope(
                "<R xmlns=\"urn:d\"><list><rec id=\"1\"><note>a</note></rec><z:rec id=\"2\"><note>b</note></z:rec></list></R>"
            )
        }
        #expect(try await site(service).sync().ending.status != 0)
    }

    @Test(arguments: ["\n", "  ", "\r\n\t"]) func blanksBeforeTheProlog(_ blanks: String) async throws {
        let text =
            blanks
            + "<?xml version=\"1.0\" encoding=\"utf-8\"?><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\(Self.list(1...2))</s:Body></s:Envelope>"
        let service = try FieldService { _ in FieldService.Response(bytes: Array(text.utf8)) }
        let sync = try await site(service).sync()
        if sync.ending.status == 0 {
            #expect(sync.counts["x.r"]?["new"] == 2)
        } else {
            let message = error(sync.ending).message
            #expect(!message.contains("error 64") && message.contains("before"), "\(message)")
        }
    }
}
