package import HeatModel

extension HearthError.Code {
    package static let storeForeign = Self("store.foreign")
    package static let storeFull = Self("store.full")
    package static let storeMissing = Self("store.missing")
    package static let storeNotReadable = Self("store.notReadable")
    package static let storeNotWritable = Self("store.notWritable")
    package static let storeTooNew = Self("store.tooNew")
    static let usageRunNotEnded = Self("usage.runNotEnded")
    static let usageUnknownRun = Self("usage.unknownRun")
}
