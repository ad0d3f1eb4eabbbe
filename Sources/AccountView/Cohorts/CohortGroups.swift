public import Store

/// What the members of a store make of its pages and of the statistics of its groups.
///
/// Every house has statistics. Those of wider groups are only made of the kinds (season, class, method) that some house in them has too
/// few households of: no comparison reads the others.
public struct CohortGroups: Sendable {
    public let rules: PeerRules

    public init(rules: PeerRules) { self.rules = rules }

    /// The members of a house, packed by kind.
    public static func pages(of house: PeerBuilding, in store: any CohortReader) throws -> [Int64: [UInt8]] {
        var pages: [Int64: [UInt8]] = [:]
        try store.forEachCohortMember(of: house) { body in
            CohortMember.forEach(in: body) { $0.append(to: &pages[$0.kind, default: []]) }
        }
        return pages
    }

    /// The statistics of a group of these houses, of one kind, by the houses' pages and by the statistics of narrower groups; nil where
    /// there are none to keep.
    public func statistics(_ level: CohortLevel, of houses: [PeerBuilding], kind: Int64, in store: any CohortReader)
        throws
        -> [UInt8]?
    {
        guard try level == .building || isTooSmallBelow(level, houses, kind, store) else { return nil }
        var members: [CohortMember] = []
        for house in houses {
            guard let page = try store.cohortPage(house, kind: kind) else { continue }
            page.withUnsafeBytes { page in CohortMember.forEach(in: page) { members.append($0) } }
        }
        return CohortStatistics(members)?.encoded
    }

    /// Whether some narrower group of these houses cannot be spoken of, so that its households need this wider one.
    private func isTooSmallBelow(
        _ level: CohortLevel, _ houses: [PeerBuilding], _ kind: Int64, _ store: any CohortReader
    ) throws -> Bool {
        var asked: Set<String> = []
        for house in houses {
            let narrower = rules.levels.filter { $0 < level }.compactMap { house.place($0) == nil ? nil : $0 }
            guard try store.cohortPage(house, kind: kind) != nil else { continue }
            var isServed = false
            for level in narrower {
                guard let place = house.place(level) else { continue }
                if asked.contains("\(level.rawValue)\(place)") {
                    isServed = true
                    break
                }
                guard let body = try store.cohort(level, place, kind: kind),
                    let statistics = CohortStatistics(encoded: body)
                else { continue }
                if rules.allow(
                    households: statistics.households, total: statistics.total, largest: statistics.largest)
                {
                    asked.insert("\(level.rawValue)\(place)")
                    isServed = true
                    break
                }
            }
            if !isServed { return true }
        }
        return false
    }
}
