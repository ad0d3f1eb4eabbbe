import Foundation
import Glibc
import HeatModel
import Synchronization

/// A primary and a replica that follows it, each of which may fail: a commit is acknowledged once both have it.
///
/// The two stand at two places that keep their names, whichever server is there.
package final class PostgresCluster: Sendable {
    private let folder: String
    private let database: String
    private struct Servers {
        var at: [PostgresServer]
        var primary = 0
    }
    private let servers: Mutex<Servers>

    private static let settings = ["synchronous_commit = on", "synchronous_standby_names = '*'", "wal_keep_size = 256MB"]

    package init(database: String = "kept") throws {
        folder = "/tmp/hearthpair-\(UUID().uuidString.prefix(8))"
        self.database = database
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let primary = try PostgresServer(settings: Self.settings)
        // No replica is there yet that it could wait for.
        try PostgresSession(dsn: primary.dsn + " options='-c synchronous_commit=local'").execute(
            "CREATE DATABASE \(database)")
        let replica = try PostgresServer(standbyOf: primary)
        servers = Mutex(Servers(at: [primary, replica]))
        try place(primary, at: 0)
        try place(replica, at: 1)
    }

    deinit { stop() }

    package func stop() {
        servers.withLock { servers in
            for server in servers.at { server.stop() }
        }
        try? FileManager.default.removeItem(atPath: folder)
    }

    package var primary: PostgresServer { servers.withLock { $0.at[$0.primary] } }
    package var replica: PostgresServer { servers.withLock { $0.at[1 - $0.primary] } }

    private var address: String { "host=\(folder)/0,\(folder)/1 port=5432 dbname=\(database) user=postgres" }
    /// Of the one that takes writes.
    package var conninfo: String { address }
    /// Of the one that follows, where there is one.
    package var replicas: String { address + " target_session_attrs=prefer-standby" }

    private func place(_ server: PostgresServer, at number: Int) throws {
        let path = "\(folder)/\(number)"
        unlink(path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: server.socketDirectory)
    }

    /// Has the replica take over. The one that was the primary must be dead or stand still; it does not come back.
    package func promote() throws {
        try replica.execute("SELECT pg_promote(true, 60)")
        servers.withLock { $0.primary = 1 - $0.primary }
    }

    /// Makes a new replica in the place of the one that failed.
    package func replaceReplica() throws {
        let (failed, number) = servers.withLock { ($0.at[1 - $0.primary], 1 - $0.primary) }
        try failed.kill()
        failed.stop()
        let made = try PostgresServer(standbyOf: primary)
        servers.withLock { $0.at[number] = made }
        try place(made, at: number)
    }
}
