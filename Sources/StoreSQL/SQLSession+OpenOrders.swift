import HeatModel
package import Store

extension SQLSession {
    // MARK: Reading

    package func openOrders(of account: AccountID) throws -> OpenOrders? {
        let list = try statement(
            """
            SELECT kind, created_us, company, station, community, building FROM open_order WHERE account_id = ?1
            ORDER BY number
            """)
        var house: PeerBuilding?
        let orders = try rows(list.bind(1, account.number)) { row in
            house = PeerBuilding(
                company: row.text(2), station: row.text(3), community: row.text(4), building: row.text(5))
            return OpenOrder(kind: row.text(0), createdAt: row.int(1))
        }
        return orders.isEmpty ? nil : OpenOrders(account: account, house: house, orders: orders)
    }

    package func openOrderCount(
        _ level: CohortLevel, like house: PeerBuilding, kinds: [String], created: ClosedRange<Int64>,
        besides account: AccountID?
    ) throws -> OpenOrderCount {
        let (place, names) =
            switch level {
            case .building: ("community = ?2 AND building = ?3", [house.community, house.building])
            case .community: ("community = ?2", [house.community])
            case .station: ("station = ?2", [house.station])
            }
        // A place without a name is none.
        if names.contains("") || kinds.isEmpty { return OpenOrderCount(accounts: 0, first: nil, last: nil) }
        let wanted = kinds.indices.map { "?\(7 + $0)" }.joined(separator: ", ")
        let count = try statement(
            """
            SELECT count(DISTINCT account_id), min(created_us), max(created_us) FROM open_order
            WHERE company = ?1 AND \(place) AND created_us BETWEEN ?4 AND ?5 AND (?6 IS NULL OR account_id <> ?6) AND kind IN (\(wanted))
            """)
        count.bind(1, house.company).bind(2, names[0])
        if names.count > 1 { count.bind(3, names[1]) }
        count.bind(4, created.lowerBound).bind(5, created.upperBound).bind(6, account?.number)
        for (index, kind) in kinds.enumerated() { count.bind(Int32(7 + index), kind) }
        return try first(count) {
            OpenOrderCount(accounts: Int($0.int(0)), first: $0.optionalInt(1), last: $0.optionalInt(2))
        } ?? OpenOrderCount(accounts: 0, first: nil, last: nil)
    }

    package func accountsWithOpenOrders() throws -> Int64 {
        try first(statement("SELECT count(DISTINCT account_id) FROM open_order")) { $0.int(0) } ?? 0
    }

    // MARK: Writing

    package func putOpenOrders(_ rows: [OpenOrders]) throws {
        guard let first = rows.first, let last = rows.last else { return }
        // Few accounts have any: those that do are asked for at once, and the others cost nothing.
        let present = Set(
            try self.rows(
                statement("SELECT DISTINCT account_id FROM open_order WHERE account_id BETWEEN ?1 AND ?2")
                    .bind(1, first.account.number).bind(2, last.account.number)
            ) { $0.int(0) })
        let remove = try statement("DELETE FROM open_order WHERE account_id = ?1")
        let put = try statement(
            """
            INSERT INTO open_order(account_id, number, kind, created_us, company, station, community, building)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """)
        for row in rows {
            let account = row.account.number
            if present.contains(account) { try remove.bind(1, account).run() }
            guard let house = row.house else { continue }
            for (number, order) in row.orders.enumerated() {
                put.bind(1, account).bind(2, Int64(number)).bind(3, order.kind).bind(4, order.createdAt)
                put.bind(5, house.company).bind(6, house.station).bind(7, house.community).bind(8, house.building)
                try put.run()
            }
        }
    }
}
