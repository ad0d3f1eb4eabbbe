import AccountView
import HeatModel
import Store
import Synchronization

/// What does not change while a store is read again and again: the numbers of streams, the beginnings of runs, and how fresh the
/// streams were after the latest run that ended.
package final class SupportingDataCache: Sendable {
    private struct State {
        var streams: [StreamID: String] = [:]
        var starts: [RunID: Instant] = [:]
        var mark = ""
        var successes: [String: Instant] = [:]
        var latest: (mark: String, upTo: CivilDate, day: CivilDate?)?
    }

    private let state = Mutex(State())
    private static let mostRuns = 100_000

    package init() {}

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

    /// How many accounts are read for the latest day: in an active company, one of them has paid, been read or been billed lately.
    private static let mostRead = 64

    func latestDay(upTo day: CivilDate, _ store: any StoreReader) throws -> CivilDate? {
        let mark = try store.runMark()
        let known = state.withLock { $0.latest }
        if let known, known.mark == mark, known.upTo == day, !mark.isEmpty { return known.day }
        var latest: CivilDate?
        for account in try store.accounts(after: nil, limit: Self.mostRead, at: nil) {
            guard let view = try store.view(account.id) else { continue }
            let context = view.body.withUnsafeBytes { AccountContext(view: $0) }
            guard let own = context.latestDay(upTo: day) else { continue }
            latest = latest.map { max($0, own) } ?? own
        }
        state.withLock { $0.latest = (mark, day, latest) }
        return latest
    }
}
