import AccountView
import Foundation
import HeatModel
import Records
import Setup
import Store
import Testing

@testable import Sync

/// Another system's id means the one account of which a record states it; of two it is told, of none too, and nothing is guessed.
@Suite struct ForeignIDTests {
    private func order(
        _ key: String, door: String?, no: String? = nil, community: String? = nil, _ address: String? = nil
    )
        -> [String?]
    {
        [key, no, door, community, address, "2026-01-01T08:00:00"]
    }

    private func residents(_ house: House, _ doors: [String?]) throws {
        try house.take(
            "customer.residents", Town.residentColumns,
            doors.enumerated().map { Town.resident("0000000\($0 + 1)", room: "10\($0 + 1)", door: $1) })
    }

    private func account(_ house: House, _ order: String) throws -> String? {
        try house.accountNumber(house.record("dispatch.orders", order))
    }

    @Test func anIdOfTwoAccountsIsAmbiguousWithBoth() throws {
        let house = try House(mappings: Town.all)
        try residents(house, ["601-4", "601-4", "602-4"])
        let report = try house.take(
            "dispatch.orders", Town.orderColumns,
            [
                order("W1", door: "601-4"), order("W2", door: "602-4"),
                // A number tells which of them is meant, and a place does not overrule the id.
                order("W3", door: "601-4", no: "00000002"),
                order("W4", door: "601-4", community: "甲小区", "1-1-101"),
                order("W5", door: "601-4", no: "00000003"),
            ])
        #expect(report.counts.quarantined == 3 && report.state == .success)
        #expect(try ["W1", "W2", "W3"].map { try account(house, $0) } == [nil, "00000003", "00000002"])
        let entries = try house.quarantine("dispatch.orders")
        #expect(entries.map(\.code) == ["match.ambiguousId", "match.ambiguousId", "match.conflict"])
        #expect(
            entries.map(\.candidates) == [
                ["00000001", "00000002"], ["00000001", "00000002"], ["00000003", "00000001", "00000002"],
            ])
        #expect(entries[0].message == "2 accounts are known by the stated erp id")
    }

    static let endings: [(String, [String?], String?)] = [
        ("one account's record changes", ["601-4", "605-4"], "00000001"),
        ("one account's record no longer states it", [nil, "601-4"], "00000002"),
        ("one account's record vanishes", ["601-4"], "00000001"),
        ("nobody states it any more", ["1", "2"], nil),
    ]

    @Test(arguments: endings.indices) func whatWaitedIsTakenWhenTheAmbiguityEnds(_ index: Int) throws {
        let (_, doors, expected) = Self.endings[index]
        let house = try House(mappings: Town.all)
        let customer = MemorySource("customer", [])
        func hold(_ doors: [String?]) {
            customer.hold([
                .table(
                    Town.residentColumns,
                    doors.enumerated().map { Town.resident("0000000\($0 + 1)", room: "10\($0 + 1)", door: $1) })
            ])
        }
        let dispatch = MemorySource(
            "dispatch", [.table(Town.orderColumns, [order("W1", door: "601-4")], isSnapshot: false)])
        let workspace = try house.workspace(
            [(dispatch, ["orders"]), (customer, ["residents"])], policy: VanishPolicy(allowsAll: true))
        hold(["601-4", "601-4"])
        _ = try workspace.sync()
        #expect(try house.quarantine("dispatch.orders").map(\.code) == ["match.ambiguousId"])
        dispatch.hold([])
        hold(doors)
        let outcome = try workspace.sync()
        #expect(outcome.replayed.replayed == (expected == nil ? 0 : 1))
        #expect(try account(house, "W1") == expected)
        #expect(try house.quarantine("dispatch.orders").map(\.code) == (expected == nil ? ["match.unknownId"] : []))
        #expect(try house.recount(peers: workspace.configuration.peers).isEmpty)
    }

    /// A record that was linked before the id became ambiguous is named by the recount, and refused when it is next read.
    @Test func aLinkFromBeforeTheAmbiguityDoesNotStaySilent() throws {
        let house = try House(mappings: Town.all)
        try residents(house, ["601-4", nil])
        try house.take("dispatch.orders", Town.orderColumns, [order("W1", door: "601-4")])
        #expect(try account(house, "W1") == "00000001")
        try residents(house, ["601-4", "601-4"])
        #expect(try house.recount().counts == [.links: 1])
        let report = try house.take("dispatch.orders", Town.orderColumns, [order("W1", door: "601-4")])
        #expect(report.counts.quarantined == 1)
        #expect(try house.quarantine("dispatch.orders").map(\.code) == ["match.ambiguousId"])
        #expect(try house.quarantine("dispatch.orders").map(\.candidates) == [["00000001", "00000002"]])
    }

    static let unknown: [([String?], String)] = [
        ([nil, nil], "no account is known by erp id 999"),
        (["甲小区", "9-9-909"], "no account is known by erp id 999, and none at the stated place"),
        (["甲小区", nil], "no account is known by erp id 999"),
    ]

    @Test(arguments: unknown.indices) func anIdThatNobodyStatesIsNamed(_ index: Int) throws {
        let house = try House(mappings: Town.all)
        try residents(house, ["601-4"])
        let place = Self.unknown[index].0
        try house.take(
            "dispatch.orders", Town.orderColumns, [order("W1", door: "999", community: place[0], place[1])])
        let entry = try #require(try house.quarantine("dispatch.orders").first)
        #expect(entry.code == "match.unknownId" && entry.message == Self.unknown[index].1)
        // What is no id at all is not shown whole.
        let long = String(repeating: "长", count: 200)
        try house.take("dispatch.orders", Town.orderColumns, [order("W2", door: long)], isSnapshot: false)
        #expect(try house.quarantine("dispatch.orders").allSatisfy { $0.message.count < 100 })
    }

    /// An id that a run's own batches, or another stream's run in between, give to a second account is ambiguous from then on.
    @Test func anIdIsLookedUpAnewInEachTransaction() throws {
        let house = try House(mappings: Town.all)
        try residents(house, ["601-4", nil])
        let dispatch = MemorySource(
            "dispatch", [.table(Town.orderColumns, (1...4).map { order("W\($0)", door: "601-4") }, isSnapshot: false)])
        dispatch.change {
            $0.afterBatch = { [house] batch in
                guard batch == 1 else { return }
                // The first batch may still be on its way to the store: wait until it is there.
                while ((try? house.record("dispatch.orders", "W1")) ?? nil) == nil {
                    Thread.sleep(forTimeInterval: 0.001)
                }
                try? self.residents(house, ["601-4", "601-4"])
            }
        }
        try house.run("dispatch.orders", dispatch, batchRows: 1)
        #expect(try account(house, "W1") == "00000001")
        #expect(try account(house, "W4") == nil)
        #expect(try house.quarantine("dispatch.orders").allSatisfy { $0.code == "match.ambiguousId" })
    }
}
