import Glibc
package import HeatModel
import Store
import StoreSQL

/// What is wrong with the servers, each asked by a connection of its own: what waits for a server must not hold up who asks for its health.
extension PostgresStore {
    package func troubles() -> [HearthError] {
        var troubles: [HearthError] = []
        var position: String?
        do {
            let primary = try askPrimary()
            troubles += primary.troubles
            position = primary.position
        } catch {
            troubles += withoutPrimary(named(error, target))
        }
        if let failed = lastFailure { troubles.append(failed) }
        guard hasReplicas else { return troubles }
        for replica in near.each {
            do { try troubles += askReplica(replica, position) } catch { troubles.append(named(error, replica)) }
        }
        return troubles
    }

    private func named(_ error: any Error, _ target: Target) -> HearthError {
        error as? HearthError
            ?? HearthError(.storeFailed, "the store's server could not be asked", at: target.place, cause: error)
    }

    /// What it means that no server takes writes, and which of several is away. Those that are read from are asked by themselves.
    private func withoutPrimary(_ error: HearthError) -> [HearthError] {
        if !error.isOfFailover { return [error] }
        var first = error
        first.message = "writes wait: \(error.message)"
        let others = hasReplicas ? Set(near.each.map(\.place)) : []
        let away = (target.isSeveral ? target.each : []).filter { !others.contains($0.place) }.compactMap { host -> HearthError? in
            do {
                _ = try Connection(host)
                return nil
            } catch {
                return named(error, host)
            }
        }
        return [first] + away
    }

    /// - Returns: what is wrong, and how far the server's log has come.
    private func askPrimary() throws -> (troubles: [HearthError], position: String?) {
        let connection = try Connection(target)
        let place = target.place
        guard let schema = try connection.execute("SELECT current_schema()").first ?? nil else {
            return ([Failure.missingRight("may use no schema of its search_path", place)], nil)
        }
        let row = try connection.execute(
            """
            SELECT pg_is_in_recovery(), current_setting('default_transaction_read_only'), to_regclass('committed') IS NULL,
                \(Self.tables(lacking: "SELECT")), \(Self.tables(lacking: "INSERT", "UPDATE", "DELETE")),
                current_setting('synchronous_standby_names') <> '', (SELECT count(*) FROM pg_stat_replication),
                CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_lsn() END
            """)
        if row[0] == "t" { return (withoutPrimary(Failure.replica(place)), nil) }
        let position = row[7]
        if row[1] == "on" { return ([Failure.readOnly(place)], position) }
        if row[2] == "t" { return ([Schema.missing(schema, place)], position) }
        if let tables = row[3] { return ([Failure.missingRight("may not read \(tables)", place)], position) }
        if let tables = row[4] { return ([Failure.missingRight("may not write \(tables)", place)], position) }
        if try Schema.isTooNew(connection) { return ([Schema.tooNew(place)], position) }
        if row[5] == "t", row[6] == "0" {
            return (
                [
                    HearthError(
                        .storeReplicationBroken, "writes wait for a replica, and none is connected to the primary",
                        at: place,
                        advice:
                            "bring a replica back (its log says why it stopped); ALTER SYSTEM RESET synchronous_standby_names only where losing the primary may cost what was acknowledged"
                    )
                ], position
            )
        }
        return ([], position)
    }

    /// The first tables of the schema of which the user lacks one of these rights, and how many more; NULL where it lacks none.
    private static func tables(lacking rights: String...) -> String {
        let lacks = rights.map { "NOT has_table_privilege(oid, '\($0)')" }.joined(separator: " OR ")
        return """
            (SELECT array_to_string((array_agg(relname ORDER BY relname))[:3], ', ')
                || CASE WHEN count(*) > 3 THEN ' and ' || count(*) - 3 || ' other tables' ELSE '' END
             FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND (\(lacks)) HAVING count(*) > 0)
            """
    }

    /// - Parameter position: how far the primary's log has come, where that is known.
    private func askReplica(_ target: Target, _ position: String?) throws -> [HearthError] {
        func trouble(_ message: String, _ advice: Advice) -> [HearthError] {
            [HearthError(.storeReplicationBroken, message, at: target.place, advice: advice)]
        }
        let connection = try Connection(target)
        let row = try connection.execute(
            "SELECT pg_is_in_recovery(), (SELECT count(*) FROM pg_stat_wal_receiver), pg_is_in_recovery() AND pg_is_wal_replay_paused()"
        )
        // One that was promoted, or the primary itself in the list, answers as well.
        if row[0] != "t" { return [] }
        if row[2] == "t" {
            return trouble("the replica holds back what it receives", "SELECT pg_wal_replay_resume() there")
        }
        if row[1] == "0" {
            return trouble(
                "the replica receives nothing from its primary",
                "look at primary_conninfo and the log of the replica; where the primary no longer has the log that it lacks, make it anew (pg_basebackup, or patronictl reinit)"
            )
        }
        if let lag = try lag(connection, position) {
            return trouble(
                "the replica is \(lag.seconds) s behind, and \(lag.megabytes) MB of the log",
                "look whether long reads hold it up (pg_stat_activity there; max_standby_streaming_delay), whether its disk keeps up, and recovery_min_apply_delay; reads that must not be old go to the primary meanwhile"
            )
        }
        return []
    }

    /// How far a replica is behind; nil where that is no cause for concern. After a pause of the writers what comes first is old for a moment:
    /// it is looked at twice.
    private func lag(_ connection: Connection, _ position: String?) throws -> (seconds: Int64, megabytes: Int64)? {
        let furthest = try connection.execute(
            "SELECT greatest(\(position.map { "'\($0)'::pg_lsn" } ?? "NULL"), pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())"
        )
        guard let goal = furthest.first ?? nil else { return nil }
        var found: (seconds: Int64, megabytes: Int64)?
        for look in 0..<2 {
            if look > 0 { usleep(250_000) }
            let row = try connection.execute(
                """
                SELECT extract(epoch FROM clock_timestamp() - coalesce(pg_last_xact_replay_timestamp(), pg_postmaster_start_time()))::bigint,
                    pg_wal_lsn_diff('\(goal)', pg_last_wal_replay_lsn())::bigint
                """
            ).map { $0.flatMap { Int64($0) } }
            guard row.count == 2, let seconds = row[0], let bytes = row[1], bytes > 0, .seconds(seconds) >= bounds.lag
            else {
                return nil
            }
            found = (seconds, bytes / 1_000_000)
        }
        return found
    }
}
