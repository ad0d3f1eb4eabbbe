import ConfigurationFiles
import Foundation
import HeatModel
import Logging
import Records
import ServiceLifecycle
package import Setup
import Store
package import Sync

/// Runs the syncs that the configuration schedules, inside the server, and counts and logs how they went.
package struct SyncService: Service, CustomStringConvertible {
    /// What a log may say of it: nothing of the configuration, which may hold secrets.
    package var description: String { "scheduled syncs" }

    private let schedule: SyncSchedule
    private let stop: StopSignal

    /// - Parameter stop: set when the server is to end; the workspace asks it whether to stop at the next batch.
    package init(workspace: Workspace, gateway: Gateway, stop: StopSignal) {
        self.stop = stop
        schedule = SyncSchedule(gateway.settings.schedules, zone: workspace.configuration.timeZone) { due in
            do {
                gateway.note(
                    try workspace.sync(
                        due.streams, mode: due.isFull ? .full : .incremental,
                        untold: {
                            gateway.logger.warning("\($0.message)", metadata: ["code": "\($0.code.name)"])
                        }))
            } catch {
                gateway.note(syncFailure: error)
            }
        }
    }

    package func run() async throws {
        await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown {
                await schedule.run()
                // Without a schedule the service still lives as long as the server. Only a cancellation ends the sleep early.
                while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
            }
        } onGracefulShutdown: {
            stop.set()
        }
    }
}

extension Gateway {
    fileprivate func note(_ outcome: SyncOutcome) {
        for report in outcome.reports {
            let stream = report.stream.description
            let counts = report.counts
            for (what, count) in [
                ("new", counts.new), ("changed", counts.changed), ("unchanged", counts.unchanged),
                ("duplicate", counts.duplicate), ("quarantined", counts.quarantined),
            ] {
                metrics.count("hearth_sync_records_total", [("stream", stream), ("result", what)], by: count)
            }
            if report.state != .success {
                metrics.count("hearth_sync_failures_total", [("stream", stream)])
                logger.error(
                    "a scheduled sync failed",
                    metadata: [
                        "stream": "\(stream)", "run": .stringConvertible(report.run.number),
                        "code": "\(report.error?.code.name ?? report.state.rawValue)",
                    ])
            }
        }
        logger.info(
            "a scheduled sync ended", metadata: ["runs": "\(outcome.reports.count)", "views": "\(outcome.views)"])
    }

    fileprivate func note(syncFailure error: any Error) {
        let error = (error as? ConfigurationErrors)?.errors.first ?? error
        let code = (error as? HearthError)?.code.name ?? "unknown"
        // The stream is being synced elsewhere just now: the next time will do.
        if code == "run.locked" {
            logger.info("a scheduled sync was passed over: the stream is being synced elsewhere")
        } else if code == HearthError.Code.storeCommitUnknown.name {
            logger.error("what became of a scheduled sync is not known", metadata: ["code": "\(code)"])
        } else {
            logger.error("a scheduled sync failed", metadata: ["code": "\(code)"])
        }
    }
}
