import Foundation
import Testing

@testable import Sync

@Suite struct ScheduleTests {
    @Test func cron() throws {
        let nightly = try #require(CronExpression("30 2 * * *"))
        #expect(nightly.matches(minute: 30, hour: 2, day: 1, month: 1, weekday: 0))
        #expect(!nightly.matches(minute: 31, hour: 2, day: 1, month: 1, weekday: 0))
        let working = try #require(CronExpression("*/15 8-18 * * 1-5"))
        #expect(working.matches(minute: 45, hour: 18, day: 3, month: 6, weekday: 5))
        #expect(!working.matches(minute: 45, hour: 18, day: 3, month: 6, weekday: 6))
        let either = try #require(CronExpression("0 0 1 * 7"))
        #expect(either.matches(minute: 0, hour: 0, day: 1, month: 1, weekday: 3))
        #expect(either.matches(minute: 0, hour: 0, day: 9, month: 1, weekday: 0))
        for wrong in [
            "", "* * * *", "60 * * * *", "* 24 * * *", "5-1 * * * *", "*/0 * * * *", "a * * * *", "* * 0 * *",
        ] {
            #expect(CronExpression(wrong) == nil, "\(wrong)")
        }
        let zone = try #require(TimeZone(identifier: "Asia/Shanghai"))
        // 2026-11-22T02:29:30+08:00.
        let date = Date(timeIntervalSince1970: 1_795_285_770)
        #expect(SyncSchedule.wait(.cron(nightly), after: date, zone: zone) == 30)
        #expect(SyncSchedule.wait(.every(seconds: 7), after: date, zone: zone) == 7)
    }
}
