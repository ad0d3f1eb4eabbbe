/// `dd-MM-yyyy`, looked for in a name: `yyyy` or `yy`, `MM` or `M`, `dd` or `d`, `HH`, `mm`, `ss`, and what stands between them.
struct DateFormat {
    private enum Part {
        case text(Unicode.Scalar)
        case number(Field, width: Int)
    }
    private enum Field: Int { case year, month, day, hour, minute, second }

    private let parts: [Part]

    /// Nil where the format has no year, or names a part twice or in a width that it does not have.
    init?(_ format: String) {
        var parts: [Part] = []
        var seen: Set<Field> = []
        var rest = Array(format.unicodeScalars)[...]
        while let first = rest.first {
            let width = rest.prefix { $0 == first }.count
            let field: Field? =
                switch first {
                case "y": .year
                case "M": .month
                case "d": .day
                case "H": .hour
                case "m": .minute
                case "s": .second
                default: nil
                }
            guard let field else {
                parts.append(.text(Unicode.Scalar(String(first).lowercased()) ?? first))
                rest.removeFirst()
                continue
            }
            let allowed = field == .year ? [2, 4] : (field == .month || field == .day ? [1, 2] : [2])
            guard allowed.contains(width), seen.insert(field).inserted else { return nil }
            parts.append(.number(field, width: width))
            rest.removeFirst(width)
        }
        guard seen.contains(.year) else { return nil }
        self.parts = parts
    }

    /// The first date in a name, its parts from the year on, and what of the name follows it.
    func first(in name: [Unicode.Scalar]) -> (numbers: [NameKey.Number], rest: ArraySlice<Unicode.Scalar>)? {
        for start in name.indices where start == 0 || !("0"..."9" ~= name[start - 1]) || !("0"..."9" ~= name[start]) {
            if let found = match(name[start...]) { return found }
        }
        return nil
    }

    private func match(_ name: ArraySlice<Unicode.Scalar>) -> ([NameKey.Number], ArraySlice<Unicode.Scalar>)? {
        var rest = name
        var values: [Int?] = Array(repeating: nil, count: 6)
        for part in parts {
            switch part {
            case .text(let scalar):
                guard rest.first == scalar else { return nil }
                rest.removeFirst()
            case .number(let field, let width):
                let digits = rest.prefix(field == .year ? width : 2).prefix { "0"..."9" ~= $0 }
                guard digits.count >= width else { return nil }
                let value = digits.reduce(0) { $0 * 10 + Int($1.value) - 0x30 }
                values[field.rawValue] = field == .year && width == 2 ? 2000 + value : value
                rest.removeFirst(digits.count)
            }
        }
        if let next = rest.first, "0"..."9" ~= next { return nil }
        guard 1...12 ~= (values[1] ?? 1), 1...31 ~= (values[2] ?? 1) else { return nil }
        let numbers = values.enumerated().compactMap { index, value in
            value.map {
                NameKey.Number(
                    digits: Array(String($0).utf8).drop { $0 == 0x30 }.map { $0 }, width: 4,
                    role: index == 0 ? .year : .datePart)
            }
        }
        return (numbers, rest)
    }
}
