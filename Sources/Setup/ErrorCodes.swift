package import HeatModel

extension HearthError.Code {
    static let configMissingMapping = Self("config.missingMapping")
    static let configMissingSecret = Self("config.missingSecret")
    package static let usageUnknownStream = Self("usage.unknownStream")
}
