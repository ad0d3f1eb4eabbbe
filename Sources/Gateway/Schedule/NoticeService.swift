import HeatModel
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
    package init(_ desk: NoticeDesk?, logger: Logger, stop: StopSignal) {
        self.stop = stop
        runner = desk.map { desk in
            NoticeRunner(desk) { error in
                let error = error as? HearthError
                logger.error(
                    "notices",
                    metadata: [
                        "code": "\(error?.code.name ?? "unknown")", "place": "\(error?.place?.description ?? "")",
                    ])
            }
        }
    }

    package func run() async throws {
        await ServerWork.run(until: stop) { [runner] isStopped in runner?.run(isStopped: isStopped) }
    }
}
