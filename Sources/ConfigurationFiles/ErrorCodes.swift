package import HeatModel

extension HearthError.Code {
    package static let configDuplicateKey = Self("config.duplicateKey")
    package static let configMissingKey = Self("config.missingKey")
    package static let configSyntax = Self("config.syntax")
    package static let configUnknownKey = Self("config.unknownKey")
}
