import HeatModel

extension HearthError.Code {
    static let storeReadOnly = Self("store.readOnly")
    static let storeReplica = Self("store.replica")
    static let storeReplicationBroken = Self("store.replicationBroken")
    static let storeServerTooOld = Self("store.serverTooOld")
    static let storeUnauthorized = Self("store.unauthorized")
    static let storeUnreachable = Self("store.unreachable")
    static let storeWrongEncoding = Self("store.wrongEncoding")
}
