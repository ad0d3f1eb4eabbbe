import Foundation
import HeatModel
import PostgresStore
import SQLiteStore
import Setup
import Store
import StoreCopy

extension HearthConfiguration {
    /// The store that the configuration names, made where there is none.
    func openStore(cacheMegabytes: Int = 64) throws -> any Store {
        let store: any Store =
            try postgres.map { try PostgresStore(conninfo: $0) }
            ?? SQLiteStore(path: storePath, cacheMegabytes: cacheMegabytes)
        if try store.read({ try $0.setting(.unfinishedCopy) }) != nil {
            throw HearthError(
                .storeUnfinishedCopy, "the store is a copy that was not brought to its end", at: .address("store"),
                advice: "give the same hearth store copy again: it goes on where it stopped")
        }
        return store
    }

    /// - Throws: `store.missing`.
    func requireStore() throws {
        var place = Place.file(storePath, line: 0, column: 0)
        if let postgres {
            if try PostgresStore.isThere(conninfo: postgres) { return }
            place = .address("store")
        } else if FileManager.default.fileExists(atPath: storePath) {
            return
        }
        throw HearthError(
            .storeMissing, "there is no store", at: place,
            advice: "hearth sync makes it; if there was one, look at `store:` in the configuration")
    }
}
