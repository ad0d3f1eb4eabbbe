import NIOCore

/// A stream that is being sent. Its producer runs in a task of its own and waits here while the socket takes nothing; when the
/// client has gone or the time has come, the task is cancelled.
///
/// Confined to its connection's event loop.
final class OpenStream: @unchecked Sendable {
    enum End {
        /// The socket has taken all of it.
        case whole
        /// What was sent is not all: only a broken connection says so to the client.
        case broken(any Error)
        /// The connection is gone.
        case gone
    }

    private let source: AnswerStream
    private let context: ChannelHandlerContext
    /// Each piece with its length before it (`Transfer-Encoding: chunked`).
    private let isChunked: Bool
    private let onEnd: (End) -> Void
    private var task: Task<Void, Never>?
    /// Producers whose bytes are on their way, until the socket takes more.
    private var waiting: [CheckedContinuation<Void, any Error>] = []
    private enum State { case open, draining, over }
    private var state = State.open
    /// Bytes that the socket has not taken yet.
    private var unsent = 0
    private var lastSent: NIODeadline

    init(_ source: AnswerStream, context: ChannelHandlerContext, isChunked: Bool, onEnd: @escaping (End) -> Void) {
        self.source = source
        self.context = context
        self.isChunked = isChunked
        self.onEnd = onEnd
        lastSent = context.eventLoop.now
    }

    var isEndless: Bool { source.isEndless }

    func start() {
        let writer = StreamWriter(self, loop: context.eventLoop)
        let (source, loop) = (source, context.eventLoop)
        task = Task {
            let result: Result<Void, any Error>
            do {
                try await source.produce(into: writer)
                result = .success(())
            } catch {
                // Whoever cancelled it has ended it.
                if Task.isCancelled { return }
                result = .failure(error)
            }
            loop.execute { self.producerEnded(result) }
        }
    }

    /// Sends a piece; `done` when the socket takes another.
    func take(_ piece: ByteBuffer, _ done: CheckedContinuation<Void, any Error>) {
        if state != .open { return done.resume(throwing: CancellationError()) }
        send(piece)
        // What was sent may have shown that nothing goes any more.
        if state != .open {
            done.resume(throwing: CancellationError())
        } else if context.channel.isWritable {
            done.resume()
        } else {
            waiting.append(done)
        }
    }

    /// To be called when the socket takes more.
    func resume() {
        let ready = waiting
        waiting.removeAll(keepingCapacity: true)
        for done in ready { done.resume() }
    }

    private var silence: TimeAmount { context.eventLoop.now - lastSent }

    /// Whether the client fetches nothing of what waits for it.
    func isStalled(for limit: TimeAmount) -> Bool { unsent > 0 && silence > limit }

    /// Sends a comment where it is time for one.
    func beat() {
        guard source.heartbeat > 0, state == .open, unsent == 0, silence >= .seconds(source.heartbeat) else { return }
        send(ByteBuffer(string: ":\n\n"))
    }

    /// Ends it in good order before its producer does; of what is endless the end is whole wherever it comes.
    func finish() {
        guard state == .open else { return }
        stopProducer()
        state = .draining
        if isChunked { send(ByteBuffer()) }
        endIfDrained()
    }

    /// Ends it because the connection is gone.
    func drop() { end(.gone) }

    private func producerEnded(_ result: Result<Void, any Error>) {
        guard state == .open else { return }
        switch result {
        case .success: finish()
        case .failure(let error): end(.broken(error))
        }
    }

    private func endIfDrained() { if state == .draining, unsent == 0 { end(.whole) } }

    private func end(_ end: End) {
        if state == .over { return }
        stopProducer()
        state = .over
        onEnd(end)
    }

    private func stopProducer() {
        task?.cancel()
        let left = waiting
        waiting = []
        for done in left { done.resume(throwing: CancellationError()) }
    }

    /// An empty piece is the last chunk.
    private func send(_ piece: ByteBuffer) {
        var out = piece
        if isChunked {
            out = context.channel.allocator.buffer(capacity: piece.readableBytes + 16)
            out.writeString(String(piece.readableBytes, radix: 16))
            out.writeStaticString("\r\n")
            out.writeImmutableBuffer(piece)
            out.writeStaticString("\r\n")
        }
        let count = out.readableBytes
        if unsent == 0 { lastSent = context.eventLoop.now }
        unsent += count
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenSuccess {
            self.unsent -= count
            self.lastSent = self.context.eventLoop.now
            self.endIfDrained()
        }
        context.writeAndFlush(NIOAny(out), promise: promise)
    }
}
