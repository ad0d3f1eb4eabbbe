import HeatModel
import Records
import TestTraits
import Testing

@testable import SOAPConnector

@Suite(.waitsForServers) struct PagingPlanTests {
    static let now = Instant("2026-11-22T10:00:00+08:00")!

    func stream(_ paging: SOAPPaging, cursor: SOAPCursorField? = nil) -> SOAPStream {
        SOAPStream(name: "s", body: "", recordPath: "a", fields: [.init("at", "at")], paging: paging, cursor: cursor)
    }

    @Test func windowsCoverTheTimeWithoutGapOrOverlap() throws {
        let window = SOAPPaging.Window(
            startsAt: Instant("2026-11-20T00:00:00+08:00")!, step: 86_400, settle: 3600, lookback: 7200, format: .local)
        var plan = try PagingPlan(stream(.window(window)), cursor: nil, now: Self.now)
        var bounds: [String] = []
        var cursor: Cursor?
        while true {
            let ask = plan.next()
            bounds.append("\(ask.values[.windowStart] ?? "") \(ask.values[.windowEnd] ?? "")")
            let outcome = try plan.read(.init(records: 1))
            cursor = outcome.cursor
            if outcome.isLast { break }
        }
        #expect(
            bounds == [
                "2026-11-20 00:00:00 2026-11-21 00:00:00", "2026-11-21 00:00:00 2026-11-22 00:00:00",
                "2026-11-22 00:00:00 2026-11-22 09:00:00",
            ])
        #expect(cursor?.text == "soap/1 from=2026-11-22T09:00:00+08:00")
        var next = try PagingPlan(stream(.window(window)), cursor: cursor, now: Self.now)
        #expect(next.next().values[.windowStart] == "2026-11-22 07:00:00")
    }

    @Test func theFilterStaysThroughAPassAndMovesAfterIt() throws {
        let stream = stream(
            .pages(.init(pageSize: 2)), cursor: .init(column: "at", order: .number, lookback: 5, startsAt: "0"))
        var plan = try PagingPlan(stream, cursor: nil, now: Self.now)
        #expect(plan.next().values == [.page: "1", .pageSize: "2", .cursor: "0"])
        plan.column?.take("99")
        let first = try plan.read(.init(records: 2, content: 35))
        #expect(first == .init(cursor: Cursor("soap/1 max=99 page=2 rows=2 first=z last=z:2"), isLast: false))
        // A later run asks for the page before again: if it holds something else, others may have moved to where it was.
        for changed in [PagingPlan.Answer(records: 2, content: 36), .init(records: 1, content: 35), .init(records: 0)] {
            plan = try PagingPlan(stream, cursor: first.cursor, now: Self.now)
            #expect(plan.next().values[.page] == "1")
            let beginsAgain = plan.beginsAgain(changed)
            #expect(beginsAgain && plan.rowsOfPass == 0)
            #expect(plan.next().values == [.page: "1", .pageSize: "2", .cursor: "0"])
        }
        // If not, it goes on from there.
        plan = try PagingPlan(stream, cursor: first.cursor, now: Self.now)
        #expect(plan.next().values == [.page: "1", .pageSize: "2", .cursor: "0"])
        let beginsAgain = plan.beginsAgain(.init(records: 2, content: 35))
        #expect(!beginsAgain)
        #expect(try plan.read(.init(records: 2, content: 35)) == first)
        #expect(plan.next().values == [.page: "2", .pageSize: "2", .cursor: "0"])
        plan.column?.take("100")
        // A short page is not the last: a service may cap its pages.
        #expect(
            try plan.read(.init(records: 1))
                == .init(cursor: Cursor("soap/1 max=100 page=3 rows=3 first=z"), isLast: false))
        #expect(plan.proof == nil && plan.next().values[.page] == "3")
        let last = try plan.read(.init(records: 0))
        #expect(last == .init(cursor: Cursor("soap/1 from=100"), isLast: true) && plan.proof?.proof == .emptyPage)
        plan = try PagingPlan(stream, cursor: last.cursor, now: Self.now)
        #expect(plan.next().values[.cursor] == "95")
        // Nothing new: the cursor does not go back.
        #expect(try plan.read(.init(records: 0)).cursor == last.cursor)
    }

    /// One record with an odd or a future value must not keep the stream from ever seeing news.
    @Test(arguments: [
        (
            SOAPCursorField.Order.instant, "2026-11-22T09:00:00+08:00",
            ["9999-12-31T00:00:00+08:00", "2026-11-22T10:00:01+08:00"]
        ),
        (.instant, "2026-11-22 09:59:59", ["2026-11-22 10:00:01", "9999-12-31", "待定", "2027-02-31 08:00:00", "N/A"]),
        (.instant, "2026-11-22", ["2026-11-23", "22.11.2026"]),
        (.number, "000123", ["12345x", "1 000", "１２３４", "99991231235959", "N/A"]),
    ])
    func onlyWhatReadsAsItsOrderMovesTheCursor(
        _ order: SOAPCursorField.Order, _ good: String, _ bad: [String]
    ) throws {
        let stream = stream(.none, cursor: .init(column: "at", order: order, startsAt: "start"))
        for value in bad {
            var plan = try PagingPlan(stream, cursor: nil, now: Self.now)
            _ = plan.next()
            plan.column?.take(value)
            #expect(try plan.read(.init(records: 1)).cursor?.text == "soap/1")
            plan = try PagingPlan(stream, cursor: SOAPCursor(from: good).cursor, now: Self.now)
            #expect(plan.next().values[.cursor] == good)
            plan.column?.take(value)
            let cursor = try plan.read(.init(records: 1)).cursor
            #expect(cursor == SOAPCursor(from: good).cursor, "\(value)")
            // One that was stored is not believed.
            for stored in [SOAPCursor(from: value), SOAPCursor(from: good, max: value, page: 3, rows: 20)] {
                plan = try PagingPlan(stream, cursor: stored.cursor, now: Self.now)
                #expect(plan.next().values[.cursor] == "start" && plan.rowsOfPass == 0, "\(value)")
            }
            var max = CursorMax(column: 0, order: stream.cursor!.judged, now: Self.now)
            var bytes: [UInt8] = []
            var fields: [ByteRange] = []
            for text in [value, good, value] {
                fields.append(ByteRange(offset: UInt32(bytes.count), length: Int32(text.utf8.count)))
                bytes += Array(text.utf8)
            }
            max.take(
                RawBatch(
                    columns: ["at"], origin: Origin(kind: .envelope, name: "", isSnapshot: false), bytes: bytes,
                    fields: fields,
                    ordinals: [1, 2, 3]))
            #expect(max.column.outcome().progress == good)
        }
    }

    /// What the source or the configuration says must not end the process.
    @Test func noNumberIsTooFar() throws {
        let minimum = String(Int64.min)
        for (from, lookback, expected) in [
            (minimum, 5, "0"), ("5", .max, "0"), ("5", .min, "0"),  // Nothing but nines, and the greatest number of a column's type, are none that count.
            ("99999999999999999999", 5, "0"), ("9223372036854775807", 7, "0"),
        ] as [(String, Int64, String)] {
            let stream = stream(.none, cursor: .init(column: "at", order: .number, lookback: lookback, startsAt: "0"))
            var plan = try PagingPlan(stream, cursor: SOAPCursor(from: from).cursor, now: Self.now)
            #expect(plan.next().values[.cursor] == expected)
        }
        for (lookback, expected) in [
            (Int64.max, "0001-01-02T08:00:00+08:00"), (20_000_000_000_000, "0001-01-02T08:00:00+08:00"),
        ] {
            let stream = stream(.none, cursor: .init(column: "at", lookback: lookback))
            var plan = try PagingPlan(
                stream, cursor: SOAPCursor(from: "2026-11-22T08:00:00+08:00").cursor, now: Self.now)
            #expect(plan.next().values[.cursor] == expected)
        }
        let start = Instant("2026-11-20T00:00:00+08:00")!
        let window = SOAPPaging.Window(startsAt: start, step: .max, settle: .max, lookback: .max)
        var plan = try PagingPlan(
            stream(.window(window)), cursor: SOAPCursor(from: "2026-11-22T08:00:00+08:00").cursor, now: Self.now)
        #expect(plan.next().values[.windowStart] == "2026-11-20T00:00:00+08:00")
    }

    @Test func pagesWithoutARecordEnd() throws {
        var plan = try PagingPlan(
            stream(.pages(.init(pageSize: 2, hasMorePath: "more"))), cursor: nil, now: Self.now)
        func read(_ records: Int64) throws -> Bool {
            _ = plan.next()
            return try plan.read(.init(records: records, hasMore: "true")).isLast
        }
        for _ in 0..<3 { #expect(try (0..<60).allSatisfy { _ in try !read(0) } && !read(1)) }
        let error = #expect(throws: HearthError.self) { while try !read(0) {} }
        #expect(error?.code.name == "source.badAnswer" && error?.advice != nil)
    }

    @Test func aTokenThatComesAgainIsAnError() throws {
        var plan = try PagingPlan(stream(.token(.init(nextTokenPath: "t"))), cursor: nil, now: Self.now)
        #expect(plan.next().values[.token] == "")
        #expect(try plan.read(.init(records: 1, nextToken: "x")).isLast == false)
        #expect(plan.next().values[.token] == "x")
        #expect(throws: HearthError.self) { try plan.read(.init(records: 1, nextToken: "x")) }
    }

    @Test func cursorsSurviveAnyText() throws {
        for text in ["", "a b=c%", "2026-11-01 08:00:00", "热费\n", "+/="] {
            let cursor = SOAPCursor(from: text, max: text, page: 3, token: text, rows: 7)
            #expect(try SOAPCursor(cursor.cursor) == cursor)
        }
        for text in ["", "soap/2 page=1", "soap/1 page=x", "soap/1 else=1", "soap/1 from=%Z1"] {
            #expect(throws: HearthError.self) { try SOAPCursor(Cursor(text)) }
        }
    }

    @Test func requestsAreEscapedAndPlaceholdersChecked() throws {
        let template = try RequestTemplate("<a>{{ cursor }}</a>{{token}}", of: "s")
        #expect(template.fill([.cursor: "<&\"'\u{1}", .token: "t"]) == "<a>&lt;&amp;&quot;&apos;\u{FFFD}</a>t")
        #expect(throws: HearthError.self) { try RequestTemplate("{{cursr}}", of: "s") }
        #expect(base64(Array("any carnal pleas".utf8)) == "YW55IGNhcm5hbCBwbGVhcw==")
    }

    @Test func aWholeEnvelopeNeedsAPlaceForItsToken() throws {
        var stream = stream(.none)
        stream.body = "<x:Envelope xmlns:x=\"\"><x:Header/><x:Body/></x:Envelope>"
        let token = SOAPSecurity(usernameToken: .init(credentials: .init(user: "u", password: "p")))
        #expect(throws: HearthError.self) {
            try SOAPRequest(stream, options: .init(endpoint: "http://x", security: token))
        }
        stream.body = "<x:Envelope><x:Header>{{security}}</x:Header></x:Envelope>"
        let request = try SOAPRequest(stream, options: .init(endpoint: "http://x", security: token))
        let sent = request.body([:], nonce: Array(repeating: 1, count: 16), at: Self.now)
        #expect(sent.contains("<x:Header><wsse:Security") && !sent.contains("soapenv:"))
    }
}
