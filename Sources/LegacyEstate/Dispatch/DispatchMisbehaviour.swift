import HeatModel

/// What the dispatch system does wrong, by seed: how often in a thousand requests each of it happens.
///
///     DispatchMisbehaviour("seed=7,late=50,closesAfter=50,delay=800")
package struct DispatchMisbehaviour: Sendable, Equatable {
    /// What happens to one request.
    enum Act: String, Sendable, CaseIterable {
        /// Waits before it does anything, so that what it does takes effect after its caller may have given up.
        case slow
        /// Takes effect at once and answers only after the delay.
        case late
        /// Closes the connection without an answer, after it took effect.
        case closesAfter
        /// Closes the connection and does nothing.
        case closesBefore
        /// Takes effect and answers with a fault.
        case faultsAfter
        /// Answers with a fault and does nothing.
        case faultsBefore
        /// Takes effect and answers with an error of its own instead of the order's number.
        case errorsAfter
        /// Of a query: closes the connection.
        case queryCloses
        /// Of a query: answers with a fault.
        case queryFaults
    }

    package var seed: UInt64 = 1
    /// Of a thousand requests.
    private var shares: [Act: Int] = [:]
    /// The longest delay, in milliseconds; a delay is between a half and the whole of it.
    package var delay = 500
    /// How many characters of a reference are kept.
    package var referenceLength = 64
    /// Queries are answered as things stood so many milliseconds ago: a replica that lags.
    package var stale = 0

    /// Behaves well.
    package init() {}

    /// Reads `name=number,…`: `seed`, `delay` and `stale` (milliseconds), `reference` (characters), and shares in a thousand of
    /// `slow`, `late`, `closesAfter`, `closesBefore`, `faultsAfter`, `faultsBefore`, `errorsAfter`, `queryCloses`, `queryFaults`.
    /// Nil where something else stands there.
    package init?(_ text: String) {
        for part in text.split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
            guard pair.count == 2, let value = Int(pair[1]), value >= 0 else { return nil }
            switch pair[0] {
            case "seed": seed = UInt64(value)
            case "delay": delay = value
            case "stale": stale = value
            case "reference": referenceLength = value
            default:
                guard let act = Act(rawValue: pair[0]), value <= 1000 else { return nil }
                shares[act] = value
            }
        }
    }

    /// What happens to the request with this number, and for how many milliseconds it waits where it waits.
    func act(_ request: Int, isQuery: Bool) -> (act: Act?, delay: Int) {
        var random = SplitMix64(seed: seed, subject: .misbehaviour, index: request)
        let wait = delay - random.below(delay / 2 + 1)
        var roll = random.below(1000)
        for act in Act.allCases where (act == .queryCloses || act == .queryFaults) == isQuery {
            roll -= shares[act] ?? 0
            if roll < 0 { return (act, wait) }
        }
        return (nil, wait)
    }
}
