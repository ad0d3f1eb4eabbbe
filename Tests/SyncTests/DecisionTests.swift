import AccountView
import Evidence
import Foundation
import HeatModel
import Records
import Setup
import Store
import Testing

@testable import Sync

/// A person says which account a record is of, where the rules leave several; never against the rules.
@Suite struct DecisionTests {
    private static let order: [String?] = ["W1", nil, "601-4", nil, nil, "2026-01-01T08:00:00"]

    private func residents(_ house: House, _ doors: [String?]) throws {
        try house.take(
            "customer.residents", Town.residentColumns,
            doors.enumerated().map { Town.resident("0000000\($0 + 1)", room: "10\($0 + 1)", door: $1) })
    }

    /// Two residents of one door, and an order that names the door alone.
    private func town() throws -> (House, Workspace, QuarantinedRecord) {
        let house = try House(mappings: Town.all)
        let dispatch = MemorySource("dispatch", [.table(Town.orderColumns, [Self.order], isSnapshot: false)])
        let workspace = try house.workspace([(dispatch, ["orders"])])
        try residents(house, ["601-4", "601-4", "602-4"])
        try house.take("dispatch.orders", Town.orderColumns, [Self.order])
        return (house, workspace, try #require(try house.quarantine("dispatch.orders").first))
    }

    private func decided(_ house: House) throws -> [String] {
        try house.store.read { try AuditTrail.tail(1000, of: $0) }.filter { $0.about == "decided" }.map(\.detail)
    }

    @Test func theRecordFollowsADecisionFromThenOn() throws {
        let (house, workspace, entry) = try town()
        #expect(entry.code == "match.ambiguousId" && entry.candidates == ["00000001", "00000002"])
        for _ in 1...2 {
            // Said twice, it stands once.
            #expect(try workspace.decide(entry.id, isOf: "00000002", reason: "by telephone", by: "token:a"))
        }
        #expect(try decided(house) == ["dispatch.orders → 00000002 token:a"])
        let record = try house.record("dispatch.orders", "W1")
        #expect(try house.accountNumber(record) == "00000002" && record?.rule == .decided)
        #expect(try house.quarantine("dispatch.orders", .replayed).map(\.id) == [entry.id])
        #expect(try house.recount(peers: workspace.configuration.peers).counts[.links] == nil)
        // Read again, changed or not, it stays there.
        var changed = Self.order
        changed[5] = "2026-01-02T08:00:00"
        for row in [Self.order, changed] {
            #expect(try house.take("dispatch.orders", Town.orderColumns, [row]).counts.quarantined == 0)
            #expect(try house.accountNumber(house.record("dispatch.orders", "W1")) == "00000002")
        }
        // Another record of the same door is another matter.
        var other = Self.order
        other[0] = "W2"
        #expect(try house.take("dispatch.orders", Town.orderColumns, [changed, other]).counts.quarantined == 1)
    }

    @Test func theRulesGoBeforeADecision() throws {
        let (house, workspace, entry) = try town()
        #expect(try workspace.decide(entry.id, isOf: "00000002", reason: "r", by: "p"))
        // The second no longer lives there: what the rules find counts.
        try residents(house, ["601-4", "1", "602-4"])
        try house.take("dispatch.orders", Town.orderColumns, [Self.order])
        let record = try house.record("dispatch.orders", "W1")
        #expect(try house.accountNumber(record) == "00000001" && record?.rule == .crosswalk)
        // Two again, and the one that was chosen is none of them.
        try residents(house, ["601-4", "1", "601-4"])
        #expect(try house.take("dispatch.orders", Town.orderColumns, [Self.order]).counts.quarantined == 1)
    }

    @Test func onlyWhatTheEntryCouldBeIsDecided() throws {
        let (house, workspace, entry) = try town()
        func code(_ body: () throws -> Void) -> String? {
            do {
                try body()
                return nil
            } catch { return (error as? HearthError)?.code.name }
        }
        for number in ["00000003", "99999999", ""] {
            #expect(
                code { _ = try workspace.decide(entry.id, isOf: number, reason: "r", by: "p") } == "match.notCandidate")
        }
        #expect(
            code { _ = try workspace.decide(QuarantineID(99), isOf: "00000001", reason: "r", by: "p") }
                == "match.noEntry")
        try house.store.write { try $0.setQuarantineState(entry.id, .discarded, run: nil, note: "n") }
        #expect(code { _ = try workspace.decide(entry.id, isOf: "00000001", reason: "r", by: "p") } == "match.notOpen")
        #expect(try decided(house).isEmpty && house.record("dispatch.orders", "W1") == nil)
    }

    @Test func aDecisionIsTakenBack() throws {
        let (house, workspace, entry) = try town()
        #expect(try workspace.decide(entry.id, isOf: "00000002", reason: "r", by: "p"))
        for _ in 1...2 {
            try house.store.write { try MatchDecision.withdraw(of: entry.id, reason: "wrong", by: "p", in: $0) }
        }
        #expect(try decided(house).count == 2)
        #expect(try house.recount(peers: workspace.configuration.peers).counts[.links] == 1)
        #expect(try house.take("dispatch.orders", Town.orderColumns, [Self.order]).counts.quarantined == 1)
        let again = try #require(try house.quarantine("dispatch.orders").first)
        #expect(again.candidates == ["00000001", "00000002"])
        #expect(try workspace.decide(again.id, isOf: "00000001", reason: "r", by: "p"))
        #expect(try house.accountNumber(house.record("dispatch.orders", "W1")) == "00000001")
    }

    @Test func entriesOfOneReasonAreReplayedAlone() throws {
        let (house, workspace, entry) = try town()
        #expect(try workspace.replay([], ids: [], code: "record.badDecimal") == ReplayResult())
        #expect(try house.runs("dispatch.orders").count == 1)
        try residents(house, ["601-4", "1", "602-4"])
        #expect(try workspace.replay([], ids: [], code: entry.code).replayed == 1)
    }
}
