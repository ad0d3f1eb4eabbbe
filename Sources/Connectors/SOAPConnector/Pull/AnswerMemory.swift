import HeatModel

/// What earlier answers of a stream had: which field paths were found, and which texts stood beside the records. It travels with
/// the cursor, as numbers only, and lets a pull tell an answer that says less from one that has less to say.
struct AnswerMemory: Equatable {
    /// Records of earlier pulls, and in how many of them each field's path was found, by a hash of the path.
    private(set) var records: Int64 = 0
    private(set) var hits: [UInt32: Int64] = [:]
    /// Texts beside records: of the place, and of place and text.
    private(set) var places: Set<UInt32> = []
    private(set) var texts: Set<UInt64> = []

    private static let mostTexts = 32
    /// One in so many is no chance any more.
    private static let chance: Int64 = 20

    var isEmpty: Bool { records == 0 && places.isEmpty }

    init() {}

    mutating func learn(_ signs: AnswerSigns) {
        for text in signs.texts where texts.count < Self.mostTexts {
            places.insert(Self.hash(text.path))
            texts.insert(Self.pair(text))
        }
    }

    func knows(_ text: AnswerSigns.Text) -> Bool { texts.contains(Self.pair(text)) }
    func knowsPlace(of text: AnswerSigns.Text) -> Bool { places.contains(Self.hash(text.path)) }

    mutating func learn(records: Int64, hits: [Int64], paths: [String]) {
        self.records += records
        for (path, count) in zip(paths, hits) { self.hits[Self.hash(path), default: 0] += count }
        // A path that is not configured any more is forgotten.
        let known = Set(paths.map(Self.hash))
        self.hits = self.hits.filter { known.contains($0.key) }
    }

    /// Whether all earlier records had the path, and so many now lack it that this is no chance: as if one more record had lacked it.
    /// What some records always lacked may be lacking in many, such as the day on which an order was closed. One record alone may
    /// always lack what all others have.
    func misses(_ path: String, in records: Int64) -> Bool {
        guard records > 1, self.records > 0, hits[Self.hash(path), default: 0] >= self.records else { return false }
        var odds: Int64 = 1
        for _ in 0..<min(records, 6) where odds < Self.chance { odds *= min(self.records, 50) + 1 }
        return odds >= Self.chance
    }

    // MARK: As text

    /// `n120.p1a2b3c4d:120.…t….k…`: short, without anything of what was read.
    var text: String {
        var parts = ["n\(records)"]
        parts += hits.sorted { $0.key < $1.key }.map { "p\(String($0.key, radix: 36)):\($0.value)" }
        parts += texts.sorted().map { "t\(String($0, radix: 36))" }
        parts += places.sorted().map { "k\(String($0, radix: 36))" }
        return parts.joined(separator: ".")
    }

    /// Nil for a text that is none of ours: what was remembered is then gone, and nothing else.
    init?(_ text: String) {
        for part in text.split(separator: ".") {
            let rest = part.dropFirst()
            switch part.first {
            case "n":
                guard let count = Int64(rest) else { return nil }
                records = count
            case "p":
                let pair = rest.split(separator: ":")
                guard pair.count == 2, let key = UInt32(pair[0], radix: 36), let count = Int64(pair[1]) else {
                    return nil
                }
                hits[key] = count
            case "t":
                guard let key = UInt64(rest, radix: 36) else { return nil }
                texts.insert(key)
            case "k":
                guard let key = UInt32(rest, radix: 36) else { return nil }
                places.insert(key)
            default: return nil
            }
        }
    }

    private static func pair(_ text: AnswerSigns.Text) -> UInt64 {
        UInt64(hash(text.path)) << 32 | UInt64(hash(text.text))
    }

    /// FNV-1a: the same in every process.
    private static func hash(_ text: String) -> UInt32 {
        text.utf8.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    }
}
