import HeatModel
import Store
import Synchronization

/// What does not change while a store is read again and again: the numbers of streams, the beginnings of runs, and how fresh the
/// streams were after the latest run that ended.
public final class SurroundingsMemory: Sendable {
    private struct State {
        var streams: [StreamID: String] = [:]
        var starts: [RunID: Instant] = [:]
        var mark = ""
        var successes: [String: Instant] = [:]
    }

    private let state = Mutex(State())
    private static let mostRuns = 100_000

    public init() {}

    func name(of stream: StreamID, _ store: any StoreReader) throws -> String? {
        if let known = state.withLock({ $0.streams[stream] }) { return known }
        let all = try store.streams()
        return state.withLock { state in
            for stream in all { state.streams[stream.id] = stream.name }
            return state.streams[stream]
        }
    }

    func start(of run: RunID, _ store: any StoreReader) throws -> Instant? {
        if let known = state.withLock({ $0.starts[run] }) { return known }
        guard let start = try store.run(run)?.startedAt else { return nil }
        state.withLock { state in
            if state.starts.count >= Self.mostRuns { state.starts.removeAll() }
            state.starts[run] = start
        }
        return start
    }

    func lastSuccess(_ store: any StoreReader) throws -> [String: Instant] {
        let mark = try store.runMark()
        if let known = state.withLock({ $0.mark == mark && !mark.isEmpty ? $0.successes : nil }) { return known }
        let successes = try store.lastSuccesses()
        state.withLock { state in
            state.mark = mark
            state.successes = successes
        }
        return successes
    }
}
