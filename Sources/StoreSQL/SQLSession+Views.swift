import HeatModel
package import Store

extension SQLSession {
    package func touchedAccounts(after: AccountID?, limit: Int) throws -> [TouchedAccount] {
        let sql = "SELECT account_id, touch FROM touched_account WHERE account_id > ?1 ORDER BY account_id LIMIT ?2"
        return try rows(statement(sql).bind(1, after?.number ?? 0).bind(2, Int64(limit))) {
            TouchedAccount(account: AccountID($0.int(0)), touch: $0.int(1))
        }
    }

    package func touchedCount() throws -> Int64 {
        try first(statement("SELECT count(*) FROM touched_account")) { $0.int(0) } ?? 0
    }
}
