/// `residents_*.csv`: `*`, `?` and `[a-z]`, as in a shell, for names in one folder. One `?` is one character, also a Chinese one.
struct GlobPattern {
    private enum Part {
        case one(Unicode.Scalar)
        case any
        case run
        case range([ClosedRange<UInt32>], isNegated: Bool)
    }

    private let parts: [Part]
    private let ignoresCase: Bool
    private let startsWithDot: Bool

    init(_ text: String, ignoresCase: Bool = false) {
        self.ignoresCase = ignoresCase
        startsWithDot = text.hasPrefix(".")
        parts = Self.parts(Array((ignoresCase ? text.lowercased() : text).unicodeScalars))
    }

    /// A `*` does not match a leading dot, as in a shell.
    func matches(_ name: String) -> Bool {
        if name.hasPrefix("."), !startsWithDot { return false }
        let name = Array((ignoresCase ? name.lowercased() : name).unicodeScalars)
        // The last `*` met, and how far the name had been taken for it: going back there is enough.
        var part = 0
        var at = 0
        var back: (part: Int, at: Int)?
        while at < name.count {
            if part < parts.count, case .run = parts[part] {
                back = (part, at)
                part += 1
            } else if part < parts.count, Self.fits(parts[part], name[at]) {
                part += 1
                at += 1
            } else if let last = back {
                back = (last.part, last.at + 1)
                part = last.part + 1
                at = last.at + 1
            } else {
                return false
            }
        }
        while part < parts.count, case .run = parts[part] { part += 1 }
        return part == parts.count
    }

    private static func fits(_ part: Part, _ scalar: Unicode.Scalar) -> Bool {
        switch part {
        case .one(let wanted): wanted == scalar
        case .any: true
        case .run: false
        case .range(let ranges, let isNegated): ranges.contains { $0 ~= scalar.value } != isNegated
        }
    }

    private static func parts(_ text: [Unicode.Scalar]) -> [Part] {
        var parts: [Part] = []
        var at = 0
        while at < text.count {
            switch text[at] {
            case "*": parts.append(.run)
            case "?": parts.append(.any)
            case "\\" where at + 1 < text.count:
                at += 1
                parts.append(.one(text[at]))
            case "[":
                if let (part, end) = range(text, at + 1) {
                    parts.append(part)
                    at = end
                } else {
                    parts.append(.one("["))
                }
            default: parts.append(.one(text[at]))
            }
            at += 1
        }
        return parts
    }

    /// What stands in brackets from `start` on, and where they close; nil where they do not.
    private static func range(_ text: [Unicode.Scalar], _ start: Int) -> (Part, Int)? {
        var at = start
        let isNegated = at < text.count && (text[at] == "!" || text[at] == "^")
        if isNegated { at += 1 }
        var ranges: [ClosedRange<UInt32>] = []
        let first = at
        while at < text.count, text[at] != "]" || at == first {
            if at + 2 < text.count, text[at + 1] == "-", text[at + 2] != "]" {
                let low = text[at].value
                ranges.append(low...max(low, text[at + 2].value))
                at += 3
            } else {
                ranges.append(text[at].value...text[at].value)
                at += 1
            }
        }
        return at < text.count ? (.range(ranges, isNegated: isNegated), at) : nil
    }
}
