import JSONText

/// Writes forward into memory that is known to be large enough; see ``MappingPlan/mostBytes(ofRow:)``.
struct ByteWriter {
    let base: UnsafeMutablePointer<UInt8>
    var position: Int

    @inline(__always)
    mutating func put(_ byte: UInt8) {
        base[position] = byte
        position &+= 1
    }

    @inline(__always)
    mutating func put(_ text: Text) { put(text.start, text.count) }

    @inline(__always)
    mutating func put(_ source: UnsafePointer<UInt8>, _ count: Int) {
        let out = base + position
        if count >= 32 {
            out.update(from: source, count: count)
        } else {
            var index = 0
            while index &+ 8 <= count {
                UnsafeMutableRawPointer(out + index).storeBytes(of: Word.load(source + index), as: UInt64.self)
                index &+= 8
            }
            while index < count {
                out[index] = source[index]
                index &+= 1
            }
        }
        position &+= count
    }

    /// Copies bytes that may be read, and written, up to 32 beyond their end.
    @inline(__always)
    mutating func putPadded(_ source: UnsafePointer<UInt8>, _ count: Int) {
        let out = UnsafeMutableRawPointer(base + position)
        var index = 0
        repeat {
            out.storeBytes(of: Word.load(source + index), toByteOffset: index, as: UInt64.self)
            index &+= 8
        } while index < count
        position &+= count
    }

    /// As in ``RawRecord``.
    @inline(__always)
    mutating func putRaw(_ text: Text) {
        let out = base + position
        var index = 0
        while index &+ 8 <= text.count {
            let word = Word.load(text.start + index)
            if Word.controls(word) != 0 { return putRawSlowly(text) }
            UnsafeMutableRawPointer(out + index).storeBytes(of: word, as: UInt64.self)
            index &+= 8
        }
        while index < text.count {
            let byte = text.start[index]
            if byte < 0x20 { return putRawSlowly(text) }
            out[index] = byte
            index &+= 1
        }
        position &+= text.count
    }

    @inline(never)
    private mutating func putRawSlowly(_ text: Text) {
        for index in 0..<text.count {
            let byte = text.start[index]
            if byte == RawRecord.separator || byte == RawRecord.null || byte == RawRecord.escape {
                put(RawRecord.escape)
            }
            put(byte)
        }
    }

    /// A JSON string.
    @inline(__always)
    mutating func putQuoted(_ text: Text) {
        put(0x22)
        putEscaped(text)
        put(0x22)
    }

    @inline(__always)
    private mutating func putEscaped(_ text: Text) {
        let out = base + position
        var index = 0
        while index &+ 8 <= text.count {
            let word = Word.load(text.start + index)
            if Word.controls(word) | Word.equals(word, 0x22) | Word.equals(word, 0x5C) != 0 {
                return putEscapedSlowly(text)
            }
            UnsafeMutableRawPointer(out + index).storeBytes(of: word, as: UInt64.self)
            index &+= 8
        }
        while index < text.count {
            let byte = text.start[index]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C { return putEscapedSlowly(text) }
            out[index] = byte
            index &+= 1
        }
        position &+= text.count
    }

    @inline(never)
    private mutating func putEscapedSlowly(_ text: Text) {
        for index in 0..<text.count {
            let byte = text.start[index]
            if JSONEscape.letter(of: byte) == 0 {
                put(byte)
            } else {
                JSONEscape.write(byte) { put($0) }
            }
        }
    }

    /// A whole number without leading zeros.
    @inline(__always)
    mutating func putInteger(_ value: Int64) {
        if value < 0 { put(0x2D) }
        putMagnitude(value.magnitude)
    }

    @inline(__always)
    mutating func putMagnitude(_ value: UInt64) {
        var length = 1
        var limit: UInt64 = 10
        while length < 20, value >= limit {
            length &+= 1
            let (next, overflow) = limit.multipliedReportingOverflow(by: 10)
            if overflow { break }
            limit = next
        }
        putDigits(value, length)
    }

    /// The last `count` digits, with leading zeros.
    @inline(__always)
    mutating func putDigits(_ value: UInt64, _ count: Int) {
        var rest = value
        var index = count
        while index > 0 {
            index &-= 1
            base[position &+ index] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        position &+= count
    }

    @inline(__always)
    mutating func putTwo(_ value: Int) {
        put(0x30 &+ UInt8(truncatingIfNeeded: value / 10))
        put(0x30 &+ UInt8(truncatingIfNeeded: value % 10))
    }

    /// `2025-11-15`.
    @inline(__always)
    mutating func putDate(_ moment: LocalMoment) {
        putTwo(moment.year / 100)
        putTwo(moment.year % 100)
        put(0x2D)
        putTwo(moment.month)
        put(0x2D)
        putTwo(moment.day)
    }
}
