public import HeatModel

/// A state of a store that lies on several servers. What a caller has seen or written has one; an answer to that caller rests on no
/// earlier one.
public struct StoreState: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Number of the last transaction that wrote. A write and all that it changed come with one number, on every server.
    public var commit: Int64
    /// The last run that had ended.
    public var run: RunID?

    public init(commit: Int64, run: RunID? = nil) {
        self.commit = commit
        self.run = run
    }

    public static func < (left: StoreState, right: StoreState) -> Bool { left.commit < right.commit }
    public static func == (left: StoreState, right: StoreState) -> Bool { left.commit == right.commit }
    public func hash(into hasher: inout Hasher) { hasher.combine(commit) }

    public var description: String { "commit=\(commit)" + (run.map { ", run=\($0.number)" } ?? "") }

    /// Reads what ``description`` writes: a list of names with numbers, of which only `commit` must be there.
    public init?(_ text: String) {
        var commit: Int64?
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pair = part.split(separator: "=", omittingEmptySubsequences: false)
            guard pair.count == 2, let value = Int64(pair[1].trimmed), value >= 0 else { return nil }
            switch pair[0].trimmed {
            case "commit":
                if commit != nil { return nil }
                commit = value
            case "run": run = RunID(value)
            default: continue
            }
        }
        guard let commit else { return nil }
        self.commit = commit
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = self
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}

/// Which of a store's servers is asked.
public enum StoreServer: Sendable {
    /// The one that takes writes: it has all that was ever acknowledged.
    case primary
    /// A replica, where the store has any; it may be a little behind.
    case replica
}

/// A store of one server that takes writes and others that follow it.
public protocol ReplicatedStore: Store {
    /// The state after what this process wrote last.
    var written: StoreState { get }

    /// Runs `body` on one consistent snapshot, and tells its state.
    ///
    /// A replica that has not got so far as `state` is waited for within a bound; then, and where no replica answers, the primary is asked.
    ///
    /// - Parameter wait: of a caller who comes again by itself; nil waits here, on the present thread.
    /// - Throws: `store.behind` where no server has come so far; of a caller who comes again: not yet.
    func read<Result>(
        at server: StoreServer, notBefore state: StoreState?, wait: StoreWait?,
        _ body: (any StoreReader, StoreState) throws -> Result
    ) throws -> Result

    /// How long a state that no server has is waited for.
    var patience: Duration { get }

    /// Such a reader does not wait: what its snapshot is too old for is asked elsewhere.
    func makeSnapshotReader(at server: StoreServer) throws -> any StateReader

    /// Makes the keyed reads of one event loop.
    ///
    /// - Parameter run: has the loop run something.
    func makeViewPipeline(
        at server: StoreServer, on run: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
    ) throws -> any ViewPipeline

    /// What is wrong with the servers now, and what to do; nothing where all is well. The first is the primary's.
    func troubles() -> [HearthError]

    /// Whether the server that takes writes has been found since the store was opened. Until then a replica is read, and writes wait.
    var hasFoundPrimary: Bool { get }

    /// Looks for the server that takes writes, and brings its tables up to date.
    ///
    /// - Throws: why there is none, or why it cannot be worked with.
    func findPrimary() throws
}

extension HearthError {
    /// Whether it is what a failover looks like from here: the server that takes writes is gone, and no other has taken over yet.
    public var isOfFailover: Bool { [.storeDisconnected, .storeReplica, .storeUnreachable].contains(code) }
}

extension Store {
    /// Reads what a program needs to begin: of the server that takes writes, and where there is none of one that follows it.
    public func readOfAny<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result {
        guard let servers = self as? any ReplicatedStore else { return try read(body) }
        do { return try read(body) } catch let error as HearthError where error.isOfFailover {
            return try servers.read(at: .replica, notBefore: nil) { reader, _ in try body(reader) }
        }
    }
}

/// A caller who waits for a state without holding a thread: it asks, and comes again.
public struct StoreWait: Sendable {
    public var since: ContinuousClock.Instant
    /// Whether it asks for the first time.
    public var isFirst: Bool

    public init(since: ContinuousClock.Instant, isFirst: Bool) {
        self.since = since
        self.isFirst = isFirst
    }
}

extension ReplicatedStore {
    /// Waits on the present thread.
    public func read<Result>(
        at server: StoreServer, notBefore state: StoreState?, _ body: (any StoreReader, StoreState) throws -> Result
    ) throws -> Result {
        try read(at: server, notBefore: state, wait: nil, body)
    }
}

/// Reads of views that an event loop has under way, many at once, without waiting for any of them. Of one loop: everything is called on
/// it, and calls back on it.
public protocol ViewPipeline: AnyObject {
    /// Asks for the stored view of an account, to be sent with ``flush()``.
    ///
    /// - Parameter then: is called once; with nil where this reader has no answer, so that it is to be asked for in another way.
    func ask(number: [UInt8], then: @escaping (ViewAnswer?) -> Void)
    /// Sends what was asked for, together.
    func flush()
}

/// A view and the state that it belongs to. What it points to lives as long as the call that hands it out.
public struct ViewAnswer {
    public var state: StoreState
    /// Nil where there is no such account, or no view of it.
    public var view: ViewSlice?

    public init(state: StoreState, view: ViewSlice?) {
        self.state = state
        self.view = view
    }
}

/// A reader that tells the state of its snapshot.
public protocol StateReader: SnapshotReader {
    /// Of the snapshot that has begun.
    var state: StoreState { get }
}
