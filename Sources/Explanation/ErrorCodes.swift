package import HeatModel

extension HearthError.Code {
    static let configRenamedKey = Self("config.renamedKey")
    static let explanationTooManyFactors = Self("explanation.tooManyFactors")
    static let peersNoArea = Self("peers.noArea")
    static let peersNoHeat = Self("peers.noHeat")
    static let peersOtherUnit = Self("peers.otherUnit")
    package static let usageUnknownAccount = Self("usage.unknownAccount")
}
