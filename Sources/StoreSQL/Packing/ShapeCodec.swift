/// A ``RowShape`` made ready: packs rows and unpacks them without an allocation a row.
///
/// A packed row is four bytes that check the others, then a number (LEB128) for each column: 0 is NULL, 1 a text, with its length and
/// its bytes behind it, any other the value by the column's kind, from 2 on. Then the fields that the columns do not make: each its number,
/// its length and one more, and its JSON; a length of 0 is a field that is not there.
final class ShapeCodec {
    let number: Int64
    private let shape: RowShape
    let constants: UnsafeMutablePointer<UInt8>
    let columns: UnsafeMutableBufferPointer<Column>
    let fields: UnsafeMutableBufferPointer<Field>
    let spans: UnsafeMutableBufferPointer<Span>
    let groups: UnsafeMutableBufferPointer<Group>
    let pieces: UnsafeMutableBufferPointer<Piece>
    /// Where each column of the row at hand stands; NULL has no length.
    let values: UnsafeMutableBufferPointer<Value>
    /// By field, as many as ``apartCount`` tells.
    let apart: UnsafeMutableBufferPointer<Apart>
    var apartCount = 0
    /// Most bytes of a row beside what its texts take, once for each use of a text.
    let fixed: Int
    /// Fields that one column has at most.
    let mostUses: Int
    let out = ByteBuffer()
    let made = ByteBuffer()
    /// The row that is being packed, with room behind it: texts are read eight bytes at a time.
    let rawAtHand = ByteBuffer()
    let bodyAtHand = ByteBuffer()

    static let separator: UInt8 = 0x1F
    static let escape: UInt8 = 0x1B
    /// Digits of the longest number: it fits a word, doubled and two more.
    static let mostDigits = 18

    struct Span { var offset: Int32, count: Int32 }
    struct Value {
        var start: UnsafePointer<UInt8>
        /// −1 of NULL.
        var count: Int
        /// As it is packed: 0 is NULL, 1 a text.
        var code: UInt64
    }
    /// What a row's body says in a field in place of what the columns make; nothing has no length.
    struct Apart {
        var field: Int
        var start: UnsafePointer<UInt8>
        var count: Int
    }
    struct Group { var place: Int32, width: Int32, base: UInt64, radix: UInt64 }
    struct Piece { var before: Span, from: Int32, to: Int32 }
    struct Column {
        enum Kind: UInt8 { case text, number, moment, listed }
        var kind = Kind.text
        var width = 0
        var places = 0
        var before = Span(offset: 0, count: 0)
        var after = Span(offset: 0, count: 0)
        /// Of ``spans`` or ``groups``.
        var first = 0
        var count = 0
        /// The listed text of the row before: rows in a row often have the same.
        var last = 0
        /// Whether JSON escapes nothing of a value of the column's kind.
        var isPlain = false
    }
    struct Field {
        enum Kind: UInt8 { case text, scaled, padded, listed, pieces, apart }
        var kind: Kind
        var name: Span
        var column: Int
        var places = 0
        /// Whether a value of its column's kind needs no second look: a text without escapes, a number with as many places and nothing
        /// around it, pieces that are digits.
        var isAsWritten = false
        var before = Span(offset: 0, count: 0)
        var after = Span(offset: 0, count: 0)
        /// Of ``spans`` or ``pieces``.
        var first = 0
        var count = 0
    }

    init(_ number: Int64, _ shape: RowShape) {
        self.number = number
        self.shape = shape
        var bytes: [UInt8] = []
        var spans: [Span] = []
        var groups: [Group] = []
        var pieces: [Piece] = []
        func span(_ text: [UInt8]) -> Span {
            defer { bytes += text }
            return Span(offset: Int32(bytes.count), count: Int32(text.count))
        }
        var fixed = 64
        let columns = shape.columns.map { column in
            var made = Column()
            switch column {
            case .text: break
            case .number(let before, let after, let width, let places):
                made.kind = .number
                made.isPlain = Self.isPlain(before) && Self.isPlain(after)
                (made.width, made.places) = (width, places)
                (made.before, made.after) = (span(before), span(after))
                fixed += before.count + after.count + 24
            case .moment(let example):
                made.kind = .moment
                made.isPlain = Self.isPlain(example)
                made.before = span(example)
                bytes += [UInt8](repeating: 0, count: 8)
                // Which of its bytes are digits.
                made.after = span(example.map { $0 &- 0x30 <= 9 ? 0xFF : 0 } + [UInt8](repeating: 0, count: 8))
                made.first = groups.count
                groups += Self.groups(of: example)
                made.count = groups.count - made.first
                fixed += example.count
            case .listed(let texts):
                made.kind = .listed
                made.isPlain = texts.allSatisfy(Self.isPlain)
                made.first = spans.count
                spans += texts.map(span)
                made.count = texts.count
                fixed += texts.map(\.count).max() ?? 0
            }
            fixed += 2
            return made
        }
        let fields = shape.fields.map { field in
            var made = Field(kind: .text, name: span(field.name), column: field.column)
            fixed += field.name.count + 32
            switch field.rule {
            case .text(let before, let after):
                (made.before, made.after) = (span(before), span(after))
                fixed += before.count + after.count
            case .apart: made.kind = .apart
            case .scaled(let places): (made.kind, made.places) = (.scaled, places)
            case .padded(let places): (made.kind, made.places) = (.padded, places)
            case .listed(let texts):
                made.kind = .listed
                made.first = spans.count
                spans += texts.map(span)
                made.count = texts.count
                fixed += texts.map(\.count).max() ?? 0
            case .pieces(let parts, let end):
                made.kind = .pieces
                made.first = pieces.count
                pieces += parts.map { Piece(before: span($0.before), from: Int32($0.from), to: Int32($0.to)) }
                made.count = parts.count
                made.after = span(end)
                fixed += parts.reduce(end.count) { $0 + $1.before.count }
            }
            let column = columns[field.column]
            switch field.rule {
            case .text: made.isAsWritten = column.isPlain
            case .scaled, .padded:
                made.isAsWritten =
                    column.kind == .number && column.width == 0 && column.places == made.places
                    && column.before.count == 0 && column.after.count == 0
            case .pieces(let parts, _):
                let digits = column.kind == .moment ? groups[column.first..<column.first + column.count] : []
                made.isAsWritten = parts.allSatisfy { part in
                    digits.contains { $0.place <= part.from && part.to <= $0.place + $0.width }
                }
            case .listed, .apart: break
            }
            return made
        }
        self.fixed = fixed
        var uses = [Int](repeating: 0, count: shape.columns.count)
        for field in shape.fields { uses[field.column] += 1 }
        mostUses = uses.max() ?? 0
        // Constants are copied eight bytes at a time.
        bytes += [UInt8](repeating: 0, count: 8)
        constants = .allocate(capacity: bytes.count)
        constants.initialize(from: bytes, count: bytes.count)
        func memory<Element>(_ elements: [Element]) -> UnsafeMutableBufferPointer<Element> {
            let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: max(1, elements.count))
            _ = memory.initialize(from: elements)
            return UnsafeMutableBufferPointer(start: memory.baseAddress, count: elements.count)
        }
        self.columns = memory(columns)
        self.fields = memory(fields)
        self.spans = memory(spans)
        self.groups = memory(groups)
        self.pieces = memory(pieces)
        apart = memory(
            Array(repeating: Apart(field: 0, start: UnsafePointer(constants), count: -1), count: fields.count))
        values = memory(
            Array(repeating: Value(start: UnsafePointer(constants), count: -1, code: 0), count: columns.count))
    }

    deinit {
        constants.deallocate()
        columns.deallocate()
        fields.deallocate()
        spans.deallocate()
        groups.deallocate()
        pieces.deallocate()
        values.deallocate()
        apart.deallocate()
    }

    private static func isPlain(_ text: [UInt8]) -> Bool {
        text.allSatisfy { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }
    }

    /// A copy of a text behind which eight bytes may be read, until the next one.
    static func padded(_ text: UnsafeRawBufferPointer, in memory: ByteBuffer) -> UnsafeRawBufferPointer {
        let copy = memory.reserve(text.count + 8)
        if let base = text.baseAddress { copy.copyMemory(from: base, byteCount: text.count) }
        return UnsafeRawBufferPointer(start: copy, count: text.count)
    }

    /// Digits that stand together, what each may be at most; of a year that begins a moment, of months, days, hours, minutes and seconds.
    static func groups(of example: [UInt8]) -> [Group] {
        var groups: [Group] = []
        var place = 0
        func isDigit(_ place: Int) -> Bool { example[place] &- 0x30 <= 9 }
        var runs: [(Int, Int)] = []
        while place < example.count {
            if !isDigit(place) {
                place += 1
                continue
            }
            let start = place
            while place < example.count, isDigit(place) { place += 1 }
            runs.append((start, place - start))
        }
        // A date without separators is its three parts.
        runs = runs.flatMap { run -> [(Int, Int)] in
            switch run.1 {
            case 8 where run.0 == 0: [(0, 4), (4, 2), (6, 2)]
            case 14 where run.0 == 0: [(0, 4), (4, 2), (6, 2), (8, 2), (10, 2), (12, 2)]
            default: [run]
            }
        }
        let parts: [(width: Int, base: UInt64, radix: UInt64)] = [
            (4, 1900, 256), (2, 0, 13), (2, 0, 32), (2, 0, 25), (2, 0, 60), (2, 0, 61),
        ]
        var isMoment = true
        for (index, run) in runs.enumerated() {
            if index < parts.count, parts[index].width != run.1 { isMoment = false }
            let known = isMoment && index < parts.count
            var radix: UInt64 = 1
            for _ in 0..<run.1 { radix *= 10 }
            groups.append(
                Group(
                    place: Int32(run.0), width: Int32(run.1), base: known ? parts[index].base : 0,
                    radix: known ? parts[index].radix : radix))
        }
        return groups
    }

    /// Whether a moment of this text fits a word.
    static func canHold(moment example: [UInt8]) -> Bool {
        var most: UInt64 = 4
        for group in groups(of: example) {
            if group.width > 18 { return false }
            let (next, overflow) = most.multipliedReportingOverflow(by: group.radix)
            if overflow { return false }
            most = next
        }
        return true
    }
}
