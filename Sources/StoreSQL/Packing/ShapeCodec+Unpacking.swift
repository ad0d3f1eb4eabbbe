extension ShapeCodec {
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
            guard let code = LEB128.number(bytes, &place) else { return nil }
            switch code {
            case 0:
                end.pointee = 0
                end += 1
                values[index] = Value(start: begin, count: -1, code: 0)
                continue
            case 1:
                guard let count = LEB128.number(bytes, &place), count <= UInt64(bytes.count - place) else { return nil }
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
        apartCount = 0
        while place < bytes.count {
            guard let field = LEB128.number(bytes, &place), let count = LEB128.number(bytes, &place),
                field < UInt64(fields.count),
                apartCount == 0 || apart[apartCount - 1].field < Int(field), count <= UInt64(bytes.count - place) + 1
            else { return nil }
            apart[apartCount] = Apart(
                field: Int(field), start: bytes.baseAddress!.assumingMemoryBound(to: UInt8.self) + place,
                count: Int(count) - 1)
            apartCount += 1
            place += max(0, Int(count) - 1)
        }
        return (writeBody(into: body, of: end - start), UnsafeRawBufferPointer(start: start, count: end - start))
    }

    @inline(__always)
    func write(_ code: UInt64, _ column: UnsafePointer<Column>, _ end: inout UnsafeMutablePointer<UInt8>)
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
            let places = column.pointee.places
            let length = max(column.pointee.width, places + 1, column.pointee.width == 0 ? Self.length(of: number) : 0)
            if places > 0 {
                var power: UInt64 = 1
                for _ in 0..<places { power &*= 10 }
                let whole = number / power
                _ = Self.putDigits(number &- whole &* power, end + (length - places + 1), places)
                (end + (length - places)).pointee = 0x2E
                number = whole
            }
            if Self.putDigits(number, end, length - places) != 0 { return false }
            end += length + (places > 0 ? 1 : 0)
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
                let part = number % group.radix + group.base
                number /= group.radix
                _ = Self.putDigits(part, start + Int(group.place), Int(group.width))
            }
            return number == 0
        case .listed:
            if code >= UInt64(column.pointee.count) { return false }
            copy(spans[column.pointee.first + Int(code)], &end)
            return true
        }
    }

    /// Digits that it takes to write a number.
    @inline(__always)
    private static func length(of number: UInt64) -> Int {
        var (length, limit): (Int, UInt64) = (1, 10)
        while length < mostDigits + 1, number >= limit {
            length &+= 1
            limit &*= 10
        }
        return length
    }

    /// Writes the last `count` digits of a number, two at a time; what is in front of them.
    @inline(__always)
    private static func putDigits(_ number: UInt64, _ start: UnsafeMutablePointer<UInt8>, _ count: Int) -> UInt64 {
        var number = number
        var index = count
        while index > 1 {
            index &-= 2
            let rest = number / 100
            let pair = pairs.utf8Start + Int(truncatingIfNeeded: (number &- rest &* 100) &* 2)
            (start[index], start[index + 1]) = (pair[0], pair[1])
            number = rest
        }
        if index > 0 {
            let rest = number / 10
            start.pointee = 0x30 &+ UInt8(truncatingIfNeeded: number &- rest &* 10)
            number = rest
        }
        return number
    }

    private static var pairs: StaticString {
        """
        00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960\
        616263646566676869707172737475767778798081828384858687888990919293949596979899
        """
    }
}
