import HeatModel

extension HearthError.Code {
    static let configNoOperation = Self("config.noOperation")
    static let configNoService = Self("config.noService")
    static let sourceDescriptionBounds = Self("source.descriptionBounds")
    static let sourceDescriptionDTD = Self("source.descriptionDTD")
    static let sourceDescriptionMalformed = Self("source.descriptionMalformed")
    static let sourceDescriptionMissing = Self("source.descriptionMissing")
    static let sourceNotADescription = Self("source.notADescription")
    static let sourceNothingFound = Self("source.nothingFound")
    static let usageUnknownAddress = Self("usage.unknownAddress")
}
