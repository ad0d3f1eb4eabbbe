import Foundation
import HeatModel
import Logging
import Records
public import ServiceLifecycle
import Store
public import Sync

/// Runs the syncs that the configuration schedules, inside the server: one after another on a thread of their own, so that no
/// stream is ever synced twice at once here; against a `hearth sync` outside, the store's lease guards.
///
/// Lookups see the last committed views meanwhile.
public struct SyncSchedule: Service, CustomStringConvertible {
    /// What a log may say of it: nothing of the configuration, which may hold secrets.
    public var description: String { "scheduled syncs" }

    private let workspace: Workspace
    private let gateway: Gateway
    private let stop: StopSignal
    private let turnstile = Turnstile()

    /// - Parameter stop: set when the server is to end; the workspace asks it whether to stop at the next batch.
    public init(workspace: Workspace, gateway: Gateway, stop: StopSignal) {
        self.workspace = workspace
        self.gateway = gateway
        self.stop = stop
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

    public func run() async throws {
        let schedules = gateway.settings.schedules
        await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown {
                await withTaskGroup(of: Void.self) { group in
                    for schedule in schedules { group.addTask { await follow(schedule) } }
                    // Without a schedule the service still lives as long as the server.
                    group.addTask { while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) } }
                    await group.waitForAll()
                }
            }
        } onGracefulShutdown: {
            stop.set()
        }
    }

    private func follow(_ schedule: ServeSettings.Schedule) async {
        while !Task.isCancelled {
            let due = Self.wait(schedule.timing, after: Date(), zone: workspace.configuration.timeZone)
            let wait = due + Double.random(in: 0...Double(schedule.jitter))
            do { try await Task.sleep(for: .seconds(wait)) } catch { return }
            await turnstile.enter()
            if !Task.isCancelled { await sync(schedule) }
            await turnstile.leave()
        }
    }

    /// Seconds from a moment until a sync is due, on the clock of a zone.
    static func wait(_ timing: ServeSettings.Timing, after date: Date, zone: TimeZone) -> Double {
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

    private func sync(_ schedule: ServeSettings.Schedule) async {
        let workspace = workspace
        let gateway = gateway
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            let thread = Thread {
                Self.sync(schedule, workspace, gateway)
                done.resume()
            }
            thread.name = "hearth scheduled sync"
            thread.stackSize = 4 << 20
            thread.start()
        }
    }

    private static func sync(_ schedule: ServeSettings.Schedule, _ workspace: Workspace, _ gateway: Gateway) {
        do {
            let outcome = try workspace.sync(schedule.streams, mode: schedule.isFull ? .full : .incremental)
            for report in outcome.reports {
                let stream = report.stream.description
                let counts = report.counts
                for (what, count) in [
                    ("new", counts.new), ("changed", counts.changed), ("unchanged", counts.unchanged),
                    ("duplicate", counts.duplicate), ("quarantined", counts.quarantined),
                ] {
                    gateway.metrics.count(
                        "hearth_sync_records_total", [("stream", stream), ("result", what)], by: count)
                }
                if report.state != .success {
                    gateway.metrics.count("hearth_sync_failures_total", [("stream", stream)])
                    gateway.logger.error(
                        "a scheduled sync failed",
                        metadata: [
                            "stream": "\(stream)", "code": "\(report.error?.code.name ?? report.state.rawValue)",
                        ])
                }
            }
            gateway.logger.info(
                "a scheduled sync ended",
                metadata: ["runs": "\(outcome.reports.count)", "views": "\(outcome.views)"])
        } catch {
            let code = (error as? HearthError)?.code.name ?? "unknown"
            // Somebody else is syncing the stream just now: the next time will do.
            if code == "run.locked" {
                gateway.logger.info("a scheduled sync was passed over: the stream is being synced elsewhere")
            } else {
                gateway.logger.error("a scheduled sync failed", metadata: ["code": "\(code)"])
            }
        }
    }
}
