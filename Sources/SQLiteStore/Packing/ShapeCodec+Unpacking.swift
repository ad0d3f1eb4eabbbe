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
        return (writeBody(into: body), UnsafeRawBufferPointer(start: start, count: end - start))
    }

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
