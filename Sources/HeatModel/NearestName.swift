/// "Did you mean": the nearest of some known names.
package enum NearestName {
    /// The candidate with the fewest edits, if it is near enough to be meant; the earlier one on a tie.
    package static func find(_ name: String, among candidates: some Sequence<String>) -> String? {
        var best: (name: String, distance: Int)?
        let wanted = Array(name.lowercased())
        for candidate in candidates {
            let distance = edits(wanted, Array(candidate.lowercased()))
            if distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        guard let best, best.distance <= max(1, wanted.count / 3), best.name != name else { return nil }
        return best.name
    }

    /// The sentence to add to a problem: the nearest name, or those there are; nil where there are none.
    package static func advice(_ name: String, among candidates: [String]) -> Advice? {
        if let near = find(name, among: candidates) { return "did you mean \"\(near)\"?" }
        if candidates.isEmpty { return nil }
        let shown = candidates.prefix(40).joined(separator: ", ")
        return "known here: \(shown)\(candidates.count > 40 ? ", …" : "")"
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn one into the other.
    package static func edits(_ left: [Character], _ right: [Character]) -> Int {
        var before: [Int] = []
        var previous = Array(0...right.count)
        for i in 0..<left.count {
            var row = [i + 1]
            for j in 0..<right.count {
                var cost = min(previous[j + 1] + 1, row[j] + 1, previous[j] + (left[i] == right[j] ? 0 : 1))
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    cost = min(cost, before[j - 1] + 1)
                }
                row.append(cost)
            }
            before = previous
            previous = row
        }
        return previous[right.count]
    }
}
