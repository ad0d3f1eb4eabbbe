/// Sebastiano Vigna's SplitMix64 (public domain): the only source of chance in the estate, the same on every machine.
struct SplitMix64: Sendable {
    private var state: UInt64

    /// A stream of its own for each (seed, subject, index), so that any fact can be derived without those before it.
    init(seed: UInt64, subject: Subject, index: Int) {
        state = Self.mix(seed &+ 0x9E37_79B9_7F4A_7C15 &* UInt64(subject.rawValue + 1))
        state = Self.mix(state ^ Self.mix(UInt64(bitPattern: Int64(index)) &+ 0xD1B5_4A32_D192_ED03))
    }

    /// What a stream of chance is about; numbers are fixed for ever, or else every estate changes.
    enum Subject: Int {
        case community = 1
        case person = 2
        case premises = 3
        case bill = 4
        case reading = 5
        case workOrder = 6
        case temperature = 7
        case spelling = 8
        case plan = 9
        case suspension = 10
        case change = 11
        case event = 12
        case misbehaviour = 13
    }

    static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    /// A whole number from 0 up to, not including, `bound` (at least 1). The bias of the multiplication is below 2⁻³² here.
    mutating func below(_ bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    mutating func within(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

    /// True in `permille` of a thousand draws.
    mutating func chance(_ permille: Int) -> Bool { below(1000) < permille }

    mutating func pick<Element>(_ choices: [Element]) -> Element { choices[below(choices.count)] }
}
