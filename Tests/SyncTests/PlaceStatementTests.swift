import AccountView
import HeatModel
import Records
import Store
import Testing

@testable import Sync

/// An account stands where its living records say, and no record takes away what another one says.
@Suite struct PlaceStatementTests {
    private func town() throws -> House {
        let house = try House(mappings: Town.all)
        try house.take(
            "customer.residents", Town.residentColumns,
            [Town.resident("00000001"), Town.resident("00000002", unit: "2单元")])
        return house
    }

    /// Orders at 1-1-101, which is one account's, and at 1-101, which two could be meant by.
    private func linked(_ house: House, _ turn: Int) throws -> [String?] {
        try house.take(
            "dispatch.orders", Town.orderColumns,
            [
                ["W\(turn)1", nil, nil, "甲小区", "1-1-101", "2026-01-01T08:00:00"],
                ["W\(turn)2", nil, nil, "甲小区", "1-101", "2026-01-01T08:00:00"],
            ], isSnapshot: false)
        return try ["W\(turn)1", "W\(turn)2"].map { try house.accountNumber(house.record("dispatch.orders", $0)) }
    }

    static let spellings = [
        ("０００００００１", "00000001"), ("00000001", "０００００００１"), ("0000０００１", "00000001"),
        ("00000001", "0000０００１"),
    ]

    /// The key's spelling changes: the old one vanishes in the snapshot that brings the new one.
    @Test(arguments: spellings) func aKeyThatIsSpelledAnewKeepsThePlace(before: String, after: String) throws {
        let house = try House(mappings: Town.all)
        let other = Town.resident("00000002", unit: "2单元")
        try house.take("customer.residents", Town.residentColumns, [Town.resident(before), other])
        #expect(try linked(house, 1) == ["00000001", nil])
        let report = try house.take("customer.residents", Town.residentColumns, [Town.resident(after), other])
        #expect(report.counts.vanished == 1 && report.counts.new == 1)
        #expect(try linked(house, 2) == ["00000001", nil])
        #expect(
            try house.quarantine("dispatch.orders").map(\.code) == ["match.ambiguousPlace", "match.ambiguousPlace"])
        #expect(try house.accounts(at: "甲小区", "1", "1", "101") == ["00000001"])
        #expect(try house.recount().isEmpty)
        // And back, and with both spellings side by side until one goes.
        for rows in [[after, before], [before], [before, after], [after]] {
            try house.take(
                "customer.residents", Town.residentColumns, rows.map { Town.resident($0) } + [other])
            #expect(try house.accounts(at: "甲小区", "1", "1", "101") == ["00000001"])
            #expect(try house.recount().ofTables == [:])
        }
    }

    /// A stream that brings accounts in and says nothing of places changes none.
    @Test(arguments: [["81", "00000001"], ["80", "00000002"], [nil, "00000001"]])
    func aSecondStreamThatIntroducesAccountsErasesNoPlace(card: [String?]) throws {
        let house = try town()
        try house.take(
            "billing.cards", Town.cardColumns, [["B1", "00000001", "80"], ["B2", "00000002", "90"]], isSnapshot: false)
        #expect(try linked(house, 1) == ["00000001", nil])
        try house.take("billing.cards", Town.cardColumns, [["B1", card[1], card[0]]], isSnapshot: false)
        #expect(try linked(house, 2) == ["00000001", nil])
        // Nor where all its cards vanish.
        try house.take("billing.cards", Town.cardColumns, [["B9", "00000009", "1"]])
        #expect(try linked(house, 3) == ["00000001", nil])
        #expect(try house.recount().isEmpty)
    }

    /// Two streams state places of one account: it is found at both, until the one that states a place states it no longer.
    @Test func aPlaceGoesWithTheLastRecordThatStatesIt() throws {
        let house = try town()
        func doors(_ address: String?) throws {
            try house.take(
                "customer.doors", Town.doorColumns, [["D1", "00000001", "甲小区", address, nil]], isSnapshot: false)
        }
        try doors("2-1-102")
        #expect(try house.accounts(at: "甲小区", "2", "1", "102") == ["00000001"])
        #expect(try house.accounts(at: "甲小区", "1", "1", "101") == ["00000001"])
        try doors("1-1-101")
        #expect(try house.accounts(at: "甲小区", "2", "1", "102") == [])
        // The residents' snapshot no longer holds it: the doors still do.
        try house.take("customer.residents", Town.residentColumns, [Town.resident("00000002", unit: "2单元")])
        #expect(try house.accounts(at: "甲小区", "1", "1", "101") == ["00000001"])
        try house.take("customer.doors", Town.doorColumns, [["D2", "00000002", nil, nil, nil]])
        #expect(try house.accounts(at: "甲小区", "1", "1", "101") == [])
        #expect(try house.recount().isEmpty)
    }

    @Test func aVoidedRecordStatesNothing() throws {
        let house = try town()
        try house.take(
            "customer.residents", Town.residentColumns,
            [Town.resident("00000001", door: "601-4", void: "1"), Town.resident("00000002", unit: "2单元")])
        #expect(try house.accounts(at: "甲小区", "1", "1", "101") == [])
        #expect(try house.accounts(by: "erp", "601-4") == [])
        #expect(try linked(house, 1) == [nil, "00000002"])
        #expect(try house.recount().isEmpty)
    }

    /// A mapping that no longer says where an account stands, or says it again, is followed without asking the source.
    @Test func aChangedMappingIsFollowed() throws {
        let house = try town()
        let rows = [Town.resident("00000001", door: "601-4"), Town.resident("00000002", unit: "2单元")]
        try house.take("customer.residents", Town.residentColumns, rows)
        for (registers, states) in [("erp", false), (nil, true), ("billing", true), ("erp", true)] {
            try house.write("customer.residents", Town.residents(registers: registers, statesPlaces: states))
            try house.write("unified", Town.unified(statesPlaces: states))
            #expect(try house.take("customer.residents", Town.residentColumns, rows).remapped != nil)
            #expect(try house.accounts(at: "甲小区", "1", "1", "101") == (states ? ["00000001"] : []))
            for system in ["erp", "billing"] {
                #expect(try house.accounts(by: system, "601-4") == (registers == system ? ["00000001"] : []))
            }
            #expect(try house.recount().isEmpty)
        }
    }

    /// A record whose key loses the blanks that an earlier version kept goes on stating what it stated.
    @Test func aTrimmedKeyKeepsWhatItsRecordStates() throws {
        let house = try House(mappings: Town.all)
        let rows = [Town.resident("00000001", door: "601-4"), Town.resident("00000002", unit: "2单元")]
        try house.take("customer.residents", Town.residentColumns, rows)
        try house.damage(
            """
            UPDATE record SET key = CAST(CAST(key AS TEXT) || '   ' AS BLOB);
            DELETE FROM setting WHERE name LIKE 'keys trimmed%';
            """)
        // Only the other one is pulled.
        try house.take("customer.residents", Town.residentColumns, [rows[1]], isSnapshot: false)
        #expect(try house.keys("customer.residents") == ["00000001", "00000002"])
        #expect(try house.accounts(at: "甲小区", "1", "1", "101") == ["00000001"])
        #expect(try house.accounts(by: "erp", "601-4") == ["00000001"])
        #expect(try house.recount().isEmpty)
    }
}
