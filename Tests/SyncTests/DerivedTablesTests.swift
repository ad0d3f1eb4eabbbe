import AccountView
import Foundation
import HearthTesting
import HeatModel
import Mapping
import Records
import SQLiteStore
import Store
import Testing

@testable import Sync

/// Places, other systems' ids, views and statistics are functions of the current records, whatever has come in which order.
@Suite struct DerivedTablesTests {
    /// A town that people work on, beside what they must find in the store.
    private struct History {
        var random: SeededGenerator
        let house: House
        var mappings: MappingSet
        /// Residents by the spelling of their number, doors by id.
        var residents: [String: [String?]] = [:]
        var doors: [String: [String?]] = [:]
        var registers: String? = "erp"
        var statesPlaces = true
        /// How residents were mapped when they were last read.
        var mappedRegisters: String? = "erp"
        var mappedPlaces = true
        var orders = 0

        init(seed: Int, house: House) throws {
            random = SeededGenerator(seed: UInt64(seed) &* 7919 &+ 3)
            self.house = house
            mappings = try house.mappings()
        }

        mutating func pick<Value>(_ values: [Value]) -> Value {
            values[Int.random(in: 0..<values.count, using: &random)]
        }

        mutating func number() -> String { "0000000\(Int.random(in: 1...5, using: &random))" }

        mutating func spelled(_ number: String) -> String {
            switch Int.random(in: 0..<4, using: &random) {
            case 0: Town.fullWidth(number)
            case 1: Town.fullWidth(String(number.prefix(4))) + number.dropFirst(4)
            default: number
            }
        }

        static let communities = ["甲小区", "乙小区"]
        static let ids: [String?] = ["601-4", "602-4", "603-4", nil]

        mutating func workOnResidents() {
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                if Int.random(in: 0..<4, using: &random) == 0, let gone = residents.keys.sorted().first {
                    residents[gone] = nil
                }
                let number = number()
                let key = spelled(number)
                residents[key] = Town.resident(
                    key, community: pick(Self.communities), building: pick(["1号楼", "2号楼"]),
                    unit: pick(["1单元", "2单元", nil]), room: pick(["101", "102", nil]), door: pick(Self.ids),
                    void: pick(["0", "0", "0", "1"]))
            }
        }

        mutating func workOnDoors() {
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let id = "D\(Int.random(in: 1...4, using: &random))"
                if Int.random(in: 0..<4, using: &random) == 0 {
                    doors[id] = nil
                    continue
                }
                let number = number()
                let row: [String?] = [
                    id, spelled(number), pick(Self.communities), pick(["1-1-101", "2-1-102", "?"]), pick(Self.ids),
                ]
                doors[id] = row
            }
        }

        /// Does one thing to the store.
        mutating func step() throws {
            switch Int.random(in: 0..<12, using: &random) {
            case 0, 1, 2:
                workOnResidents()
                let rows = residents.values.sorted { $0[0]! < $1[0]! }
                let report = try house.take("customer.residents", Town.residentColumns, rows, by: mappings)
                guard report.state == .success else { throw report.error! }
                (mappedRegisters, mappedPlaces) = (registers, statesPlaces)
            case 3, 4:
                workOnDoors()
                let rows = doors.values.sorted { $0[0]! < $1[0]! }
                let report = try house.take("customer.doors", Town.doorColumns, rows, by: mappings)
                guard report.state == .success else { throw report.error! }
            case 5:
                var cards: [[String?]] = []
                for _ in 0..<3 { cards.append([pick(["B1", "B2", "B3"]), number(), pick(["80", "90", "x"])]) }
                _ = try house.take(
                    "billing.cards", Town.cardColumns, cards, isSnapshot: Bool.random(using: &random), by: mappings)
            case 6:
                var charges: [[String?]] = []
                for key in 1...6 {
                    let stated: String? = Bool.random(using: &random) ? number() : nil
                    charges.append(
                        ["\(key)", stated, pick(["B1", "B2", "B3", "B9"]), "2025-2026", pick(["1.00", "2.00"])])
                }
                _ = try house.take("billing.charges", Town.chargeColumns, charges, by: mappings)
            case 7, 8:
                orders += 1
                let stated: String? = Int.random(in: 0..<3, using: &random) == 0 ? number() : nil
                let order: [String?] = [
                    "W\(orders % 5)", stated, pick(Self.ids), pick(Self.communities),
                    pick(["1-1-101", "1-101", "2-2-102"]), "2026-01-0\(orders % 9 + 1)T08:00:00",
                ]
                _ = try house.take("dispatch.orders", Town.orderColumns, [order], isSnapshot: false, by: mappings)
            case 9:
                for stream in ["billing.charges", "dispatch.orders"] {
                    _ = try house.engine().replay(house.stream(stream, MemorySource(stream, []))) { _ in true }
                }
            case 10:
                registers = pick(["erp", "erp", "billing", nil])
                statesPlaces = pick([true, true, false])
                try house.write(
                    "customer.residents", Town.residents(registers: registers, statesPlaces: statesPlaces))
                try house.write("unified", Town.unified(statesPlaces: statesPlaces))
                try house.write(
                    "billing.cards", Town.cards(introduces: pick([true, false]), registers: pick([true, true, false])))
                mappings = try house.mappings()
            default: try house.refresh(by: mappings)
            }
        }

        /// The places and ids that the living rows state, by themselves and not by the store.
        func check() throws {
            var places: [String: Set<String>] = [:]
            var ids: [String: Set<String>] = [:]
            func digits(_ text: String?) -> String {
                (text ?? "").compactMap { $0.wholeNumberValue }.map(String.init).joined()
            }
            for row in residents.values where row[6] == "0" {
                let number = digits(row[0])
                if mappedPlaces {
                    places["\(row[1]!) \(digits(row[2])) \(digits(row[3])) \(digits(row[4]))", default: []].insert(
                        number)
                }
                if mappedRegisters == "erp", let door = row[5] { ids[door, default: []].insert(number) }
            }
            for row in doors.values {
                if row[3] != "?" {
                    let parts = row[3]!.split(separator: "-")
                    places["\(row[2]!) \(parts[0]) \(parts[1]) \(parts[2])", default: []].insert(digits(row[1]))
                }
                if let door = row[4] { ids[door, default: []].insert(digits(row[1])) }
            }
            for community in Self.communities {
                for (building, unit, room) in [
                    ("1", "1", "101"), ("1", "2", "102"), ("2", "1", "102"), ("2", "2", "101"),
                ] {
                    let right = places["\(community) \(building) \(unit) \(room)"] ?? []
                    #expect(try house.accounts(at: community, building, unit, room) == right.sorted())
                }
            }
            for id in Self.ids.compactMap({ $0 }) {
                #expect(try house.accounts(by: "erp", id) == (ids[id] ?? []).sorted(), "\(id)")
            }
        }
    }

    /// After every step of any history: what a recount makes of the records is what the tables hold.
    @Test(arguments: 0..<32) func aRecountAgreesAfterEveryStep(block: Int) throws {
        for seed in block * 8..<block * 8 + 8 {
            var history = try History(seed: seed, house: try House(mappings: Town.all))
            for step in 0..<9 {
                try history.step()
                let recount = try history.house.recount(by: history.mappings)
                #expect(recount.ofTables == [:], "seed \(seed), step \(step): \(recount.differences)")
                try history.check()
            }
            try history.house.refresh(by: history.mappings)
            let recount = try history.house.recount(by: history.mappings)
            #expect(recount.ofTables == [:], "seed \(seed), at the end: \(recount.differences)")
        }
    }

    // MARK: The recount itself

    /// Three accounts with bills, one id that two of them register, and a charge and an order linked by one that one of them does.
    private func company() throws -> House {
        let house = try House(mappings: Town.all)
        try house.take(
            "customer.residents", Town.residentColumns,
            (1...3).map { Town.resident("0000000\($0)", room: "10\($0)", door: $0 == 1 ? "601-4" : "602-4") })
        try house.take("billing.cards", Town.cardColumns, (1...3).map { ["B\($0)", "0000000\($0)", "80"] })
        try house.take(
            "billing.charges", Town.chargeColumns, (1...3).map { ["\($0)", nil, "B\($0)", "2025-2026", "100.00"] })
        try house.take(
            "dispatch.orders", Town.orderColumns, [["W1", nil, "601-4", nil, nil, "2026-01-01T08:00:00"]])
        try house.refresh()
        return house
    }

    static let damages: [(String, [DerivedRecount.Table: Int64])] = [
        ("DELETE FROM place WHERE rowid = (SELECT min(rowid) FROM place)", [.places: 1]),
        ("UPDATE place SET room = '999'", [.places: 3]),
        ("UPDATE place SET account_id = 1", [.places: 2]),
        ("INSERT INTO place SELECT 9999, account_id, community, building, unit, room FROM place LIMIT 1", [.places: 1]),
        ("DELETE FROM crosswalk WHERE system = 'billing'", [.foreignIDs: 3, .links: 3]),
        ("UPDATE crosswalk SET external_id = '601-4' WHERE external_id = '602-4'", [.foreignIDs: 2, .links: 1]),
        ("UPDATE crosswalk SET account_id = 2 WHERE external_id = '601-4'", [.foreignIDs: 1, .links: 1]),
        (
            "INSERT INTO crosswalk SELECT id, account_id, 'erp', '777' FROM record WHERE stream_id = (SELECT id FROM stream WHERE name = 'dispatch.orders')",
            [.foreignIDs: 1]
        ),
        (
            """
            UPDATE account_view SET packing_id = 0, packed = packed(
                replace(body_of(packing_id, packed, 'view', account_id), '10000', '10001'),
                beside_of(packing_id, packed, 'view', account_id)) WHERE account_id < 3
            """, [.views: 2]
        ),
        ("DELETE FROM account_view WHERE account_id = 2", [.views: 1]),
        ("DELETE FROM cohort_member WHERE account_id = 3", [.cohorts: 2]),
        ("UPDATE cohort SET body = x'00' WHERE level = 0", [.cohorts: 1]),
        ("INSERT INTO cohort VALUES(1, 'nowhere', 7, x'00')", [.cohorts: 1]),
        ("INSERT INTO cohort_page VALUES(77, 7, x'00')", [.cohorts: 1]),
    ]

    @Test(.ofTheStoresFile, arguments: damages.indices) func aRecountShowsEveryDamage(_ index: Int)
        throws
    {
        let house = try company()
        let sound = try house.recount()
        #expect(sound.isEmpty, "\(sound.differences)")
        try house.damage(Self.damages[index].0)
        let recount = try house.recount()
        #expect(recount.counts.filter { $0.key != .cohorts } == Self.damages[index].1.filter { $0.key != .cohorts })
        // A damaged page shows in what is made of it, too.
        #expect((recount.counts[.cohorts] ?? 0) >= (Self.damages[index].1[.cohorts] ?? 0), "\(recount.differences)")
        #expect((recount.counts[.cohorts] == nil) == (Self.damages[index].1[.cohorts] == nil))
        // A record is named by its stream and key, and nothing of what it says is shown.
        for difference in recount.differences {
            #expect(!difference.subject.isEmpty && !difference.subject.contains("小区"))
        }
    }

    @Test func aLinkThatHasBecomeDoubtfulIsNamedWithItsAccounts() throws {
        let house = try company()
        try house.take(
            "customer.doors", Town.doorColumns, [["D1", "00000003", nil, nil, "601-4"]], isSnapshot: false)
        let recount = try house.recount()
        #expect(recount.counts == [.links: 1])
        #expect(
            recount.differences.map { [$0.account, $0.subject] } == [["00000001", "dispatch.orders W1"]])
        #expect(
            recount.differences.first?.link
                == .init(rule: .crosswalk, accounts: ["00000001", "00000003"], code: "match.ambiguousId"))
    }

    /// What became of the place that an order was linked by, and what is said of its link.
    static let moves: [(String, [[String?]], accounts: [String], code: String?)] = [
        (
            "two accounts at the door", [Town.resident("00000001"), Town.resident("00000002")],
            ["00000001", "00000002"], "match.ambiguousPlace"
        ),
        ("no account there", [Town.resident("00000001", room: "909")], [], "match.unknownPlace"),
        ("another's door", [Town.resident("00000001", room: "909"), Town.resident("00000002")], ["00000002"], nil),
    ]

    @Test(arguments: moves.indices) func aLinkByAPlaceThatMeansAnotherAccountIsNamed(_ index: Int) throws {
        let (_, residents, accounts, code) = Self.moves[index]
        let house = try House(mappings: Town.all)
        try house.take("customer.residents", Town.residentColumns, [Town.resident("00000001")])
        let order: [String?] = ["W1", nil, nil, "甲小区", "1-1-101", "2026-01-01T08:00:00"]
        try house.take("dispatch.orders", Town.orderColumns, [order])
        #expect(try house.record("dispatch.orders", "W1")?.rule == .place)
        #expect(try house.recount().isEmpty)
        try house.take("customer.residents", Town.residentColumns, residents)
        let recount = try house.recount()
        #expect(recount.counts == [.links: 1], "\(recount.differences)")
        #expect(recount.differences.first?.account == "00000001")
        #expect(recount.differences.first?.link == .init(rule: .place, accounts: accounts, code: code))
        // It is as the recount says once it is read again.
        try house.take("dispatch.orders", Town.orderColumns, [order])
        #expect(try house.quarantine("dispatch.orders").first?.code == code)
        #expect(try house.recount().isEmpty)
    }
}
