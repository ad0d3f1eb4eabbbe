import HeatModel

extension HearthError.Code {
    static let storeCopyDiffers = Self("store.copyDiffers")
    static let storeNotEmpty = Self("store.notEmpty")
    static let storeUnfinishedCopy = Self("store.unfinishedCopy")
}
