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
    /// - Parameters:
    ///   - maker: the command, where it is one that makes a store.
    ///   - patience: how long a server that takes writes is waited for.
    ///   - tell: is given a line for who waits for the program.
    /// - Throws: `store.missing` where there is none and the command makes none; `store.unfinishedCopy`; `ExitCode` where the program was
    ///   stopped while it waited.
    func openStore(
        madeBy maker: StoreMaker? = nil, patience: PrimaryPatience = .none, cacheMegabytes: Int = 64,
        tell: (String) -> Void = Terminal.complain
    ) throws -> any Store {
        let store: any Store
        if let postgres {
            let bounds = PostgresStore.Bounds(replica: .milliseconds(replicaWait), failover: .seconds(failoverWait))
            store = try patience.reach(within: bounds.failover, tell: tell) { [replicas] in
                try PostgresStore(
                    conninfo: postgres, replicas: replicas, mustExist: maker == nil, mayReadAlone: patience == .untilReadable,
                    bounds: bounds)
            }
        } else {
            store = try SQLiteStore(path: storePath, cacheMegabytes: cacheMegabytes, mustExist: maker == nil)
        }
        try StoreCopy.requireFinished(store)
        return store
    }

    /// The store, or nil where there is none yet.
    func storeIfAny() throws -> (any Store)? {
        do { return try openStore() } catch let error as HearthError where error.code == .storeMissing { return nil }
    }
}
