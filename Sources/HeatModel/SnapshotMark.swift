/// Where a stream of snapshots stands. A content that was read before is news when it comes back after another one.
public struct SnapshotMark: Hashable, Sendable {
    public var name: String
    public var digest: String
    /// Whether it was read to its end, so that the stream stands at its content.
    public var isWhole: Bool

    public init(name: String, digest: String, isWhole: Bool) {
        self.name = name
        self.digest = digest
        self.isWhole = isWhole
    }

    /// Whether a snapshot need not be read: the stream stands at its content, or it was read before and its name says that it
    /// lies there from before this one.
    /// - Parameter isBefore: how names tell which of two snapshots is the older one.
    public func covers(
        _ name: String, digest: String, isKnown: @autoclosure () -> Bool,
        isBefore: (String, String) -> Bool = { $0 < $1 }
    ) -> Bool {
        (isWhole && digest == self.digest) || (isBefore(name, self.name) && isKnown())
    }
}
