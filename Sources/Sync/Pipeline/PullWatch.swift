import HeatModel
import Records

/// Holds a pull against what a connector promises, batch by batch and at its end. What it finds is a fault of the connector or of
/// a system that goes in circles: the run fails before such a batch is taken.
struct PullWatch {
    let stream: StreamName
    private var rows: Int64 = 0
    private var cursor: String?
    /// Cursors that the pull has left behind.
    private var passed: Set<String> = []
    /// A table, query or answer that came to its end as the whole stream.
    private var whole: String?
    /// An origin that was begun and has not ended yet.
    private var open: (kind: Origin.Kind, name: String)?
    /// The first one that never ended.
    private var unended: String?

    init(_ stream: StreamName) { self.stream = stream }

    /// What a run fails with whose pull came to an end that is not believed. What that pull left out is unknown, so
    /// the cursor goes back to where it stood before: what was taken stays, and is read again.
    static let verdicts: Set<HearthError.Code> = [
        .runUnproven, .runCountMismatch, .runCursorBack, .runNotWhole, .runUnended,
    ]

    /// - Throws: `run.cursorBack` for a cursor that the pull had left behind; `run.notWhole` where something comes after what was the
    ///   whole stream. Files are each whole by themselves, one snapshot after another.
    mutating func note(_ batch: borrowing MappedBatch) throws {
        if let whole {
            throw fault(
                .runNotWhole, "\(whole) came to its end as the whole stream, and \(batch.origin.name) came after it")
        }
        rows += Int64(batch.readRows)
        if let next = batch.cursor?.text, next != cursor {
            if passed.contains(next) {
                throw fault(
                    .runCursorBack, "the cursor goes back to where the pull has been before, in \(batch.origin.name)")
            }
            if let cursor { passed.insert(cursor) }
            cursor = next
        }
        let origin = (kind: batch.origin.kind, name: batch.origin.name)
        if let open, open != origin { unended = unended ?? open.name }
        open = batch.endsOrigin ? nil : origin
        if batch.endsOrigin, batch.origin.isSnapshot, origin.kind != .file { whole = origin.name }
    }

    /// - Throws: `run.countMismatch` where other records came than the pull or the system says, `run.unended` where it claims to be
    ///   complete and left an origin in the middle, `run.unproven` where nothing proves that it is complete.
    func check(_ end: PullSummary) throws {
        if let stated = end.statedRows, stated != end.rows {
            throw HearthError(
                .runCountMismatch, "the source states \(stated) records but sent \(end.rows)",
                at: .address(stream.description),
                advice:
                    "run sync again: it reads from where this run began; where it stays, ask the operator of the source"
            )
        }
        if end.rows != rows {
            throw fault(.runCountMismatch, "the pull says that it handed over \(end.rows) records, and \(rows) came")
        }
        guard end.completeness != nil else {
            throw HearthError(
                .runUnproven,
                "the pull ended after \(rows) records, and nothing proves that there are no more of them",
                at: .address(stream.description),
                advice:
                    "\(.check) says what the stream lacks: how the source tells its end must be configured (a total, a statement that more follows, a trailer, a sign that a file is ready). The cursor stands where it stood; the next sync reads from there"
            )
        }
        if let name = unended ?? open?.name {
            throw fault(.runUnended, "the pull claims to be complete and has left \(name) without its end")
        }
    }

    private func fault(_ code: HearthError.Code, _ message: String) -> HearthError {
        HearthError(
            code, message, at: .address(stream.description),
            advice:
                "the cursor stands where it stood. Run sync again; where it stays, the source goes in circles or its connector is at fault: report it with \(.runs)"
        )
    }
}
