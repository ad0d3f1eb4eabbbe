public import HeatModel

extension HearthError.Code {
    public static let configDuplicateKey = Self("config.duplicateKey")
    public static let configMissingKey = Self("config.missingKey")
    static let configSyntax = Self("config.syntax")
    public static let configUnknownKey = Self("config.unknownKey")
}
