import JSONText
public import Mapping
public import Store
import Synchronization

/// The account views of a store, now or as of an earlier moment.
///
/// The present view is one keyed read. An earlier one is too, where nothing of the account has changed since; else it is built
/// from the records of then. It is built as views are built today: by the present `unified.yaml`, from records mapped as they
/// were mapped then.
public final class AccountViews: Sendable {
    private let store: any Store
    private let unified: UnifiedView
    /// The builder for the streams last seen.
    private let cached = Mutex<(streams: [StoredStream], builder: AccountViewBuilder)?>(nil)

    public init(store: any Store, unified: UnifiedView) {
        self.store = store
        self.unified = unified
    }

    /// The account's view; nil where there was no such account.
    ///
    /// - Throws: `usage.unknownRun`, `usage.runNotEnded` (see ``PastReader/moment(of:)``).
    public func view(number: String, asOf: AsOf = .present) throws -> [UInt8]? {
        try store.read { try view(number: number, at: $0.moment(of: asOf), in: $0) }
    }

    /// The same within a read that is under way.
    public func view(number: String, at moment: Moment?, in store: any StoreReader) throws -> [UInt8]? {
        var number = number
        return try number.withUTF8 { text -> [UInt8]? in
            let number = UnsafeRawBufferPointer(text)
            guard let moment else { return try store.view(number: number)?.body }
            if let view = try store.unchangedView(number: number, since: moment) { return view.body }
            guard let account = try store.account(number: number, at: moment) else { return nil }
            return try build(account, at: moment, in: store)
        }
    }

    /// Every account's view in the byte order of the numbers, page by page: memory does not grow with the store. As of an
    /// earlier moment the pages fit together whatever is committed meanwhile; of the present each is its own snapshot.
    public func forEachView(asOf: AsOf = .present, _ body: (_ number: String, _ view: [UInt8]) throws -> Void) throws {
        let moment = try store.read { try $0.moment(of: asOf) }
        try forEachView(inPages: { last in try store.read { try readPage(after: last, at: moment, in: $0) } }, body)
    }

    /// The same within a read that is under way: every page is of one snapshot.
    public func forEachView(
        at moment: Moment?, in store: any StoreReader, _ body: (_ number: String, _ view: [UInt8]) throws -> Void
    ) throws {
        try forEachView(inPages: { try readPage(after: $0, at: moment, in: store) }, body)
    }

    /// An account's view is nil as long as it has not been built.
    private typealias Page = [(number: String, view: [UInt8]?)]

    private func forEachView(
        inPages page: (_ after: [UInt8]?) throws -> Page, _ body: (_ number: String, _ view: [UInt8]) throws -> Void
    ) throws {
        var last: [UInt8]?
        repeat {
            let page = try page(last)
            last = page.last.map { Array($0.number.utf8) }
            for case (let number, let view?) in page { try body(number, view) }
        } while last != nil
    }

    private func readPage(after last: [UInt8]?, at moment: Moment?, in store: any StoreReader) throws -> Page {
        try store.accounts(after: last, limit: 512, at: moment).map { account in
            (account.number, try view(number: account.number, at: moment, in: store))
        }
    }

    private func build(_ account: AccountID, at moment: Moment, in store: any StoreReader) throws -> [UInt8] {
        let streams = try store.streams()
        let builder = builder(for: streams)
        var records = AccountRecords(streams: streams)
        try records.read(account, from: store, at: moment)
        var json = JSONBytes()
        builder.build(0, of: records, into: &json)
        return json.bytes
    }

    private func builder(for streams: [StoredStream]) -> AccountViewBuilder {
        if let known = cached.withLock({ $0 }), known.streams == streams { return known.builder }
        let made = AccountViewBuilder(unified, streams: streams)
        cached.withLock { $0 = (streams, made) }
        return made
    }
}
