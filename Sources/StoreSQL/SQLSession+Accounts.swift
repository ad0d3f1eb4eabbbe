import HeatModel
package import Store

extension SQLSession {
    package func account(number: UnsafeRawBufferPointer) throws -> AccountID? {
        try first(statement("SELECT id FROM account WHERE number = ?1").bind(1, text: number)) { AccountID($0.int(0)) }
    }

    package func accountNumbers(_ accounts: [AccountID]) throws -> [String?] {
        let one = try statement("SELECT number FROM account WHERE id = ?1")
        return try accounts.map { try first(one.bind(1, $0.number)) { $0.text(0) } }
    }

    package func accountCount() throws -> Int64 {
        try first(statement("SELECT count(*) FROM account")) { $0.int(0) } ?? 0
    }

    package func accounts(system: String, externalID: UnsafeRawBufferPointer, limit: Int) throws -> [AccountID] {
        // Answered from the index alone where the id names one account, as it nearly always does.
        let two = try statement(
            "SELECT DISTINCT account_id FROM crosswalk WHERE system = ?1 AND external_id = ?2 ORDER BY account_id LIMIT 2"
        )
        let found = try rows(two.bind(1, system).bind(2, text: externalID)) { AccountID($0.int(0)) }
        if found.count < 2 { return found }
        let sql = """
            SELECT DISTINCT a.id, a.number FROM crosswalk c JOIN account a ON a.id = c.account_id
            WHERE c.system = ?1 AND c.external_id = ?2 ORDER BY a.number LIMIT ?3
            """
        return try rows(statement(sql).bind(1, system).bind(2, text: externalID).bind(3, Int64(limit))) {
            AccountID($0.int(0))
        }
    }

    package func accounts(at place: PlaceKey, limit: Int) throws -> [AccountID] {
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

    package func communities() throws -> [String] {
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

    package func view(number: UnsafeRawBufferPointer) throws -> StoredView? {
        let view = try statement(
            """
            SELECT a.id, v.packing_id, v.packed FROM account a JOIN account_view v ON v.account_id = a.id WHERE a.number = ?1
            """)
        return try first(view.bind(1, text: number), storedView)
    }

    package func viewStamp(number: UnsafeRawBufferPointer) throws -> ViewStamp? {
        let packed = try statement(
            "SELECT v.packing_id, v.packed FROM account a JOIN account_view v ON v.account_id = a.id WHERE a.number = ?1"
        )
        return try first(packed.bind(1, text: number)) { ViewStamp(packing: $0.int(0), packed: $0.blob(1)) }
    }

    /// Hands out the view of a row of its account, its dictionary and what is packed.
    package func unpackingView<Result>(_ row: Statement, _ use: (ViewSlice) throws -> Result) throws -> Result {
        try unpacking(row, 1, "view of account", row.int(0)) { body, runs in try use(ViewSlice(body: body, runs: runs))
        }
    }

    package func storedView(_ row: Statement) throws -> StoredView {
        StoredView(account: AccountID(row.int(0)), body: try unpackingView(row) { Array($0.body) })
    }

    package func accounts(numbers: [UnsafeRawBufferPointer]) throws -> [AccountID?] {
        try numbers.map(account(number:))
    }

    package func introduceAccounts(numbers: [UnsafeRawBufferPointer], run: RunID) throws -> [AccountID] {
        try numbers.map { number in
            if let known = try account(number: number) { return known }
            let introduce = try statement("INSERT INTO account(number, run_id) VALUES(?1, ?2) RETURNING id")
            return AccountID(try inserted(introduce.bind(1, text: number).bind(2, run.number)))
        }
    }
}
