public import Store

extension PeerBuilding {
    /// The name of the building's group at a level; nil where what it takes is not known.
    public func place(_ level: CohortLevel) -> String? {
        switch level {
        case .building: community.isEmpty || building.isEmpty ? nil : "\(company)\u{1F}\(community)\u{1F}\(building)"
        case .community: community.isEmpty ? nil : "\(company)\u{1F}\(community)"
        case .station: station.isEmpty ? nil : "\(company)\u{1F}\(station)"
        }
    }
}
