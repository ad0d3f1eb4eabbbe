import HeatModel

extension HearthError.Code {
    static let readingsContradictory = Self("readings.contradictory")
    static let reconcileViewsBehind = Self("reconcile.viewsBehind")
    static let usageAlteredOutput = Self("usage.alteredOutput")
    static let usageBadOutput = Self("usage.badOutput")
    static let usageOutputTooLarge = Self("usage.outputTooLarge")
    static let usageUnknownOutput = Self("usage.unknownOutput")
    static let usageUnreadable = Self("usage.unreadable")
}
