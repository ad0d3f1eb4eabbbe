package import Records
import Synchronization

/// A tape in memory.
package final class MemoryTape: PullTape {
    struct Piece {
        var head: PulledPiece
        var bytes: [UInt8] = []
        var isWhole = false
    }

    private let taken: Mutex<[Piece]>

    package init() { taken = Mutex([]) }

    private init(_ pieces: [Piece]) { taken = Mutex(pieces) }

    package func begin(_ piece: PulledPiece) { taken.withLock { $0.append(Piece(head: piece)) } }

    package func write(_ bytes: UnsafeRawBufferPointer) {
        let bytes = Array(bytes)
        taken.withLock { if !$0.isEmpty { $0[$0.count - 1].bytes += bytes } }
    }

    package func end() { taken.withLock { if !$0.isEmpty { $0[$0.count - 1].isWhole = true } } }

    /// As it is now.
    package func copy() -> MemoryTape { MemoryTape(taken.withLock { $0 }) }

    /// What was taken down so far.
    package func pieces() -> any PulledPieces { Reader(taken.withLock { $0 }) }

    private final class Reader: PulledPieces {
        private var left: [Piece]
        private var piece: Piece?
        private var position = 0

        init(_ pieces: [Piece]) { left = pieces.reversed() }

        var isWhole: Bool { piece?.isWhole ?? false }

        func next() -> PulledPiece? {
            piece = left.popLast()
            position = 0
            return piece?.head
        }

        func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
            guard let bytes = piece?.bytes else { return 0 }
            // In unequal parts: what is read again must not depend on how it is cut.
            let count = min(buffer.count, bytes.count - position, 1 + position % 7919 + position / 3)
            bytes[position..<position + count].withUnsafeBytes { buffer.copyMemory(from: $0) }
            position += count
            return count
        }
    }
}
