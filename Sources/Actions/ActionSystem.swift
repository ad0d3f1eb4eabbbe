import HeatModel

/// A legacy system that can be written, and how patiently.
package struct ActionSystem: Sendable {
    /// Name of the source.
    package let name: String
    let sink: any ActionSink
    /// What decides at the moment of sending; nil where everything that was accepted is sent.
    var gate: (any ActionGate)?
    /// By field: the system's own words for our codes.
    var codes: [ActionField: [String: String]] = [:]
    /// Seconds from the begin of a request after which its absence is believed: longer than its timeout and whatever the system itself
    /// may still take until it shows what it did.
    package var settle: Int64 = 120
    /// Tries that settle nothing until it is a dead letter.
    var attempts: Int64 = 8
    /// Milliseconds; the n-th wait is between a half and the whole of base × 2ⁿ, and never longer than the cap.
    var base: Int64 = 2000
    var cap: Int64 = 600_000
    /// Failures in a row after which the system is left in peace, and for how many milliseconds.
    var breakerFailures = 5
    var breakerRest: Int64 = 60_000

    package init(name: String, sink: any ActionSink) {
        self.name = name
        self.sink = sink
    }

    /// The same system for messages, under a name of its own; nil where it takes none.
    package func forMessages(named name: String) -> ActionSystem? {
        guard sink.kinds.contains(.sendMessage) else { return nil }
        var system = ActionSystem(name: name, sink: sink)
        (system.settle, system.attempts, system.base, system.cap) = (settle, attempts, base, cap)
        (system.breakerFailures, system.breakerRest) = (breakerFailures, breakerRest)
        return system
    }

    /// What a configuration says of it; nil for what it leaves as it is.
    struct Patience {
        var settle, attempts, base, cap, failures, rest: Int?
    }

    mutating func take(_ patience: Patience) {
        if let seconds = patience.settle { settle = Int64(seconds) }
        if let count = patience.attempts { attempts = Int64(count) }
        if let milliseconds = patience.base { base = Int64(milliseconds) }
        if let seconds = patience.cap { cap = Int64(seconds) * 1000 }
        if let count = patience.failures { breakerFailures = count }
        if let seconds = patience.rest { breakerRest = Int64(seconds) * 1000 }
    }

    package var kinds: Set<ActionKind> { sink.kinds }

    /// How long a claim lasts: asking twice and sending once, and some.
    var leaseSeconds: Int64 { Int64(sink.longestCall) * 3 + 30 }

    /// The values of a request in the system's words.
    ///
    /// - Throws: `action.badField` where the system has no word for one.
    func words(_ request: ActionRequest) throws(HearthError) -> [String: String] {
        var words: [String: String] = [:]
        for (field, value) in request.values {
            guard let known = codes[field] else {
                words[field.rawValue] = value
                continue
            }
            guard let word = known[value] else {
                throw HearthError(
                    .actionBadField, "the system \(name) has no word for this \(field.rawValue)",
                    at: .address(field.rawValue),
                    advice: "use one of \(known.keys.sorted().joined(separator: ", "))")
            }
            words[field.rawValue] = word
        }
        return words
    }

    /// Milliseconds until the next try.
    func wait(afterTries tries: Int64, using random: inout some RandomNumberGenerator) -> Int64 {
        let (doubled, overflows) = base.multipliedReportingOverflow(by: 1 << min(tries, 30))
        let most = max(1, overflows ? cap : min(cap, doubled))
        return Int64.random(in: (most + 1) / 2...most, using: &random)
    }
}
