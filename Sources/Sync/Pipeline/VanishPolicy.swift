/// How many records a complete snapshot may lack before the run stops instead of believing it: the fuse.
public struct VanishPolicy: Sendable, Hashable {
    /// Share of the stream's records, in thousandths.
    public var permille: Int64
    /// So many may always go.
    public var atLeast: Int64
    /// No fuse: the operator has looked.
    public var allowsAll: Bool

    public init(permille: Int64 = 50, atLeast: Int64 = 20, allowsAll: Bool = false) {
        self.permille = permille
        self.atLeast = atLeast
        self.allowsAll = allowsAll
    }

    func limit(of records: Int64) -> Int64 {
        allowsAll ? .max : max(atLeast, records / 1000 * permille + records % 1000 * permille / 1000)
    }
}
