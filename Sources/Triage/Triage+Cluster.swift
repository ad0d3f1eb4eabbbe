import AccountView
import HeatModel
import Store

extension Triage {
    /// Whether so many households of the building, else of the station, have said lately that they have no heat that an outage is
    /// likely. Who they are is not read, and fewer others than the floor are as good as none.
    func cluster(_ context: AccountContext, _ orders: [AccountContext.Sourced<WorkOrder>]) throws -> [Finding] {
        let facts = context.facts
        let house = PeerBuilding(
            company: facts.company ?? "", station: facts.station ?? "", community: facts.community ?? "",
            building: facts.building ?? "")
        // From a whole hour: whoever asks again and again does not see when one household's order leaves the count.
        let hour: Int64 = 3_600_000_000
        let created = (now.microseconds / hour * hour - rules.clusterHours * hour)...now.microseconds
        var number = context.number
        let account = try number.withUTF8 { try store.account(number: UnsafeRawBufferPointer($0)) }
        let own = orders.contains { order in
            guard let kind = order.value.kind, let at = order.value.createdAt else { return false }
            return order.value.state?.isOpen == true && rules.clusterKinds.contains(kind)
                && created.contains(at.microseconds)
        }
        for (level, least) in [(CohortLevel.building, rules.clusterBuilding), (.station, rules.clusterStation)] {
            guard let least else { continue }
            let others = try store.openOrderCount(
                level, like: house, kinds: rules.clusterKinds.map(\.rawValue), created: created, besides: account)
            let households = others.accounts + (own ? 1 : 0)
            guard others.accounts >= rules.clusterOthers, households >= least, let first = others.first,
                let last = others.last
            else { continue }
            // An exact time would be one household's.
            let cluster = Finding.Cluster(
                level: level, households: households,
                from: Instant(microseconds: first / hour * hour, offsetMinutes: now.offsetMinutes),
                through: Instant(microseconds: (last + hour - 1) / hour * hour, offsetMinutes: now.offsetMinutes))
            return [Finding(.likelyOutage, .cluster(cluster))]
        }
        return []
    }
}
