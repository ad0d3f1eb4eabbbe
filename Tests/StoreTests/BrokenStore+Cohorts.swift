import HearthTesting
import HeatModel
import Store

/// What answers ask of a store, passed on.
extension BrokenReader {
    func cohort(_ level: CohortLevel, _ place: String, kind: Int64) throws -> [UInt8]? {
        try store.ask()
        return try reader.cohort(level, place, kind: kind)
    }
    func touchedBuildings(limit: Int) throws -> [PeerBuilding] {
        try store.ask()
        return try reader.touchedBuildings(limit: limit)
    }
    func buildings(_ level: CohortLevel, like house: PeerBuilding) throws -> [PeerBuilding] {
        try store.ask()
        return try reader.buildings(level, like: house)
    }
    func forEachCohortMember(of house: PeerBuilding, _ body: (UnsafeRawBufferPointer) -> Void) throws {
        try store.ask()
        try reader.forEachCohortMember(of: house, body)
    }
    func cohortPage(_ house: PeerBuilding, kind: Int64) throws -> [UInt8]? {
        try store.ask()
        return try reader.cohortPage(house, kind: kind)
    }
    func cohortKinds(_ house: PeerBuilding) throws -> [Int64] {
        try store.ask()
        return try reader.cohortKinds(house)
    }
    func cohortKinds(_ level: CohortLevel, _ place: String) throws -> [Int64] {
        try store.ask()
        return try reader.cohortKinds(level, place)
    }
    func cohortMember(_ account: AccountID) throws -> CohortMemberRow? {
        try store.ask()
        return try reader.cohortMember(account)
    }
    func peerBuildings() throws -> [PeerBuilding] {
        try store.ask()
        return fault == .buildingsKnown ? try reader.peerBuildings().reversed() : try reader.peerBuildings()
    }
    func cohortCounts() throws -> (members: Int64, pages: Int64, groups: Int64) {
        try store.ask()
        return try reader.cohortCounts()
    }

    func forEachRun(
        ofRecordsOf account: AccountID, _ body: (StreamID, _ key: UnsafeRawBufferPointer, RunID) throws -> Void
    ) throws {
        try store.ask()
        try reader.forEachRun(ofRecordsOf: account, body)
    }
    func runMark() throws -> String {
        try store.ask()
        return try reader.runMark()
    }
    func lastSuccesses() throws -> [String: Instant] {
        try store.ask()
        return try reader.lastSuccesses()
    }
    func lastSuccesses(at moment: Moment) throws -> [String: Instant] {
        try store.ask()
        return try reader.lastSuccesses(at: moment)
    }
    func waitingRecords(of entity: EntityKind, naming number: String) throws -> Int {
        try store.ask()
        return try reader.waitingRecords(of: entity, naming: fault == .evidenceIsKnown ? "" : number)
    }
    func readEverything() throws -> Int64 {
        try store.ask()
        // The last of all is left unread.
        return try reader.readEverything() - (fault == .everythingIsRead ? 1 : 0)
    }
}

extension BrokenWriter {
    func putCohortMembers(_ rows: [CohortMemberRow]) throws {
        try store.ask()
        // A member that moves out stays where it was.
        if fault == .cohortMembersMove { return try writer.putCohortMembers(rows.filter { $0.house != nil }) }
        try writer.putCohortMembers(rows)
        if fault == .buildingsAreTouched { try writer.touch(writer.peerBuildings()) }
    }
    func putCohortPage(_ house: PeerBuilding, kind: Int64, _ body: [UInt8]?) throws {
        try store.ask()
        try writer.putCohortPage(house, kind: kind, body)
    }
    func putCohort(_ level: CohortLevel, _ place: String, kind: Int64, _ body: [UInt8]?) throws {
        try store.ask()
        if body != nil || fault != .cohortsKept { try writer.putCohort(level, place, kind: kind, body) }
    }
    func untouch(_ house: PeerBuilding) throws {
        try store.ask()
        try writer.untouch(house)
    }
    func touch(_ buildings: [PeerBuilding]) throws {
        try store.ask()
        try writer.touch(buildings)
    }
}
