import HeatModel

extension Store {
    /// A short `write` that goes on over a lost connection, and may share its commit with others (``Store/writeTogether(_:)``). Where the commit's answer was lost it finds out itself what became of it: a second
    /// transaction, which waits for the end of the first, looks for what the first did, and does it where it is not there. Where the
    /// connection was lost before, nothing is there, and it is done once more.
    ///
    /// - Parameter found: what `body` gave, where it is there; not needed of a body that finds what it did before, by its key.
    /// - Throws: `store.commitUnknown` where the second transaction does not come about either and the first may be there.
    public func settledWrite<Result>(
        orFind found: (any StoreReader) throws -> Result? = { _ in nil }, _ body: (any StoreWriter) throws -> Result
    ) throws -> Result {
        do { return try writeTogether(body) } catch let first as HearthError
            where first.code == .storeCommitUnknown || first.code == .storeDisconnected
        {
            do {
                return try write { store in try found(store) ?? body(store) }
            } catch let error as HearthError where error.code.area == "store" {
                throw first.code == .storeCommitUnknown ? first : error
            }
        }
    }
}
