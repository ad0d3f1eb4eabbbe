public import HeatModel

/// What an answer asks of the records behind it, without reading them.
public protocol EvidenceReader {
    /// The runs that committed the versions of an account's records that its view is made of, by stream and key; of the current
    /// ones where the view does not say. The buffers live as long as the callback.
    func forEachRun(
        ofRecordsOf account: AccountID, _ body: (StreamID, _ key: UnsafeRawBufferPointer, RunID) throws -> Void) throws
    /// Another text whenever a run has ended since.
    func runMark() throws -> String
    /// When the last successful run of each stream began.
    func lastSuccesses() throws -> [String: Instant]
    /// The same as of then: of the runs that had ended by that moment.
    func lastSuccesses(at moment: Moment) throws -> [String: Instant]
    /// How many open quarantine entries of an entity have this account number in their raw text.
    func waitingRecords(of entity: EntityKind, naming number: String) throws -> Int
    /// Reads every version of every record and every view to its end; returns how many. As long as the store is.
    ///
    /// - Throws: `store.corrupt` for the first that is not what was stored, by its number.
    func readEverything() throws -> Int64
}
