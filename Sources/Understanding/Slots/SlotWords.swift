/// The words by which slots are found: `slots.tsv` of the knowledge.
struct SlotWords: Sendable {
    enum Kind: String, CaseIterable {
        case symptom, place, part, channel, time, since, community, communityBefore, communityEnd, mine, others,
            standard
        // Kinds that forms are made of.
        case side, sound, flow, water
        // Forms, one a line.
        case state, broken, pour, placeForm

        var isForm: Bool { [.state, .broken, .pour, .placeForm].contains(self) }
    }

    private var trees: [Kind: WordTree] = [:]
    private var forms: [Kind: [SlotForm]] = [:]

    mutating func add(_ words: [Scalars], to kind: Kind) {
        for word in words { trees[kind, default: WordTree()].add(word, as: word.count) }
    }

    mutating func add(_ form: SlotForm, to kind: Kind) { forms[kind, default: []].append(form) }

    /// The longest word, or stretch in a form, of a kind that begins at `start`.
    func longest(_ kind: Kind, _ text: Scalars, from start: Int) -> Int? {
        if let forms = forms[kind] { return forms.compactMap { $0.end(in: text, from: start, self) }.max() }
        return trees[kind]?.longest(in: text, from: start)?.end
    }

    /// Calls `found` with the end of each word of a kind that begins at `start`.
    func each(_ kind: Kind, _ text: Scalars, from start: Int, _ found: (_ end: Int) -> Void) {
        trees[kind]?.each(in: text, from: start) { found($1) }
    }

    /// Where the longest word of a kind begins that ends at `end`.
    func start(_ kind: Kind, _ text: Scalars, endingAt end: Int) -> Int? {
        for start in max(0, end - 6)..<max(end, 0) {
            var isThere = false
            each(kind, text, from: start) { if $0 == end { isThere = true } }
            if isThere { return start }
        }
        return nil
    }

    /// The first place of a word of a kind within a range.
    func find(_ kind: Kind, _ text: Scalars, in range: Range<Int>) -> Range<Int>? {
        for start in range {
            if let end = longest(kind, text, from: start), end <= range.upperBound { return start..<end }
        }
        return nil
    }
}
