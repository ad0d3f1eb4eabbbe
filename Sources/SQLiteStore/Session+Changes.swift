import GRDBSQLite
import HeatModel
import Store
import StoreSQL

extension Session {
    func touch(_ accounts: [TouchedRecords], entity: EntityKind, run: RunID) throws {
        var rest = accounts[...]
        while !rest.isEmpty {
            let rows = rest.prefix(rest.count < Self.rowsAtOnce ? 1 : Self.rowsAtOnce)
            let touch = try (rows.count == 1 ? touchAccount : touchAccounts).get()
            for (index, account) in rows.enumerated() { touch.bind(Int32(index) + 1, account.account.number) }
            try touch.run()
            rest = rest[rows.endIndex...]
        }
        try appendChanges(accounts.filter { !$0.kinds.isEmpty }, entity: entity, run: run)
    }

    /// The statement that touches so many accounts.
    static func touching(_ count: Int) -> String {
        let rows = (1...count).map { "(?\($0), random())" }.joined(separator: ", ")
        return "INSERT OR REPLACE INTO touched_account(account_id, touch) VALUES \(rows)"
    }
}
