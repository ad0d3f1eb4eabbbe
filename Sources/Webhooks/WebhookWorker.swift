package import Disclosure
import Foundation
package import HeatModel
package import Store
import Synchronization

/// Delivers events to those who subscribed, until it is stopped. Any number of workers may run on one store: each subscriber is one
/// worker's at a time.
package final class WebhookWorker: Sendable {
    /// Is told of each attempt before it is made: the subscriber, the account that it is about, what of it stands in clear. Where it throws,
    /// nothing is sent.
    package typealias Recorder = @Sendable (_ webhook: String, _ account: String?, PersonalFieldSet) throws -> Void

    package struct Options: Sendable {
        package var schedule = RetrySchedule.standard
        /// Attempts beside each other, for each subscriber.
        package var atOnce = 8
        /// Milliseconds between two looks at the store where nothing is to be done.
        package var pause = 50
        package var owner = LeaseOwner.current
        package var isAlive: @Sendable (LeaseOwner) -> Bool = { LeaseOwner.isAlive($0) }
        /// Seconds that a claim holds.
        package var leaseSeconds: Int64 = 60

        package init() {}
    }

    private let store: any Store
    private let endpoints: [WebhookEndpoint]
    private let options: Options
    private let local: @Sendable (Int64) -> Instant
    private let record: Recorder
    private let onError: @Sendable (any Error) -> Void

    /// - Parameters:
    ///   - local: a moment in microseconds since 1970 with the offset that the company's clock has then.
    ///   - onError: is told what the store throws, and why a subscriber gets nothing more.
    package init(
        _ endpoints: [WebhookEndpoint], store: any Store, options: Options = Options(),
        local: @escaping @Sendable (Int64) -> Instant, record: @escaping Recorder,
        onError: @escaping @Sendable (any Error) -> Void
    ) {
        self.endpoints = endpoints
        self.store = store
        self.options = options
        self.local = local
        self.record = record
        self.onError = onError
    }

    /// Works until `isStopped`, and then breaks off what is under way. Blocks its thread.
    package func run(isStopped: @escaping @Sendable () -> Bool) {
        let done = DispatchSemaphore(value: 0)
        for endpoint in endpoints {
            Thread.detachNewThread { [self] in
                let attempt = WebhookAttempt(endpoint: endpoint, local: local, record: record)
                WebhookRunner(attempt, store: store, options: options, isStopped: isStopped, onError: onError).run()
                done.signal()
            }
        }
        for _ in endpoints { done.wait() }
    }
}

/// What a subscriber's runner hands to the threads that send, and gets back.
final class WebhookSenders: Sendable {
    private struct State {
        var jobs: [StoredEvent] = []
        var results: [(StoredEvent, WebhookAttempt.Outcome)] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let work = DispatchSemaphore(value: 0)
    private let answered = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    private let count: Int

    init(
        _ count: Int,
        _ perform:
            @escaping @Sendable (_ events: () -> StoredEvent?, _ answer: (StoredEvent, WebhookAttempt.Outcome) -> Void)
            -> Void
    ) {
        self.count = count
        for _ in 0..<count {
            Thread.detachNewThread { [self] in
                perform({ self.take() }, { self.put($0, $1) })
                ended.signal()
            }
        }
    }

    /// Nil where there is nothing more to do. Waits.
    private func take() -> StoredEvent? {
        while true {
            work.wait()
            let (job, isClosed) = state.withLock { state in
                (state.jobs.isEmpty ? nil : state.jobs.removeFirst(), state.isClosed)
            }
            if let job { return job }
            if isClosed { return nil }
        }
    }

    private func put(_ event: StoredEvent, _ outcome: WebhookAttempt.Outcome) {
        state.withLock { $0.results.append((event, outcome)) }
        answered.signal()
    }

    func send(_ event: StoredEvent) {
        state.withLock { $0.jobs.append(event) }
        work.signal()
    }

    func results() -> [(StoredEvent, WebhookAttempt.Outcome)] {
        state.withLock { state in
            defer { state.results = [] }
            return state.results
        }
    }

    /// Until something has come back, or so many milliseconds.
    func wait(_ milliseconds: Int) { _ = answered.wait(timeout: .now() + .milliseconds(milliseconds)) }

    /// Ends the threads, and waits for them.
    func close() {
        state.withLock { $0.isClosed = true }
        for _ in 0..<count { work.signal() }
        for _ in 0..<count { ended.wait() }
    }
}
