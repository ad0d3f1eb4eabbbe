import HeatModel
import Records
import SQLiteStore
import Store
import Testing

@testable import Sync

/// What the store tells a reconciliation, now and as of an earlier run.
@Suite struct ReconcilingReadsTests {
    private func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }

    private func placed(_ house: House, at moment: Moment?) throws -> [String] {
        try house.store.read { store in
            var keys: [String] = []
            try store.forEachPlacedRecord(at: moment) {
                keys.append("\(try store.accountNumber($0) ?? "") \(text($1.key))")
            }
            return keys
        }
    }

    private func leftOut(_ house: House, at moment: Moment?) throws -> [String] {
        try house.store.read { store in
            var keys: [String] = []
            try store.forEachLeftOutRecord(at: moment) { keys.append(text($0.key)) }
            return keys
        }
    }

    @Test func nowAndThen() throws {
        let house = try House()
        try house.introduceAccounts(3)
        let orders = MemorySource(
            "dispatch",
            [
                .table(
                    Texts.orderColumns,
                    [
                        Texts.order(1, no: "00000001"), Texts.order(2, community: "阳光花园", address: "1号楼1单元102"),
                    ])
            ])
        try house.run("dispatch.orders", orders)
        try house.run(
            "billing.seasons",
            MemorySource("billing", [.table(Texts.seasonColumns, [["7", "2025-2026", "2025-11-15"]])]))
        let billing = MemorySource(
            "billing",
            [
                .table(
                    Texts.chargeColumns,
                    [
                        Texts.charge(1), Texts.charge(2, void: "1"), Texts.charge(3, of: 9), Texts.charge(1),
                        Texts.charge(4, due: "0"), Texts.charge(4, due: "0"),
                    ])
            ])
        let first = try house.run("billing.charges", billing).run
        #expect(try placed(house, at: nil) == ["00000002 W2"])
        #expect(try leftOut(house, at: nil) == ["7", "2"])

        // Later: the order is found by number, the charges change sides, the quarantined one is gone.
        orders.hold([.table(Texts.orderColumns, [Texts.order(2, no: "00000003")])])
        try house.run("dispatch.orders", orders)
        billing.hold([.table(Texts.chargeColumns, [Texts.charge(1, void: "1"), Texts.charge(2)])])
        try house.run("billing.charges", billing, mode: .full, policy: VanishPolicy(allowsAll: true))
        let moment = try #require(try house.store.read { try $0.moment(of: .run(first)) })
        #expect(try placed(house, at: nil) == [])
        #expect(try placed(house, at: moment) == ["00000002 W2"])
        #expect(try leftOut(house, at: nil) == ["7", "1"])
        #expect(try leftOut(house, at: moment) == ["7", "2"])
        let charges = try house.id("billing.charges")
        try house.store.read { store in
            let runs = try Array("1".utf8).withUnsafeBytes { key in
                try [moment, nil].map { try store.position(stream: charges, key: key, at: $0)?.run }
            }
            #expect(runs[0] == first && runs[1] != first)
            #expect(
                try store.quarantine(at: moment, after: nil, limit: 9).map { $0.key }
                    == [Array("3".utf8), Array("1".utf8)])
            #expect(try store.quarantine(stream: charges, state: .open, code: nil, after: nil, limit: 9).isEmpty)
            #expect(try store.repeatedRows(stream: charges, at: moment) == 1)
            #expect(try store.repeatedRows(stream: charges, at: nil) == 0)
            // The same charge without money twice in one reading is a repeated row; one with money waits in quarantine instead.
            let money = try store.repeatedMoney(stream: charges, at: moment)
            #expect(!money.isEmpty && money.allSatisfy { $0.count == 1 && $0.side == .duplicate && $0.sum == .zero })
            #expect(try store.repeatedMoney(stream: charges, at: nil) == [])
            #expect(try store.newestRun(of: charges, at: moment)?.id == first)
            #expect(try store.newestRun(at: moment) == first)
            #expect(try store.sharedPlaces().isEmpty)
        }
    }

    @Test func accountsAtOnePlace() throws {
        let house = try House()
        var second = Texts.resident(1)
        second[0] = "00000077"
        try house.run(
            "customer.residents",
            MemorySource("customer", [.table(Texts.residentColumns, [Texts.resident(1), Texts.resident(2), second])]))
        let shared = try house.store.read { try $0.sharedPlaces() }
        #expect(shared.map(\.numbers) == [["00000001", "00000077"]] && shared.first?.community == "阳光花园")
    }
}
