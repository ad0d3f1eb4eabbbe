import HeatModel

/// A spelling of dates and times: `yyyy/M/d H:mm:ss`, `dd.MM.yyyy`, `yyyy年M月d日`.
///
/// `yyyy` is a year, `M`, `d`, `H`, `m`, `s` take one or two digits and twice the letter takes two, a run of `S` is a fraction of any
/// length; everything else stands for itself. Year, month and day must be there.
public struct CursorFormat: Hashable, Sendable {
    public enum Part: Hashable, Sendable {
        /// A letter of the pattern, and how many digits it takes.
        case field(Character, atLeast: Int, atMost: Int)
        case literal([UInt8])
    }

    public let pattern: String
    public let parts: [Part]

    public init?(_ pattern: String) {
        var parts: [Part] = []
        var seen: Set<Character> = []
        var rest = Array(pattern)[...]
        while let letter = rest.first {
            let run = rest.prefix { $0 == letter }.count
            if "yMdHmsS".contains(letter) {
                guard seen.insert(letter).inserted else { return nil }
                switch (letter, run) {
                case ("y", 4): parts.append(.field(letter, atLeast: 4, atMost: 4))
                case ("S", _): parts.append(.field(letter, atLeast: 1, atMost: 9))
                case ("M", 1...2), ("d", 1...2), ("H", 1...2), ("m", 1...2), ("s", 1...2):
                    parts.append(.field(letter, atLeast: run, atMost: 2))
                default: return nil
                }
                rest = rest.dropFirst(run)
            } else {
                if letter.isASCII && letter.isLetter && letter != "T" { return nil }
                if case .literal(let bytes)? = parts.last {
                    parts[parts.count - 1] = .literal(bytes + Array(String(letter).utf8))
                } else {
                    parts.append(.literal(Array(String(letter).utf8)))
                }
                rest = rest.dropFirst()
            }
        }
        guard seen.isSuperset(of: "yMd"), !seen.contains("m") || seen.contains("H"),
            !seen.contains("s") || seen.contains("m"), !seen.contains("S") || seen.contains("s")
        else { return nil }
        // A field of one or two digits must know where it ends.
        for (part, next) in zip(parts, parts.dropFirst()) {
            if case .field(_, let least, let most) = part, least != most, case .field = next { return nil }
        }
        self.pattern = pattern
        self.parts = parts
    }

    /// The moment that a text in this spelling tells, microseconds since 1970; nil where it is none.
    public func moment(_ text: Slice<UnsafeBufferPointer<UInt8>>, offsetMinutes: Int16) -> Int64? {
        var time = CursorTime()
        var at = text.startIndex
        for part in parts {
            switch part {
            case .literal(let bytes):
                guard at + bytes.count <= text.endIndex, text[at..<at + bytes.count].elementsEqual(bytes) else {
                    return nil
                }
                at += bytes.count
            case .field(let letter, let least, let most):
                var value = 0
                var digits = 0
                while digits < most, at < text.endIndex, text[at] &- 0x30 <= 9 {
                    value = value * 10 + Int(text[at] &- 0x30)
                    digits += 1
                    at += 1
                }
                if digits < least { return nil }
                switch letter {
                case "y": time.year = value
                case "M": time.month = value
                case "d": time.day = value
                case "H": time.hour = value
                case "m": time.minute = value
                case "s": time.second = value
                default: time.setFraction(value, digits: digits)
                }
            }
        }
        return at == text.endIndex ? time.moment(offsetSeconds: Int(offsetMinutes) * 60) : nil
    }

    /// Spellings whose texts stand in the order of their times.
    static let sorted = ["/", "."].flatMap { mark in
        ["", " HH:mm", " HH:mm:ss", " HH:mm:ss.S"].compactMap { CursorFormat("yyyy\(mark)MM\(mark)dd\($0)") }
    }
}
