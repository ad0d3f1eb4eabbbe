/// Many words looked for in a text at once.
struct WordTree: Sendable {
    private var next: [UInt64: Int32] = [:]
    /// The word that ends at a node, -1 for none.
    private var ends: [Int32] = [-1]

    /// The place of a word among those that were added.
    ///
    /// A word that is there already keeps its first place.
    mutating func add(_ word: Scalars, as place: Int) {
        var node: Int32 = 0
        for scalar in word {
            let key = UInt64(UInt32(bitPattern: node)) << 32 | UInt64(scalar)
            if let child = next[key] {
                node = child
            } else {
                node = Int32(ends.count)
                next[key] = node
                ends.append(-1)
            }
        }
        if ends[Int(node)] < 0 { ends[Int(node)] = Int32(place) }
    }

    func place(of word: Scalars) -> Int? {
        var node: Int32 = 0
        for scalar in word {
            guard let child = next[UInt64(UInt32(bitPattern: node)) << 32 | UInt64(scalar)] else { return nil }
            node = child
        }
        return ends[Int(node)] < 0 ? nil : Int(ends[Int(node)])
    }

    /// Calls `found` with each word that begins at `start`, shortest first.
    @inline(__always)
    func each(in text: Scalars, from start: Int, _ found: (_ place: Int, _ end: Int) -> Void) {
        var node: Int32 = 0
        var at = start
        while at < text.count, let child = next[UInt64(UInt32(bitPattern: node)) << 32 | UInt64(text[at])] {
            node = child
            at += 1
            if ends[Int(node)] >= 0 { found(Int(ends[Int(node)]), at) }
        }
    }

    /// The longest word that begins at `start`.
    func longest(in text: Scalars, from start: Int) -> (place: Int, end: Int)? {
        var best: (Int, Int)?
        each(in: text, from: start) { best = ($0, $1) }
        return best
    }
}
