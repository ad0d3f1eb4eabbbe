import Store
import StoreSQL

/// What is kept with the views of a batch, in statements for all of its accounts.
extension Session {
    func putCohortMembers(_ rows: [CohortMemberRow]) throws {
        if rows.isEmpty { return }
        var (accounts, houses) = (ListParameter(.integers), ListParameter(.integers))
        var bodies = ListParameter(.byteStrings)
        var buildings: Set<PeerBuilding> = []
        for row in rows {
            accounts.append(row.account.number)
            // One without a house, or that says nothing, is no member.
            let house = row.body.isEmpty ? nil : row.house
            houses.append(house?.number)
            if let house { buildings.insert(house) }
            row.body.withUnsafeBytes { bodies.append($0) }
        }
        try introduce(buildings)
        let put = try statement(
            """
            WITH wanted AS (SELECT * FROM unnest(?1, ?2, ?3) AS v(account_id, house_id, body)),
                gone AS (
                    DELETE FROM cohort_member m USING wanted v
                    WHERE v.house_id IS NULL AND m.account_id = v.account_id RETURNING m.house_id),
                changed AS (
                    SELECT v.account_id, v.house_id, v.body, m.house_id AS before
                    FROM wanted v LEFT JOIN cohort_member m ON m.account_id = v.account_id
                    WHERE v.house_id IS NOT NULL
                        AND (m.account_id IS NULL OR m.house_id <> v.house_id OR m.body <> v.body)),
                put AS (
                    INSERT INTO cohort_member(account_id, house_id, body) SELECT account_id, house_id, body FROM changed
                    ON CONFLICT (account_id) DO UPDATE SET house_id = excluded.house_id, body = excluded.body)
            INSERT INTO cohort_touched(house_id)
            SELECT house_id FROM gone UNION SELECT house_id FROM changed
            UNION SELECT before FROM changed WHERE before IS NOT NULL
            ON CONFLICT DO NOTHING
            """)
        try put.bind(1, accounts).bind(2, houses).bind(3, bodies).run()
    }

    private func introduce(_ buildings: Set<PeerBuilding>) throws {
        if buildings.isEmpty { return }
        let buildings = buildings.sorted { $0.number < $1.number }
        let put = try statement(
            """
            INSERT INTO cohort_house(id, company, station, community, building) SELECT * FROM unnest(?1, ?2, ?3, ?4, ?5)
            ON CONFLICT DO NOTHING
            """)
        put.bind(1, .numbers(buildings.map(\.number))).bind(2, .texts(buildings.map(\.company)))
        put.bind(3, .texts(buildings.map(\.station))).bind(4, .texts(buildings.map(\.community)))
        try put.bind(5, .texts(buildings.map(\.building))).run()
    }

    func putOpenOrders(_ rows: [OpenOrders]) throws {
        if rows.isEmpty { return }
        try statement("DELETE FROM open_order WHERE account_id = ANY(?1)").bind(1, .numbers(rows.map(\.account.number)))
            .run()
        let placed = rows.flatMap { row in
            row.house.map { house in row.orders.enumerated().map { (row.account, $0, $1, house) } } ?? []
        }
        if placed.isEmpty { return }
        let put = try statement(
            """
            INSERT INTO open_order(account_id, number, kind, created_us, company, station, community, building)
            SELECT * FROM unnest(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """)
        put.bind(1, .numbers(placed.map(\.0.number))).bind(2, .numbers(placed.map { Int64($0.1) }))
        put.bind(3, .texts(placed.map(\.2.kind))).bind(4, .numbers(placed.map(\.2.createdAt)))
        put.bind(5, .texts(placed.map(\.3.company))).bind(6, .texts(placed.map(\.3.station)))
        try put.bind(7, .texts(placed.map(\.3.community))).bind(8, .texts(placed.map(\.3.building))).run()
    }
}
