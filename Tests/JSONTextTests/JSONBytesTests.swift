import Foundation
import HeatModel
import Testing

@testable import JSONText

@Suite struct JSONBytesTests {
    /// Texts of every length with something to escape at every place, beside what a library reads in them.
    @Test func readersGetBackWhatWasWritten() throws {
        let special: [Character] = [
            "\"", "\\", "\n", "\t", "\u{1}", "\u{1F}", "热", "\u{7F}", "é", "😀", " ", "!", "#", "[", "]",
        ]
        for length in 0..<40 {
            for place in 0..<max(1, length) {
                for character in special {
                    var text = Array(repeating: Character("a"), count: length)
                    if length > 0 { text[place] = character }
                    if length > 9 { text[length - 1 - place / 2] = character }
                    let string = String(text)
                    var json = JSONBytes()
                    json.raw("[")
                    json.string(string)
                    json.raw("]")
                    let read = try JSONDecoder().decode([String].self, from: Data(json.bytes))
                    #expect(read == [string])
                }
            }
        }
    }

    @Test func growsAsItMust() {
        var json = JSONBytes(capacity: 0)
        var expected: [UInt8] = []
        for number in 0..<5_000 {
            json.integer(Int64(number * 7919 - 9_000))
            json.raw(",")
            expected += Array("\(number * 7919 - 9_000),".utf8)
        }
        #expect(json.bytes == expected)
        #expect(json.count == expected.count)
        #expect(json.last == expected.last)
        json.removeLast(2)
        #expect(json.bytes == Array(expected.dropLast(2)))
        json.removeAll()
        #expect(json.bytes.isEmpty && json.last == nil)
    }

    @Test(arguments: [
        (0, "0"), (7, "7"), (-1, "-1"), (10, "10"), (99, "99"), (-100, "-100"), (Int64.max, "9223372036854775807"),
        (Int64.min, "-9223372036854775808"), (1_000_000_000_000_000_000, "1000000000000000000"),
        (999_999_999_999_999_999, "999999999999999999"),
    ])
    func integers(_ value: Int64, _ text: String) {
        var json = JSONBytes()
        json.integer(value)
        #expect(json.text == text)
    }

    @Test(arguments: [
        (0, "\"0.00\""), (5, "\"0.05\""), (-1205, "\"-12.05\""), (284_640, "\"2846.40\""),
        (Int64.min, "\"-92233720368547758.08\""),
    ])
    func yuan(_ fen: Int64, _ text: String) {
        var json = JSONBytes()
        json.yuan(fen)
        #expect(json.text == text)
    }

    @Test func valuesOfDigitsAreWhatTheirDescriptionSays() throws {
        var json = JSONBytes()
        let instant = try #require(Instant("2026-01-20T08:30:00.25+08:00"))
        json.raw("[")
        json.string(instant)
        json.raw(",")
        json.digits(Fen(-123_456_789))
        json.key("area_fen", droppingLast: 4, isFirst: false)
        json.string(ExactDecimal(units: -5, places: 18))
        #expect(
            json.text
                == "[\"2026-01-20T08:30:00.25+08:00\",-1,234,567.89,\"area\":\"-0.000000000000000005\"")
    }
}
