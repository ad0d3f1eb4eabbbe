import AccountView
import HearthTesting
import HeatModel
import Mapping
import Records
import SQLiteStore
import Store
import Testing

@testable import Sync

/// The change feed over histories of runs: it names the accounts whose views changed, and no others.
@Suite struct ChangeFeedTests {
    private func views(_ house: House) throws -> [AccountID: [UInt8]] {
        try house.store.read { store in
            var views: [AccountID: [UInt8]] = [:]
            try store.forEachView { views[$0] = Array($1) }
            return views
        }
    }

    private func feed(_ house: House, after position: ChangePosition, by page: Int) throws -> [AccountChange] {
        var found: [AccountChange] = []
        while true {
            let after = found.last?.position ?? position
            let next = try house.store.read { try $0.changes(after: after, limit: page) }
            if next.isEmpty { return found }
            found += next
        }
    }

    @Test(arguments: 0..<8) func theFeedNamesExactlyTheAccountsWhoseViewsChanged(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed) &+ 4711)
        let house = try House()
        let unified = try MappingSet.load(directory: house.folder + "/Mappings").unified
        let source = MemorySource("billing", [])
        var rows: [Int: [String?]] = [:]
        var steps: [(position: ChangePosition, changed: Set<AccountID>)] = []
        try house.introduceAccounts(6)
        for _ in 0..<8 {
            let before = try views(house)
            let start = try house.store.read { try $0.lastChange() }
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                let key = Int.random(in: 1...20, using: &random)
                let isGone = Int.random(in: 0..<4, using: &random) == 0
                rows[key] =
                    isGone
                    ? nil
                    : Texts.charge(
                        key, of: Int.random(in: 1...8, using: &random), due: "\(Int.random(in: 1...3, using: &random))")
            }
            let present = rows.sorted { $0.key < $1.key }.map(\.value)
            source.hold([.table(Texts.chargeColumns, present.shuffled(using: &random), isSnapshot: true)])
            source.change {
                $0.failsAfter =
                    Int.random(in: 0..<3, using: &random) == 0 ? Int.random(in: 0...12, using: &random) : nil
            }
            let report = try house.run(
                "billing.charges", source, mode: .full, batchRows: Int.random(in: 1...7, using: &random),
                policy: VanishPolicy(allowsAll: true))
            _ = try ViewRefresh(store: house.store, unified: unified).run()
            let after = try views(house)
            let differing = Set(after.keys.filter { before[$0] != after[$0] })
            let entries = try feed(house, after: start, by: Int.random(in: 1...5, using: &random))
            #expect(Set(entries.filter { $0.kind == .view }.map(\.account)) == differing)
            // A killed run's commits have their entries, and no view changes without one of its records.
            let touched = Set(entries.filter { $0.run == report.run }.map(\.account))
            #expect(report.counts.new + report.counts.changed + report.counts.vanished == 0 || !touched.isEmpty)
            if !steps.isEmpty { #expect(differing.isSubset(of: touched)) }
            steps.append((start, differing))
        }
        let all = try feed(house, after: .start, by: 3)
        #expect(all.map(\.position.number) == Array(1...Int64(max(1, all.count))))
        for (index, step) in steps.enumerated() {
            let named = Set(all.filter { $0.position > step.position && $0.kind == .view }.map(\.account))
            #expect(named == steps[index...].reduce(into: []) { $0.formUnion($1.changed) })
        }
    }

    @Test func entriesSayWhatBecameOfRecords() throws {
        let house = try House()
        try house.introduceAccounts(2)
        let source = MemorySource("billing", [])
        func kinds(_ rows: [[String?]]) throws -> [String: AccountChange.Kind] {
            let start = try house.store.read { try $0.lastChange() }
            source.hold([.table(Texts.chargeColumns, rows, isSnapshot: true)])
            try house.run("billing.charges", source, mode: .full, policy: VanishPolicy(allowsAll: true))
            return try house.store.read { store in
                var found: [String: AccountChange.Kind] = [:]
                for entry in try store.changes(after: start, limit: 99) {
                    found[try store.accountNumber(entry.account) ?? ""] = entry.kind
                }
                return found
            }
        }
        #expect(try kinds([Texts.charge(1, of: 1)]) == ["00000001": .records(.charge, .inserted)])
        #expect(try kinds([Texts.charge(1, of: 1, due: "9")]) == ["00000001": .records(.charge, .changed)])
        #expect(try kinds([Texts.charge(1, of: 1, due: "9")]) == [:])
        #expect(
            try kinds([Texts.charge(1, of: 2, due: "9")])
                == ["00000001": .records(.charge, .removed), "00000002": .records(.charge, .inserted)])
        #expect(try kinds([]) == ["00000002": .records(.charge, .removed)])
    }
}
