/// One kind of file in one drop folder, and how its text becomes records.
package struct CSVStream: Sendable {
    /// When a file in the folder is complete and may be read.
    package enum Readiness: Hashable, Sendable {
        /// Written under another name (`*.tmp`, `*.part`, a dotfile) and renamed into place.
        case renamed
        /// A file beside it, its name with this suffix (`.done`), says so.
        case doneMarker(suffix: String)
        /// A `<file>.manifest` beside it says so, and states the SHA-256, the rows or a control sum; see ``Manifest``.
        case manifest
        /// Neither size nor content was touched for so many seconds.
        case stable(seconds: Int)
    }

    /// Whether a file states the whole stream (a key it lacks has vanished) or only what changed.
    package enum Semantics: String, Sendable { case snapshot, delta }

    /// What becomes of a record with the wrong number of fields.
    package enum RaggedPolicy: String, Sendable {
        /// It is a defect.
        case quarantine
        /// Fields missing at the end are NULL; one with too many is a defect.
        case fillWithNull
    }

    /// What becomes of empty fields beyond the last column.
    package enum EmptyTail: String, Sendable, CaseIterable {
        /// As many as the header has nameless columns at its end are dropped; of others the record is ragged.
        case header
        /// They are dropped from any record: the sender writes a delimiter after the last field.
        case drop
    }

    /// The last record of a file, which counts the others: `合计,1024`.
    package struct Trailer: Hashable, Sendable {
        /// How the trailer's line begins.
        package var prefix: String
        /// Number of the field (from 1) that states how many records stand before it.
        package var countField: Int?
        /// Number of the field (from 1) that states the sum of ``sumColumn``.
        package var sumField: Int?
        package var sumColumn: String?
        /// A file without its trailer counts as cut off.
        package var isRequired: Bool

        package init(
            prefix: String, countField: Int? = nil, sumField: Int? = nil, sumColumn: String? = nil,
            isRequired: Bool = true
        ) {
            self.prefix = prefix
            self.countField = countField
            self.sumField = sumField
            self.sumColumn = sumColumn
            self.isRequired = isRequired
        }
    }

    package var name: String
    /// Path of the drop folder, or of the spool that ``remote`` is mirrored into.
    package var folder: String
    /// Where the files come from, where that is no folder of this machine.
    package var remote: RemoteDrops?
    /// Which file names belong to the stream: `residents_*.csv`, with `*`, `?` and `[a-z]`.
    package var pattern: String
    /// Whether `YH_2.CSV` matches `yh_*.csv`. Without it such a file fails the pull, so that it is not passed over.
    package var ignoresCase: Bool
    /// What says in which order the files were written.
    package var order: Order
    /// Whether a folder without any file is as it should be; else the first file is waited for with an error.
    package var mayBeEmpty: Bool
    /// One or more characters, the first of them ASCII.
    package var delimiter: String
    /// One ASCII character; nil where quotes mean nothing.
    package var quote: String?
    /// One ASCII character, such as a backslash, that takes the meaning of a special one from it; nil where there is none.
    package var escape: String?
    /// Whether the first record after the preamble names the columns.
    package var hasHeader: Bool
    /// The columns in order. Needed without a header; with one, the header must say the same.
    package var columns: [String]?
    /// Columns that identify a record, for `discover` only.
    package var key: [String]
    /// Lines before the header, to be skipped.
    package var preambleLines: Int
    package var trailer: Trailer?
    package var encoding: CSVEncoding
    package var semantics: Semantics
    package var readiness: Readiness
    package var ragged: RaggedPolicy
    package var emptyTail: EmptyTail
    /// Texts that, unquoted, mean NULL, such as `\N`. An empty field is an empty text unless "" is listed.
    package var nulls: [String]
    /// A longer record (in UTF-8) is a defect. Bounds the memory of a pull.
    package var maxRecordBytes: Int
    /// How files that are workbooks are read.
    package var workbook: WorkbookRules

    package init(
        name: String, folder: String, pattern: String = "*.csv", delimiter: String = ",", quote: String? = "\"",
        hasHeader: Bool = true, columns: [String]? = nil, key: [String] = [], preambleLines: Int = 0,
        trailer: Trailer? = nil, encoding: CSVEncoding = .auto, semantics: Semantics = .delta,
        readiness: Readiness = .renamed, ragged: RaggedPolicy = .quarantine, nulls: [String] = [],
        maxRecordBytes: Int = 1 << 20, ignoresCase: Bool = false, order: Order = .automatic, mayBeEmpty: Bool = false,
        escape: String? = nil, emptyTail: EmptyTail = .header, workbook: WorkbookRules = WorkbookRules(),
        remote: RemoteDrops? = nil
    ) {
        self.name = name
        self.folder = folder
        self.pattern = pattern
        self.delimiter = delimiter
        self.quote = quote
        self.hasHeader = hasHeader
        self.columns = columns
        self.key = key
        self.preambleLines = preambleLines
        self.trailer = trailer
        self.encoding = encoding
        self.semantics = semantics
        self.readiness = readiness
        self.ragged = ragged
        self.nulls = nulls
        self.maxRecordBytes = maxRecordBytes
        self.ignoresCase = ignoresCase
        self.order = order
        self.mayBeEmpty = mayBeEmpty
        self.escape = escape
        self.emptyTail = emptyTail
        self.workbook = workbook
        self.remote = remote
    }
}
