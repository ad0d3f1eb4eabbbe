/// All words that rules, cues, concepts and topics name, found in a text in one pass.
struct Lexicon: Sendable {
    private var tree = WordTree()
    private(set) var count = 0
    /// Concepts that a word stands for, by the word's place.
    private var concepts: [[Int]] = []
    /// Concepts that are topics of other companies.
    private var topics: Set<Int> = []

    /// The place of a word, which is added where it is new.
    mutating func word(_ word: Scalars) -> Int {
        if let place = tree.place(of: word) { return place }
        tree.add(word, as: count)
        concepts.append([])
        count += 1
        return count - 1
    }

    mutating func name(_ concept: Int, isTopic: Bool, with words: [Scalars]) {
        if isTopic { topics.insert(concept) }
        for scalars in words where !scalars.isEmpty {
            let place = word(scalars)
            if !concepts[place].contains(concept) { concepts[place].append(concept) }
        }
    }

    func hits(in text: Scalars) -> Hits {
        var hits = Hits(first: [Int32](repeating: -1, count: count), length: text.count)
        for start in text.indices {
            tree.each(in: text, from: start) { word, end in
                let hit = Hits.Hit(word: Int32(word), start: Int32(start), end: Int32(end), before: hits.first[word])
                hits.first[word] = Int32(hits.all.count)
                hits.all.append(hit)
                for concept in concepts[word] {
                    hits.concepts.append(.init(concept: concept, start: start, isTopic: topics.contains(concept)))
                }
            }
        }
        return hits
    }
}

/// Where the words of a lexicon stand in a text.
struct Hits {
    struct Hit {
        var word: Int32
        var start: Int32
        var end: Int32
        /// The hit of the same word before this one, -1 for none.
        var before: Int32
    }

    struct Concept {
        var concept: Int
        var start: Int
        var isTopic: Bool
    }

    var all: [Hit] = []
    /// By word: its last hit.
    fileprivate(set) var first: [Int32]
    /// In the order in which they begin.
    var concepts: [Concept] = []
    let length: Int

    fileprivate init(first: [Int32], length: Int) {
        self.first = first
        self.length = length
    }

    func contains(_ word: Int) -> Bool { first[word] >= 0 }

    /// The places of a word, from the last to the first.
    func each(_ word: Int, _ body: (_ start: Int, _ end: Int) -> Void) {
        var at = first[word]
        while at >= 0 {
            let hit = all[Int(at)]
            body(Int(hit.start), Int(hit.end))
            at = hit.before
        }
    }
}
