import HearthTesting
import PostgresStore
import TestTraits
import Testing

/// What of the tables could be distributed by account, as Citus would: every unique index of such a table must have the account among its
/// columns. `Growing.md` says what follows.
@Suite(.waitsForServers, .enabled(if: PostgresServer.isInstalled)) struct DistributionTests {
    @Test func theTablesThatCanBeDistributedByAccountAreThese() throws {
        let database = try PostgresServer.shared().createDatabase()
        _ = try PostgresStore(conninfo: database.dsn)
        let rows = try database.execute(
            """
            SELECT t.relname, bool_and(a.attnum = ANY (i.indkey)), bool_and(a.attnum = i.indkey[0]), bool_or(a.attnotnull)
            FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname IN ('account_id', 'account')
            JOIN pg_index i ON i.indrelid = t.oid AND i.indisunique
            WHERE t.relnamespace = 'public'::regnamespace AND t.relkind = 'r' GROUP BY 1 ORDER BY 1
            """)
        let can = rows.filter { $0[1] == "t" && $0[3] == "t" }.compactMap { $0[0] }
        let cannot = rows.filter { $0[1] != "t" || $0[3] != "t" }.compactMap { $0[0] }
        #expect(
            can == [
                "account_event_memory", "account_view", "attachment_use", "cohort_member", "follow_up", "open_order",
                "touched_account",
            ])
        #expect(
            cannot == [
                "action", "conversation", "crosswalk", "customer_account", "event", "kept_answer", "notice", "place",
                "record",
                "record_history",
            ])
    }
}
