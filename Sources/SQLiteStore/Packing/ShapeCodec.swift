import Glibc

/// A ``RowShape`` made ready: packs rows and unpacks them without an allocation a row.
///
/// A packed row is four bytes that check the others, then a number (LEB128) for each column: 0 is NULL, 1 a text, with its length and
/// its bytes behind it, any other the value by the column's kind, from 2 on.
final class ShapeCodec {
    let number: Int64
    private let constants: UnsafeMutablePointer<UInt8>
    private let columns: UnsafeMutableBufferPointer<Column>
    private let fields: UnsafeMutableBufferPointer<Field>
    private let spans: UnsafeMutableBufferPointer<Span>
    private let groups: UnsafeMutableBufferPointer<Group>
    private let pieces: UnsafeMutableBufferPointer<Piece>
    /// Where each column of the row at hand stands; NULL has no length.
    private let values: UnsafeMutableBufferPointer<Value>
    /// Most bytes of a row beside what its texts take, once for each use of a text.
    private let fixed: Int
    private let out = ByteBuffer()
    private let made = ByteBuffer()

    private static let separator: UInt8 = 0x1F
    private static let escape: UInt8 = 0x1B
    /// Digits of the longest number: it fits a word, doubled and two more.
    private static let mostDigits = 18

    struct Span { var offset: Int32, count: Int32 }
    struct Value {
        var start: UnsafePointer<UInt8>
        /// −1 of NULL.
        var count: Int
        /// As it is packed: 0 is NULL, 1 a text.
        var code: UInt64
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
    }
    struct Field {
        enum Kind: UInt8 { case text, scaled, padded, listed, pieces }
        var kind: Kind
        var name: Span
        var column: Int
        var places = 0
        var before = Span(offset: 0, count: 0)
        var after = Span(offset: 0, count: 0)
        /// Of ``spans`` or ``pieces``.
        var first = 0
        var count = 0
    }

    init(_ number: Int64, _ shape: RowShape) {
        self.number = number
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
                (made.width, made.places) = (width, places)
                (made.before, made.after) = (span(before), span(after))
                fixed += before.count + after.count + 24
            case .moment(let example):
                made.kind = .moment
                made.before = span(example)
                made.first = groups.count
                groups += Self.groups(of: example)
                made.count = groups.count - made.first
                fixed += example.count
            case .listed(let texts):
                made.kind = .listed
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
            return made
        }
        self.fixed = fixed
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
    }

    /// Digits that stand together, what each may be at most; of a year that begins a moment, of months, days, hours, minutes and seconds.
    private static func groups(of example: [UInt8]) -> [Group] {
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

    // MARK: Packing

    /// The packed row, until the next call; nil where the shape does not give back its very bytes.
    func pack(_ body: UnsafeRawBufferPointer, _ raw: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard split(raw) else { return nil }
        var text = 0
        for index in 0..<columns.count where values[index].count >= 0 {
            text += values[index].count
            values[index].code = code(of: values[index], at(columns, index)) ?? 1
        }
        guard isSaid(by: body) else { return nil }
        let start = out.reserve(4 + text + columns.count * 20).assumingMemoryBound(to: UInt8.self)
        var end = start + 4
        for index in 0..<columns.count {
            let value = values[index]
            Self.put(value.code, &end)
            if value.code != 1 { continue }
            Self.put(UInt64(value.count), &end)
            end.update(from: value.start, count: value.count)
            end += value.count
        }
        let check = Self.check(UnsafeRawBufferPointer(start: start + 4, count: end - start - 4), number)
        UnsafeMutableRawPointer(start).storeBytes(of: check.littleEndian, as: UInt32.self)
        return UnsafeRawBufferPointer(start: start, count: end - start)
    }

    @inline(__always)
    private func at<Element>(_ elements: UnsafeMutableBufferPointer<Element>, _ index: Int) -> UnsafePointer<Element> {
        UnsafePointer(elements.baseAddress! + index)
    }

    /// Finds the columns. False where there are others than the shape has, or one has an escape.
    private func split(_ raw: UnsafeRawBufferPointer) -> Bool {
        guard let base = raw.baseAddress?.assumingMemoryBound(to: UInt8.self), columns.count > 0 else { return false }
        let end = base + raw.count
        var start = base
        var place = base
        var index = 0
        while true {
            while place + 8 <= end, Self.hasNoControl(UnsafeRawPointer(place).loadUnaligned(as: UInt64.self)) {
                place += 8
            }
            while place < end, place.pointee >= 0x20 { place += 1 }
            if place < end, place.pointee != Self.separator {
                if place.pointee == Self.escape { return false }
                if place.pointee == 0 {
                    // NULL stands alone in its column.
                    guard place == start, place + 1 == end || place[1] == Self.separator, index < columns.count else {
                        return false
                    }
                    values[index] = Value(start: start, count: -1, code: 0)
                    index += 1
                    place += 1
                    if place == end { return index == columns.count }
                    place += 1
                    start = place
                    continue
                }
                place += 1
                continue
            }
            if index == columns.count { return false }
            values[index] = Value(start: start, count: place - start, code: 1)
            index += 1
            if place == end { return index == columns.count }
            place += 1
            start = place
        }
    }

    /// Bytes that a value of the only column takes; nil where it fits only as text.
    func size(of text: [UInt8]) -> Int? {
        text.withUnsafeBufferPointer { text in
            guard let start = text.baseAddress, text.count > 0 else { return nil }
            guard let code = code(of: Value(start: start, count: text.count, code: 1), at(columns, 0)) else {
                return nil
            }
            return max(1, (64 - code.leadingZeroBitCount + 6) / 7)
        }
    }

    /// Whether the only field makes a text of a column; nil where it is to be left out.
    func makes(_ said: [UInt8]?, of text: [UInt8]?, at column: Int) -> Bool {
        (text ?? []).withUnsafeBufferPointer { bytes in
            var value = Value(
                start: bytes.baseAddress ?? UnsafePointer(constants), count: text == nil ? -1 : bytes.count, code: 0)
            if value.count > 0 { value.code = code(of: value, at(columns, column)) ?? 1 }
            values[column] = value
            let made = writeBody(into: made)
            guard let said else { return made.count == 2 }
            return made.count == said.count + 2 && made.dropFirst().dropLast().elementsEqual(said)
        }
    }

    private func code(of value: Value, _ column: UnsafePointer<Column>) -> UInt64? {
        switch column.pointee.kind {
        case .text: return nil
        case .number:
            let (before, after) = (Int(column.pointee.before.count), Int(column.pointee.after.count))
            var count = value.count - before - after
            if count <= 0 || !isAt(value.start, column.pointee.before)
                || !isAt(value.start + value.count - after, column.pointee.after)
            {
                return nil
            }
            var digits = value.start + before
            let isNegative = column.pointee.width == 0 && digits.pointee == 0x2D
            if isNegative {
                digits += 1
                count -= 1
            }
            guard let number = Self.digits(digits, count, places: column.pointee.places) else { return nil }
            let length = count - (column.pointee.places > 0 ? 1 : 0)
            if column.pointee.width > 0 { return length == column.pointee.width ? number + 2 : nil }
            // As a number is written: no zero in front but one before the point, and no minus zero.
            if length > column.pointee.places + 1, digits.pointee == 0x30 { return nil }
            if isNegative, number == 0 { return nil }
            return (number << 1 | (isNegative ? 1 : 0)) + 2
        case .moment:
            let count = Int(column.pointee.before.count)
            if value.count != count { return nil }
            let example = constants + Int(column.pointee.before.offset)
            var number: UInt64 = 0
            for index in column.pointee.first..<column.pointee.first + column.pointee.count {
                let group = groups[index]
                guard let part = Self.digits(value.start + Int(group.place), Int(group.width), places: 0),
                    part >= group.base, part - group.base < group.radix
                else { return nil }
                number = number * group.radix + part - group.base
            }
            for index in 0..<count where example[index] &- 0x30 > 9 && example[index] != value.start[index] {
                return nil
            }
            return number + 2
        case .listed:
            for index in 0..<column.pointee.count where isEqual(value, spans[column.pointee.first + index]) {
                return UInt64(index) + 2
            }
            return nil
        }
    }

    /// The number that digits are, with a point before the last `places`; nil where they are none.
    private static func digits(_ start: UnsafePointer<UInt8>, _ count: Int, places: Int) -> UInt64? {
        if places > 0 {
            if count < places + 2 || count > mostDigits + 1 || start[count - places - 1] != 0x2E { return nil }
            guard let whole = digits(start, count - places - 1, places: 0),
                let part = digits(start + count - places, places, places: 0)
            else { return nil }
            var number = whole
            for _ in 0..<places { number *= 10 }
            return number + part
        }
        if count == 0 || count > mostDigits { return nil }
        var number: UInt64 = 0
        for index in 0..<count {
            let digit = start[index] &- 0x30
            if digit > 9 { return nil }
            number = number &* 10 &+ UInt64(digit)
        }
        return number
    }

    private func isAt(_ start: UnsafePointer<UInt8>, _ span: Span) -> Bool {
        let constant = constants + Int(span.offset)
        for index in 0..<Int(span.count) where start[index] != constant[index] { return false }
        return true
    }

    private func isEqual(_ value: Value, _ span: Span) -> Bool {
        value.count == Int(span.count) && isAt(value.start, span)
    }

    private static func put(_ number: UInt64, _ end: inout UnsafeMutablePointer<UInt8>) {
        var rest = number
        while rest >= 0x80 {
            end.pointee = UInt8(truncatingIfNeeded: rest) | 0x80
            rest >>= 7
            end += 1
        }
        end.pointee = UInt8(rest)
        end += 1
    }

    /// Other bytes, or another shape, give another number but for one time in four thousand million.
    static func check(_ bytes: UnsafeRawBufferPointer, _ shape: Int64) -> UInt32 {
        var hash = UInt64(bitPattern: shape) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(bytes.count)
        func mix(_ word: UInt64) {
            hash = (hash ^ word) &* 0xD6E8_FEB8_6659_FD93
            hash ^= hash >> 32
        }
        var place = 0
        while place + 8 <= bytes.count {
            mix(bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            place += 8
        }
        var last: UInt64 = 0
        while place < bytes.count {
            last = last << 8 | UInt64(bytes[place])
            place += 1
        }
        mix(last)
        return UInt32(truncatingIfNeeded: hash)
    }

    // MARK: The body

    /// Whether the fields, made of the columns, are the body.
    private func isSaid(by body: UnsafeRawBufferPointer) -> Bool {
        let made = writeBody(into: made)
        return made.count == body.count && memcmp(made.baseAddress!, body.baseAddress!, body.count) == 0
    }

    /// The body that the columns at hand make.
    private func writeBody(into memory: ByteBuffer) -> UnsafeRawBufferPointer {
        var room = fixed
        for index in 0..<fields.count { room += max(0, values[fields[index].column].count) * 6 }
        let start = memory.reserve(room).assumingMemoryBound(to: UInt8.self)
        var end = start
        for index in 0..<fields.count {
            let field = at(fields, index)
            let value = values[field.pointee.column]
            if value.count <= 0 { continue }
            let before = end
            end.pointee = 0x2C
            end += 1
            copy(field.pointee.name, &end)
            if !write(field, value, &end) { end = before }
        }
        if end == start {
            end.pointee = 0x7B
            end += 1
        }
        // The first field's comma becomes the opening brace.
        start.pointee = 0x7B
        end.pointee = 0x7D
        end += 1
        return UnsafeRawBufferPointer(start: start, count: end - start)
    }

    @inline(__always)
    private func copy(_ span: Span, _ end: inout UnsafeMutablePointer<UInt8>) {
        let (start, count) = (UnsafeRawPointer(constants + Int(span.offset)), Int(span.count))
        var index = 0
        while index < count {
            UnsafeMutableRawPointer(end + index).storeBytes(
                of: start.loadUnaligned(fromByteOffset: index, as: UInt64.self), as: UInt64.self)
            index &+= 8
        }
        end += count
    }

    /// False where the rule makes nothing of the value.
    private func write(_ field: UnsafePointer<Field>, _ value: Value, _ end: inout UnsafeMutablePointer<UInt8>) -> Bool
    {
        switch field.pointee.kind {
        case .text:
            copy(field.pointee.before, &end)
            var index = 0
            while index < value.count {
                if index &+ 8 <= value.count {
                    let word = UnsafeRawPointer(value.start + index).loadUnaligned(as: UInt64.self)
                    if Self.isPlain(word) {
                        UnsafeMutableRawPointer(end).storeBytes(of: word, as: UInt64.self)
                        end += 8
                        index &+= 8
                        continue
                    }
                }
                let byte = value.start[index]
                if byte >= 0x20, byte != 0x22, byte != 0x5C {
                    end.pointee = byte
                    end += 1
                } else {
                    Self.putEscaped(byte, &end)
                }
                index &+= 1
            }
            copy(field.pointee.after, &end)
            return true
        case .scaled: return Self.putNumber(value, places: field.pointee.places, withPoint: false, &end)
        case .padded:
            end.pointee = 0x22
            end += 1
            guard Self.putNumber(value, places: field.pointee.places, withPoint: true, &end) else { return false }
            end.pointee = 0x22
            end += 1
            return true
        case .listed:
            // A text that is not listed says nothing.
            if value.code < 2 || value.code - 2 >= UInt64(field.pointee.count) { return false }
            let text = spans[field.pointee.first + Int(value.code - 2)]
            copy(text, &end)
            return text.count > 0
        case .pieces:
            for index in field.pointee.first..<field.pointee.first + field.pointee.count {
                let piece = pieces[index]
                copy(piece.before, &end)
                if Int(piece.to) > value.count { return false }
                for index in Int(piece.from)..<Int(piece.to) {
                    let byte = value.start[index]
                    // Only digits: nothing that JSON would escape.
                    if byte &- 0x30 > 9 { return false }
                    end.pointee = byte
                    end += 1
                }
            }
            copy(field.pointee.after, &end)
            return true
        }
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Whether no byte is below 0x20.
    @inline(__always)
    private static func hasNoControl(_ word: UInt64) -> Bool { (word &- ones &* 0x20) & ~word & highBits == 0 }

    /// Whether no byte needs an escape in JSON.
    @inline(__always)
    private static func isPlain(_ word: UInt64) -> Bool {
        let (quote, backslash) = (word ^ ones &* 0x22, word ^ ones &* 0x5C)
        let found = (quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word
        return found & highBits == 0
    }

    @inline(never)
    private static func putEscaped(_ byte: UInt8, _ end: inout UnsafeMutablePointer<UInt8>) {
        func put(_ byte: UInt8) {
            end.pointee = byte
            end += 1
        }
        put(0x5C)
        switch byte {
        case 0x22, 0x5C: put(byte)
        case 0x09: put(0x74)
        case 0x0A: put(0x6E)
        case 0x0D: put(0x72)
        default:
            for letter in [0x75, 0x30, 0x30] as [UInt8] { put(letter) }
            for digit in [byte >> 4, byte & 15] { put(digit < 10 ? 0x30 &+ digit : 0x57 &+ digit) }
        }
    }

    /// Writes a decimal with exactly `places` digits behind the point, or as that many digits more without one. False where it is no decimal as
    /// it is written plainly, or has more places.
    private static func putNumber(
        _ value: Value, places: Int, withPoint: Bool, _ end: inout UnsafeMutablePointer<UInt8>
    ) -> Bool {
        var (start, count) = (value.start, value.count)
        let isNegative = start.pointee == 0x2D
        if isNegative {
            start += 1
            count -= 1
        }
        var whole = 0
        while whole < count, start[whole] &- 0x30 <= 9 { whole += 1 }
        let part = whole < count ? count - whole - 1 : 0
        if whole == 0 || part > places || (whole < count && start[whole] != 0x2E) { return false }
        if whole > 1, start.pointee == 0x30 { return false }
        for index in 0..<part where start[whole + 1 + index] &- 0x30 > 9 { return false }
        let sign = end
        if isNegative {
            end.pointee = 0x2D
            end += 1
        }
        var isZero = true
        // Without a point zeros in front go: 0.05 yuan are 5 fen.
        func put(_ digit: UInt8, always: Bool = false) {
            if isZero, digit == 0x30, !always { return }
            isZero = isZero && digit == 0x30
            end.pointee = digit
            end += 1
        }
        for index in 0..<whole { put(start[index], always: withPoint) }
        if withPoint, places > 0 {
            end.pointee = 0x2E
            end += 1
        }
        for index in 0..<places { put(index < part ? start[whole + 1 + index] : 0x30, always: withPoint) }
        if isZero {
            if isNegative { return false }
            if !withPoint {
                end = sign
                end.pointee = 0x30
                end += 1
            }
        }
        return true
    }

    // MARK: Unpacking

    /// What was packed; nil where the bytes are not what was packed.
    func unpack(
        _ packed: UnsafeRawBufferPointer, raw memory: ByteBuffer, body: ByteBuffer
    ) -> (body: UnsafeRawBufferPointer, raw: UnsafeRawBufferPointer)? {
        guard packed.count >= 4 else { return nil }
        let bytes = UnsafeRawBufferPointer(rebasing: packed[4...])
        guard UInt32(littleEndian: packed.loadUnaligned(as: UInt32.self)) == Self.check(bytes, number) else {
            return nil
        }
        let start = memory.reserve(fixed + bytes.count).assumingMemoryBound(to: UInt8.self)
        var end = start
        var place = 0
        for index in 0..<columns.count {
            if index > 0 {
                end.pointee = Self.separator
                end += 1
            }
            let begin = end
            guard let code = Self.number(bytes, &place) else { return nil }
            switch code {
            case 0:
                end.pointee = 0
                end += 1
                values[index] = Value(start: begin, count: -1, code: 0)
                continue
            case 1:
                guard let count = Self.number(bytes, &place), count <= UInt64(bytes.count - place) else { return nil }
                if count > 0 {
                    end.update(from: bytes.baseAddress!.assumingMemoryBound(to: UInt8.self) + place, count: Int(count))
                }
                end += Int(count)
                place += Int(count)
            default:
                guard write(code - 2, at(columns, index), &end) else { return nil }
            }
            values[index] = Value(start: begin, count: end - begin, code: code)
        }
        if place != bytes.count { return nil }
        return (writeBody(into: body), UnsafeRawBufferPointer(start: start, count: end - start))
    }

    private static func number(_ bytes: UnsafeRawBufferPointer, _ place: inout Int) -> UInt64? {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while place < bytes.count, shift < 64 {
            let byte = bytes[place]
            place += 1
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return number }
            shift += 7
        }
        return nil
    }

    private func write(_ code: UInt64, _ column: UnsafePointer<Column>, _ end: inout UnsafeMutablePointer<UInt8>)
        -> Bool
    {
        switch column.pointee.kind {
        case .text: return false
        case .number:
            copy(column.pointee.before, &end)
            var number = code
            if column.pointee.width == 0 {
                if number & 1 == 1 {
                    end.pointee = 0x2D
                    end += 1
                }
                number >>= 1
            }
            var length = max(column.pointee.width, column.pointee.places + 1)
            if column.pointee.width == 0 {
                var limit: UInt64 = 1
                for _ in 0..<length { limit *= 10 }
                while length < Self.mostDigits + 1, number >= limit {
                    length += 1
                    limit *= 10
                }
            }
            let point = column.pointee.places > 0 ? length - column.pointee.places : -1
            let total = length + (point >= 0 ? 1 : 0)
            var index = total - 1
            while index >= 0 {
                if index == point {
                    end[index] = 0x2E
                } else {
                    end[index] = 0x30 + UInt8(truncatingIfNeeded: number % 10)
                    number /= 10
                }
                index -= 1
            }
            if number != 0 { return false }
            end += total
            copy(column.pointee.after, &end)
            return true
        case .moment:
            let start = end
            copy(column.pointee.before, &end)
            var number = code
            for index in stride(
                from: column.pointee.first + column.pointee.count - 1, through: column.pointee.first, by: -1)
            {
                let group = groups[index]
                var part = number % group.radix + group.base
                number /= group.radix
                for index in stride(from: Int(group.width) - 1, through: 0, by: -1) {
                    start[Int(group.place) + index] = 0x30 + UInt8(truncatingIfNeeded: part % 10)
                    part /= 10
                }
            }
            return number == 0
        case .listed:
            if code >= UInt64(column.pointee.count) { return false }
            copy(spans[column.pointee.first + Int(code)], &end)
            return true
        }
    }
}
