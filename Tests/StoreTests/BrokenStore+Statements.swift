import HearthTesting
import HeatModel
import Store

extension BrokenReader {
    func statement(of record: RecordID) throws -> RecordStatement? {
        try store.ask()
        var statement = try reader.statement(of: record)
        if fault == .statementsAreTold { statement?.foreignID = nil }
        return statement
    }
    func records(in stream: StreamID, linkedBy rule: LinkRule, after: RecordID?, limit: Int) throws -> [StoredRecord] {
        try store.ask()
        return try reader.records(
            in: stream, linkedBy: rule, after: fault == .linkedRecords ? nil : after, limit: limit)
    }
    func statementCounts() throws -> [StatementCount] {
        try store.ask()
        return try reader.statementCounts()
    }
}

extension BrokenWriter {
    func setPlace(_ place: PlaceKey?, of account: AccountID, statedBy record: RecordID) throws {
        try store.ask()
        if fault != .placesMove || store.place(record) {
            try writer.setPlace(place, of: account, statedBy: record)
        }
    }
    func setForeignID(
        _ id: UnsafeRawBufferPointer?, system: String, of account: AccountID, statedBy record: RecordID
    ) throws {
        try store.ask()
        let system = fault == .crosswalkPerSystem ? "any" : system
        try writer.setForeignID(id, system: system, of: account, statedBy: record)
    }
    func removeStatementsOfNoRecord() throws {
        try store.ask()
        try writer.removeStatementsOfNoRecord()
    }
}
