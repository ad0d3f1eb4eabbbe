extension ShapeCodec {
    /// The packed row, until the next call; nil where the shape does not give back its very bytes.
    func pack(_ body: UnsafeRawBufferPointer, _ raw: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        let raw = Self.padded(raw, in: rawAtHand)
        guard split(raw) else { return nil }
        var text = 0
        for index in 0..<columns.count where values[index].count >= 0 {
            text += values[index].count
            values[index].code = code(of: values[index], columns.baseAddress! + index) ?? 1
        }
        let body = Self.padded(body, in: bodyAtHand)
        guard findApart(in: body, of: raw.count) else { return nil }
        for index in 0..<apartCount { text += max(apart[index].count, 0) }
        let start = out.reserve(4 + text + columns.count * 20 + apartCount * 20).assumingMemoryBound(to: UInt8.self)
        var end = start + 4
        for index in 0..<columns.count {
            let value = values[index]
            LEB128.put(value.code, &end)
            if value.code != 1 { continue }
            LEB128.put(UInt64(value.count), &end)
            end.update(from: value.start, count: value.count)
            end += value.count
        }
        for said in apart[..<apartCount] {
            LEB128.put(UInt64(said.field), &end)
            LEB128.put(UInt64(said.count + 1), &end)
            if said.count > 0 { end.update(from: said.start, count: said.count) }
            end += max(said.count, 0)
        }
        let check = Self.check(UnsafeRawBufferPointer(start: start + 4, count: end - start - 4), number)
        UnsafeMutableRawPointer(start).storeBytes(of: check.littleEndian, as: UInt32.self)
        let packed = UnsafeRawBufferPointer(start: start, count: end - start)
        assert(givesBack(body, raw, of: packed))
        return packed
    }

    /// Whether a packed row is these texts, byte for byte.
    private func givesBack(
        _ body: UnsafeRawBufferPointer, _ raw: UnsafeRawBufferPointer, of packed: UnsafeRawBufferPointer
    ) -> Bool {
        let memory = ByteBuffer()
        return withExtendedLifetime(memory) {
            guard let made = unpack(packed, raw: memory, body: made) else { return false }
            return made.body.elementsEqual(body) && made.raw.elementsEqual(raw)
        }
    }

    @inline(__always)
    func at<Element>(_ elements: UnsafeMutableBufferPointer<Element>, _ index: Int) -> UnsafePointer<Element> {
        UnsafePointer(elements.baseAddress! + index)
    }

    /// Finds the columns. False where there are others than the shape has, or one has an escape.
    func split(_ raw: UnsafeRawBufferPointer) -> Bool {
        guard let base = raw.baseAddress?.assumingMemoryBound(to: UInt8.self), columns.count > 0 else { return false }
        let end = base + raw.count
        var start = base
        var place = base
        var index = 0
        while true {
            place = Self.nextControl(place, end)
            if place < end, place.pointee != Self.separator {
                if place.pointee == Self.escape { return false }
                if place.pointee == 0 {
                    // NULL stands alone in its column.
                    guard place == start, place + 1 == end || place[1] == Self.separator, index < columns.count else {
                        return false
                    }
                    values[index] = Value(start: start, count: -1, code: 0)
                    index &+= 1
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
            index &+= 1
            if place == end { return index == columns.count }
            place += 1
            start = place
        }
    }

    /// The next byte below 0x20, or the end.
    @inline(__always)
    private static func nextControl(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>
    {
        var place = start
        while place < end {
            let found = controls(in: word(place))
            if found != 0 { return min(place + found.trailingZeroBitCount >> 3, end) }
            place += 8
        }
        return end
    }

    /// Bytes that a value of the only column takes; nil where it fits only as text.
    func size(of text: [UInt8]) -> Int? {
        if text.isEmpty { return nil }
        let value = valueAtHand(text)
        guard let code = code(of: value, columns.baseAddress!) else { return nil }
        return max(1, (64 - code.leadingZeroBitCount + 6) / 7)
    }

    /// Whether the only field makes a text of a column; nil where it is to be left out.
    func makes(_ said: [UInt8]?, of text: [UInt8]?, at column: Int) -> Bool {
        apartCount = 0
        var value = valueAtHand(text ?? [])
        if text == nil { value.count = -1 }
        if value.count > 0 { value.code = code(of: value, columns.baseAddress! + column) ?? 1 }
        values[column] = value
        let made = writeBody(into: made, of: max(0, value.count))
        guard let said else { return made.count == 2 }
        return made.count == said.count + 2 && made.dropFirst().dropLast().elementsEqual(said)
    }

    private func valueAtHand(_ text: [UInt8]) -> Value {
        let bytes = text.withUnsafeBytes { Self.padded($0, in: rawAtHand) }
        return Value(start: bytes.baseAddress!.assumingMemoryBound(to: UInt8.self), count: text.count, code: 0)
    }

    @inline(__always)
    func code(of value: Value, _ column: UnsafeMutablePointer<Column>) -> UInt64? {
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
            let places = column.pointee.places
            guard let number = places == 0 ? Self.digits(digits, count) : Self.decimal(digits, count, places: places)
            else { return nil }
            let length = count - (places > 0 ? 1 : 0)
            if column.pointee.width > 0 { return length == column.pointee.width ? number + 2 : nil }
            // As a number is written: no zero in front but one before the point, and no minus zero.
            if length > places + 1, digits.pointee == 0x30 { return nil }
            if isNegative, number == 0 { return nil }
            return (number << 1 | (isNegative ? 1 : 0)) + 2
        case .moment:
            let count = Int(column.pointee.before.count)
            if value.count != count { return nil }
            let example = constants + Int(column.pointee.before.offset)
            let digits = constants + Int(column.pointee.after.offset)
            var place = 0
            while place < count {
                let (word, digits) = (Self.word(value.start + place), Self.word(digits + place))
                // Of the last word the bytes behind the text say nothing.
                let here = UInt64.max >> UInt64(truncatingIfNeeded: 8 &* max(0, 8 &- count &+ place))
                if (word ^ Self.word(example + place)) & ~digits & here != 0 || !Self.areDigits(word, at: digits) {
                    return nil
                }
                place &+= 8
            }
            var number: UInt64 = 0
            for index in column.pointee.first..<column.pointee.first &+ column.pointee.count {
                let group = groups.baseAddress! + index
                let start = value.start + Int(group.pointee.place)
                let part: UInt64
                if group.pointee.width == 2 {
                    part = UInt64(start.pointee &- 0x30) &* 10 &+ UInt64(start[1] &- 0x30)
                } else if let digits = Self.digits(start, Int(group.pointee.width)) {
                    part = digits
                } else {
                    return nil
                }
                if part < group.pointee.base || part &- group.pointee.base >= group.pointee.radix { return nil }
                number = number &* group.pointee.radix &+ part &- group.pointee.base
            }
            return number + 2
        case .listed:
            let listed = spans.baseAddress! + column.pointee.first
            if column.pointee.count > 0, isEqual(value, listed[column.pointee.last]) {
                return UInt64(column.pointee.last) + 2
            }
            for index in 0..<column.pointee.count where isEqual(value, listed[index]) {
                column.pointee.last = index
                return UInt64(index) + 2
            }
            return nil
        }
    }

    /// The number that digits are, with a point before the last `places`; nil where they are none.
    static func decimal(_ start: UnsafePointer<UInt8>, _ count: Int, places: Int) -> UInt64? {
        if count < places + 2 || count > mostDigits + 1 || start[count - places - 1] != 0x2E { return nil }
        guard let whole = digits(start, count - places - 1), let part = digits(start + count - places, places) else {
            return nil
        }
        var number = whole
        for _ in 0..<places { number *= 10 }
        return number + part
    }

    /// The number that digits are; nil where they are none.
    @inline(__always)
    static func digits(_ start: UnsafePointer<UInt8>, _ count: Int) -> UInt64? {
        if count == 0 || count > mostDigits { return nil }
        if count <= 8 { return eightDigits(start, count) }
        var place = (count - 1) & 7 + 1
        guard var number = eightDigits(start, place) else { return nil }
        while place < count {
            guard let next = eightDigits(start + place, 8) else { return nil }
            number = number &* 100_000_000 &+ next
            place &+= 8
        }
        return number
    }

    /// The number that one to eight digits are, all at once: pairs of them, then pairs of pairs.
    @inline(__always)
    private static func eightDigits(_ start: UnsafePointer<UInt8>, _ count: Int) -> UInt64? {
        // What stands behind them is shifted out, and zeros stand in front.
        let digits = (word(start) ^ ones &* 0x30) << UInt64(truncatingIfNeeded: 64 &- 8 &* count)
        if (digits &+ ones &* 0x76 | digits) & highBits != 0 { return nil }
        let pairs = (digits &* 10 &+ digits >> 8) & 0x00FF_00FF_00FF_00FF
        let fours = (pairs &* 100 &+ pairs >> 16) & 0x0000_FFFF_0000_FFFF
        return (fours &* 10_000 &+ fours >> 32) & 0xFFFF_FFFF
    }

    @inline(__always)
    func isAt(_ start: UnsafePointer<UInt8>, _ span: Span) -> Bool {
        Self.isEqual(start, constants + Int(span.offset), Int(span.count))
    }

    @inline(__always)
    func isEqual(_ value: Value, _ span: Span) -> Bool {
        value.count == Int(span.count) && isAt(value.start, span)
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
}
