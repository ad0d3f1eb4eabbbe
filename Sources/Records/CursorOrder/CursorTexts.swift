/// The texts of a cursor column that are no times.
struct CursorTexts {
    /// Rows whose texts are digits, and whether these are all of one length.
    private(set) var digits = 0
    private var digitLength = 0
    private(set) var areOfOneLength = true
    /// Rows that are neither times nor numbers, and hold something.
    private(set) var other = 0
    /// All that are neither.
    private(set) var odd = CursorStrays()

    /// Texts of one shape: `V000123` and `V000124`, not `N/A`.
    private struct Bucket {
        var shape: Int
        var hasDigits: Bool
        var rows: Int
        var greatest: [UInt8]
        var ahead = CursorStrays()
    }

    private var buckets: [Bucket] = []
    private static let most = 16

    mutating func takeOdd(_ text: Slice<UnsafeBufferPointer<UInt8>>, rows: Int) {
        odd.rows += rows
        odd.example = odd.example ?? Self.shape(text)
    }

    mutating func takeDigits(_ text: Slice<UnsafeBufferPointer<UInt8>>, rows: Int) {
        digits += rows
        if digitLength == 0 { digitLength = text.count }
        if digitLength != text.count { areOfOneLength = false }
    }

    mutating func take(_ text: Slice<UnsafeBufferPointer<UInt8>>, rows: Int) {
        takeOdd(text, rows: rows)
        if text.isEmpty { return }
        other += rows
        var hasher = Hasher()
        var last: UInt8 = 0
        for byte in text {
            let kind = Self.kind(byte)
            if kind != last || kind < 0x80 { hasher.combine(kind) }
            last = kind
        }
        let shape = hasher.finalize()
        guard let index = buckets.firstIndex(where: { $0.shape == shape }) else {
            if buckets.count < Self.most {
                var bucket = Bucket(
                    shape: shape, hasDigits: text.contains { $0 &- 0x30 <= 9 }, rows: rows, greatest: [])
                Self.raise(&bucket, text, rows: rows)
                buckets.append(bucket)
            }
            return
        }
        buckets[index].rows += rows
        Self.raise(&buckets[index], text, rows: rows)
    }

    private static func raise(_ bucket: inout Bucket, _ text: Slice<UnsafeBufferPointer<UInt8>>, rows: Int) {
        let digits = text.filter { $0 &- 0x30 <= 9 }
        if digits.count >= 4 && digits.allSatisfy({ $0 == 0x39 }) {
            bucket.ahead.rows += rows
            bucket.ahead.example = Self.shape(text)
        } else if bucket.greatest.lexicographicallyPrecedes(text) {
            bucket.greatest = Array(text)
        }
    }

    /// In the order of the texts, those of the shape that most have.
    func outcome(values: Int) -> CursorOutcome {
        var outcome = CursorOutcome(order: .text, values: values)
        // What grows has digits in it, mostly.
        func rank(_ bucket: Bucket) -> (Int, Int) { (bucket.hasDigits ? 1 : 0, bucket.rows) }
        guard let usual = buckets.max(by: { rank($0) < rank($1) }) else { return outcome }
        outcome.progress = usual.greatest.isEmpty ? nil : String(decoding: usual.greatest, as: UTF8.self)
        outcome.ahead = usual.ahead
        outcome.unusable = CursorStrays(rows: odd.rows - usual.rows, example: odd.rows > usual.rows ? odd.example : nil)
        return outcome
    }

    private static func kind(_ byte: UInt8) -> UInt8 {
        switch byte {
        case 0x30...0x39: 0x80
        case 0x41...0x5A, 0x61...0x7A: 0x81
        case 0x80...: 0x82
        default: byte
        }
    }

    /// What may be shown of a text that could be anything: its marks, `9` for a digit, `x` for a letter, `字` for what is not ASCII.
    static func shape(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> String {
        if text.isEmpty { return "\"\"" }
        var shape = ""
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars.prefix(24) {
            switch scalar.value {
            case 0x30...0x39: shape += "9"
            case 0x41...0x5A, 0x61...0x7A: shape += "x"
            case 0x20...0x7E: shape.unicodeScalars.append(scalar)
            default: shape += "字"
            }
        }
        return shape
    }
}
