import Foundation
import HeatModel
import Mapping
import Records
import SQLiteStore
import Setup
import Store
import Sync

/// Bills from PostgreSQL into a store, as `hearth sync` does it.
enum Syncing {
    static func measured(_ benchmark: BenchmarkCase, _ folder: BenchmarkFolder) throws -> Measurement {
        let environment = ProcessInfo.processInfo.environment
        let path: String =
            switch benchmark {
            case .firstSync: environment["HEARTH_BENCHMARK_STORE"] ?? folder.recordsStore
            case .changedSync: folder.changedStore
            default: folder.viewsStore
            }
        let started = ContinuousClock.now
        let workspace = try workspace(folder, store: path)
        let outcome: SyncOutcome
        if benchmark == .firstSync {
            // Without views: the stream alone.
            let name = "billing.\(environment["HEARTH_BENCHMARK_STREAM"] ?? "charges")"
            var alone = SyncOutcome()
            for stream in try workspace.configuration.streams([name], mappings: workspace.mappings) {
                alone.reports.append(try workspace.engine.run(stream))
            }
            outcome = alone
        } else {
            outcome = try workspace.sync(["billing.charges"])
        }
        let elapsed = ContinuousClock.now - started
        try check(outcome, benchmark, folder, stream: environment["HEARTH_BENCHMARK_STREAM"] ?? "charges")
        if benchmark == .firstSyncWithViews || benchmark == .changedSync { report(outcome, elapsed) }
        return Measurement(
            rows: outcome.reports.reduce(0) { $0 + $1.counts.read },
            bytes: outcome.reports.reduce(0) { $0 + $1.pulledBytes },
            seconds: elapsed.seconds)
    }

    static func stream(_ name: String, _ folder: BenchmarkFolder) throws -> SyncStream {
        setenv("HEARTH_BENCHMARK_STORE", folder.recordsStore, 1)
        let configuration = try HearthConfiguration.load(path: folder.configuration)
        let mappings = try MappingSet.load(directory: configuration.mappings)
        guard let stream = try configuration.streams(["billing.\(name)"], mappings: mappings).first else {
            throw HearthError(.benchmarkFailed, "there is no stream billing.\(name)")
        }
        return stream
    }

    private static func workspace(_ folder: BenchmarkFolder, store path: String) throws -> Workspace {
        setenv("HEARTH_BENCHMARK_STORE", path, 1)
        let configuration = try HearthConfiguration.load(path: folder.configuration)
        return Workspace(
            configuration: configuration, mappings: try MappingSet.load(directory: configuration.mappings),
            store: try SQLiteStore(path: path))
    }

    /// A sync that did not do what the case is about must not be taken for a fast one.
    private static func check(
        _ outcome: SyncOutcome, _ benchmark: BenchmarkCase, _ folder: BenchmarkFolder, stream: String
    ) throws {
        for report in outcome.reports {
            if let error = report.error { throw error }
            let counts = report.counts
            let isExpected =
                switch benchmark {
                case .firstSync:
                    counts.new == Int64(stream == "charges" ? folder.rows : folder.rows / 5)
                        && counts.new == counts.read
                case .firstSyncWithViews: counts.new == Int64(folder.rows) && outcome.views == Int64(folder.rows / 5)
                case .repeatSync: counts.read == counts.unchanged && outcome.views == 0
                default: counts.changed == Int64(folder.rows / 1000) && outcome.views > 0
                }
            if !isExpected {
                throw HearthError(.benchmarkFailed, "unexpected: \(counts), \(outcome.views) views")
            }
        }
    }

    private static func report(_ outcome: SyncOutcome, _ elapsed: Duration) {
        let runs = outcome.reports.reduce(Duration.zero) { $0 + $1.elapsed }
        let text = "  records \(runs.seconds) s, \(outcome.views) views \((elapsed - runs).seconds) s\n"
        FileHandle.standardError.write(Data(text.utf8))
    }
}
