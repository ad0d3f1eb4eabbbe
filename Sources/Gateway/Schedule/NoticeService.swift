package import Logging
package import Notices
import ServiceLifecycle
package import Sync

/// Tells customers what is due, inside the server, until it ends.
package struct NoticeService: Service, CustomStringConvertible {
    /// What a log may say of it: nothing of the configuration, which may hold secrets.
    package var description: String { "notices" }

    private let runner: NoticeRunner?
    private let stop: StopSignal

    /// - Parameters:
    ///   - desk: nil where there are no rules: nothing is done then.
    ///   - stop: set when the server is to end.
    ///   - metrics: say which channel is left in peace.
    package init(_ desk: NoticeDesk?, logger: Logger, metrics: GatewayMetrics = .shared, stop: StopSignal) {
        self.stop = stop
        runner = desk.map { desk in
            NoticeRunner(
                desk,
                onError: { ServerWork.log($0, of: "notices", to: logger) },
                onBreaker: { metrics.set("hearth_action_breaker_open", [("system", $0)], $1 ? 1 : 0) })
        }
    }

    package func run() async throws {
        await ServerWork.run(until: stop, niceness: 10) { [runner] isStopped in runner?.run(isStopped: isStopped) }
    }
}
