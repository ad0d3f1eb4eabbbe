package import Actions
package import Logging
import ServiceLifecycle
package import Sync

/// Sends what is in the outbox, inside the server, until it ends.
package struct ActionService: Service, CustomStringConvertible {
    /// What a log may say of it: nothing of the configuration, which may hold secrets.
    package var description: String { "actions" }

    private let worker: ActionWorker?
    private let stop: StopSignal

    /// - Parameters:
    ///   - metrics: say which system is left in peace.
    ///   - outbox: without a system that can be written nothing is done.
    ///   - stop: set when the server is to end.
    package init(_ outbox: Outbox, logger: Logger, metrics: GatewayMetrics = .shared, stop: StopSignal) {
        self.stop = stop
        worker =
            outbox.systems.isEmpty
            ? nil
            : ActionWorker(
                outbox,
                onError: { ServerWork.log($0, of: "actions", to: logger) },
                onBreaker: { metrics.set("hearth_action_breaker_open", [("system", $0)], $1 ? 1 : 0) })
    }

    package func run() async throws {
        await ServerWork.run(until: stop) { [worker] isStopped in _ = worker?.run(isStopped: isStopped) }
    }
}
