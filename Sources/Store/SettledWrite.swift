import HeatModel

extension Store {
    /// A `write` that finds out itself what became of it where the commit's answer was lost: a second transaction, which waits for the
    /// end of the first, looks for what the first did, and does it where it is not there.
    ///
    /// - Parameter found: what `body` gave, where it is there; not needed of a body that finds what it did before, by its key.
    /// - Throws: `store.commitUnknown` where the second transaction does not come about either.
    public func settledWrite<Result>(
        orFind found: (any StoreReader) throws -> Result? = { _ in nil }, _ body: (any StoreWriter) throws -> Result
    ) throws -> Result {
        do { return try write(body) } catch let unknown as HearthError where unknown.code == .storeCommitUnknown {
            do {
                return try write { store in try found(store) ?? body(store) }
            } catch let error as HearthError where error.code.area == "store" {
                throw unknown
            }
        }
    }
}
