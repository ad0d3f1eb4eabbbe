public import HeatModel
import JSONText
public import Store

extension Outage {
    /// Reads a canonical body. What is not known to its type is nil.
    public init(body: UnsafeRawBufferPointer) {
        self.init()
        var members = JSONMembers(body)
        while let (key, value) = members.next() {
            switch Key(rawValue: String(decoding: key, as: UTF8.self)) {
            case .number: number = value.text
            case .kind: kind = Kind(rawValue: value.text)
            case .state: state = State(rawValue: value.text)
            case .station: station = value.text
            case .community: community = value.text
            case .building: building = value.text
            case .cause: cause = value.text
            case .beginsAt: beginsAt = value.instant
            case .expectedEndAt: expectedEndAt = value.instant
            case .endedAt: endedAt = value.instant
            case nil: break
            }
        }
    }

    /// The place that it concerns; nil where it names none. The company is not part of it: a station and a community have a name of
    /// their own in the whole house.
    public var place: OutagePlace? {
        let house = PeerBuilding(
            company: "", station: station ?? "", community: community ?? "", building: building ?? "")
        let level: CohortLevel? =
            switch reach {
            case .building: .building
            case .community: .community
            case .station: .station
            case nil: nil
            }
        return level.flatMap { level in house.place(level).map { OutagePlace(level: level, name: $0) } }
    }
}

extension AccountFacts {
    /// The places whose outages concern the account, the narrowest first.
    public var outagePlaces: [OutagePlace] {
        let house = PeerBuilding(
            company: "", station: station ?? "", community: community ?? "", building: building ?? "")
        return CohortLevel.allCases.compactMap { level in
            house.place(level).map { OutagePlace(level: level, name: $0) }
        }
    }
}
