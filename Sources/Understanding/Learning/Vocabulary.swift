/// The features that examples have, with how telling each is.
struct Vocabulary: Sendable {
    private var places: [UInt64: Int32] = [:]
    /// log2(N / df) times 256, by place.
    private var telling: [Int32] = []
    private(set) var keys: [UInt64] = []

    /// A text as the features of it that are known: the squares of their values add up to that of 4,096.
    struct Vector: Sendable {
        var places: [Int32] = []
        var values: [Int32] = []
        /// The share of the text's weight that its known features have, of 256.
        var known: Int32 = 0

        @inline(__always)
        func each(_ body: (_ place: Int, _ value: Int32) -> Void) {
            places.withUnsafeBufferPointer { places in
                values.withUnsafeBufferPointer { values in
                    guard let place = places.baseAddress, let value = values.baseAddress else { return }
                    for at in 0..<places.count { body(Int(place[at]), value[at]) }
                }
            }
        }
    }

    /// - Parameter least: in how many examples a feature of three characters or a pair must stand.
    init(_ examples: [Features], least: Int) {
        var counts: [UInt64: Int32] = [:]
        counts.reserveCapacity(examples.count * 16)
        for example in examples { for feature in example.list { counts[feature.key, default: 0] += 1 } }
        // The order of a dictionary must not matter: places in the order of the keys.
        keys = counts.filter {
            $0.value >= Int32(least) || $0.key & 0x1FFFFF == 0 || $0.key >> 21 & 0x1FFFFF == UInt64(Features.Sign.alone)
        }
        .keys.sorted()
        places.reserveCapacity(keys.count)
        telling.reserveCapacity(keys.count)
        let all = UInt64(max(examples.count, 1))
        for (place, key) in keys.enumerated() {
            places[key] = Int32(place)
            telling.append(Int32(64 + Whole.log2(all * 2 / UInt64(counts[key]!))))
        }
        unseen = Int64(64 + Whole.log2(all * 2))
    }

    private let unseen: Int64

    /// Whether a feature is one character: said of many texts.
    func isWide(_ place: Int) -> Bool { keys[place] >> 21 & 0x1FFFFF == UInt64(Features.Sign.alone) }

    var count: Int { keys.count }

    func vector(_ features: Features) -> Vector {
        var vector = Vector()
        vector.places.reserveCapacity(features.list.count)
        vector.values.reserveCapacity(features.list.count)
        var squares: UInt64 = 0
        var lost: UInt64 = 0
        for feature in features.list {
            if let place = places[feature.key] {
                let value = feature.weight &* telling[Int(place)] >> 4
                vector.places.append(place)
                vector.values.append(value)
                squares &+= UInt64(Int64(value) * Int64(value))
            } else {
                let value = Int64(feature.weight) * unseen >> 4
                lost &+= UInt64(value * value)
            }
        }
        let length = Int64(Whole.root(squares)) + 1
        for index in vector.values.indices {
            vector.values[index] = Int32((Int64(vector.values[index]) * 4096 / length))
        }
        vector.known = Int32(squares * 256 / max(squares + lost, 1))
        return vector
    }
}
