package import Foundation

/// A sync that is due again and again.
package struct ScheduledSync: Sendable {
    package enum Timing: Sendable, Equatable {
        /// So many seconds from the end of one sync to the begin of the next.
        case every(seconds: Int)
        case cron(CronExpression)
    }

    /// Sources or streams; all of them if none is named.
    package var streams: [String]
    package var timing: Timing
    /// Up to so many seconds are added at random.
    package var jitter: Int
    package var isFull: Bool

    package init(streams: [String], timing: Timing, jitter: Int, isFull: Bool) {
        self.streams = streams
        self.timing = timing
        self.jitter = jitter
        self.isFull = isFull
    }
}

/// Runs syncs when they are due: one after another on a thread of their own, so that no stream is ever synced twice at once here;
/// against a sync of another process, the store's lease guards. Lookups see the last committed views meanwhile.
package struct SyncSchedule: Sendable {
    private let syncs: [ScheduledSync]
    private let zone: TimeZone
    private let sync: @Sendable (ScheduledSync) -> Void
    private let turnstile = Turnstile()

    /// - Parameters:
    ///   - zone: of the clock that cron expressions go by.
    ///   - sync: does one; blocks its thread, and notes how it went.
    package init(_ syncs: [ScheduledSync], zone: TimeZone, sync: @escaping @Sendable (ScheduledSync) -> Void) {
        self.syncs = syncs
        self.zone = zone
        self.sync = sync
    }

    /// Lets one sync through at a time.
    private actor Turnstile {
        private var isTaken = false
        private var waiting: [CheckedContinuation<Void, Never>] = []

        func enter() async {
            if isTaken { await withCheckedContinuation { waiting.append($0) } }
            isTaken = true
        }

        func leave() {
            if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().resume() }
        }
    }

    /// Returns once its task is cancelled, and at once where nothing is scheduled. A sync at work is finished first.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            for sync in syncs { group.addTask { await follow(sync) } }
        }
    }

    private func follow(_ due: ScheduledSync) async {
        while !Task.isCancelled {
            let wait = Self.wait(due.timing, after: Date(), zone: zone) + Double.random(in: 0...Double(due.jitter))
            do { try await Task.sleep(for: .seconds(wait)) } catch { return }
            await turnstile.enter()
            if !Task.isCancelled { await run(due) }
            await turnstile.leave()
        }
    }

    private func run(_ due: ScheduledSync) async {
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            Thread.detach(named: "hearth scheduled sync") {
                sync(due)
                done.resume()
            }
        }
    }

    /// Seconds from a moment until a sync is due, on the clock of a zone.
    static func wait(_ timing: ScheduledSync.Timing, after date: Date, zone: TimeZone) -> Double {
        switch timing {
        case .every(let seconds): return Double(seconds)
        case .cron(let expression):
            var calendar = Calendar(identifier: .gregorian)
            calendar.timeZone = zone
            var minute = calendar.dateInterval(of: .minute, for: date)?.end ?? date.addingTimeInterval(60)
            // Four years and a day hold every date that there is.
            for _ in 0..<(1461 * 1440) {
                let parts = calendar.dateComponents([.minute, .hour, .day, .month, .weekday], from: minute)
                if expression.matches(
                    minute: parts.minute ?? 0, hour: parts.hour ?? 0, day: parts.day ?? 1, month: parts.month ?? 1,
                    weekday: (parts.weekday ?? 1) - 1)
                {
                    return minute.timeIntervalSince(date)
                }
                minute.addTimeInterval(60)
            }
            return 86_400
        }
    }
}
