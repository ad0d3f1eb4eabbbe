import Foundation
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
        await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown {
                guard let runner else {
                    while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
                    return
                }
                await withTaskCancellationHandler {
                    await withCheckedContinuation { continuation in
                        // It blocks: on a thread of its own.
                        Thread.detachNewThread { [stop] in
                            runner.run { stop.isSet }
                            continuation.resume()
                        }
                    }
                } onCancel: {
                    stop.set()
                }
            }
        } onGracefulShutdown: {
            stop.set()
        }
    }
}
