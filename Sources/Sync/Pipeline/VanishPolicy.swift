/// How many records a complete snapshot may lack before the run stops instead of believing it: the fuse.
package struct VanishPolicy: Sendable, Hashable {
    /// Share of the stream's records, in thousandths.
    package var permille: Int64
    /// So many may always go.
    package var atLeast: Int64
    /// No fuse: the operator has looked.
    package var allowsAll: Bool

    package init(permille: Int64 = 50, atLeast: Int64 = 20, allowsAll: Bool = false) {
        self.permille = permille
        self.atLeast = atLeast
        self.allowsAll = allowsAll
    }

    /// Whether a snapshot is one of nothing over something, or of something else: whatever the number, that is not believed. A
    /// stream may replace all its records by as many others (the one season of this year by that of the next).
    func isReplacement(gone: Int64, present: Int64, new: Int64) -> Bool {
        !allowsAll && present == new && new < gone
    }

    func limit(of records: Int64) -> Int64 {
        allowsAll ? .max : max(atLeast, records / 1000 * permille + records % 1000 * permille / 1000)
    }
}
