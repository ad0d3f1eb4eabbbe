import HeatModel
import StoreSQL

/// The tables, as a list of steps. A step that has been released is never edited: a change is a new step.
///
/// Texts are compared by their bytes. What packs rows compresses them already, so that PostgreSQL does not try to.
enum Schema {
    static var steps: [String] { [first, rates, whoSpeaks, commits, viewedRun, days, runLogs, kindsOfRuns] }

    /// Brings the tables up to date; processes that open a new store together do it once.
    ///
    /// - Throws: `store.replica`, `store.missing`, `store.corrupt`, `store.foreign`, `store.tooNew`.
    static func migrate(_ connection: Connection, mustExist: Bool) throws {
        let place = connection.target.place
        if try connection.execute("SELECT pg_is_in_recovery()").first == "t" { throw Failure.replica(place) }
        let schema = try schema(connection)
        if try version(connection, schema) == steps.count { return }
        if mustExist, try version(connection, schema) == nil { throw missing(schema, place) }
        if try connection.execute("SHOW transaction_read_only").first == "on" { throw Failure.readOnly(place) }
        try connection.execute(
            "BEGIN; SELECT pg_advisory_xact_lock(\(Session.writersLock), hashtext(current_schema()))")
        let present = try version(connection, schema)
        if present == nil {
            try connection.execute(
                "CREATE TABLE hearth_schema(version bigint PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())")
        }
        for (index, step) in steps.enumerated() where index >= present ?? 0 {
            try connection.execute(step)
            try connection.execute("INSERT INTO hearth_schema(version) VALUES(\(index + 1))")
        }
        try connection.execute("COMMIT")
    }

    /// Whether the tables are there and of this version, to be read as they are.
    ///
    /// - Throws: `store.corrupt`, `store.foreign`, `store.tooNew`.
    static func isCurrent(_ connection: Connection) throws -> Bool {
        try version(connection, schema(connection)) == steps.count
    }

    /// Of tables that the user may read.
    static func isTooNew(_ connection: Connection) throws -> Bool {
        let newest = try connection.execute("SELECT max(version) FROM hearth_schema").first ?? nil
        return newest.flatMap { Int($0) }.map { $0 > steps.count } ?? false
    }

    private static func schema(_ connection: Connection) throws -> String {
        guard let schema = try connection.execute("SELECT current_schema()").first ?? nil else {
            throw Failure.missingRight("has no schema to work in", connection.target.place)
        }
        return schema
    }

    /// Nil where nothing is there yet.
    private static func version(_ connection: Connection, _ schema: String) throws -> Int? {
        let place = connection.target.place
        let row = try connection.execute(
            """
            SELECT count(*), count(*) FILTER (WHERE relname = 'hearth_schema') FROM pg_class
            WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v')
            """)
        if row == ["0", "0"] { return nil }
        if row.last == "0" {
            throw HearthError(
                .storeForeign, "the schema \"\(schema)\" holds tables of another program, and is no store", at: place,
                advice: "name another database under `store: postgres:`; nothing was written to this one")
        }
        let newest = try connection.execute("SELECT max(version) FROM hearth_schema").first ?? nil
        guard let version = newest.flatMap({ Int($0) }) else {
            throw HearthError(
                .storeCorrupt,
                "the table hearth_schema of the schema \"\(schema)\" was emptied: the store's version is lost",
                at: place, advice: "restore the database from a backup; nothing was written to this one")
        }
        if version > steps.count { throw tooNew(place) }
        return version
    }

    static func tooNew(_ place: Place) -> HearthError {
        HearthError(
            .storeTooNew, "the store was written by a later version of hearth", at: place,
            advice: "use that version, or another store; nothing was written to this one")
    }

    static func missing(_ schema: String, _ place: Place) -> HearthError {
        HearthError(
            .storeMissing, "there is no store in the schema \"\(schema)\"", at: place,
            advice:
                "\(.sync) makes it; if there was one, look at database and user under `store: postgres:`, and at the user's search_path"
        )
    }

    private static func text(_ tables: String) -> String { tables.replacing("TEXT", with: "text COLLATE \"C\"") }

    private static let first = text(
        numbers + functions + runs + accounts + records + access + outbox + places + events + conversations + notices
            + attachments + customers)

    /// What gateways tell each other; nothing of it outlives the server, and no copy of a store has it.
    private static let rates = """
        CREATE UNLOGGED TABLE rate(key bytea PRIMARY KEY, level bigint NOT NULL, at_us bigint NOT NULL) WITH (fillfactor = 70);

        """

    private static let whoSpeaks = """
        CREATE INDEX customer_state_conversation ON customer_state(conversation_id) WHERE conversation_id IS NOT NULL;
        """

    /// Rows are put anew beside themselves, without a look at the index.
    private static let commits = """
        CREATE TABLE committed(slot bigint PRIMARY KEY, number bigint NOT NULL, mark bigint NOT NULL) WITH (fillfactor = 50);
        INSERT INTO committed(slot, number, mark) SELECT s, 0, 0 FROM generate_series(0, 1024) s;
        """

    /// What a run wrote down of itself.
    private static let runLogs = text("ALTER TABLE run ADD COLUMN log TEXT;")

    /// Runs by what they were about.
    private static let kindsOfRuns = """
        CREATE INDEX run_whole ON run(stream_id, id) WHERE mode <> 'account';
        CREATE INDEX run_news ON run(stream_id, id)
            WHERE mode <> 'account' AND mode NOT IN ('replay', 'remap') AND new + changed + vanished > 0;
        CREATE INDEX run_failed ON run(stream_id, id) WHERE mode <> 'account' AND state NOT IN ('success', 'running');
        """

    /// What is silent is found by its day.
    private static let days = """
        ALTER TABLE conversation ADD COLUMN last_day bigint NOT NULL DEFAULT 0;
        UPDATE conversation SET last_day = floor(last_us / 86400000000.0);
        DROP INDEX conversation_last;
        CREATE INDEX conversation_last ON conversation(last_day);
        ALTER TABLE customer_state ADD COLUMN changed_day bigint NOT NULL DEFAULT 0;
        UPDATE customer_state SET changed_day = floor(changed_us / 86400000000.0);
        DROP INDEX customer_state_changed;
        CREATE INDEX customer_state_changed ON customer_state(changed_day);
        DROP INDEX customer_reply_order;
        """

    /// The last run whose views are all there, in row -1: noted with the end of a run where no account waits for its view, else with the last
    /// view that is built (``Session/noteViewed(after:)``).
    private static let viewedRun = """
        CREATE FUNCTION note_viewed_run() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            UPDATE committed SET number = NEW.id WHERE slot = -1 AND number < NEW.id AND NOT EXISTS (SELECT 1 FROM touched_account);
            RETURN NULL;
        END $$;
        CREATE TRIGGER viewed_run AFTER UPDATE OF ended_us ON run FOR EACH ROW WHEN (NEW.ended_us IS NOT NULL)
            EXECUTE FUNCTION note_viewed_run();
        INSERT INTO committed(slot, number, mark) SELECT -1, CASE WHEN EXISTS (SELECT 1 FROM touched_account) THEN 0
            ELSE coalesce((SELECT max(id) FROM run WHERE ended_us IS NOT NULL), 0) END, 0;
        """

    private static let numbers = """
        CREATE TABLE counter(name TEXT PRIMARY KEY, value bigint NOT NULL);
        INSERT INTO counter(name, value) VALUES('run', 0), ('event', 0);
        CREATE SEQUENCE record_number;
        CREATE SEQUENCE account_number;
        CREATE SEQUENCE touch;

        """

    /// `instr` is SQLite's: where the second stands in the first, from 1.
    private static let functions = """
        CREATE FUNCTION next_number(text) RETURNS bigint LANGUAGE sql VOLATILE AS
            'UPDATE counter SET value = value + 1 WHERE name = $1 RETURNING value';
        CREATE FUNCTION instr(text, text) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT position($2 in $1)::bigint';
        CREATE FUNCTION instr(bytea, bytea) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT position($2 in $1)::bigint';

        """

    private static let runs = """
        CREATE TABLE stream(
            id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, name TEXT NOT NULL UNIQUE, entity TEXT NOT NULL,
            records bigint NOT NULL DEFAULT 0, cursor TEXT, cursor_run_id bigint, fence bigint NOT NULL DEFAULT 0);
        CREATE TABLE stream_total(
            stream_id bigint NOT NULL, measure TEXT NOT NULL, count bigint NOT NULL, sum_fen bigint NOT NULL,
            PRIMARY KEY(stream_id, measure));
        CREATE TABLE lease(
            stream_id bigint PRIMARY KEY, host TEXT NOT NULL, process bigint NOT NULL, process_start bigint NOT NULL,
            fence bigint NOT NULL DEFAULT 0, expires_us bigint);
        CREATE TABLE run(
            id bigint PRIMARY KEY DEFAULT next_number('run'), stream_id bigint NOT NULL, mode TEXT NOT NULL, state TEXT NOT NULL,
            started_at TEXT NOT NULL, ended_at TEXT, mapping_version TEXT NOT NULL,
            read bigint NOT NULL DEFAULT 0, new bigint NOT NULL DEFAULT 0, changed bigint NOT NULL DEFAULT 0,
            unchanged bigint NOT NULL DEFAULT 0, duplicate bigint NOT NULL DEFAULT 0,
            quarantined bigint NOT NULL DEFAULT 0, vanished bigint NOT NULL DEFAULT 0,
            error_code TEXT, error_message TEXT, cursor_before TEXT, cursor_after TEXT, ended_us bigint,
            batches bigint NOT NULL DEFAULT 0, chain_seq bigint, proof TEXT, proof_detail TEXT, row_limit bigint,
            notices TEXT, notices_left_out bigint, newest_data TEXT);
        CREATE INDEX run_stream ON run(stream_id, id);
        CREATE INDEX run_ended ON run(ended_us);
        CREATE INDEX run_unended ON run(id) WHERE ended_us IS NULL;
        CREATE INDEX run_unchained ON run(id) WHERE chain_seq IS NULL;
        CREATE INDEX run_newest_data ON run(stream_id, id) WHERE newest_data IS NOT NULL;
        CREATE INDEX run_pulled ON run(stream_id, id)
            WHERE state = 'success' AND mode NOT IN ('account', 'replay', 'remap');
        CREATE TABLE run_total(
            run_id bigint NOT NULL, side TEXT NOT NULL, measure TEXT NOT NULL, count bigint NOT NULL,
            sum_fen bigint NOT NULL, PRIMARY KEY(run_id, side, measure));
        CREATE TABLE origin(
            id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, stream_id bigint NOT NULL, run_id bigint NOT NULL,
            kind TEXT NOT NULL, name TEXT NOT NULL, digest TEXT, byte_count bigint, is_snapshot bigint NOT NULL,
            column_set_id bigint NOT NULL, last_ordinal bigint NOT NULL DEFAULT 0, is_complete bigint NOT NULL DEFAULT 0);
        CREATE INDEX origin_digest ON origin(stream_id, digest) WHERE digest IS NOT NULL;
        CREATE TABLE column_set(id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, columns TEXT NOT NULL);
        CREATE INDEX column_set_columns ON column_set USING hash(columns);
        CREATE TABLE chain(seq bigint PRIMARY KEY, line TEXT NOT NULL);
        CREATE TABLE setting(name TEXT PRIMARY KEY, value TEXT NOT NULL);
        CREATE TABLE change_batch(
            first bigint PRIMARY KEY, count bigint NOT NULL, run_id bigint, entity TEXT, low bigint NOT NULL,
            high bigint NOT NULL, body bytea NOT NULL);

        """

    private static let accounts = """
        CREATE TABLE account(id bigint PRIMARY KEY, number TEXT NOT NULL UNIQUE, run_id bigint NOT NULL);
        CREATE TABLE crosswalk(
            record_id bigint PRIMARY KEY, account_id bigint NOT NULL, system TEXT NOT NULL, external_id TEXT NOT NULL);
        CREATE INDEX crosswalk_id ON crosswalk(system, external_id, account_id);
        CREATE TABLE place(
            record_id bigint PRIMARY KEY, account_id bigint NOT NULL, community TEXT NOT NULL, building TEXT NOT NULL,
            unit TEXT NOT NULL, room TEXT NOT NULL);
        CREATE INDEX place_key ON place(community, building, room, unit);
        CREATE TABLE touched_account(account_id bigint PRIMARY KEY, touch bigint NOT NULL);
        CREATE TABLE account_view(
            account_id bigint PRIMARY KEY, packing_id bigint NOT NULL, packed bytea NOT NULL, settled_us bigint)
            WITH (fillfactor = 90);
        ALTER TABLE account_view ALTER packed SET STORAGE EXTERNAL;
        CREATE TABLE cohort_house(
            id bigint PRIMARY KEY, company TEXT NOT NULL, station TEXT NOT NULL, community TEXT NOT NULL,
            building TEXT NOT NULL, UNIQUE(company, station, community, building));
        CREATE INDEX cohort_house_building ON cohort_house(company, community, building);
        CREATE TABLE cohort_member(account_id bigint PRIMARY KEY, house_id bigint NOT NULL, body bytea NOT NULL);
        CREATE INDEX cohort_member_house ON cohort_member(house_id);
        CREATE TABLE cohort_page(
            house_id bigint NOT NULL, kind bigint NOT NULL, body bytea NOT NULL, PRIMARY KEY(house_id, kind));
        CREATE TABLE cohort(
            level bigint NOT NULL, place TEXT NOT NULL, kind bigint NOT NULL, body bytea NOT NULL,
            PRIMARY KEY(level, place, kind));
        CREATE TABLE cohort_touched(house_id bigint PRIMARY KEY);
        CREATE TABLE open_order(
            account_id bigint NOT NULL, number bigint NOT NULL, kind TEXT NOT NULL, created_us bigint NOT NULL,
            company TEXT NOT NULL, station TEXT NOT NULL, community TEXT NOT NULL, building TEXT NOT NULL,
            PRIMARY KEY(account_id, number));
        CREATE INDEX open_order_building ON open_order(company, community, building, created_us);
        CREATE INDEX open_order_station ON open_order(company, station, created_us);

        """

    private static let records = """
        CREATE TABLE packing(
            id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, subject bigint NOT NULL, kind bigint NOT NULL,
            share bigint NOT NULL, content bytea NOT NULL);
        CREATE INDEX packing_subject ON packing(subject, id);
        CREATE TABLE record(
            id bigint PRIMARY KEY, stream_id bigint NOT NULL, account_id bigint, run_id bigint NOT NULL,
            origin_id bigint NOT NULL, ordinal bigint NOT NULL, packing_id bigint NOT NULL, rule smallint NOT NULL,
            voided smallint NOT NULL, hash bytea NOT NULL, key bytea NOT NULL, packed bytea NOT NULL) WITH (fillfactor = 90);
        ALTER TABLE record ALTER packed SET STORAGE EXTERNAL;
        CREATE UNIQUE INDEX record_key ON record(stream_id, key);
        CREATE INDEX record_account ON record(account_id) WHERE account_id IS NOT NULL;
        CREATE INDEX record_placed ON record(stream_id, key) WHERE rule = 3;
        CREATE INDEX record_left_out ON record(stream_id, key) WHERE (voided = 1 OR account_id IS NULL);
        CREATE TABLE record_history(
            id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, record_id bigint NOT NULL, stream_id bigint NOT NULL,
            account_id bigint, run_id bigint NOT NULL, origin_id bigint NOT NULL, ordinal bigint NOT NULL,
            packing_id bigint NOT NULL, ended_run_id bigint NOT NULL, rule smallint NOT NULL, voided smallint NOT NULL,
            hash bytea NOT NULL, key bytea NOT NULL, packed bytea NOT NULL, ended_reason TEXT NOT NULL);
        ALTER TABLE record_history ALTER packed SET STORAGE EXTERNAL;
        CREATE INDEX record_history_key ON record_history(stream_id, key);
        CREATE INDEX record_history_account ON record_history(account_id) WHERE account_id IS NOT NULL;
        CREATE TABLE quarantine(
            id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, stream_id bigint NOT NULL, state TEXT NOT NULL,
            code TEXT NOT NULL, message TEXT NOT NULL, place TEXT NOT NULL, field_column TEXT, key bytea,
            ordinal bigint NOT NULL, candidates TEXT NOT NULL, raw bytea NOT NULL, is_split bigint NOT NULL,
            origin_id bigint NOT NULL, first_run_id bigint NOT NULL, last_run_id bigint NOT NULL, note TEXT,
            position bytea NOT NULL);
        CREATE INDEX quarantine_raw ON quarantine USING hash(raw);
        CREATE INDEX quarantine_key ON quarantine(stream_id, key) WHERE state = 'open';
        CREATE INDEX quarantine_open ON quarantine(stream_id, code) WHERE state = 'open';

        """

    private static let access = """
        CREATE TABLE access_token(
            rowid bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
            scopes TEXT NOT NULL, digest bytea NOT NULL UNIQUE, created_at TEXT NOT NULL, expires_at TEXT, revoked_at TEXT);
        CREATE TABLE attempt(key TEXT PRIMARY KEY, drained_us bigint NOT NULL);
        CREATE INDEX attempt_drained ON attempt(drained_us);

        """

    private static let outbox = """
        CREATE TABLE action(
            id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, system TEXT NOT NULL, kind TEXT NOT NULL,
            account TEXT NOT NULL, caller TEXT NOT NULL, key TEXT NOT NULL, fingerprint bytea NOT NULL,
            reference TEXT NOT NULL UNIQUE, payload bytea NOT NULL, state TEXT NOT NULL, accepted_us bigint NOT NULL,
            changed_us bigint NOT NULL, not_before_us bigint NOT NULL, tries bigint NOT NULL DEFAULT 0,
            is_open bigint NOT NULL DEFAULT 1, is_dead bigint NOT NULL DEFAULT 0, answer bytea,
            answer_by_us bigint NOT NULL, external_id TEXT, message TEXT, fence bigint NOT NULL DEFAULT 0,
            lease_us bigint, host TEXT, process bigint, process_start bigint, is_urgent bigint NOT NULL DEFAULT 0);
        CREATE UNIQUE INDEX action_key ON action(caller, key);
        CREATE INDEX action_due ON action(not_before_us, id) WHERE is_open = 1;
        CREATE INDEX action_account ON action(account, id);
        CREATE INDEX action_counted ON action(system, kind, state, is_dead);
        CREATE INDEX action_unsettled ON action(system, accepted_us) WHERE state IN ('accepted', 'sending', 'unknown');
        CREATE INDEX action_settled ON action(changed_us) WHERE state IN ('confirmed', 'refused', 'dropped');
        CREATE TABLE action_attempt(
            action_id bigint NOT NULL, number bigint NOT NULL, kind TEXT NOT NULL, fence bigint NOT NULL,
            begun_us bigint NOT NULL, ended_us bigint, result TEXT, detail TEXT, PRIMARY KEY(action_id, number));
        CREATE TABLE kept_answer(
            caller TEXT NOT NULL, key TEXT NOT NULL, fingerprint bytea NOT NULL, account TEXT NOT NULL,
            action_id bigint, answer bytea NOT NULL, kept_us bigint NOT NULL, PRIMARY KEY(caller, key));

        """

    private static let places = """
        CREATE TABLE outage_place(
            level bigint NOT NULL, place TEXT NOT NULL, stream_id bigint NOT NULL, key bytea NOT NULL, ends_us bigint,
            PRIMARY KEY(level, place, stream_id, key));

        """

    private static let events = """
        CREATE TABLE event(
            number bigint PRIMARY KEY, mark bigint NOT NULL, type TEXT NOT NULL, account_id bigint, level bigint,
            place TEXT, at_us bigint, at_offset bigint, noted_us bigint NOT NULL, body bytea NOT NULL);
        CREATE INDEX event_account ON event(account_id, number) WHERE account_id IS NOT NULL;
        CREATE INDEX event_place ON event(level, place, number) WHERE place IS NOT NULL;
        CREATE TABLE event_memory(
            stream_id bigint NOT NULL, key bytea NOT NULL, body bytea NOT NULL, PRIMARY KEY(stream_id, key));
        CREATE TABLE account_event_memory(account_id bigint PRIMARY KEY, body bytea NOT NULL);
        CREATE TABLE webhook(
            name TEXT PRIMARY KEY, position bigint NOT NULL, disabled TEXT, delivered bigint NOT NULL DEFAULT 0,
            missed bigint NOT NULL DEFAULT 0, fence bigint NOT NULL DEFAULT 0, lease_us bigint, host TEXT,
            process bigint, process_start bigint);
        CREATE TABLE webhook_delivery(
            webhook TEXT NOT NULL, event bigint NOT NULL, tries bigint NOT NULL, not_before_us bigint NOT NULL,
            is_dead bigint NOT NULL, outcome TEXT, PRIMARY KEY(webhook, event));

        """

    private static let conversations = """
        CREATE TABLE conversation(
            id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, account TEXT, channel TEXT NOT NULL,
            language TEXT NOT NULL, is_elderly bigint NOT NULL, caller TEXT NOT NULL, opened_us bigint NOT NULL,
            last_us bigint NOT NULL, turns bigint NOT NULL DEFAULT 0);
        CREATE INDEX conversation_opened ON conversation(opened_us, id);
        CREATE INDEX conversation_last ON conversation(last_us);
        CREATE INDEX conversation_account ON conversation(account, id) WHERE account IS NOT NULL;
        CREATE TABLE conversation_turn(
            conversation_id bigint NOT NULL, number bigint NOT NULL, speaker TEXT NOT NULL, at_us bigint NOT NULL,
            words TEXT NOT NULL, intent TEXT, mark TEXT, facts TEXT NOT NULL, actions TEXT NOT NULL, caller TEXT NOT NULL,
            PRIMARY KEY(conversation_id, number));
        CREATE TABLE hand_off(
            id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, conversation_id bigint NOT NULL, reason TEXT NOT NULL,
            after_turn bigint NOT NULL, card bytea NOT NULL, asked_us bigint NOT NULL, asked_by TEXT NOT NULL, owner TEXT,
            claimed_us bigint, active_us bigint, fence bigint NOT NULL DEFAULT 0, closed_us bigint,
            closed_turn bigint, outcome TEXT, note TEXT);
        CREATE UNIQUE INDEX hand_off_open ON hand_off(conversation_id) WHERE closed_us IS NULL;
        CREATE INDEX hand_off_conversation ON hand_off(conversation_id, id);
        CREATE INDEX hand_off_not_closed ON hand_off(id) WHERE closed_us IS NULL;
        CREATE TABLE feedback(
            conversation_id bigint NOT NULL, subject TEXT NOT NULL, turn bigint NOT NULL, score bigint, is_solved bigint,
            words TEXT, at_us bigint NOT NULL, caller TEXT NOT NULL, PRIMARY KEY(conversation_id, subject, turn));

        """

    private static let notices = """
        CREATE TABLE notice(
            id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, rule TEXT NOT NULL, account TEXT NOT NULL,
            occasion TEXT NOT NULL, state TEXT NOT NULL, planned_us bigint NOT NULL, changed_us bigint NOT NULL,
            not_before_us bigint NOT NULL, expires_us bigint NOT NULL, channel bigint NOT NULL DEFAULT 0, action_id bigint,
            put_off bigint NOT NULL DEFAULT 0, fell bigint NOT NULL DEFAULT 0, person TEXT, day bigint, text TEXT,
            segments bigint, told bytea, reason TEXT);
        CREATE UNIQUE INDEX notice_key ON notice(rule, account, occasion);
        CREATE INDEX notice_due ON notice(not_before_us, id) WHERE state IN ('planned', 'deferred');
        CREATE INDEX notice_fell ON notice(id) WHERE fell = 1;
        CREATE INDEX notice_action ON notice(action_id) WHERE action_id IS NOT NULL;
        CREATE INDEX notice_person ON notice(person, day) WHERE person IS NOT NULL;
        CREATE INDEX notice_account ON notice(account, id);
        CREATE INDEX notice_counted ON notice(rule, state);
        CREATE TABLE notice_consent(
            person TEXT NOT NULL, about TEXT NOT NULL, is_wanted bigint NOT NULL, changed_us bigint NOT NULL,
            said_by TEXT NOT NULL, PRIMARY KEY(person, about));
        CREATE TABLE follow_up(
            account TEXT NOT NULL, order_number TEXT NOT NULL, state TEXT NOT NULL, reopenings bigint NOT NULL,
            changed_us bigint NOT NULL, satisfaction bigint, words TEXT, action_id bigint, wants_person bigint NOT NULL,
            is_escalated bigint NOT NULL, PRIMARY KEY(account, order_number));
        CREATE INDEX follow_up_open ON follow_up(account) WHERE state = 'unconfirmed' OR wants_person = 1;

        """

    private static let attachments = """
        CREATE TABLE attachment_use(
            sha256 TEXT NOT NULL, account TEXT NOT NULL, action_id bigint NOT NULL, named_us bigint NOT NULL,
            PRIMARY KEY(sha256, account, action_id));
        CREATE INDEX attachment_action ON attachment_use(action_id);

        """

    private static let customers = """
        CREATE TABLE customer_state(
            channel TEXT NOT NULL, customer bytea NOT NULL, version bigint NOT NULL, conversation_id bigint,
            body bytea NOT NULL, changed_us bigint NOT NULL, PRIMARY KEY(channel, customer));
        CREATE INDEX customer_state_changed ON customer_state(changed_us);
        CREATE TABLE customer_account(
            id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, channel TEXT NOT NULL, customer bytea NOT NULL,
            account TEXT NOT NULL, bound_us bigint NOT NULL);
        CREATE UNIQUE INDEX customer_account_key ON customer_account(channel, customer, account);
        CREATE INDEX customer_account_number ON customer_account(account, channel, customer);
        CREATE TABLE customer_reply(
            id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, channel TEXT NOT NULL, customer bytea NOT NULL,
            key TEXT NOT NULL, reply bytea NOT NULL);
        CREATE UNIQUE INDEX customer_reply_key ON customer_reply(channel, customer, key);
        CREATE INDEX customer_reply_order ON customer_reply(channel, customer, id);

        """
}
