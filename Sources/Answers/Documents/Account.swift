import AccountView
import Disclosure
import JSONText
import Store

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

/// A snapshot that has begun.
struct SnapshotRead: ViewSource {
    let snapshot: any SnapshotReader
    var reader: any StoreReader { snapshot.reader }

    func withView(number: UnsafeRawBufferPointer, _ body: (ViewSlice) throws -> Void) throws -> Bool {
        try snapshot.withView(number: number, body)
    }
}

extension Answerer {
    func account(_ number: String, _ asOf: AsOf, _ requester: Requester, _ source: some ViewSource) throws -> Reply {
        try withView(number, at: moment(of: asOf, source), source) { reply($0.body, of: number, requester) }
    }

    /// The moment that is asked about; nil for the present, which needs no look-up in the store.
    func moment(of asOf: AsOf, _ source: some ViewSource) throws -> Moment? {
        asOf == .present ? nil : try source.reader.moment(of: asOf)
    }

    /// What is made of an account's view, as it is or as it was.
    ///
    /// - Throws: a problem where there is none.
    func withView<Result>(
        _ number: String, at moment: Moment?, _ source: some ViewSource, _ body: (ViewSlice) throws -> Result
    ) throws -> Result {
        var result: Result?
        _ = try withViewIfAny(number, at: moment, source) { result = try body($0) }
        guard let result else { throw Problem.unknownAccount }
        return result
    }

    /// False where there is none.
    func withViewIfAny(
        _ number: String, at moment: Moment?, _ source: some ViewSource, _ body: (ViewSlice) throws -> Void
    ) throws -> Bool {
        if let moment {
            guard let view = try views.view(number: number, at: moment, in: source.reader) else { return false }
            try view.withUnsafeBytes { try body(ViewSlice(body: $0, runs: nil)) }
            return true
        }
        var number = number
        return try number.withUTF8 { try source.withView(number: UnsafeRawBufferPointer($0), body) }
    }

    /// Stored JSON in the requester's form, tagged and with its access.
    func reply(_ json: UnsafeRawBufferPointer, of account: String, _ requester: Requester) -> Reply {
        let form = requester.form
        var formed = JSONBytes(capacity: json.count + json.count / 4 + 256)
        let shown = form.write(json, into: &formed)
        return Reply(
            AnswerDocument(formed.bytes, tag: ContentTag.of(json, seed: form.isUnmasked ? 2 : 1)),
            [requester.access([account], "ok", shown)])
    }
}
