import HearthTesting
import HeatModel
import Store

/// What answers ask of a store, passed on.
extension BrokenReader {
    func cohort(_ level: CohortLevel, _ place: String, kind: Int64) throws -> [UInt8]? {
        try reader.cohort(level, place, kind: kind)
    }
    func touchedHouses(limit: Int) throws -> [CohortHouse] { try reader.touchedHouses(limit: limit) }
    func houses(_ level: CohortLevel, like house: CohortHouse) throws -> [CohortHouse] {
        try reader.houses(level, like: house)
    }
    func forEachCohortMember(of house: CohortHouse, _ body: (UnsafeRawBufferPointer) -> Void) throws {
        try reader.forEachCohortMember(of: house, body)
    }
    func cohortPage(_ house: CohortHouse, kind: Int64) throws -> [UInt8]? { try reader.cohortPage(house, kind: kind) }
    func cohortKinds(_ house: CohortHouse) throws -> [Int64] { try reader.cohortKinds(house) }
    func cohortKinds(_ level: CohortLevel, _ place: String) throws -> [Int64] { try reader.cohortKinds(level, place) }
    func cohortMember(_ account: AccountID) throws -> CohortMemberRow? { try reader.cohortMember(account) }
    func cohortHouses() throws -> [CohortHouse] { try reader.cohortHouses() }
    func cohortCounts() throws -> (members: Int64, pages: Int64, groups: Int64) { try reader.cohortCounts() }

    func forEachRun(
        ofRecordsOf account: AccountID, _ body: (StreamID, _ key: UnsafeRawBufferPointer, RunID) throws -> Void
    ) throws { try reader.forEachRun(ofRecordsOf: account, body) }
    func runMark() throws -> String { try reader.runMark() }
    func lastSuccesses() throws -> [String: Instant] { try reader.lastSuccesses() }
    func lastSuccesses(at moment: Moment) throws -> [String: Instant] { try reader.lastSuccesses(at: moment) }
    func waitingRecords(of entity: EntityKind, naming number: String) throws -> Int {
        try reader.waitingRecords(of: entity, naming: fault == .evidenceIsKnown ? "" : number)
    }
}

extension BrokenWriter {
    func putCohortMembers(_ rows: [CohortMemberRow]) throws {
        // Whoever moves out stays where it was.
        if fault == .cohortMembersMove { return try writer.putCohortMembers(rows.filter { $0.house != nil }) }
        try writer.putCohortMembers(rows)
        if fault == .housesAreTouched { try writer.touchAllHouses() }
    }
    func putCohortPage(_ house: CohortHouse, kind: Int64, _ body: [UInt8]?) throws {
        try writer.putCohortPage(house, kind: kind, body)
    }
    func putCohort(_ level: CohortLevel, _ place: String, kind: Int64, _ body: [UInt8]?) throws {
        if body != nil || fault != .cohortsKept { try writer.putCohort(level, place, kind: kind, body) }
    }
    func untouch(_ house: CohortHouse) throws { try writer.untouch(house) }
    func touchAllHouses() throws { try writer.touchAllHouses() }
}
