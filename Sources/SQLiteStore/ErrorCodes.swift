import HeatModel

extension HearthError.Code {
    static let storeForeign = Self("store.foreign")
    static let storeFull = Self("store.full")
    static let storeNotReadable = Self("store.notReadable")
    static let storeNotWritable = Self("store.notWritable")
    static let storeTooNew = Self("store.tooNew")
    static let usageRunNotEnded = Self("usage.runNotEnded")
    static let usageUnknownRun = Self("usage.unknownRun")
}
