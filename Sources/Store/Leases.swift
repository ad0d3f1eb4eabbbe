public import HeatModel

/// A process of a host that holds, or asks for, a stream.
public struct LeaseOwner: Hashable, Sendable {
    public var host: String
    public var process: Int32
    /// When the process started, as the system counts it: distinguishes a process from a later one of the same number.
    public var processStart: Int64

    public init(host: String, process: Int32, processStart: Int64) {
        self.host = host
        self.process = process
        self.processStart = processStart
    }
}

/// The right to run a stream. Two runs of one stream cannot overlap: each taking of a stream has a greater fencing number than
/// the one before it, and a commit under an older number is refused.
///
/// A lease expires ``seconds`` after it was last renewed, by the store's own clock. An expired lease may be taken by another
/// owner; while that has not happened its holder may go on.
public struct Lease: Hashable, Sendable {
    public var stream: StreamID
    /// The fencing number.
    public var fence: Int64

    public init(stream: StreamID, fence: Int64) {
        self.stream = stream
        self.fence = fence
    }

    /// From a renewal to the expiry.
    public static let seconds: Int64 = 60
}

public protocol LeaseReader {
    /// Whether the lease is the last one that was given of its stream and is still held. One keyed read.
    func holds(_ lease: Lease) throws -> Bool
}

public protocol LeaseWriter: LeaseReader {
    /// Takes the stream for its owner, with the next fencing number. A run of the stream without an end is marked interrupted.
    ///
    /// A holder loses the stream where `isAlive` says that it has ended, and where its lease has expired. A lease that expires later
    /// than a new one would was renewed before the store's clock went back, and counts as expired.
    ///
    /// - Throws: `run.locked` where another owner holds it.
    func takeLease(stream: StreamID, owner: LeaseOwner, isAlive: (LeaseOwner) -> Bool) throws -> Lease
    /// Has the lease expire ``Lease/seconds`` from now. One keyed write.
    ///
    /// - Throws: `run.fenced` where it is no longer held.
    func renewLease(_ lease: Lease) throws
    /// Gives the stream back; nothing happens where the lease is no longer held.
    func dropLease(_ lease: Lease) throws
    /// Finds runs whose owners ended without ending them, or whose leases have expired, takes their leases away and marks them
    /// interrupted at `instant`. To be called before a run begins: what they committed belongs to the past from then on.
    func expireOrphanedRuns(isAlive: (LeaseOwner) -> Bool, at instant: Instant) throws
}

extension LeaseReader {
    /// To be called in each transaction of a run: a holder that was paused while another took the stream commits nothing.
    ///
    /// - Throws: `run.fenced`.
    public func check(_ lease: Lease) throws {
        if try !holds(lease) { throw lease.fenced }
    }
}

extension Lease {
    /// The refusal of a lease that is no longer held.
    public var fenced: HearthError {
        HearthError(
            .runFenced, "another run has taken the stream over since this one last renewed its lease",
            at: .address("store"),
            advice: "nothing more of this run is committed; the run that took over, or the next one, goes on")
    }
}
