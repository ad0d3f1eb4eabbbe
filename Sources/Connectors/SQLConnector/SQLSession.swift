import HeatModel
import Records

/// A read-only session with a database, used by one thread: what truly differs between systems. What a check asks, what is discovered and
/// how a pull goes is written once, above it.
protocol SQLSession: AnyObject {
    var dialect: SQLDialect { get }
    /// IANA name of the source's zone.
    var zone: String { get }
    /// The system, its version and where it is, without secrets: `PostgreSQL 15.8 at postgres://…`.
    var greeting: String { get }
    /// How its rows are taken down.
    var form: RowTape.Form { get }

    /// Runs one statement to its end; for the catalogue and single values.
    /// - Parameter stream: the stream it is run for, named in errors.
    func ask(_ sql: String, stream: SQLStream?) throws -> [[String?]]
    /// Hands over each row of a statement, in bounded memory. Returns how many rows the server says that it sent, where it says so.
    func read(_ sql: String, stream: SQLStream, _ take: (SQLRow) throws -> Void) throws -> Int64?
    /// How a table is read in windows of its key, where a whole result would be held in memory; nil elsewhere.
    func windows(of table: SQLTable, _ stream: SQLStream) throws -> (any SQLWindowReader)?
    /// Begins the one transaction of a pull: all that follows sees one snapshot.
    func begin(_ stream: SQLStream) throws
    /// Whether the system refuses every write of this session, as a finding.
    func readOnlyFinding() throws -> CheckFinding

    /// What a stream reads; nil where there is no such table.
    func relation(of stream: SQLStream) throws -> SQLRelation?
    func visibleTables() throws -> [SQLVisibleTable]
    /// The indexes of a table, its primary key among them, and those left out that do not hold all rows.
    func indexes(of relation: SQLRelation, _ stream: SQLStream) throws -> [SQLIndex]

    /// The source's clock, with the offset of its local times.
    func now(_ stream: SQLStream) throws -> Instant

    /// Whether a value is remembered by the very text that it is read as.
    var remembersAsRead: Bool { get }
    /// The text by which a value of a column is remembered, as an SQL expression.
    func text(_ sql: String, of column: SQLColumn) -> String
    /// A remembered text as SQL compares it with the column; nil where it is none of this column.
    func literal(_ written: String, of column: SQLColumn) -> String?
    /// The same for a column of numbers.
    func number(_ written: String, of column: SQLColumn) -> String?
    /// A moment as SQL compares it with a column of dates or times. Local times are those of the instant's offset.
    func literal(_ moment: Instant, of column: SQLColumn) -> String
    /// What a remembered text says, without what the session adds to it.
    func content(_ written: String) -> String
    /// As ``content(_:)`` reads it: a text of a text column.
    func written(_ content: String) -> String

    /// What the values of a column are. Where a column has no type, the values tell.
    func kind(of column: SQLColumn, in table: SQLTable, _ stream: SQLStream) throws -> SQLColumn.Kind
    /// Where a text stands by an order, as an SQL expression: microseconds since 1970 for dates and times, the number for numbers, NULL for
    /// what is no value of the order. Nil where this system has no way to say it: then the values are judged as they come.
    func position(_ column: SQLColumn, _ order: CursorOrder, now: Instant) throws -> String?
    /// Which numbers of a column no such clock can have written, for `check` to count; nil where the system has no way to say it.
    func statesNoTime(_ column: SQLColumn, _ clock: CursorClock, now: Instant) throws -> String?
    /// A text column in the order of its bytes; nil where the system has no way to say it.
    func bytewise(_ column: SQLColumn) -> String?
    /// Texts that say nothing of when their row changed, where texts grow byte by byte.
    func oddTexts(_ column: SQLColumn, haveDigits: Bool) -> [String]
    /// Shows the judge what the texts of a column are.
    func judge(
        _ column: SQLColumn, of table: SQLTable, _ stream: SQLStream, by judge: inout CursorColumn) throws

    /// Waits until every transaction has ended that is open now and could still commit rows older than what is seen. False where one has
    /// not ended in time; nil where the system does not tell.
    func settle(_ stream: SQLStream, within time: Duration?) throws -> Bool?
    /// What keeps a cursor without a lookback from seeing late commits, as `check` tells it; nil where nothing does.
    func lateCommits(_ stream: SQLStream) throws -> String?
    /// - Throws: ``HearthError`` `source.rowSecurity` where the server would hide rows.
    func refuseHiddenRows(_ relation: SQLRelation, _ stream: SQLStream) throws
    /// Which rows of a table have keys that were once read with blanks at their ends; nil where none can.
    func paddedKeys(_ key: [SQLColumn]) -> String?
    /// A refusal with what the session finds out about it.
    func explained(_ error: HearthError, _ stream: SQLStream) -> HearthError
}

extension SQLSession {
    func windows(of table: SQLTable, _ stream: SQLStream) throws -> (any SQLWindowReader)? { nil }
    func text(_ column: SQLColumn) -> String { text(column.read, of: column) }
    func content(_ written: String) -> String { written }
    func written(_ content: String) -> String { content }
    func number(_ written: String, of column: SQLColumn) -> String? { literal(written, of: column) }
    func kind(of column: SQLColumn, in table: SQLTable, _ stream: SQLStream) throws -> SQLColumn.Kind { column.kind }
    func statesNoTime(_ column: SQLColumn, _ clock: CursorClock, now: Instant) throws -> String? { nil }
    func refuseHiddenRows(_ relation: SQLRelation, _ stream: SQLStream) throws {}
    func paddedKeys(_ key: [SQLColumn]) -> String? { nil }
    func explained(_ error: HearthError, _ stream: SQLStream) -> HearthError { error }
}

/// A row as a session hands it over; what it points to is valid until the closure returns.
enum SQLRow {
    /// In the text format of COPY, without its line end.
    case copyText(UnsafePointer<UInt8>, length: Int)
    /// The fields' bytes, and where in them each lies.
    case fields(UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<ByteRange>)
    /// What came of a row of which the value of a column did not come as a whole.
    case cut(UnsafeBufferPointer<UInt8>, column: Int)

    /// Most bytes that its fields take.
    var length: Int {
        switch self {
        case .copyText(_, let length): length
        case .fields(let bytes, _), .cut(let bytes, _): bytes.count
        }
    }
}

/// What a stream reads, as the system's catalogue knows it.
struct SQLRelation {
    /// As it stands in FROM.
    var sql: String
    var columns: [SQLColumn]
    /// The columns of the declared primary key, in its order.
    var declaredKey: [String] = []
    /// What tells a table from all others; nil for a query.
    var identity: String?
}

struct SQLColumn {
    enum Kind: Equatable {
        case date
        /// A date and time by some zone's clock.
        case localTime
        /// A date and time that knows its offset.
        case instant
        case number
        case text
        /// Any other type, ordered as the server does.
        case other
        /// Any other type, in no order that a cursor could follow.
        case unordered
    }

    var name: String
    /// The system's own name of the type.
    var type: String
    var kind: Kind
    var isNullable: Bool
    /// The name as SQL has it.
    var quoted: String
    /// The value as it is read.
    var read: String
    /// Whether it is filled up with blanks that mean nothing, and are not read.
    var isPadded = false
    /// What the system's own catalogue says of it; nil for nothing.
    var comment: String?
    /// Whether a value may be of any length.
    var isLong = false
}

struct SQLVisibleTable {
    /// As a stream names it.
    var name: String
    /// What tells it from all others.
    var identity: String
    var estimatedRows: Int64?
}

struct SQLIndex {
    var columns: [String]
    var isUnique: Bool
}
