import HeatModel
import Synchronization

/// Notices when this machine's clock is put forward. That a request had no effect is believed once enough time has passed, and a clock that
/// jumps makes little time look long: for as long as that after a jump, what is not there proves nothing.
///
/// It sees jumps in the life of the process; one between two workers, and one before the first look, it does not see.
final class ClockWatch: Sendable {
    private struct State {
        /// Microseconds by which the clock is ahead of the time since the watch began.
        var ahead: Int64
        var jumped: ContinuousClock.Instant?
    }

    /// Microseconds: what lies between the reading of two clocks, and what a clock that is slewed gains unnoticed.
    private static let slack: Int64 = 2_000_000
    private let wall: @Sendable () -> Instant
    private let steady: @Sendable () -> ContinuousClock.Instant
    private let begin: ContinuousClock.Instant
    private let state: Mutex<State>

    init(
        wall: @escaping @Sendable () -> Instant = { .now },
        steady: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.wall = wall
        self.steady = steady
        begin = steady()
        state = Mutex(State(ahead: wall().microseconds, jumped: nil))
    }

    var now: Instant { wall() }

    /// Milliseconds since the watch began, whatever the clock says.
    var elapsed: Int64 { Self.microseconds(steady() - begin) / 1000 }

    /// To be called often: a jump counts from the look that finds it.
    func look() { _ = doubt(for: 0) }

    /// Milliseconds that are left of so many seconds after the last jump; 0 where there was none.
    func doubt(for seconds: Int64) -> Int64 {
        let moment = steady()
        let ahead = wall().microseconds - Self.microseconds(moment - begin)
        let jumped = state.withLock { state in
            if ahead > state.ahead + Self.slack { state.jumped = moment }
            // A clock that is put back, and then right again, has jumped too.
            if ahead < state.ahead || ahead > state.ahead + Self.slack { state.ahead = ahead }
            return state.jumped
        }
        guard let jumped else { return 0 }
        return max(0, seconds * 1000 - Self.microseconds(moment - jumped) / 1000)
    }

    private static func microseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
