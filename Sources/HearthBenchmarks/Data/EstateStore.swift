import Foundation
import HeatModel
import LegacyEstate
import Mapping
import SQLiteStore
import Setup
import Store
import Sync

/// The store of a generated company, synced through the shipped configuration: billing and customers, and dispatch where it is wanted.
struct EstateStore {
    let folder: String
    let accounts: Int
    let city: City
    let withDiscrepancies: Bool
    let withDispatch: Bool
    let configuration: HearthConfiguration

    static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path
    static let seed: UInt64 = 1

    var estate: Estate {
        Estate(
            EstateOptions(accounts: accounts, seed: Self.seed, city: city, plantDiscrepancies: withDiscrepancies))
    }
    private var isComplete: String { folder + "/complete" }

    init(
        _ parent: String, accounts: Int, city: City = .tianjin, withDiscrepancies: Bool = false,
        withDispatch: Bool = false
    ) throws {
        let more = (withDiscrepancies ? "-discrepancies" : "") + (withDispatch ? "-dispatch" : "")
        folder = "\(parent)/estate-\(city)-\(accounts)\(more)"
        self.accounts = accounts
        self.city = city
        self.withDiscrepancies = withDiscrepancies
        self.withDispatch = withDispatch
        try FileManager.default.createDirectory(atPath: folder + "/drops", withIntermediateDirectories: true)
        let values = [
            "HEARTH_STORE": folder + "/hearth.db", "HEARTH_BILLING_DRIVER": "sqlite",
            "HEARTH_BILLING_PATH": folder + "/billing.sqlite", "HEARTH_CUSTOMER_DROPS": folder + "/drops",
            "HEARTH_ARCHIVE": folder + "/archive", "HEARTH_DISPATCH_PASSWORD": Estate.dispatchPassword,
        ]
        for (name, value) in values { setenv(name, value, 1) }
        configuration = try Self.load()
    }

    private static func load() throws -> HearthConfiguration {
        try HearthConfiguration.load(path: repository + "/Config/hearth.yaml")
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
        let dispatch = withDispatch ? estate.dispatchService() : nil
        if let dispatch { setenv("HEARTH_DISPATCH_URL", try dispatch.startAndWait(), 1) }
        defer { dispatch?.stopAndWait() }
        // The service has an address of its own each time.
        let configuration = try Self.load()
        let workspace = Workspace(
            configuration: configuration, mappings: try MappingSet.load(directory: configuration.mappings), store: store
        )
        let started = ContinuousClock.now
        let outcome = try workspace.sync(["customer", "billing"] + (withDispatch ? ["dispatch"] : []))
        if outcome.hasFailed { throw HearthError(.benchmarkFailed, "the company could not be synced") }
        tell("synced in \((ContinuousClock.now - started).seconds) s")
        for name in ["billing.sqlite", "archive"] { try? files.removeItem(atPath: folder + "/" + name) }
        try Data().write(to: URL(fileURLWithPath: isComplete))
    }

    /// Brings the store's pages into the system's memory, where that is large enough.
    func readThrough() throws {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: configuration.storePath))
        while let block = try file.read(upToCount: 8 << 20), !block.isEmpty {}
        try file.close()
    }
}
