import Foundation
import HearthTesting
import HeatModel
import PostgresStore
import Store
import Testing

/// A replica may be ahead of its primary: of two that a write waits for, the one that has it shows it, and the primary does not yet.
@Suite(.enabled(if: PostgresServer.isInstalled)) struct AheadTests {
    @Test func aPrimaryThatIsBehindItsReplicaDoesNotAnswerWhoHasSeenMore() async throws {
        let cluster = try PostgresCluster()
        defer { cluster.stop() }
        let bounds = PostgresStore.Bounds(silence: .milliseconds(600))
        // A write that is given up for its silence is seen at the primary: this one waits longer than all that is looked at takes.
        let writer = try PostgresStore(
            conninfo: cluster.conninfo, replicas: cluster.replicas, bounds: .init(silence: .seconds(60)))
        func setStandbys(_ names: String) throws {
            try cluster.primary.execute("ALTER SYSTEM SET synchronous_standby_names = '\(names)'")
            try cluster.primary.execute("SELECT pg_reload_conf()")
        }
        func near(_ store: PostgresStore, after state: StoreState? = nil) throws -> (String?, StoreState) {
            try store.read(at: .replica, notBefore: state) { (try $0.setting("name"), $1) }
        }
        // Another gateway, whose replica is away.
        let other = try PostgresStore(conninfo: cluster.conninfo, bounds: bounds)
        try writer.write { try $0.setSetting("name", "begin") }
        // A second replica that is waited for, and is not there.
        try setStandbys("2 (*)")
        let deadline = ContinuousClock.now + .seconds(120)
        var (name, write, seen, behind) = ("", Task<Void?, Never> { nil }, try near(writer), try near(other))
        repeat {
            // Until the process that sends the log has read the setting, a write waits for one replica, and is seen at both.
            _ = await write.value
            name += "x"
            let (begun, next) = (writer.written, name)
            write = Task { await Elsewhere.run { try writer.write { try $0.setSetting("name", next) } } }
            repeat {
                try await Task.sleep(for: .milliseconds(5))
                seen = try near(writer)
            } while seen.0 != name && ContinuousClock.now < deadline
            #expect(seen.0 == name && seen.1 > begun, "the replica shows what it has")
            behind = try near(other)
        } while behind.0 == name && ContinuousClock.now < deadline
        #expect(behind.0 != name && behind.1 < seen.1, "who has seen nothing is answered")
        do {
            let answer = try near(other, after: seen.1)
            Issue.record("\(answer) is earlier than \(seen.1)")
        } catch let error as HearthError {
            #expect(error.code.name == "store.behind" && error.advice != nil, "\(error)")
        }
        #expect(try near(writer, after: seen.1).0 == name, "a replica that has it answers")

        try setStandbys("*")
        #expect(await write.value != nil)
        let after = try near(other, after: seen.1)
        #expect(after.0 == name && after.1 >= seen.1)
    }
}
