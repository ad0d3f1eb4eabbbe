public import HeatModel

/// A place that an outage may concern: `name` is ``PeerBuilding``'s name of the place on that level.
public struct OutagePlace: Hashable, Sendable {
    public var level: CohortLevel
    public var name: String

    public init(level: CohortLevel, name: String) {
        self.level = level
        self.name = name
    }
}

/// Where to look for outages: which records have ever named a place. What is found is read from the record, of whatever moment: the
/// list leaves out none that counts, and may hold some that name another place by now.
public protocol OutageReader {
    /// Streams and keys of records that have named one of these places, each once, in their order. With `since`, those alone of which
    /// the last version that named the place has no end, or one after it. One read of an index for each place.
    func outages(at places: [OutagePlace], openSince since: Instant?) throws -> [(stream: StreamID, key: [UInt8])]
}

public protocol OutageWriter: OutageReader {
    /// Notes that the record names the place, and the end that it states, in place of the one noted before. It stays noted.
    func noteOutage(
        stream: StreamID, key: UnsafeRawBufferPointer, at place: OutagePlace, endsAt: Instant?) throws
}
