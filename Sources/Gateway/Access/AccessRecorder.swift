/// Keeps who looked at what. Append-only.
///
/// ``append(_:)`` returns once the entries are in the log's file, in the system's hands: they outlive the process, whatever
/// ends it. They are brought to the disk itself once a second (``sync()``) and when the program ends: a loss of power may
/// cost the entries of the last second, never the order or the wholeness of those before.
public protocol AccessRecorder: Sendable {
    /// Appends entries, each the inside of a JSON object, in one write.
    func append(_ entries: [[UInt8]]) throws
    func sync() throws
    /// Entries newest first, at most `limit`; of one account where that is given, and with a position below `before`.
    func entries(account: String?, before: Int64?, limit: Int) throws -> [RecordedAccess]
}

/// An entry with its position in the log.
public struct RecordedAccess: Sendable {
    public var position: Int64
    /// A JSON object.
    public var json: [UInt8]

    public init(position: Int64, json: [UInt8]) {
        self.position = position
        self.json = json
    }
}
