import HearthTesting
import Store

extension BrokenReader {
    func forEachView(_ body: (AccountID, UnsafeRawBufferPointer) throws -> Void) throws {
        try store.ask()
        if fault != .viewsWalked { try reader.forEachView(body) }
    }
    func view(_ account: AccountID) throws -> StoredView? {
        try store.ask()
        return try reader.view(account)
    }
    func position(stream: StreamID, key: UnsafeRawBufferPointer, at moment: Moment?) throws -> RecordPosition? {
        try store.ask()
        return try reader.position(stream: stream, key: key, at: fault == .recordsReconciled ? nil : moment)
    }
    func forEachPlacedRecord(at moment: Moment?, _ body: (AccountID, RecordSlice) throws -> Void) throws {
        try store.ask()
        try reader.forEachPlacedRecord(at: moment, body)
    }
    func forEachRecord(
        heldAt moment: Moment?, _ body: (RecordSlice, _ account: AccountID?, _ isVoided: Bool) throws -> Void
    ) throws {
        try store.ask()
        try reader.forEachRecord(heldAt: moment, body)
    }
    func forEachLeftOutRecord(at moment: Moment?, _ body: (RecordSlice) throws -> Void) throws {
        try store.ask()
        try reader.forEachLeftOutRecord(at: moment, body)
    }
    func quarantine(at moment: Moment, after: QuarantineID?, limit: Int) throws -> [QuarantinedRecord] {
        try store.ask()
        let moment = fault == .quarantineOfThePast ? Moment(microseconds: .max) : moment
        return try reader.quarantine(at: moment, after: after, limit: limit)
    }
    func sharedPlaces() throws -> [(numbers: [String], community: String)] {
        try store.ask()
        return try reader.sharedPlaces().map {
            (fault == .placesShared ? $0.numbers.reversed() : $0.numbers, $0.community)
        }
    }
    func originName(_ origin: OriginID) throws -> String? {
        try store.ask()
        return try reader.originName(origin)
    }
    func newestRun(at moment: Moment?) throws -> RunID? {
        try store.ask()
        return try reader.newestRun(at: fault == .newestRuns ? nil : moment)
    }
    func newestRun(of stream: StreamID, at moment: Moment?) throws -> Run? {
        try store.ask()
        return try reader.newestRun(of: stream, at: moment)
    }
    func repeatedRows(stream: StreamID, at moment: Moment?) throws -> Int64 {
        try store.ask()
        return try reader.repeatedRows(stream: stream, at: fault == .repeatsCounted ? nil : moment)
    }
    func repeatedMoney(stream: StreamID, at moment: Moment?) throws -> [RunTotal] {
        try store.ask()
        return try reader.repeatedMoney(stream: stream, at: moment)
    }
}
