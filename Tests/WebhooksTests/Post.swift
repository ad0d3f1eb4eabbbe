import Foundation
import HearthTesting
import HeatModel
import SQLiteStore
import Store
import Synchronization

@testable import Webhooks

/// A store with accounts of which events are noted, and a worker that delivers them.
final class Post: Sendable {
    static let secret = [UInt8](repeating: 7, count: 32)
    let store: SQLiteStore
    private let folder: URL
    private let stop = Mutex(false)
    private let ended = DispatchSemaphore(value: 0)
    let errors = Mutex<[String]>([])
    let records = Mutex<[String]>([])
    private let accounts: [AccountID]

    init(accounts count: Int) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("webhooks-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try SQLiteStore(path: folder.path + "/hearth.db")
        accounts = try store.write { store in
            let stream = try store.stream(named: "billing.accounts", entity: .account)
            let run = try store.beginRun(
                stream: stream, mode: "full", mappingVersion: "1", at: Instant(microseconds: 0, offsetMinutes: 480))
            return try (1...count).map { number in
                try Array("\(number)".utf8).withUnsafeBytes { try store.introduceAccount(number: $0, run: run) }
            }
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Notes events, each of an account by chance.
    func note(_ count: Int, seed: UInt64, type: String = "order.enroute") throws {
        var random = SeededGenerator(seed: seed)
        var left = count
        while left > 0 {
            let some = min(left, 500)
            try store.write { store in
                try store.append(
                    (0..<some).map { _ in
                        IncomingEvent(
                            type: type, account: accounts.randomElement(using: &random), place: nil, at: nil,
                            body: Array(#"{"order":"W1","technician":"张大明"}"#.utf8))
                    })
            }
            left -= some
        }
    }

    func endpoint(_ receiver: Receiver, _ name: String = "w", _ change: (inout WebhookEndpoint) -> Void = { _ in })
        -> WebhookEndpoint
    {
        var endpoint = WebhookEndpoint(
            name: name, url: receiver.address, secrets: [Self.secret], isPrivate: true, timeout: 300, fromOldest: true)
        change(&endpoint)
        return endpoint
    }

    static var options: WebhookWorker.Options {
        var options = WebhookWorker.Options()
        options.schedule = RetrySchedule(waits: [1, 2, 2, 5, 5, 5, 5, 5, 5])
        options.schedule.rest = 5
        options.schedule.longestRest = 20
        options.pause = 10
        return options
    }

    func start(
        _ endpoints: [WebhookEndpoint], _ options: WebhookWorker.Options = Post.options,
        failing trouble: Trouble? = nil
    ) {
        stop.withLock { $0 = false }
        let worker = WebhookWorker(
            endpoints, store: trouble.map { TroubledStore(store, $0) } ?? store, options: options,
            local: { Instant(microseconds: $0, offsetMinutes: 480) },
            record: { name, account, _ in
                if trouble?.log.withLock({ $0 }) == true { throw CocoaError(.fileWriteOutOfSpace) }
                self.records.withLock { $0.append("\(name) \(account ?? "")") }
            },
            onError: { error in self.errors.withLock { $0.append((error as? HearthError)?.code.name ?? "\(error)") } })
        Thread.detachNewThread { [self] in
            worker.run { self.stop.withLock { $0 } }
            ended.signal()
        }
    }

    func end() {
        stop.withLock { $0 = true }
        ended.wait()
    }

    /// Waits until something holds; false after so many seconds.
    func wait(_ seconds: Double = 60, until holds: () throws -> Bool) rethrows -> Bool {
        let end = Date().addingTimeInterval(seconds)
        while Date() < end {
            if try holds() { return true }
            Thread.sleep(forTimeInterval: 0.01)
        }
        return false
    }

    func state(_ name: String = "w") throws -> StoredWebhook? {
        try store.read { try $0.webhooks().first { $0.name == name } }
    }
    func waiting(_ name: String = "w", isDead: Bool = false) throws -> Int64 {
        try store.read { try $0.webhookDeliveryCount(to: name, isDead: isDead) }
    }

    /// Where its subscriber stands, for messages.
    var report: String {
        let state = try? state()
        let left = (try? waiting()) ?? -1
        return "at \(state?.position.number ?? -1), delivered \(state?.delivered ?? -1), waiting \(left)"
    }
}

/// Runs what blocks its thread on one of its own.
func blocking(_ body: @escaping @Sendable () throws -> Void) async throws {
    let outcome = Task.detached { () -> Result<Void, any Error> in
        await withCheckedContinuation { continuation in
            OwnThread.start { continuation.resume(returning: Result { try body() }) }
        }
    }
    try await outcome.value.get()
}
