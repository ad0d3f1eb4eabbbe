import HeatModel
import Logging
import Store
import Sync

/// A sync in the program's log, for who reads lines by machine: each stream's begin, its end with the run's number and books, and what was
/// left.
struct SyncLog {
    private let logger: Logger

    init(_ logger: Logger) { self.logger = logger }

    func note(_ event: SyncEvent) {
        switch event {
        case .began(let stream): logger.info("a run begins", metadata: ["stream": "\(stream)"])
        case .ended(let report):
            var metadata: Logger.Metadata = [
                "stream": "\(report.stream)", "run": .stringConvertible(report.run.number), "mode": "\(report.mode)",
                "state": "\(report.state.rawValue)",
                "milliseconds": .stringConvertible(Int64(report.elapsed / .milliseconds(1))),
            ]
            let counts = report.counts
            for (name, count) in [
                ("read", counts.read), ("new", counts.new), ("changed", counts.changed),
                ("unchanged", counts.unchanged), ("duplicate", counts.duplicate),
                ("quarantined", counts.quarantined), ("vanished", counts.vanished),
            ] { metadata[name] = .stringConvertible(count) }
            guard let error = report.error else { return logger.info("a run ended", metadata: metadata) }
            metadata["code"] = "\(error.code.name)"
            logger.error("a run did not end well", metadata: metadata)
        case .progress, .views: break
        }
    }

    func note(untold: HearthError) { logger.warning("\(untold.message)", metadata: ["code": "\(untold.code.name)"]) }

    func note(_ outcome: SyncOutcome) {
        for stream in outcome.unread { logger.warning("a stream is read no longer", metadata: ["stream": "\(stream)"]) }
        logger.info(
            "the sync ended",
            metadata: [
                "runs": .stringConvertible(outcome.reports.count), "views": .stringConvertible(outcome.views),
                "quarantined": .stringConvertible(outcome.quarantined), "stopped": "\(outcome.isCancelled)",
            ])
    }
}
