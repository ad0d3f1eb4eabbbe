import Answers
import Foundation
import HeatModel
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Setup

/// Answers that are sent while they are made.
extension Connection {
    /// Takes a place for an answer's stream, or makes the answer a refusal.
    func admitStream(_ answer: inout Answer, caller: String) {
        do {
            answer.stream?.place = try gateway.streams.enter(caller == "none" ? "peer:" + peer : caller)
        } catch {
            var refusal = Answer(error, requestID: request.requestID)
            refusal.accesses = answer.accesses
            for index in refusal.accesses.indices { refusal.accesses[index].outcome = error.outcome }
            answer = refusal
        }
    }

    /// Writes an answer's head and begins with its stream.
    func open(_ answer: Answer, _ writer: AnswerWriter, _ context: ChannelHandlerContext) {
        let answer = answer.cut(to: request.range, if: request.ifRange)
        let isChunked = answer.stream?.length == nil && request.isHTTP11
        if answer.stream?.length == nil, !isChunked { request.keepsAlive = false }
        let (head, status) = writer.write(answer, to: request, allocator: context.channel.allocator)
        gateway.metrics.note(route, status, since: begun)
        guard let source = answer.stream, status != 304, !request.isHead else { return write(head, context) }
        Self.bound(context.channel, seconds: gateway.settings.idleTimeout)
        context.writeAndFlush(wrapOutboundOut(head), promise: nil)
        let stream = OpenStream(source, context: context, isChunked: isChunked) { [weak self] in
            self?.ended($0)
        }
        self.stream = stream
        stream.start()
        // It has come after the server began to shut down.
        if closesAfter, source.isEndless { stream.finish() }
    }

    private func ended(_ end: OpenStream.End) {
        stream = nil
        lastActive = .now()
        guard let context else { return }
        switch end {
        case .gone: break
        case .whole:
            if closesAfter { request.keepsAlive = false }
            write(ByteBuffer(), context)
        case .broken(let error):
            gateway.logger.error(
                "a stream broke off",
                metadata: [
                    "request": "\(request.requestID)", "route": "\(route.path)",
                    "code": "\((error as? HearthError)?.code.name ?? "internal")",
                ])
            // A reset, not an end: the client must not take what it has for the whole.
            if let socket = context.channel as? any SocketOptionProvider {
                _ = socket.setSoLinger(linger(l_onoff: 1, l_linger: 0))
            }
            context.close(promise: nil)
        }
    }

    /// Bounds what the system holds of a stream: it takes no more than it sends soon, and gives up a client that has taken
    /// nothing for so long, whether it has gone or only reads no more.
    private static func bound(_ channel: any Channel, seconds: Int) {
        guard let options = channel.syncOptions else { return }
        // <linux/tcp.h>; a system without them sends all the same.
        let (userTimeout, notSentLowWater) = (NIOBSDSocket.Option(rawValue: 18), NIOBSDSocket.Option(rawValue: 25))
        try? options.setOption(.tcpOption(userTimeout), value: SocketOptionValue(clamping: seconds * 1000))
        try? options.setOption(.tcpOption(notSentLowWater), value: SocketOptionValue(StreamWriter.pieceSize))
    }
}
