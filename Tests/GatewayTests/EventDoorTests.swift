import Answers
import Foundation
import HearthTesting
import HeatModel
import SQLiteStore
import Store
import Synchronization
import Testing

@testable import Gateway

/// Events as a page and as a stream: what is shown to whom, and that each comes once and in order, however its reader behaves.
@Suite struct EventDoorTests {
    /// Notes events of the site's account, as a sync of another process does; their positions.
    @discardableResult
    private func note(_ count: Int, _ type: String = "order.enroute", at site: GatewaySite) throws -> Int64 {
        try site.store.write { store in
            let account = try Array(site.number.utf8).withUnsafeBytes { try store.account(number: $0) }
            try store.append(
                (0..<count).map { _ in
                    IncomingEvent(
                        type: type, account: account, place: nil, at: nil,
                        body: Array(#"{"order":"W1","technician":"张大明","amount_fen":120}"#.utf8))
                })
            return try store.lastEvent().number
        }
    }

    private func events(_ response: RawClient.Response) -> [[String: Any]] {
        response.json["events"] as? [[String: Any]] ?? []
    }

    @Test func aPageShowsWhatItsReaderMaySeeAndIsWrittenDown() async throws {
        try await GatewaySite.with { site in
            let (masked, clear) = (try site.token(.assistant), try site.token(.assistant, .pii))
            let empty = try await site.client.get("/v1/events", token: masked)
            #expect(empty.text == #"{"version":1,"events":[],"next":"0","has_more":false}"#)
            try note(3, at: site)
            try note(2, "payment.posted", at: site)
            let first = try await site.client.get("/v1/events?limit=2", token: masked)
            #expect(events(first).count == 2 && first.json["has_more"] as? Bool == true)
            let event = try #require(events(first).first)
            #expect(event["specversion"] as? String == "1.0" && event["subject"] as? String == site.number)
            #expect(event["type"] as? String == "com.hearth.order.enroute")
            #expect((event["time"] as? String)?.hasSuffix("+08:00") == true)
            let data = event["data"] as? [String: Any]
            #expect(data?["technician"] as? String == "张*明" && data?["amount"] as? String == "1.20")
            let next = try #require(first.json["next"] as? String)
            let rest = try await site.client.get("/v1/events?after=\(next)", token: clear)
            #expect(events(rest).count == 3 && rest.json["has_more"] as? Bool == false)
            #expect((events(rest)[0]["data"] as? [String: Any])?["technician"] as? String == "张大明")
            let paid = try await site.client.get(
                "/v1/events?type=payment,bill.issued&account=\(site.number)", token: masked)
            #expect(Set(events(paid).compactMap { $0["type"] as? String }) == ["com.hearth.payment.posted"])
            #expect(events(paid).count == 2)
            let log = try await site.client.get("/v1/access-log?limit=3", token: try site.token(.auditor))
            let entries = log.json["entries"] as? [[String: Any]] ?? []
            #expect(entries.allSatisfy { $0["action"] as? String == "/v1/events" })
            #expect(entries.allSatisfy { $0["accounts"] as? [String] == [site.number] })
            #expect(entries.map { $0["unmasked"] as? [String] } == [[], ["technician"], []])
        }
    }

    @Test(arguments: [
        ("after=x", 400, "invalid-parameter"), ("after=9-00", 400, "invalid-parameter"),
        ("type=order.flying", 400, "invalid-parameter"), ("account=none", 404, "unknown-account"),
        ("after=99", 410, "events-gone"), ("after=1-00000000", 410, "events-gone"),
        ("limit=0", 400, "invalid-parameter"),
    ])
    func whatCannotBeAnsweredIsSaid(query: String, status: Int, problem: String) async throws {
        try await GatewaySite.with { site in
            try note(2, at: site)
            let token = try site.token(.engineer)
            for accept in ["application/json", "text/event-stream"] {
                let response = try await site.client.get(
                    "/v1/events?\(query)", token: token, fields: ["Accept": accept])
                #expect(response.status == status && response.problem == problem, "\(accept): \(response.text)")
            }
            let none = try await site.client.get("/v1/events", fields: ["Accept": "text/event-stream"])
            #expect(none.status == 401)
        }
    }

    @Test func whatIsNoLongerKeptIsGone() async throws {
        try await GatewaySite.with { site in
            try note(10, at: site)
            try site.store.write { try $0.trimEvents(keeping: 4) }
            let token = try site.token(.assistant)
            #expect(try await site.client.get("/v1/events?after=3", token: token).problem == "events-gone")
            #expect(events(try await site.client.get("/v1/events", token: token)).count == 4)
        }
    }

    /// What a reader of a stream has seen.
    private final class Reader: Sendable {
        struct Event: Sendable { var id: String, type: String, data: String }
        private let seen = Mutex<[Event]>([])
        private let text = Mutex("")
        var events: [Event] { seen.withLock { $0 } }
        var head: String { text.withLock { $0 } }

        /// Reads until so many events have come in all, or the stream ends. Blocks. Says whether it ended.
        func read(_ site: GatewaySite, _ token: String, _ query: String = "", until count: Int, cut: Int = .max) throws
            -> Bool
        {
            let socket = try RawSocket(port: site.port)
            let last = events.last.map { "Last-Event-ID: \($0.id)\r\n" } ?? ""
            socket.send(
                "GET /v1/events\(query) HTTP/1.0\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nAccept: text/event-stream\r\n\(last)\r\n"
                    .utf8)
            var bytes: [UInt8] = []
            var (body, at) = (false, 0)
            while events.count < count, bytes.count < cut {
                let part = socket.receive(atMost: 2048)
                if part.isEmpty { return true }
                bytes += part
                if !body, let end = Self.blank(bytes, from: 0, "\r\n\r\n") {
                    text.withLock { $0 = String(decoding: bytes[..<end], as: UTF8.self) }
                    (body, at) = (true, end)
                }
                while body, let end = Self.blank(bytes, from: at, "\n\n") {
                    take(String(decoding: bytes[at..<end], as: UTF8.self))
                    at = end
                }
            }
            return false
        }

        private static func blank(_ bytes: [UInt8], from: Int, _ text: String) -> Int? {
            let mark = Array(text.utf8)
            guard bytes.count >= from + mark.count else { return nil }
            return (from...bytes.count - mark.count).first { bytes[$0..<$0 + mark.count].elementsEqual(mark) }.map {
                $0 + mark.count
            }
        }

        private func take(_ block: String) {
            var fields: [String: String] = [:]
            for line in block.split(separator: "\n") {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.count == 2 { fields[String(parts[0])] = String(parts[1].dropFirst()) }
            }
            guard let id = fields["id"] else { return }
            seen.withLock {
                $0.append(Event(id: id, type: fields["event"] ?? "", data: fields["data"] ?? ""))
            }
        }
    }

    /// Readers that break off anywhere and come back see each event once, in order.
    @Test(arguments: [1, 2, 3]) func readersThatComeBackSeeEachEventOnce(seed: Int) async throws {
        try await GatewaySite.with("  rateLimit: {perSecond: 0}\n", by: .live) { site in
            let token = try site.token(.assistant)
            let count = 400
            // The stream begins with what comes after it was opened: the first event is noted before.
            let known = try note(1, at: site)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for reader in 0..<4 {
                    group.addTask {
                        var random = SeededGenerator(seed: UInt64(seed * 10 + reader))
                        let seen = Reader()
                        while seen.events.count < count {
                            let cut = Int.random(in: 600...20_000, using: &random)
                            let isEnd = try await GatewaySite.onThread {
                                try seen.read(site, token, "?after=\(known)", until: count, cut: cut)
                            }
                            #expect(!isEnd, "reader \(reader): \(seen.head)")
                            if isEnd { return }
                        }
                        let numbers = seen.events.compactMap { Int64($0.id.prefix { $0 != "-" }) }
                        #expect(numbers == Array(known + 1...known + Int64(count)), "seed \(seed) reader \(reader)")
                        #expect(
                            seen.events.allSatisfy { $0.type == "com.hearth.order.enroute" && $0.data.contains("张*明") })
                        #expect(seen.head.contains("text/event-stream"))
                    }
                }
                group.addTask {
                    var random = SeededGenerator(seed: UInt64(seed * 10 + 9))
                    var left = count
                    while left > 0 {
                        let some = min(left, Int.random(in: 1...20, using: &random))
                        try note(some, at: site)
                        left -= some
                        try await Task.sleep(for: .milliseconds(Int.random(in: 0...10, using: &random)))
                    }
                }
                try await group.waitForAll()
            }
            try await site.untilNoStreamIsOpen()
        }
    }

    @Test func aStreamEndsWithItsTokenAndWithTheServer() async throws {
        try await GatewaySite.with(by: .live) { site in
            let token = try site.token(.assistant)
            let known = try note(1, at: site)
            let (revoked, other) = (Reader(), Reader())
            let lasting = try site.token(.engineer)
            async let first = GatewaySite.onThread { try revoked.read(site, token, "?after=\(known)", until: 99) }
            async let second = GatewaySite.onThread { try other.read(site, lasting, "?after=\(known)", until: 99) }
            try await site.until { try site.gateway.streams.count == 2 }
            try note(1, at: site)
            try await site.until { revoked.events.count == 1 && other.events.count == 1 }
            let caller = try await site.client.get("/v1/access-log?limit=1000", token: try site.token(.auditor))
            #expect(caller.status == 200)
            for token in try site.store.read({ try $0.accessTokens() }) where token.scopes == ["assistant"] {
                _ = try site.store.write { try $0.revokeAccessToken(token.id, at: .now) }
            }
            #expect(try await first)
            try note(1, at: site)
            try await site.until { other.events.count == 2 }
            #expect(revoked.events.count == 1)
            try await site.stop()
            #expect(try await second)
            #expect(other.events.count == 2)
        }
    }
}
