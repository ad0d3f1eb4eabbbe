package import HeatModel

extension HearthError.Code {
    static let auditBadEvent = Self("audit.badEvent")
    static let auditClosed = Self("audit.closed")
    package static let auditDamaged = Self("audit.damaged")
    package static let auditFailed = Self("audit.failed")
    package static let auditLocked = Self("audit.locked")
}
