import HeatModel
import Store
import Synchronization

/// A store with two streams, a run and an origin in each, and short ways to put things into it.
final class StoreScene {
    let store: any Store
    let clock: SceneClock
    let charges: StreamID
    let orders: StreamID
    let run: RunID
    let origin: OriginID
    let ordersOrigin: OriginID
    static let columns = ["id", "名称", ""]
    static let mapping = "c0ffee"

    init(_ store: any Store, _ clock: SceneClock) throws {
        self.store = store
        self.clock = clock
        (charges, orders, run, origin, ordersOrigin) = try store.write { store in
            let charges = try store.stream(named: "billing.charges", entity: .charge)
            let orders = try store.stream(named: "dispatch.orders.of.2026", entity: .workOrder)
            let run = try store.beginRun(
                stream: charges, mode: "incremental", mappingVersion: Self.mapping, at: Self.instant(0))
            let other = try store.beginRun(stream: orders, mode: "full", mappingVersion: "other", at: Self.instant(0))
            return (
                charges, orders, run, try store.beginOrigin(Self.incoming(charges, run, "a.csv", "aa")),
                try store.beginOrigin(Self.incoming(orders, other, "page 1", nil))
            )
        }
    }

    static func instant(_ minute: Int64) -> Instant {
        Instant(microseconds: 1_763_200_000_000_000 + minute * 60_000_000, offsetMinutes: 480)
    }

    static func incoming(
        _ stream: StreamID, _ run: RunID, _ name: String, _ digest: String?, columns: [String] = columns
    ) -> IncomingOrigin {
        IncomingOrigin(
            stream: stream, run: run, kind: "file", name: name, digest: digest, byteCount: nil, isSnapshot: false,
            columns: columns)
    }

    /// Notes a change of the accounts' records, as a commit does.
    func touch(
        _ store: any StoreWriter, _ accounts: [AccountID], _ kinds: RecordChangeKinds = .changed, run: RunID? = nil
    ) throws {
        let touched = Set(accounts).sorted().map { TouchedRecords(account: $0, kinds: kinds) }
        try store.touch(touched, entity: .charge, run: run ?? self.run)
    }

    func beginRun(_ store: any StoreWriter, _ stream: StreamID? = nil, mode: String = "incremental") throws -> RunID {
        try store.beginRun(stream: stream ?? charges, mode: mode, mappingVersion: Self.mapping, at: Self.instant(1))
    }

    func beginOrigin(
        _ store: any StoreWriter, _ name: String, _ digest: String?, run: RunID? = nil, stream: StreamID? = nil
    ) throws -> OriginID {
        try store.beginOrigin(Self.incoming(stream ?? charges, run ?? self.run, name, digest))
    }

    /// A record about to be stored, for as long as `body` runs.
    func with<Result>(
        _ key: String, body text: String = "{}", raw: [UInt8] = [], account: AccountID? = nil, rule: LinkRule = .none,
        stream: StreamID? = nil,
        run: RunID? = nil, origin: OriginID? = nil, ordinal: Int64 = 1, hash: ContentHash = ContentHash(1, 2),
        voided: Bool = false,
        _ use: (IncomingRecord) throws -> Result
    ) rethrows -> Result {
        let stream = stream ?? charges
        return try Array(key.utf8).withUnsafeBytes { key in
            try Array(text.utf8).withUnsafeBytes { text in
                try raw.withUnsafeBytes { raw in
                    try use(
                        IncomingRecord(
                            stream: stream, key: key, account: account, rule: rule, hash: hash, body: text, raw: raw,
                            run: run ?? self.run,
                            origin: origin ?? (stream == orders ? ordersOrigin : self.origin), ordinal: ordinal,
                            isVoided: voided))
                }
            }
        }
    }

    @discardableResult
    func insert(
        _ store: any StoreWriter, _ key: String, body: String = "{}", account: AccountID? = nil,
        stream: StreamID? = nil, voided: Bool = false
    ) throws -> RecordID {
        guard
            let id = try with(
                key, body: body, account: account, stream: stream, voided: voided, { try store.insert($0) })
        else {
            throw Unexpected(message: "a free key was refused")
        }
        return id
    }

    func account(_ store: any StoreWriter, _ number: String) throws -> AccountID {
        try number.withBytes { try store.introduceAccount(number: $0, run: run) }
    }

    func record(_ store: any StoreReader, _ key: String, _ stream: StreamID? = nil) throws -> StoredRecord? {
        try key.withBytes { try store.record(stream: stream ?? charges, key: $0) }
    }

    func history(_ store: any StoreReader, _ key: String) throws -> [StoredRecord] {
        try key.withBytes { try store.history(stream: charges, key: $0) }
    }

    /// Puts a rejection aside.
    func refuse(
        _ store: any StoreWriter, _ raw: String, key: String? = nil, code: String = "record.badDate", run: RunID? = nil,
        origin: OriginID? = nil, ordinal: Int64 = 1, stream: StreamID? = nil, candidates: [String] = []
    ) throws {
        let stream = stream ?? charges
        try store.quarantine(
            IncomingQuarantine(
                stream: stream, run: run ?? self.run, origin: origin ?? (stream == orders ? ordersOrigin : self.origin),
                code: code,
                message: "a message", place: "a.csv:\(ordinal)", column: "名称", key: key.map { Array($0.utf8) },
                ordinal: ordinal,
                candidates: candidates, raw: Array(raw.utf8), isSplit: true))
    }

    func entries(_ store: any StoreReader, _ state: QuarantineState? = nil, stream: StreamID? = nil) throws
        -> [QuarantinedRecord]
    {
        try store.quarantine(stream: stream, state: state, code: nil, after: nil, limit: 1000)
    }
}

extension String {
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try Array(utf8).withUnsafeBytes(body)
    }
}

extension [UInt8] {
    var text: String { String(decoding: self, as: UTF8.self) }
}

/// A clock that goes as a check says.
final class SceneClock: Sendable {
    private let microseconds = Mutex<Int64>(1_763_200_000_000_000)
    var now: Int64 { microseconds.withLock { $0 } }
    func advance(seconds: Int64) { microseconds.withLock { $0 += seconds * 1_000_000 } }
}
