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

/// The building that an account's premises are in, as far as groups of peers are concerned; what is not known is empty.
public struct PeerBuilding: Hashable, Sendable {
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
}

/// What an account's bills say to the statistics of its peers. Its bytes mean something only to their writer and reader.
public struct CohortMemberRow: Sendable {
    public var account: AccountID
    /// Nil where the account belongs to no building.
    public var house: PeerBuilding?
    public var body: [UInt8]

    public init(account: AccountID, house: PeerBuilding?, body: [UInt8]) {
        self.account = account
        self.house = house
        self.body = body
    }
}

/// Members and statistics of groups of peers. Members are kept with the views, in the same transactions; a group whose members
/// changed is marked until its statistics are computed again.
public protocol CohortReader {
    /// Statistics of a group: `kind` stands for season, class and method (the writer's numbers).
    func cohort(_ level: CohortLevel, _ place: String, kind: Int64) throws -> [UInt8]?
    /// Buildings whose members changed since their groups were last computed, by their names, at most `limit`.
    func touchedBuildings(limit: Int) throws -> [PeerBuilding]
    /// Buildings of a group.
    func buildings(_ level: CohortLevel, like house: PeerBuilding) throws -> [PeerBuilding]
    /// Bodies of a building's members, in the order of their accounts.
    func forEachCohortMember(of house: PeerBuilding, _ body: (UnsafeRawBufferPointer) -> Void) throws
    /// Members of one kind in a building, packed.
    func cohortPage(_ house: PeerBuilding, kind: Int64) throws -> [UInt8]?
    /// Kinds of which a building has a page, in order.
    func cohortKinds(_ house: PeerBuilding) throws -> [Int64]
    /// Kinds of which a group has statistics, in order.
    func cohortKinds(_ level: CohortLevel, _ place: String) throws -> [Int64]
    /// What an account says to the statistics, nil for nothing.
    func cohortMember(_ account: AccountID) throws -> CohortMemberRow?
    /// Every building that is known, by its names.
    func peerBuildings() throws -> [PeerBuilding]
    /// How many members, pages and statistics of groups there are, in all.
    func cohortCounts() throws -> (members: Int64, pages: Int64, groups: Int64)
}

public protocol CohortWriter: CohortReader {
    /// Puts accounts, in the order of their numbers, where they belong now, and marks every building that this changes.
    func putCohortMembers(_ rows: [CohortMemberRow]) throws
    func putCohortPage(_ house: PeerBuilding, kind: Int64, _ body: [UInt8]?) throws
    func putCohort(_ level: CohortLevel, _ place: String, kind: Int64, _ body: [UInt8]?) throws
    /// The building's groups are computed.
    func untouch(_ house: PeerBuilding) throws
    /// Marks buildings whose groups are to be computed again; one that has no members is left out.
    func touch(_ buildings: [PeerBuilding]) throws
}
