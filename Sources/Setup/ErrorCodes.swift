package import HeatModel

extension HearthError.Code {
    package static let configChangedMeanwhile = Self("config.changedMeanwhile")
    static let configMissingMapping = Self("config.missingMapping")
    static let configMissingSecret = Self("config.missingSecret")
    package static let configNotWritten = Self("config.notWritten")
    package static let usageUnknownStream = Self("usage.unknownStream")
}
