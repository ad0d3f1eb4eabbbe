/// The words by which slots are found: `slots.tsv` of the knowledge.
struct SlotWords: Sendable {
    enum Kind: String, CaseIterable {
        case symptom, place, part, channel, time, since, community, communityBefore, mine, others, standard
    }

    private var trees: [Kind: WordTree] = [:]

    mutating func add(_ words: [Scalars], to kind: Kind) {
        for word in words { trees[kind, default: WordTree()].add(word, as: word.count) }
    }

    func longest(_ kind: Kind, _ text: Scalars, from start: Int) -> Int? {
        trees[kind]?.longest(in: text, from: start)?.end
    }

    /// The first place of a word of a kind within a range.
    func find(_ kind: Kind, _ text: Scalars, in range: Range<Int>) -> Range<Int>? {
        for start in range {
            if let end = longest(kind, text, from: start), end <= range.upperBound { return start..<end }
        }
        return nil
    }
}
