import Foundation
import HeatModel
import LegacyEstate
import Mapping
import SQLiteStore
import Setup
import Store
import Sync

/// The store of a generated company, synced through the shipped configuration: billing and customers.
struct EstateStore {
    let folder: String
    let accounts: Int
    let city: City
    let withDiscrepancies: Bool
    let configuration: HearthConfiguration

    static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path
    static let seed: UInt64 = 1

    var estate: Estate {
        Estate(
            EstateOptions(accounts: accounts, seed: Self.seed, city: city, plantDiscrepancies: withDiscrepancies))
    }
    private var isComplete: String { folder + "/complete" }

    init(_ parent: String, accounts: Int, city: City = .tianjin, withDiscrepancies: Bool = false) throws {
        folder = "\(parent)/estate-\(city)-\(accounts)\(withDiscrepancies ? "-discrepancies" : "")"
        self.accounts = accounts
        self.city = city
        self.withDiscrepancies = withDiscrepancies
        try FileManager.default.createDirectory(atPath: folder + "/drops", withIntermediateDirectories: true)
        let values = [
            "HEARTH_STORE": folder + "/hearth.db", "HEARTH_BILLING_DRIVER": "sqlite",
            "HEARTH_BILLING_PATH": folder + "/billing.sqlite", "HEARTH_CUSTOMER_DROPS": folder + "/drops",
        ]
        for (name, value) in values { setenv(name, value, 1) }
        configuration = try HearthConfiguration.load(path: Self.repository + "/Config/hearth.yaml")
    }

    /// Makes the systems and syncs them, unless that was done before.
    func make(_ tell: (String) -> Void) throws {
        let files = FileManager.default
        if files.fileExists(atPath: isComplete) { return }
        tell("making a company of \(accounts) accounts")
        for name in ["hearth.db", "hearth.db-wal", "hearth.db-shm", "billing.sqlite"] {
            try? files.removeItem(atPath: folder + "/" + name)
        }
        try estate.writeBilling(sqlite: folder + "/billing.sqlite")
        try estate.writeCustomer(dropFolder: folder + "/drops")
        tell("syncing it")
        let store = try SQLiteStore(path: configuration.storePath)
        let workspace = Workspace(
            configuration: configuration, mappings: try MappingSet.load(directory: configuration.mappings), store: store
        )
        let started = ContinuousClock.now
        let outcome = try workspace.sync(["customer", "billing"])
        if outcome.hasFailed { throw HearthError(.benchmarkFailed, "the company could not be synced") }
        tell("synced in \((ContinuousClock.now - started).seconds) s")
        for name in ["billing.sqlite"] { try? files.removeItem(atPath: folder + "/" + name) }
        try Data().write(to: URL(fileURLWithPath: isComplete))
    }
}
