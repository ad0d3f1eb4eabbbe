/// Where a canonical record came from, down to the source row.
public struct Provenance: Hashable, Sendable, Codable {
    /// Configured name of the legacy system: `billing`.
    public var source: String
    /// Stream of that system: `charges`.
    public var stream: String
    /// The record's key in the stream; the parts of a key of several columns are joined by U+001F.
    public var key: String
    /// The file, envelope, table or query that the record was read from.
    public var origin: String
    /// SHA-256 of the origin's bytes in lower-case hex, where the origin has bytes of its own.
    public var originDigest: String?
    /// Line of the file (from 1), number of the record in its envelope (from 1), or number of the row in the pull (from 1).
    public var ordinal: Int64
    /// The run that committed this version of the record.
    public var run: Int64
    /// SHA-256 of the mapping file that was in force, lower-case hex.
    public var mappingVersion: String

    public init(
        source: String, stream: String, key: String, origin: String, originDigest: String?, ordinal: Int64, run: Int64,
        mappingVersion: String
    ) {
        self.source = source
        self.stream = stream
        self.key = key
        self.origin = origin
        self.originDigest = originDigest
        self.ordinal = ordinal
        self.run = run
        self.mappingVersion = mappingVersion
    }
}
