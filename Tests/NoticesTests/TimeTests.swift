import Foundation
import HeatModel
import Testing

@testable import Notices

/// Quiet hours on the company's clock, and the length of messages.
@Suite struct TimeTests {
    private func clock(_ zone: String) throws -> CompanyClock {
        CompanyClock(zone: try #require(TimeZone(identifier: zone)), present: { 0 })
    }

    private func allowed(_ text: String, _ quiet: QuietHours, _ zone: String = "Asia/Shanghai") throws -> String {
        let clock = try clock(zone)
        return "\(quiet.allowed(from: try #require(Instant(text)), clock))"
    }

    @Test func nightEndsAtEight() throws {
        #expect(try allowed("2026-12-28T07:59:59+08:00", .night) == "2026-12-28T08:00:00+08:00")
        #expect(try allowed("2026-12-28T08:00:00+08:00", .night) == "2026-12-28T08:00:00+08:00")
        #expect(try allowed("2026-12-28T19:59:59.999999+08:00", .night) == "2026-12-28T19:59:59.999999+08:00")
        #expect(try allowed("2026-12-28T20:00:00+08:00", .night) == "2026-12-29T08:00:00+08:00")
        #expect(try allowed("2026-12-28T23:59:59+08:00", .night) == "2026-12-29T08:00:00+08:00")
        // A moment stated on another offset is the same moment.
        #expect(try allowed("2026-12-28T12:00:00Z", .night) == "2026-12-29T08:00:00+08:00")
    }

    @Test func hoursWithinADayAndNone() throws {
        let noon = QuietHours(from: 12 * 60, to: 14 * 60)
        #expect(try allowed("2026-12-28T13:30:00+08:00", noon) == "2026-12-28T14:00:00+08:00")
        #expect(try allowed("2026-12-28T11:59:00+08:00", noon) == "2026-12-28T11:59:00+08:00")
        let none = QuietHours(from: 0, to: 0)
        #expect(try allowed("2026-12-28T03:00:00+08:00", none) == "2026-12-28T03:00:00+08:00")
    }

    /// Berlin puts its clocks forward from 02:00 to 03:00 on 2026-03-29, and back from 03:00 to 02:00 on 2026-10-25.
    @Test func clocksThatAreChanged() throws {
        let toHalfPastTwo = QuietHours(from: 22 * 60, to: 150)
        #expect(try allowed("2026-03-29T00:30:00Z", toHalfPastTwo, "Europe/Berlin") == "2026-03-29T03:30:00+02:00")
        #expect(try allowed("2026-03-28T20:59:00Z", toHalfPastTwo, "Europe/Berlin") == "2026-03-28T21:59:00+01:00")
        // 02:40 comes before 02:00 once more: what is allowed is not quiet.
        for minute in stride(from: 0, to: 26 * 60, by: 7) {
            for (day, quiet) in [("2026-10-24T20:00:00Z", toHalfPastTwo), ("2026-03-28T20:00:00Z", .night)] {
                let clock = try clock("Europe/Berlin")
                let from = Instant(
                    microseconds: try #require(Instant(day)).microseconds + Int64(minute) * 60_000_000, offsetMinutes: 0
                )
                let moment = quiet.allowed(from: from, clock)
                #expect(!quiet.isQuiet(moment, clock) && moment >= from, "\(from)")
                // Nothing earlier was allowed.
                var earlier = from
                while earlier < moment {
                    #expect(quiet.isQuiet(earlier, clock), "\(earlier) of \(from)")
                    earlier.microseconds += 60_000_000
                }
            }
        }
    }

    @Test func segments() {
        func text(_ count: Int) -> String { String(repeating: "热", count: count) }
        #expect(SMSLength.segments(of: "") == 1)
        #expect(SMSLength.segments(of: text(70)) == 1)
        #expect(SMSLength.segments(of: text(71)) == 2)
        #expect(SMSLength.segments(of: text(134)) == 2)
        #expect(SMSLength.segments(of: text(135)) == 3)
        // A character of two units does not fit where one is left.
        #expect(SMSLength.segments(of: text(66) + "😀" + text(66)) == 3)
        #expect(SMSLength.segments(of: text(65) + "😀" + text(67)) == 2)
        #expect(SMSLength.segments(of: String(repeating: "😀", count: 35)) == 1)
        #expect(SMSLength.segments(of: String(repeating: "😀", count: 36)) == 2)
    }

    @Test func occasionsAreReadAsTheyAreWritten() {
        let all: [(Occasion, NoticeRules.Kind)] = [
            (.season("2026-2027"), .arrears), (.done(order: "WX#1.2", round: 3, isAgain: true), .followUp),
            (.state(order: "WX/7", .enroute), .progress), (.outage(stream: 7, key: [0, 31, 255], .ended), .outage),
        ]
        for (occasion, kind) in all { #expect(Occasion(occasion.text, of: kind) == occasion) }
        for text in ["", "#", "a#b", "1/0g#begun", "1/0#begun", "x#1"] {
            #expect(Occasion(text, of: .outage) == nil && Occasion(text, of: .progress) == nil, "\(text)")
        }
    }
}
