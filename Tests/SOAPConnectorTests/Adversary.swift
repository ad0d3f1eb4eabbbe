import HearthTesting
import HeatModel
import Records
import SOAPConnector
import Synchronization

/// A dispatch system that misbehaves as its seed says, until it is healed. What it holds is told row by row, so that a test can say
/// what should have arrived.
final class Adversary: Sendable {
    struct Row: Equatable {
        var no: String
        var value: String
        var note: String?
        var at: String

        var fields: [String?] { [no, value, note, at] }
    }

    enum Paging: CaseIterable { case hasMore, count, total, nothing, token, none }

    /// Forms that are right, if unusual: healing leaves them.
    struct Forms {
        var paging: Paging
        var size: Int
        var cap: Int
        var yes: String
        var no: String
        var encoding: (header: String, prolog: String, isGB: Bool)
        var hasClock: Bool
        var hasCode: Bool
        var hasLogin: Bool
        var hasCookie: Bool
        /// 0 elements, 1 a document as escaped text, 2 as CDATA.
        var inner: Int
        var isMultipart: Bool
        var space: String
        var lookback: Int64
        /// The service gives all rows, whatever `since` says.
        var ignoresSince: Bool
    }

    enum Trouble: CaseIterable {
        case serverFault, faultUnder200, busy, clientFault, cut, short, html, redirect, empty
        case endMissing, endEmpty, endOdd, otherNamespace, firstPageAgain, pageBefore, tokenAgain
        case errorCode, lyingCharset, bareAmpersand, unboundPrefix, badCharacter, manyAttributes, sessionOver
        case recordGoes, recordMoves, recordComes, reference, listRenamed
    }

    private struct State {
        var rows: [Row]
        var clock = 0
        var isHealed = false
        var requests = 0
        var session = 0
        var uses = 0
        var random: SeededGenerator
        var history: [String] = []
        var answers = 0
    }

    let seed: Int
    let forms: Forms
    private let troubles: [Trouble]
    private let every: Int
    private let state: Mutex<State>

    static let words = ["报修", "热费<未缴>", "测温 & 调试", "\"停供\"", "a'b", "", "𠮷", "阳光花园3号楼", "x", "100%"]

    init(seed: Int) {
        self.seed = seed
        var random = SeededGenerator(seed: UInt64(seed) &* 0x9E37_79B9 &+ 11)
        func chance(_ of: Int) -> Bool { Int.random(in: 0..<of, using: &random) == 0 }
        func pick<Element>(_ list: [Element]) -> Element { list[Int.random(in: 0..<list.count, using: &random)] }
        let spelling = pick([("true", "false"), ("Y", "N"), ("是", "否"), ("1", "0"), ("TRUE", "FALSE")])
        let paging = pick(Paging.allCases)
        let size = Int.random(in: 1...4, using: &random)
        let inner = chance(4) ? Int.random(in: 1...2, using: &random) : 0
        forms = Forms(
            paging: paging, size: size, cap: chance(3) && paging != .count ? max(1, size - 1) : size, yes: spelling.0,
            no: spelling.1,
            encoding: pick([
                ("utf-8", "utf-8", false), ("", "gb2312", true), ("GBK", "", true), ("ISO-8859-1", "UTF-8", false),
                ("", "", false), ("iso-8859-1", "GBK", true), ("UTF-8", "GBK", false),
            ]), hasClock: chance(2), hasCode: chance(2), hasLogin: chance(4), hasCookie: chance(4), inner: inner,
            isMultipart: chance(8), space: chance(5) ? "\r\n " : "", lookback: chance(2) ? 0 : 2,
            ignoresSince: chance(6))
        var troubles: [Trouble] = []
        for _ in 0..<Int.random(in: 1...4, using: &random) { troubles.append(pick(Trouble.allCases)) }
        // A page or a record that comes twice, once broken, is not known again: a broken record has no key.
        if !Set(troubles).isDisjoint(with: [.pageBefore, .firstPageAgain, .recordMoves]) {
            troubles.removeAll { [.bareAmpersand, .unboundPrefix, .badCharacter, .reference].contains($0) }
        }
        self.troubles = troubles
        every = Int.random(in: 1...6, using: &random)
        var rows: [Row] = []
        var clock = 0
        for number in 1...Int.random(in: 3...14, using: &random) {
            clock += 1
            rows.append(Self.row(number, clock, &random))
        }
        if chance(4) {
            let stray = pick(["9999-12-31 00:00:00", "2099-01-01 08:00:00", "N/A"])
            rows[Int.random(in: 0..<rows.count, using: &random)].at = stray
        }
        state = Mutex(State(rows: rows, clock: clock, random: random))
    }

    private static func row(_ number: Int, _ clock: Int, _ random: inout SeededGenerator) -> Row {
        Row(
            no: "R\(number)", value: words[Int.random(in: 0..<words.count, using: &random)] + "\(clock)",
            note: Bool.random(using: &random) ? words[Int.random(in: 0..<words.count, using: &random)] : nil,
            at: time(clock))
    }

    private static func time(_ clock: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "2020-01-01 \(two(clock / 3600)):\(two(clock / 60 % 60)):\(two(clock % 60))"
    }

    var rows: [Row] { state.withLock { $0.rows } }
    var history: [String] { state.withLock { $0.history } }
    func heal() { state.withLock { $0.isHealed = true } }

    /// Rows come and change between two pulls.
    func goOn() {
        state.withLock { state in
            for _ in 0..<Int.random(in: 0...3, using: &state.random) { Self.add(&state) }
            if Bool.random(using: &state.random) { Self.move(&state) }
            if Int.random(in: 0..<4, using: &state.random) == 0, state.rows.count > 3 { state.rows.remove(at: 0) }
            state.history.append("— between pulls —")
        }
    }

    private static func add(_ state: inout State) {
        state.clock += 1
        let number = (state.rows.compactMap { Int($0.no.dropFirst()) }.max() ?? 0) + 1
        state.rows.append(row(number, state.clock, &state.random))
    }

    /// A row changes and, by its time, moves to the end.
    private static func move(_ state: inout State) {
        let index = Int.random(in: 0..<state.rows.count, using: &state.random)
        state.clock += 1
        state.rows[index].value = "neu\(state.clock)"
        if state.rows[index].at.hasPrefix("2020") { state.rows[index].at = time(state.clock) }
    }

    // MARK: Its configuration, as an engineer would write it

    func connector(_ address: String) throws -> SOAPConnector {
        let list = forms.inner > 0 ? "D/L/O" : "L/O"
        var stream = SOAPStream(
            name: "orders",
            body:
                "<Get><k>{{session}}</k><since>{{cursor}}</since><p>{{page}}</p><s>{{pageSize}}</s><t>{{token}}</t></Get>",
            recordPath: list,
            fields: [.init("no", "@no"), .init("value", "V"), .init("note", "N", isOptional: true), .init("at", "At")],
            key: ["no"], cursor: .init(column: "at", lookback: forms.lookback),
            innerPath: forms.inner > 0 ? "R/Out" : nil)
        if !forms.hasLogin { stream.body = stream.body.replacing("{{session}}", with: "") }
        switch forms.paging {
        case .hasMore: stream.paging = .pages(.init(pageSize: forms.size, hasMorePath: "More"))
        case .count: stream.paging = .pages(.init(pageSize: forms.size, countPath: "Pages"))
        case .total:
            stream.paging = .pages(.init(pageSize: forms.size))
            stream.total = .init(path: "Total", scope: .pass)
        case .nothing: stream.paging = .pages(.init(pageSize: forms.size))
        case .token: stream.paging = .token(.init(nextTokenPath: "Next", pageSize: forms.size, absentIsEnd: false))
        case .none: break
        }
        if forms.hasCode { stream.success = .init(path: "Code", values: ["0"]) }
        let login = SOAPLogin(
            body: "<Login>{{user}}</Login>", path: "LoginResult", credentials: .init(user: "hearth", password: "x"))
        return try SOAPConnector(
            source: "adversary",
            options: .init(
                endpoint: address, timeouts: .init(connect: 5000, total: 20_000), limits: .init(envelopes: 300),
                retry: .init(attempts: 2, base: 1, cap: 1),
                login: forms.hasLogin ? login : nil), streams: [stream])
    }

    // MARK: Its answers

    func answer(_ request: LoopbackService.Request) -> LoopbackService.Answer {
        state.withLock { state in
            if request.body.contains("<Login>") {
                state.session += 1
                state.uses = 0
                return send("<LoginResult>T\(state.session)</LoginResult>", &state, trouble: nil)
            }
            state.requests += 1
            state.uses += 1
            var trouble: Trouble?
            if !state.isHealed, state.requests % every == 0, !troubles.isEmpty {
                trouble = troubles[Int.random(in: 0..<troubles.count, using: &state.random)]
            }
            let page = Int(sent("p", in: request.body)) ?? Int(sent("t", in: request.body)) ?? 1
            state.history.append(
                "\(page) since \(sent("since", in: request.body)): \(trouble.map { "\($0)" } ?? "well")")
            if forms.hasLogin, trouble == .sessionOver { state.session += 1 }
            if forms.hasLogin, sent("k", in: request.body) != "T\(state.session)" {
                return .init(status: 401, type: "text/html", "<p>no</p>")
            }
            if forms.hasCookie, page > 1, request.headers["cookie"] != "S=1" {
                return send("<L></L>" + ending(page, 1, 0), &state, trouble: nil)
            }
            return answer(page, sent("since", in: request.body), trouble, &state)
        }
    }

    private func answer(_ page: Int, _ since: String, _ trouble: Trouble?, _ state: inout State)
        -> LoopbackService.Answer
    {
        let fault = "<s:Fault><faultcode>s:Server</faultcode><faultstring>忙</faultstring></s:Fault>"
        switch trouble {
        case .serverFault: return .init(status: 500, envelope(fault))
        case .faultUnder200: return .init(envelope(fault))
        case .busy: return .init(status: 503, type: "text/plain", "wait")
        case .clientFault: return .init(status: 500, envelope(fault.replacing("Server", with: "Client")))
        case .html: return .init(type: "text/html", "<!DOCTYPE html><html><body>登录</body></html>")
        case .redirect: return .init(status: 302, headers: ["Location: /login"], "")
        case .empty: return .init("")
        case .errorCode: return send("<Code>-1</Code><Message>会话已过期</Message>", &state, trouble: nil, isRight: false)
        // What happens to the rows while a pass is read can be told where the service counts them, or reads all at once.
        case .recordGoes where forms.paging == .total || forms.paging == .none:
            if state.rows.count > 3 { state.rows.remove(at: 0) }
        case .recordMoves where forms.paging == .total || forms.paging == .none: Self.move(&state)
        case .recordComes: if state.rows.count < 30 { Self.add(&state) }
        default: break
        }
        let held = state.rows.filter { forms.ignoresSince || since.isEmpty || $0.at >= since }.sorted {
            ($0.at, $0.no) < ($1.at, $1.no)
        }
        let size = forms.paging == .none ? max(1, held.count) : min(forms.size, forms.cap)
        var shown = page
        if trouble == .firstPageAgain { shown = 1 }
        if trouble == .pageBefore { shown = max(1, page - 1) }
        let rows = forms.paging == .none ? held[...] : held.dropFirst((shown - 1) * size).prefix(size)
        let pages = (held.count + size - 1) / size
        var end = ending(page, pages, held.count)
        switch trouble {
        case .endMissing: end = ""
        case .endEmpty: end = "<More/><Pages/><Total/>"
        case .endOdd: end = "<More>maybe</More><Pages>x</Pages><Total>x</Total><Next>\(page)</Next>"
        case .tokenAgain:
            end = "<Next>\(page)</Next><More>\(forms.yes)</More><Pages>\(pages)</Pages><Total>\(held.count)</Total>"
        default: break
        }
        var records = rows.enumerated().map { index, row in record(row, index == 0 ? trouble : nil) }.joined()
        var list = "L"
        // An upgrade renames what it renames everywhere.
        if trouble == .listRenamed {
            (list, records) = ("List", records.replacing("<O ", with: "<Order ").replacing("</O>", with: "</Order>"))
        }
        if trouble == .otherNamespace { list = "L xmlns=\"urn:v2\"" }
        if trouble == .manyAttributes { list += (0..<1500).map { " a\($0)=\"\"" }.joined() }
        let closing = list.split(separator: " ").first ?? "L"
        return send("<\(list)>\(records)</\(closing)>", end, &state, trouble: trouble, isRight: true)
    }

    private func ending(_ page: Int, _ pages: Int, _ total: Int) -> String {
        switch forms.paging {
        case .hasMore: "<More>\(page < pages ? forms.yes : forms.no)</More>"
        case .count: "<Pages>\(pages)</Pages>"
        case .total: "<Total>\(total)</Total>"
        case .token: page < pages ? "<Next>\(page + 1)</Next>" : "<Next/>"
        case .nothing, .none: ""
        }
    }

    private func record(_ row: Row, _ trouble: Trouble?) -> String {
        func escaped(_ text: String) -> String {
            text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing(
                "\"", with: "&quot;")
        }
        var value = "<V>\(escaped(row.value))</V>"
        switch trouble {
        case .bareAmpersand: value = "<V>\(escaped(row.value)) & mehr</V>"
        case .badCharacter: value = "<V>\(escaped(row.value))\u{2}</V>"
        case .unboundPrefix: value = "<V>\(escaped(row.value))</V><q:Z/>"
        case .reference: value = "<V href=\"#v1\"/>"
        default: break
        }
        return "<O no=\"\(row.no)\">\(value)\(row.note.map { "<N>\(escaped($0))</N>" } ?? "")<At>\(row.at)</At></O>"
    }

    private func send(_ body: String, _ state: inout State, trouble: Trouble?, isRight: Bool = true)
        -> LoopbackService.Answer
    {
        send(body, "", &state, trouble: trouble, isRight: isRight)
    }

    private func send(
        _ list: String, _ end: String, _ state: inout State, trouble: Trouble?, isRight: Bool
    ) -> LoopbackService.Answer {
        state.answers += 1
        let clock = forms.hasClock ? "<Now>\(Today.text) 08:\(10 + state.answers % 50):00</Now>" : ""
        let code = forms.hasCode && isRight ? "<Code>0</Code><Message>成功</Message>" : ""
        var content = list
        if forms.inner > 0, isRight, !list.hasPrefix("<LoginResult>") {
            let document = "<?xml version=\"1.0\" encoding=\"utf-16\"?><D>\(list)</D>"
            content =
                forms.inner == 2
                ? "<R><Out><![CDATA[\(document)]]></Out></R>"
                : "<R><Out>\(document.replacing("&", with: "&amp;").replacing("<", with: "&lt;"))</Out></R>"
        }
        let (header, prolog, isGB) = forms.encoding
        let declared = prolog.isEmpty ? "" : "<?xml version=\"1.0\" encoding=\"\(prolog)\"?>"
        let xml = envelope("<A>\(clock)\(code)\(end)\(content)</A>", prolog: forms.space + declared)
        // A liar sends the other encoding than it declares.
        let sendsGB = isGB != (trouble == .lyingCharset)
        var bytes = sendsGB ? gb18030(xml) : Array(xml.utf8)
        var type = "text/xml\(header.isEmpty ? "" : "; charset=\(header)")"
        if trouble == .short { bytes = Array(bytes.prefix(bytes.count * 2 / 3)) }
        if forms.isMultipart {
            bytes = ReaderFieldTests.multipart(bytes, start: false, type: type)
            type = "multipart/related; boundary=MIME_b"
            if trouble == .short { bytes = Array(bytes.prefix(bytes.count / 2)) }
        }
        var answer = LoopbackService.Answer(
            type: type, headers: forms.hasCookie ? ["Set-Cookie: S=1; path=/"] : [], bytes)
        if trouble == .cut { answer.cut = bytes.count / 2 }
        return answer
    }
}
