import Foundation
import HeatModel
import Logging
import ServiceLifecycle
import Sync

/// Work that blocks, on a thread of its own, for as long as the server lives.
enum ServerWork {
    /// Ends no sooner than this service is asked to: whichever service is asked first sets `stop` for all of them, and one that ended by
    /// itself then would count as having failed.
    ///
    /// - Parameters:
    ///   - niceness: more than 0 where it goes through every account and nobody waits for it: lookups come first where the processor is short.
    ///   - work: looks at what it is given as often as it can. It may return at once, where there is nothing to do.
    static func run(
        until stop: StopSignal, niceness: Int32 = 0,
        _ work: @escaping @Sendable (_ isStopped: @escaping @Sendable () -> Bool) -> Void
    ) async {
        await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown {
                await withTaskCancellationHandler {
                    await withCheckedContinuation { continuation in
                        Thread.detach(named: "hearth work", niceness: niceness) {
                            work { stop.isSet }
                            continuation.resume()
                        }
                    }
                } onCancel: {
                    stop.set()
                }
                // Only a cancellation ends the sleep early.
                while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
            }
        } onGracefulShutdown: {
            stop.set()
        }
    }

    /// What a log says of an error of such work: its code and place, nothing of what it was about.
    static func log(_ error: any Error, of work: Logger.Message, to logger: Logger) {
        let error = error as? HearthError
        logger.error(
            work,
            metadata: ["code": "\(error?.code.name ?? "unknown")", "place": "\(error?.place?.description ?? "")"])
    }
}
