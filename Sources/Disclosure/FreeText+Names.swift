// Names, rooms, addresses of mail.
extension FreeText {
    static let introductions = [
        "我叫", "本人叫", "名叫", "户主叫", "户主是", "姓名是", "姓名为", "名字是", "名字叫", "姓名:", "姓名\u{FF1A}", "户主:",
        "户主\u{FF1A}",
    ].map(scalars)

    static let beginningsOfIntroductions = beginnings(introductions)
    static let beginningsOfHouses = beginnings(houses)

    /// The first characters of words, each once.
    static func beginnings(_ words: [[Unicode.Scalar]]) -> [Unicode.Scalar] { Set(words.map { $0[0] }).sorted() }

    static func word(
        of words: [[Unicode.Scalar]], in text: [Unicode.Scalar], at index: Int
    ) -> [Unicode.Scalar]? {
        words.first { text[index] == $0[0] && text[index...].starts(with: $0) }
    }

    /// Without what follows 我叫: two to four characters.
    static func withoutNames(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        guard text.contains(where: beginningsOfIntroductions.contains) else { return text }
        return replacing(in: text) { text, at in
            guard let words = word(of: introductions, in: text, at: at) else { return nil }
            let start = blanksEnd(text, at + words.count)
            var end = start
            while end < text.count, end - start < 4, isHan(text[end]) { end += 1 }
            return end - start < 2 ? nil : (text[at..<start] + stars, end)
        }
    }

    static func isHan(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x2E80...0x2FD5, 0x3005, 0x3007, 0x3021...0x3029, 0x3038...0x303B,
            0xF900...0xFAD9, 0x16FF0...0x16FF1, 0x20000...0x323AF:
            true
        default: false
        }
    }

    /// Without addresses of mail. From each `@` it looks no further back than to the one before: long words cost no more than others.
    static func withoutMail(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        func isAt(_ scalar: Unicode.Scalar) -> Bool { scalar == "@" || scalar == "\u{FF20}" }
        guard scalars.contains(where: isAt) else { return scalars }
        func isOfDomain(_ scalar: Unicode.Scalar) -> Bool {
            let value = (0xFF01...0xFF5E).contains(scalar.value) ? scalar.value - 0xFEE0 : scalar.value
            return value &- 0x30 <= 9 || (value | 0x20) &- 0x61 < 26 || value == 0x2D || value == 0x2E
        }
        func isOfName(_ scalar: Unicode.Scalar) -> Bool { isOfDomain(scalar) || ["_", "%", "+"].contains(scalar) }
        var result: [Unicode.Scalar] = []
        var told = 0
        var index = 0
        while index < scalars.count {
            defer { index += 1 }
            guard isAt(scalars[index]) else { continue }
            var start = index
            while start > told, isOfName(scalars[start - 1]) { start -= 1 }
            var end = index + 1
            while end < scalars.count, isOfDomain(scalars[end]) { end += 1 }
            guard start < index, end > index + 1 else { continue }
            result += scalars[told..<start]
            result += stars
            told = end
            index = end - 1
        }
        return result + scalars[told...]
    }

    static let houses = ["号楼", "号院", "单元", "栋", "幢", "座"].map(scalars)
    static let measures = ["号楼", "单元", "栋", "幢", "座", "层", "楼", "门", "元", "度"].map(scalars)
    static let roomWords = ["室", "房号"].map(scalars)

    static func isLatinDigit(_ scalar: Unicode.Scalar) -> Bool { scalar.value &- 0x30 <= 9 }
    /// Of either width.
    static func isPlainDigit(_ scalar: Unicode.Scalar) -> Bool {
        isLatinDigit(scalar) || scalar.value &- 0xFF10 <= 9
    }
    static func isDash(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "-" || scalar == "\u{2014}" || scalar == "\u{FF0D}"
    }
    static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x80 ? scalar == " " || (9...13).contains(scalar.value) : scalar.properties.isWhitespace
    }

    static func end(
        _ text: [Unicode.Scalar], _ start: Int, while isOfIt: (Unicode.Scalar) -> Bool
    ) -> Int {
        var end = start
        while end < text.count, isOfIt(text[end]) { end += 1 }
        return end
    }

    static func blanksEnd(_ text: [Unicode.Scalar], _ start: Int) -> Int { end(text, start, while: isBlank) }

    /// 3号楼2单元501: without the room behind the house or its entrance, which a number with a measure is none.
    static func withoutRooms(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        guard text.contains(where: beginningsOfHouses.contains) else { return text }
        return replacing(in: text) { text, at in
            guard let house = word(of: houses, in: text, at: at) else { return nil }
            let start = end(text, at + house.count) { isBlank($0) || isDash($0) }
            let last = end(text, start, while: isPlainDigit)
            let next = blanksEnd(text, last)
            guard last - start >= 2, !measures.contains(where: { text[next...].starts(with: $0) }) else { return nil }
            return (text[at..<start] + stars, min(last, start + 5))
        }
    }

    /// 501室
    static func withoutRoomNumbers(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        replacing(in: text) { text, at in
            guard isPlainDigit(text[at]) else { return nil }
            let last = end(text, at, while: isPlainDigit)
            let next = blanksEnd(text, last)
            guard (2...5).contains(last - at), roomWords.contains(where: { text[next...].starts(with: $0) }) else {
                return nil
            }
            return (stars, last)
        }
    }

    /// 3-2-501
    static func withoutPlaces(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        func dashEnd(_ start: Int) -> Int? {
            let at = blanksEnd(text, start)
            return at < text.count && isDash(text[at]) ? blanksEnd(text, at + 1) : nil
        }
        return replacing(in: text) { text, at in
            guard isLatinDigit(text[at]), at == 0 || !isLatinDigit(text[at - 1]) && text[at - 1] != "." else {
                return nil
            }
            let house = end(text, at, while: isLatinDigit)
            guard house - at <= 3, let unit = dashEnd(house) else { return nil }
            let unitEnd = end(text, unit, while: isLatinDigit)
            guard (1...2).contains(unitEnd - unit), let room = dashEnd(unitEnd) else { return nil }
            let last = end(text, room, while: isLatinDigit)
            return (3...4).contains(last - room) ? (text[at..<room] + stars, last) : nil
        }
    }
}
