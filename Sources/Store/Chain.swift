/// The chain of what happened to the store: a line for each run that has ended, each manifest, each head of the access log.
/// What the lines say and how they are chained is the business of the room Audit; here they are bytes.
public protocol ChainReader {
    /// The last line, nil where there is none.
    func lastChainLine() throws -> (sequence: Int64, line: [UInt8])?
    /// Lines with a number above `after`, in order, at most `limit`.
    func chainLines(after: Int64, limit: Int) throws -> [(sequence: Int64, line: [UInt8])]
    /// Runs that have ended (or were found cut off) and that no line is about, by number.
    func unchainedRuns() throws -> [RunID]
    /// Runs that are not at work, with the number of the line that is about each, by run: at most `limit` above `after`.
    func endedRuns(after: RunID?, limit: Int) throws -> [(run: RunID, sequence: Int64?)]
}

public protocol ChainWriter: ChainReader {
    /// Adds a line; of a run where one is named.
    ///
    /// - Throws: `store.failed` where the number is not the one after the last.
    func appendChain(_ line: [UInt8], sequence: Int64, run: RunID?) throws
    /// Later runs get numbers above this one.
    func reserveRuns(through run: RunID) throws
}
