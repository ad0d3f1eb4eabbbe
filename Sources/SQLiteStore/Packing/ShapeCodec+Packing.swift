extension ShapeCodec {
    /// The packed row, until the next call; nil where the shape does not give back its very bytes.
    func pack(_ body: UnsafeRawBufferPointer, _ raw: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard split(raw) else { return nil }
        var text = 0
        for index in 0..<columns.count where values[index].count >= 0 {
            text += values[index].count
            values[index].code = code(of: values[index], at(columns, index)) ?? 1
        }
        apartCount = 0
        guard isSaid(by: body) || findApart(in: body) else { return nil }
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
            apartCount = 0
            var value = Value(
                start: bytes.baseAddress ?? UnsafePointer(constants), count: text == nil ? -1 : bytes.count, code: 0)
            if value.count > 0 { value.code = code(of: value, at(columns, column)) ?? 1 }
            values[column] = value
            let made = writeBody(into: made)
            guard let said else { return made.count == 2 }
            return made.count == said.count + 2 && made.dropFirst().dropLast().elementsEqual(said)
        }
    }

    func code(of value: Value, _ column: UnsafePointer<Column>) -> UInt64? {
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
    static func digits(_ start: UnsafePointer<UInt8>, _ count: Int, places: Int) -> UInt64? {
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

    func isAt(_ start: UnsafePointer<UInt8>, _ span: Span) -> Bool {
        let constant = constants + Int(span.offset)
        for index in 0..<Int(span.count) where start[index] != constant[index] { return false }
        return true
    }

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
