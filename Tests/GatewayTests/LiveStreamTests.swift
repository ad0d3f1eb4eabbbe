import Foundation
import HearthTesting
import Synchronization
import Testing

@testable import Gateway

/// Streams over real sockets, to clients as they are: slow, old, in crowds, gone.
@Suite struct LiveStreamTests {
    /// Lets a producer go on when the test says so.
    private final class Gate: Sendable {
        private let passes = AsyncStream.makeStream(of: Void.self)
        func open() { passes.continuation.yield() }
        func pass() async { await passes.stream.first { _ in true } }
    }

    @Test func curlSeesEachEventAsItComes() async throws {
        let gate = Gate()
        let mount = StreamTests.mount {
            var answer = Answer.events { events in
                try await events.send(ServerSentEvent(id: "1", data: "first"))
                await gate.pass()
                try await events.send(ServerSentEvent(id: "2", data: "second"))
            }
            answer.stream?.isEndless = false
            return answer
        }
        let certificates = try TestCertificates.shared()
        let tls = "  tls: {certificates: \(certificates.serverCertificate), key: \(certificates.serverKey)}\n"
        for serve in ["", tls] {
            try await GatewaySite.with(serve, by: .live, mounts: ["/e": mount]) { site in
                let address = site.address.replacing("127.0.0.1", with: "localhost")
                let (begin, rest, status) = try await GatewaySite.onThread {
                    let curl = Process()
                    curl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
                    curl.arguments = [
                        "curl", "-sSN", "--max-time", "60", "--cacert", certificates.authority, "-4", address + "/e",
                    ]
                    let output = Pipe()
                    curl.standardOutput = output
                    try curl.run()
                    // It is there while the second has not been made.
                    let begin = output.fileHandleForReading.availableData
                    gate.open()
                    let rest = output.fileHandleForReading.readDataToEndOfFile()
                    curl.waitUntilExit()
                    return (begin, rest, curl.terminationStatus)
                }
                #expect(begin == Data("id: 1\ndata: first\n\n".utf8) && rest == Data("id: 2\ndata: second\n\n".utf8))
                #expect(status == 0)
            }
        }
    }

    /// 64 MB to a client that takes a kilobyte now and then: only what fits into the bounded buffers is made.
    @Test func aSlowReaderHoldsNothingUp() async throws {
        let source = StreamTests.Source()
        let mount = StreamTests.mount { StreamTests.answer(source.stream(of: 16_384, pieces: 4096)) }
        try await GatewaySite.with(by: .live, mounts: ["/s": mount]) { site in
            let port = site.port
            let ahead = try await GatewaySite.onThread {
                let socket = try RawSocket(port: port, segment: 1460)
                socket.send("GET /s HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
                var (read, ahead) = (0, 0)
                // At more than a kilobyte a second, so that the test need not take 18 hours; what is bounded is the lead.
                for _ in 0..<300 {
                    read += socket.receive(atMost: 1024).count
                    ahead = max(ahead, source.bytes - read)
                    Thread.sleep(forTimeInterval: 0.005)
                }
                return ahead
            }
            #expect(ahead > 0 && ahead < 400_000, "\(ahead)")
            // The socket is closed: the producer stops.
            #expect(await source.end() == .cancelled)
            try await site.untilNoStreamIsOpen()
            // A client that reads as fast as it can gets all of it.
            let whole = try await GatewaySite.onThread {
                let socket = try RawSocket(port: port)
                socket.send("GET /s HTTP/1.0\r\n\r\n".utf8)
                var count = 0
                while true {
                    let part = socket.receive()
                    if part.isEmpty { return count }
                    count += part.count
                }
            }
            #expect(whole > 64 << 20 && whole < (64 << 20) + 1000)
            #expect(await source.end() == .finished)
        }
    }

    @Test func twoHundredAtOnce() async throws {
        let gate = Mutex<[CheckedContinuation<Void, Never>]>([])
        let mount = StreamTests.mount {
            StreamTests.answer(
                AnswerStream { writer in
                    try await writer.write(Array("begun;".utf8))
                    await withCheckedContinuation { going in gate.withLock { $0.append(going) } }
                    try await writer.write([UInt8](repeating: 0x79, count: 40_000))
                })
        }
        let limits = "  limits: {streams: 200, streamsPerToken: 200}\n"
        try await GatewaySite.with(limits, by: .live, mounts: ["/s": mount]) { site in
            let port = site.port
            let sockets = try await GatewaySite.onThread {
                let sockets = try (0..<200).map { _ in try RawSocket(port: port) }
                for socket in sockets { socket.send("GET /s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".utf8) }
                for socket in sockets { #expect(socket.receive(until: "begun;").contains(" 200 OK")) }
                return sockets
            }
            #expect(try site.gateway.streams.count == 200)
            // One more is one too many; what is no stream is answered as ever.
            #expect(try await site.client.get("/s").problem == "streams-exhausted")
            #expect(try await site.client.get("/healthz").status == 200)
            try await site.until { gate.withLock { $0.count == 200 } }
            for going in gate.withLock({ $0 }) { going.resume() }
            try await GatewaySite.onThread {
                for socket in sockets {
                    let rest = String(decoding: socket.receiveAll(), as: UTF8.self)
                    #expect(rest.hasSuffix("\r\n0\r\n\r\n") && rest.count { $0 == "y" } == 40_000)
                }
            }
            try await site.untilNoStreamIsOpen()
        }
    }

    @Test func whatWasAskedAheadIsAnsweredAfterTheStream() async throws {
        let source = StreamTests.Source()
        let mount = StreamTests.mount { StreamTests.answer(source.stream(of: 5000, pieces: 100)) }
        try await GatewaySite.with(by: .live, mounts: ["/s": mount]) { site in
            let ahead = (0..<30).map { "GET /v1/none\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined()
            let last = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            let answers = try await site.client.exchange([
                Array(("GET /s HTTP/1.1\r\nHost: x\r\n\r\n" + ahead + last).utf8)
            ])
            #expect(answers.map(\.status) == [200] + [Int](repeating: 404, count: 30) + [200])
            #expect(answers.first?.body.count == 500_000 && answers.allSatisfy(\.isWhole))
        }
    }

    /// The server's end: who listens for ever is let go at once, in good order; who fetches nothing holds it up no longer than
    /// it may.
    @Test func theEndOfTheServerIsTheEndOfStreams() async throws {
        let (endless, stuck, deaf) = (StreamTests.Source(), StreamTests.Source(), StreamTests.Source())
        let mounts = [
            "/e": StreamTests.mount {
                Answer.events { events in
                    try await endless.follow {
                        try await events.send(ServerSentEvent(data: "x"))
                        try await Task.sleep(for: .seconds(3600))
                    }
                }
            },
            "/s": StreamTests.mount { StreamTests.answer(stuck.stream(of: 16_384)) },
            "/d": StreamTests.mount { StreamTests.answer(deaf.stream(of: 16_384), isEndless: true) },
        ]
        try await GatewaySite.with("  timeouts: {shutdown: 2, idle: 3600}\n", by: .live, mounts: mounts) { site in
            let port = site.port
            let sockets = try await GatewaySite.onThread {
                let sockets = try ["/e", "/s", "/d"].map { path in
                    let socket = try RawSocket(port: port, segment: 1460)
                    socket.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
                    return socket
                }
                _ = sockets[0].receive(until: "data: x\n\n")
                for socket in sockets[1...] { _ = socket.receive(atMost: 100) }
                return sockets
            }
            // A server that does not let go of them would hold the test, too.
            let watch = Task {
                try await Task.sleep(for: .seconds(600))
                Issue.record("the server waits for clients that fetch nothing")
                for socket in sockets { socket.abort() }
            }
            defer { watch.cancel() }
            async let status = site.stop()
            let rest = try await GatewaySite.onThread { sockets[0].receiveAll() }
            #expect(String(decoding: rest, as: UTF8.self).hasSuffix("0\r\n\r\n"))
            #expect(await endless.end() == .cancelled)
            #expect(try await status == 0)
            #expect(await stuck.end() == .cancelled)
            #expect(await deaf.end() == .cancelled)
            withExtendedLifetime(sockets) {}
        }
    }
}
