import Mapping

/// Finds where in an utterance an address stands; what it says is read by ``AddressParser``.
enum AddressSlots {
    private static let markers = ["号楼", "栋楼", "栋", "幢", "#楼", "#", "座"].map(\.scalars)
    private static let inside = "单元门层楼室号户房-第东西南北中甲乙丙丁 ,#".scalars

    static func read(_ text: Scalars, _ words: SlotWords, _ slots: inout Slots, _ used: inout [Range<Int>]) {
        if let found = marked(text) ?? hyphenated(text) {
            slots.building = found.parsed.building
            slots.unit = found.parsed.unit
            slots.room = found.parsed.room
            used.append(found.range)
            slots.community = community(text, before: found.range.lowerBound, words)
        } else if let found = unitAlone(text) {
            slots.unit = found.parsed.unit
            slots.room = found.parsed.room
            used.append(found.range)
            slots.community = community(text, before: found.range.lowerBound, words)
        }
        if slots.community == nil { slots.community = named(text, words) }
    }

    private typealias Found = (parsed: ParsedAddress, range: Range<Int>)

    private static func isPart(_ value: UInt32) -> Bool {
        ScalarKind.isDigit(value) || ScalarKind.isLetter(value) || ScalarKind.isNumeral(value)
    }

    private static func marked(_ text: Scalars) -> Found? {
        for at in text.indices.dropFirst() {
            guard let marker = markers.first(where: { text[at...].starts(with: $0) }),
                isPart(text[at - 1]) || "东西南北甲乙丙丁".scalars.contains(text[at - 1])
            else { continue }
            var start = at
            let isDigit = ScalarKind.isDigit(text[at - 1]) || ScalarKind.isLetter(text[at - 1])
            while start > 0,
                isDigit
                    ? ScalarKind.isDigit(text[start - 1]) || ScalarKind.isLetter(text[start - 1])
                    : isPart(text[start - 1])
            { start -= 1 }
            if start == at { start -= 1 }
            // 甲5号楼.
            if start > 0, isDigit, "甲乙丙丁".scalars.contains(text[start - 1]) { start -= 1 }
            if let found = longest(text, start, at + marker.count, AddressParser.parse) { return found }
        }
        return nil
    }

    private static func unitAlone(_ text: Scalars) -> Found? {
        for at in text.indices.dropFirst() where text[at...].starts(with: "单元".scalars) && isPart(text[at - 1]) {
            var start = at
            while start > 0, isPart(text[start - 1]) { start -= 1 }
            return longest(text, start, at + 2) { AddressParser.parseInside($0) ?? ParsedAddress(prefix: "") }
        }
        for at in text.indices.dropFirst() where text[at] == 0x5BA4 && ScalarKind.isDigit(text[at - 1]) {
            var start = at
            while start > 0, ScalarKind.isDigit(text[start - 1]) { start -= 1 }
            if (3...4).contains(at - start), let parsed = AddressParser.parseInside(String(text[start...at])) {
                return (parsed, start..<(at + 1))
            }
        }
        return nil
    }

    /// The longest stretch that is an address: what follows it may look like a part of it, as in 7号楼三天没热.
    private static func longest(_ text: Scalars, _ start: Int, _ least: Int, _ parse: (String) -> ParsedAddress)
        -> Found?
    {
        var end = least
        while end < text.count, isPart(text[end]) || inside.contains(text[end]) { end += 1 }
        while end >= least {
            if end == text.count || end == least || !(isPart(text[end - 1]) && isPart(text[end])) {
                let parsed = parse(String(text[start..<end]))
                if parsed.building != nil || parsed.unit != nil || parsed.room != nil, isSure(parsed, text, end) {
                    return (parsed, start..<end)
                }
            }
            end -= 1
        }
        return nil
    }

    /// A room of one or two digits is one only where a word says so.
    private static func isSure(_ parsed: ParsedAddress, _ text: Scalars, _ end: Int) -> Bool {
        guard let room = parsed.room else { return true }
        return room.filter(\.isNumber).count >= 3 || "室房号".scalars.contains(text[end - 1])
    }

    private static func hyphenated(_ text: Scalars) -> Found? {
        var at = 0
        while at < text.count {
            guard isPart(text[at]) else {
                at += 1
                continue
            }
            var end = at
            while end < text.count, ScalarKind.isDigit(text[end]) || ScalarKind.isLetter(text[end]) || text[end] == 0x2D
            { end += 1 }
            if end == at {
                at += 1
                continue
            }
            let parts = text[at..<end].split(separator: 0x2D)
            let isShort = parts.count == 3 || parts.count == 2 && parts[0].count <= 2 && parts[1].count >= 3
            if parts.count >= 2, isShort, parts[0].count <= 3, parts.last!.count >= 2, parts.last!.count <= 4 {
                let parsed = AddressParser.parse(String(text[at..<end]))
                if parsed.building != nil, parsed.room != nil { return (parsed, at..<end) }
            }
            at = end
        }
        return nil
    }

    /// A name that is all that was said, where a place is asked for: 翠湖东里.
    static func alone(_ text: Scalars, _ words: SlotWords) -> String? {
        let text = Array(text.drop { $0 == 0x20 })
        let end = text.lastIndex { ScalarKind.isHan($0) || ScalarKind.isDigit($0) || ScalarKind.isLetter($0) }.map { $0 + 1 } ?? 0
        guard (3...12).contains(end),
            text[..<end].allSatisfy({ ScalarKind.isHan($0) || ScalarKind.isDigit($0) || ScalarKind.isLetter($0) }),
            [.community, .communityEnd].contains(where: { words.start($0, text, endingAt: end) != nil }),
            let name = name(text, 0, end, words), name.unicodeScalars.count >= 3
        else { return nil }
        return name
    }

    // MARK: community

    /// What stands just before the building, as far as it is a name.
    private static func community(_ text: Scalars, before end: Int, _ words: SlotWords) -> String? {
        var last = end
        while last > 0, text[last - 1] == 0x20 || text[last - 1] == 0x7684 { last -= 1 }
        var start = last
        while start > 0, last - start < 16 {
            if ScalarKind.isHan(text[start - 1]) || ScalarKind.isLetter(text[start - 1]) {
                start -= 1
            } else if let number = inside(text, start), last - number < 16 {
                start = number
            } else {
                break
            }
        }
        return name(text, start, last, words)
    }

    /// Where a short number begins that ends there and has words before it: 阳光100小区, 一百二十八号院 as 128号院.
    private static func inside(_ text: Scalars, _ end: Int) -> Int? {
        var start = end
        while start > 0, ScalarKind.isDigit(text[start - 1]) { start -= 1 }
        guard (1...3).contains(end - start), start > 0, ScalarKind.isHan(text[start - 1]) else { return nil }
        return start
    }

    /// A name that ends with a word for a place to live: 阳光小区停热了.
    private static func named(_ text: Scalars, _ words: SlotWords) -> String? {
        for at in text.indices {
            guard at >= 2, let end = words.longest(.community, text, from: at) else { continue }
            var start = at
            while start > 0, ScalarKind.isHan(text[start - 1]), at - start < 6 { start -= 1 }
            if start == at, let number = inside(text, at) {
                start = number
                while start > 0, ScalarKind.isHan(text[start - 1]), number - start < 6 { start -= 1 }
            }
            if let name = name(text, start, end, words), name.unicodeScalars.count >= end - at + 2 { return name }
        }
        // 锦绣江南整片没热气: a name that begins a clause.
        for at in text.indices where Self.wholes.contains(where: { text[at...].starts(with: $0) }) {
            var start = at
            while start > 0, ScalarKind.isHan(text[start - 1]), at - start < 8 { start -= 1 }
            if start == 0 || !ScalarKind.isHan(text[start - 1]), let name = name(text, start, at, words),
                (3...6).contains(name.unicodeScalars.count), !"路街巷道".scalars.contains(text[at - 1]),
                name.scalars.elementsEqual(text[start..<at])
            {
                return name
            }
        }
        return nil
    }

    private static let wholes = ["整片", "这一片", "这片", "那片", "这一带", "整个"].map(\.scalars)

    private static func name(_ text: Scalars, _ from: Int, _ end: Int, _ words: SlotWords) -> String? {
        var start = from
        var at = from
        // After the last word that is none of a name.
        while at < end {
            // 128号院 is a name.
            let isYard = at + 1 < end && text[at] == 0x53F7 && text[at + 1] == 0x9662
            if !isYard, let after = words.longest(.communityBefore, text, from: at) {
                start = after
                at = after
            } else {
                at += 1
            }
        }
        guard end - start >= 2, end - start <= 10 else { return nil }
        return String(text[start..<end])
    }
}
