import JSONText

/// The body that the columns of the row at hand make, and what of it they do not.
extension ShapeCodec {
    /// Holds the fields that the columns make against the body, and finds those that it has otherwise. False where it is no body of these
    /// fields, or too much of it is apart for the row to be worth it.
    func findApart(in body: UnsafeRawBufferPointer, of rawCount: Int) -> Bool {
        apartCount = 0
        guard let base = body.baseAddress?.assumingMemoryBound(to: UInt8.self), body.count >= 2,
            base[body.count - 1] == 0x7D
        else { return false }
        let made = made.reserve(largest(of: rawCount)).assumingMemoryBound(to: UInt8.self)
        let last = body.count - 1
        var (place, bytes) = (0, 0)
        for index in 0..<fields.count {
            let field = at(fields, index)
            let value = values[field.pointee.column]
            let opening: UInt8 = place == 0 ? 0x7B : 0x2C
            // The field as the columns make it, name and all.
            var end = made
            copy(field.pointee.name, &end)
            let isMade = value.count > 0 && write(field, value, &end)
            let next = place + 1 + (end - made)
            if isMade, next <= last, base[next] == 0x2C || next == last, base[place] == opening,
                Self.isEqual(made, base + place + 1, end - made)
            {
                place = next
                continue
            }
            // What the body says: from behind the name to where the next one begins.
            let start = place + 1 + Int(field.pointee.name.count)
            if start >= body.count || base[place] != opening || !isAt(base + place + 1, field.pointee.name) {
                if isMade { putApart(Apart(field: index, start: base, count: -1)) }
                continue
            }
            guard let next = Self.endOfValue(in: body, from: start) else { return false }
            putApart(Apart(field: index, start: base + start, count: next - start))
            bytes += next - start
            place = next
        }
        if place == 0 ? body.count != 2 || base[0] != 0x7B : place != last { return false }
        return bytes <= body.count / 4
    }

    private func putApart(_ said: Apart) {
        apart[apartCount] = said
        apartCount += 1
    }

    /// Most bytes that columns of so many bytes make of the body, or of one field.
    private func largest(of rawCount: Int) -> Int { fixed + rawCount * 6 * mostUses }

    /// Where a value of a flat object ends; nil where it does not.
    static func endOfValue(in body: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var cursor = JSONCursor(bytes: UnsafeRawBufferPointer(rebasing: body[start...]))
        let end = start + cursor.value().count
        return end < body.count ? end : nil
    }

    /// The body that the columns at hand make, with the fields that stand apart.
    func writeBody(into memory: ByteBuffer, of rawCount: Int) -> UnsafeRawBufferPointer {
        var room = largest(of: rawCount)
        for index in 0..<apartCount { room += max(0, apart[index].count) }
        var nextApart = 0
        let start = memory.reserve(room).assumingMemoryBound(to: UInt8.self)
        var end = start
        for index in 0..<fields.count {
            let field = at(fields, index)
            let value = values[field.pointee.column]
            if nextApart < apartCount, apart[nextApart].field == index {
                let said = apart[nextApart]
                nextApart += 1
                if said.count < 0 { continue }
                end.pointee = 0x2C
                end += 1
                copy(field.pointee.name, &end)
                end.update(from: said.start, count: said.count)
                end += said.count
                continue
            }
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
    func copy(_ span: Span, _ end: inout UnsafeMutablePointer<UInt8>) {
        Self.copy(constants + Int(span.offset), Int(span.count), &end)
    }

    /// Eight bytes at a time: up to seven more are read, and written.
    @inline(__always)
    static func copy(_ start: UnsafePointer<UInt8>, _ count: Int, _ end: inout UnsafeMutablePointer<UInt8>) {
        var index = 0
        while index < count {
            UnsafeMutableRawPointer(end + index).storeBytes(of: word(start + index), as: UInt64.self)
            index &+= 8
        }
        end += count
    }

    /// False where the rule makes nothing of the value.
    @inline(__always)
    func write(_ field: UnsafePointer<Field>, _ value: Value, _ end: inout UnsafeMutablePointer<UInt8>) -> Bool {
        switch field.pointee.kind {
        case .text:
            copy(field.pointee.before, &end)
            if field.pointee.isAsWritten, value.code > 1 {
                Self.copy(value.start, value.count, &end)
                copy(field.pointee.after, &end)
                return true
            }
            var index = 0
            while index < value.count {
                let word = Self.word(value.start + index)
                let left = value.count &- index
                // Bytes behind the text stand for blanks.
                let behind = left < 8 ? Self.ones &* 0x20 << UInt64(truncatingIfNeeded: 8 &* left) : 0
                let kept = left < 8 ? word & ~(~0 << UInt64(truncatingIfNeeded: 8 &* left)) | behind : word
                if Self.isPlain(kept) {
                    UnsafeMutableRawPointer(end).storeBytes(of: word, as: UInt64.self)
                    end += min(8, left)
                    index &+= 8
                    continue
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
        case .apart: return false
        case .scaled:
            if field.pointee.isAsWritten, value.code > 1 {
                Self.putScaled(value, places: field.pointee.places, &end)
                return true
            }
            return Self.putNumber(value, places: field.pointee.places, withPoint: false, &end)
        case .padded:
            end.pointee = 0x22
            end += 1
            if field.pointee.isAsWritten, value.code > 1 {
                Self.copy(value.start, value.count, &end)
            } else if !Self.putNumber(value, places: field.pointee.places, withPoint: true, &end) {
                return false
            }
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
            let areDigits = field.pointee.isAsWritten && value.code > 1
            for index in field.pointee.first..<field.pointee.first &+ field.pointee.count {
                let piece = pieces[index]
                copy(piece.before, &end)
                let (from, count) = (value.start + Int(piece.from), Int(piece.to &- piece.from))
                // Only digits: nothing that JSON would escape.
                if !areDigits, Int(piece.to) > value.count || !Self.areDigits(from, count) { return false }
                Self.copy(from, count, &end)
            }
            copy(field.pointee.after, &end)
            return true
        }
    }

    static let ones: UInt64 = 0x0101_0101_0101_0101
    static let highBits: UInt64 = 0x8080_8080_8080_8080

    @inline(__always)
    static func word(_ start: UnsafePointer<UInt8>) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(start).loadUnaligned(as: UInt64.self))
    }

    /// The highest bits of bytes below 0x20: the first of them is right, others behind it may be set for 0x20.
    @inline(__always)
    static func controls(in word: UInt64) -> UInt64 { (word &- ones &* 0x20) & ~word & highBits }

    /// Eight bytes at a time: up to seven more are read.
    @inline(__always)
    static func isEqual(_ one: UnsafePointer<UInt8>, _ other: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var index = 0
        while index &+ 8 <= count {
            if word(one + index) != word(other + index) { return false }
            index &+= 8
        }
        let rest = UInt64(truncatingIfNeeded: 8 &* (count &- index))
        return rest == 0 || (word(one + index) ^ word(other + index)) << (64 &- rest) == 0
    }

    @inline(__always)
    static func areDigits(_ start: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var index = 0
        while index < count {
            let left = min(8, count &- index)
            if !areDigits(word(start + index), at: .max >> UInt64(truncatingIfNeeded: 64 &- 8 &* left)) { return false }
            index &+= 8
        }
        return true
    }

    /// Whether the bytes of a word are digits where a mask says so.
    @inline(__always)
    static func areDigits(_ word: UInt64, at mask: UInt64) -> Bool {
        let digits = (word ^ ones &* 0x30) & mask
        return (digits &+ ones &* 0x76 | digits) & highBits == 0
    }

    /// Whether no byte needs an escape in JSON.
    @inline(__always)
    static func isPlain(_ word: UInt64) -> Bool {
        let (quote, backslash) = (word ^ ones &* 0x22, word ^ ones &* 0x5C)
        let found = (quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word
        return found & highBits == 0
    }

    @inline(never)
    static func putEscaped(_ byte: UInt8, _ end: inout UnsafeMutablePointer<UInt8>) {
        JSONEscape.write(byte) {
            end.pointee = $0
            end += 1
        }
    }

    /// Writes a number of its column, which has as many places, without its point: 0.05 yuan are 5 fen.
    private static func putScaled(_ value: Value, places: Int, _ end: inout UnsafeMutablePointer<UInt8>) {
        var (start, count) = (value.start, value.count)
        if start.pointee == 0x2D {
            end.pointee = 0x2D
            end += 1
            start += 1
            count -= 1
        }
        if places == 0 { return copy(start, count, &end) }
        if start.pointee != 0x30 {
            copy(start, count - places - 1, &end)
        } else {
            // Zeros in front go, but for the last digit.
            let last = start + count - 1
            start += 2
            while start < last, start.pointee == 0x30 { start += 1 }
            return copy(start, last - start + 1, &end)
        }
        copy(start + count - places, places, &end)
    }

    /// Writes a decimal with exactly `places` digits behind the point, or as that many digits more without one. False where it is no decimal as
    /// it is written plainly, or has more places.
    static func putNumber(
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
}
