/// Words that stand in a text in a certain way.
///
/// `A|B` one of them; `A + B` B after A, with at most twelve characters between; `A B` both, anywhere; `!A` A nowhere; `^A` at the
/// beginning, `A$` at the end; `@name` any word of a concept.
struct Pattern: Sendable {
    struct Group: Sendable {
        var words: [Int]
        /// After the group before it.
        var follows = false
        var isAbsent = false
        var begins = false
        var ends = false
    }

    static let widest = 12

    let text: String
    private(set) var groups: [Group]

    /// What is wrong with a pattern, in words.
    struct Problem: Error { var message: String }

    init(_ text: String, _ lexicon: inout Lexicon, words: (_ concept: String) -> [Scalars]?, form: (String) -> Scalars)
        throws(Problem)
    {
        self.text = text
        groups = []
        var follows = false
        for token in text.split(separator: " ") {
            if token == "+" {
                if groups.isEmpty || follows { throw Problem(message: "\"+\" stands between two groups of words") }
                follows = true
                continue
            }
            var rest = token
            var group = Group(words: [], follows: follows)
            follows = false
            if rest.hasPrefix("!") {
                group.isAbsent = true
                rest = rest.dropFirst()
            }
            if rest.hasPrefix("^") {
                group.begins = true
                rest = rest.dropFirst()
            }
            if rest.hasSuffix("$") {
                group.ends = true
                rest = rest.dropLast()
            }
            for word in rest.split(separator: "|", omittingEmptySubsequences: false) {
                if word.isEmpty { throw Problem(message: "a word is missing in \"\(token)\"") }
                if word.hasPrefix("@") {
                    guard let all = words(String(word.dropFirst())) else {
                        throw Problem(message: "there is no concept \"\(word.dropFirst())\"")
                    }
                    group.words += all.map { lexicon.word($0) }
                } else {
                    let scalars = form(String(word))
                    if scalars.isEmpty { throw Problem(message: "\"\(word)\" holds no word") }
                    group.words.append(lexicon.word(scalars))
                }
            }
            groups.append(group)
        }
        if follows { throw Problem(message: "nothing follows \"+\"") }
        if groups.allSatisfy(\.isAbsent) { throw Problem(message: "a pattern needs a word that is there") }
    }

    func holds(_ hits: Hits) -> Bool {
        for group in groups where !group.isAbsent && !group.words.contains(where: hits.contains) { return false }
        /// Ends of the ways in which the chain so far can be read.
        var chain: [Int] = []
        var isFirst = true
        for group in groups {
            var ends: [Int] = []
            for word in group.words where hits.contains(word) {
                hits.each(word) { start, end in
                    if group.begins, start != 0 { return }
                    if group.ends, end != hits.length { return }
                    if group.follows, !isFirst, !chain.contains(where: { $0 <= start && start - $0 <= Self.widest }) {
                        return
                    }
                    ends.append(end)
                }
            }
            if group.isAbsent {
                if !ends.isEmpty { return false }
                continue
            }
            if ends.isEmpty { return false }
            chain = ends
            isFirst = false
        }
        return true
    }
}
