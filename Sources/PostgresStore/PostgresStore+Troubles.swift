package import HeatModel
import Store
import StoreSQL

/// What is wrong with the servers, each asked by a connection of its own: what waits for a server must not hold up who asks for its health.
extension PostgresStore {
    package func troubles() -> [HearthError] {
        var troubles: [HearthError] = []
        do { try troubles += askPrimary() } catch { troubles.append(named(error, target)) }
        if let failed = lastFailure { troubles.append(failed) }
        guard hasReplicas else { return troubles }
        for replica in near.each {
            do { try troubles += askReplica(replica) } catch { troubles.append(named(error, replica)) }
        }
        return troubles
    }

    private func named(_ error: any Error, _ target: Target) -> HearthError {
        error as? HearthError
            ?? HearthError(.storeFailed, "the store's server could not be asked", at: target.place, cause: error)
    }

    private func askPrimary() throws -> [HearthError] {
        let connection = try Connection(target)
        let row = try connection.execute(
            """
            SELECT pg_is_in_recovery(), current_setting('default_transaction_read_only'),
                has_table_privilege(current_user, 'committed', 'UPDATE'),
                current_setting('synchronous_standby_names') <> '', (SELECT count(*) FROM pg_stat_replication)
            """)
        if row[0] == "t" { return [Failure.replica(target.place)] }
        if row[1] == "on" { return [Failure.readOnly(target.place)] }
        if row[2] != "t" { return [Failure.missingRight(target.place)] }
        if row[3] == "t", row[4] == "0" {
            return [
                HearthError(
                    .storeReplicationBroken, "writes wait for a replica, and none is connected to the primary",
                    at: target.place,
                    advice:
                        "bring a replica back (its log says why it stopped); ALTER SYSTEM RESET synchronous_standby_names only where losing the primary may cost what was acknowledged"
                )
            ]
        }
        return []
    }

    private func askReplica(_ target: Target) throws -> [HearthError] {
        let connection = try Connection(target)
        let row = try connection.execute(
            "SELECT pg_is_in_recovery(), (SELECT count(*) FROM pg_stat_wal_receiver), pg_is_in_recovery() AND pg_is_wal_replay_paused()"
        )
        // One that was promoted, or the primary itself in the list, answers as well.
        if row[0] != "t" { return [] }
        if row[2] == "t" {
            return [
                HearthError(
                    .storeReplicationBroken, "the replica holds back what it receives", at: target.place,
                    advice: "SELECT pg_wal_replay_resume() there")
            ]
        }
        if row[1] == "0" {
            return [
                HearthError(
                    .storeReplicationBroken, "the replica receives nothing from its primary", at: target.place,
                    advice:
                        "look at primary_conninfo and the log of the replica; where the primary no longer has the log that it lacks, make it anew (pg_basebackup, or patronictl reinit)"
                )
            ]
        }
        return []
    }
}
