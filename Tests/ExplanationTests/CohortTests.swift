import AccountView
import Explanation
import Foundation
import HeatModel
import LegacyEstate
import SQLiteStore
import Setup
import Store
import Sync
import Testing

/// The statistics of groups as the sync keeps them.
@Suite struct CohortTests {
    /// Every group's statistics by level, place and kind.
    private func groups(_ store: SQLiteStore) throws -> [String: CohortStatistics] {
        try store.read { store in
            var found: [String: CohortStatistics] = [:]
            for (house, _) in try rows(store) {
                for level in CohortLevel.allCases {
                    guard let place = house.place(level) else { continue }
                    for kind in try store.cohortKinds(level, place) {
                        let body = try #require(try store.cohort(level, place, kind: kind))
                        found["\(level.name) \(place) \(kind)"] = CohortStatistics(encoded: body)
                    }
                }
            }
            return found
        }
    }

    /// What the views themselves say: every account's house and members.
    private func rows(_ store: any StoreReader) throws -> [(PeerBuilding, [CohortMember])] {
        var reader = CohortMemberReader()
        var found: [(PeerBuilding, [CohortMember])] = []
        for number in 1...Int(try store.accountCount()) {
            let account = AccountID(Int64(number))
            guard let name = try store.accountNumber(account),
                let view = try Array(name.utf8).withUnsafeBytes({ try store.view(number: $0) })
            else { continue }
            let row = view.body.withUnsafeBytes { reader.row(of: account, view: $0) }
            guard let house = row.house else { continue }
            var members: [CohortMember] = []
            row.body.withUnsafeBytes { body in CohortMember.forEach(in: body) { members.append($0) } }
            found.append((house, members))
        }
        return found
    }

    @Test func theyAreThoseOfTheViews() throws {
        let company = try Company(EstateOptions(accounts: 700, seed: 12, city: .tianjin))
        let rules = company.workspace.configuration.peers
        var members: [CohortLevel: [String: [CohortMember]]] = [:]
        for (house, own) in try company.store.read({ try rows($0) }) {
            for member in own {
                for level in CohortLevel.allCases {
                    guard let place = house.place(level) else { continue }
                    members[level, default: [:]]["\(level.name) \(place) \(member.kind)", default: []].append(member)
                }
            }
        }
        let kept = try groups(company.store)
        var (narrow, wide) = (0, 0)
        for (name, own) in members[.building] ?? [:] {
            narrow += 1
            #expect(kept[name] == CohortStatistics(own), "\(name)")
            // Counted by hand, another way.
            let bills = own.map(\.bill).sorted()
            #expect(kept[name]?.households == bills.count && kept[name]?.total == bills.reduce(0, +))
            let median =
                bills.count % 2 == 1
                ? (bills[bills.count / 2] + 50) / 100 * 100
                : (bills[bills.count / 2 - 1] + bills[bills.count / 2] + 1) / 2
            #expect(kept[name]?.bill.amount == median)
        }
        for level in [CohortLevel.community, .station] {
            for (name, own) in members[level] ?? [:] {
                guard let statistics = kept[name] else { continue }
                wide += 1
                #expect(statistics == CohortStatistics(own), "\(name)")
            }
        }
        #expect(narrow > 20 && wide > 5)
        // Whoever's own house is too small has the wider group's statistics, as far as one is large enough.
        for (house, own) in try company.store.read({ try rows($0) }) {
            for member in own {
                guard let place = house.place(.building), let statistics = kept["building \(place) \(member.kind)"]
                else { continue }
                if rules.allow(households: statistics.households, total: statistics.total, largest: statistics.largest)
                {
                    continue
                }
                let community = try #require(house.place(.community))
                #expect(kept["community \(community) \(member.kind)"] != nil)
            }
        }
    }

    /// Day by day or all at once: the same statistics.
    @Test func changesMakeWhatMakingAllAnewMakes() throws {
        let company = try Company(EstateOptions(accounts: 700, seed: 21, city: .harbin))
        let before = try groups(company.store)
        let second = company.estate.advanced()
        try company.show(second)
        _ = try company.workspace.sync(["customer", "billing"])
        let after = try groups(company.store)
        #expect(before != after)
        // All groups made anew: under other rules, and under these again.
        _ = try CohortRefresh(store: company.store, rules: PeerRules(leastHouseholds: 100)).run()
        #expect(try groups(company.store) != after)
        _ = try CohortRefresh(store: company.store, rules: company.workspace.configuration.peers).run()
        #expect(try groups(company.store) == after)
        #expect(try company.store.read { try $0.touchedBuildings(limit: 1) } == [])
    }

    @Test func onlyTouchedHousesAreWorkedOffAndAKilledRefreshIsFinished() throws {
        let company = try Company(EstateOptions(accounts: 300, seed: 5, city: .jinan))
        let refresh = CohortRefresh(store: company.store, rules: company.workspace.configuration.peers)
        #expect(try refresh.run() == 0)
        let whole = try groups(company.store)
        // One account's bill is another: its house, and no other.
        let (row, other) = try company.store.read { store -> (CohortMemberRow, CohortMemberRow) in
            let view = try #require(
                try Array(company.estate.account(9).number.utf8).withUnsafeBytes { try store.view(number: $0) })
            var reader = CohortMemberReader()
            let row = view.body.withUnsafeBytes { reader.row(of: view.account, view: $0) }
            return (row, CohortMemberRow(account: row.account, house: row.house, body: row.body + row.body))
        }
        try company.store.write { try $0.putCohortMembers([other]) }
        // Stopped before it began: the mark stands, and the statistics are as they were.
        #expect(try refresh.run(isCancelled: { true }) == 0)
        #expect(try company.store.read { try $0.touchedBuildings(limit: 10) } == [row.house])
        #expect(try groups(company.store) == whole)
        #expect(try refresh.run() == 1)
        #expect(try groups(company.store) != whole)
        try company.store.write { try $0.putCohortMembers([row]) }
        #expect(try company.workspace.refreshViews() == 0)
        #expect(try groups(company.store) == whole)
        // Other rules: everything is computed anew.
        let strict = CohortRefresh(store: company.store, rules: PeerRules(leastHouseholds: 100))
        #expect(try strict.run() > 1)
        #expect(try groups(company.store).count > whole.count)
    }
}
