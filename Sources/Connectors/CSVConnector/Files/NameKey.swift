import HeatModel

/// What is compared of a name: its texts, and its numbers, those of the first date apart.
struct NameKey {
    enum Role: Hashable {
        case number
        /// A number before 月 without a year.
        case month
        /// The year that a date begins with, and what follows it within the same date.
        case year, datePart
        /// Eight or six digits that are a date only with the day or the month first.
        case dayFirst
    }

    struct Number: Hashable {
        /// Without leading zeros.
        var digits: [UInt8]
        /// How many digits stand there.
        var width: Int
        var role: Role

        var value: Int? {
            digits.isEmpty ? 0 : (digits.count <= 18 ? Int(String(decoding: digits, as: UTF8.self)) : nil)
        }

        /// Of a date without separators: `093000` of `20251001093000`, with thousandths.
        var isTime: Bool { role == .datePart && width == Self.widthOfTime }
        static let widthOfTime = 9

        static func sign(_ a: Number, _ b: Number) -> Int {
            if a.digits.count != b.digits.count { return a.digits.count < b.digits.count ? -1 : 1 }
            if a.digits == b.digits { return 0 }
            return a.digits.lexicographicallyPrecedes(b.digits) ? -1 : 1
        }
    }

    var texts: [String] = []
    var numbers: [Number] = []

    /// Where the first date stands among the numbers.
    var date: Range<Int>? {
        guard let start = numbers.firstIndex(where: { $0.role == .year }) else { return nil }
        return start..<(numbers[(start + 1)...].firstIndex { $0.role != .datePart } ?? numbers.count)
    }

    /// The first date of the name, at its beginning or at the time of day that follows it, east of UTC by some minutes. Nil where it
    /// has no day, or is none.
    func instant(offsetMinutes: Int16) -> Instant? {
        guard let range = date, range.count >= 3 else { return nil }
        let parts = numbers[range].map { $0.value ?? -1 }
        guard let day = CivilDate(year: parts[0], month: parts[1], day: parts[2]) else { return nil }
        var seconds = 0
        if let time = numbers[range].dropFirst(3).first {
            // One number, or hours, minutes and seconds as far as a format names them.
            let clock =
                time.isTime
                ? [parts[3] / 10_000_000, parts[3] / 100_000 % 100, parts[3] / 1_000 % 100] : Array(parts[3...])
            guard clock.count <= 3, zip(clock, [23, 59, 59]).allSatisfy({ 0...$1 ~= $0 }) else { return nil }
            seconds = zip(clock, [3600, 60, 1]).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let moment = Int64(day.dayNumber) * 86_400 + Int64(seconds) - Int64(offsetMinutes) * 60
        return Instant(microseconds: moment * 1_000_000, offsetMinutes: offsetMinutes)
    }

    /// First by date, then by text, then number by number; nil where all are equal.
    static func compare(_ a: NameKey, _ b: NameKey) -> Int? {
        let dates = dateSign(a, b)
        if dates != 0 { return dates }
        if a.texts != b.texts {
            return a.texts.lexicographicallyPrecedes(b.texts) { $0.utf8.lexicographicallyPrecedes($1.utf8) } ? -1 : 1
        }
        let numbers = sign(a.numbers[...], b.numbers[...])
        if numbers != 0 { return numbers }
        return a.numbers.count == b.numbers.count ? nil : (a.numbers.count < b.numbers.count ? -1 : 1)
    }

    /// By the first date of each name, as far as both are known.
    static func dateSign(_ a: NameKey, _ b: NameKey) -> Int {
        sign(a.date.map { a.numbers[$0] } ?? [], b.date.map { b.numbers[$0] } ?? [])
    }

    /// By the first number that differs; 0 where none does as far as both go.
    static func sign(_ a: ArraySlice<Number>, _ b: ArraySlice<Number>) -> Int {
        for (a, b) in zip(a, b) where Number.sign(a, b) != 0 { return Number.sign(a, b) }
        return 0
    }

    /// Whether the first number that differs is less than half of what it was, and no date stands before it.
    static func fellByHalf(from last: NameKey, to next: NameKey) -> Bool {
        for (last, next) in zip(last.numbers, next.numbers) where Number.sign(last, next) != 0 {
            if last.role == .year || last.role == .datePart { return false }
            guard let before = last.value, let after = next.value else { return true }
            return after < before / 2
        }
        return false
    }
}
