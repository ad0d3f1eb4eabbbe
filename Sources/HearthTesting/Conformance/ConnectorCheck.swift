/// One promise of the ``Connector`` contract, as a question that can be asked of any connector.
package enum ConnectorCheck: String, Sendable, CaseIterable {
    /// Every expected row comes exactly once, with its exact text, NULL apart from an empty text.
    case rowsExact
    /// `fields` has one range a row and column, every range lies inside the batch's bytes, and its bytes are UTF-8.
    case batchesWellFormed
    /// No batch has more rows (defects included) than `batchRows`.
    case batchRowsRespected
    /// No batch of more than one record has more bytes than `batchBytes`.
    case batchBytesRespected
    /// The ordinals rise strictly within an origin.
    case ordinalsRise
    /// The columns are those expected, in all batches and in what `discover` says.
    case columnsStable
    /// A second pull gives the same rows, in the same order, at the same ordinals.
    case deterministic
    /// The last batch of each origin ends it, and no other does.
    case originsEnd
    /// A pull from what each batch left behind (cursor, ended origins) loses nothing and invents nothing.
    case resumeLosesNothing
    /// An error thrown by `deliver` ends the pull at once and arrives unchanged.
    case deliverErrorArrives
    /// A cancelled pull throws `run.cancelled`, before the first batch or soon after a later one.
    case cancellationStops
    /// `limit` is met exactly, and the origin that it cuts does not end.
    case limitRespected
    /// `discover` lists the stream as configured.
    case discoverListsStream
    /// `check` has findings on the good source, and none of them failed.
    case checkPasses
    /// `check` has a failed finding with an advice on the broken source.
    case checkTellsBroken
    /// A pull from the broken source throws a located, advised `HearthError` of area `source` or `config`.
    case pullTellsBroken
    /// A stream that is not configured is refused with a `HearthError` of area `config`, `source` or `usage`.
    case unknownStreamRefused
    /// The source's content is what it was before the pulls.
    case sourceUntouched
    /// `PullSummary.rows` is the number of rows and defects that were delivered.
    case summaryCounts
    /// What a tape took down of a pull makes the same batches again, without the source.
    case tapeReplays
    /// The bytes that a batch is made from are on the tape before the batch is delivered.
    case tapeComesFirst
    /// A pull of everything says what proves that it is complete; a pull that a limit cut, or whose source withholds the rest,
    /// throws or claims no proof; a counted total is the count that came.
    case completenessProven
}
