import Answers
import Foundation
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import Gateway

/// What tests of streams are made of: producers that are followed, and connections that take what the test lets them take.
extension StreamTests {
    /// A producer that the test follows.
    final class Source: Sendable {
        enum End: Sendable, Equatable { case finished, cancelled }

        private let produced = Mutex(0)
        private let ends = AsyncStream.makeStream(of: End.self)

        var bytes: Int { produced.withLock { $0 } }

        /// How its producer ended, once it has; nil where it has not by far.
        func end() async -> End? {
            await StreamTests.unlessItHangs { [ends] in await ends.stream.first { _ in true } }
        }

        /// Pieces of so many bytes, without end where no number is given.
        func stream(of size: Int, pieces: Int = .max) -> AnswerStream {
            AnswerStream { writer in try await self.follow { try await self.write(size, pieces, writer) } }
        }

        /// Has its end seen by the test.
        func follow(_ body: () async throws -> Void) async throws {
            do {
                try await body()
                ends.continuation.yield(.finished)
            } catch {
                ends.continuation.yield(.cancelled)
                throw error
            }
        }

        private func write(_ size: Int, _ pieces: Int, _ writer: StreamWriter) async throws {
            let piece = [UInt8](repeating: 0x78, count: size)
            for _ in 0..<pieces {
                produced.withLock { $0 += size }
                try await writer.write(piece)
            }
        }
    }

    /// Nil where a wait that can be cancelled has no end: what should have ended it did not, and the test says so.
    static func unlessItHangs<Value: Sendable>(_ wait: @escaping @Sendable () async -> Value?) async -> Value? {
        await withTaskGroup(of: Value?.self) { group in
            group.addTask { await wait() }
            group.addTask {
                try? await Task.sleep(for: .seconds(600))
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    static func mount(_ scopes: [Scope] = [], _ answer: @escaping @Sendable () throws -> Answer) -> Mount {
        Mount(scopes: scopes) { _ in try answer() }
    }

    static func answer(_ stream: AnswerStream, isEndless: Bool = false) -> Answer {
        var answer = Answer(.bytes)
        answer.stream = stream
        answer.stream?.isEndless = isEndless
        return answer
    }

    /// A connection of the site's that has asked for a path.
    static func ask(
        _ site: GatewaySite, _ path: String, version: String = "1.1", fields: String = ""
    ) async throws -> NIOAsyncTestingChannel {
        let channel = try await site.connect()
        try await channel.writeInbound(
            ByteBuffer(string: "GET \(path) HTTP/\(version)\r\nHost: x\r\n\(fields)\r\n"))
        await channel.testingEventLoop.run()
        return channel
    }

    /// What comes until it holds `text`, or the channel closes. One that does not close is closed here, after long, and said to be.
    static func read(_ channel: NIOAsyncTestingChannel, until text: String? = nil) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        let watch = Task {
            try await Task.sleep(for: .seconds(600))
            Issue.record("nothing more came, and the connection was not closed")
            try await channel.close()
        }
        defer { watch.cancel() }
        while text.map({ !String(decoding: bytes, as: UTF8.self).contains($0) }) ?? true,
            let buffer = try? await channel.waitForOutboundWrite(as: ByteBuffer.self)
        {
            bytes.append(contentsOf: buffer.readableBytesView)
            await channel.testingEventLoop.run()
        }
        while let buffer = try await channel.readOutbound(as: ByteBuffer.self) {
            bytes.append(contentsOf: buffer.readableBytesView)
        }
        return bytes
    }

    /// Takes what is written and never says that it was.
    final class HeldWrites: ChannelOutboundHandler, Sendable {
        typealias OutboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        let count = Mutex(0)

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            count.withLock { $0 += 1 }
            // One that is never kept must be broken when the connection ends.
            if let promise {
                context.channel.closeFuture.whenComplete { _ in promise.fail(ChannelError.alreadyClosed) }
            }
        }
    }
}
