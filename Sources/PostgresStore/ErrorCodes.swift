import HeatModel

extension HearthError.Code {
    static let storeNoDatabase = Self("store.noDatabase")
    static let storeReadOnly = Self("store.readOnly")
    static let storeReplicationBroken = Self("store.replicationBroken")
    static let storeServerTooOld = Self("store.serverTooOld")
    static let storeUnauthorized = Self("store.unauthorized")
    static let storeWrongEncoding = Self("store.wrongEncoding")
}
