import HeatModel

extension HearthError.Code {
    static let configBadRange = Self("config.badRange")
    static let configPositionalKey = Self("config.positionalKey")
    static let configRenamedField = Self("config.renamedField")
    static let configUnknownCode = Self("config.unknownCode")
    static let configUnknownConversion = Self("config.unknownConversion")
    static let configUnknownEntity = Self("config.unknownEntity")
    static let configUnknownField = Self("config.unknownField")
    static let configUnknownZone = Self("config.unknownZone")
    static let configUnsuitedConversion = Self("config.unsuitedConversion")
    static let recordOtherColumns = Self("record.otherColumns")
}
