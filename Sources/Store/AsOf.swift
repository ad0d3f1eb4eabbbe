public import HeatModel

/// The moment that a question is about.
///
/// A run's changes count from the moment it ended, all at once: *as of* an instant is what the runs that had ended by then left
/// behind. What a run had committed that was still at work then, or that was cut off and not yet found to be so, belongs to a later
/// moment. A failed or cancelled run counts like any other: what it committed stands. The *present* is the last commit,
/// whoever made it.
public enum AsOf: Hashable, Sendable {
    case present
    /// When this run had ended.
    case run(RunID)
    case instant(Instant)

    /// Reads what a person types: `now`, a run (`12`, `run 12`), or an RFC 3339 instant with its offset
    /// (`2026-01-31T18:00:00+08:00`).
    ///
    /// - Throws: `usage.badAsOf`.
    public init(argument: String) throws(HearthError) {
        let text = argument.split(separator: " ").joined(separator: " ")
        if text == "now" {
            self = .present
        } else if let number = Int64(text.hasPrefix("run ") ? String(text.dropFirst(4)) : text), number > 0 {
            self = .run(RunID(number))
        } else if let instant = Instant(text) {
            self = .instant(instant)
        } else {
            throw HearthError(
                .usageBadAsOf, "neither a run nor an instant with its offset",
                advice: "write 2026-01-31T18:00:00+08:00, or a run's number as \(.runs) shows it")
        }
    }
}

extension AsOf: CustomStringConvertible {
    public var description: String {
        switch self {
        case .present: "now"
        case .run(let run): "run \(run)"
        case .instant(let instant): instant.description
        }
    }
}

/// A moment of the store's past: microseconds since 1970 in UTC. Runs end at different moments, also where the clock stood
/// still or went back meanwhile.
public struct Moment: Hashable, Sendable, Comparable {
    public var microseconds: Int64
    public init(microseconds: Int64) { self.microseconds = microseconds }
    public static func < (left: Moment, right: Moment) -> Bool { left.microseconds < right.microseconds }
}

/// The store's past. What has ended does not change: two reads as of one moment give the same, whatever was committed between.
public protocol PastReader {
    /// The moment that is meant; nil for the present.
    ///
    /// - Throws: `usage.unknownRun`, or `usage.runNotEnded` where the run is still at work or was cut off and no run has begun since.
    func moment(of asOf: AsOf) throws -> Moment?
    /// Whether the run had ended by then.
    func hasEnded(_ run: RunID, by moment: Moment) throws -> Bool
    /// The account, where it was known by then.
    func account(number: UnsafeRawBufferPointer, at moment: Moment) throws -> AccountID?
    /// Accounts known by then (or now) with a number after the one named in byte order, in that order, at most `limit`.
    func accounts(after number: [UInt8]?, limit: Int, at moment: Moment?) throws -> [(id: AccountID, number: String)]
    /// The stored view where it is known that nothing of the account has changed since; nil says nothing.
    func unchangedView(number: UnsafeRawBufferPointer, since moment: Moment) throws -> StoredView?
    /// Not voided records of an account as of then, by stream and key, without copying.
    func forEachRecord(of account: AccountID, at moment: Moment, _ body: (RecordSlice) -> Void) throws
    /// Records of an account as of then, voided ones too, by stream and key.
    func records(of account: AccountID, at moment: Moment) throws -> [StoredRecord]
    /// Not voided records of a stream as of then, with their accounts, in the order of their keys. The buffers live as long as the callback.
    func forEachRecord(in stream: StreamID, at moment: Moment, _ body: (AccountID?, RecordSlice) throws -> Void) throws
    /// Every version that has ended of every record, while it was the account's: by stream and key, oldest first.
    func history(of account: AccountID) throws -> [StoredRecord]
}
