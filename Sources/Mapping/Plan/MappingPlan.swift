import HeatModel
public import Records

/// A mapping file compiled against the columns of a stream: an array of operations, ready for batches.
///
/// A plan never changes and may be used from several threads at once. It is a class because it is large: as a value it was
/// copied, all 3.6 KB of it, at many a call.
public final class MappingPlan: Sendable {
    public let file: MappingFile
    /// The columns that the plan was compiled against, in the order of a row.
    public let columns: [String]

    let operations: [Operation]
    let rules: [FieldRule]
    let keyParts: [KeyPart]
    /// The columns among ``keyParts``.
    let keyColumns: [Int]
    /// Of each part of the key whether `12E4` is an id there.
    let literalKeys: [Bool]
    let account: AccountOperations
    let voided: Voided?
    let joins: [Join]
    /// Prefixes, constants, defaults and code values; 32 bytes of padding at the end.
    let constants: [UInt8]
    let nullSets: [NullSet]
    let tables: [CodeTable]
    /// Unit suffixes and phone separators.
    let words: [[[UInt8]]]
    let dateFormats: [[DateFormat]]
    let zone: ZoneRules
    let totals: [String]
    /// Bytes that a row may need whatever its fields hold, and how often one column is used.
    let fixedBytes: Int
    let mostUses: Int

    /// Compiles a file.
    ///
    /// - Parameters:
    ///   - columns: the columns of the stream, as in ``RawBatch/columns``.
    ///   - zone: IANA name of the source's time zone, where the file itself names none.
    /// - Throws: `HearthError` `config.unknownColumn` at the file, line and column of the first name that the stream lacks,
    ///   with the nearest right name (further ones are named in the message), `config.unknownZone`, or `config.badValue` for a key of
    ///   which no part tells rows apart.
    public init(_ file: MappingFile, columns: [String], zone: String = "Asia/Shanghai") throws {
        var compiler = PlanCompiler(file, columns: columns)
        try compiler.checkColumns()
        guard let rules = ZoneRules(file.zone ?? zone) else {
            throw HearthError(
                .configUnknownZone, "unknown time zone \"\(file.zone ?? zone)\"",
                at: file.zonePlace,
                advice: "use an IANA name such as Asia/Shanghai")
        }
        compiler.compile()
        self.file = file
        self.columns = columns
        self.zone = rules
        operations = compiler.operations
        self.rules = compiler.rules
        keyParts = compiler.keyParts
        keyColumns = compiler.keyParts.compactMap { if case .column(let column) = $0 { column } else { nil } }
        literalKeys = compiler.literalKeys
        account = compiler.account
        voided = compiler.voided
        joins = compiler.joins
        constants = compiler.constants + [UInt8](repeating: 0, count: 32)
        nullSets = compiler.nullSets
        tables = compiler.tables
        words = compiler.words
        dateFormats = compiler.dateFormats
        totals = compiler.totals
        fixedBytes = compiler.fixedBytes
        mostUses = compiler.mostUses
    }

    /// Maps a batch: every row becomes a record or a reject. The batch's own defects are left to the caller. A key that names where a
    /// row stands counts from the batch's first row; see ``map(_:positions:)``.
    ///
    /// The batch has the columns that the plan was compiled against; where it has others, every row is rejected as
    /// `record.otherColumns`.
    public func map(_ batch: borrowing RawBatch) -> CanonicalBatch {
        guard batch.columns == columns else { return rejectAll(copy batch) }
        var positions = RowPositions()
        return BatchMapper.map(self, batch, positions.number(batch, self))
    }

    private func rejectAll(_ batch: RawBatch) -> CanonicalBatch {
        let width = batch.columns.count
        let rejects = (0..<batch.rowCount).map { row in
            let values = (0..<width).map { column -> [UInt8]? in
                let range = batch.fields[row * width + column]
                return range.isNone
                    ? nil : Array(batch.bytes[Int(range.offset)..<Int(range.offset) + Int(range.length)])
            }
            return Reject(
                code: HearthError.Code.recordOtherColumns,
                message: "the row has other columns than the mapping was compiled for", column: nil, field: nil,
                ordinal: batch.ordinals[row], key: nil, raw: RawRecord.encode(values), mappingPlace: nil)
        }
        return CanonicalBatch(
            bytes: [], records: [], rejects: rejects,
            totals: totals.map { ControlTotal(measure: $0, count: 0, sum: .zero) },
            warnings: 0)
    }
}

/// Several columns read as one text.
struct Join: Sendable {
    var columns: [Int]
    var separator: [UInt8]
    /// Where the columns make a code together: which of them are anything, by bit, in the order in which a code is looked for.
    /// Each part is then folded by itself, and stands even where it is empty.
    var stars: [UInt8] = []
}

/// Spellings of nothing.
struct NullSet: Sendable {
    var spellings: [[UInt8]]
    var longest: Int

    init(_ spellings: [[UInt8]]) {
        self.spellings = spellings
        longest = spellings.map(\.count).max() ?? -1
    }

    @inline(__always)
    func contains(_ text: Text) -> Bool {
        if text.count > longest { return false }
        return search(text)
    }

    @inline(never)
    private func search(_ text: Text) -> Bool {
        spellings.contains { $0.count == text.count && text.hasSuffix($0) }
    }
}

/// Rows whose column says one of some things are void.
struct Voided: Sendable {
    var operation: Operation
    var spellings: NullSet
}

/// Operations for the parts of a record beside its body.
struct AccountOperations: Sendable {
    var number: Operation?
    var crosswalk: Operation?
    var registers: Operation?
    var community: Operation?
    var building: Operation?
    var unit: Operation?
    var room: Operation?
    var whole: Operation?
}
