import HeatModel
import PostgresStore
import SQLiteStore
import Setup
import Store
import StoreCopy
import StoreSQL

/// The commands that make a store where there is none: what they bring is worth keeping by itself. Every other command reads what is
/// there or changes it, and refuses a path or a database where there is nothing: an empty store would answer for one that is elsewhere.
enum StoreMaker {
    case sync, demo, serve, createToken, submitAction
}

extension HearthConfiguration {
    /// The store that the configuration names.
    ///
    /// - Parameter maker: the command, where it is one that makes a store.
    /// - Throws: `store.missing` where there is none and the command makes none; `store.unfinishedCopy`.
    func openStore(madeBy maker: StoreMaker? = nil, cacheMegabytes: Int = 64) throws -> any Store {
        let store: any Store =
            try postgres.map {
                try PostgresStore(
                    conninfo: $0, replicas: replicas, mustExist: maker == nil,
                    bounds: .init(replica: .milliseconds(replicaWait), failover: .seconds(failoverWait)))
            }
            ?? SQLiteStore(path: storePath, cacheMegabytes: cacheMegabytes, mustExist: maker == nil)
        try StoreCopy.requireFinished(store)
        return store
    }

    /// The store, or nil where there is none yet.
    func storeIfAny() throws -> (any Store)? {
        do { return try openStore() } catch let error as HearthError where error.code == .storeMissing { return nil }
    }
}
