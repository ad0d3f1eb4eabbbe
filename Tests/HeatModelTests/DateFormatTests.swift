import HeatModel
import Testing

/// One reader of dates in a declared spelling, for fields, cursors and file names.
@Suite struct DateFormatTests {
    /// The parts that a whole text spells, as `y-M-d H:m:s.µ`; nil where it is spelled otherwise.
    private func read(_ text: String, _ format: String, short: Bool = false) throws -> String? {
        let format = try #require(DateFormat(format, takesShortNumbers: short))
        let bytes = Array(text.utf8)
        var date = DateParts()
        var end = 0
        let isRead = bytes.withUnsafeBufferPointer { bytes in
            bytes.baseAddress.map { format.read($0, count: bytes.count, from: &end, into: &date) } ?? false
        }
        guard isRead, end == bytes.count else { return nil }
        return "\(date.year)-\(date.month)-\(date.day) \(date.hour):\(date.minute):\(date.second).\(date.microsecond)"
    }

    @Test(arguments: [
        ("yyyy/M/d", "2026/9/30", "2026-9-30 0:0:0.0"), ("yyyy/M/d", "2026/09/30", "2026-9-30 0:0:0.0"),
        ("yyyyMMddHHmmss", "20260930081507", "2026-9-30 8:15:7.0"), ("yyyy", "2008", "2008-1-1 0:0:0.0"),
        ("yyyy-MM", "2008-09", "2008-9-1 0:0:0.0"), ("dd-MMM-yy", "15-NOV-25", "2025-11-15 0:0:0.0"),
        ("dd-MMM-yy", "15-11月-69", "1969-11-15 0:0:0.0"), ("yyMMdd", "681231", "2068-12-31 0:0:0.0"),
        ("yyyy年M月d日 H时m分", "2026年9月3日 8时5分", "2026-9-3 8:5:0.0"), ("yyyyM", "20269", "2026-9-1 0:0:0.0"),
        ("yyyy-MM-ddTHH:mm:ss.SSS", "2026-09-30t08:15:07.25", "2026-9-30 8:15:7.250000"),
        ("yyyy-MM-dd HH:mm:ss.S", "2026-09-30 08:15:07.123456789", "2026-9-30 8:15:7.123456"),
        ("dd.MM.yyyy 00:00", "30.09.2026 00:00", "2026-9-30 0:0:0.0"),
    ])
    func reads(_ format: String, _ text: String, _ expected: String) throws {
        #expect(try read(text, format) == expected)
        #expect(try read(text + "1", format) == nil || format.hasSuffix("S") || format == "yyyyM")
        #expect(try read(String(text.dropLast()), format) == nil || format.hasSuffix("d") || format.contains("S"))
    }

    @Test(arguments: [
        ("yyyy/MM/dd", "2026/9/30"), ("yyyy/M/d", "26/9/30"), ("dd-MMM-yy", "15-FOO-25"), ("dd-MMM-yy", "15-11-25"),
        ("yyyy-MM-dd", "2026/09/30"), ("yyyy/M/d", ""), ("yyyy/M/d", "2026//1"),
    ])
    func whatIsSpelledOtherwise(_ format: String, _ text: String) throws { #expect(try read(text, format) == nil) }

    @Test func shortNumbersWhereTheyAreTaken() throws {
        for (format, text) in [("yyyy/MM/dd", "2026/9/3"), ("dd.MM.yyyy", "3.9.2026"), ("MM月dd日yyyy", "9月3日2026")] {
            #expect(try read(text, format) == nil)
            #expect(try read(text, format, short: true) == "2026-9-3 0:0:0.0")
        }
        // Digits beside it leave no choice.
        #expect(try read("2026903", "yyyyMMdd", short: true) == nil)
    }

    @Test(arguments: [
        "", "M/d", "yy/yyyy", "yyyy/d", "yyy/M/d", "YYYY-MM-DD", "MMMM yyyy", "yyyyMd", "yyyy/MM/dd mm",
        "yyyy/MM/dd hh:mm", "yyyy/M/d s",
        "yyyy H ss", "yyyyM1", "yyyy-MM-dd Z", "Myyyy",
    ])
    func whatIsNoFormat(_ text: String) {
        #expect(DateFormat(text) == nil && DateFormat(text, takesShortNumbers: true) == nil)
    }

    @Test(arguments: ["yyyy/M/d", "dd-MMM-yy", "yyyyMMddHHmmss", "d.M.yyyy H:m:s", "yyyy-MM-dd HH:mm:ss.SSS"])
    func whatIsWrittenIsReadBack(_ format: String) throws {
        for (month, day) in [(1, 1), (11, 30), (9, 12)] {
            var date = DateParts()
            (date.year, date.month, date.day) = (2026, month, day)
            (date.hour, date.minute, date.second, date.microsecond) =
                format.contains("s") ? (8, 5, 59, 0) : (0, 0, 0, 0)
            let text = try #require(DateFormat(format)).text(of: date)
            #expect(
                try read(text, format)?.hasPrefix("2026-\(month)-\(day) \(date.hour):\(date.minute)") == true, "\(text)"
            )
        }
    }
}
