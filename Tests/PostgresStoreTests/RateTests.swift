import Foundation
import HearthTesting
import HeatModel
import Store
import TestTraits
import Testing

@testable import PostgresStore

/// Rate limits count over all gateways of a store.
@Suite(.waitsForServers, .enabled(if: PostgresServer.isInstalled)) struct RateTests {
    private static let second: UInt64 = 1_000_000_000
    private static let limit = RateLimit("request", most: 1, seconds: 3600, burst: 3)

    private func gateway(_ database: PostgresDatabase, _ limit: RateLimit = limit) throws -> SharedRateLimiter {
        let store = try PostgresStore(conninfo: database.dsn)
        return try #require(store.makeRateLimiter(limit) as? SharedRateLimiter)
    }

    @Test func whatOneAllowedAnotherRefuses() throws {
        let database = try PostgresServer.shared().createDatabase()
        let (one, other) = (try gateway(database), try gateway(database))
        for _ in 0..<3 { #expect(one.take("a", now: Self.second) == nil) }
        #expect(one.take("a", now: Self.second) != nil)
        one.exchangeNow()
        // The other knows of it once it told of its own.
        #expect(other.take("a", now: 77) == nil)
        other.exchangeNow()
        let wait = try #require(other.take("a", now: 77))
        #expect(wait > 3600 && wait <= 7200, "one too many was taken: \(wait)")
        #expect(other.take("b", now: 77) == nil)
        // What was too much is waited for by all of them.
        #expect(other.take("a", now: 77 + UInt64(wait) * Self.second) == nil)
        let another = try gateway(database, RateLimit("chat", most: 1, seconds: 3600, burst: 3))
        #expect(another.take("a", now: 5) == nil)
        another.exchangeNow()
        #expect(another.take("a", now: 5) == nil, "limits of another name count apart")
        other.exchangeNow()
        let kept = try database.execute("SELECT count(*), max(octet_length(key)) FROM rate")
        #expect(kept == [["3", "32"]], "names of callers are not kept")
    }

    /// Of many gateways that come one after the other no more is allowed than one would allow, but what each lets in before it has heard.
    @Test func manyGatewaysAllowWhatOneWould() throws {
        let database = try PostgresServer.shared().createDatabase()
        let gateways = try (0..<4).map { _ in try gateway(database, RateLimit("r", most: 1, seconds: 3600, burst: 20)) }
        var allowed = 0
        for _ in 0..<40 {
            for gateway in gateways where gateway.take("a", now: Self.second) == nil {
                allowed += 1
                gateway.exchangeNow()
            }
        }
        #expect((20..<20 + gateways.count).contains(allowed), "\(allowed)")
    }

    @Test func itIsToldByItself() async throws {
        let database = try PostgresServer.shared().createDatabase()
        let one = try gateway(database)
        #expect(one.take("a", now: Self.second) == nil)
        let deadline = ContinuousClock.now + .seconds(300)
        while try database.execute("SELECT count(*) FROM rate") != [["1"]] {
            try #require(ContinuousClock.now < deadline, "nothing was told")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// While the server does not answer each gateway goes by what it knows; what it could not tell it tells later.
    @Test func aServerThatIsAwayForAWhileLearnsAll() throws {
        let database = try PostgresServer.shared().createDatabase()
        let one = try gateway(database)
        #expect(one.take("a", now: Self.second) == nil)
        one.exchangeNow()
        try PostgresServer.shared().execute("ALTER DATABASE \(database.name) ALLOW_CONNECTIONS false")
        try PostgresServer.shared().execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(database.name)'")
        #expect(one.take("a", now: Self.second) == nil)
        one.exchangeNow()
        one.exchangeNow()
        #expect(one.take("a", now: Self.second) == nil)
        #expect(one.take("a", now: Self.second) != nil)
        try PostgresServer.shared().execute("ALTER DATABASE \(database.name) ALLOW_CONNECTIONS true")
        one.exchangeNow()
        let other = try gateway(database)
        #expect(other.take("a", now: 1) == nil)
        other.exchangeNow()
        #expect(other.take("a", now: 1) != nil)
    }
}
