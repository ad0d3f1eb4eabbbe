import Actions
package import Explanation
package import Foundation
package import HeatModel
package import Store
import Synchronization

/// A present that is set by hand.
package final class SimulatedTime: Sendable {
    private let value: Mutex<Int64>
    package init(_ microseconds: Int64) { value = Mutex(microseconds) }
    package var now: Int64 { value.withLock { $0 } }
    func set(_ microseconds: Int64) { value.withLock { $0 = microseconds } }
}

/// A season gone through hour by hour: what would have been told on which day, and what not and why. It is the same code that tells,
/// on a copy of the store, through channels that send nothing. Payments and outages are there from their own times on.
package struct NoticeSimulation {
    package struct Day: Sendable {
        package var day: CivilDate
        /// By rule.
        package var told: [String: Int] = [:]
        package var segments = 0
    }

    package struct Report: Sendable {
        package var days: [Day] = []
        package var told: [String: Int] = [:]
        /// By rule and reason.
        package var notTold: [String: [String: Int]] = [:]
        package var open = 0
        package var segments = 0
        /// To one person on one day.
        package var mostPerDay = 0
        package var inQuietHours = 0
        package var planned = 0
        /// Rules that cannot be simulated: the store knows where orders stand now, and not where they stood then.
        package var leftOut: [String] = []
    }

    /// - Parameters:
    ///   - store: a copy, whose clock is `time`.
    ///   - tell: is told of each day that is over; false ends it.
    package static func run(
        rules given: NoticeRules, copy store: any Store, time: SimulatedTime, money: MoneyAnswers, zone: TimeZone,
        from first: CivilDate, to last: CivilDate, tell: (Day) -> Bool = { _ in true }
    ) throws -> Report {
        var report = Report()
        var rules = given
        rules.sends = true
        rules.digest += "-simulated"
        report.leftOut = rules.rules.filter { $0.kind == .progress }.map(\.name)
        rules.rules.removeAll { $0.kind == .progress }
        for index in rules.rules.indices { rules.rules[index].fresh = .asStored }
        let clock = CompanyClock(zone: zone, present: { time.now })
        struct Seen {
            var day = Day(day: CivilDate(dayNumber: 0))
            var perPerson: [String: Int] = [:]
            var quiet = 0
        }
        let seen = Mutex(Seen())
        let known = rules
        let channels = rules.channelNames.map { name in
            ActionSystem.simulated(ChannelConfiguration.prefix + name) { values in
                let rule = values["rule"] ?? ""
                let isQuiet = known.rule(rule)?.quiet.isQuiet(clock.now, clock) ?? false
                seen.withLock { seen in
                    seen.day.told[rule, default: 0] += 1
                    seen.day.segments += SMSLength.segments(of: values["text"] ?? "")
                    seen.perPerson[values["phone"] ?? values["account"] ?? "", default: 0] += 1
                    if isQuiet { seen.quiet += 1 }
                }
            }
        }
        let desk = NoticeDesk(
            rules: rules, channels: channels, store: store, money: money, clock: clock, hidesLater: true)
        let before = try store.read { try $0.notices(NoticeFilter(), before: nil, limit: 1).first?.id.number ?? 0 }
        time.set(clock.instant(first, minute: 0).microseconds)
        let worker = ActionWorker(desk.outbox, now: { time.now }, onError: { _ in })
        var day = first
        while day <= last {
            seen.withLock { $0 = Seen(day: Day(day: day), perPerson: [:], quiet: $0.quiet) }
            // By night one look: what comes in then waits for the morning all the same.
            for hour in [0] + Array(6..<24) where hour == 0 || hour < 22 {
                time.set(max(time.now, clock.instant(day, minute: hour * 60).microseconds))
                report.planned += try desk.look().planned
                _ = try worker.workOnDue()
            }
            let (done, most, quiet) = seen.withLock { ($0.day, $0.perPerson.values.max() ?? 0, $0.quiet) }
            for (rule, count) in done.told { report.told[rule, default: 0] += count }
            report.segments += done.segments
            report.mostPerDay = max(report.mostPerDay, most)
            report.inQuietHours = quiet
            if !done.told.isEmpty { report.days.append(done) }
            if !tell(done) { break }
            day = day.adding(days: 1)
        }
        var page: NoticeID?
        while true {
            let notices = try store.read { try $0.notices(NoticeFilter(), before: page, limit: 1000) }
            for notice in notices where notice.id.number > before {
                switch notice.state {
                case .sent: break
                case .notSent: report.notTold[notice.notice.rule, default: [:]][notice.reason ?? "", default: 0] += 1
                default: report.open += 1
                }
            }
            guard let last = notices.last, last.id.number > before else { break }
            page = last.id
        }
        return report
    }
}
