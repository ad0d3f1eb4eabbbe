public import HeatModel

/// What became of the wish to have the rows of one account read again, of one stream.
public struct AccountReading: Sendable, Hashable {
    public enum Outcome: Sendable, Hashable {
        /// What is held of the account is what the system had when the run began.
        case read(RunID, at: Instant)
        /// What is held stays: why, as an error's code, and when the whole stream was last read with success.
        case held(reason: String, since: Instant?)
    }

    /// `billing.charges`.
    public var stream: String
    public var outcome: Outcome

    public init(stream: String, outcome: Outcome) {
        self.stream = stream
        self.outcome = outcome
    }
}
