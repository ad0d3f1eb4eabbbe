import HeatModel

/// Transactions of others that could still commit rows which are older than what a pull sees.
///
/// A row gets its time or number when it is written and becomes visible when it is committed. What was written before a certain
/// moment is visible for certain once every transaction that was open at that moment has ended.
struct PostgresTransactions {
    let connection: PostgresConnection
    let stream: SQLStream
    let isStandby: Bool

    /// Waits until every transaction that is open now has ended. False where one has not ended in time.
    func settle(within time: Duration) throws -> Bool {
        let deadline = ContinuousClock.now + time
        // A standby knows of the primary's transactions as far as they have written.
        let first = isStandby ? try horizon() : nil
        var open = isStandby ? [] : try self.open()
        while true {
            if let first {
                if try horizon().oldest >= first.next { return true }
            } else if open.isEmpty {
                return true
            }
            if ContinuousClock.now >= deadline { return false }
            try connection.pause(milliseconds: 20)
            if !isStandby { open.formIntersection(try self.open()) }
        }
    }

    /// Virtual transactions of this database; everybody may see these. Our own sessions cannot write.
    private func open() throws -> Set<String> {
        let found = try connection.run(
            """
            SELECT l.virtualtransaction FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'virtualxid' AND l.granted AND l.mode = 'ExclusiveLock' AND a.datname = current_database()
              AND a.pid <> pg_backend_pid() AND a.application_name <> 'hearth'
              AND coalesce(to_jsonb(a)->>'backend_type', '') <> 'autovacuum worker'
            UNION SELECT 'prepared ' || transaction::text FROM pg_prepared_xacts WHERE database = current_database()
            """, stream: stream)
        return Set((0..<found.rowCount).compactMap { found.text($0, 0) })
    }

    private func horizon() throws -> (oldest: Int64, next: Int64) {
        let found = try connection.run(
            "SELECT txid_snapshot_xmin(s), txid_snapshot_xmax(s) FROM txid_current_snapshot() AS s", stream: stream)
        return (found.text(0, 0).flatMap { Int64($0) } ?? 0, found.text(0, 1).flatMap { Int64($0) } ?? 0)
    }
}
