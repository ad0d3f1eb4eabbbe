import ConfigurationFiles
import Foundation
import HeatModel
import Records
import SOAPConnector
import Testing

@testable import Setup

/// The keys of a SOAP source: read as written, and wrong ones told where they stand.
@Suite struct SOAPConfigurationTests {
    /// Lines of `settings` stand under `soap:` from the fifth on, those of `stream` under the stream.
    private func load(_ settings: [String] = [], _ stream: [String] = []) throws -> SOAPConnector {
        let path = NSTemporaryDirectory() + "hearth-soap-configuration-\(UUID().uuidString).yaml"
        let lines =
            ["sources:", "  dispatch:", "    soap:", "      endpoint: http://127.0.0.1:9/ws"]
            + settings.map { "      \($0)" } + ["    streams:", "      orders:"]
            + ["body: \"<Q/>\"", "record: L/Order", "fields: {no: No, state: State}"].filter { line in
                !stream.contains { $0.hasPrefix(line.prefix { $0 != ":" } + ":") }
            }.map { "        \($0)" } + stream.map { "        \($0)" }
        try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try #require(try HearthConfiguration.load(path: path).sources[0].makeConnector() as? SOAPConnector)
    }

    private func stream(_ lines: String...) throws -> SOAPStream {
        try #require(try load([], lines).streams.first)
    }

    private func pages(_ text: String) throws -> (SOAPPaging.Pages, SOAPTotal?) {
        let stream = try stream("pages: \(text)")
        guard case .pages(let pages) = stream.paging else {
            Issue.record("not read by pages")
            throw CancellationError()
        }
        return (pages, stream.total)
    }

    private func token(_ text: String) throws -> SOAPPaging.Token {
        guard case .token(let token) = try stream("token: \(text)").paging else {
            Issue.record("not read by tokens")
            throw CancellationError()
        }
        return token
    }

    // MARK: As written

    @Test func pageKeys() throws {
        let plain = try pages("{}")
        #expect(plain.0.pageSize == 1000 && plain.0.firstPage == 1 && plain.1 == nil)
        #expect(plain.0.hasMorePath == nil && plain.0.countPath == nil)
        let more = try pages("{size: 20, first: 0, hasMore: More}").0
        #expect(more.pageSize == 20 && more.firstPage == 0 && more.hasMorePath == "More" && more.countPath == nil)
        #expect(try pages("{count: Page/@count}").0.countPath == "Page/@count")
        let total = try pages("{total: Total}").1
        #expect(total?.path == "Total" && total?.scope == .pass)
    }

    @Test func aTotalOfItsOwn() throws {
        let plain = try stream("total: {path: Total}").total
        #expect(plain?.path == "Total" && plain?.scope == .envelope)
        #expect(try stream("total: {path: Total, scope: pass}").total?.scope == .pass)
    }

    @Test func tokenKeys() throws {
        let plain = try token("{next: Next}")
        #expect(plain.nextTokenPath == "Next" && plain.pageSize == 1000 && !plain.isDurable && !plain.absentIsEnd)
        #expect(try token("{next: Next, absent: end}").absentIsEnd)
        #expect(try !token("{next: Next, absent: error}").absentIsEnd)
        let other = try token("{next: Next, size: 5, durable: true}")
        #expect(other.pageSize == 5 && other.isDurable)
    }

    @Test(
        arguments: [
            ("{path: Code, is: \"0\"}", ["0"], nil), ("{path: Code, is: 0}", ["0"], nil),
            ("{path: R/@code, is: [\"0\", 0000, OK]}", ["0", "0000", "OK"], nil),
            ("{path: Code, is: 成功, message: Text}", ["成功"], "Text"),
        ] as [(String, [String], String?)])
    func success(_ text: String, _ values: [String], _ message: String?) throws {
        for success in [
            try stream("success: \(text)").success,
            try load(["login: {body: \"<In/>\", path: Id, success: \(text)}"]).options.login?.success,
        ] {
            #expect(success?.values == values && success?.messagePath == message)
            #expect(success?.path == (text.contains("@code") ? "R/@code" : "Code"))
        }
    }

    @Test func loginKeys() throws {
        #expect(try load().options.login == nil)
        let plain = try load(["login: {body: \"<In/>\", path: Id}"]).options.login
        #expect(plain?.body == "<In/>" && plain?.path == "Id" && plain?.action == nil && plain?.credentials == nil)
        let whole = try load(["login: {body: \"<In/>\", path: Id, action: in, user: u, password: \"p \\\\'&\"}"])
        #expect(whole.options.login?.action == "in")
        #expect(whole.options.login?.credentials?.user == "u" && whole.options.login?.credentials?.password == "p \\'&")
    }

    @Test func innerAndOptions() throws {
        #expect(try stream("key: [no]").innerPath == nil)
        #expect(try stream("inner: QResult").innerPath == "QResult")
        #expect(try load().options.retry.faults == ["Server", "Receiver"])
        #expect(try load(["retry: {faults: [Busy, \"a:Locked\"]}"]).options.retry.faults == ["Busy", "a:Locked"])
        #expect(try load(["retry: {faults: []}"]).options.retry.faults == [])
        #expect(try load().options.limits.attributes == 1000)
        #expect(try load(["limits: {attributes: 12}"]).options.limits.attributes == 12)
    }

    @Test func fields() throws {
        let fields = try stream(
            "fields: {no: No, a: {path: A, optional: true}, b: {path: B, repeated: last}, c: {path: C, join: 、}}"
        ).fields
        #expect(fields.map(\.name) == ["no", "a", "b", "c"] && fields.map(\.path) == ["No", "A", "B", "C"])
        #expect(fields.map(\.isOptional) == [false, true, false, false])
        #expect(fields.map(\.repeated) == [.reject, .reject, .last, .join("、")])
    }

    @Test(
        arguments: [
            ("instant", nil), ("number", nil), ("text", nil), ("counter", .counter),
            ("yyyyMMddHHmmss", CursorOrder(declared: "yyyyMMddHHmmss")),
            ("epochSeconds", CursorOrder(declared: "epochSeconds")),
            ("yyyy/M/d H:mm", CursorOrder(declared: "yyyy/M/d H:mm")),
        ] as [(String, CursorOrder?)])
    func cursorOrders(_ text: String, _ spelling: CursorOrder?) throws {
        let cursor = try stream("cursor: {column: state, order: \"\(text)\"}").cursor
        #expect(cursor?.column == "state" && cursor?.spelling == spelling)
        if spelling == nil { #expect(cursor?.order.rawValue == text) }
    }

    /// Seconds where the values are times, else an amount.
    @Test func cursorLookback() throws {
        #expect(try stream("cursor: {column: state, lookback: 7200}").cursor?.lookback == 7200)
        #expect(try stream("cursor: {column: state, order: yyyyMMddHHmmss, lookback: 300}").cursor?.lookback == 300)
        #expect(try stream("cursor: {column: state, order: counter, lookback: 50}").cursor?.lookback == 50)
        #expect(try stream("cursor: {column: state, startsAt: 2024-10-01}").cursor?.startsAt == "2024-10-01")
    }

    // MARK: Mistakes

    @Test(arguments: [
        ("pages: {count: A, counts: B}", ":10:27: ", "\"count\""), ("pages: {first: -1}", ":10:24: ", "first"),
        ("pages: {size: 0}", ":10:23: ", "size"), ("pages: {hasmore: A}", ":10:17: ", "hasMore"),
        ("token: {size: 5}", ":10:", "next"), ("token: {next: A, absent: stop}", ":10:34: ", "end or error"),
        ("success: {path: Code}", ":10:", "\"is\""), ("success: {is: \"0\"}", ":10:", "path"),
        ("success: {path: Code, is: []}", ":10:35: ", "\"is\""),
        ("success: {path: Code, is: \"0\", massage: T}", ":10:40: ", "message"),
        ("total: {path: A, scope: passs}", ":10:33: ", "pass"),
        ("cursor: {column: state, order: yyyy}", ":10:40: ", "order"),
        ("cursor: {order: number}", ":10:", "column"),
        ("cursor: {column: state, order: counter, lookback: 5m}", ":10:59: ", "lookback"),
        ("iner: A", ":10:9: ", "inner"), ("fields: {no: {path: No, optinal: true}}", ":9:33: ", "optional"),
        ("fields: {no: {path: No, optional: 3}}", ":9:43: ", "optional"),
        ("fields: {no: {path: No, repeated: firs}}", ":9:43: ", "first"),
        ("fields: {no: {path: No, repeated: last, join: x}}", ":9:55: ", "repeated"),
        ("fields: {no: {optional: true}}", ":9:", "path"),
        ("fields: {no: No, again: {path: No, repeated: last}}", ":4:", "repeated"),
        ("fields: {no: No, again: \"*:No\"}", ":4:", "prefix"),
    ])
    func mistakesOfAStream(_ line: String, _ place: String, _ word: String) throws {
        try told(place, word) { _ = try load([], [line]) }
    }

    @Test(arguments: [
        ("retry: {faults: 3x, attempts: 0}", ":5:", "faults"), ("retry: {fault: [A]}", ":5:15: ", "faults"),
        ("limits: {attributes: 0}", ":5:28: ", "attributes"), ("limits: {attribute: 5}", ":5:16: ", "attributes"),
        ("login: {path: Id}", ":5:", "body"), ("login: {body: \"<In/>\"}", ":5:", "path"),
        ("login: {body: \"<In/>\", path: Id, user: u}", ":5:", "password"),
        ("login: {body: \"<In/>\", path: Id, success: {path: C}}", ":5:", "\"is\""),
        ("login: {body: \"<In/>\", paths: Id}", ":5:30: ", "path"),
    ])
    func mistakesOfASource(_ line: String, _ place: String, _ word: String) throws {
        try told(place, word) { _ = try load([line]) }
    }

    @Test func waysThatExcludeEachOther() throws {
        try told(":11:", "one way") { _ = try load([], ["pages: {size: 5}", "token: {next: A}"]) }
        try told(":10:", "twice") { _ = try load([], ["pages: {total: A}", "total: {path: B}"]) }
    }

    private func told(_ place: String, _ word: String, _ body: () throws -> Void) throws {
        do {
            try body()
            Issue.record("accepted")
        } catch let errors as ConfigurationErrors {
            let said = errors.errors[0].description
            #expect(said.contains(place) && said.contains(word) && said.contains("[config."), "\(said)")
        }
    }
}
