import Billing
import Foundation
import HeatModel
import Mapping
import Reconciliation
import SQLiteStore
import Setup
import Store

/// All accounts and bills of the store with views, reconciled by the shipped rules, all outputs written.
enum Reconciling {
    static func measured(_ folder: BenchmarkFolder) throws -> Measurement {
        setenv("HEARTH_BENCHMARK_STORE", folder.viewsStore, 1)
        let configuration = try HearthConfiguration.load(path: folder.configuration)
        let mappings = try MappingSet.load(directory: configuration.mappings)
        let store = try SQLiteStore(path: folder.viewsStore)
        var rules = try RuleSet.load(path: shippedRules)
        // The made-up accounts stand five to a flat: that rule would find nothing but that.
        rules.rules.removeAll { $0.check == .sharedPlace }
        let book = try TariffBook.load(directory: rules.tariffs)
        let started = ContinuousClock.now
        let summary = try Reconciliation(mappings: mappings, rules: rules, book: book)
            .run(store, into: folder.path + "/reconciliation", .init())
        let elapsed = ContinuousClock.now - started
        guard summary.accounts == Int64(folder.rows / 5), summary.all.findings == 0 else {
            throw HearthError(
                .benchmarkFailed, "unexpected: \(summary.accounts) accounts, \(summary.all.findings) findings")
        }
        return Measurement(rows: Int64(folder.rows), bytes: try store.size(), seconds: elapsed.seconds)
    }

    private static let shippedRules = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Config/reconciliation.yaml").path
}
