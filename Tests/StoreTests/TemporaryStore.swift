import Foundation
import SQLiteStore
import StoreSQL

/// A folder of its own, removed with the last reference to it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("hearth-store-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var database: String { path + "/hearth.db" }

    /// A new store in a file of its own.
    func store(clock: @escaping StoreClock = SQLiteStore.systemClock) throws -> SQLiteStore {
        try SQLiteStore(path: "\(path)/\(UUID().uuidString).db", cacheMegabytes: 1, clock: clock)
    }
}
