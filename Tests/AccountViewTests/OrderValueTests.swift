import HeatModel
import JSONText
import Testing

@testable import AccountView

/// What lists are ordered by: moments by the moment, whatever their offset and spelling.
@Suite struct OrderValueTests {
    private static func sorted(_ values: [String?]) -> [String?] {
        let bytes = values.map { $0.map { Array($0.utf8) } }
        return values.indices.sorted { left, right in
            func value<Result>(_ index: Int, _ body: (OrderValue) -> Result) -> Result {
                guard let text = bytes[index] else { return body(OrderValue(nil)) }
                return text.withUnsafeBytes { body(OrderValue($0)) }
            }
            return value(left) { left in value(right) { left.precedes($0) } } ?? (left < right)
        }.map { values[$0] }
    }

    static let orders: [[String?]] = [
        // Five hours behind and eight ahead.
        ["\"2026-01-02T01:00:00+08:00\"", "\"2026-01-01T23:00:00-05:00\""],
        // A fraction counts.
        [
            "\"2026-01-01T08:00:00+08:00\"", "\"2026-01-01T00:00:00.000001Z\"", "\"2026-01-01T08:00:00.5+08:00\"",
            "\"2026-01-01T00:00:01Z\"",
        ],
        // A day begins at its midnight in China, before an instant of then.
        [
            "\"2025-12-31T23:59:59+08:00\"", "\"2026-01-01\"", "\"2026-01-01T00:00:00+08:00\"",
            "\"2025-12-31T16:30:00Z\"", "\"2026-01-01T20:00:00-03:30\"", "\"2026-01-03\"",
        ],
        // An offset of half an hour, and one over the end of a year.
        ["\"2025-12-31T23:45:00+05:45\"", "\"2025-12-31T13:30:00-05:00\"", "\"2026-01-01T00:30:00+05:30\""],
        // Nothing, texts, moments, numbers; days that are none are texts.
        [nil, "\"2026-02-30\"", "\"2026-1-1\"", "\"abc\"", "\"2026-02-28\"", "-5", "7", "12"],
    ]

    @Test(arguments: orders) func momentsAreOrderedByTheMoment(_ right: [String?]) {
        for shift in right.indices {
            let turned = Array(right[shift...] + right[..<shift])
            #expect(Self.sorted(turned) == right)
            #expect(Self.sorted(turned.reversed()) == right)
        }
    }

    /// Against what the house's instants say, over moments, offsets and fractions; one moment in two spellings leaves the order to what is
    /// asked next.
    @Test func theOrderIsThatOfInstants() {
        let offsets: [Int16] = [-720, -330, -300, 0, 345, 480, 485, 840]
        let moments: [Int64] = [0, 1, 250_000, 900_000_000, 36_000_000_000, 86_400_000_000, -1, -86_399_999_999]
        let instants = moments.flatMap { moment in
            offsets.map { Instant(microseconds: 1_767_225_600_000_000 + moment, offsetMinutes: $0) }
        }
        for one in instants {
            for other in instants {
                let precedes = Array("\"\(one)\"".utf8).withUnsafeBytes { left in
                    Array("\"\(other)\"".utf8).withUnsafeBytes { OrderValue(left).precedes(OrderValue($0)) }
                }
                let right = one.microseconds == other.microseconds ? nil : one < other
                #expect(precedes == right, "\(one) \(other)")
            }
        }
    }
}
