public import HeatModel

/// What an answer asks of the records behind it, without reading them.
public protocol EvidenceReader {
    /// The run that committed the current version of a record.
    func runOfRecord(stream: StreamID, key: UnsafeRawBufferPointer) throws -> RunID?
    /// Another text whenever a run has ended since.
    func runMark() throws -> String
    /// When the last successful run of each stream began.
    func lastSuccesses() throws -> [String: Instant]
    /// How many open quarantine entries of an entity have this account number in their raw text.
    func waitingRecords(of entity: EntityKind, naming number: String) throws -> Int
}
