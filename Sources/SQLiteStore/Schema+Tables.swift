import GRDB

extension Schema {
    /// A house's number is made from its names, so that the same data gives the same rows whatever the order of arrival. Views that
    /// are there already are built again, so that their accounts come into the statistics.
    static let cohorts = """
        CREATE TABLE cohort_house(
            id INTEGER PRIMARY KEY, company TEXT NOT NULL, station TEXT NOT NULL, community TEXT NOT NULL,
            building TEXT NOT NULL, UNIQUE(company, station, community, building));
        CREATE INDEX cohort_house_building ON cohort_house(company, community, building);
        CREATE TABLE cohort_member(account_id INTEGER PRIMARY KEY, house_id INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE INDEX cohort_member_house ON cohort_member(house_id);
        CREATE TABLE cohort_page(house_id INTEGER NOT NULL, kind INTEGER NOT NULL, body BLOB NOT NULL, UNIQUE(house_id, kind));
        CREATE TABLE cohort(
            level INTEGER NOT NULL, place TEXT NOT NULL, kind INTEGER NOT NULL, body BLOB NOT NULL,
            PRIMARY KEY(level, place, kind)) WITHOUT ROWID;
        CREATE TABLE cohort_touched(house_id INTEGER PRIMARY KEY);
        INSERT OR REPLACE INTO touched_account(account_id, touch) SELECT account_id, random() FROM account_view;
        """
}

extension Schema {
    /// AUTOINCREMENT: a number that was given is not given again, whatever has been let go of.
    static let events = """
        CREATE TABLE event(
            number INTEGER PRIMARY KEY AUTOINCREMENT, mark INTEGER NOT NULL, type TEXT NOT NULL, account_id INTEGER,
            level INTEGER, place TEXT, at_us INTEGER, at_offset INTEGER, noted_us INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE INDEX event_account ON event(account_id, number) WHERE account_id IS NOT NULL;
        CREATE INDEX event_place ON event(level, place, number) WHERE place IS NOT NULL;
        CREATE TABLE event_memory(
            stream_id INTEGER NOT NULL, key BLOB NOT NULL, body BLOB NOT NULL, PRIMARY KEY(stream_id, key)) WITHOUT ROWID;
        CREATE TABLE account_event_memory(account_id INTEGER PRIMARY KEY, body BLOB NOT NULL);
        """
}

extension Schema {
    /// Views of accounts that have work orders are built again: that fills the table.
    static let openOrders = """
        CREATE TABLE open_order(
            account_id INTEGER NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL, created_us INTEGER NOT NULL,
            company TEXT NOT NULL, station TEXT NOT NULL, community TEXT NOT NULL, building TEXT NOT NULL,
            PRIMARY KEY(account_id, number)) WITHOUT ROWID;
        CREATE INDEX open_order_building ON open_order(company, community, building, created_us);
        CREATE INDEX open_order_station ON open_order(company, station, created_us);
        INSERT OR REPLACE INTO touched_account(account_id, touch)
            SELECT account_id, random() FROM (SELECT DISTINCT r.account_id FROM record r JOIN stream s ON s.id = r.stream_id
            WHERE s.entity = 'workOrder' AND r.account_id IS NOT NULL);
        """
}

extension Schema {
    static let outages = """
        CREATE TABLE outage_place(
            level INTEGER NOT NULL, place TEXT NOT NULL, stream_id INTEGER NOT NULL, key BLOB NOT NULL, ends_us INTEGER,
            PRIMARY KEY(level, place, stream_id, key)) WITHOUT ROWID;
        """
}

extension Schema {
    /// What the old tables say stays readable until the records have stated it again, under numbers that no record has.
    ///
    /// Which record had stated what, they did not keep, and the mapping files that tell are not at hand here: the next sync goes through
    /// the records (`statements.restated` says how far), and then takes the old rows away.
    static func splitStatements(_ db: Database) throws {
        try db.execute(
            sql: """
                ALTER TABLE place RENAME TO place_before;
                DROP INDEX place_key;
                CREATE TABLE place(
                    record_id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, community TEXT NOT NULL, building TEXT NOT NULL,
                    unit TEXT NOT NULL, room TEXT NOT NULL);
                INSERT INTO place SELECT -account_id, account_id, community, building, unit, room FROM place_before
                    WHERE community <> '';
                CREATE INDEX place_key ON place(community, building, room, unit);
                DROP TABLE place_before;
                ALTER TABLE crosswalk RENAME TO crosswalk_before;
                CREATE TABLE crosswalk(
                    record_id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, system TEXT NOT NULL, external_id TEXT NOT NULL);
                INSERT INTO crosswalk
                    SELECT -row_number() OVER (ORDER BY system, external_id), account_id, system, external_id FROM crosswalk_before;
                CREATE INDEX crosswalk_id ON crosswalk(system, external_id, account_id);
                DROP TABLE crosswalk_before;
                INSERT INTO setting(name, value) SELECT 'statements.restated', '0 0' WHERE EXISTS (SELECT 1 FROM record);
                """)
    }
}

extension Schema {
    static let webhooks = """
        CREATE TABLE webhook(
            name TEXT PRIMARY KEY, position INTEGER NOT NULL, disabled TEXT, delivered INTEGER NOT NULL DEFAULT 0,
            missed INTEGER NOT NULL DEFAULT 0, fence INTEGER NOT NULL DEFAULT 0, lease_us INTEGER, host TEXT,
            process INTEGER, process_start INTEGER) WITHOUT ROWID;
        CREATE TABLE webhook_delivery(
            webhook TEXT NOT NULL, event INTEGER NOT NULL, tries INTEGER NOT NULL, not_before_us INTEGER NOT NULL,
            is_dead INTEGER NOT NULL, outcome TEXT, PRIMARY KEY(webhook, event)) WITHOUT ROWID;
        """
}

extension Schema {
    static let conversations = """
        CREATE TABLE conversation(
            id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT, channel TEXT NOT NULL, language TEXT NOT NULL,
            is_elderly INTEGER NOT NULL, caller TEXT NOT NULL, opened_us INTEGER NOT NULL, last_us INTEGER NOT NULL,
            turns INTEGER NOT NULL DEFAULT 0);
        CREATE INDEX conversation_opened ON conversation(opened_us, id);
        CREATE INDEX conversation_last ON conversation(last_us);
        CREATE INDEX conversation_account ON conversation(account, id) WHERE account IS NOT NULL;
        CREATE TABLE conversation_turn(
            conversation_id INTEGER NOT NULL, number INTEGER NOT NULL, speaker TEXT NOT NULL, at_us INTEGER NOT NULL,
            words TEXT NOT NULL, intent TEXT, mark TEXT, facts TEXT NOT NULL, actions TEXT NOT NULL, caller TEXT NOT NULL,
            PRIMARY KEY(conversation_id, number)) WITHOUT ROWID;
        CREATE TABLE hand_off(
            id INTEGER PRIMARY KEY AUTOINCREMENT, conversation_id INTEGER NOT NULL, reason TEXT NOT NULL,
            after_turn INTEGER NOT NULL, card BLOB NOT NULL, asked_us INTEGER NOT NULL, asked_by TEXT NOT NULL, owner TEXT,
            claimed_us INTEGER, active_us INTEGER, fence INTEGER NOT NULL DEFAULT 0, closed_us INTEGER,
            closed_turn INTEGER, outcome TEXT, note TEXT);
        CREATE UNIQUE INDEX hand_off_open ON hand_off(conversation_id) WHERE closed_us IS NULL;
        CREATE INDEX hand_off_conversation ON hand_off(conversation_id, id);
        CREATE INDEX hand_off_not_closed ON hand_off(id) WHERE closed_us IS NULL;
        CREATE TABLE feedback(
            conversation_id INTEGER NOT NULL, subject TEXT NOT NULL, turn INTEGER NOT NULL, score INTEGER, is_solved INTEGER,
            words TEXT, at_us INTEGER NOT NULL, caller TEXT NOT NULL,
            PRIMARY KEY(conversation_id, subject, turn)) WITHOUT ROWID;
        """
}

extension Schema {
    static let attachments = """
        CREATE TABLE attachment_use(
            sha256 TEXT NOT NULL, account TEXT NOT NULL, action_id INTEGER NOT NULL, named_us INTEGER NOT NULL,
            PRIMARY KEY(sha256, account, action_id)) WITHOUT ROWID;
        CREATE INDEX attachment_action ON attachment_use(action_id);
        """
}

extension Schema {
    static let customers = """
        CREATE TABLE customer_state(
            channel TEXT NOT NULL, customer BLOB NOT NULL, version INTEGER NOT NULL, conversation_id INTEGER,
            body BLOB NOT NULL, changed_us INTEGER NOT NULL, PRIMARY KEY(channel, customer)) WITHOUT ROWID;
        CREATE INDEX customer_state_changed ON customer_state(changed_us);
        CREATE TABLE customer_account(
            id INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL, customer BLOB NOT NULL, account TEXT NOT NULL,
            bound_us INTEGER NOT NULL);
        CREATE UNIQUE INDEX customer_account_key ON customer_account(channel, customer, account);
        CREATE INDEX customer_account_number ON customer_account(account, channel, customer);
        CREATE TABLE customer_reply(
            id INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL, customer BLOB NOT NULL, key TEXT NOT NULL,
            reply BLOB NOT NULL);
        CREATE UNIQUE INDEX customer_reply_key ON customer_reply(channel, customer, key);
        CREATE INDEX customer_reply_order ON customer_reply(channel, customer, id);
        """
}
