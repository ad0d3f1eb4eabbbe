import Foundation
import HearthTesting
import HeatModel
import SOAPConnector
import SQLiteStore
import Store
import Synchronization
import Testing

@testable import Webhooks

/// Subscribers that fail, hang, cut and answer twice: each event is delivered, in the order of its account, under one id.
@Suite(.serialized) struct DeliveryTests {
    private static let isHeavy = ProcessInfo.processInfo.environment["HEARTH_HEAVY_TESTS"] == "1"

    /// What was taken at first sight of each id, by account: strictly rising.
    private func expectOrder(_ taken: [Receiver.Taken], _ what: Comment) {
        var last: [String: Int64] = [:]
        var seen: Set<String> = []
        var disordered = 0
        for message in taken where seen.insert(message.id).inserted {
            if message.number <= last[message.account] ?? 0 { disordered += 1 }
            last[message.account] = message.number
        }
        #expect(disordered == 0, what)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func eachEventIsDeliveredInOrderUnderOneID(seed: UInt64) async throws {
        let (count, accounts) = Self.isHeavy ? (100_000, 5_000) : (600, 40)
        try await blocking {
            let post = try Post(accounts: accounts)
            let receiver = Receiver(
                seed: seed, mood: .bad(of100: Self.isHeavy ? 5 : 25, most: 6, hangs: 0.35), secret: Post.secret)
            defer { receiver.close() }
            try post.note(count / 2, seed: seed)
            var options = Post.options
            options.atOnce = Self.isHeavy ? 64 : 16
            post.start([post.endpoint(receiver)], options)
            try post.note(count - count / 2, seed: seed + 9)
            let isDone = try post.wait(Self.isHeavy ? 1800 : 90) { try post.state()?.delivered ?? 0 >= Int64(count) }
            post.end()
            #expect(isDone, "\(post.report)")
            let taken = receiver.taken
            let accepted = taken.filter(\.isAccepted)
            #expect(Set(accepted.map(\.number)) == Set(1...Int64(count)))
            // One id for each event, whatever happened to its messages.
            #expect(Set(taken.map(\.id)).count == count)
            self.expectOrder(taken, "order of what was taken")
            #expect(receiver.complaints == [])
            #expect(try post.waiting() == 0 && post.waiting(isDead: true) == 0)
            #expect(try post.state()?.position == EventPosition(Int64(count)))
            // Each attempt was written down before.
            #expect(post.records.withLock { $0.count } >= taken.count)
        }
    }

    /// Workers that end at any moment, and several on one store: nothing is lost, and the order holds.
    @Test func workersThatEndAtAnyMomentLoseNothing() async throws {
        try await blocking {
            let post = try Post(accounts: 20)
            let receiver = Receiver(seed: 5, mood: .bad(of100: 20, most: 4, hangs: 0.35), secret: Post.secret)
            defer { receiver.close() }
            var options = Post.options
            options.owner = LeaseOwner(host: "here", process: 1, processStart: 1)
            options.isAlive = { _ in true }
            var random = SeededGenerator(seed: 77)
            for round in 0..<8 {
                try post.note(60, seed: UInt64(round))
                post.start([post.endpoint(receiver)], options)
                Thread.sleep(forTimeInterval: Double.random(in: 0.01...0.2, using: &random))
                post.end()
            }
            post.start([post.endpoint(receiver)], options)
            let isDone = try post.wait { try post.waiting() == 0 && post.state()?.position == EventPosition(480) }
            post.end()
            #expect(isDone, "\(post.report)")
            #expect(Set(receiver.taken.filter(\.isAccepted).map(\.number)) == Set(1...480))
            self.expectOrder(receiver.taken, "order over workers")
        }
    }

    @Test func anEventThatIsNeverTakenIsGivenUpAndHoldsUpItsAccountAlone() async throws {
        try await blocking {
            let post = try Post(accounts: 2)
            let receiver = Receiver(mood: .status(500, headers: []), secret: Post.secret)
            defer { receiver.close() }
            try post.store.write { store in
                let numbers = ["1", "2", "1"]
                let accounts = try numbers.map { number in
                    try Array(number.utf8).withUnsafeBytes { try store.account(number: $0) }
                }
                try store.append(
                    accounts.map {
                        IncomingEvent(type: "order.enroute", account: $0, place: nil, at: nil, body: Array("{}".utf8))
                    })
            }
            post.start([post.endpoint(receiver)])
            let isGivenUp = try post.wait { try post.waiting(isDead: true) == 3 }
            #expect(isGivenUp)
            // Ten attempts of each, one after the other within an account.
            let taken = receiver.taken
            #expect(taken.count == 30)
            #expect(
                taken.filter { $0.account == "1" }.map(\.number) == Array(repeating: 1, count: 10)
                    + Array(repeating: 3, count: 10))
            let dead = try post.store.read { try $0.webhookDeliveries(to: "w", isDead: true, after: .start, limit: 9) }
            #expect(dead.map(\.tries) == [10, 10, 10] && dead.allSatisfy { $0.outcome == "500" })
            // Once it is well again, a person has them delivered.
            receiver.become(.obliging)
            let again = try post.store.write { try $0.replayWebhook("w", dead.map(\.event)) }
            #expect(again == 3)
            let isDelivered = try post.wait { try post.state()?.delivered == 3 }
            post.end()
            #expect(isDelivered)
            #expect(Set(receiver.taken.map(\.id)).count == 3)
            self.expectOrder(receiver.taken.filter(\.isAccepted), "order of a replay")
        }
    }

    @Test func whoIsGoneGetsNothingMoreUntilEnabled() async throws {
        try await blocking {
            let post = try Post(accounts: 3)
            let receiver = Receiver(mood: .status(410, headers: []), secret: Post.secret)
            defer { receiver.close() }
            try post.note(50, seed: 1)
            var options = Post.options
            options.atOnce = 1
            post.start([post.endpoint(receiver)], options)
            let isDisabled = try post.wait { try post.state()?.disabled == "410" }
            #expect(isDisabled)
            let count = receiver.taken.count
            Thread.sleep(forTimeInterval: 0.3)
            #expect(receiver.taken.count == count && count == 1)
            #expect(post.errors.withLock { $0 } == ["webhook.disabled"])
            receiver.become(.obliging)
            #expect(try post.store.write { try $0.enableWebhook("w") })
            let isDelivered = try post.wait { try post.state()?.delivered == 50 }
            post.end()
            #expect(isDelivered)
            self.expectOrder(receiver.taken.filter(\.isAccepted), "order after a stop")
        }
    }

    @Test func whatIsNotWantedIsNotSentAndWhatIsPersonalIsMasked() async throws {
        try await blocking {
            let post = try Post(accounts: 3)
            let (some, clear) = (Receiver(secret: Post.secret), Receiver(secret: Post.secret))
            defer {
                some.close()
                clear.close()
            }
            try post.note(30, seed: 1)
            try post.note(30, seed: 2, type: "bill.issued")
            post.start([
                post.endpoint(some, "some") {
                    $0.types = ["bill.issued"]
                    $0.accounts = ["2"]
                    // The newest secret first: a receiver knows the older one still.
                    $0.secrets.insert([UInt8](repeating: 9, count: 24), at: 0)
                }, post.endpoint(clear, "clear") { $0.seesPersonalData = true },
            ])
            let isDone = try post.wait {
                try post.state("some")?.position == EventPosition(60) && post.state("clear")?.delivered == 60
                    && post.waiting("some") == 0
            }
            post.end()
            #expect(isDone)
            let wanted = try post.store.read {
                try $0.events(after: nil, matching: EventFilter(types: ["bill.issued"]), limit: 99)
            }.filter { $0.account == "2" }
            #expect(some.taken.map(\.number) == wanted.map(\.position.number) && !wanted.isEmpty)
            #expect(some.taken.allSatisfy { $0.body.contains("张*明") && !$0.body.contains("张大明") })
            // Each event names the technician, and who may see that gets it of all of them.
            let named = clear.taken.filter { $0.body.contains("\"technician\":\"张大明\"") }
            #expect(Set(named.map(\.number)) == Set(1...60) && named.count == clear.taken.count)
            #expect(some.complaints == [] && clear.complaints == [])
        }
    }

    /// The address that is connected to counts, whatever a name stands for.
    @Test(arguments: ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "127.1", "2130706433"])
    func addressesOfPrivateNetworksAreRefused(host: String) async throws {
        try await blocking {
            let post = try Post(accounts: 1)
            let receiver = Receiver(secret: Post.secret)
            defer { receiver.close() }
            try post.note(1, seed: 1)
            post.start([
                post.endpoint(receiver) {
                    $0.isPrivate = false
                    $0.url = receiver.address.replacing("127.0.0.1", with: host)
                }
            ])
            let isGivenUp = try post.wait { try post.waiting(isDead: true) == 1 }
            post.end()
            #expect(isGivenUp && receiver.taken.isEmpty)
            let dead = try post.store.read { try $0.webhookDeliveries(to: "w", isDead: true, after: .start, limit: 9) }
            // Whether an odd spelling is an address is for the system to say; where it is none, nothing is reached.
            let isOdd = ["127.1", "2130706433"].contains(host)
            let outcomes = isOdd ? ["addressRefused", "unreachable"] : ["addressRefused"]
            #expect(outcomes.contains(dead.first?.outcome ?? ""), "\(dead.map(\.outcome))")
        }
    }

    @Test func theScheduleIsTheStandardsAndHeedsRetryAfter() {
        let schedule = RetrySchedule.standard
        let minute: Int64 = 60_000
        let waits: [Int64] = [
            5_000, 5 * minute, 30 * minute, 120 * minute, 300 * minute, 600 * minute, 840 * minute, 1200 * minute,
            1440 * minute,
        ]
        for (index, wait) in waits.enumerated() {
            #expect(schedule.wait(after: Int64(index) + 1, asked: nil, percent: { 0 }) == wait)
            #expect(schedule.wait(after: Int64(index) + 1, asked: nil, percent: { 10 }) == wait + wait / 10)
        }
        #expect(schedule.wait(after: 10, asked: nil) == nil)
        #expect(schedule.wait(after: 1, asked: 90_000, percent: { 0 }) == 90_000)
        #expect(
            WebhookAttempt.outcome(of: .init(status: 301, retryAfter: nil))
                == .failed("301", asked: nil, isOverwhelmed: false))
        #expect(WebhookAttempt.outcome(of: .init(status: 204, retryAfter: nil)) == .delivered)
        #expect(WebhookAttempt.outcome(of: .init(status: 410, retryAfter: nil)) == .gone)
        for status in [429, 502, 504] {
            #expect(
                WebhookAttempt.outcome(of: .init(status: status, retryAfter: 7))
                    == .failed("\(status)", asked: 7, isOverwhelmed: true))
        }
    }

    /// The example of Standard Webhooks' own libraries.
    @Test func signaturesAreTheStandards() throws {
        let secret = try #require(WebhookSignature.secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        let headers = WebhookSignature.headers(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: Array(#"{"test": 2432232314}"#.utf8),
            secrets: [secret])
        #expect(headers[2] == "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        #expect(WebhookSignature.secret("whsec_c2hvcnQ=") == nil && WebhookSignature.secret("plain") == nil)
        #expect(WebhookSignature.secret("whsec_" + Data(repeating: 1, count: 65).base64EncodedString()) == nil)
    }
}
