/// The parts of an address as far as they can be read without guessing.
public struct ParsedAddress: Hashable, Sendable {
    /// In normal form: `3`, `A`, `东3`; nil where the address does not say, or not in one way only.
    public var building: String?
    public var unit: String?
    public var room: String?
    /// The text before the building: district, street, community. The whole text where no building was found.
    public var prefix: String

    public init(building: String? = nil, unit: String? = nil, room: String? = nil, prefix: String) {
        self.building = building
        self.unit = unit
        self.room = room
        self.prefix = prefix
    }
}

/// Reads Chinese addresses in the spellings of legacy systems: `阳光花园3号楼2单元501`, `3栋501室`, `三号楼东单元501户`,
/// `3#2-501`, `3-2-501`, `3-501`, in 全角 too.
///
/// What could be read in two ways is not read at all: the parts stay nil.
public enum AddressParser {
    /// Parses a text that may begin with district, street and community.
    public static func parse(_ text: String) -> ParsedAddress {
        let folded = unifyHyphens(TextFolding.folded(text))
        let characters = Array(folded)
        return marked(characters) ?? hyphenated(characters) ?? ParsedAddress(prefix: folded)
    }

    /// Parses unit and room where no building is named, such as `2单元501`, `三门七零二`.
    public static func parseInside(_ text: String) -> ParsedAddress? {
        let characters = Array(unifyHyphens(TextFolding.folded(text)))
        var cursor = 0
        guard let inside = readInside(characters, &cursor), cursor == characters.count else { return nil }
        return ParsedAddress(unit: inside.unit, room: inside.room, prefix: "")
    }

    private static func unifyHyphens(_ text: String) -> String {
        String(text.map { "‐‑‒–—―−﹣".contains($0) ? "-" : $0 })
    }

    private static let buildingMarkers = ["号楼", "栋", "幢", "#楼", "#", "座"].map(Array.init)

    // MARK: with a word for the building

    private static func marked(_ text: [Character]) -> ParsedAddress? {
        var found: [(start: Int, end: Int)] = []
        var index = 0
        while index < text.count {
            if let marker = buildingMarkers.first(where: { text[index...].starts(with: $0) }),
                let start = designatorStart(text, before: index)
            {
                found.append((start, index + marker.count))
                index += marker.count
            } else {
                index += 1
            }
        }
        guard let place = found.last else { return nil }
        let whole = ParsedAddress(prefix: String(text))
        // Two buildings in one address, such as 3号楼A座, are ambiguous.
        guard found.count == 1 else { return whole }
        let markerStart = (place.start..<place.end).first { at in
            buildingMarkers.contains { text[at...].starts(with: $0) }
        }
        guard let markerStart else { return whole }
        var cursor = place.end
        guard let inside = readInside(text, &cursor) else { return whole }
        var designator = String(text[place.start..<markerStart])
        if designator.hasPrefix("第") { designator.removeFirst() }
        return ParsedAddress(
            building: PlacePart.designator(designator), unit: inside.unit, room: inside.room,
            prefix: trimmed(text[..<place.start]))
    }

    /// Where the building's number or letter begins, which ends just before `end`; nil where none does.
    private static func designatorStart(_ text: [Character], before end: Int) -> Int? {
        var start = end
        while start > 0, isDigitOrLetter(text[start - 1]) { start -= 1 }
        if start == end {
            while start > 0, ChineseNumeral.isNumeral(text[start - 1]) { start -= 1 }
            if start == end {
                // 甲号楼, 东座.
                return end > 0 && stems.contains(text[end - 1]) ? end - 1 : nil
            }
        }
        // A hyphen before it, as in 1-3号楼, or 甲3号楼: part of the name.
        while start > 1, text[start - 1] == "-", isDigitOrLetter(text[start - 2]) {
            start -= 1
            while start > 0, isDigitOrLetter(text[start - 1]) { start -= 1 }
        }
        if start > 0, stems.contains(text[start - 1]) { start -= 1 }
        return start
    }

    private static let stems: Set<Character> = ["甲", "乙", "丙", "丁", "东", "西", "南", "北"]

    private static func isDigitOrLetter(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber)
    }

    // MARK: unit and room

    /// What follows the building, all of it; nil where anything is left that is not understood.
    private static func readInside(_ text: [Character], _ index: inout Int) -> (unit: String?, room: String?)? {
        var unit: String?
        skipSeparators(text, &index)
        let start = index
        if let designator = readDesignator(text, &index), skip("单元", text, &index) || skip("门", text, &index) {
            unit = PlacePart.designator(designator)
        } else {
            index = start
            if let designator = readDesignator(text, &index), index < text.count, text[index] == "-" {
                // 501-1 is a room with a part, or a unit 501: it is ambiguous.
                if designator.count > 2 { return nil }
                unit = PlacePart.designator(designator)
            } else {
                index = start
            }
        }
        skipSeparators(text, &index)
        // A floor says nothing that the room does not.
        let beforeFloor = index
        if readDesignator(text, &index) == nil || !(skip("层", text, &index) || skip("楼", text, &index)) {
            index = beforeFloor
        }
        skipSeparators(text, &index)
        guard index < text.count else { return (unit, nil) }
        guard let room = readRoom(text, &index), index == text.count else { return nil }
        return (unit, room)
    }

    private static let shops = ["底商", "车库", "门市", "商铺", "地下室"]

    private static func readRoom(_ text: [Character], _ index: inout Int) -> String? {
        for shop in shops where skip(shop, text, &index) {
            let number = readDesignator(text, &index)
            _ = skip("号", text, &index) || skip("室", text, &index) || skip("户", text, &index)
            return shop + (number.map(PlacePart.designator) ?? "")
        }
        guard let number = readDesignator(text, &index) else { return nil }
        if skip("号", text, &index) {
            _ = skip("房", text, &index) || skip("室", text, &index)
        } else {
            _ = skip("室", text, &index) || skip("户", text, &index) || skip("房", text, &index)
        }
        return PlacePart.designator(number)
    }

    private static let sides: Set<Character> = ["东", "西", "南", "北", "中", "甲", "乙", "丙", "丁"]

    private static func readDesignator(_ text: [Character], _ index: inout Int) -> String? {
        let start = index
        if index < text.count, text[index] == "第" { index += 1 }
        let first = index
        while index < text.count, isDigitOrLetter(text[index]) { index += 1 }
        if index == first {
            while index < text.count, ChineseNumeral.isNumeral(text[index]) { index += 1 }
        }
        if index == first, index < text.count, sides.contains(text[index]) {
            index += 1
            // 中东, 东西: two sides at once are one unit's name.
            if index < text.count, sides.contains(text[index]) { index += 1 }
        }
        if index == first {
            index = start
            return nil
        }
        return String(text[first..<index])
    }

    private static func skip(_ word: String, _ text: [Character], _ index: inout Int) -> Bool {
        guard text[index...].starts(with: word) else { return false }
        index += word.count
        return true
    }

    private static func skipSeparators(_ text: [Character], _ index: inout Int) {
        while index < text.count, text[index] == "-" || text[index] == "," || text[index].isWhitespace { index += 1 }
    }

    private static func trimmed(_ text: some Collection<Character>) -> String {
        var rest = Array(text)
        while let last = rest.last, last.isWhitespace || last == "," || last == "-" { rest.removeLast() }
        return String(rest)
    }

    // MARK: with hyphens alone

    /// `3-2-501` and `3-501` at the end of the text.
    private static func hyphenated(_ text: [Character]) -> ParsedAddress? {
        var end = text.count
        if end > 0, "室号户".contains(text[end - 1]) { end -= 1 }
        var start = end
        while start > 0, isDigitOrLetter(text[start - 1]) || text[start - 1] == "-" { start -= 1 }
        // 3-东-501: a side between two hyphens.
        if start > 1, sides.contains(text[start - 1]), start < end, text[start] == "-", text[start - 2] == "-" {
            start -= 2
            while start > 0, isDigitOrLetter(text[start - 1]) { start -= 1 }
        }
        let parts = text[start..<end].split(separator: "-", omittingEmptySubsequences: false).map { String($0) }
        guard parts.count == 2 || parts.count == 3, parts.allSatisfy({ !$0.isEmpty }),
            parts[0].contains(where: \.isNumber) || parts.count == 3,
            parts[parts.count - 1].contains(where: \.isNumber)
        else { return nil }
        // A numeral or a word for a place just before the digits makes them part of something else: 十3-501, 建设路15号.
        if start > 0,
            ChineseNumeral.isNumeral(text[start - 1]) || text[start - 1] == "第" || stems.contains(text[start - 1])
        {
            return nil
        }
        let designators = parts.map(PlacePart.designator)
        return ParsedAddress(
            building: designators[0], unit: parts.count == 3 ? designators[1] : nil, room: designators[parts.count - 1],
            prefix: trimmed(text[..<start]))
    }
}
