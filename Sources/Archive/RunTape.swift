import Audit
import Crypto
import HeatModel
package import Records
import Synchronization

/// Keeps the exact bytes of a run's pull. A batch's bytes are kept as an object, and the journal says so, before the batch goes
/// on its way: a crash leaves no record without its archived bytes.
///
/// The pull's thread uses it until it has ended, then the run's: everything mutable is in `state`, under its mutex.
package final class RunTape: PullTape {
    private let objects: ArchiveObjects
    private let state: Mutex<State>

    private struct State: ~Copyable {
        let journal: RunJournal
        var chunk: [UInt8] = []
        var digest = SHA256()
        var bytes: Int64 = 0
        var isInPiece = false
    }

    /// A chunk is kept once it is so large, also where no batch asks for it.
    private static let chunkBytes = 4 << 20

    init(journal: sending RunJournal, objects: ArchiveObjects) {
        self.objects = objects
        state = Mutex(State(journal: journal))
    }

    package func begin(_ piece: PulledPiece) throws {
        try state.withLock { state in
            // One that was broken off keeps what it has.
            try keep(&state)
            try state.journal.append(JournalLine(piece: piece))
            state.digest = SHA256()
            state.bytes = 0
            state.isInPiece = true
        }
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        try state.withLock { state in
            state.digest.update(bufferPointer: bytes)
            state.bytes += Int64(bytes.count)
            var rest = bytes[...]
            while !rest.isEmpty {
                let part = rest.prefix(max(1, Self.chunkBytes - state.chunk.count))
                state.chunk.append(contentsOf: part)
                rest = rest.dropFirst(part.count)
                if state.chunk.count >= Self.chunkBytes { try keep(&state) }
            }
        }
    }

    package func end() throws {
        try state.withLock { state in
            try keep(&state)
            let whole = JournalLine.Whole(sha256: state.digest.finalize().hex, bytes: state.bytes)
            try state.journal.append(JournalLine(whole: whole))
            state.isInPiece = false
        }
    }

    /// To be called with each batch before anything is done with it.
    package func note(_ batch: borrowing RawBatch) throws {
        let line = JournalLine.Batch(
            rows: batch.rowCount, defects: batch.defects.count, cursor: batch.cursor?.text, ends: batch.endsOrigin)
        try state.withLock { state in
            try keep(&state)
            try state.journal.append(JournalLine(batch: line))
            try state.journal.sync()
        }
    }

    /// The store refused a batch, the number from 1, and the run goes on.
    package func note(refused number: Int) throws {
        try state.withLock { try $0.journal.append(JournalLine(refused: number)) }
    }

    /// Entries that a replay tried, by SHA-256 of their raw text.
    package func note(tried hashes: [String]) throws {
        if hashes.isEmpty { return }
        try state.withLock { try $0.journal.append(JournalLine(tried: hashes)) }
    }

    /// The pull came to its end.
    package func note(_ summary: PullSummary) throws {
        try state.withLock { try $0.journal.append(JournalLine(pulled: JournalLine.Pulled(summary))) }
    }

    /// The run has ended, and the store has it.
    func end(_ end: JournalLine.End) throws -> ChainHead {
        try state.withLock { state in
            try state.journal.append(JournalLine(ended: end))
            try state.journal.sync()
            return state.journal.head
        }
    }

    private func keep(_ state: inout State) throws {
        if state.chunk.isEmpty { return }
        let hash = try objects.put(state.chunk)
        let chunk = JournalLine.Chunk(sha256: hash, bytes: state.chunk.count)
        try state.journal.append(JournalLine(chunk: chunk))
        state.chunk.removeAll(keepingCapacity: true)
    }
}
