/// An inverted index of examples, ranked by BM25: which examples are most like a text.
struct ExampleIndex: Sendable {
    /// Of each feature: the examples that have it, in their order.
    private var starts: [Int32]
    private var postings: [Int32]
    private var weights: [Int32]
    /// By example: what the length of it makes of a hit, of 256.
    private var damping: [Int32]
    private let mostDamping: Int32
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
        mostDamping = max(1, damping.max() ?? 1)
        own = []
        let (dampingCopy, weightsCopy) = (damping, weights)
        own = vectors.enumerated().map { index, vector in
            max(1, vector.reduce(Int32(0)) { $0 + weightsCopy[Int($1)] } &* dampingCopy[index] >> 8)
        }
    }

    /// Examples whose scores are counted at a time: as many as stay in the processor's nearest memory.
    private static let block = 8192

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
        var best = Best(count: count, mostDamping: mostDamping)
        let examples = own.count
        postings.withUnsafeBufferPointer { postings in
            damping.withUnsafeBufferPointer { damping in
                runs.withUnsafeMutableBufferPointer { runs in
                    withUnsafeTemporaryAllocation(of: Int32.self, capacity: Self.block) { scores in
                        for first in stride(from: 0, to: examples, by: Self.block) {
                            let last = min(first + Self.block, examples)
                            scores.initialize(repeating: 0)
                            for index in runs.indices {
                                let run = runs[index]
                                var at = run.at
                                if last == examples {
                                    // What is left of the run all lies in the last block.
                                    while at < run.end {
                                        scores[Int(postings[at]) - first] &+= run.weight
                                        at += 1
                                    }
                                } else {
                                    while at < run.end, postings[at] < Int32(last) {
                                        scores[Int(postings[at]) - first] &+= run.weight
                                        at += 1
                                    }
                                }
                                runs[index].at = at
                            }
                            for place in 0..<(last - first) where scores[place] > best.least {
                                best.take(first + place, scores[place], damping[first + place])
                            }
                        }
                    }
                }
            }
        }
        return best.entries.map { entry in
            // Of both sides: what is common in the text and in the example, the geometric mean.
            let common = UInt64(entry.plain)
            let mine = UInt64(max(whole, 1))
            let its = UInt64(max(Int64(own[entry.example]) * 256 / Int64(max(damping[entry.example], 1)), 1))
            return Neighbour(
                example: entry.example, likeness: min(1000, Int(common * 1000 / max(Whole.root(mine * its), 1))))
        }
    }

    /// The best of what was seen so far.
    private struct Best {
        let count: Int
        let mostDamping: Int32
        private(set) var entries: [(example: Int, plain: Int32, score: Int32)] = []
        /// Nothing that has no more in common, before its length counts, comes among them.
        private(set) var least: Int32 = 0

        init(count: Int, mostDamping: Int32) {
            self.count = count
            self.mostDamping = mostDamping
            entries.reserveCapacity(count + 1)
        }

        mutating func take(_ example: Int, _ plain: Int32, _ damping: Int32) {
            let score = plain &* damping >> 8
            if entries.count == count, score <= entries[count - 1].score { return }
            let at = entries.firstIndex { $0.score < score } ?? entries.count
            entries.insert((example, plain, score), at: at)
            if entries.count > count { entries.removeLast() }
            if entries.count == count { least = max(0, (entries[count - 1].score << 8) / mostDamping - 1) }
        }
    }
}
