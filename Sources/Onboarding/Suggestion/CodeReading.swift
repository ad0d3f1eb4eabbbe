import HeatModel
import Records

/// What the values of a code column mean: by themselves, or through a table of codes of the same source.
struct CodeReading {
    struct Code {
        var spelling: String
        /// Nil where nothing tells.
        var value: String?
        var count: Int
        /// The word that the code stands for.
        var word: String?
    }

    var codes: [Code]
    /// Where the words were found.
    var table: String?

    /// Those that nothing explains.
    var unknown: [Code] { codes.filter { $0.value == nil && $0.count > 0 } }

    /// A table of codes: which codes it has under which category.
    struct Table {
        var stream: String
        struct Entry {
            /// The code as the table spells it.
            var spelling: String
            var word: String
        }
        /// category → folded code → what it means
        var words: [String: [String: Entry]]

        /// Nil where a stream does not look like a table of codes.
        init?(_ sample: StreamSample, _ profiles: [ColumnProfile]) {
            guard 2...8 ~= sample.columns.count, sample.rowCount > 1, sample.rowCount < 2_000 else { return nil }
            // The words are what differs most and is Chinese or text; the codes short; the category what is repeated.
            let indices = sample.columns.indices
            guard
                let word = indices.max(by: {
                    profiles[$0].share(\.chinese) < profiles[$1].share(\.chinese)
                }), profiles[word].share(\.chinese) > 400
            else { return nil }
            let shorts = indices.filter { index in
                index != word && !profiles[index].counts.isEmpty
                    && profiles[index].counts.keys.allSatisfy { $0.count <= 20 }
                    && profiles[index].share(\.chinese) < 500
            }
            guard shorts.count >= 2 else { return nil }
            // The category repeats; with the code it is one row.
            let ordered = shorts.sorted { (profiles[$0].distinct, $0) < (profiles[$1].distinct, $1) }
            var best: (category: Int, code: Int)?
            for category in ordered {
                for code in ordered where code != category {
                    let pairs = zip(sample.values(category), sample.values(code)).map { "\($0 ?? "")\u{1F}\($1 ?? "")" }
                    let isNamed = profiles[category].counts.keys.contains { $0.contains { $0.isLetter } }
                    if Set(pairs).count == pairs.count, isNamed { best = best ?? (category, code) }
                }
            }
            guard let best else { return nil }
            var words: [String: [String: Entry]] = [:]
            let texts = zip(zip(sample.values(best.category), sample.values(best.code)), sample.values(word))
            for ((category, code), word) in texts {
                guard let category, let code, let word else { continue }
                words[Lexicon.folded(category), default: [:]][Lexicon.folded(code)] = Entry(spelling: code, word: word)
            }
            self.words = words
            stream = sample.name.description
        }

        /// The words of a column's codes, where one category has most of them and is called as the column.
        func words(of column: String, _ codes: [String]) -> [String: Entry]? {
            let name = Lexicon.folded(column)
            let ending = words.keys.sorted().first { name.hasSuffix($0) && $0.count > 2 }
            guard let found = words[name] ?? ending.flatMap({ words[$0] }) else { return nil }
            return codes.count { found[$0] != nil } * 2 > codes.count ? found : nil
        }
    }

    /// - Parameter spellings: as the source has them, folded → as written.
    init(
        column: String, _ profile: ColumnProfile, spelled: [String: String],
        known: [(value: String, spellings: Set<String>)], tables: [Table]
    ) {
        var folded = profile.counts.keys.sorted()
        var words: [String: Table.Entry] = [:]
        for candidate in tables {
            if let found = candidate.words(of: column, folded) {
                words = found
                table = candidate.stream
                break
            }
        }
        // Codes that the table has and the sample has not will come.
        folded = Set(folded).union(words.keys).sorted()
        codes = folded.map { code in
            let word = words[code]?.word
            let wanted = word.map(Lexicon.folded) ?? code
            return Code(
                spelling: spelled[code] ?? words[code]?.spelling ?? code,
                value: known.first { $0.spellings.contains(wanted) }?.value,
                count: profile.counts[code] ?? 0, word: word)
        }
    }
}
