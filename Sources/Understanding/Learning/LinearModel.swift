/// A weight for each feature and intent, learned from examples in whole numbers: the same examples give the same weights.
struct LinearModel: Sendable {
    /// Weights of a feature lie together, `width` of them; 65,536 is one unit.
    private let weights: [Int32]
    private let width: Int
    let labels: Int

    struct Schedule: Sendable {
        var rounds = 10
        /// The first step, of 256; it falls to a quarter of it.
        var step: Int64 = 2048
        /// How much a weight shrinks each round, of 65,536.
        var decay: Int64 = 0
    }

    /// Learns by steps down the slope of the logarithmic loss, an example at a time, in an order of its own that repeats.
    init(_ examples: [(vector: Vocabulary.Vector, label: Int)], features: Int, labels: Int, schedule: Schedule = Schedule()) {
        let width = (labels + 7) / 8 * 8
        var weights = [Int32](repeating: 0, count: features * width)
        let exponential = Whole.Exponential()
        var order = Array(examples.indices)
        var random = Steps(state: 0x5EED)
        var scores = [Int32](repeating: 0, count: width)
        var slope = [Int32](repeating: 0, count: width)
        for round in 0..<schedule.rounds {
            for index in stride(from: order.count - 1, to: 0, by: -1) {
                order.swapAt(index, Int(random.next() % UInt64(index + 1)))
            }
            let step = schedule.step - schedule.step * 3 / 4 * Int64(round) / Int64(max(1, schedule.rounds - 1))
            weights.withUnsafeMutableBufferPointer { weights in
                scores.withUnsafeMutableBufferPointer { scores in
                    slope.withUnsafeMutableBufferPointer { slope in
                        for index in order {
                            let example = examples[index]
                            Self.score(example.vector, UnsafeBufferPointer(weights), width, scores)
                            Self.shares(scores, labels, exponential, slope)
                            slope[example.label] &-= 65_536
                            for label in 0..<labels { slope[label] = Int32(Int64(slope[label]) * step >> 8) }
                            let down = slope.baseAddress!
                            example.vector.each { place, value in
                                let row = weights.baseAddress! + place * width
                                for label in 0..<width { row[label] = row[label] &- ((down[label] &>> 4) &* value &>> 8) }
                            }
                        }
                    }
                }
                if schedule.decay > 0 {
                    for index in weights.indices {
                        weights[index] -= Int32(Int64(weights[index]) * schedule.decay >> 16)
                    }
                }
            }
        }
        self.weights = weights
        self.width = width
        self.labels = labels
    }

    /// A score for each label; 65,536 is one unit.
    func scores(_ vector: Vocabulary.Vector) -> [Int32] {
        var scores = [Int32](repeating: 0, count: width)
        weights.withUnsafeBufferPointer { weights in
            scores.withUnsafeMutableBufferPointer { Self.score(vector, weights, width, $0) }
        }
        return Array(scores.prefix(labels))
    }

    /// What a feature of a text adds to the score of a label.
    func share(of place: Int32, _ value: Int32, for label: Int) -> Int32 {
        (weights[Int(place) * width + label] >> 4) &* value >> 8
    }

    @inline(__always)
    private static func score(
        _ vector: Vocabulary.Vector, _ weights: UnsafeBufferPointer<Int32>, _ width: Int,
        _ scores: UnsafeMutableBufferPointer<Int32>
    ) {
        let into = scores.baseAddress!
        for label in 0..<width { into[label] = 0 }
        vector.each { place, value in
            let row = weights.baseAddress! + place * width
            for label in 0..<width { into[label] = into[label] &+ ((row[label] &>> 4) &* value &>> 8) }
        }
    }

    /// Scores as shares of 65,536.
    private static func shares(
        _ scores: UnsafeMutableBufferPointer<Int32>, _ labels: Int, _ exponential: Whole.Exponential,
        _ shares: UnsafeMutableBufferPointer<Int32>
    ) {
        var best = Int32.min
        for label in 0..<labels where scores[label] > best { best = scores[label] }
        var sum: Int64 = 0
        for label in 0..<labels {
            shares[label] = exponential(minus: Int64(best) - Int64(scores[label]))
            sum += Int64(shares[label])
        }
        for label in 0..<labels { shares[label] = Int32(Int64(shares[label]) * 65_536 / sum) }
    }

    /// Scores as shares of 1,000.
    static func shares(_ scores: [Int32]) -> [Int] {
        let exponential = Exponentials.shared
        let best = scores.max() ?? 0
        let parts = scores.map { Int(exponential(minus: Int64(best) - Int64($0))) }
        let sum = max(parts.reduce(0, +), 1)
        return parts.map { $0 * 1000 / sum }
    }

    private enum Exponentials { static let shared = Whole.Exponential() }
}

/// Numbers that look like chance and repeat (SplitMix64).
struct Steps {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
