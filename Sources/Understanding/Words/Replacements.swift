/// Words put in the place of others: what was misheard or is said otherwise elsewhere, in the form that examples use.
struct Replacements: Sendable {
    private var tree = WordTree()
    private var rights: [Scalars] = []

    init(_ pairs: [(from: String, to: String)]) {
        // The order of the pairs must not matter.
        for pair in pairs.sorted(by: { ($0.from, $0.to) < ($1.from, $1.to) }) where !pair.from.isEmpty {
            tree.add(pair.from.scalars, as: rights.count)
            rights.append(pair.to.scalars)
        }
    }

    /// From left to right, the longest word first; what was put in is not looked at again.
    func applied(to text: Scalars) -> Scalars {
        if rights.isEmpty { return text }
        var result: Scalars = []
        result.reserveCapacity(text.count)
        var at = 0
        while at < text.count {
            if let (place, end) = tree.longest(in: text, from: at) {
                result += rights[place]
                at = end
            } else {
                result.append(text[at])
                at += 1
            }
        }
        return result
    }
}
