import HearthTesting
import HeatModel
import Store

/// The past, broken where it is asked to be.
extension BrokenReader {
    func moment(of asOf: AsOf) throws -> Moment? {
        try store.ask()
        guard case .run(let run) = asOf else { return try reader.moment(of: asOf) }
        if fault == .momentsDiffer, let end = try reader.run(run)?.endedAt {
            return Moment(microseconds: end.microseconds)
        }
        if fault == .momentsRefused { return (try? reader.moment(of: asOf)) ?? Moment(microseconds: .max) }
        return try reader.moment(of: asOf)
    }
    func hasEnded(_ run: RunID, by moment: Moment) throws -> Bool {
        try store.ask()
        return try reader.hasEnded(run, by: moment)
    }
    func account(number: UnsafeRawBufferPointer, at moment: Moment) throws -> AccountID? {
        try store.ask()
        return fault == .accountsOfThePast
            ? try reader.account(number: number) : try reader.account(number: number, at: moment)
    }
    func accounts(after number: [UInt8]?, limit: Int, at moment: Moment?) throws -> [(id: AccountID, number: String)] {
        try store.ask()
        return try reader.accounts(after: number, limit: limit, at: moment)
    }
    func unchangedView(number: UnsafeRawBufferPointer, since moment: Moment) throws -> StoredView? {
        try store.ask()
        return fault == .unchangedViews
            ? try reader.view(number: number) : try reader.unchangedView(number: number, since: moment)
    }
    func forEachRecord(of account: AccountID, at moment: Moment, _ body: (RecordSlice) -> Void) throws {
        try store.ask()
        if fault == .pastIsKept { return try reader.forEachRecord(of: account, body) }
        try reader.forEachRecord(of: account, at: moment, body)
    }
    func records(of account: AccountID, at moment: Moment) throws -> [StoredRecord] {
        try store.ask()
        return try reader.records(of: account, at: moment)
    }
    func forEachRecord(in stream: StreamID, at moment: Moment, _ body: (AccountID?, RecordSlice) throws -> Void) throws
    {
        try store.ask()
        return try reader.forEachRecord(in: stream, at: moment) { account, record in
            try body(fault == .pastOfStreams ? nil : account, record)
        }
    }
    func history(of account: AccountID) throws -> [StoredRecord] {
        try store.ask()
        let history = try reader.history(of: account)
        return fault == .historyOfAccounts ? history.reversed() : history
    }
}
