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

    func accounts(system: String, externalID: UnsafeRawBufferPointer, limit: Int) throws -> [AccountID] {
        // Answered from the index alone where the id names one account, as it nearly always does.
        let found = try rows(twoAccountsByCrosswalk.get().bind(1, system).bind(2, text: externalID)) {
            AccountID($0.int(0))
        }
        if found.count < 2 { return found }
        let sql = """
            SELECT DISTINCT a.id, a.number FROM crosswalk c JOIN account a ON a.id = c.account_id
            WHERE c.system = ?1 AND c.external_id = ?2 ORDER BY a.number LIMIT ?3
            """
        return try rows(statement(sql).bind(1, system).bind(2, text: externalID).bind(3, Int64(limit))) {
            AccountID($0.int(0))
        }
    }

    func accounts(at place: PlaceKey, limit: Int) throws -> [AccountID] {
        let sql = """
            SELECT DISTINCT a.id, a.number FROM place p JOIN account a ON a.id = p.account_id
            WHERE p.community = ?1 AND p.building = ?2 AND p.room = ?3 AND (?4 = '' OR p.unit = ?4)
            ORDER BY a.number LIMIT ?5
            """
        let statement = try statement(sql)
        statement.bind(1, place.community).bind(2, place.building).bind(3, place.room).bind(4, place.unit).bind(
            5, Int64(limit))
        return try rows(statement) { AccountID($0.int(0)) }
    }

    func communities() throws -> [String] {
        // From one name to the next in the index: DISTINCT would read every entry.
        let sql = """
            WITH RECURSIVE name(community) AS (
                SELECT min(community) FROM place WHERE community > ''
                UNION ALL
                SELECT (SELECT min(community) FROM place WHERE community > name.community) FROM name
                WHERE name.community IS NOT NULL)
            SELECT community FROM name WHERE community IS NOT NULL
            """
        return try rows(statement(sql)) { $0.text(0) }
    }

    func view(number: UnsafeRawBufferPointer) throws -> StoredView? {
        try first(viewByNumber.get().bind(1, text: number), storedView)
    }

    /// Hands out the view of a row of its account, its dictionary and what is packed.
    func unpackingView<Result>(_ row: Statement, _ use: (ViewSlice) throws -> Result) throws -> Result {
        let result = try packing.unpacking(row.bytes(2), packing: row.int(1)) { body, runs in
            try use(ViewSlice(body: body, runs: runs))
        }
        guard let result else { throw PackedColumns.unreadable("view of account", row.int(0)) }
        return result
    }

    func storedView(_ row: Statement) throws -> StoredView {
        StoredView(account: AccountID(row.int(0)), body: try unpackingView(row) { Array($0.body) })
    }

    func accounts(numbers: [UnsafeRawBufferPointer]) throws -> [AccountID?] { try numbers.map(account(number:)) }

    func introduceAccounts(numbers: [UnsafeRawBufferPointer], run: RunID) throws -> [AccountID] {
        try numbers.map { number in
            if let known = try account(number: number) { return known }
            try introduceStatement.get().bind(1, text: number).bind(2, run.number).run()
            return AccountID(sqlite3_last_insert_rowid(connection))
        }
    }
}
