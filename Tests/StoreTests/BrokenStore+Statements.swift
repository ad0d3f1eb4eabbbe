import HearthTesting
import HeatModel
import Store

extension BrokenReader {
    func statement(of record: RecordID) throws -> RecordStatement? {
        var statement = try reader.statement(of: record)
        if fault == .statementsAreTold { statement?.foreignID = nil }
        return statement
    }
    func records(in stream: StreamID, linkedBy rule: LinkRule, after: RecordID?, limit: Int) throws -> [StoredRecord] {
        try reader.records(in: stream, linkedBy: rule, after: after, limit: limit)
    }
    func statementCounts() throws -> [StatementCount] { try reader.statementCounts() }
}

extension BrokenWriter {
    func setPlace(_ place: PlaceKey?, of account: AccountID, statedBy record: RecordID) throws {
        if fault != .placesMove || store.place(record) {
            try writer.setPlace(place, of: account, statedBy: record)
        }
    }
    func setForeignID(
        _ id: UnsafeRawBufferPointer?, system: String, of account: AccountID, statedBy record: RecordID
    ) throws {
        let system = fault == .crosswalkPerSystem ? "any" : system
        try writer.setForeignID(id, system: system, of: account, statedBy: record)
    }
    func removeStatementsOfNoRecord() throws { try writer.removeStatementsOfNoRecord() }
}
