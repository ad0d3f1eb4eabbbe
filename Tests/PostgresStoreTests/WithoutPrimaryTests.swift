import HearthTesting
import HeatModel
import PostgresStore
import Store
import TestTraits
import Testing

/// A primary and a replica of which one is behind, or away: what is wrong is named, and a store may be opened where only reads are possible.
@Suite(.waitsForServers, .enabled(if: PostgresServer.isInstalled)) struct WithoutPrimaryTests {
    /// What is wrong, once it is what is waited for.
    ///
    /// - Parameter meanwhile: done before each look but the first.
    private func troubles(
        of store: PostgresStore, meanwhile: () throws -> Void = {}, until isReached: ([HearthError]) -> Bool
    ) async throws -> [HearthError] {
        var troubles = store.troubles()
        for _ in 0..<600 where !isReached(troubles) {
            try await Task.sleep(for: .milliseconds(50))
            try meanwhile()
            troubles = store.troubles()
        }
        #expect(isReached(troubles), "\(troubles)")
        #expect(troubles.allSatisfy { $0.advice != nil && $0.place != nil }, "\(troubles)")
        return troubles
    }

    private func set(_ setting: String, _ server: PostgresServer) throws {
        try server.execute("ALTER SYSTEM SET \(setting)")
        try server.execute("SELECT pg_reload_conf()")
    }

    @Test func aReplicaThatIsBehindOrCutOffIsNamed() async throws {
        let cluster = try PostgresCluster()
        defer { cluster.stop() }
        let store = try PostgresStore(
            conninfo: cluster.conninfo, replicas: cluster.replicas,
            bounds: .init(replica: .milliseconds(20), lag: .zero))
        try store.write { try $0.setSetting("name", "early") }
        _ = try await troubles(of: store) { $0.isEmpty }

        try set("recovery_min_apply_delay = '1h'", cluster.replica)
        // What is written before the process that applies has read the setting is applied at once.
        let behind = try await troubles(
            of: store, meanwhile: { try store.write { try $0.setSetting("name", "early") } }
        ) {
            !$0.isEmpty
        }
        try store.write { try $0.setSetting("name", "late") }
        #expect(behind.map(\.code.name) == ["store.replicationBroken"], "\(behind)")
        #expect(
            behind.first?.message.contains("s behind") == true
                && behind.first?.advice?.contains("recovery_min_apply_delay") == true)
        #expect(try store.read(at: .replica, notBefore: nil) { reader, _ in try reader.setting("name") } == "early")
        #expect(
            try store.read(at: .replica, notBefore: store.written) { reader, _ in try reader.setting("name") } == "late"
        )
        try set("recovery_min_apply_delay = 0", cluster.replica)
        _ = try await troubles(of: store) { $0.isEmpty }

        try set("primary_conninfo = ''", cluster.replica)
        let cut = try await troubles(of: store) { $0.count == 2 }
        #expect(cut.allSatisfy { $0.code.name == "store.replicationBroken" }, "\(cut)")
        #expect(
            cut.map(\.message) == [
                "writes wait for a replica, and none is connected to the primary",
                "the replica receives nothing from its primary",
            ])
    }

    @Test func withoutAPrimaryItIsOpenedToBeRead() async throws {
        let cluster = try PostgresCluster()
        defer { cluster.stop() }
        func open(_ schema: String = "public", alone: Bool = true) throws -> PostgresStore {
            let path = " options='-c search_path=\(schema)'"
            return try PostgresStore(
                conninfo: cluster.conninfo + path, replicas: cluster.replicas + path, mustExist: true,
                mayReadAlone: alone,
                bounds: .init(failover: .milliseconds(200)))
        }
        try PostgresStore(conninfo: cluster.conninfo).write { try $0.setSetting("name", "value") }
        for (schema, version) in [("later", 99), ("earlier", 1)] {
            try cluster.primary.execute(
                "CREATE SCHEMA \(schema); CREATE TABLE \(schema).hearth_schema AS SELECT \(version)::bigint AS version",
                database: "kept")
        }
        try cluster.primary.execute("CREATE SCHEMA bare", database: "kept")
        #expect(try open().hasFoundPrimary)
        let last = "SELECT 1 FROM pg_namespace WHERE nspname = 'bare'"
        while try cluster.replica.execute(last, database: "kept").isEmpty {
            try await Task.sleep(for: .milliseconds(10))
        }
        try cluster.primary.kill()

        let store = try open()
        #expect(!store.hasFoundPrimary)
        #expect(try store.read(at: .replica, notBefore: nil) { reader, _ in try reader.setting("name") } == "value")
        #expect(try store.readOfAny { try $0.setting("name") } == "value")
        #expect(refusal { try store.write { try $0.setSetting("name", "other") } }?.isOfFailover == true)
        #expect(refusal { try store.findPrimary() }?.isOfFailover == true)
        let missing = store.troubles()
        #expect(missing.first?.message.hasPrefix("writes wait: ") == true, "\(missing)")
        #expect(
            missing.contains { $0.code.name == "store.unreachable" && $0.place != missing.first?.place }, "\(missing)")
        // Who must write is refused, and so is who cannot read what is there.
        #expect(refusal { _ = try open(alone: false) }?.isOfFailover == true)
        #expect(refusal { _ = try open("later") }?.code.name == "store.tooNew")
        for schema in ["earlier", "bare"] {
            #expect(refusal { _ = try open(schema) }?.isOfFailover == true, "\(schema)")
        }

        try cluster.promote()
        try cluster.replaceReplica()
        try store.findPrimary()
        #expect(store.hasFoundPrimary)
        try store.write { try $0.setSetting("name", "after") }
        #expect(try store.read { try $0.setting("name") } == "after")
        #expect(refusal { _ = try open("bare") }?.code.name == "store.missing")
    }

    /// A replica alone is no primary; it is read where that will do, and told apart.
    @Test func aReplicaGivenAsThePrimaryIsNamed() throws {
        let primary = try PostgresServer()
        defer { primary.stop() }
        try primary.execute("CREATE DATABASE kept")
        let former = try PostgresStore(conninfo: primary.dsn(database: "kept"))
        try former.write { try $0.setSetting("name", "value") }
        let replica = try PostgresServer(standbyOf: primary)
        defer { replica.stop() }
        let conninfo = replica.dsn(database: "kept")
        #expect(refusal { _ = try PostgresStore(conninfo: conninfo) }?.code.name == "store.replica")
        let store = try PostgresStore(conninfo: conninfo, mayReadAlone: true, bounds: .init(failover: .zero))
        #expect(try store.read { try $0.setting("name") } == "value")
        let error = try #require(refusal { try store.write { try $0.setSetting("name", "other") } })
        #expect(error.code.name == "store.replica" && error.advice?.contains("name the primary") == true, "\(error)")
        let troubles = store.troubles()
        #expect(
            troubles.map(\.code.name) == ["store.replica"]
                && troubles.first?.message.hasPrefix("writes wait: ") == true, "\(troubles)")
        primary.stop()
        #expect(refusal { _ = try former.read { try $0.setting("name") } }?.isOfFailover == true)
    }
}
