public import HeatModel

extension HearthError.Code {
    static let auditBadEvent = Self("audit.badEvent")
    static let auditClosed = Self("audit.closed")
    public static let auditDamaged = Self("audit.damaged")
    public static let auditFailed = Self("audit.failed")
    public static let auditLocked = Self("audit.locked")
}
