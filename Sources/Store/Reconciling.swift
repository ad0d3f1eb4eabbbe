/// Where a version of a record stood in its source.
public struct RecordPosition: Sendable, Hashable {
    public var run: RunID
    /// File, envelope or table.
    public var origin: String
    /// Row or record in it.
    public var ordinal: Int64

    public init(run: RunID, origin: String, ordinal: Int64) {
        self.run = run
        self.origin = origin
        self.ordinal = ordinal
    }
}

/// What a reconciliation reads beyond the account views: of the present, or, where a moment is named, as of then.
public protocol ReconciliationReader {
    /// Every present view in the order of the accounts. The buffer lives as long as the callback.
    func forEachView(_ body: (AccountID, UnsafeRawBufferPointer) throws -> Void) throws
    func view(_ account: AccountID) throws -> StoredView?
    /// Where the version of a key that held then was read.
    func position(stream: StreamID, key: UnsafeRawBufferPointer, at moment: Moment?) throws -> RecordPosition?
    /// Not voided records that found their account by its place alone, by stream and key.
    func forEachPlacedRecord(at moment: Moment?, _ body: (AccountID, RecordSlice) throws -> Void) throws
    /// Every record, voided ones too, in no order that means anything. An account is nil where none is known.
    func forEachRecord(
        heldAt moment: Moment?, _ body: (RecordSlice, _ account: AccountID?, _ isVoided: Bool) throws -> Void) throws
    /// Records that stand in no account's view, being voided or of no account, by stream and key.
    func forEachLeftOutRecord(at moment: Moment?, _ body: (RecordSlice) throws -> Void) throws
    /// Entries that waited in quarantine then, in the order of their numbers, at most `limit`.
    func quarantine(at moment: Moment, after: QuarantineID?, limit: Int) throws -> [QuarantinedRecord]
    /// Accounts that now stand at the same place as another, by place and number.
    func sharedPlaces() throws -> [(numbers: [String], community: String)]
    /// The name of an origin.
    func originName(_ origin: OriginID) throws -> String?
    /// The newest run, nil where there was none.
    func newestRun(at moment: Moment?) throws -> RunID?
    /// The stream's newest run.
    func newestRun(of stream: StreamID, at moment: Moment?) throws -> Run?
    /// Rows that runs of the stream found to be repeated, since and with its last reading of everything.
    func repeatedRows(stream: StreamID, at moment: Moment?) throws -> Int64
    /// The money that those rows state, by measure: it was pulled, and it is not stored a second time.
    func repeatedMoney(stream: StreamID, at moment: Moment?) throws -> [RunTotal]
}
