import HeatModel

extension HearthError.Code {
    static let readingsContradictory = Self("readings.contradictory")
    static let reconcileViewsBehind = Self("reconcile.viewsBehind")
    static let usageBadOutput = Self("usage.badOutput")
    static let usageUnreadable = Self("usage.unreadable")
}
