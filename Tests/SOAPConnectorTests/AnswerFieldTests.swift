import HearthTesting
import HeatModel
import Records
import SOAPConnector
import Synchronization
import TestTraits
import Testing

/// Answers that look like "nothing new" and are not.
@Suite(.waitsForServers) struct AnswerFieldTests {
    static func connector(_ stream: SOAPStream, _ body: String) throws -> SOAPConnector {
        try Field.connector(stream) { _ in .init(envelope(body)) }
    }

    // MARK: Results under HTTP 200

    static let refusals = [
        "<R><Code>-1</Code><Message>会话已过期</Message></R>", "<R><Code>-1</Code><Message>会话已过期</Message><Data/></R>",
        "<GetResponse><R code=\"E401\" message=\"会话已过期\"/></GetResponse>", "<Error>会话已过期</Error>",
        "<R><Success>0</Success></R>",
    ]

    @Test(arguments: refusals, ["Order", "R/Order"]) func anErrorUnderStatus200IsNoEmptyAnswer(
        _ body: String, _ path: String
    )
        throws
    {
        for paging in [SOAPPaging.none, .pages(.init(pageSize: 2))] {
            let connector = try Self.connector(Field.stream(paging, record: path), body)
            var cursor: Cursor?
            let error = thrown { _ = try connector.pull(.init(stream: "orders")) { cursor = $0.cursor ?? cursor } }
            #expect(error.code.name == "source.badAnswer" && error.advice?.contains("success") == true)
            #expect(error.message.contains("会话已过期") || body.contains("Success"))
            #expect(cursor == nil || cursor?.text.contains("page=") == true)
            if case .none = paging { #expect(connector.check().first?.verdict == .failed) }
        }
    }

    @Test(arguments: [
        "<GetResponse><R/></GetResponse>", "<GetResponse/>",
        "<R xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\"/>",
        "<R>\n  <List/>\n</R>", "<R><List> </List></R>",
    ]) func anEmptyListIsEmpty(_ body: String) throws {
        for path in ["Order", "R/Order", "R/List/Order"] {
            let pulled = try Field.pull(Self.connector(Field.stream(record: path), body))
            #expect(pulled.rows.isEmpty && pulled.summary.completeness?.proof == .wholeAnswer)
        }
    }

    /// A list that is there and empty speaks for itself, whatever else the answer says.
    @Test func anEmptyListBesideOtherTexts() throws {
        let body = "<R><Code>0</Code><Message>成功</Message><Time>2026-11-28 10:00:00</Time><List/></R>"
        #expect(try Field.pull(Self.connector(Field.stream(record: "List/Order"), body)).rows.isEmpty)
        expectCode("source.badAnswer") { _ = try Field.pull(Self.connector(Field.stream(), body)) }
        let success = SOAPSuccess(path: "R/Code", values: ["0", "200"])
        #expect(try Field.pull(Self.connector(Field.stream(success: success), body)).rows.isEmpty)
    }

    /// An empty answer whose message changes each day stays refused; the error spells out the two keys that settle it.
    @Test func theTwoKeysAreSpelledOut() throws {
        @Sendable func answer(_ day: String) -> String {
            envelope("<R><Code>00</Code><Message>\(day)无工单，请稍后再查</Message><List/></R>")
        }
        func connector(_ stream: SOAPStream) throws -> SOAPConnector {
            try Field.connector(stream) { _ in .init(answer("第\(Int.random(in: 1...99_999))次")) }
        }
        let error = thrown { _ = try Field.pull(connector(Field.stream())) }
        #expect(error.code.name == "source.badAnswer")
        #expect(error.advice?.contains("success: {path: R/Code, is: \"00\"}") == true, "\(error)")
        #expect(error.advice?.contains("record: List/Order") == true)
        let byCode = Field.stream(success: .init(path: "R/Code", values: ["00"]))
        #expect(try Field.pull(connector(byCode)).summary.completeness != nil)
        #expect(try Field.pull(connector(Field.stream(record: "List/Order"))).summary.completeness != nil)
    }

    @Test func anEmptyBodyIsAnError() throws {
        expectCode("source.badAnswer") { _ = try Field.pull(Self.connector(Field.stream(), "")) }
    }

    /// What stood beside records before may stand there alone: the same code, the clock, the page.
    @Test func aLastPageThatSaysTheSame() throws {
        let connector = try Field.connector(Field.stream(.pages(.init(pageSize: 2)))) { request in
            let page = Field.page(request, of: 3)
            let today = Today.text
            return .init(
                envelope(
                    "<R><Code>0</Code><Message>ok</Message><Page>\(sent("p", in: request.body))</Page><Now>\(today) 08:0\(sent("p", in: request.body)):00</Now>\(Field.orders(page))</R>"
                ))
        }
        let pulled = try Field.pull(connector)
        #expect(pulled.rows.count == 3 && pulled.summary.completeness?.proof == .emptyPage)
        // Also in the next pull, by what the cursor remembers.
        let empty = try Field.connector(Field.stream(.pages(.init(pageSize: 2)))) { _ in
            .init(envelope("<R><Code>0</Code><Message>ok</Message><Page>1</Page><Now>\(Today.text) 09:00:00</Now></R>"))
        }
        #expect(try Field.pull(empty, pulled.batches.last?.cursor).rows.isEmpty)
        let refused = try Self.connector(
            Field.stream(.pages(.init(pageSize: 2))), "<R><Code>-1</Code><Message>ok</Message></R>")
        expectCode("source.badAnswer") { _ = try Field.pull(refused, pulled.batches.last?.cursor) }
    }

    @Test(arguments: [
        ("R/Code", "<R><Code>CODE</Code><Msg>MSG</Msg>ORDERS</R>"),
        ("@code", "<R code=\"CODE\"><Msg>MSG</Msg>ORDERS</R>"),
        ("Head/Ret", "<X><Head><Ret>CODE</Ret><M>MSG</M></Head><Data>ORDERS</Data></X>"),
    ])
    func successSaysWhatMustHold(_ path: String, _ body: String) throws {
        let success = SOAPSuccess(path: path == "@code" ? "R/@code" : path, values: ["0", "0000"])
        func connector(_ code: String, _ message: String, _ orders: String) throws -> SOAPConnector {
            let answer = body.replacing("CODE", with: code).replacing("MSG", with: message).replacing(
                "ORDERS", with: orders)
            return try Self.connector(Field.stream(success: success), answer)
        }
        #expect(try Field.pull(connector("0", "成功", Field.orders(1...2))).rows.count == 2)
        #expect(try Field.pull(connector("0000", "ok", Field.orders([]))).rows.isEmpty)
        // Also where records came with it.
        for orders in ["", Field.orders(1...2)] {
            let error = thrown { _ = try Field.pull(connector("-1", "会话已过期 13912345678", orders)) }
            #expect(error.code.name == "source.refused" && error.message.contains("\"-1\""))
            #expect(error.message.contains("会话已过期"))
            #expect(!error.description.contains("13912345678"))
        }
        let missing = try Self.connector(Field.stream(success: success), "<R>\(Field.orders(1...2))</R>")
        expectCode("source.badAnswer") { _ = try Field.pull(missing) }
    }

    /// One element may be read for more than one thing.
    @Test func pathsOutsideOfRecordsMayBeTheSame() throws {
        let success = SOAPSuccess(path: "R/Said", values: ["2"], messagePath: "R/Said")
        let stream = Field.stream(
            .pages(.init(pageSize: 2, countPath: "R/Said")), total: .init(path: "R/Said", scope: .envelope),
            success: success)
        let connector = try Field.connector(stream) { request in
            let page = Field.page(request, of: 4)
            return .init(envelope("<R><Said>2</Said>\(Field.orders(page))</R>"))
        }
        let pulled = try Field.pull(connector)
        #expect(pulled.rows.count == 4 && pulled.summary.completeness?.proof == .countedTotal)
        let refused = try Self.connector(stream, "<R><Said>会话已过期</Said></R>")
        let error = thrown { _ = try Field.pull(refused) }
        #expect(error.code.name == "source.refused" && error.message.hasSuffix("会话已过期\""))
    }

    /// The list stands there, empty, and its records stand elsewhere since the upgrade.
    @Test(arguments: [
        "<R><L/><Data>ORDERS</Data></R>", "<R><L></L><L2 n=\"1\">ORDERS</L2></R>", "<R><Data>ORDERS</Data><L/></R>",
        "<R><Data><Order No=\"A3\"/></Data><L/></R>",
    ])
    func recordsThatMoved(_ answer: String) throws {
        let stream = Field.stream(record: "L/Order")
        let before = try Field.pull(Self.connector(stream, "<R><L>\(Field.orders(1...2))</L></R>"))
        let after = try Self.connector(stream, answer.replacing("ORDERS", with: Field.orders([3])))
        let error = thrown { _ = try Field.pull(after, before.batches.last?.cursor) }
        #expect(error.code.name == "source.badAnswer")
        #expect(error.message.contains("R/Data/Order") || error.message.contains("R/L2/Order"), "\(error)")
        // A quiet night is none.
        for quiet in ["<R><L/></R>", "<R><L/><Data/></R>", "<R/>"] {
            let pulled = try Field.pull(Self.connector(stream, quiet), before.batches.last?.cursor)
            #expect(pulled.rows.isEmpty && pulled.summary.completeness != nil)
        }
    }

    /// Another list of the same names, which stood there before too.
    @Test func aListBesideTheRecords() throws {
        let stream = Field.stream(record: "L/Order")
        let other = "<Other>\(Field.orders(8...9))</Other>"
        let before = try Field.pull(Self.connector(stream, "<R><L>\(Field.orders(1...2))</L>\(other)</R>"))
        for beside in [other, "<Other>\(Field.order(10))<Order><New>x</New></Order></Other>"] {
            let quiet = try Self.connector(stream, "<R><L/>\(beside)</R>")
            #expect(try Field.pull(quiet, before.batches.last?.cursor).rows.isEmpty)
        }
        #expect(try Field.pull(Self.connector(stream, "<R><L/>\(other)</R>")).rows.isEmpty)
    }

    // MARK: Namespaces and names

    @Test(arguments: ["urn:v2", ""], [SOAPPaging.pages(.init(pageSize: 2)).kind, "none"])
    func anotherNamespaceIsNamed(_ namespace: String, _ paging: String) throws {
        let xml = "<x:R xmlns:x=\"urn:r\"><Order xmlns=\"\(namespace)\"><No>1</No></Order></x:R>"
        let stream = SOAPStream(
            name: "orders", body: "<Get/>", recordPath: "d:Order", fields: [.init("no", "d:No")],
            paging: paging == "none" ? .none : .pages(.init(pageSize: 2)))
        let connector = try SOAPConnector(
            source: "field",
            options: .init(
                endpoint: LoopbackService.shared.address { _ in .init(envelope(xml)) }, namespaces: ["d": "urn:v1"]),
            streams: [stream])
        let error = thrown { _ = try Field.pull(connector) }
        #expect(error.code.name == "source.badAnswer")
        #expect(error.message.contains(namespace.isEmpty ? "no namespace" : "namespace urn:v2"))
        #expect(connector.check().first?.detail.contains(namespace.isEmpty ? "no namespace" : "urn:v2") == true)
    }

    /// Typos are told; a path that earlier records had, and none has now, fails.
    @Test func pathsThatMatchNothing() throws {
        let fields: [SOAPField] = [
            .init("no", "No"), .init("temp", "Temp"), .init("typo", "Tmep"), .init("a", "@id"), .init("up", "../Head"),
        ]
        let stream = Field.stream(record: "R/Order", fields: fields)
        let connector = try Self.connector(stream, "<R>\(Field.orders(1...3))</R>")
        let pulled = try Field.pull(connector)
        #expect(pulled.rows.map { $0[2] } == [nil, nil, nil])
        for told in [pulled.summary.notices.map(\.message), connector.check().map(\.detail)] {
            let remark = try #require(told.first { $0.contains("Tmep") })
            for path in ["Tmep (typo)", "@id (a)", "../Head (up)"] { #expect(remark.contains(path)) }
            #expect(!remark.contains("(temp)"))
        }
        let cursor = pulled.batches.last?.cursor
        let upgraded = try Self.connector(
            stream, "<R>\(Field.orders(4...6).replacing("Temp>", with: "Temperature>"))</R>")
        let error = thrown { _ = try Field.pull(upgraded, cursor) }
        #expect(error.code.name == "source.badAnswer" && error.message.contains("Temp (field temp)"))
        // Also where everything is read again, and not where the field may be absent.
        let full = thrown { _ = try Pulled(upgraded, .init(stream: "orders", mode: .full, cursor: cursor)) }
        #expect(full.message.contains("Temp (field temp)"))
        var relaxed = stream
        relaxed.fields[1].isOptional = true
        let allowed = try Self.connector(
            relaxed, "<R>\(Field.orders(4...6).replacing("Temp>", with: "Temperature>"))</R>")
        #expect(try Field.pull(allowed, cursor).rows.count == 3)
    }

    /// An element that some records always lacked may be absent from many, and that is told.
    @Test func whatIsOftenAbsentMayBeAbsent() throws {
        let first = try Self.connector(
            Field.stream(), "<R>\((1...40).map { Field.order($0, temp: $0 % 3 == 0 ? nil : "20") }.joined())</R>")
        let cursor = try Field.pull(first).batches.last?.cursor
        let few = try Self.connector(
            Field.stream(), "<R>\(Field.order(50, temp: nil))\(Field.order(51, temp: nil))</R>")
        #expect(try Field.pull(few, cursor).rows.count == 2)
        let many = try Self.connector(Field.stream(), "<R>\((50...90).map { Field.order($0, temp: nil) }.joined())</R>")
        let told = try Field.pull(many, cursor)
        #expect(told.rows.count == 41 && told.summary.notices.contains { $0.message.contains("Temp (temp)") })
    }

    // MARK: XML in a text

    static func escaped(_ xml: String) -> String {
        xml.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    @Test(
        arguments: ["escaped", "cdata"],
        ["", "<?xml version=\"1.0\" encoding=\"utf-16\"?>\n", "\r\n <?xml version=\"1.0\" encoding=\"GB2312\"?>"])
    func aDocumentInAText(_ form: String, _ prolog: String) throws {
        let document =
            "\(prolog)<NewDataSet><Code>0</Code><Table><No>A1</No><Temp>20 &lt; 21 热</Temp></Table><Table><No>A2</No></Table></NewDataSet>"
        let text = form == "cdata" ? "<![CDATA[\(document)]]>" : Self.escaped(document)
        let body = "<GetResponse xmlns=\"http://tempuri.org/\"><GetResult>\(text)</GetResult></GetResponse>"
        let stream = Field.stream(
            record: "NewDataSet/Table", inner: "*:GetResponse/*:GetResult",
            success: .init(path: "NewDataSet/Code", values: ["0"]))
        let connector = try Self.connector(stream, body)
        let pulled = try Field.pull(connector)
        #expect(pulled.rows == [["A1", "20 < 21 热"], ["A2", nil]])
        #expect(pulled.summary.completeness?.proof == .wholeAnswer)
        #expect(pulled.batches.last?.endsOrigin == true && pulled.batches.last?.origin.digest?.count == 64)
        // Not configured, it is found out.
        let plain = thrown { _ = try Field.pull(Self.connector(Field.stream(record: "Table"), body)) }
        #expect(plain.code.name == "source.badAnswer" && plain.advice?.contains("inner") == true)
        #expect(plain.message.contains("GetResponse/GetResult"))
    }

    /// Long documents stream through both parsers, in batches.
    @Test(arguments: [1, 3, 1000]) func aLongDocumentInAText(_ rows: Int) throws {
        let document =
            "<L>\((1...5000).map { "<T><No>A\($0)</No><Temp>值 &amp; \($0)</Temp></T>" }.joined(separator: "\n"))</L>"
        let stream = Field.stream(record: "L/T", inner: "Out")
        let connector = try Self.connector(stream, "<Out>\(Self.escaped(document))</Out>")
        let pulled = try Pulled(connector, .init(stream: "orders", batchRows: rows))
        #expect(pulled.rows.count == 5000 && pulled.rows.last == ["A5000", "值 & 5000"])
        #expect(pulled.batches.allSatisfy { $0.rowCount <= rows })
        #expect(try Pulled(connector, .init(stream: "orders", limit: 7)).rows.count == 7)
    }

    @Test(arguments: [
        ("<Out>ERROR: 会话已过期</Out>", "source.badAnswer"), ("<Out>&lt;L&gt;&lt;T&gt;</Out>", "source.truncated"),
        ("<Out>&lt;L&gt;&lt;/T&gt;</Out>", "source.malformedXML"), ("<Other>&lt;L/&gt;</Other>", "source.badAnswer"),
        ("<Out><L/></Out>", "source.badAnswer"), ("<Out>&lt;L/&gt;</Out><Out>&lt;L/&gt;</Out>", "source.badAnswer"),
        ("<Out>&lt;L&gt;&lt;Code&gt;-1&lt;/Code&gt;&lt;/L&gt;</Out>", "source.badAnswer"), ("<Out/>", ""),
        ("<Out>&lt;L/&gt;</Out>", ""),
    ]) func whatElseStandsThere(_ body: String, _ code: String) throws {
        let connector = try Field.connector(Field.stream(record: "L/T", inner: "Out"), attempts: 1) { _ in
            .init(envelope(body))
        }
        if code.isEmpty {
            #expect(try Field.pull(connector).rows.isEmpty)
        } else {
            expectCode(code) { _ = try Field.pull(connector) }
        }
    }
}

extension SOAPPaging {
    var kind: String {
        switch self {
        case .none: "none"
        case .pages: "pages"
        case .token: "token"
        case .window: "window"
        }
    }
}
