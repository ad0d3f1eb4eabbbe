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

/// Open orders by building and station are what a count of all rows makes of them, whatever was corrected, closed, moved or taken away.
@Suite struct OpenOrderTests {
    private static let orders = """
        entity: workOrder
        from: dispatch.orders
        key: [id]
        account: {column: no, as: accountNumber}
        fields:
          kind: {column: kind, as: code, codes: {noHeat: noHeat, notWarm: notWarm, leak: leak}}
          state: {column: state, as: code, codes: {dispatched: dispatched, onSite: onSite, completed: completed, closed: closed, cancelled: cancelled}}
          createdAt: {column: at, as: instant}
        """
    private static let residents = """
        entity: premises
        from: customer.residents
        key: [no]
        account: {column: no, as: accountNumber, introduces: true}
        fields:
          class: {value: resident}
          company: {value: A}
          station: {column: station, as: text}
          community: {column: community, as: community}
          building: {column: building, as: building}
        """
    private static let unified = """
        facts:
          class: {from: [customer.residents]}
          company: {from: [customer.residents]}
          station: {from: [customer.residents]}
          community: {from: [customer.residents]}
          building: {from: [customer.residents]}
        lists:
          work_orders: {from: [dispatch.orders], order: [createdAt]}
        """

    private struct Order: Equatable {
        var account: String
        var kind: String
        var state: String?
        var minute: Int?
    }

    private struct Place: Equatable {
        var station: String
        var community: String
        var building: String
    }

    private static func instant(_ minute: Int) -> String {
        Instant(microseconds: 1_768_867_200_000_000 + Int64(minute) * 60_000_000, offsetMinutes: 480).description
    }

    @Test(arguments: 0..<12) func theCountIsThatOfAllRows(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed) &* 977 &+ 5)
        func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: 0..<values.count, using: &random)] }
        let house = try House(mappings: [
            "dispatch.orders": Self.orders, "customer.residents": Self.residents, "unified": Self.unified,
        ])
        var places: [String: Place] = [:]
        var orders: [String: Order] = [:]
        for _ in 0..<14 {
            for _ in 0..<4 {
                places["0000000\(Int.random(in: 1...9, using: &random))"] = Place(
                    station: pick(["S1", "S2", ""]), community: pick(["甲小区", "乙小区", ""]),
                    building: pick(["1", "2", ""]))
            }
            for _ in 0..<5 {
                orders["W\(Int.random(in: 1...14, using: &random))"] = Order(
                    account: pick(places.keys.sorted()), kind: pick(["noHeat", "notWarm", "leak"]),
                    state: pick(["dispatched", "onSite", "completed", "closed", "cancelled", nil]),
                    minute: pick([0, 10, 20, 30, nil]))
            }
            if Bool.random(using: &random), let gone = orders.keys.sorted().first { orders[gone] = nil }
            try take(house, places, orders)
            try house.refresh()
            #expect(try house.recount().counts[.openOrders] == nil)
            try compare(house, places, orders)
        }
    }

    private func take(_ house: House, _ places: [String: Place], _ orders: [String: Order]) throws {
        let residents = places.sorted { $0.key < $1.key }.map { number, place -> [String?] in
            [number, place.station, place.community, place.building]
        }
        let rows = orders.sorted { $0.key < $1.key }.map { id, order -> [String?] in
            [id, order.account, order.kind, order.state, order.minute.map(Self.instant)]
        }
        let mappings = try house.mappings()
        for (name, columns, rows) in [
            ("customer.residents", ["no", "station", "community", "building"], residents),
            ("dispatch.orders", ["id", "no", "kind", "state", "at"], rows),
        ] {
            let report = try house.take(name, columns, rows, by: mappings)
            guard report.state == .success else { throw report.error! }
        }
    }

    private func compare(_ house: House, _ places: [String: Place], _ orders: [String: Order]) throws {
        let kinds = ["noHeat", "notWarm"]
        let base: Int64 = 1_768_867_200_000_000
        for asking in places.keys.sorted().prefix(4) {
            for level in [CohortLevel.building, .station] {
                for (station, community, building) in [("S1", "甲小区", "1"), ("S2", "乙小区", "2"), ("S1", "乙小区", "")] {
                    // By the rows alone.
                    let counted = orders.values.filter { order in
                        guard let place = places[order.account], let minute = order.minute else { return false }
                        let isThere =
                            level == .station
                            ? place.station == station
                            : place.community == community && place.building == building && !building.isEmpty
                        return isThere && (10...25).contains(minute) && kinds.contains(order.kind)
                            && ["dispatched", "onSite"].contains(order.state) && order.account != asking
                    }
                    let minutes = counted.compactMap(\.minute)
                    let found = try house.store.read { store in
                        let account = try Array(asking.utf8).withUnsafeBytes { try store.account(number: $0) }
                        return try store.openOrderCount(
                            level,
                            like: PeerBuilding(
                                company: "A", station: station, community: community, building: building),
                            kinds: kinds, created: base + 600_000_000...base + 1_500_000_000, besides: account)
                    }
                    #expect(found.accounts == Set(counted.map(\.account)).count)
                    #expect(found.first == minutes.min().map { base + Int64($0) * 60_000_000 })
                    #expect(found.last == minutes.max().map { base + Int64($0) * 60_000_000 })
                }
            }
        }
    }

    /// A row that is there and should not be, and one that is not, are told by a recount.
    @Test func aWrongTableIsTold() throws {
        let house = try House(mappings: [
            "dispatch.orders": Self.orders, "customer.residents": Self.residents, "unified": Self.unified,
        ])
        try take(
            house, ["00000001": Place(station: "S1", community: "甲小区", building: "1")],
            ["W1": Order(account: "00000001", kind: "noHeat", state: "dispatched", minute: 0)])
        try house.refresh()
        #expect(try house.recount().counts[.openOrders] == nil)
        try house.store.write { store in
            let account = try Array("00000001".utf8).withUnsafeBytes { try store.account(number: $0) }
            try store.putOpenOrders([OpenOrders(account: account!, house: nil, orders: [])])
        }
        #expect(try house.recount().counts[.openOrders] == 1)
    }

    // MARK: Outages

    private static let outages = """
        entity: outage
        from: dispatch.outages
        key: [id]
        voided: {column: void, when: ["1"]}
        fields:
          community: {column: community, as: community}
          building: {column: building, as: building}
          endedAt: {column: ended, as: instant}
        """

    /// A commit notes the place of each version, whatever becomes of the record.
    @Test func outagesAreFoundByTheirPlaces() throws {
        let house = try House(mappings: ["dispatch.outages": Self.outages, "unified": "facts: {}\nlists: {}\n"])
        func take(_ rows: [[String?]]) throws {
            let report = try house.take("dispatch.outages", ["id", "community", "building", "ended", "void"], rows)
            #expect(report.state == .success, "\(String(describing: report.error))")
        }
        func found(_ building: String, openSince since: Instant? = nil) throws -> [String] {
            let place = OutagePlace(level: .building, name: "\u{1F}甲小区\u{1F}\(building)")
            return try house.store.read { store in
                try store.outages(at: [place], openSince: since).map { String(decoding: $0.key, as: UTF8.self) }
            }
        }
        try take([["A", "甲小区", "三号楼", nil, "0"], ["B", nil, nil, nil, "0"], ["C", "甲小区", "3", Self.instant(0), "0"]])
        #expect(try found("3") == ["A", "C"] && found("4") == [])
        #expect(try found("3", openSince: Instant(Self.instant(0))) == ["A"])
        try take([["A", "甲小区", "4", nil, "0"], ["C", "甲小区", "3", Self.instant(5), "0"]])
        #expect(try found("3") == ["A", "C"] && found("4") == ["A"])
        #expect(try found("3", openSince: Instant(Self.instant(0))) == ["A", "C"])
        // The record that names no place is kept.
        try take([["B", "甲小区", "4", nil, "1"]])
        #expect(try found("4") == ["A", "B"])
        #expect(try house.record("dispatch.outages", "B")?.isVoided == true)
        #expect(try house.record("dispatch.outages", "B")?.account == nil)
    }
}
