/// How wide a group of accounts that are compared with each other is.
public enum CohortLevel: Int, Sendable, CaseIterable, Comparable {
    case building = 0
    case community = 1
    case station = 2

    public var name: String {
        switch self {
        case .building: "building"
        case .community: "community"
        case .station: "station"
        }
    }

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Where an account's premises stand, as far as groups of peers are concerned; what is not known is empty.
public struct CohortHouse: Hashable, Sendable {
    public var company: String
    public var station: String
    public var community: String
    public var building: String

    public init(company: String, station: String, community: String, building: String) {
        self.company = company
        self.station = station
        self.community = community
        self.building = building
    }

    /// The name of the house's group at a level; nil where what it takes is not known.
    public func place(_ level: CohortLevel) -> String? {
        switch level {
        case .building: community.isEmpty || building.isEmpty ? nil : "\(company)\u{1F}\(community)\u{1F}\(building)"
        case .community: community.isEmpty ? nil : "\(company)\u{1F}\(community)"
        case .station: station.isEmpty ? nil : "\(company)\u{1F}\(station)"
        }
    }

    /// The same number on every machine for the same house (FNV-1a, 62 bits of it), so that equal data makes equal stores.
    public var number: Int64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for part in [company, station, community, building] {
            for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = (hash ^ 0x1F) &* 0x100_0000_01B3
        }
        hash ^= hash >> 32
        return Int64(hash & 0x3FFF_FFFF_FFFF_FFFF)
    }
}

/// What an account's bills say to the statistics of its peers. The bytes are the business of whoever writes and reads them.
public struct CohortMemberRow: Sendable {
    public var account: AccountID
    /// Nil where the account belongs to no house.
    public var house: CohortHouse?
    public var body: [UInt8]

    public init(account: AccountID, house: CohortHouse?, body: [UInt8]) {
        self.account = account
        self.house = house
        self.body = body
    }
}

/// Members and statistics of groups of peers. Members are kept with the views, in the same transactions; a group whose members
/// changed is marked until its statistics are made anew.
public protocol CohortReader {
    /// Statistics of a group: `kind` tells season, class and method (see whoever writes them).
    func cohort(_ level: CohortLevel, _ place: String, kind: Int64) throws -> [UInt8]?
    /// Houses whose members changed since their groups were last computed, at most `limit`, house by house of a station.
    func touchedHouses(limit: Int) throws -> [CohortHouse]
    /// Houses of a group.
    func houses(_ level: CohortLevel, like house: CohortHouse) throws -> [CohortHouse]
    /// Bodies of a house's members, in the order of their accounts.
    func forEachCohortMember(of house: CohortHouse, _ body: (UnsafeRawBufferPointer) -> Void) throws
    /// Members of one kind in a house, packed.
    func cohortPage(_ house: CohortHouse, kind: Int64) throws -> [UInt8]?
    /// Kinds of which a house has a page, in order.
    func cohortKinds(_ house: CohortHouse) throws -> [Int64]
    /// Kinds of which a group has statistics, in order.
    func cohortKinds(_ level: CohortLevel, _ place: String) throws -> [Int64]
    /// What an account says to the statistics, nil for nothing.
    func cohortMember(_ account: AccountID) throws -> CohortMemberRow?
    /// Every house that is known, by its names.
    func cohortHouses() throws -> [CohortHouse]
    /// How many members, pages and statistics of groups there are, in all.
    func cohortCounts() throws -> (members: Int64, pages: Int64, groups: Int64)
}

public protocol CohortWriter: CohortReader {
    /// Puts accounts, in the order of their numbers, where they belong now, and marks every house that this changes.
    func putCohortMembers(_ rows: [CohortMemberRow]) throws
    func putCohortPage(_ house: CohortHouse, kind: Int64, _ body: [UInt8]?) throws
    func putCohort(_ level: CohortLevel, _ place: String, kind: Int64, _ body: [UInt8]?) throws
    /// The house's groups are computed.
    func untouch(_ house: CohortHouse) throws
    func touchAllHouses() throws
}
