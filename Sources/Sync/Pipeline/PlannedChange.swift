/// What a planned run would do to one record.
public struct PlannedChange {
    public enum Kind: String, Sendable {
        case new, changed, vanished
        /// The record goes to quarantine: its row no longer says whose it is.
        case unlinked
    }
    public var kind: Kind
    public var key: [UInt8]
    public var before: [UInt8]?
    public var after: [UInt8]?
}
