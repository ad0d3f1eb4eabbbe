import HeatModel

/// Reads what a rule compares out of names, and compares it.
struct NameReading {
    enum Relation { case before, after, unknown(String) }

    private let rule: CSVStream.Order
    private let thisYear: Int
    private let format: DateFormat?

    init(_ rule: CSVStream.Order, thisYear: Int) {
        self.rule = rule
        self.thisYear = thisYear
        if case .date(let format?) = rule { self.format = DateFormat(format) } else { format = nil }
    }

    // MARK: reading

    func key(_ name: String) -> NameKey {
        let folded = Self.folded(name)
        switch rule {
        case .automatic, .name, .modified: return automatic(folded)
        case .number(let at):
            var key = NameKey()
            let runs = Self.runs(folded).filter(\.isNumber)
            for (index, run) in runs.enumerated() where at == nil || at == index + 1 {
                key.numbers.append(Self.number(run))
            }
            return key
        case .date:
            guard let format else {
                var key = automatic(folded)
                // Without a date there is nothing to compare; what stands before it means nothing.
                key.numbers = key.date.map { Array(key.numbers[$0.lowerBound...]) } ?? []
                key.texts = []
                return key
            }
            var key = NameKey()
            guard let date = NameDate(format, in: folded) else { return key }
            key.numbers = date.numbers + Self.runs(date.rest).filter(\.isNumber).map { Self.number($0) }
            return key
        }
    }

    /// Small letters, plain digits, without `.gz` and `.zip`, and a workbook by the name of a CSV file: how a file is packed or saved says
    /// nothing of when it was written.
    private static func folded(_ name: String) -> [Unicode.Scalar] {
        var scalars = Array(name.lowercased().unicodeScalars).map { scalar in
            0xFF01...0xFF5E ~= scalar.value ? Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar : scalar
        }
        func drop(_ ending: String) -> Bool {
            let ending = Array(ending.unicodeScalars)
            guard scalars.count > ending.count, scalars.suffix(ending.count).elementsEqual(ending) else { return false }
            scalars.removeLast(ending.count)
            return true
        }
        _ = drop(".gz") || drop(".zip")
        if drop(".xlsx") || drop(".xlsm") { scalars += Array(".csv".unicodeScalars) }
        return scalars
    }

    private struct Run {
        var scalars: [Unicode.Scalar]
        var isNumber: Bool
        /// What comes right after it.
        var follower: Unicode.Scalar?
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { "0"..."9" ~= scalar }

    private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return !("a"..."z" ~= scalar) }
        return "年月日时分秒　（）【】—－、，·".unicodeScalars.contains(scalar)
    }

    /// The runs of digits and of letters.
    private static func runs(_ name: some Collection<Unicode.Scalar>) -> [Run] {
        var runs: [Run] = []
        var isOpen = false
        for scalar in name {
            let isDigit = isDigit(scalar)
            if isOpen, runs[runs.count - 1].isNumber == isDigit, isDigit || !isSeparator(scalar) {
                runs[runs.count - 1].scalars.append(scalar)
                continue
            }
            if isOpen { runs[runs.count - 1].follower = scalar }
            isOpen = isDigit || !isSeparator(scalar)
            if isOpen { runs.append(Run(scalars: [scalar], isNumber: isDigit)) }
        }
        return runs
    }

    private static func number(_ run: Run) -> NameKey.Number { number(run.scalars[...], .number) }

    private static func number(_ scalars: ArraySlice<Unicode.Scalar>, _ role: NameKey.Role) -> NameKey.Number {
        NameKey.Number(
            digits: scalars.map { UInt8($0.value) }.drop { $0 == 0x30 }.map { $0 }, width: scalars.count, role: role)
    }

    private func automatic(_ name: [Unicode.Scalar]) -> NameKey {
        var key = NameKey()
        // Parts of the date that separators divide: at most a month and a day.
        var partsLeft = 0
        for run in Self.runs(name) {
            guard run.isNumber else {
                key.texts.append(String(String.UnicodeScalarView(run.scalars)))
                partsLeft = 0
                continue
            }
            let numbers = numbers(run)
            if numbers.count == 1, partsLeft > 0, numbers[0].width <= 2, let value = numbers[0].value, 1...31 ~= value {
                var part = numbers[0]
                part.role = .datePart
                key.numbers.append(part)
                partsLeft -= 1
                continue
            }
            key.numbers += numbers
            partsLeft = numbers.count == 1 && numbers[0].role == .year ? 2 : 0
        }
        return key
    }

    /// One run of digits: a number, or a date without separators.
    private func numbers(_ run: Run) -> [NameKey.Number] {
        let scalars = run.scalars[...]
        func value(_ range: Range<Int>) -> Int { scalars[range].reduce(0) { $0 * 10 + Int($1.value) - 0x30 } }
        let width = scalars.count
        if width >= 8, width <= 17, isYear(value(0..<4)), Self.isDay(month: value(4..<6), day: value(6..<8)) {
            var numbers = [
                Self.number(scalars[0..<4], .year), Self.number(scalars[4..<6], .datePart),
                Self.number(scalars[6..<8], .datePart),
            ]
            if width > 8 {
                // A time, with or without seconds.
                let time = scalars[8...] + Array(repeating: "0", count: 17 - width)
                numbers.append(Self.number(ArraySlice(time), .datePart))
            }
            return numbers
        }
        if width == 6, isYear(value(0..<4)), 1...12 ~= value(4..<6) {
            return [Self.number(scalars[0..<4], .year), Self.number(scalars[4..<6], .datePart)]
        }
        var number = Self.number(run)
        if width == 4, isYear(value(0..<4)) { number.role = .year }
        if run.follower == "月", width <= 2 { number.role = .month }
        let (a, b) = width == 6 || width == 8 ? (value(0..<2), value(2..<4)) : (0, 0)
        let isOtherDay = Self.isDay(month: a, day: b) || Self.isDay(month: b, day: a)
        if width == 8, isOtherDay, isYear(value(4..<8)) { number.role = .dayFirst }
        if width == 6, isOtherDay, isRecent(2000 + value(4..<6)) {
            let isYearFirst = isRecent(2000 + a) && Self.isDay(month: b, day: value(4..<6))
            if !isYearFirst { number.role = .dayFirst }
        }
        return [number]
    }

    private func isYear(_ year: Int) -> Bool { 1990...(thisYear + 20) ~= year }
    private func isRecent(_ year: Int) -> Bool { (thisYear - 15)...(thisYear + 1) ~= year }
    private static func isDay(month: Int, day: Int) -> Bool { 1...12 ~= month && 1...31 ~= day }

    // MARK: comparing

    func relation(_ a: NameKey, _ b: NameKey) -> Relation {
        if rule != .automatic { return toldRelation(a, b) }
        guard let letter = Self.letterSign(a.texts, b.texts) else {
            return .unknown("their names differ in more than dates and numbers")
        }
        let dates = NameKey.dateSign(a, b)
        if a.numbers.count != b.numbers.count {
            guard letter == 0, dates != 0, Self.numbersBefore(a) == Self.numbersBefore(b) else {
                return .unknown("one name has more numbers than the other")
            }
            return dates < 0 ? .before : .after
        }
        let signs = zip(a.numbers, b.numbers).map { NameKey.Number.sign($0, $1) }
        if let reason = turn(a, b, signs, dates) { return .unknown(reason) }
        let known = ([letter] + signs).filter { $0 != 0 }
        guard let first = known.first else { return .unknown("their dates and numbers are the same") }
        if known.allSatisfy({ $0 == first }) { return first < 0 ? .before : .after }
        guard dates != 0, Self.numbersBefore(a) == Self.numbersBefore(b), !Self.laterDatesDisagree(a, b, dates) else {
            return .unknown("one date or number in their names says so, another says the opposite")
        }
        return dates < 0 ? .before : .after
    }

    /// By a rule that says what counts: from the first number to the last.
    private func toldRelation(_ a: NameKey, _ b: NameKey) -> Relation {
        if case .date = rule, a.date == nil || b.date == nil { return .unknown("one of the names has no such date") }
        if a.numbers.isEmpty || b.numbers.isEmpty { return .unknown("one of the names has no such number") }
        let sign = NameKey.sign(a.numbers[...], b.numbers[...])
        if sign == 0 { return .unknown("their dates and numbers are the same") }
        return sign < 0 ? .before : .after
    }

    /// 0 where the texts are the same, a sign where they differ in one letter that stands alone (`a`, `b`), nil otherwise.
    private static func letterSign(_ a: [String], _ b: [String]) -> Int? {
        if a == b { return 0 }
        guard a.count == b.count else { return nil }
        let differing = zip(a, b).filter { $0 != $1 }
        guard differing.count == 1, let (first, second) = differing.first, first.utf8.count == 1, second.utf8.count == 1
        else { return nil }
        return first < second ? -1 : 1
    }

    private static func numbersBefore(_ key: NameKey) -> [[UInt8]] {
        key.numbers[..<(key.date?.lowerBound ?? 0)].map(\.digits)
    }

    /// Whether a second date in the names says the opposite of the first.
    private static func laterDatesDisagree(_ a: NameKey, _ b: NameKey, _ sign: Int) -> Bool {
        var rest = (a, b)
        guard let first = a.date?.upperBound, let second = b.date?.upperBound else { return false }
        rest.0.numbers.removeFirst(first)
        rest.1.numbers.removeFirst(second)
        if rest.0.date == nil || rest.1.date == nil { return false }
        return NameKey.dateSign(rest.0, rest.1) * sign < 0
    }

    /// Why numbers that rise may not mean that time does: a date that does not begin with its year, or has none.
    private func turn(_ a: NameKey, _ b: NameKey, _ signs: [Int], _ dates: Int) -> String? {
        guard dates == 0 else { return nil }
        for (index, sign) in signs.enumerated() where sign != 0 {
            let (first, second) = (a.numbers[index], b.numbers[index])
            if first.role == .dayFirst, second.role == .dayFirst { return "their dates do not begin with the year" }
            if first.isTime != second.isTime { return "one of their times of day is written as another number" }
            if a.date != nil || b.date != nil { continue }
            guard let low = first.value, let high = second.value else { continue }
            let hasTurned =
                switch (first.role, second.role) {
                case (.month, .month): abs(low - high) > 6
                case (.number, .number) where first.width == 4 && second.width == 4:
                    Self.isDay(month: low / 100, day: low % 100) && Self.isDay(month: high / 100, day: high % 100)
                        && abs(low - high) > 600
                case (.number, .number) where first.width == 2 && second.width == 2:
                    1...31 ~= low && 1...31 ~= high && abs(low - high) > 20
                default: false
                }
            if hasTurned { return "their dates have no year" }
        }
        return nil
    }
}
