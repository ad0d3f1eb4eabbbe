/// Where canonical records, their history and the account views live.
///
/// What a `write` does is one transaction: all of it is there afterwards, or, where the closure throws or the process dies,
/// none of it. Reads see the last committed state and are never held up by a write.
///
/// Calls block their thread, except ``KeyedReader``'s. Whatever a store is asked for, it may throw `store.busy`, `store.full`,
/// `store.notWritable`, `store.corrupt` or `store.failed`; a requirement names only the errors that it adds to these.
public protocol Store: KeyedReader, SnapshotReading {
    /// Runs `body` in one transaction. One writer at a time: a second one waits.
    func write<Result>(_ body: (any StoreWriter) throws -> Result) throws -> Result

    /// Like ``write(_:)``, for what is short: `body` may share its transaction with those of other callers, and be run on another's
    /// thread, and once more where one of them throws. Whatever becomes of the others, it is all there afterwards, or none of it where
    /// it throws itself. It waits for no lock that a caller may hold while it writes.
    func writeTogether<Result>(_ body: (any StoreWriter) throws -> Result) throws -> Result

    /// Runs `body` on one consistent snapshot.
    func read<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result

    /// Runs `body`, whose reads on this thread may share a snapshot until it writes: each of many then costs less. What it has written it
    /// reads afterwards; what others write meanwhile it may not see.
    func holdingReads<Result>(_ body: () throws -> Result) throws -> Result

    /// Has the next read of this thread see what others have written by now. To be called before waiting for others, too.
    func releaseReads() throws

    /// Bytes on disk, in all.
    func size() throws -> Int64

    /// A limit of how often each key may be used, over all that use this store.
    func makeRateLimiter(_ limit: RateLimit) -> any RateLimiting
}

extension Store {
    public func writeTogether<Result>(_ body: (any StoreWriter) throws -> Result) throws -> Result { try write(body) }
    public func holdingReads<Result>(_ body: () throws -> Result) throws -> Result { try body() }
    public func releaseReads() throws {}
}

/// Everything that can be read of a store, as the sum of its capabilities. What needs one capability takes that protocol.
public protocol StoreReader: AccountReader, RecordReader, StatementReader, ViewReader, RunReader, OriginReader,
    LeaseReader, QuarantineReader, SettingReader, PastReader, ChainReader, ReconciliationReader, CohortReader,
    EvidenceReader, ChangeReader, AccessTokenReader, AttemptReader, OutboxReader, KeptAnswerReader,
    OutageReader, OpenOrderReader, EventReader, WebhookReader, ConversationReader, NoticeReader, AttachmentReader,
    CustomerReader
{}

/// Everything that can be written within one transaction.
public protocol StoreWriter: StoreReader, AccountWriter, RecordWriter, StatementWriter, ViewWriter, RunWriter,
    OriginWriter, LeaseWriter, QuarantineWriter, SettingWriter, ChainWriter, CohortWriter, ChangeWriter,
    AccessTokenWriter, AttemptWriter, OutboxWriter, KeptAnswerWriter, OutageWriter, OpenOrderWriter,
    EventWriter, WebhookWriter, ConversationWriter, NoticeWriter, AttachmentWriter, CustomerWriter
{
    /// Runs `body` as a transaction within this one: where it throws, what it did is taken back, and what was done before stays.
    func nested<Result>(_ body: () throws -> Result) throws -> Result
}
