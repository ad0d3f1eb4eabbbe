/// What of an utterance is learned from: n-grams of characters, concepts and pairs of concepts, each packed exactly into 64 bits.
struct Features {
    /// Numbers that stand for no character.
    enum Sign {
        static let number: UInt32 = 0x110000
        static let longNumber: UInt32 = 0x110001
        static let edge: UInt32 = 0x110002
        static let pair: UInt32 = 0x110003
        static let alone: UInt32 = 0x110004
        static let short: UInt32 = 0x110006
        static let address: UInt32 = 0x110007
        static let house: UInt32 = 0x110008
        static let concept: UInt32 = 0x110100
    }

    struct Feature {
        var key: UInt64
        /// How much its kind counts, of 256.
        var weight: Int32
    }

    private(set) var list: [Feature] = []

    static func pack(_ a: UInt32, _ b: UInt32 = 0, _ c: UInt32 = 0) -> UInt64 {
        UInt64(a) << 42 | UInt64(b) << 21 | UInt64(c)
    }

    /// A feature as people read it.
    static func text(_ key: UInt64, concepts: [String]) -> String {
        [UInt32(key >> 42), UInt32(key >> 21 & 0x1FFFFF), UInt32(key & 0x1FFFFF)].compactMap { value in
            switch value {
            case 0, Sign.pair, Sign.alone: nil
            case Sign.number: "#"
            case Sign.longNumber: "########"
            case Sign.edge: "|"
            case Sign.house: "(concepts)"
            case Sign.address: "#-#-#"
            case Sign.short: "(short)"
            case Sign.concept...: "<\(concepts[Int(value - Sign.concept)])>"
            default: String([value])
            }
        }.joined()
    }

    /// The text with each number as one sign, so that the next number is no news.
    static func signed(_ bare: Scalars) -> Scalars {
        var result: Scalars = []
        result.reserveCapacity(bare.count + 2)
        var at = 0
        while at < bare.count {
            var end = at
            while end < bare.count,
                ScalarKind.isDigit(bare[end]) || end > at && (bare[end] == 0x2E || bare[end] == 0x2D)
            { end += 1 }
            if end > at {
                let hyphens = bare[at..<end].reduce(0) { $1 == 0x2D ? $0 + 1 : $0 }
                result.append(
                    hyphens == 2 ? Sign.address : hyphens == 0 && end - at >= 6 ? Sign.longNumber : Sign.number)
                at = end
                continue
            }
            while end < bare.count, ScalarKind.isNumeral(bare[end]) { end += 1 }
            if end - at >= 2 {
                result.append(Sign.number)
                at = end
                continue
            }
            result.append(bare[at])
            at += 1
        }
        return result
    }

    init(_ bare: Scalars, _ pictures: Scalars, _ concepts: [Hits.Concept], weights: Weights) {
        let text = Self.signed(bare)
        list.reserveCapacity(text.count * 4 + concepts.count * 4)
        var seen: Set<UInt64> = []
        seen.reserveCapacity(text.count * 4 + concepts.count * 4)
        func add(_ key: UInt64, _ weight: Int32) {
            if weight > 0, seen.insert(key).inserted { list.append(Feature(key: key, weight: weight)) }
        }
        for index in text.indices {
            add(Self.pack(text[index], Sign.alone), weights.one)
            let next = index + 1 < text.count ? text[index + 1] : Sign.edge
            add(Self.pack(text[index], next), weights.two)
            if index + 1 < text.count {
                add(
                    Self.pack(text[index], text[index + 1], index + 2 < text.count ? text[index + 2] : Sign.edge),
                    weights.three)
            }
        }
        if let first = text.first { add(Self.pack(Sign.edge, first), weights.two) }
        if text.count > 1 { add(Self.pack(Sign.edge, text[0], text[1]), weights.three) }
        add(Self.pack(Sign.short, UInt32(min(text.count / 4, 6))), weights.length)
        // How many different concepts of the house there are, and how many of other houses.
        add(
            Self.pack(Sign.house, UInt32(min(Set(concepts.filter { !$0.isTopic }.map(\.concept)).count, 5) + 1)),
            weights.house)
        add(
            Self.pack(Sign.house, 16, UInt32(min(Set(concepts.filter { $0.isTopic }.map(\.concept)).count, 2) + 1)),
            weights.house)
        for picture in pictures { add(Self.pack(picture, Sign.alone), weights.two) }
        for (index, hit) in concepts.enumerated() {
            add(Self.pack(Sign.concept + UInt32(hit.concept)), weights.concept)
            for other in concepts[(index + 1)...].prefix(weights.reach) where other.concept != hit.concept {
                add(
                    Self.pack(Sign.concept + UInt32(hit.concept), Sign.pair, Sign.concept + UInt32(other.concept)),
                    weights.pair)
            }
        }
    }

    /// How much each kind of feature counts, of 256.
    struct Weights: Sendable {
        var one: Int32 = 256
        var two: Int32 = 256
        var three: Int32 = 150
        var length: Int32 = 60
        var concept: Int32 = 300
        var pair: Int32 = 200
        var house: Int32 = 250
        var reach = 6
    }
}
