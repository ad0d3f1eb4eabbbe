import Archive
import Foundation
import HeatModel
import Mapping
import Records
import Store

/// A run's stages, each on a thread of its own.
extension SyncEngine {
    /// Pulls and maps on two threads and hands each batch to `consume` on this one. A batch that ends an origin, where nothing comes
    /// after it, waits until the pull has said what proves that it is complete: a source that withholds its rest must neither move
    /// the cursor to its end nor make records vanish.
    ///
    /// - Parameter tellEnd: Takes what the pull says at its end, before that is held against what came.
    func pump(
        _ stream: SyncStream, _ opening: Opening, _ options: Options, end tellEnd: (PullSummary) -> Void,
        consume: (consuming MappedBatch) throws -> Void
    ) throws {
        let raw = Channel<RawBatch>(capacity: 2)
        let mapped = Channel<MappedBatch>(capacity: 2)
        let summary = Channel<PullSummary>(capacity: 1)
        let store = store
        let isCancelled = isCancelled
        let id = opening.stream
        let rereadSince = opening.rereadSince
        let abandoned = StopSignal()
        // Taken for new, an old file would put its rows over newer ones: the run ends with the store's reason.
        @Sendable func asked<Answer>(_ question: (any StoreReader) throws -> Answer, otherwise: Answer) -> Answer {
            do {
                return try store.read(question)
            } catch {
                raw.finish(throwing: error)
                abandoned.set()
                return otherwise
            }
        }
        var request = PullRequest(
            stream: stream.name.stream, mode: options.mode, cursor: opening.state.cursor.map { Cursor($0) },
            batchRows: options.batchRows(from: opening.state.cursor),
            limit: options.limit,
            isKnownOrigin: { digest in
                asked({ try $0.isKnownOrigin(stream: id, digest: digest, since: rereadSince) }, otherwise: true)
            },
            lastSnapshot: { asked({ try $0.lastSnapshot(stream: id) }, otherwise: nil) },
            isCancelled: { isCancelled() || abandoned.isSet }, tape: opening.tape)
        request.accountKeys = options.accountKeys
        let pull = request
        let tape = opening.tape

        // All wait for the thread that commits. Where processors are few it goes first: 8 % of a first sync on two.
        let niceness: Int32 = 10
        Thread.detach(named: "hearth pull", niceness: niceness) {
            do {
                let end = try stream.connector.pull(pull) { batch in
                    var batch = batch
                    if pull.mode == .account { batch.cursor = nil }
                    try tape?.note(batch)
                    if !raw.send(batch) { throw Self.cancelled(stream.name) }
                }
                try tape?.note(end)
                _ = summary.send(end)
                raw.finish()
            } catch let failure as ReplayedFailure {
                _ = summary.send(failure.summary)
                raw.finish(throwing: failure.error)
            } catch {
                raw.finish(throwing: error)
            }
            summary.finish()
        }
        Thread.detach(named: "hearth map", niceness: niceness) {
            do {
                var plan: (columns: [String], plan: MappingPlan)?
                var positions = RowPositions()
                while let batch = try raw.receive() {
                    if plan?.columns != batch.columns { plan = (batch.columns, try Self.plan(stream, for: batch)) }
                    guard let plan,
                        mapped.send(try MappedBatch(mapping: batch, with: plan.plan, positions: &positions))
                    else { break }
                }
                mapped.finish()
            } catch {
                mapped.finish(throwing: error)
            }
            raw.abandon()
        }
        defer {
            // Leave no thread behind: both stop at their next send or receive.
            abandoned.set()
            mapped.abandon()
            raw.abandon()
            // Of a run that fails although its pull had ended, too, what the pull said is kept.
            if let end = try? summary.receive() { tellEnd(end) }
        }
        // What an archived run once pulled was held against the contract then, as that was.
        var watch = replayed == nil && options.limit == nil ? PullWatch(stream.name) : nil
        var held: MappedBatch?
        func hand(_ batch: consuming MappedBatch) throws {
            try consume(batch)
            if isCancelled() { throw Self.cancelled(stream.name) }
        }
        while let batch = try receive(
            mapped,
            or: { if let last = held.take(), replayed != nil || last.isWholeByItself { try consume(last) } })
        {
            try watch?.note(batch)
            if let last = held.take() { try hand(last) }
            if batch.endsOrigin { held = batch } else { try hand(batch) }
        }
        let end = try summary.receive() ?? PullSummary()
        tellEnd(end)
        try watch?.check(end)
        if let last = held.take() { try hand(last) }
    }

    /// - Throws: `config.unknownColumn` where the mapping names a column that the batch lacks, with what the batch was read from.
    private static func plan(_ stream: SyncStream, for batch: borrowing RawBatch) throws -> MappingPlan {
        do {
            return try MappingPlan(stream.mapping, columns: batch.columns, zone: stream.zone)
        } catch var error as HearthError where error.code == .configUnknownColumn {
            error.message += " in \(batch.origin.name)"
            throw error
        }
    }

    /// The next batch. Where the source fails, `finish` first takes what it had sent whole.
    private func receive(_ mapped: Channel<MappedBatch>, or finish: () throws -> Void) throws -> MappedBatch? {
        do {
            return try mapped.receive()
        } catch {
            try finish()
            throw error
        }
    }
}
