import Foundation
import Glibc
import HeatModel
package import Store
package import StoreSQL
import Synchronization

/// The store of several machines: a PostgreSQL database, its primary.
///
/// One writer at a time, over all machines: a transaction that writes holds an advisory lock of the database to its end. Readers keep their
/// snapshot and never wait.
package final class PostgresStore: Store {
    private let target: Target
    private let clock: StoreClock?
    private let readers: Pool
    /// One connection writes: a second writer of this process would only wait at the server.
    private let writers: Pool
    private let rates: RateExchange
    private let keyed = DispatchQueue(label: "hearth store", attributes: .concurrent)

    /// Opens the store, making and migrating its tables as needed.
    ///
    /// - Parameters:
    ///   - conninfo: libpq's connection settings or address.
    ///   - mustExist: whether a schema that holds no store is refused instead of filled.
    ///   - clock: the present in microseconds since 1970; nil is the server's clock, which all machines share.
    /// - Throws: `store.unreachable`, `store.unauthorized`, `store.serverTooOld`, `store.replica`, `store.readOnly`,
    ///   `store.notWritable`, `store.wrongEncoding`, `store.missing`, `store.corrupt` where the schema does not say its version,
    ///   `store.foreign` where it holds another program's tables, or `store.tooNew` where a later version of Hearth has written it
    ///   (all left untouched).
    package init(conninfo: String, mustExist: Bool = false, clock: StoreClock? = nil) throws {
        let target = try Target(conninfo)
        self.target = target
        self.clock = clock
        let open: @Sendable () throws -> Session = { try Session(target, clock: clock) }
        readers = Pool(most: 8, open)
        writers = Pool(most: 1, open)
        rates = RateExchange(target)
        try writers.withTransaction({ _ in }) { session, _ in
            do { try Schema.migrate(session.connection, mustExist: mustExist) } catch {
                session.takeBack()
                throw error
            }
        }
    }

    // MARK: Transactions

    package func write<Result>(_ body: (any StoreWriter) throws -> Result) throws -> Result {
        try writing { try body($0) }
    }

    func writing<Result>(_ body: (Session) throws -> Result) throws -> Result {
        try writers.withTransaction({ try $0.beginWriting() }) { session, number in
            let result: Result
            do {
                result = try body(session)
            } catch {
                session.takeBack()
                throw located(error)
            }
            do {
                try session.commit()
            } catch {
                session.takeBack()
                if !session.connection.isBroken { throw located(error) }
                try settle(number, error)
            }
            return result
        }
    }

    package func read<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result {
        try reading { try body($0) }
    }

    func reading<Result>(_ body: (Session) throws -> Result) throws -> Result {
        try readers.withTransaction({ try $0.beginReading() }) { session, _ in
            do {
                let result = try body(session)
                try session.commit()
                return result
            } catch {
                session.takeBack()
                throw located(error)
            }
        }
    }

    /// Finds out what became of a transaction whose connection was lost while it was being committed.
    ///
    /// - Throws: `store.disconnected` where nothing of it is there, `store.commitUnknown` where nobody can say.
    private func settle(_ number: String, _ error: any Error) throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            let state = try? Session(target, clock: nil).connection.execute("SELECT pg_xact_status('\(number)'::xid8)")
                .first
            switch state ?? nil {
            case "committed": return
            case "aborted": throw located(error)
            default: usleep(200_000)
            }
        }
        throw HearthError(
            .storeCommitUnknown, "the connection was lost during a commit: whether it is there is not known",
            at: target.place,
            advice: "run it again once the store's server answers: what is there already changes nothing", cause: error)
    }

    /// An error of a transaction, with the store's server for its place.
    private func located(_ error: any Error) -> any Error {
        guard var error = error as? HearthError, error.code.area == "store", error.place == .address("store") else {
            return error
        }
        error.place = target.place
        return error
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
        PostgresSnapshotReader(try Session(target, clock: clock))
    }
}
