import NIOCore

/// The producer's end of a stream.
struct StreamWriter: Sendable {
    /// Bytes handed to the socket at once: what a stream holds in memory beside the channel's own bound of 64 KB.
    static let pieceSize = 16_384

    private let stream: OpenStream
    private let loop: any EventLoop

    init(_ stream: OpenStream, loop: any EventLoop) {
        self.stream = stream
        self.loop = loop
    }

    /// Returns once the socket takes more.
    ///
    /// - Throws: `CancellationError` where the stream is over: the client has gone, or the server shuts down.
    func write(_ bytes: some Collection<UInt8> & Sendable) async throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = ByteBuffer(bytes: rest.prefix(Self.pieceSize))
            rest = rest.dropFirst(Self.pieceSize)
            // The loop may have ended with the server.
            try Task.checkCancellation()
            try await withCheckedThrowingContinuation { done in
                loop.execute { stream.take(piece, done) }
            }
        }
    }
}
