import HeatModel
import Records

/// Complete readings of a run that the fuse refuses. A later one states everything, so the run goes on with it, and fails at its end.
struct RefusedSnapshots {
    private var first: HearthError?
    /// Batches that came so far.
    private var batches = 0

    /// Commits a batch, in a transaction of `work`. Where the fuse refuses it, nothing of it stays, and the committer is as it was.
    ///
    /// - Returns: the number of a batch that was refused, from 1; nil where it was taken.
    mutating func commit(
        _ batch: consuming MappedBatch, by committer: inout BatchCommitter,
        _ work: (consuming MappedBatch, inout BatchCommitter) throws -> Void
    ) throws -> Int? {
        batches += 1
        guard batch.endsOrigin, batch.origin.isSnapshot else {
            try work(batch, &committer)
            return nil
        }
        let before = committer
        let origin = batch.origin
        do {
            try work(batch, &committer)
            return nil
        } catch var error as HearthError where error.code == .runDeleteFuse {
            committer = before
            if origin.kind == .file { error.message = "\(origin.name): \(error.message)" }
            first = first ?? error
            return batches
        }
    }

    /// - Throws: what the first was refused for.
    func check() throws {
        if let first { throw first }
    }
}
