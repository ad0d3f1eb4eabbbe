import Crypto
import HeatModel
import Records

/// Maps the rows of one batch, one after another, into a writer.
struct RowMapper: ~Copyable {
    let plan: MappingPlan
    let tables: PlanTables
    private let bytes: UnsafePointer<UInt8>
    private let fields: UnsafeBufferPointer<ByteRange>
    private let width: Int
    private let expansion: Int
    /// The key column, where the key is but one column; else −1.
    private let singleKey: Int
    private let isSingleKeyLiteral: Bool
    /// Where the rows stand, for a key that names it.
    private let positions: KeyPositions
    private let repairs: Bool

    /// After a fault: the index of the rule that the row breaks, −1 for the key.
    private(set) var failedRule = -1
    private(set) var warnings = 0

    private let starts: UnsafeMutablePointer<Int>
    private let sums: UnsafeMutablePointer<Int64>
    private let counts: UnsafeMutablePointer<Int64>
    private let rowSums: UnsafeMutablePointer<Int64>
    private let totalCount: Int
    /// Which money fields this row states, by bit.
    private var stated: UInt64 = 0
    private var rowWarnings = 0

    let account: AccountPointers

    var joined = Scratch()
    var repaired = Scratch()
    var folded = Scratch()
    var normalized = Scratch()
    private var mojibake: Mojibake?
    private let nothing: UnsafeMutablePointer<UInt8>

    /// From this year on the zone's offset is fixed.
    let fixedYear: Int
    let fixedOffset: Int

    init(
        _ plan: MappingPlan, _ tables: PlanTables, bytes: UnsafeBufferPointer<UInt8>,
        fields: UnsafeBufferPointer<ByteRange>, _ positions: KeyPositions
    ) {
        self.positions = positions
        self.plan = plan
        self.tables = tables
        nothing = .allocate(capacity: 8)
        nothing.initialize(repeating: 0, count: 8)
        self.bytes = bytes.baseAddress ?? UnsafePointer(nothing)
        self.fields = fields
        width = plan.columns.count
        expansion = 4 + 12 * plan.mostUses
        singleKey = plan.keyParts.count == 1 && plan.keyColumns.count == 1 ? plan.keyColumns[0] : -1
        isSingleKeyLiteral = plan.literalKeys.first ?? false
        repairs = plan.file.repair != nil
        starts = .allocate(capacity: width + 1)
        totalCount = plan.totals.count
        sums = .allocate(capacity: totalCount + 1)
        counts = .allocate(capacity: totalCount + 1)
        rowSums = .allocate(capacity: totalCount + 1)
        sums.initialize(repeating: 0, count: totalCount + 1)
        counts.initialize(repeating: 0, count: totalCount + 1)
        account = AccountPointers(plan)
        mojibake = plan.file.repair.map { Mojibake($0) }
        let last = plan.zone.last
        fixedYear =
            last.begin < -10_000_000_000 ? 0 : CivilDate(dayNumber: Int32(last.begin / 86_400)).components.year + 1
        fixedOffset = last.offset
    }

    deinit {
        nothing.deallocate()
        account.deallocate()
        starts.deallocate()
        sums.deallocate()
        counts.deallocate()
        rowSums.deallocate()
    }

    func controlTotals(_ names: [String]) -> [ControlTotal] {
        names.enumerated().map { ControlTotal(measure: $1, count: counts[$0], sum: Fen(sums[$0])) }
    }

    /// A bound on what `map` writes for a row: 12 is more than NFKC (11 at most) or escaping (6) make of one byte.
    @inline(__always)
    func mostBytes(ofRow row: Int) -> Int {
        let first = row &* width
        var length = 0
        for index in 0..<width { length &+= Int(max(0, fields[first &+ index].length)) }
        return plan.fixedBytes &+ length &* expansion
    }

    /// Writes one row. After a fault what was written is of no use, but `record.raw` and `record.key` stand.
    @inline(__always)
    mutating func map(_ row: Int, _ writer: inout ByteWriter, _ record: inout CanonicalRecord) -> Fault {
        let first = row &* width
        putRaw(first, &writer, &record)
        failedRule = -1
        let keyFault = putKey(row, first, &writer, &record)
        if keyFault != .none {
            record.key = .none
            return keyFault
        }
        stated = 0
        rowWarnings = 0
        let fault = putBody(first, &writer, &record)
        if fault != .none { return fault }
        let accountFault = putAccount(first, &writer, &record)
        if accountFault != .none { return accountFault }
        if let voided = plan.voided {
            if let operation = account.voided, let text = read(operation, first) {
                record.isVoided = voided.spellings.contains(TextFolding.fold(text, &folded))
            }
        }
        for index in 0..<totalCount where stated & (1 << UInt64(index)) != 0 {
            counts[index] &+= 1
            sums[index] &+= rowSums[index]
        }
        warnings &+= rowWarnings
        return .none
    }

    mutating func failAt(_ operation: UnsafePointer<Operation>) { failedRule = Int(operation.pointee.rule) }

    // MARK: raw, hash, key

    @inline(__always)
    private mutating func putRaw(_ first: Int, _ writer: inout ByteWriter, _ record: inout CanonicalRecord) {
        let begin = writer.position
        for index in 0..<width {
            starts[index] = writer.position
            let range = fields[first &+ index]
            if range.isNone {
                writer.put(RawRecord.null)
            } else {
                writer.putRaw(Text(bytes + Int(range.offset), Int(range.length)))
            }
            writer.put(RawRecord.separator)
        }
        starts[width] = writer.position
        // No separator after the last.
        if width > 0 { writer.position &-= 1 }
        let length = writer.position - begin
        record.raw = ByteRange(offset: UInt32(truncatingIfNeeded: begin), length: Int32(truncatingIfNeeded: length))
        var hasher = SHA256()
        hasher.update(bufferPointer: UnsafeRawBufferPointer(start: writer.base + begin, count: length))
        hasher.finalize().withUnsafeBytes { digest in
            record.hash = (
                UInt64(bigEndian: digest.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: digest.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }

    @inline(__always)
    private func putKey(_ row: Int, _ first: Int, _ writer: inout ByteWriter, _ record: inout CanonicalRecord) -> Fault
    {
        if singleKey >= 0 {
            let column = singleKey
            let range = fields[first &+ column]
            if range.length <= 0 { return .noKey }
            record.key = slice(starts[column], starts[column &+ 1] &- 1)
            return IdentityCheck.fault(
                Text(bytes + Int(range.offset), Int(range.length)), isLiteral: isSingleKeyLiteral)
        }
        let begin = writer.position
        var isEmpty = !plan.keyColumns.isEmpty
        for (index, part) in plan.keyParts.enumerated() {
            if index > 0 { writer.put(RawRecord.separator) }
            guard case .column(let column) = part else {
                putPosition(part, index, row, record.ordinal, &writer)
                continue
            }
            let range = fields[first &+ column]
            if range.isNone { return .noKey }
            if range.length > 0 {
                isEmpty = false
                let fault = IdentityCheck.fault(
                    Text(bytes + Int(range.offset), Int(range.length)), isLiteral: plan.literalKeys[index])
                if fault != .none { return fault }
            }
            let start = starts[column]
            writer.put(UnsafePointer(writer.base + start), starts[column &+ 1] &- 1 &- start)
        }
        if isEmpty { return .noKey }
        record.key = slice(begin, writer.position)
        return .none
    }

    @inline(never)
    private func putPosition(_ part: KeyPart, _ index: Int, _ row: Int, _ ordinal: Int64, _ writer: inout ByteWriter) {
        if let kept = positions.kept {
            for byte in kept[index] { writer.put(byte) }
        } else if part == .line {
            for byte in positions.lead { writer.put(byte) }
            writer.putInteger(ordinal)
        } else {
            writer.putInteger(Int64(positions.occurrences[row]))
        }
    }

    @inline(__always)
    func slice(_ start: Int, _ end: Int) -> ByteRange {
        ByteRange(offset: UInt32(truncatingIfNeeded: start), length: Int32(truncatingIfNeeded: end &- start))
    }

    // MARK: source text

    /// The text that an operation reads; nil for NULL.
    @inline(__always)
    mutating func read(_ operation: UnsafePointer<Operation>, _ first: Int) -> Text? {
        if operation.pointee.column >= 0, !repairs {
            let range = fields[first &+ Int(operation.pointee.column)]
            return range.isNone ? nil : Text(bytes + Int(range.offset), Int(range.length))
        }
        return readSlowly(Int(operation.pointee.column), Int(operation.pointee.join), first)
    }

    @inline(never)
    private mutating func readSlowly(_ column: Int, _ join: Int, _ first: Int) -> Text? {
        var text: Text
        if column >= 0 {
            let range = fields[first + column]
            if range.isNone { return nil }
            text = Text(bytes + Int(range.offset), Int(range.length))
        } else {
            let rule = plan.joins[join]
            if !rule.stars.isEmpty { return readPair(rule, first) }
            guard let whole = readJoined(rule, first) else { return nil }
            text = whole
        }
        if mojibake != nil { text = mojibake?.repaired(text, &repaired) ?? text }
        return text
    }

    /// NULL and empty parts are left out with their separators; nil where all are NULL.
    private mutating func readJoined(_ join: Join, _ first: Int) -> Text? {
        var count = 0
        for column in join.columns { count += max(0, Int(fields[first + column].length)) + join.separator.count }
        joined.reserve(count)
        var writer = ByteWriter(base: joined.pointer, position: 0)
        var isNull = true
        for column in join.columns {
            let range = fields[first + column]
            if range.isNone { continue }
            isNull = false
            if range.length == 0 { continue }
            if writer.position > 0 { for byte in join.separator { writer.put(byte) } }
            writer.put(Text(bytes + Int(range.offset), Int(range.length)))
        }
        return isNull ? nil : Text(joined.pointer, writer.position)
    }

    /// Parts that are each folded, none left out; nil where all are NULL, empty where all are empty.
    private mutating func readPair(_ join: Join, _ first: Int) -> Text? {
        var parts: [UInt8] = []
        var isNull = true
        var isEmpty = true
        for (index, column) in join.columns.enumerated() {
            if index > 0 { parts += join.separator }
            guard let text = readSlowly(column, -1, first) else { continue }
            isNull = false
            let part = TextFolding.fold(text, &folded)
            if part.count > 0 { isEmpty = false }
            for index in 0..<part.count { parts.append(part[index]) }
        }
        if isNull { return nil }
        if isEmpty { parts = [] }
        joined.reserve(parts.count)
        parts.withUnsafeBufferPointer {
            if let base = $0.baseAddress { joined.pointer.update(from: base, count: $0.count) }
        }
        return Text(joined.pointer, parts.count)
    }

    // MARK: body

    @inline(__always)
    private mutating func putBody(_ first: Int, _ writer: inout ByteWriter, _ record: inout CanonicalRecord) -> Fault {
        let begin = writer.position
        for index in 0..<tables.operations.count {
            guard let operation = tables.operations.baseAddress?.advanced(by: index) else { break }
            let start = writer.position
            writer.putPadded(
                tables.constants + Int(operation.pointee.prefix.offset), Int(operation.pointee.prefix.length))
            var fault = Fault.null
            if operation.pointee.code == .constant {
                putConstant(operation, &writer)
                continue
            }
            if let text = read(operation, first) { fault = convert(operation, text, &writer) }
            if fault == .none { continue }
            writer.position = start
            if fault != .null {
                guard operation.pointee.isNullOnError else {
                    failedRule = Int(operation.pointee.rule)
                    return fault
                }
                rowWarnings &+= 1
            }
            if !operation.pointee.value.isNone {
                writer.position = start &+ Int(operation.pointee.prefix.length)
                putConstant(operation, &writer)
            } else if operation.pointee.isRequired {
                failedRule = Int(operation.pointee.rule)
                return .required
            }
        }
        if writer.position == begin { writer.put(0x7B) }
        // The first field's comma becomes the opening brace.
        writer.base[begin] = 0x7B
        writer.put(0x7D)
        record.body = slice(begin, writer.position)
        return .none
    }

    @inline(__always)
    private mutating func putConstant(_ operation: UnsafePointer<Operation>, _ writer: inout ByteWriter) {
        writer.putPadded(tables.constants + Int(operation.pointee.value.offset), Int(operation.pointee.value.length))
        if operation.pointee.total >= 0 { add(operation, operation.pointee.valueFen) }
    }

    @inline(__always)
    mutating func add(_ operation: UnsafePointer<Operation>, _ fen: Int64) {
        rowSums[Int(operation.pointee.total)] = fen
        stated |= 1 << UInt64(operation.pointee.total)
    }
}
