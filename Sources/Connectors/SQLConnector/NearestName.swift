/// The nearest right name for a wrong one.
enum NearestName {
    /// "Did you mean …?", or the names there are, or that there are none.
    static func advice(for name: String, among names: [String], noun: String) -> String {
        if names.isEmpty { return "There is no \(noun) to choose from; check the configuration and the permissions." }
        let ranked = names.map { (distance(name.lowercased(), $0.lowercased()), $0) }.sorted { $0 < $1 }
        if let best = ranked.first, best.0 <= max(2, name.count / 3) { return "Did you mean \(best.1)?" }
        let listed = names.sorted().prefix(10).joined(separator: ", ")
        return "Choose one of: \(listed)\(names.count > 10 ? ", …" : "")."
    }

    private static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left)
        let right = Array(right)
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let above = row[j + 1]
                row[j + 1] = a == b ? diagonal : min(diagonal, above, row[j]) + 1
                diagonal = above
            }
        }
        return row[right.count]
    }
}
