/// Leaves a system in peace that fails again and again: closed, it lets everything through; open, nothing until it has rested; then
/// one try, which closes or opens it.
///
/// A value without a clock: times are milliseconds of the caller's.
struct Breaker: Sendable {
    enum State: Equatable, Sendable {
        case closed(failures: Int)
        case open(until: Int64)
        /// One is under way.
        case trying
    }

    let failures: Int
    let rest: Int64
    private(set) var state = State.closed(failures: 0)

    init(failures: Int, rest: Int64) {
        self.failures = failures
        self.rest = rest
    }

    /// Whether work may begin.
    func allows(at now: Int64) -> Bool {
        switch state {
        case .closed: true
        case .open(let until): now >= until
        case .trying: false
        }
    }

    mutating func begin() { if case .open = state { state = .trying } }

    /// - Parameter isFailure: nil where the system was not asked.
    mutating func end(isFailure: Bool?, at now: Int64) {
        guard let isFailure else {
            if state == .trying { state = .open(until: now) }
            return
        }
        guard isFailure else {
            state = .closed(failures: 0)
            return
        }
        switch state {
        case .closed(let count) where count + 1 < failures: state = .closed(failures: count + 1)
        case .closed, .trying: state = .open(until: now + rest)
        // Others that were under way when it opened.
        case .open: break
        }
    }
}
