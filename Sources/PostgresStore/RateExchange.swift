import Dispatch
import HeatModel
import Store
import StoreSQL
import Synchronization

/// What gateways over one store tell each other of how often callers came. Each counts for itself, and a quarter of a second after a use
/// adds what it allowed to the store's level of the key, and takes up that level: in the long run no more is allowed over all of them than
/// over one, and for a moment at most what the others allow in a quarter of a second besides. While the server does not answer, each
/// gateway goes by what it knows.
final class RateExchange: @unchecked Sendable {
    // `connection` and `exchanges` are used on `queue` alone.
    private let queue = DispatchQueue(label: "hearth rates")
    private var connection: Connection?
    private var exchanges = 0
    private let target: Target

    static let pause = DispatchTimeInterval.milliseconds(250)
    static let pauseAfterFailure = DispatchTimeInterval.seconds(5)
    private static let mostKeys = 500

    init(_ target: Target) { self.target = target }

    func schedule(after pause: DispatchTimeInterval, _ work: @escaping @Sendable () -> Void) {
        queue.asyncAfter(deadline: .now() + pause, execute: work)
    }

    func onQueue<Result>(_ body: () throws -> Result) rethrows -> Result { try queue.sync(execute: body) }

    /// Adds what was taken of keys, and returns their levels. To be called on the queue.
    func exchange(_ taken: [String: Int64], of limit: RateLimit) throws -> [String: Int64] {
        var levels: [String: Int64] = [:]
        let keys = taken.keys.sorted()
        for start in stride(from: 0, to: keys.count, by: Self.mostKeys) {
            let chunk = keys[start..<min(start + Self.mostKeys, keys.count)]
            let (number, added) = (ListParameter.texts(chunk), ListParameter.numbers(chunk.map { taken[$0] ?? 0 }))
            do {
                let connection = try connection ?? Connection(target)
                self.connection = connection
                let put = connection.statement(Self.put)
                put.bind(1, limit.name).bind(2, number).bind(3, added)
                put.bind(4, Int64(limit.most))
                while try put.step() { levels[put.text(0)] = put.int(1) }
                exchanges += 1
                if exchanges % 2400 == 1 { try connection.execute(Self.forget) }
            } catch {
                // Another connection the next time.
                connection = nil
                throw error
            }
        }
        return levels
    }

    /// Keys are kept as their digests: they name callers and addresses. One statement is one transaction; it takes no writer's turn.
    private static let put = """
        WITH given AS (
            SELECT sha256(convert_to(?1 || ' ' || u.k, 'UTF8')) AS key, u.k AS name, u.a AS added,
                (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now FROM unnest(?2, ?3) AS u(k, a)),
        put AS (
            INSERT INTO rate AS r(key, level, at_us) SELECT key, added, now FROM given ORDER BY key
            ON CONFLICT (key) DO UPDATE SET at_us = greatest(r.at_us, EXCLUDED.at_us), level = EXCLUDED.level
                + greatest(0, r.level - least(greatest(EXCLUDED.at_us - r.at_us, 0), r.level / ?4 / 1000 + 1) * 1000 * ?4)
            RETURNING key, level)
        SELECT given.name, put.level FROM put JOIN given ON given.key = put.key
        """

    private static let forget =
        "DELETE FROM rate WHERE at_us < (extract(epoch FROM clock_timestamp()) * 1000000)::bigint - 7200000000"
}

/// A limit over all gateways of a store.
final class SharedRateLimiter: RateLimiting {
    private struct State {
        /// What was allowed and not told yet, by key.
        var untold: [String: Int64] = [:]
        var isScheduled = false
    }

    private let limit: RateLimit
    private let own: RateLimiter
    private let rates: RateExchange
    private let state = Mutex(State())

    init(_ limit: RateLimit, _ rates: RateExchange) {
        self.limit = limit
        self.rates = rates
        own = RateLimiter(limit)
    }

    func take(_ key: String, now: UInt64) -> Int? {
        let (wait, isFirst) = state.withLock { state -> (Int?, Bool) in
            if let wait = own.take(key, now: now) { return (wait, false) }
            state.untold[key, default: 0] += limit.use
            defer { state.isScheduled = true }
            return (nil, !state.isScheduled)
        }
        if isFirst { schedule(after: RateExchange.pause) }
        return wait
    }

    private func schedule(after pause: DispatchTimeInterval) {
        rates.schedule(after: pause) { [weak self] in self?.exchange() }
    }

    /// Tells what is untold, and takes up what others have told, now.
    func exchangeNow() { rates.onQueue { exchange() } }

    private func exchange() {
        let told = state.withLock { state in
            state.isScheduled = false
            defer { state.untold = [:] }
            return state.untold
        }
        if told.isEmpty { return }
        do {
            let levels = try rates.exchange(told, of: limit)
            state.withLock { state in
                for (key, level) in levels { own.learn(key, level: level + (state.untold[key] ?? 0)) }
            }
        } catch {
            // Nothing was told: it is told with what comes next.
            let isFirst = state.withLock { state in
                state.untold.merge(told) { $0 + $1 }
                defer { state.isScheduled = true }
                return !state.isScheduled
            }
            if isFirst { schedule(after: RateExchange.pauseAfterFailure) }
        }
    }
}
