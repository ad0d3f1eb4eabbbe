import Answers
import Foundation
import HearthTesting
import HeatModel
import PostgresStore
import Store
import StoreCopy
import Testing

@testable import Gateway

/// A gateway whose store lies on a primary and a replica that falls behind, and that is all that is left.
@Suite(.enabled(if: PostgresServer.isInstalled)) struct ReplicaTests {
    private func state(_ response: RawClient.Response) throws -> StoreState {
        let text = try #require(response.fields["hearth-state"], "\(response.text)")
        return try #require(StoreState(text))
    }

    private func open(
        _ client: RawClient, _ token: String, key: String = UUID().uuidString
    ) async throws -> RawClient.Response {
        try await client.post(
            "/v1/conversations", "{\"channel\":\"wechat\"}", token: token, fields: ["Idempotency-Key": "\"\(key)\""])
    }

    private func troubles(_ client: RawClient) async throws -> (status: Int, word: String?, codes: [String]) {
        let ready = try await client.get("/readyz")
        let store = ready.json["store"] as? [[String: Any]] ?? []
        #expect(
            store.allSatisfy { ($0["advice"] as? String)?.isEmpty == false && $0["server"] is String }, "\(ready.text)")
        return (ready.status, ready.json["status"] as? String, store.compactMap { $0["code"] as? String })
    }

    @Test func noAnswerRestsOnAnEarlierState() async throws {
        let cluster = try PostgresCluster()
        defer { cluster.stop() }
        try await GatewaySite.with { site in
            let store = try PostgresStore(
                conninfo: cluster.conninfo, replicas: cluster.replicas,
                bounds: .init(failover: .seconds(2), silence: .seconds(1)))
            _ = try StoreCopy(from: site.store, to: store).run()
            let gateway = try await InProcessGateway(site.configuration, store: store)
            do {
                try await ask(RawClient(.inProcess(gateway)), cluster, site)
            } catch {
                _ = try await gateway.stop()
                throw error
            }
            _ = try await gateway.stop()
        }
    }

    /// A request that comes again reaches a gateway which has written nothing yet.
    @Test func whatAnotherGatewayWroteIsToldWithItsState() async throws {
        let database = try PostgresServer.shared().createDatabase()
        try await GatewaySite.with { site in
            let store = try PostgresStore(conninfo: database.dsn)
            _ = try StoreCopy(from: site.store, to: store).run()
            let token = try site.token(.assistant)
            // Each is gone before the next comes: they keep one log.
            func openAtANewGateway() async throws -> RawClient.Response {
                let gateway = try await InProcessGateway(
                    site.configuration, store: PostgresStore(conninfo: database.dsn))
                let answer = try await open(RawClient(.inProcess(gateway)), token, key: "once")
                _ = try await gateway.stop()
                return answer
            }
            let (first, again) = (try await openAtANewGateway(), try await openAtANewGateway())
            #expect(first.status == again.status && again.fields["idempotent-replayed"] == "true", "\(again.text)")
            #expect(try state(again) >= state(first), "\(again.fields)")
        }
    }

    private func ask(_ client: RawClient, _ cluster: PostgresCluster, _ site: GatewaySite) async throws {
        let token = try site.token(.assistant)
        let (account, slow) = ("/v1/accounts/\(site.number)", "/v1/accounts/\(site.number)/history")
        func get(_ path: String, after state: StoreState? = nil) async throws -> RawClient.Response {
            try await client.get(path, token: token, fields: state.map { ["Hearth-State": "\($0)"] } ?? [:])
        }
        let first = try await open(client, token)
        let begun = try state(first)
        for path in [account, slow] {
            let answer = try await get(path, after: begun)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(try state(answer) >= begun && state(answer).run != nil)
        }
        for bad in ["", "commit", "commit=-1", "run=3", "commit=1, commit=2"] {
            let refused = try await client.get(account, token: token, fields: ["Hearth-State": bad])
            #expect(refused.status == 400 && refused.json["parameter"] as? String == "Hearth-State", "\(bad)")
        }
        #expect(try await troubles(client) == (200, "ready", []))

        // The replica holds back what it receives.
        try cluster.replica.execute("SELECT pg_wal_replay_pause()")
        let opened = try await open(client, token)
        let written = try state(opened)
        #expect(written > begun)
        for path in [account, slow] {
            let behind = try await get(path)
            #expect(
                try behind.status == 200 && state(behind) < written,
                "a replica that is behind answers who does not mind")
            let primary = try await get(path, after: written)
            #expect(try primary.status == 200 && state(primary) >= written, "the primary answers who does")
        }
        let path = try #require(opened.fields["location"])
        #expect(try await get(path).status == 200, "what was said is asked of the primary")
        #expect(try await troubles(client) == (200, "degraded", ["store.replicationBroken"]))

        // Nobody has what the caller has seen, and nobody says so.
        try cluster.primary.kill()
        for path in [account, slow] {
            #expect(try await get(path, after: written).problem == "store-unavailable")
            let behind = try await get(path)
            #expect(try behind.status == 200 && state(behind) < written)
        }
        #expect(try await open(client, token).status == 503)
        let alone = try await troubles(client)
        #expect(alone.status == 200 && alone.word == "degraded", "\(alone)")
        #expect(
            Set(alone.codes).isSuperset(of: ["store.replica", "store.replicationBroken", "store.unreachable"]),
            "\(alone)")

        // It takes over: what was acknowledged is there.
        try cluster.replica.execute("SELECT pg_wal_replay_resume()")
        try cluster.promote()
        try cluster.replaceReplica()
        for path in [account, slow, path] {
            var answer = try await get(path, after: written)
            for _ in 0..<200 where answer.status == 503 {
                try await Task.sleep(for: .milliseconds(50))
                answer = try await get(path, after: written)
            }
            #expect(try answer.status == 200 && state(answer) >= written, "\(path) \(answer.text)")
        }
        let last = try await open(client, token)
        #expect(try last.status == 200 && state(last) > written, "\(last.text)")
    }
}
