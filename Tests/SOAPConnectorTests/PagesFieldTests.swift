import HearthTesting
import HeatModel
import Records
import SOAPConnector
import Synchronization
import TestTraits
import Testing

/// How a pass over pages ends, against services that say it in many ways or not at all.
@Suite(.waitsForServers) struct PagesFieldTests {
    static func names(_ numbers: some Sequence<Int>) -> [String] { numbers.map { "A\($0)" } }

    // MARK: Whether more follows

    @Test(arguments: [
        ("true", "false"), ("Y", "N"), ("是", "否"), ("TRUE", "FALSE"), ("1", "0"), ("yes", "No"), (" 有 ", "无"),
    ])
    func moreIsSpelledInManyWays(_ yes: String, _ no: String) throws {
        let stream = Field.stream(.pages(.init(pageSize: 2, hasMorePath: "R/HasMore")))
        let connector = try Field.connector(stream) { request in
            let page = Field.page(request, of: 5)
            return .init(envelope("<R><HasMore>\(page.last == 5 ? no : yes)</HasMore>\(Field.orders(page))</R>"))
        }
        let pulled = try Field.pull(connector)
        #expect(pulled.rows.map { $0[0] } == Self.names(1...5))
        #expect(pulled.summary.completeness?.proof == .statedEnd && pulled.batches.count == 3)
        #expect(connector.check().allSatisfy { $0.verdict == .ok })
    }

    /// Absent, empty, misspelled in the configuration, on the first page or a later one, or neither yes nor no.
    @Test(
        arguments: ["", "<HasMore/>", "<HasMore> </HasMore>", "<HasMore>maybe</HasMore>", "<hasMore>true</hasMore>"],
        [1, 2])
    func anEndThatIsNotStatedIsAnError(_ wrong: String, _ at: Int) throws {
        let stream = Field.stream(.pages(.init(pageSize: 2, hasMorePath: "R/HasMore")))
        let connector = try Field.connector(stream) { request in
            let page = Field.page(request, of: 6)
            let isWrong = sent("p", in: request.body) == String(at)
            return .init(
                envelope(
                    "<R>\(isWrong ? wrong : "<HasMore>\(page.last == 6 ? "false" : "true")</HasMore>")\(Field.orders(page))</R>"
                ))
        }
        var last: Cursor?
        let error = thrown { _ = try connector.pull(.init(stream: "orders")) { last = $0.cursor ?? last } }
        #expect(error.code.name == "source.badAnswer" && error.message.contains("R/HasMore") && error.place != nil)
        #expect(error.message.contains("maybe") == wrong.contains("maybe"))
        // The pass is not over: the page is asked for again.
        #expect(last.map { $0.text.contains("page=\(at) ") } ?? (at == 1))
        if at == 1 { #expect(connector.check().first?.verdict == .failed) }
    }

    /// A count that its own records contradict: `0` from the first page on, or the path of something else.
    @Test(arguments: [0, 1]) func aCountBelowThePagesThatCame(_ count: Int) throws {
        let connector = try Field.connector(
            Field.stream(.pages(.init(pageSize: 2, firstPage: 1, countPath: "R/Pages")))
        ) { request in
            let page = Int(sent("p", in: request.body)) ?? 1
            return .init(
                envelope(
                    "<R><Pages>\(page == 1 && count > 0 ? 9 : count)</Pages>\(Field.orders(Field.page(request, of: 7)))</R>"
                ))
        }
        let error = thrown { _ = try Field.pull(connector) }
        #expect(["source.badAnswer", "source.changedWhileRead"].contains(error.code.name), "\(error)")
        if count == 0 { #expect(error.message.contains("count R/Pages") && error.place != nil) }
    }

    // MARK: Nothing stated

    @Test(arguments: [(2, Int.max), (3, 2), (100, 3), (4, 4)]) func aShortPageProvesNothing(_ size: Int, _ cap: Int)
        throws
    {
        let connector = try Field.connector(Field.stream(.pages(.init(pageSize: size)))) { request in
            .init(envelope("<R>\(Field.orders(Field.page(request, of: 7, cap: cap)))</R>"))
        }
        let pulled = try Field.pull(connector)
        #expect(pulled.rows.map { $0[0] } == Self.names(1...7))
        #expect(pulled.summary.completeness?.proof == .emptyPage)
    }

    /// Temperatures of orders, which not every order has: pages without one, in the middle too.
    @Test(arguments: [1, 2, 3], ["Order/Temp", "R/Order/Temp", "Temp"]) func nestedRecords(_ size: Int, _ path: String)
        throws
    {
        let temps: [String?] = ["18.0", nil, nil, "19.0", "20.0", nil, "21.0"]
        let fields: [SOAPField] = path == "Temp" ? [.init("temp", ".")] : [.init("temp", "."), .init("no", "../No")]
        for stated in [nil, "R/Pages"] {
            let stream = SOAPStream(
                name: "orders", body: "<Get><p>{{page}}</p><s>{{pageSize}}</s></Get>", recordPath: path, fields: fields,
                paging: .pages(.init(pageSize: size, countPath: stated)))
            let connector = try Field.connector(stream) { request in
                let page = Field.page(request, of: 7)
                let orders = page.map { Field.order($0, temp: temps[$0 - 1]) }.joined()
                return .init(envelope("<R><Pages>\((7 + size - 1) / size)</Pages>\(orders)</R>"))
            }
            do {
                let pulled = try Field.pull(connector)
                #expect(pulled.rows.map { $0[0] } == ["18.0", "19.0", "20.0", "21.0"])
                #expect(pulled.summary.completeness?.proof == (stated == nil ? .emptyPage : .countedTotal))
            } catch let error as HearthError {
                // Without the order in the path nobody can tell an order without a temperature from an answer that lacks all.
                #expect(error.code.name == "source.badAnswer" && path == "Temp" && size == 1, "\(error)")
            }
        }
    }

    // MARK: A count stated

    @Test(arguments: ["3", "3 ", "03"]) func pagesAreCounted(_ count: String) throws {
        let connector = try Field.connector(Field.stream(.pages(.init(pageSize: 2, countPath: "R/TotalPages")))) {
            request in
            .init(envelope("<R><TotalPages>\(count)</TotalPages>\(Field.orders(Field.page(request, of: 5)))</R>"))
        }
        let pulled = try Field.pull(connector)
        #expect(pulled.rows.map { $0[0] } == Self.names(1...5) && pulled.batches.count == 3)
        #expect(pulled.summary.completeness == Completeness(.countedTotal, "3 of 3 pages"))
    }

    /// A path that names the page's own number, or the number of its records, is reached too early.
    @Test(arguments: ["own", "records"], [1, 3, 6, 7, 9, 12, 13]) func aCountOfSomethingElse(_ kind: String, _ all: Int)
        throws
    {
        let connector = try Field.connector(Field.stream(.pages(.init(pageSize: 3, countPath: "R/Said")))) { request in
            let (page, number) = (Field.page(request, of: all), sent("p", in: request.body))
            return .init(
                envelope("<R><Said>\(kind == "own" ? number : "\(page.count)")</Said>\(Field.orders(page))</R>"))
        }
        do {
            let pulled = try Field.pull(connector)
            #expect(pulled.rows.map { $0[0] } == Self.names(1...all))
            #expect(pulled.summary.completeness != nil)
            let isTold = pulled.summary.notices.contains { $0.code == "soap.countIsPageNumber" }
            #expect(isTold == (kind == "own" && all > 3))
        } catch let error as HearthError {
            #expect(error.code.area == "source" && kind == "records", "\(error)")
        }
    }

    /// One full page of one page: the page after it settles it.
    @Test(arguments: [2, 3]) func onePageOfOne(_ all: Int) throws {
        let asked = Counter()
        let connector = try Field.connector(Field.stream(.pages(.init(pageSize: 3, countPath: "R/Said")))) { request in
            _ = asked.next()
            return .init(envelope("<R><Said>1</Said>\(Field.orders(Field.page(request, of: all)))</R>"))
        }
        let pulled = try Field.pull(connector)
        #expect(pulled.rows.count == all && asked.count == (all == 3 ? 2 : 1))
        #expect(pulled.summary.completeness?.proof == (all == 3 ? .emptyPage : .countedTotal))
        #expect(pulled.summary.notices.isEmpty)
    }

    @Test(arguments: ["", "<TotalPages/>", "<TotalPages>several</TotalPages>", "<TotalPages>-1</TotalPages>"])
    func aCountThatIsNoneIsAnError(_ wrong: String) throws {
        let connector = try Field.connector(Field.stream(.pages(.init(pageSize: 2, countPath: "R/TotalPages")))) {
            request in
            .init(envelope("<R>\(wrong)\(Field.orders(Field.page(request, of: 5)))</R>"))
        }
        expectCode("source.badAnswer") { _ = try Field.pull(connector) }
        #expect(connector.check().first?.verdict == .failed)
    }

    /// The pass ends when as many records came as are stated; fewer, a total that falls, or one that is not there are errors.
    @Test func recordsAreCounted() throws {
        func connector(_ total: @escaping @Sendable (Int) -> String, lacks: Int = 0) throws -> SOAPConnector {
            let stream = Field.stream(.pages(.init(pageSize: 3)), total: .init(path: "R/@total", scope: .pass))
            return try Field.connector(stream) { request in
                let page = Field.page(request, of: 8).filter { $0 != lacks }
                return .init(envelope("<R\(total(Int(sent("p", in: request.body)) ?? 0))>\(Field.orders(page))</R>"))
            }
        }
        let pulled = try Field.pull(connector { _ in " total=\"8\"" })
        #expect(pulled.rows.count == 8 && pulled.batches.count == 3 && pulled.summary.statedRows == 8)
        #expect(pulled.summary.completeness?.proof == .countedTotal)
        expectCode("source.totalMismatch") { _ = try Field.pull(connector({ _ in " total=\"8\"" }, lacks: 4)) }
        expectCode("source.changedWhileRead") {
            _ = try Field.pull(connector { page in " total=\"\(page == 1 ? 9 : 8)\"" })
        }
        expectCode("source.badAnswer") { _ = try Field.pull(connector { _ in "" }) }
        expectCode("source.badAnswer") { _ = try Field.pull(connector { page in page == 2 ? "" : " total=\"8\"" }) }
        expectCode("source.badAnswer") { _ = try Field.pull(connector { _ in " total=\"all\"" }) }
    }

    /// A record that moved to the end while the pass was read comes twice, and another not at all.
    @Test func recordsThatMoveAreNotCountedTwice() throws {
        let stream = Field.stream(.pages(.init(pageSize: 2)), total: .init(path: "R/@total", scope: .pass))
        let connector = try Field.connector(stream) { request in
            let page = Int(sent("p", in: request.body)) ?? 1
            let numbers = page == 1 ? [1, 2] : page == 2 ? [4, 5] : page == 3 ? [6, 1] : []
            return .init(envelope("<R total=\"6\">\(Field.orders(numbers))</R>"))
        }
        expectCode("source.totalMismatch") { _ = try Field.pull(connector) }
    }

    // MARK: Pages that come again

    @Test(arguments: ["page", "clock", "cycle", "token"]) func aServiceThatIgnoresThePageIsFoundOut(_ kind: String)
        throws
    {
        let asked = Counter()
        let paging: SOAPPaging =
            kind == "token"
            ? .token(.init(nextTokenPath: "R/Next", pageSize: 3)) : .pages(.init(pageSize: 3, hasMorePath: "R/HasMore"))
        let connector = try Field.connector(Field.stream(paging)) { request in
            let time = asked.next()
            let numbers = kind == "cycle" && time % 2 == 0 ? 4...6 : 1...3
            let clock = kind == "page" ? "" : "<Now>2026-11-28 10:00:\(10 + time)</Now>"
            return .init(
                envelope("<R>\(clock)<HasMore>true</HasMore><Next>t\(time)</Next>\(Field.orders(numbers))</R>"))
        }
        let error = thrown { _ = try Field.pull(connector) }
        #expect(error.code.name == "source.badAnswer" && error.message.contains("the same page again"))
        #expect(asked.count <= 3)
    }

    /// Rows that are put in front while the pass is read shift the pages to the right: records come twice, none is lost.
    @Test func pagesThatOverlapGoOn() throws {
        let connector = try Field.connector(Field.stream(.pages(.init(pageSize: 3)))) { request in
            let page = Int(sent("p", in: request.body)) ?? 1
            let all = page == 1 ? Array(1...8) : [9] + Array(1...8)
            return .init(envelope("<R>\(Field.orders(all.dropFirst((page - 1) * 3).prefix(3)))</R>"))
        }
        #expect(Set(try Field.pull(connector).rows.map { $0[0] }).isSuperset(of: Self.names(1...8)))
    }

    // MARK: Tokens

    @Test(arguments: ["<Next/>", "<Next></Next>", "<Next> </Next>", ""]) func tokensEnd(_ last: String) throws {
        let token = SOAPPaging.Token(nextTokenPath: "R/Next", pageSize: 2, absentIsEnd: last.isEmpty)
        let connector = try Field.connector(Field.stream(.token(token))) { request in
            let start = Int(sent("t", in: request.body)) ?? 0
            let more = start + 2 < 5
            return .init(
                envelope(
                    "<R>\(Field.orders((1...5).dropFirst(start).prefix(2)))\(more ? "<Next>\(start + 2)</Next>" : last)</R>"
                ))
        }
        let pulled = try Field.pull(connector)
        #expect(pulled.rows.count == 5 && pulled.summary.completeness?.proof == .statedEnd)
        #expect(try Field.pull(connector, pulled.batches.last?.cursor).rows.count == 5)
    }

    @Test func aTokenThatIsNotThereIsAnError() throws {
        func connector(_ token: SOAPPaging.Token) throws -> SOAPConnector {
            try Field.connector(Field.stream(.token(token))) { _ in
                .init(envelope("<R><NextToken>x</NextToken>\(Field.orders(1...2))</R>"))
            }
        }
        let error = thrown { _ = try Field.pull(connector(.init(nextTokenPath: "R/Next"))) }
        #expect(error.code.name == "source.badAnswer" && error.message.contains("R/Next"))
        #expect(try Field.pull(connector(.init(nextTokenPath: "R/Next", absentIsEnd: true))).rows.count == 2)
    }

    // MARK: Cursors

    /// A sentinel or a stray value is read, told and does not move the cursor.
    @Test(arguments: [
        (SOAPCursorField.Order.instant, "2026-11-20 08:00:00", ["9999-12-31 00:00:00", "N/A", "2099-01-01 00:00:00"]),
        (.number, "20261120080000", ["99991231235959", "20991231000000", "99999999999999"]),
        (.number, "1795000000", ["9999999999", "4102444800"]), (.text, "2026-11-20", ["9999-12-31", "待定"]),
    ]) func straysDoNotMoveTheCursor(_ order: SOAPCursorField.Order, _ good: String, _ strays: [String]) throws {
        for stray in strays {
            let values = [good, stray, good]
            let stream = Field.stream(
                fields: [.init("no", "No"), .init("at", "At")], cursor: .init(column: "at", order: order, startsAt: "0")
            )
            let since = Mutex<[String]>([])
            let connector = try Field.connector(stream) { request in
                since.withLock { $0.append(sent("since", in: request.body)) }
                let records = values.enumerated().map { "<Order><No>\($0)</No><At>\($1)</At></Order>" }.joined()
                return .init(envelope("<R>\(records)</R>"))
            }
            let pulled = try Field.pull(connector)
            #expect(pulled.rows.count == 3)
            #expect(pulled.summary.notices.contains { $0.message.contains("do not move the cursor") }, "\(stray)")
            #expect(connector.check().contains { $0.detail.contains("do not move the cursor") })
            _ = try Field.pull(connector, pulled.batches.last?.cursor)
            #expect(since.withLock { $0.last } == good, "\(stray)")
        }
    }

    @Test func textsOutOfTimesOrderAreRefused() throws {
        let fields = [SOAPField("no", "No"), SOAPField("at", "At")]
        func connector(_ cursor: SOAPCursorField) throws -> SOAPConnector {
            try Field.connector(Field.stream(fields: fields, cursor: cursor)) { _ in
                .init(
                    envelope(
                        "<R><Order><No>1</No><At>2026/9/30</At></Order><Order><No>2</No><At>2026/10/1</At></Order></R>")
                )
            }
        }
        let error = thrown { _ = try Field.pull(connector(.init(column: "at", order: .text))) }
        #expect(error.code.name == "config.cursorOrder" && error.advice?.contains("cursor.order") == true)
        let declared = try Field.pull(connector(.init(column: "at", spelling: CursorOrder(declared: "yyyy/M/d"))))
        #expect(declared.batches.last?.cursor?.text.contains("from=2026/10/1") == true)
    }
}
