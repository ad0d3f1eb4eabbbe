/// A weight for each feature and intent, learned from examples in whole numbers: the same examples give the same weights.
struct LinearModel: Sendable {
    /// Weights of a feature lie together, `width` of them; 65,536 is one unit.
    private let weights: [Int32]
    private let width: Int
    private let sharpness: Int32
    let labels: Int

    struct Schedule: Sendable {
        var rounds = 5
        /// What a violated margin costs, in hundredths: the more, the closer the examples are followed.
        var cost: Int32 = 200
        /// How much sharper the scores are made than the margins, which are about 1.
        var sharpness: Int32 = 4
    }

    /// Learns, for each label, the plane that parts its examples from all others with the widest margin: a linear support vector machine
    /// with squared loss, solved by dual coordinate descent (Hsieh et al., 2008), all labels at once and in whole numbers. The order of the
    /// steps is that of a generator of its own, so that it repeats.
    init(
        _ examples: [(vector: Vocabulary.Vector, label: Int)], features: Int, labels: Int,
        schedule: Schedule = Schedule()
    ) {
        let width = (labels + 7) / 8 * 8
        var weights = [Int32](repeating: 0, count: features * width)
        // How much each example holds each plane.
        var holds = [Int32](repeating: 0, count: examples.count * width)
        var order = Array(examples.indices)
        var random = Steps(state: 0x5EED)
        var scores = [Int32](repeating: 0, count: width)
        var moves = [(label: Int, by: Int32)](repeating: (0, 0), count: width)
        // alpha falls by alpha / 2C, and a step is divided by 1 + 1 / 2C; both times 65,536.
        let slack = Int64(65_536 * 100 / 2 / Int64(schedule.cost))
        let divisor = 65_536 + slack
        for _ in 0..<schedule.rounds {
            for index in stride(from: order.count - 1, to: 0, by: -1) {
                order.swapAt(index, Int(random.next() % UInt64(index + 1)))
            }
            weights.withUnsafeMutableBufferPointer { weights in
                holds.withUnsafeMutableBufferPointer { holds in
                    scores.withUnsafeMutableBufferPointer { scores in
                        moves.withUnsafeMutableBufferPointer { moves in
                            for index in order {
                                let (vector, label) = examples[index]
                                Self.score(vector, UnsafeBufferPointer(weights), width, scores)
                                let hold = holds.baseAddress! + index * width
                                var moved = 0
                                for other in 0..<labels {
                                    let sign: Int64 = other == label ? 1 : -1
                                    let gap = 65_536 - sign * Int64(scores[other]) - Int64(hold[other]) * slack / 65_536
                                    // Nothing holds, and nothing needs to.
                                    if gap <= 0, hold[other] == 0 { continue }
                                    let next = max(0, Int64(hold[other]) + gap * 65_536 / divisor)
                                    let move = Int32(truncatingIfNeeded: sign * (next - Int64(hold[other])))
                                    hold[other] = Int32(truncatingIfNeeded: next)
                                    if abs(move) < 64 { continue }
                                    moves[moved] = (label: other, by: move &>> 2)
                                    moved += 1
                                }
                                if moved == 0 { continue }
                                let all = moves.baseAddress!
                                vector.each { place, value in
                                    let row = weights.baseAddress! + place * width
                                    for at in 0..<moved { row[all[at].label] &+= (all[at].by &* value &+ 512) &>> 10 }
                                }
                            }
                        }
                    }
                }
            }
        }
        self.weights = weights
        self.width = width
        self.labels = labels
        sharpness = schedule.sharpness
    }

    /// A score for each label; 65,536 is one unit.
    func scores(_ vector: Vocabulary.Vector) -> [Int32] {
        var scores = [Int32](repeating: 0, count: width)
        weights.withUnsafeBufferPointer { weights in
            scores.withUnsafeMutableBufferPointer { Self.score(vector, weights, width, $0) }
        }
        return scores.prefix(labels).map { $0 &* sharpness }
    }

    /// What a feature of a text adds to the score of a label.
    func share(of place: Int32, _ value: Int32, for label: Int) -> Int32 {
        ((weights[Int(place) * width + label] >> 4) &* value >> 8) &* sharpness
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
