/// Which runs are asked for.
public struct RunChoice: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case all
        /// What was about a whole stream, not about one account.
        case whole
        /// What read a whole stream: no replay and no remap, which go through what is held.
        case pulls
        /// Pulls that brought a record, another version of one, or the end of one.
        case news
        /// What was about a whole stream and did not end well; what is at work has not ended.
        case failed
    }

    public var kind: Kind
    /// Of all streams where none is named.
    public var stream: StreamID?
    /// At most so many of each stream; nil where one stream may fill the list.
    public var each: Int?

    public init(_ kind: Kind = .all, stream: StreamID? = nil, each: Int? = nil) {
        self.kind = kind
        self.stream = stream
        self.each = each
    }
}

extension RunReader {
    /// The newest first, at most `limit`; of all streams where none is named.
    public func runs(stream: StreamID?, limit: Int) throws -> [Run] {
        try runs(RunChoice(stream: stream), limit: limit)
    }
}
