import GRDB
import StoreSQL

/// The tables, as a list of steps. A step that has been released is never edited: a change is a new step.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 records, runs, quarantine, views") { db in
            try db.execute(sql: first)
        }
        migrator.registerMigration("2 touches told apart") { db in
            try db.execute(sql: "ALTER TABLE touched_account ADD COLUMN touch INTEGER NOT NULL DEFAULT 0")
        }
        migrator.registerMigration("3 cohorts") { db in try db.execute(sql: cohorts) }
        migrator.registerMigration("4 when runs ended, and views were settled") { db in
            try db.execute(sql: "ALTER TABLE run ADD COLUMN ended_us INTEGER")
            try db.execute(sql: "CREATE INDEX run_ended ON run(ended_us)")
            try db.execute(sql: "ALTER TABLE account_view ADD COLUMN settled_us INTEGER")
            try RunEnds.fill(db)
        }
        migrator.registerMigration("5 access tokens") { db in
            try db.execute(sql: accessTokens)
        }
        migrator.registerMigration("6 records that reconciliation asks for") { db in
            try db.execute(
                sql: """
                    CREATE INDEX record_placed ON record(stream_id, key) WHERE rule = 3;
                    CREATE INDEX record_left_out ON record(stream_id, key) WHERE (voided = 1 OR account_id IS NULL);
                    """)
        }
        migrator.registerMigration("7 batches of runs, and the chain") { db in
            try db.execute(
                sql: """
                    ALTER TABLE run ADD COLUMN batches INTEGER NOT NULL DEFAULT 0;
                    ALTER TABLE run ADD COLUMN chain_seq INTEGER;
                    CREATE INDEX run_unchained ON run(id) WHERE chain_seq IS NULL;
                    CREATE TABLE chain(seq INTEGER PRIMARY KEY, line TEXT NOT NULL);
                    """)
        }
        migrator.registerMigration("8 runs of an account's records") { db in
            try db.execute(
                sql: """
                    DROP INDEX record_account;
                    CREATE INDEX record_account ON record(account_id, stream_id, key, run_id) WHERE account_id IS NOT NULL;
                    """)
        }
        migrator.registerMigration("9 runs beside the view that is made of them") { db in
            // In the index they made each change of a record dirty a page more.
            try db.execute(
                sql: """
                    DROP INDEX record_account;
                    CREATE INDEX record_account ON record(account_id, stream_id, key) WHERE account_id IS NOT NULL;
                    ALTER TABLE account_view ADD COLUMN runs BLOB;
                    """)
        }
        migrator.registerMigration("10 what a pull said when it had ended") { db in
            try db.execute(
                sql: """
                    ALTER TABLE run ADD COLUMN proof TEXT;
                    ALTER TABLE run ADD COLUMN proof_detail TEXT;
                    ALTER TABLE run ADD COLUMN row_limit INTEGER;
                    ALTER TABLE run ADD COLUMN notices TEXT;
                    ALTER TABLE run ADD COLUMN notices_left_out INTEGER;
                    ALTER TABLE run ADD COLUMN newest_data TEXT;
                    CREATE INDEX run_newest_data ON run(stream_id, id) WHERE newest_data IS NOT NULL;
                    """)
        }
        migrator.registerMigration("11 places and other systems' ids by the record that states them") { db in
            try splitStatements(db)
        }
        migrator.registerMigration("12 quarantined rows told apart by where they stand") { db in
            try db.execute(
                sql: """
                    ALTER TABLE quarantine ADD COLUMN position BLOB NOT NULL DEFAULT x'';
                    DROP INDEX quarantine_raw;
                    CREATE UNIQUE INDEX quarantine_raw ON quarantine(stream_id, raw, position);
                    """)
        }
        migrator.registerMigration("13 leases that expire, the change feed, failed attempts") { db in
            // A lease of before has no expiry: it holds as long as its process lives.
            try db.execute(
                sql: """
                    ALTER TABLE stream ADD COLUMN fence INTEGER NOT NULL DEFAULT 0;
                    ALTER TABLE lease ADD COLUMN fence INTEGER NOT NULL DEFAULT 0;
                    ALTER TABLE lease ADD COLUMN expires_us INTEGER;
                    CREATE TABLE change_batch(
                        first INTEGER PRIMARY KEY, count INTEGER NOT NULL, run_id INTEGER, entity TEXT, low INTEGER NOT NULL,
                        high INTEGER NOT NULL, body BLOB NOT NULL);
                    CREATE TABLE attempt(key TEXT PRIMARY KEY, drained_us INTEGER NOT NULL) WITHOUT ROWID;
                    CREATE INDEX attempt_drained ON attempt(drained_us);
                    """)
        }
        migrator.registerMigration("14 records and views are packed") { db in try pack(db) }
        // The tables stay as they are: a version that does not know these dictionaries says that the store is too new for it.
        migrator.registerMigration("15 dictionaries whose rows have a check of their own") { _ in }
        migrator.registerMigration("16 the outbox") { db in try db.execute(sql: outbox) }
        migrator.registerMigration("17 answers kept under their callers' keys") { db in
            try db.execute(
                sql: """
                    CREATE TABLE kept_answer(
                        caller TEXT NOT NULL, key TEXT NOT NULL, fingerprint BLOB NOT NULL, account TEXT NOT NULL,
                        action_id INTEGER, answer BLOB NOT NULL, kept_us INTEGER NOT NULL,
                        PRIMARY KEY(caller, key)) WITHOUT ROWID;
                    """)
        }
        migrator.registerMigration("18 outages by place, open orders by building") { db in
            try db.execute(sql: outages + openOrders)
        }
        migrator.registerMigration("19 events and their subscribers") { db in
            try db.execute(sql: events + webhooks)
        }
        migrator.registerMigration("20 conversations, hand-offs, feedback") { db in
            try db.execute(sql: conversations)
        }
        migrator.registerMigration("21 notices, consents, follow-ups") { db in try db.execute(sql: notices) }
        migrator.registerMigration("22 the last run that has read a stream") { db in
            try db.execute(sql: "CREATE INDEX run_pulled ON run(stream_id, id) WHERE \(Session.isPull)")
        }
        migrator.registerMigration("23 urgent actions go first") { db in
            try db.execute(sql: "ALTER TABLE action ADD COLUMN is_urgent INTEGER NOT NULL DEFAULT 0")
        }
        migrator.registerMigration("24 photos of orders; what is counted of the outbox, and let go") { db in
            try db.execute(
                sql: attachments + """
                    CREATE INDEX action_counted ON action(system, kind, state, is_dead);
                    CREATE INDEX action_unsettled ON action(system, accepted_us) WHERE state IN ('accepted', 'sending', 'unknown');
                    CREATE INDEX action_settled ON action(changed_us) WHERE state IN ('confirmed', 'refused', 'dropped');
                    CREATE INDEX notice_counted ON notice(rule, state);
                    """)
        }
        migrator.registerMigration("25 customers of the assistant") { db in
            try db.execute(sql: customers)
        }
        migrator.registerMigration("26 who speaks in a conversation") { db in
            try db.execute(
                sql: """
                    CREATE INDEX customer_state_conversation ON customer_state(conversation_id)
                        WHERE conversation_id IS NOT NULL;
                    """)
        }
        migrator.registerMigration("27 what is silent is found by its day") { db in
            try db.execute(
                sql: """
                    ALTER TABLE conversation ADD COLUMN last_day INTEGER NOT NULL DEFAULT 0;
                    UPDATE conversation SET last_day = last_us / 86400000000;
                    DROP INDEX conversation_last;
                    CREATE INDEX conversation_last ON conversation(last_day);
                    ALTER TABLE customer_state ADD COLUMN changed_day INTEGER NOT NULL DEFAULT 0;
                    UPDATE customer_state SET changed_day = changed_us / 86400000000;
                    DROP INDEX customer_state_changed;
                    CREATE INDEX customer_state_changed ON customer_state(changed_day);
                    DROP INDEX customer_reply_order;
                    """)
        }
        migrator.registerMigration("28 what a run wrote down of itself") { db in
            try db.execute(sql: "ALTER TABLE run ADD COLUMN log TEXT")
        }
        migrator.registerMigration("29 runs by what they were about") { db in
            try db.execute(
                sql: """
                    CREATE INDEX run_whole ON run(stream_id, id) WHERE mode <> 'account';
                    CREATE INDEX run_news ON run(stream_id, id)
                        WHERE mode <> 'account' AND mode NOT IN ('replay', 'remap') AND new + changed + vanished > 0;
                    CREATE INDEX run_failed ON run(stream_id, id) WHERE mode <> 'account' AND state NOT IN ('success', 'running');
                    """)
        }
        return migrator
    }

    private static let accessTokens = """
        CREATE TABLE access_token(
            id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, scopes TEXT NOT NULL, digest BLOB NOT NULL UNIQUE,
            created_at TEXT NOT NULL, expires_at TEXT, revoked_at TEXT);
        """

    private static let outbox = """
        CREATE TABLE action(
            id INTEGER PRIMARY KEY AUTOINCREMENT, system TEXT NOT NULL, kind TEXT NOT NULL, account TEXT NOT NULL,
            caller TEXT NOT NULL, key TEXT NOT NULL, fingerprint BLOB NOT NULL, reference TEXT NOT NULL UNIQUE,
            payload BLOB NOT NULL, state TEXT NOT NULL, accepted_us INTEGER NOT NULL, changed_us INTEGER NOT NULL,
            not_before_us INTEGER NOT NULL, tries INTEGER NOT NULL DEFAULT 0, is_open INTEGER NOT NULL DEFAULT 1,
            is_dead INTEGER NOT NULL DEFAULT 0, answer BLOB, answer_by_us INTEGER NOT NULL, external_id TEXT, message TEXT,
            fence INTEGER NOT NULL DEFAULT 0, lease_us INTEGER, host TEXT, process INTEGER, process_start INTEGER);
        CREATE UNIQUE INDEX action_key ON action(caller, key);
        CREATE INDEX action_due ON action(not_before_us, id) WHERE is_open = 1;
        CREATE INDEX action_account ON action(account, id);
        CREATE TABLE action_attempt(
            action_id INTEGER NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL, fence INTEGER NOT NULL,
            begun_us INTEGER NOT NULL, ended_us INTEGER, result TEXT, detail TEXT,
            PRIMARY KEY(action_id, number)) WITHOUT ROWID;
        """

    /// `handed` is a notice whose state is its action's. `fell`: its action may have ended without being sent.
    private static let notices = """
        CREATE TABLE notice(
            id INTEGER PRIMARY KEY AUTOINCREMENT, rule TEXT NOT NULL, account TEXT NOT NULL, occasion TEXT NOT NULL,
            state TEXT NOT NULL, planned_us INTEGER NOT NULL, changed_us INTEGER NOT NULL, not_before_us INTEGER NOT NULL,
            expires_us INTEGER NOT NULL, channel INTEGER NOT NULL DEFAULT 0, action_id INTEGER,
            put_off INTEGER NOT NULL DEFAULT 0, fell INTEGER NOT NULL DEFAULT 0, person TEXT, day INTEGER, text TEXT,
            segments INTEGER, told BLOB, reason TEXT);
        CREATE UNIQUE INDEX notice_key ON notice(rule, account, occasion);
        CREATE INDEX notice_due ON notice(not_before_us, id) WHERE state IN ('planned', 'deferred');
        CREATE INDEX notice_fell ON notice(id) WHERE fell = 1;
        CREATE INDEX notice_action ON notice(action_id) WHERE action_id IS NOT NULL;
        CREATE INDEX notice_person ON notice(person, day) WHERE person IS NOT NULL;
        CREATE INDEX notice_account ON notice(account, id);
        CREATE TABLE notice_consent(
            person TEXT NOT NULL, about TEXT NOT NULL, is_wanted INTEGER NOT NULL, changed_us INTEGER NOT NULL,
            said_by TEXT NOT NULL, PRIMARY KEY(person, about)) WITHOUT ROWID;
        CREATE TABLE follow_up(
            account TEXT NOT NULL, order_number TEXT NOT NULL, state TEXT NOT NULL, reopenings INTEGER NOT NULL,
            changed_us INTEGER NOT NULL, satisfaction INTEGER, words TEXT, action_id INTEGER, wants_person INTEGER NOT NULL,
            is_escalated INTEGER NOT NULL, PRIMARY KEY(account, order_number)) WITHOUT ROWID;
        CREATE INDEX follow_up_open ON follow_up(account) WHERE state = 'unconfirmed' OR wants_person = 1;
        """

    private static let first = """
        CREATE TABLE stream(
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, entity TEXT NOT NULL,
            records INTEGER NOT NULL DEFAULT 0, cursor TEXT, cursor_run_id INTEGER);
        CREATE TABLE stream_total(
            stream_id INTEGER NOT NULL, measure TEXT NOT NULL, count INTEGER NOT NULL, sum_fen INTEGER NOT NULL,
            PRIMARY KEY(stream_id, measure)) WITHOUT ROWID;
        CREATE TABLE lease(
            stream_id INTEGER PRIMARY KEY, host TEXT NOT NULL, process INTEGER NOT NULL, process_start INTEGER NOT NULL);
        CREATE TABLE run(
            id INTEGER PRIMARY KEY AUTOINCREMENT, stream_id INTEGER NOT NULL, mode TEXT NOT NULL, state TEXT NOT NULL,
            started_at TEXT NOT NULL, ended_at TEXT, mapping_version TEXT NOT NULL,
            read INTEGER NOT NULL DEFAULT 0, new INTEGER NOT NULL DEFAULT 0, changed INTEGER NOT NULL DEFAULT 0,
            unchanged INTEGER NOT NULL DEFAULT 0, duplicate INTEGER NOT NULL DEFAULT 0,
            quarantined INTEGER NOT NULL DEFAULT 0, vanished INTEGER NOT NULL DEFAULT 0,
            error_code TEXT, error_message TEXT, cursor_before TEXT, cursor_after TEXT);
        CREATE INDEX run_stream ON run(stream_id, id);
        CREATE TABLE run_total(
            run_id INTEGER NOT NULL, side TEXT NOT NULL, measure TEXT NOT NULL, count INTEGER NOT NULL,
            sum_fen INTEGER NOT NULL, PRIMARY KEY(run_id, side, measure)) WITHOUT ROWID;
        CREATE TABLE origin(
            id INTEGER PRIMARY KEY, stream_id INTEGER NOT NULL, run_id INTEGER NOT NULL, kind TEXT NOT NULL,
            name TEXT NOT NULL, digest TEXT, byte_count INTEGER, is_snapshot INTEGER NOT NULL,
            column_set_id INTEGER NOT NULL, last_ordinal INTEGER NOT NULL DEFAULT 0, is_complete INTEGER NOT NULL DEFAULT 0);
        CREATE INDEX origin_digest ON origin(stream_id, digest) WHERE digest IS NOT NULL;
        CREATE TABLE column_set(id INTEGER PRIMARY KEY, columns TEXT NOT NULL UNIQUE);

        CREATE TABLE account(id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, run_id INTEGER NOT NULL);
        CREATE TABLE crosswalk(
            system TEXT NOT NULL, external_id TEXT NOT NULL, account_id INTEGER NOT NULL,
            PRIMARY KEY(system, external_id)) WITHOUT ROWID;
        CREATE TABLE place(
            account_id INTEGER PRIMARY KEY, community TEXT NOT NULL, building TEXT NOT NULL, unit TEXT NOT NULL,
            room TEXT NOT NULL);
        CREATE INDEX place_key ON place(community, building, room, unit);

        CREATE TABLE record(
            id INTEGER PRIMARY KEY, stream_id INTEGER NOT NULL, key BLOB NOT NULL, account_id INTEGER,
            rule INTEGER NOT NULL, voided INTEGER NOT NULL, run_id INTEGER NOT NULL, origin_id INTEGER NOT NULL,
            ordinal INTEGER NOT NULL, hash BLOB NOT NULL, body TEXT NOT NULL, raw BLOB NOT NULL);
        CREATE UNIQUE INDEX record_key ON record(stream_id, key);
        CREATE INDEX record_account ON record(account_id, stream_id) WHERE account_id IS NOT NULL;
        CREATE TABLE record_history(
            id INTEGER PRIMARY KEY, record_id INTEGER NOT NULL, stream_id INTEGER NOT NULL, key BLOB NOT NULL,
            account_id INTEGER, rule INTEGER NOT NULL, voided INTEGER NOT NULL, run_id INTEGER NOT NULL,
            origin_id INTEGER NOT NULL, ordinal INTEGER NOT NULL, hash BLOB NOT NULL, body TEXT NOT NULL,
            raw BLOB NOT NULL, ended_run_id INTEGER NOT NULL, ended_reason TEXT NOT NULL);
        CREATE INDEX record_history_key ON record_history(stream_id, key);
        CREATE INDEX record_history_account ON record_history(account_id) WHERE account_id IS NOT NULL;

        CREATE TABLE touched_account(account_id INTEGER PRIMARY KEY);
        CREATE TABLE account_view(account_id INTEGER PRIMARY KEY, body TEXT NOT NULL);

        CREATE TABLE quarantine(
            id INTEGER PRIMARY KEY AUTOINCREMENT, stream_id INTEGER NOT NULL, state TEXT NOT NULL, code TEXT NOT NULL,
            message TEXT NOT NULL, place TEXT NOT NULL, field_column TEXT, key BLOB, ordinal INTEGER NOT NULL,
            candidates TEXT NOT NULL, raw BLOB NOT NULL, is_split INTEGER NOT NULL, origin_id INTEGER NOT NULL,
            first_run_id INTEGER NOT NULL, last_run_id INTEGER NOT NULL, note TEXT);
        CREATE UNIQUE INDEX quarantine_raw ON quarantine(stream_id, raw);
        CREATE INDEX quarantine_key ON quarantine(stream_id, key) WHERE state = 'open';
        CREATE INDEX quarantine_open ON quarantine(stream_id, code) WHERE state = 'open';
        CREATE TABLE setting(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        """
}
