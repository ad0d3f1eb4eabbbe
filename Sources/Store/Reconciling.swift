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

/// What a reconciliation reads beyond the account views.
public protocol ReconciliationReader {
    /// Every view in the order of the accounts. The buffer lives as long as the callback.
    func forEachView(_ body: (AccountID, UnsafeRawBufferPointer) throws -> Void) throws
    func view(_ account: AccountID) throws -> StoredView?
    /// Where the current record of a key was read.
    func position(stream: StreamID, key: UnsafeRawBufferPointer) throws -> RecordPosition?
    /// Current records that found their account by its place alone, by stream and key.
    func forEachPlacedRecord(_ body: (AccountID, RecordSlice) throws -> Void) throws
    /// Current records that stand in no account's view, being voided or of no account, by stream and key.
    func forEachLeftOutRecord(_ body: (RecordSlice) throws -> Void) throws
    /// Accounts that stand at the same place as another, by place and number; a place is told by its first account.
    func sharedPlaces() throws -> [(numbers: [String], community: String)]
    /// The name of an origin.
    func originName(_ origin: OriginID) throws -> String?
    /// The newest run of all, nil in an empty store.
    func newestRun() throws -> RunID?
    /// Rows that runs of the stream found to be repeated, since and with its last reading of everything.
    func repeatedRows(stream: StreamID) throws -> Int64
}
