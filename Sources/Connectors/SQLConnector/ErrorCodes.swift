import HeatModel

extension HearthError.Code {
    static let configBadConnection = Self("config.badConnection")
    static let configBadQuery = Self("config.badQuery")
    static let configLookback = Self("config.lookback")
    static let configUnknownDatabase = Self("config.unknownDatabase")
    static let configUnknownTable = Self("config.unknownTable")
    static let configWrites = Self("config.writes")
    static let recordCut = Self("record.cut")
    static let sourceBrokenData = Self("source.brokenData")
    static let sourceCharset = Self("source.charset")
    static let sourceConnectionLost = Self("source.connectionLost")
    static let sourcePaddedKeys = Self("source.paddedKeys")
    static let sourceQueryFailed = Self("source.queryFailed")
    static let sourceRefilled = Self("source.refilled")
    static let sourceRowSecurity = Self("source.rowSecurity")
    static let sourceStandbyConflict = Self("source.standbyConflict")
    static let sourceUndecodable = Self("source.undecodable")
}
