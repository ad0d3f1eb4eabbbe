import Audit
import Foundation
import HeatModel
package import Records

/// A run as its journal has it, the chain verified.
package struct ArchivedRun: Sendable {
    /// A piece and the objects that its bytes are in.
    package struct Piece: Sendable {
        package var head: PulledPiece
        package var chunks: [JournalLine.Chunk] = []
        /// SHA-256 and length of the whole, where it came to its end.
        package var whole: JournalLine.Whole?
    }

    package let begin: JournalLine.Begin
    package private(set) var pieces: [Piece] = []
    package private(set) var batches: [JournalLine.Batch] = []
    /// Numbers, from 1, of batches that the store refused.
    package private(set) var refused: Set<Int> = []
    /// Of a replay: the entries that it tried.
    package private(set) var tried: Set<String> = []
    package private(set) var pulled: JournalLine.Pulled?
    package private(set) var end: JournalLine.End?

    /// - Throws: `archive.damaged` with the first line that is not what was written. A torn last line is passed over where the
    ///   journal is open.
    package init(_ journal: Archive.Journal) throws {
        let path = journal.path
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw HearthError(
                .archiveMissing, "a journal cannot be read", at: .file(path, line: 0, column: 0),
                advice: "check its owner and mode")
        }
        var verifier = ChainVerifier()
        let decoder = JournalCoding.decoder
        var begin: JournalLine.Begin?
        var number = 0
        let name = (path as NSString).lastPathComponent
        func damaged(_ message: String) -> HearthError {
            HearthError(
                .archiveDamaged, "the journal is not what was written: \(message)",
                at: .file(path, line: number, column: 0), advice: "restore the archive's folder from a copy")
        }
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        for line in lines.dropLast() {
            number += 1
            let line = Array(line)
            let event = line.withUnsafeBytes {
                verifier.take($0, at: "\(name):\(number)") ? ChainLine.event(of: $0) : nil
            }
            guard let event, let read = try? decoder.decode(JournalLine.self, from: Data(event)) else { break }
            if let run = read.run { begin = run }
            if let piece = read.piece { pieces.append(Piece(head: piece)) }
            if let chunk = read.chunk, !pieces.isEmpty { pieces[pieces.count - 1].chunks.append(chunk) }
            if let whole = read.whole, !pieces.isEmpty { pieces[pieces.count - 1].whole = whole }
            if let batch = read.batch { batches.append(batch) }
            if let number = read.refused { refused.insert(number) }
            if let hashes = read.tried { tried.formUnion(hashes) }
            if let summary = read.pulled { pulled = summary }
            if let state = read.ended { end = state }
        }
        verifier.finish(at: name)
        if let problem = verifier.problem { throw damaged(problem.message) }
        if number < lines.count - 1 { throw damaged("a line is none of a journal") }
        if !journal.isOpen, lines.last?.isEmpty == false || end == nil {
            throw damaged("it does not end as a closed one does")
        }
        guard let begin else { throw damaged("it does not say which run it is of") }
        guard begin.id == journal.run, begin.store == journal.store else {
            throw damaged("it is of run \(begin.id) of store \(begin.store)")
        }
        self.begin = begin
    }

    /// Of all objects that it names.
    package var hashes: Set<String> { Set(pieces.flatMap { $0.chunks.map(\.sha256) }) }
}

/// Reads the pieces of an archived run, each object verified as it is read.
package final class ArchivedPieces: PulledPieces {
    private let archive: Archive
    private let pieces: [ArchivedRun.Piece]
    private var piece = -1
    private var chunk = 0
    private var bytes: [UInt8] = []
    private var position = 0

    package init(_ run: ArchivedRun, in archive: Archive) {
        self.archive = archive
        pieces = run.pieces
    }

    package var isWhole: Bool { pieces.indices.contains(piece) && pieces[piece].whole != nil }

    package func next() throws -> PulledPiece? {
        piece += 1
        chunk = 0
        bytes = []
        position = 0
        return pieces.indices.contains(piece) ? pieces[piece].head : nil
    }

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard pieces.indices.contains(piece) else { return 0 }
        while position == bytes.count {
            guard chunk < pieces[piece].chunks.count else { return 0 }
            bytes = try archive.object(pieces[piece].chunks[chunk].sha256)
            position = 0
            chunk += 1
        }
        let count = min(buffer.count, bytes.count - position)
        bytes[position..<position + count].withUnsafeBytes { buffer.copyMemory(from: $0) }
        position += count
        return count
    }
}
