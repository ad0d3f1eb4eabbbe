import AccountView
import Explanation
import HeatModel
import Mapping
import NIOCore
import Store
import Sync

/// Where an account's view comes from: a snapshot that an event loop holds, or a read of the store.
protocol ViewSource {
    /// Hands the view over in place. False where there is none.
    func withView(number: UnsafeRawBufferPointer, _ body: (ViewSlice) throws -> Void) throws -> Bool
    var reader: any StoreReader { get }
}

/// A read of the store that has begun.
struct StoreRead: ViewSource {
    let reader: any StoreReader

    func withView(number: UnsafeRawBufferPointer, _ body: (ViewSlice) throws -> Void) throws -> Bool {
        guard let view = try reader.view(number: number) else { return false }
        try view.body.withUnsafeBytes { try body(ViewSlice(body: $0, runs: nil)) }
        return true
    }
}

/// The snapshot of a turn.
struct SnapshotRead: ViewSource {
    let snapshot: any SnapshotReader
    var reader: any StoreReader { snapshot.reader }

    func withView(number: UnsafeRawBufferPointer, _ body: (ViewSlice) throws -> Void) throws -> Bool {
        try snapshot.withView(number: number, body)
    }
}

/// What is answered to each call. Knows nothing of HTTP or MCP; both ask here, so both answer the same.
struct Answers: Sendable {
    let workspace: Workspace
    let store: any ServingStore
    let log: any AccessRecorder
    let metrics: GatewayMetrics
    let settings: ServeSettings
    let openAPI: [UInt8]
    let bindings: BindingGuard
    let phones: PhoneIndex
    var desk: AnswerDesk
    let views: AccountViews
    let pastSearch: PastSearch

    init(
        workspace: Workspace, store: any ServingStore, log: any AccessRecorder, metrics: GatewayMetrics,
        settings: ServeSettings, openAPI: [UInt8], desk: AnswerDesk
    ) {
        self.workspace = workspace
        self.store = store
        self.log = log
        self.metrics = metrics
        self.settings = settings
        self.openAPI = openAPI
        bindings = BindingGuard(settings)
        self.desk = desk
        views = AccountViews(store: store, unified: workspace.mappings.unified)
        pastSearch = PastSearch(views)
        phones = PhoneIndex(store: store, unified: workspace.mappings.unified)
    }

    func answer(_ call: Call, _ snapshot: any SnapshotReader) throws -> Answer {
        try answer(call, from: SnapshotRead(snapshot: snapshot))
    }

    func answer(_ call: Call, _ reader: any StoreReader) throws -> Answer {
        try answer(call, from: StoreRead(reader: reader))
    }

    private func answer(_ call: Call, from source: some ViewSource) throws -> Answer {
        switch call.route {
        case .health: return Answer(.json, Array("{\"status\":\"ok\"}".utf8))
        case .ready: return try ready(source.reader)
        case .metrics: return try metricsPage(source.reader)
        case .openAPI: return described()
        case .account: return try account(call, source)
        case .workOrders: return try workOrders(call, source)
        case .trace: return try trace(call, source.reader)
        case .addresses: return try addresses(call, source)
        case .phones: return try phoneSearch(call, source)
        case .bindings: return try bind(call, source)
        case .runs: return try runs(call, source.reader)
        case .quarantine: return try quarantine(call, source.reader)
        case .freshness: return try freshness(call, source.reader)
        case .accessLog: return try accessLog(call)
        case .explanation: return try explanation(call, source)
        case .rise: return try explanation(call, source, versus: .previous)
        case .amountDue: return try amountDue(call, source)
        case .refund: return try refund(call, source)
        case .suspension: return try suspension(call, source)
        case .mcp, .unknown: throw Problem.notFound
        }
    }

    private func described() -> Answer {
        var answer = Answer(.yaml, openAPI)
        answer.tag = openAPI.withUnsafeBytes { ContentTag.of($0, seed: 0) }
        return answer
    }

    /// In a query a bare `+` is a blank: `2026-01-31T18:00:00 08:00` is an instant whose sign was lost on the way.
    private static func instantWithBlank(_ text: String) -> AsOf? {
        guard let blank = text.lastIndex(of: " "), text[..<blank].contains(":") else { return nil }
        return try? AsOf(argument: text[..<blank] + "+" + text[text.index(after: blank)...])
    }

    /// The moment that a call asks about; nil for the present.
    func moment(of call: Call, _ reader: any StoreReader) throws -> Moment? {
        guard let text = try call.text("as_of", atMost: 64) else { return nil }
        guard let asOf = (try? AsOf(argument: text)) ?? Self.instantWithBlank(text) else {
            throw Problem.parameter(
                "as_of",
                "is \"\(text)\"; it must be an instant with its offset, as in 2026-01-31T18:00:00+08:00 (in a URL + is written %2B), or a run's number"
            )
        }
        do {
            return try reader.moment(of: asOf)
        } catch let error as HearthError where error.code.name == "usage.unknownRun" {
            throw Problem(
                404, "unknown-run", "There is no run of this number", detail: "/v1/runs tells the runs there are",
                parameter: "as_of")
        } catch let error as HearthError where error.code.name == "usage.runNotEnded" {
            throw Problem(
                404, "run-not-ended", "The run has not ended",
                detail: "what it leaves behind is not known yet; without as_of the answer is of the present",
                parameter: "as_of")
        }
    }

    /// Hands over an account's view as it is, or as it was.
    /// - Throws: a problem where there is none.
    func withView(
        _ number: String, _ call: Call, _ source: some ViewSource, _ body: (ViewSlice) throws -> Void
    ) throws {
        let isThere = try withView(number, at: moment(of: call, source.reader), source, body)
        if !isThere { throw Problem.unknownAccount }
    }

    /// The same as of a moment; false where there is none.
    func withView(
        _ number: String, at moment: Moment?, _ source: some ViewSource,
        _ body: (ViewSlice) throws -> Void
    ) throws -> Bool {
        if let moment {
            guard let view = try views.view(number: number, at: moment, in: source.reader) else { return false }
            try view.withUnsafeBytes { try body(ViewSlice(body: $0, runs: nil)) }
            return true
        }
        var number = number
        return try number.withUTF8 { try source.withView(number: UnsafeRawBufferPointer($0), body) }
    }

    /// An answer in the caller's form, tagged and with its access.
    func answer(_ json: UnsafeRawBufferPointer, of account: String, to call: Call) -> Answer {
        let form = call.form
        var formed = JSONBytes(capacity: json.count + json.count / 4 + 256)
        let shown = form.write(json, into: &formed)
        var answer = Answer(.json, formed.bytes)
        answer.tag = ContentTag.of(json, seed: form.isUnmasked ? 2 : 1)
        answer.accesses = [call.access([account], "ok", shown)]
        return answer
    }

    func account(_ call: Call, _ source: some ViewSource) throws -> Answer {
        let number = try call.accountNumber()
        var answer: Answer?
        try withView(number, call, source) { answer = self.answer($0.body, of: number, to: call) }
        guard let answer else { throw Problem.unknownAccount }
        return answer
    }
}
