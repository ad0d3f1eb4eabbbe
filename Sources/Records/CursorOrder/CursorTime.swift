import HeatModel

/// Moments as texts tell them.
enum CursorTime {
    /// The moment of an ISO 8601 text: a day, or a day and a time, with an offset (`Z`, `+08`, `+0800`, `+08:00`, `+08:05:43`) or
    /// as the clock at `offsetMinutes` shows it. Nil where it is none.
    static func iso(_ text: Slice<UnsafeBufferPointer<UInt8>>, offsetMinutes: Int16) -> Int64? {
        var reader = Reader(rest: text)
        var time = DateParts()
        guard let year = reader.number(4), reader.take(0x2D), let month = reader.number(2), reader.take(0x2D),
            let day = reader.number(2)
        else { return nil }
        (time.year, time.month, time.day) = (year, month, day)
        if reader.isAtEnd { return time.moment(offsetSeconds: Int(offsetMinutes) * 60) }
        guard reader.take(0x54) || reader.take(0x20) || reader.take(0x74), let hour = reader.number(2),
            reader.take(0x3A),
            let minute = reader.number(2)
        else { return nil }
        (time.hour, time.minute) = (hour, minute)
        if reader.take(0x3A) {
            guard let second = reader.number(2) else { return nil }
            time.second = second
            if reader.take(0x2E) || reader.take(0x2C) {
                guard let (value, digits) = reader.digits() else { return nil }
                time.setFraction(value, digits: digits)
            }
        }
        if reader.isAtEnd { return time.moment(offsetSeconds: Int(offsetMinutes) * 60) }
        _ = reader.take(0x20)
        if reader.take(0x5A) || reader.take(0x7A) { return reader.isAtEnd ? time.moment(offsetSeconds: 0) : nil }
        let isWest = reader.take(0x2D)
        guard isWest || reader.take(0x2B), var offset = reader.number(2).map({ $0 * 3600 }) else { return nil }
        for unit in [60, 1] where !reader.isAtEnd {
            _ = reader.take(0x3A)
            guard let value = reader.number(2), value < 60 else { return nil }
            offset += value * unit
        }
        guard reader.isAtEnd, offset < 86_400 else { return nil }
        return time.moment(offsetSeconds: isWest ? -offset : offset)
    }

    private struct Reader {
        var rest: Slice<UnsafeBufferPointer<UInt8>>

        var isAtEnd: Bool { rest.isEmpty }

        mutating func take(_ byte: UInt8) -> Bool {
            guard rest.first == byte else { return false }
            rest.removeFirst()
            return true
        }

        mutating func number(_ digits: Int) -> Int? {
            guard rest.count >= digits else { return nil }
            var value = 0
            for byte in rest.prefix(digits) {
                guard byte &- 0x30 <= 9 else { return nil }
                value = value * 10 + Int(byte &- 0x30)
            }
            rest = rest.dropFirst(digits)
            return value
        }

        /// One to any number of digits, of which nine count.
        mutating func digits() -> (value: Int, count: Int)? {
            var value = 0
            var count = 0
            while let byte = rest.first, byte &- 0x30 <= 9 {
                if count < 9 {
                    value = value * 10 + Int(byte &- 0x30)
                    count += 1
                }
                rest.removeFirst()
            }
            return count == 0 ? nil : (value, count)
        }
    }
}

extension DateFormat {
    /// The moment that a text in this spelling states, microseconds since 1970; nil where it is none.
    func moment(_ text: Slice<UnsafeBufferPointer<UInt8>>, offsetMinutes: Int16) -> Int64? {
        guard let base = text.base.baseAddress else { return nil }
        var time = DateParts()
        var end = 0
        guard read(base + text.startIndex, count: text.count, from: &end, into: &time), end == text.count else {
            return nil
        }
        return time.moment(offsetSeconds: Int(offsetMinutes) * 60)
    }
}
