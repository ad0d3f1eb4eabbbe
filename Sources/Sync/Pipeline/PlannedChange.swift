/// What a planned run would do to one record.
package struct PlannedChange {
    package enum Kind: String, Sendable {
        case new, changed, vanished
        /// The record goes to quarantine: its row no longer says whose it is.
        case unlinked
    }
    package var kind: Kind
    package var key: [UInt8]
    package var before: [UInt8]?
    package var after: [UInt8]?
}
