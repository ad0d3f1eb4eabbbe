import Foundation
import Glibc
import HeatModel
package import Store
package import StoreSQL
import Synchronization

/// The store of several machines: a PostgreSQL database, its primary and the replicas that are read from.
///
/// One writer at a time, over all machines: a transaction that writes holds an advisory lock of the database to its end. Readers keep their
/// snapshot and never wait.
package final class PostgresStore: ReplicatedStore {
    let target: Target
    /// Where near reads go; the primary where no replica is named.
    let near: Target
    let hasReplicas: Bool
    let bounds: Bounds
    private let clock: StoreClock?
    private let readers: Pool
    private let nearReaders: Pool
    /// One connection writes: a second writer of this process would only wait at the server.
    private let writers: Pool
    private let rates: RateExchange
    private let lastWritten = Atomic<Int64>(0)
    private let failure = Mutex<HearthError?>(nil)
    /// No replica answers: asked again from then on.
    private let nearAway = Mutex<ContinuousClock.Instant?>(nil)
    /// Connections to the primary are made anew, for it may be none any more: not again before.
    private let lookedAnew = Mutex(ContinuousClock.now - .seconds(60))
    private let watch = Mutex<SocketWatch?>(nil)
    private let mustExist: Bool
    private let foundPrimary = Atomic<Bool>(false)
    private let keyed = DispatchQueue(label: "hearth store", attributes: .concurrent)

    /// How long is waited for servers.
    package struct Bounds: Sendable {
        /// For a replica to come to the state that a caller holds; then the primary is asked.
        package var replica: Duration
        /// For a server that takes writes, before a write is given up of which nothing was done.
        package var failover: Duration

        /// After such a silence a server is asked whether it answers at all. A third of it, a second at most, where another one can be
        /// asked.
        package var silence: Duration

        /// A replica that shows what is older is named as far behind.
        package var lag: Duration

        package init(
            replica: Duration = .milliseconds(200), failover: Duration = .seconds(30), silence: Duration = .seconds(5),
            lag: Duration = .seconds(30)
        ) {
            self.replica = replica
            self.failover = failover
            self.silence = silence
            self.lag = lag
        }

        var nearSilence: Duration { min(silence / 3, .seconds(1)) }
    }

    /// Opens the store, making and migrating its tables as needed.
    ///
    /// - Parameters:
    ///   - conninfo: libpq's connection settings or address. Of several hosts the one that takes writes is found.
    ///   - replicas: the same for reads that may go to a replica: the first host that answers.
    ///   - mustExist: whether a schema that holds no store is refused instead of filled.
    ///   - mayReadAlone: whether it is opened also where no server takes writes, and a replica holds the store as this version keeps it.
    ///     ``findPrimary()`` is to be called then until it succeeds; the first write does the same.
    ///   - clock: the present in microseconds since 1970; nil is the server's clock, which all machines share.
    /// - Throws: `store.unreachable`, `store.unauthorized`, `store.serverTooOld`, `store.replica`, `store.readOnly`,
    ///   `store.notWritable`, `store.wrongEncoding`, `store.missing`, `store.corrupt` where the schema does not say its version,
    ///   `store.foreign` where it holds another program's tables, or `store.tooNew` where a later version of Hearth has written it
    ///   (all left untouched).
    package init(
        conninfo: String, replicas: String? = nil, mustExist: Bool = false, mayReadAlone: Bool = false, bounds: Bounds = Bounds(),
        clock: StoreClock? = nil
    ) throws {
        let target = try Target(conninfo)
        let near = try replicas.map { try Target($0, takesWrites: false) } ?? target
        self.target = target
        self.near = near
        self.bounds = bounds
        self.clock = clock
        self.mustExist = mustExist
        hasReplicas = replicas != nil
        let open: @Sendable () throws -> Session = { try Session(target, clock: clock, silence: bounds.silence) }
        readers = Pool(most: 8, open)
        nearReaders = Pool(most: 8) { try Session(near, clock: clock, silence: bounds.nearSilence) }
        writers = Pool(most: 1, open)
        rates = RateExchange(target)
        do { try findPrimary() } catch let error as HearthError where mayReadAlone && error.isOfFailover {
            guard try isReadable() else { throw error }
        }
    }

    deinit { watch.withLock { $0?.close() } }

    // MARK: Opening

    package var hasFoundPrimary: Bool { foundPrimary.load(ordering: .acquiring) }

    package func findPrimary() throws {
        if hasFoundPrimary { return }
        try writers.withTransaction({ try prepare($0) }) { _, _ in }
    }

    /// Before anything is written through a session.
    private func prepare(_ session: Session) throws {
        if hasFoundPrimary { return }
        do { try Schema.migrate(session.connection, mustExist: mustExist) } catch {
            session.takeBack()
            throw error
        }
        foundPrimary.store(true, ordering: .releasing)
    }

    /// Whether a replica holds the store as this version keeps it.
    ///
    /// - Throws: what is wrong with a replica that answers.
    private func isReadable() throws -> Bool {
        do {
            return try (hasReplicas ? nearReaders : readers).withTransaction({ try Schema.isCurrent($0.connection) }) { $1 }
        } catch let error as HearthError where error.isOfFailover {
            return false
        }
    }

    // MARK: Transactions

    package func write<Result>(_ body: (any StoreWriter) throws -> Result) throws -> Result {
        try writing { try body($0) }
    }

    func writing<Result>(_ body: (Session) throws -> Result) throws -> Result {
        try writers.withTransaction(
            until: .now + bounds.failover,
            { session in
                try prepare(session)
                return try session.beginWriting()
            }
        ) { session, commit in
            let result: Result
            do {
                result = try body(session)
            } catch {
                session.takeBack()
                throw note(located(error))
            }
            do {
                try session.commit()
            } catch {
                session.takeBack()
                let noted = note(located(error))
                if !session.connection.isBroken { throw noted }
                try settle(commit, error)
            }
            note(commit.number)
            return result
        }
    }

    package func read<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result {
        try reading { try body($0) }
    }

    func reading<Result>(_ body: (Session) throws -> Result) throws -> Result {
        try readers.withTransaction({ try $0.beginReading() }) { session, _ in try ended(session, body) }
    }

    private func ended<Result>(_ session: Session, _ body: (Session) throws -> Result) throws -> Result {
        do {
            let result = try body(session)
            try session.commit()
            return result
        } catch {
            session.takeBack()
            throw located(error)
        }
    }

    /// Finds out what became of a transaction whose connection was lost while it was being committed.
    ///
    /// - Throws: `store.disconnected` where nothing of it is there, `store.commitUnknown` where nobody can say.
    private func settle(_ commit: Session.Commit, _ error: any Error) throws {
        let deadline = ContinuousClock.now + max(bounds.failover, .seconds(20))
        while ContinuousClock.now < deadline {
            do {
                guard let isThere = try Session(target, clock: nil).isThere(commit) else { break }
                if isThere { return }
                throw Lost()
            } catch is Lost {
                throw located(error)
            } catch {
                // Nobody answers, or what does is no primary yet.
                usleep(200_000)
            }
        }
        throw HearthError(
            .storeCommitUnknown, "the connection was lost during a commit: whether it is there is not known",
            at: target.place,
            advice: "run it again once the store's server answers: what is there already changes nothing", cause: error)
    }

    private struct Lost: Error {}

    /// An error of a transaction, with the store's server for its place.
    private func located(_ error: any Error) -> any Error {
        guard var error = error as? HearthError, error.code.area == "store", error.place == .address("store") else {
            return error
        }
        error.place = target.place
        return error
    }

    // MARK: Servers

    package var written: StoreState { StoreState(commit: lastWritten.load(ordering: .acquiring)) }

    private func note(_ commit: Int64) {
        lastWritten.max(commit, ordering: .acquiringAndReleasing)
        failure.withLock { if $0 != nil { $0 = nil } }
    }

    /// What the server refused of the last write, until one succeeds: a disk that is full is not seen otherwise.
    var lastFailure: HearthError? { failure.withLock { $0 } }

    private func note(_ error: any Error) -> any Error {
        if let error = error as? HearthError, [.storeFull, .storeCorrupt, .storeNotWritable].contains(error.code) {
            failure.withLock { $0 = error }
        }
        return error
    }

    package var patience: Duration { bounds.silence }

    package func read<Result>(
        at server: StoreServer, notBefore state: StoreState?, wait: StoreWait?,
        _ body: (any StoreReader, StoreState) throws -> Result
    ) throws -> Result {
        // The primary is not always the furthest: while a write waits for its replicas one of them shows it before the primary does,
        // and a server that stood still while another one took over takes itself for the primary for a moment.
        let deadline = ContinuousClock.now + bounds.silence
        var mayBeFormer = wait?.isFirst ?? true
        while true {
            if server == .replica, hasReplicas {
                switch try readNear(notBefore: state, wait, body) {
                case .read(let result): return result
                case .behind where wait.map({ .now - $0.since < bounds.replica }) ?? false: throw behind()
                case .behind, .away: break
                }
            }
            do {
                return try readers.withTransaction({ session in
                    let present = try session.beginReading()
                    if let state, present < state {
                        if mayBeFormer, mayLookAnew() { session.connection.abandon() }
                        mayBeFormer = false
                        throw Behind()
                    }
                    return present
                }) { session, present in
                    try ended(session) { try body($0, present) }
                }
            } catch is Behind {
                guard wait == nil, ContinuousClock.now < deadline else { throw behind() }
                usleep(20_000)
            }
        }
    }

    private func behind() -> HearthError {
        HearthError(
            .storeBehind, "no server has come so far as the caller has seen", at: target.place,
            advice: "ask again; after a restore of the past see Growing.md in Sources/PostgresStore")
    }

    /// Many callers with a state that nobody has do not cost as many connections.
    private func mayLookAnew() -> Bool {
        lookedAnew.withLock { last in
            if .now - last < .milliseconds(200) { return false }
            last = .now
            return true
        }
    }

    private enum Near<Result> {
        case read(Result)
        /// None has come so far in time.
        case behind
        /// None answers.
        case away
    }

    private func readNear<Result>(
        notBefore state: StoreState?, _ wait: StoreWait?, _ body: (any StoreReader, StoreState) throws -> Result
    ) throws -> Near<Result> {
        if let away = nearAway.withLock({ $0 }), ContinuousClock.now < away { return .away }
        let deadline = ContinuousClock.now + bounds.replica
        while true {
            do {
                return .read(
                    try nearReaders.withTransaction({ session in
                        let present = try session.beginReading()
                        if let state, present < state { throw Behind() }
                        return present
                    }) { session, present in
                        do {
                            return try ended(session) { try body($0, present) }
                        } catch let error as HearthError where error.code == .storeDisconnected {
                            throw error
                        } catch {
                            throw Body(error: error)
                        }
                    })
            } catch let failed as Body {
                throw failed.error
            } catch is Behind {
                if wait != nil || ContinuousClock.now >= deadline { return .behind }
                usleep(2000)
            } catch {
                nearAway.withLock { $0 = .now + .seconds(1) }
                return .away
            }
        }
    }

    /// A server's state is an earlier one than is asked for.
    private struct Behind: Error {}
    /// What went wrong with what was asked, not with the server.
    private struct Body: Error { var error: any Error }

    package func makeSnapshotReader(at server: StoreServer) throws -> any StateReader {
        let target = server == .replica ? near : target
        return try PostgresSnapshotReader(Session(none: target), then: opening(target))
    }

    /// What makes the connections of a reader that does not wait for long.
    private func opening(_ target: Target) -> @Sendable () throws -> Session {
        { [clock, bounds] in try Session(target, clock: clock, silence: bounds.nearSilence) }
    }

    package func makeViewPipeline(
        at server: StoreServer, on run: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
    ) throws -> any ViewPipeline {
        let watch = try watch.withLock { watch in
            if let watch { return watch }
            let made = try SocketWatch()
            made.start()
            watch = made
            return made
        }
        return PostgresViewPipeline(server == .replica ? near : target, silence: bounds.nearSilence, watch: watch, on: run)
    }

    // MARK: The rest

    package func view(number: [UInt8]) async throws -> StoredView? {
        try await withCheckedThrowingContinuation { continuation in
            keyed.async { [self] in
                continuation.resume(
                    with: Swift.Result {
                        try read { store in try number.withUnsafeBytes { try store.view(number: $0) } }
                    })
            }
        }
    }

    /// Counts over all gateways, within a quarter of a second.
    package func makeRateLimiter(_ limit: RateLimit) -> any RateLimiting {
        limit.most <= 0 ? RateLimiter(limit) : SharedRateLimiter(limit, rates)
    }

    package func size() throws -> Int64 {
        try readers.withTransaction({ _ in }) { session, _ in
            let row = try session.connection.execute(
                """
                SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class
                WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
                """)
            return row.first.flatMap { $0 }.flatMap { Int64($0) } ?? 0
        }
    }

    package func makeSnapshotReader(cacheMegabytes: Int) throws -> any SnapshotReader {
        let open = opening(target)
        return try PostgresSnapshotReader(open(), then: open)
    }
}
