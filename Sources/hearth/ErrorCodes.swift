import HeatModel

extension HearthError.Code {
    static let configNoActions = Self("config.noActions")
    static let configNoArchive = Self("config.noArchive")
    static let usageBadHead = Self("usage.badHead")
    static let usageExists = Self("usage.exists")
    static let usageFolderInUse = Self("usage.folderInUse")
    static let usageFolderNotWritable = Self("usage.folderNotWritable")
    static let usageKeyInUse = Self("usage.keyInUse")
    static let usageNoReason = Self("usage.noReason")
    static let usageNotWritable = Self("usage.notWritable")
    static let usageServerStore = Self("usage.serverStore")
    static let usageUnknownEntry = Self("usage.unknownEntry")
    static let usageUnknownSource = Self("usage.unknownSource")
    static let usageUnknownToken = Self("usage.unknownToken")
    static let usageUnknownWebhook = Self("usage.unknownWebhook")
}
