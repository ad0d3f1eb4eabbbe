import GRDBSQLite
import HeatModel
import Store

extension Session {
    func account(number: UnsafeRawBufferPointer) throws -> AccountID? {
        try first(accountByNumber.get().bind(1, text: number)) { AccountID($0.int(0)) }
    }

    func accountNumber(_ account: AccountID) throws -> String? {
        try first(numberOfAccount.get().bind(1, account.number)) { $0.text(0) }
    }

    func accountCount() throws -> Int64 {
        try first(statement("SELECT count(*) FROM account")) { $0.int(0) } ?? 0
    }

    func account(system: String, externalID: UnsafeRawBufferPointer) throws -> AccountID? {
        try first(accountByCrosswalk.get().bind(1, system).bind(2, text: externalID)) { AccountID($0.int(0)) }
    }

    func accounts(at place: PlaceKey, limit: Int) throws -> [AccountID] {
        let sql = """
            SELECT p.account_id FROM place p JOIN account a ON a.id = p.account_id
            WHERE p.community = ?1 AND p.building = ?2 AND p.room = ?3 AND (?4 = '' OR p.unit = ?4)
            ORDER BY a.number LIMIT ?5
            """
        let statement = try statement(sql)
        statement.bind(1, place.community).bind(2, place.building).bind(3, place.room).bind(4, place.unit).bind(
            5, Int64(limit))
        return try rows(statement) { AccountID($0.int(0)) }
    }

    func communities() throws -> [String] {
        try rows(statement("SELECT DISTINCT community FROM place WHERE community <> '' ORDER BY community")) {
            $0.text(0)
        }
    }

    func view(number: UnsafeRawBufferPointer) throws -> StoredView? {
        try first(viewByNumber.get().bind(1, text: number)) {
            StoredView(account: AccountID($0.int(0)), body: $0.blob(1))
        }
    }

    func introduceAccount(number: UnsafeRawBufferPointer, run: RunID) throws -> AccountID {
        try statement("INSERT INTO account(number, run_id) VALUES(?1, ?2)").bind(1, text: number).bind(2, run.number)
            .run()
        return AccountID(sqlite3_last_insert_rowid(connection))
    }

    func register(system: String, externalID: UnsafeRawBufferPointer, account: AccountID) throws {
        let sql = """
            INSERT INTO crosswalk(system, external_id, account_id) VALUES(?1, ?2, ?3)
            ON CONFLICT DO UPDATE SET account_id = excluded.account_id WHERE account_id <> excluded.account_id
            """
        try statement(sql).bind(1, system).bind(2, text: externalID).bind(3, account.number).run()
    }

    func setPlace(_ place: PlaceKey, of account: AccountID) throws {
        let sql = """
            INSERT INTO place(account_id, community, building, unit, room) VALUES(?1, ?2, ?3, ?4, ?5)
            ON CONFLICT(account_id) DO UPDATE SET community = ?2, building = ?3, unit = ?4, room = ?5
            """
        let statement = try statement(sql)
        statement.bind(1, account.number).bind(2, place.community).bind(3, place.building)
        try statement.bind(4, place.unit).bind(5, place.room).run()
    }

    func removePlace(of account: AccountID) throws {
        try statement("DELETE FROM place WHERE account_id = ?1").bind(1, account.number).run()
    }
}
