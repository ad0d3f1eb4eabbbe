package import AccountView
package import Store

/// Makes the statistics again of the groups of peers whose members changed, and of no others.
///
/// The members are put into the store with the views that they are read from, and the houses whose members changed are marked in the
/// same transaction. Here the marks are worked off: what a process that was killed leaves over, the next sync finds.
package struct CohortRefresh: Sendable {
    let store: any Store
    let rules: PeerRules
    /// Houses in a transaction.
    private static let chunk = 256

    package init(store: any Store, rules: PeerRules) {
        self.store = store
        self.rules = rules
    }

    /// Returns how many houses were worked off.
    package func run(isCancelled: () -> Bool = { false }) throws -> Int {
        // Under other rules other groups are wanted: all of them are made again, by this run or by those that go on with it.
        let isNew = try store.read { try $0.setting(.peers) } != rules.version
        if isNew, try store.read({ try $0.setting(.peersBegun) }) != rules.version {
            try store.write { store in
                try store.touch(store.peerBuildings())
                try store.setSetting(.peersBegun, rules.version)
            }
        }
        var done = 0
        while !isCancelled() {
            if try store.read({ try $0.touchedBuildings(limit: 1).isEmpty }) {
                if isNew { try store.write { try $0.setSetting(.peers, rules.version) } }
                break
            }
            let count = try store.write { store in
                let houses = try store.touchedBuildings(limit: Self.chunk)
                try refresh(houses, all: isNew, store)
                return houses.count
            }
            done += count
        }
        return done
    }

    private func refresh(_ houses: [PeerBuilding], all: Bool, _ store: any CohortWriter) throws {
        // By group, the kinds that changed.
        var changed: [CohortLevel: [String: (house: PeerBuilding, kinds: Set<Int64>)]] = [:]
        for house in houses {
            var kinds = try refreshPages(of: house, store)
            if all { kinds.formUnion(try store.cohortKinds(house)) }
            if kinds.isEmpty { continue }
            var groups = CohortLevel.allCases.map { ($0, house) }
            // A house of the same community may hang on another station, and need that one's statistics from now on.
            for neighbour in try store.buildings(.community, like: house) where neighbour.station != house.station {
                groups.append((.station, neighbour))
            }
            for (level, house) in groups {
                guard let place = house.place(level) else { continue }
                changed[level, default: [:]][place, default: (house, [])].kinds.formUnion(kinds)
            }
        }
        for level in CohortLevel.allCases {
            for (place, group) in (changed[level] ?? [:]).sorted(by: { $0.key < $1.key }) {
                try refresh(level, place, group.house, group.kinds.sorted(), store)
            }
        }
        for house in houses { try store.untouch(house) }
    }

    /// Packs the house's members by kind. Returns the kinds whose page is another now.
    private func refreshPages(of house: PeerBuilding, _ store: any CohortWriter) throws -> Set<Int64> {
        let pages = try CohortGroups.pages(of: house, in: store)
        var changed: Set<Int64> = []
        for kind in Set(try store.cohortKinds(house)).union(pages.keys) {
            if try store.cohortPage(house, kind: kind) == pages[kind] { continue }
            try store.putCohortPage(house, kind: kind, pages[kind])
            changed.insert(kind)
        }
        return changed
    }

    private func refresh(
        _ level: CohortLevel, _ place: String, _ house: PeerBuilding, _ kinds: [Int64], _ store: any CohortWriter
    ) throws {
        if kinds.isEmpty { return }
        let houses = try store.buildings(level, like: house)
        for kind in kinds {
            let body = try CohortGroups(rules: rules).statistics(level, of: houses, kind: kind, in: store)
            if try store.cohort(level, place, kind: kind) != body {
                try store.putCohort(level, place, kind: kind, body)
            }
        }
    }
}
