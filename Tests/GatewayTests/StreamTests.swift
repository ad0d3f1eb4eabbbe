import Answers
import Foundation
import HearthTesting
import HeatModel
import NIOCore
import NIOEmbedded
import Setup
import Store
import Synchronization
import Testing

@testable import Gateway

/// Answers that are sent while they are made, without a socket: the channel takes what the test lets it take.
@Suite struct StreamTests {
    @Test func piecesComeInTheirOrderAndTheNextRequestAfterThem() async throws {
        let mount = Self.mount {
            Self.answer(AnswerStream { for text in ["one", "", "two"] { try await $0.write(Array(text.utf8)) } })
        }
        try await GatewaySite.with(mounts: ["/s": mount]) { site in
            let channel = try await Self.ask(site, "/s?x=1")
            try await channel.writeInbound(
                ByteBuffer(string: "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
            let answers = RawClient.responses(try await Self.read(channel), false)
            #expect(answers.map(\.status) == [200, 200] && answers.allSatisfy(\.isWhole))
            #expect(answers.first?.text == "onetwo" && answers.first?.fields["transfer-encoding"] == "chunked")
            #expect(answers.first?.fields["content-length"] == nil)
            // Of a head nothing is produced, and HTTP/1.0 reads to the end of the connection.
            let head = try await site.client.request("HEAD", "/s")
            #expect(head.status == 200 && head.body.isEmpty && head.fields["transfer-encoding"] == "chunked")
            let old = try await Self.ask(site, "/s", version: "1.0", fields: "Connection: keep-alive\r\n")
            let whole = String(decoding: try await Self.read(old), as: UTF8.self)
            #expect(whole.hasSuffix("\r\nConnection: close\r\n\r\nonetwo") && !whole.contains("chunked"), "\(whole)")
        }
    }

    @Test func theProducerWaitsForTheSocket() async throws {
        let source = Source()
        try await GatewaySite.with(mounts: ["/s": Self.mount { Self.answer(source.stream(of: 50_000)) }]) { site in
            let channel = try await site.connect()
            channel.isWritable = false
            try await channel.writeInbound(ByteBuffer(string: "GET /s HTTP/1.1\r\nHost: x\r\n\r\n"))
            await channel.testingEventLoop.run()
            // The head and the first piece of the first write; then nothing, however often the loop turns.
            var sent = 0
            while sent < StreamWriter.pieceSize {
                sent += try await channel.waitForOutboundWrite(as: ByteBuffer.self).readableBytes
            }
            for _ in 0..<200 {
                await channel.testingEventLoop.run()
                await Task.yield()
            }
            #expect(source.bytes == 50_000 && sent < 2 * StreamWriter.pieceSize)
            #expect(try await channel.readOutbound(as: ByteBuffer.self) == nil)
            channel.isWritable = true
            channel.pipeline.fireChannelWritabilityChanged()
            while sent < 200_000 {
                sent += try await channel.waitForOutboundWrite(as: ByteBuffer.self).readableBytes
            }
            // The client goes: the producer is stopped, and its place is free.
            try await channel.close()
            #expect(await source.end() == .cancelled)
            try await site.untilNoStreamIsOpen()
        }
    }

    @Test func aStreamThatBreaksIsNotTakenForTheWhole() async throws {
        let mount = Self.mount {
            Self.answer(
                AnswerStream { writer in
                    try await writer.write(Array("half".utf8))
                    throw HearthError(.init("file.cannotRead"), "gone")
                })
        }
        try await GatewaySite.with(mounts: ["/s": mount]) { site in
            let answer = try await site.client.get("/s")
            #expect(answer.status == 200 && answer.text == "half" && !answer.isWhole)
            #expect(try await site.client.get("/healthz").isWhole)
        }
    }

    @Test func eventsBeatInSilenceAndEndWithTheServer() async throws {
        let source = Source()
        let mount = Self.mount {
            Answer.events { events in
                try await source.follow {
                    try await events.send(ServerSentEvent(id: "7", event: "run", data: "a\nb"))
                    try await Task.sleep(for: .seconds(3600))
                }
            }
        }
        try await GatewaySite.with(mounts: ["/e": mount]) { site in
            let channel = try await Self.ask(site, "/e")
            let begin = String(decoding: try await Self.read(channel, until: "data: b"), as: UTF8.self)
            #expect(begin.contains("\r\nContent-Type: text/event-stream\r\n"))
            #expect(begin.contains("id: 7\nevent: run\ndata: a\ndata: b\n\n"))
            await channel.testingEventLoop.advanceTime(by: .seconds(14))
            #expect(try await channel.readOutbound(as: ByteBuffer.self) == nil)
            await channel.testingEventLoop.advanceTime(by: .seconds(2))
            #expect(try await channel.readOutbound(as: ByteBuffer.self) == ByteBuffer(string: "3\r\n:\n\n\r\n"))
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
            #expect(try await Self.read(channel) == Array("0\r\n\r\n".utf8))
            #expect(await source.end() == .cancelled && !channel.isActive)
        }
    }

    /// One that listens for ever is gone when its half of the connection ends; a file may still be fetched.
    @Test func aClientThatSaysNothingMore() async throws {
        let (endless, finite) = (Source(), Source())
        let mounts = [
            "/e": Self.mount { Self.answer(endless.stream(of: 1), isEndless: true) },
            "/f": Self.mount { Self.answer(finite.stream(of: 1000, pieces: 50)) },
        ]
        try await GatewaySite.with(mounts: mounts) { site in
            for path in ["/e", "/f"] {
                let channel = try await Self.ask(site, path)
                var bytes = try await Self.read(channel, until: "\r\n\r\n")
                channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
                bytes += try await Self.read(channel)
                let answer = RawClient.responses(bytes, false).first
                #expect(answer?.isWhole == (path == "/f"))
            }
            #expect(await endless.end() == .cancelled)
            #expect(await finite.end() == .finished)
        }
    }

    @Test func whatIsNotFetchedIsGivenUp() async throws {
        let source = Source()
        let mounts = ["/s": Self.mount { Self.answer(source.stream(of: 50_000)) }]
        try await GatewaySite.with("  timeouts: {idle: 5}\n", by: .live, mounts: mounts) { site in
            let port = site.port
            let begun = ContinuousClock.now
            let socket = try await GatewaySite.onThread {
                let socket = try RawSocket(port: port, segment: 1460)
                socket.send("GET /s HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
                return socket
            }
            #expect(await source.end() == .cancelled)
            #expect(ContinuousClock.now - begun > .seconds(4))
            withExtendedLifetime(socket) {}
        }
    }

    /// What the system has not taken for so long counts as not fetched, whatever the system itself knows of the client.
    @Test func whatTheSystemDoesNotTakeIsGivenUp() async throws {
        let source = Source()
        let mounts = ["/s": Self.mount { Self.answer(source.stream(of: 50_000)) }]
        try await GatewaySite.with("  timeouts: {idle: 5}\n", mounts: mounts) { site in
            let channel = try await site.connect()
            let held = HeldWrites()
            try await channel.testingEventLoop.executeInContext {
                try channel.pipeline.syncOperations.addHandler(held, position: .first)
            }
            try await channel.writeInbound(ByteBuffer(string: "GET /s HTTP/1.1\r\nHost: x\r\n\r\n"))
            let isHeld: Bool? = await Self.unlessItHangs {
                while held.count.withLock({ $0 }) < 2 {
                    if Task.isCancelled { return nil }
                    await channel.testingEventLoop.run()
                    await Task.yield()
                }
                return true
            }
            try #require(isHeld == true, "nothing was written")
            await channel.testingEventLoop.advanceTime(by: .seconds(4))
            #expect(channel.isActive)
            await channel.testingEventLoop.advanceTime(by: .seconds(3))
            #expect(!channel.isActive)
            #expect(await source.end() == .cancelled)
        }
    }

    /// Who looked is written down before the first byte of what was shown.
    @Test func theAccessIsWrittenDownFirst() async throws {
        let gateway = Mutex<Gateway?>(nil)
        let seen = AsyncStream.makeStream(of: Int.self)
        let mount = Self.mount([.assistant]) {
            var answer = Self.answer(
                AnswerStream { writer in
                    let log = gateway.withLock { $0 }?.log
                    seen.continuation.yield(try log?.entries(account: "1", after: nil, limit: 9).entries.count ?? -1)
                    try await writer.write([0x31])
                })
            answer.accesses = [Access(accounts: ["1"], action: "file", outcome: "ok")]
            return answer
        }
        try await GatewaySite.with("  limits: {streamsPerToken: 1}\n", mounts: ["/s": mount]) { site in
            gateway.withLock { [made = try? site.gateway] in $0 = made }
            let token = try site.token(.assistant)
            #expect(try await site.client.get("/s", token: token).text == "1")
            #expect(await seen.stream.first { _ in true } == 1)
            #expect(try await site.client.get("/s").status == 401)
            #expect(try await site.client.get("/s", token: site.token(.engineer)).status == 403)
            gateway.withLock { $0 = nil }
        }
    }

    @Test func openStreamsAreBounded() async throws {
        let source = Source()
        let stream = Self.mount([.assistant, .engineer, .auditor]) {
            var answer = Answer.events { _ in
                try await source.follow { try await Task.sleep(for: .seconds(3600)) }
            }
            answer.accesses = [Access(accounts: ["1"], action: "stream", outcome: "ok")]
            return answer
        }
        try await GatewaySite.with("  limits: {streams: 3, streamsPerToken: 2}\n", mounts: ["/e": stream]) { site in
            func open(_ scope: Scope) async throws -> (NIOAsyncTestingChannel, RawClient.Response?) {
                let field = "Authorization: Bearer \(try site.token(scope))\r\n"
                let channel = try await Self.ask(site, "/e", fields: field)
                return (channel, RawClient.responses(try await Self.read(channel, until: "\r\n\r\n"), false).first)
            }
            let first = try await open(.assistant)
            let second = try await open(.assistant)
            #expect(first.1?.status == 200 && second.1?.status == 200)
            let third = try await open(.assistant).1
            #expect(third?.status == 429 && third?.problem == "too-many-streams")
            #expect(third?.fields["retry-after"] != nil)
            #expect(try await open(.engineer).1?.status == 200)
            #expect(try await open(.auditor).1?.problem == "streams-exhausted")
            let log = try await site.client.get("/v1/access-log?limit=3", token: site.token(.auditor))
            let outcomes = (log.json["entries"] as? [[String: Any]])?.map { $0["outcome"] as? String }
            #expect(outcomes == ["failed", "ok", "limited"], "\(log.text)")
            try await first.0.close()
            #expect(await source.end() == .cancelled)
            try await site.until { try site.gateway.streams.count == 2 }
            #expect(try await open(.assistant).1?.status == 200)
        }
    }

    @Test func filesComeWholeInPartsOrNotAtAll() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("streamed-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let content = (0..<300_001).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 8) }
        try Data(content).write(to: URL(fileURLWithPath: path))
        let pool = Mutex<Gateway?>(nil)
        let mount = Self.mount {
            let gateway = try #require(pool.withLock { $0 })
            return Answer.file(try StreamedFile(path: path, pool: gateway.pool), .bytes)
        }
        try await GatewaySite.with(mounts: ["/f": mount]) { site in
            pool.withLock { [made = try? site.gateway] in $0 = made }
            let whole = try await site.client.get("/f")
            #expect(whole.status == 200 && whole.body == content && whole.fields["accept-ranges"] == "bytes")
            let tag = try #require(whole.fields["etag"])
            let head = try await site.client.request("HEAD", "/f")
            #expect(head.fields["content-length"] == "300001" && head.body.isEmpty)
            #expect(try await site.client.get("/f", fields: ["If-None-Match": tag]).status == 304)
            for (range, part) in [
                ("bytes=0-0", 0..<1), ("bytes=100000-", 100_000..<300_001), ("bytes=-5", 299_996..<300_001),
                ("bytes=70000-140000", 70_000..<140_001), ("bytes=300000-999999999", 300_000..<300_001),
            ] {
                let answer = try await site.client.get("/f", fields: ["Range": range, "If-Range": tag])
                #expect(answer.status == 206 && answer.body == Array(content[part]), "\(range): \(answer.status)")
                let stated = "bytes \(part.lowerBound)-\(part.upperBound - 1)/300001"
                #expect(answer.fields["content-range"] == stated)
            }
            let none = try await site.client.get("/f", fields: ["Range": "bytes=300001-"])
            #expect(none.status == 416 && none.fields["content-range"] == "bytes */300001" && none.body.isEmpty)
            let other = try await site.client.get("/f", fields: ["Range": "bytes=1-2", "If-Range": "\"other\""])
            #expect(other.status == 200 && other.body == content)
            try FileManager.default.removeItem(atPath: path)
            #expect(try await site.client.get("/f").status == 500)
            pool.withLock { $0 = nil }
        }
    }

    @Test func quarantineComesWholeAsLines() async throws {
        try await GatewaySite.with { site in
            try site.quarantine(1203)
            let token = try site.token(.engineer)
            var pages: [NSDictionary] = []
            var after = ""
            repeat {
                let page = try await site.client.get("/v1/quarantine?limit=500\(after)", token: token).json
                pages += (page["records"] as? [NSDictionary]) ?? []
                after = (page["next"] as? Int).map { "&after=\($0)" } ?? ""
            } while !after.isEmpty
            #expect(pages.count >= 1203)
            let wanted = ["Accept": "application/x-ndjson"]
            func lines(_ query: String) async throws -> [NSDictionary] {
                let answer = try await site.client.get("/v1/quarantine\(query)", token: token, fields: wanted)
                #expect(answer.fields["content-type"] == "application/x-ndjson" && answer.isWhole)
                return try answer.text.split(separator: "\n").map {
                    try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? NSDictionary)
                }
            }
            #expect(try await lines("") == pages)
            #expect(try await lines("?limit=501") == Array(pages.prefix(501)))
            #expect(try await lines("?limit=3&after=\(pages[499]["id"] ?? "")") == Array(pages[500..<503]))
            #expect(try await lines("?code=no.such") == [])
            let wrong = try await site.client.get("/v1/quarantine?state=lost", token: token, fields: wanted)
            #expect(wrong.status == 400 && wrong.problem == "invalid-parameter")
            // Where lines cannot be had, the document is what there is.
            let runs = try await site.client.get("/v1/runs", token: token, fields: wanted)
            #expect(runs.fields["content-type"] == "application/json")
        }
    }
}
