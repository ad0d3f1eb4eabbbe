package import HeatModel

extension HearthError.Code {
    package static let actionBadField = Self("action.badField")
    package static let actionChanged = Self("action.changed")
    package static let actionMissingField = Self("action.missingField")
    package static let actionNotSettled = Self("action.notSettled")
    package static let actionUnknownKind = Self("action.unknownKind")
    package static let actionUnknownSystem = Self("action.unknownSystem")
    static let actionPausedTooLong = Self("action.pausedTooLong")
    static let actionNoProof = Self("action.noProof")
    static let actionFileFailed = Self("action.fileFailed")
    static let configBadAction = Self("config.badAction")
}
