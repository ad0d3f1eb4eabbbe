/// An inverted index of examples, ranked by BM25: which examples are most like a text.
struct ExampleIndex: Sendable {
    /// Of each feature: the examples that have it, in their order.
    private var starts: [Int32]
    private var postings: [Int32]
    private var weights: [Int32]
    /// By example: what the length of it makes of a hit, of 256.
    private var damping: [Int32]
    /// By example: the score that it has with itself.
    private var own: [Int32]

    struct Neighbour: Sendable {
        var example: Int
        /// Of 1,000: how much of the text and of the example is common to both.
        var likeness: Int
    }

    init(_ vectors: [Vocabulary.Vector], _ vocabulary: Vocabulary) {
        // What stands in every tenth example tells none apart.
        let most = Int32(max(8, vectors.count / 10))
        var df = [Int32](repeating: 0, count: vocabulary.count)
        for vector in vectors { for place in vector.places { df[Int(place)] += 1 } }
        let vectors = vectors.map { vector in vector.places.filter { df[Int($0)] <= most } }
        var counts = [Int32](repeating: 0, count: vocabulary.count + 1)
        for vector in vectors { for place in vector { counts[Int(place) + 1] += 1 } }
        for index in 1..<counts.count { counts[index] += counts[index - 1] }
        starts = counts
        postings = [Int32](repeating: 0, count: Int(counts.last ?? 0))
        for (example, vector) in vectors.enumerated() {
            for place in vector {
                postings[Int(counts[Int(place)])] = Int32(example)
                counts[Int(place)] += 1
            }
        }
        let all = UInt64(max(vectors.count, 1))
        let starts = self.starts
        // log2(1 + (N - df + 0.5) / (df + 0.5)) = log2((2N + 2) / (2 df + 1)).
        weights = (0..<vocabulary.count).map { place in
            let df = UInt64(starts[place + 1] - starts[place])
            let isWide = vocabulary.isWide(place)
            return Int32(Whole.log2((all * 2 + 2) / max(df * 2 + 1, 1))) / (isWide ? 2 : 1)
        }
        let mean = Int64(max(vectors.reduce(0) { $0 + $1.count } / max(vectors.count, 1), 1))
        // A hit counts (k + 1) / (1 + k (1 - b + b length / mean)), k = 1.2, b = 0.5, as each feature stands once.
        damping = vectors.map { vector in
            let length = Int64(vector.count)
            return Int32(256 * 22 / (10 + 6 + 6 * length / mean))
        }
        own = []
        let (dampingCopy, weightsCopy) = (damping, weights)
        own = vectors.enumerated().map { index, vector in
            max(1, vector.reduce(Int32(0)) { $0 + weightsCopy[Int($1)] } &* dampingCopy[index] >> 8)
        }
    }

    /// Examples whose scores are counted at a time: as many as stay in the processor's nearest memory.
    private static let block: Int32 = 4096

    /// The examples most like a text, the earlier first where two are equally so.
    func nearest(_ vector: Vocabulary.Vector, _ count: Int) -> [Neighbour] {
        var whole: Int32 = 0
        var runs: [(at: Int, end: Int, weight: Int32)] = []
        runs.reserveCapacity(vector.places.count)
        for place in vector.places {
            let (start, end) = (Int(starts[Int(place)]), Int(starts[Int(place) + 1]))
            if start == end { continue }
            whole += weights[Int(place)]
            runs.append((start, end, weights[Int(place)]))
        }
        var best: [(example: Int, plain: Int32, score: Int32)] = []
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: Int(Self.block)) { scores in
            for first in stride(from: Int32(0), to: Int32(own.count), by: Int(Self.block)) {
                let last = min(first + Self.block, Int32(own.count))
                scores.initialize(repeating: 0)
                for index in runs.indices {
                    let (end, weight) = (runs[index].end, runs[index].weight)
                    var at = runs[index].at
                    while at < end, postings[at] < last {
                        scores[Int(postings[at] - first)] &+= weight
                        at += 1
                    }
                    runs[index].at = at
                }
                for example in Int(first)..<Int(last) {
                    let plain = scores[example - Int(first)]
                    if plain <= 0 { continue }
                    let score = plain &* damping[example] >> 8
                    if best.count == count, score <= best[count - 1].score { continue }
                    let at = best.firstIndex { $0.score < score } ?? best.count
                    best.insert((example, plain, score), at: at)
                    if best.count > count { best.removeLast() }
                }
            }
        }
        return best.map { entry in
            // Of both sides: what is common in the text and in the example, the geometric mean.
            let common = UInt64(entry.plain)
            let mine = UInt64(max(whole, 1))
            let its = UInt64(max(Int64(own[entry.example]) * 256 / Int64(max(damping[entry.example], 1)), 1))
            return Neighbour(
                example: entry.example, likeness: min(1000, Int(common * 1000 / max(Whole.root(mine * its), 1))))
        }
    }
}
