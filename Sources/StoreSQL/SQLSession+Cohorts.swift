import HeatModel
package import Store

extension SQLSession {
    // MARK: Reading

    package func cohort(_ level: CohortLevel, _ place: String, kind: Int64) throws -> [UInt8]? {
        let statement = try statement("SELECT body FROM cohort WHERE level = ?1 AND place = ?2 AND kind = ?3").bind(
            1, Int64(level.rawValue)
        ).bind(2, place).bind(3, kind)
        return try first(statement) { $0.blob(0) }
    }

    package func touchedBuildings(limit: Int) throws -> [PeerBuilding] {
        let sql = """
            SELECT h.company, h.station, h.community, h.building FROM cohort_touched t JOIN cohort_house h ON h.id = t.house_id
            ORDER BY h.company, h.station, h.community, h.building LIMIT ?1
            """
        return try rows(statement(sql).bind(1, Int64(limit)), Self.house)
    }

    package func buildings(_ level: CohortLevel, like house: PeerBuilding) throws -> [PeerBuilding] {
        let condition =
            switch level {
            case .building: "company = ?1 AND community = ?2 AND building = ?3"
            case .community: "company = ?1 AND community = ?2"
            case .station: "company = ?1 AND station = ?2"
            }
        let statement = try statement(
            "SELECT company, station, community, building FROM cohort_house WHERE \(condition) ORDER BY 1, 2, 3, 4")
        statement.bind(1, house.company).bind(2, level == .station ? house.station : house.community)
        if level == .building { statement.bind(3, house.building) }
        return try rows(statement, Self.house)
    }

    private static func house(_ row: Statement) -> PeerBuilding {
        PeerBuilding(company: row.text(0), station: row.text(1), community: row.text(2), building: row.text(3))
    }

    package func forEachCohortMember(of house: PeerBuilding, _ body: (UnsafeRawBufferPointer) -> Void) throws {
        let statement = try statement("SELECT body FROM cohort_member WHERE house_id = ?1 ORDER BY account_id")
        statement.bind(1, house.number)
        defer { statement.reset() }
        while try statement.step() { body(statement.bytes(0)) }
    }

    package func cohortPage(_ house: PeerBuilding, kind: Int64) throws -> [UInt8]? {
        let statement = try statement("SELECT body FROM cohort_page WHERE house_id = ?1 AND kind = ?2")
        return try first(statement.bind(1, house.number).bind(2, kind)) { $0.blob(0) }
    }

    package func cohortKinds(_ house: PeerBuilding) throws -> [Int64] {
        try rows(
            statement("SELECT kind FROM cohort_page WHERE house_id = ?1 ORDER BY kind").bind(1, house.number)
        ) { $0.int(0) }
    }

    package func cohortKinds(_ level: CohortLevel, _ place: String) throws -> [Int64] {
        let statement = try statement("SELECT kind FROM cohort WHERE level = ?1 AND place = ?2 ORDER BY kind")
        return try rows(statement.bind(1, Int64(level.rawValue)).bind(2, place)) { $0.int(0) }
    }

    package func cohortMember(_ account: AccountID) throws -> CohortMemberRow? {
        let sql = """
            SELECT h.company, h.station, h.community, h.building, m.body FROM cohort_member m
            LEFT JOIN cohort_house h ON h.id = m.house_id WHERE m.account_id = ?1
            """
        return try first(statement(sql).bind(1, account.number)) {
            CohortMemberRow(account: account, house: $0.isNull(0) ? nil : Self.house($0), body: $0.blob(4))
        }
    }

    package func peerBuildings() throws -> [PeerBuilding] {
        let sql = "SELECT company, station, community, building FROM cohort_house ORDER BY 1, 2, 3, 4"
        return try rows(statement(sql), Self.house)
    }

    package func cohortCounts() throws -> (members: Int64, pages: Int64, groups: Int64) {
        let counts = try ["cohort_member", "cohort_page", "cohort"].map { table in
            try first(statement("SELECT count(*) FROM \(table)")) { $0.int(0) } ?? 0
        }
        return (counts[0], counts[1], counts[2])
    }

    // MARK: Writing

    package func putCohortMembers(_ rows: [CohortMemberRow]) throws {
        guard let first = rows.first, let last = rows.last else { return }
        // What stands there, walked beside the rows: both are in the order of the accounts. Rows that lie far apart are asked for
        // one by one.
        var known: [(account: Int64, house: Int64, body: [UInt8])] = []
        let present = try statement(
            "SELECT account_id, house_id, body FROM cohort_member WHERE account_id BETWEEN ?1 AND ?2 ORDER BY account_id"
        )
        let isDense = last.account.number - first.account.number < Int64(rows.count) * 4
        for (from, to) in isDense ? [(first, last)] : rows.map({ ($0, $0) }) {
            known += try self.rows(present.bind(1, from.account.number).bind(2, to.account.number)) {
                ($0.int(0), $0.int(1), $0.blob(2))
            }
        }
        var next = 0
        var touched: Set<Int64> = []
        var houses: [PeerBuilding: Int64] = [:]
        for row in rows {
            while next < known.count, known[next].account < row.account.number { next += 1 }
            let before = next < known.count && known[next].account == row.account.number ? known[next] : nil
            guard let house = row.house, !row.body.isEmpty else {
                if let before {
                    try statement("DELETE FROM cohort_member WHERE account_id = ?1").bind(1, row.account.number).run()
                    touched.insert(before.house)
                }
                continue
            }
            let number: Int64
            if let seen = houses[house] {
                number = seen
            } else {
                number = house.number
                houses[house] = number
                try introduce(house, number)
            }
            if let before, before.house == number, before.body == row.body { continue }
            if let before { touched.insert(before.house) }
            touched.insert(number)
            let put = try statement(
                """
                INSERT INTO cohort_member(account_id, house_id, body) VALUES(?1, ?2, ?3)
                ON CONFLICT(account_id) DO UPDATE SET house_id = excluded.house_id, body = excluded.body
                """)
            try row.body.withUnsafeBytes {
                try put.bind(1, row.account.number).bind(2, number).bind(3, blob: $0).run()
            }
        }
        let touch = try statement("INSERT INTO cohort_touched(house_id) VALUES(?1) ON CONFLICT DO NOTHING")
        for house in touched.sorted() { try touch.bind(1, house).run() }
    }

    private func introduce(_ house: PeerBuilding, _ number: Int64) throws {
        let put = try statement(
            """
            INSERT INTO cohort_house(id, company, station, community, building) VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING
            """)
        put.bind(1, number).bind(2, house.company).bind(3, house.station).bind(4, house.community)
        try put.bind(5, house.building).run()
    }

    package func putCohortPage(_ house: PeerBuilding, kind: Int64, _ body: [UInt8]?) throws {
        guard let body else {
            return try statement("DELETE FROM cohort_page WHERE house_id = ?1 AND kind = ?2").bind(1, house.number)
                .bind(2, kind).run()
        }
        let put = try statement(
            """
            INSERT INTO cohort_page(house_id, kind, body) VALUES(?1, ?2, ?3)
            ON CONFLICT(house_id, kind) DO UPDATE SET body = excluded.body
            """)
        try body.withUnsafeBytes { try put.bind(1, house.number).bind(2, kind).bind(3, blob: $0).run() }
    }

    package func putCohort(_ level: CohortLevel, _ place: String, kind: Int64, _ body: [UInt8]?) throws {
        guard let body else {
            let gone = try statement("DELETE FROM cohort WHERE level = ?1 AND place = ?2 AND kind = ?3")
            return try gone.bind(1, Int64(level.rawValue)).bind(2, place).bind(3, kind).run()
        }
        let put = try statement(
            """
            INSERT INTO cohort(level, place, kind, body) VALUES(?1, ?2, ?3, ?4)
            ON CONFLICT(level, place, kind) DO UPDATE SET body = excluded.body
            """)
        try body.withUnsafeBytes {
            try put.bind(1, Int64(level.rawValue)).bind(2, place).bind(3, kind).bind(4, blob: $0).run()
        }
    }

    package func untouch(_ house: PeerBuilding) throws {
        let number = house.number
        try statement("DELETE FROM cohort_touched WHERE house_id = ?1").bind(1, number).run()
        // A building without members is forgotten.
        let isEmpty = try first(
            statement("SELECT 1 FROM cohort_member WHERE house_id = ?1 LIMIT 1").bind(1, number)
        ) { _ in true }
        if isEmpty == nil { try statement("DELETE FROM cohort_house WHERE id = ?1").bind(1, number).run() }
    }

    package func touch(_ buildings: [PeerBuilding]) throws {
        let touch = try statement(
            "INSERT INTO cohort_touched(house_id) SELECT id FROM cohort_house WHERE id = ?1 ON CONFLICT DO NOTHING")
        for building in buildings { try touch.bind(1, building.number).run() }
    }
}

extension PeerBuilding {
    /// Its row: the same number on every machine for the same building (FNV-1a, 62 bits of it), so that equal data makes equal stores.
    package var number: Int64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for part in [company, station, community, building] {
            for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = (hash ^ 0x1F) &* 0x100_0000_01B3
        }
        hash ^= hash >> 32
        return Int64(hash & 0x3FFF_FFFF_FFFF_FFFF)
    }
}
