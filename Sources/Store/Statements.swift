/// What a current record says of its account beside its facts: where it stands, and the id by which another system knows it.
///
/// Both are kept record by record, so that what one record no longer says never takes away what another one still says. An account may
/// stand at several places, and an id may name several accounts: a reader gets all of them.
public struct RecordStatement: Hashable, Sendable {
    /// Something said of an account.
    public struct Stated<Value: Hashable & Sendable>: Hashable, Sendable {
        public var account: AccountID
        public var value: Value

        public init(_ value: Value, of account: AccountID) {
            self.account = account
            self.value = value
        }
    }

    /// Nil where the record names no community.
    public var place: Stated<PlaceKey>?
    public var foreignID: Stated<ForeignID>?

    public init(place: Stated<PlaceKey>?, foreignID: Stated<ForeignID>?) {
        self.place = place
        self.foreignID = foreignID
    }

    /// Of one account.
    public init(account: AccountID, place: PlaceKey?, foreignID: ForeignID?) {
        self.init(
            place: place.map { Stated($0, of: account) }, foreignID: foreignID.map { Stated($0, of: account) })
    }
}

/// Another system's own id of an account.
public struct ForeignID: Hashable, Sendable {
    public var system: String
    public var id: [UInt8]

    public init(system: String, id: [UInt8]) {
        self.system = system
        self.id = id
    }
}

/// How many statements the records of a stream make.
public struct StatementCount: Hashable, Sendable {
    /// Nil for statements of records that are not there.
    public var stream: StreamID?
    public var places: Int64
    public var foreignIDs: Int64

    public init(stream: StreamID?, places: Int64, foreignIDs: Int64) {
        self.stream = stream
        self.places = places
        self.foreignIDs = foreignIDs
    }
}

public protocol StatementReader {
    /// What the store holds as stated by a record; nil for nothing.
    func statement(of record: RecordID) throws -> RecordStatement?
    /// By stream, only those of which something is held.
    func statementCounts() throws -> [StatementCount]
    /// Current records of a stream that were linked by a rule, with a number above `after`, in the order of their numbers, at most `limit`.
    func records(in stream: StreamID, linkedBy rule: LinkRule, after: RecordID?, limit: Int) throws -> [StoredRecord]
}

public protocol StatementWriter: StatementReader {
    /// Puts the place that a record states in place of the one that it stated before; nil for none.
    func setPlace(_ place: PlaceKey?, of account: AccountID, statedBy record: RecordID) throws
    /// Puts the id that a record registers in place of the one that it registered before; nil for none.
    func setForeignID(
        _ id: UnsafeRawBufferPointer?, system: String, of account: AccountID, statedBy record: RecordID) throws
    /// Takes away what is held of records that are not there: those of a store that an earlier version has filled.
    func removeStatementsOfNoRecord() throws
}

extension StatementWriter {
    /// Puts all that a record states in place of what it stated before.
    public func setStatement(_ statement: RecordStatement?, of account: AccountID, statedBy record: RecordID) throws {
        try setPlace(statement?.place?.value, of: account, statedBy: record)
        let foreign = statement?.foreignID?.value
        try (foreign?.id ?? []).withUnsafeBytes {
            try setForeignID($0, system: foreign?.system ?? "", of: account, statedBy: record)
        }
    }
}
