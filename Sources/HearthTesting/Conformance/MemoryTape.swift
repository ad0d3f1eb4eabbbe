public import Records
import Synchronization

/// A tape in memory.
public final class MemoryTape: PullTape {
    struct Piece {
        var head: PulledPiece
        var bytes: [UInt8] = []
        var isWhole = false
    }

    private let taken: Mutex<[Piece]>

    public init() { taken = Mutex([]) }

    private init(_ pieces: [Piece]) { taken = Mutex(pieces) }

    public func begin(_ piece: PulledPiece) { taken.withLock { $0.append(Piece(head: piece)) } }

    public func write(_ bytes: UnsafeRawBufferPointer) {
        let bytes = Array(bytes)
        taken.withLock { if !$0.isEmpty { $0[$0.count - 1].bytes += bytes } }
    }

    public func end() { taken.withLock { if !$0.isEmpty { $0[$0.count - 1].isWhole = true } } }

    /// As it is now.
    public func copy() -> MemoryTape { MemoryTape(taken.withLock { $0 }) }

    /// What was taken down so far.
    public func pieces() -> any PulledPieces { Reader(taken.withLock { $0 }) }

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
