import HeatModel

extension HearthError.Code {
    static let matchAmbiguousId = Self("match.ambiguousId")
    static let matchAmbiguousPlace = Self("match.ambiguousPlace")
    static let matchConflict = Self("match.conflict")
    static let matchNotStated = Self("match.notStated")
    static let matchUnknownAccount = Self("match.unknownAccount")
    static let matchUnknownId = Self("match.unknownId")
    static let matchUnknownPlace = Self("match.unknownPlace")
}
