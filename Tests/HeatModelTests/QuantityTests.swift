import Foundation
import HearthTesting
import HeatModel
import Testing

@Suite struct QuantityTests {
    @Test func decimalsRoundAsTheirRuleSays() {
        let cases: [(Int64, ExactDecimal.Rounding, Int64)] = [
            (25, .halfUp, 3), (-25, .halfUp, -3), (24, .halfUp, 2), (25, .truncate, 2), (-29, .truncate, -2),
            (25, .halfEven, 2),
            (35, .halfEven, 4), (-25, .halfEven, -2), (26, .halfEven, 3), (21, .up, 3), (-21, .up, -3), (20, .up, 2),
        ]
        for (units, rounding, expected) in cases {
            let rounded = ExactDecimal(units: units, places: 1).rounded(places: 0, rounding)
            #expect(rounded == ExactDecimal(units: expected, places: 0), "\(units) \(rounding)")
        }
    }

    @Test func decimalsCompareByNumberAlone() {
        let half = ExactDecimal(units: 15, places: 1)
        #expect(half.compare(ExactDecimal(units: 1500, places: 3)) == 0)
        #expect(half != ExactDecimal(units: 1500, places: 3))
        #expect(half.compare(ExactDecimal(units: 151, places: 2)) == -1)
        #expect(half.compare(ExactDecimal(units: Int64.max, places: 0)) == -1)
        #expect(half.exactly(places: 0) == nil)
        #expect(ExactDecimal(units: .max, places: 0).exactly(places: 1) == nil)
    }

    @Test(arguments: ["", "-", ".", "1.2.3", "1e3", " 1", "1,000", "９", "99999999999999999999"])
    func whatIsNoDecimalIsRefused(_ text: String) { #expect(ExactDecimal(text) == nil) }

    @Test func decimalsComeBackFromTheirText() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<20_000 {
            let value = ExactDecimal(
                units: Int64(truncatingIfNeeded: random.next() >> (random.next() % 60)),
                places: UInt8(random.next() % 10))
            #expect(ExactDecimal(value.description) == value)
        }
    }

    @Test func everyDayAgreesWithFoundation() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        let first = try #require(CivilDate(year: 1900, month: 1, day: 1))
        let last = try #require(CivilDate(year: 2100, month: 12, day: 31))
        for number in first.dayNumber...last.dayNumber {
            let date = CivilDate(dayNumber: number)
            let parts = calendar.dateComponents(
                [.year, .month, .day], from: Date(timeIntervalSince1970: Double(number) * 86_400))
            let (year, month, day) = date.components
            guard year == parts.year, month == parts.month, day == parts.day,
                CivilDate(year: year, month: month, day: day) == date,
                CivilDate(date.description) == date
            else {
                Issue.record("\(date) differs")
                return
            }
        }
        #expect(last.days(since: first) == 73_413)
    }

    @Test(arguments: ["2025-02-29", "2025-13-01", "2025-00-10", "2025-1-1", "1900-02-29", "0000-01-01", "2025/01/01"])
    func whatIsNoDayIsRefused(_ text: String) { #expect(CivilDate(text) == nil) }

    @Test func instantsComeBackFromTheirText() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<5_000 {
            let instant = Instant(
                microseconds: Int64(random.next() % 8_000_000_000_000_000) - 2_000_000_000_000_000,
                offsetMinutes: Int16(random.next() % 1440) - 720)
            #expect(Instant(instant.description) == instant)
        }
    }

    @Test func instantsAreRead() {
        #expect(Instant("2025-11-15T08:30:00+08:00")?.microseconds == 1_763_166_600_000_000)
        #expect(Instant("2025-11-15T00:30:00Z")?.description == "2025-11-15T00:30:00+00:00")
        #expect(Instant("2025-11-15T08:30:00.250+08:00")?.description == "2025-11-15T08:30:00.25+08:00")
        for text in [
            "2025-11-15T24:00:00Z", "2025-11-15T08:30:00", "2025-11-15T08:30:00+0800", "2025-11-15T08:30:00.+08:00",
        ] {
            #expect(Instant(text) == nil, "\(text)")
        }
    }

    @Test func fenIsWrittenInYuan() {
        let cases: [(Int64, String)] = [
            (0, "0.00"), (5, "0.05"), (-5, "-0.05"), (99_999, "999.99"), (100_000, "1,000.00"), (284_640, "2,846.40"),
            (-123_456_789, "-1,234,567.89"), (.min, "-92,233,720,368,547,758.08"),
        ]
        for (amount, text) in cases { #expect(Fen(amount).description == text) }
        for shift in 0..<64 {
            for amount in [Int64(bitPattern: 1 << shift), Int64.max >> shift, Int64.min >> shift] {
                let digits = String(amount.magnitude)
                let padded = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
                let plain = (amount < 0 ? "-" : "") + padded.dropLast(2) + "." + padded.suffix(2)
                let text = Fen(amount).description
                #expect(text.replacing(",", with: "") == plain)
                let groups = text.dropLast(3).drop { $0 == "-" }.split(separator: ",", omittingEmptySubsequences: false)
                #expect(groups.dropFirst().allSatisfy { $0.count == 3 } && 1...3 ~= groups[0].count, "\(text)")
                for places: UInt8 in 0...25 {
                    let zeros = String(repeating: "0", count: max(0, Int(places) + 1 - digits.count)) + digits
                    let point = places == 0 ? "" : "."
                    #expect(
                        ExactDecimal(units: amount, places: places).description
                            == (amount < 0 ? "-" : "") + zeros.dropLast(Int(places)) + point + zeros.suffix(Int(places))
                    )
                }
            }
        }
    }

    @Test func degreesHaveOnePlace() {
        #expect(TenthsOfDegree("19.2")?.tenths == 192)
        #expect(TenthsOfDegree("-5")?.description == "-5.0")
        #expect(TenthsOfDegree("19.20")?.tenths == 192)
        #expect(TenthsOfDegree("19.25") == nil)
    }
}
