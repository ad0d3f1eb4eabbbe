import Foundation
import HearthTesting
import HeatModel
import Records
import Testing

@testable import Mapping

/// Days and moments whose meaning depends on a zone, and those that mean "never".
@Suite struct MomentTests {
    @Test(arguments: [
        ("2025-11-14T16:00:00Z", "2025-11-15"), ("2025-11-14T15:59:59Z", "2025-11-14"),
        ("2025-11-14 16:00:00.000+00", "2025-11-15"), ("2025-11-15T00:30:00+09:00", "2025-11-14"),
        ("2025-11-14T20:00:00-05:00", "2025-11-15"), ("2025-12-31T16:00:00Z", "2026-01-01"),
        ("2025-11-15T10:00:00+08:00", "2025-11-15"), ("20251114160000Z", "2025-11-15"),
        ("2025/11/14 16:00 +00:00", "2025-11-15"), ("2024-02-28T23:00:00Z", "2024-02-29"),
        // In summer of 1990 China was nine hours east.
        ("1990-06-30T15:00:00Z", "1990-07-01"), ("1990-01-30T15:00:00Z", "1990-01-30"),
        // Without a time there is no moment to move: the day is the one that stands there.
        ("2025-11-15Z", "2025-11-15"), ("2025-11-15+09:00", "2025-11-15"), ("2025-11-15 23:30:00", "2025-11-15"),
    ])
    func theDayOfAMomentIsTheStreamsOwn(_ text: String, _ day: String) throws {
        #expect(try Bench.convert(text, "date") == "ok:\"\(day)\"")
    }

    @Test func theZoneOfTheFileDecides() throws {
        let berlin = "zone: Europe/Berlin"
        #expect(try Bench.convert("2025-11-14T23:30:00Z", "date", file: berlin) == "ok:\"2025-11-15\"")
        #expect(try Bench.convert("2025-11-14T22:30:00Z", "date", file: berlin) == "ok:\"2025-11-14\"")
        #expect(try Bench.convert("2025-07-14T22:30:00Z", "date", file: berlin) == "ok:\"2025-07-15\"")
        // The range is of the day kept.
        let range = "valid: 2025-11-15..2025-11-15"
        #expect(try Bench.convert("2025-11-14T16:00:00Z", "date", range) == "ok:\"2025-11-15\"")
        #expect(try Bench.convert("2025-11-15T16:00:00Z", "date", range) == "record.outOfRange")
    }

    /// Against the calendar of Foundation.
    @Test(arguments: ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "UTC"])
    func daysAgreeWithTheCalendar(_ name: String) throws {
        var random = SeededGenerator(seed: 13)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: name))
        let yaml =
            "entity: charge\nfrom: a.b\nkey: [id]\nzone: \(name)\naccount: {column: id}\nfields:\n  dueOn: {column: v, as: date}"
        var rows: [[String?]] = []
        var expected: [String] = []
        for index in 0..<1500 {
            let second = Int64(random.next() % 3_000_000_000) - 500_000_000
            let instant = Instant(microseconds: second * 1_000_000, offsetMinutes: Int16(random.next() % 1440) - 720)
            let parts = calendar.dateComponents(
                [.year, .month, .day], from: Date(timeIntervalSince1970: Double(second)))
            let day = try #require(CivilDate(year: parts.year ?? 0, month: parts.month ?? 0, day: parts.day ?? 0))
            rows.append(["\(index)", instant.description])
            expected.append("{\"due_on\":\"\(day)\"}")
        }
        let mapped = try MappingPlan(Bench.file(yaml), columns: ["id", "v"]).map(Bench.batch(["id", "v"], rows))
        #expect(mapped.records.map { mapped.text($0.body) } == expected)
    }

    @Test(arguments: [
        // .NET
        "0001-01-01T00:00:00", "0001-01-01", "0001/1/1 0:00:00", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+08:00",
        "0001-01-01T08:00:00+08:00", "0001-01-01 08:05:43+08:05:43", "0001-12-31 15:54:17+00 BC", "0001-12-31 BC",
        "0001-01-01T00:00:00.0000000",
        // MySQL
        "0000-00-00", "0000-00-00 00:00:00", "00000000", "0000-01-01",
        // SQL Server, Windows
        "1753-01-01", "1753-01-01 00:00:00.000", "1900-01-01", "1900/1/1", "1900-01-01T10:30:00",
        "1900-01-01 00:00:00+08:05:43", "1899-12-31 15:54:17+00", "1899-12-31T16:00:00Z", "1601-01-01T00:00:00Z",
        // Delphi, Access, Excel
        "1899-12-30", "1899-12-30 10:30:00", "1899-12-31", "18991230",
    ])
    func neverIsNothing(_ text: String) throws {
        #expect(try Bench.convert(text, "date") == "null", "\(text)")
        #expect(try Bench.convert(text, "instant") == "null", "\(text)")
        #expect(try Bench.convert(text, "instant", "required: true") == "record.required")
    }

    @Test(arguments: ["1970-01-01", "1753-01-02", "1900-01-03", "0001-02-01", "1899-12-29", "9999-12-31", "1898-12-31"])
    func otherDaysAreDays(_ text: String) throws {
        #expect(try Bench.convert(text, "date") == "ok:\"\(text)\"")
    }

    @Test(arguments: ["0000-13-01", "0000-01-32", "2025-11-15 BC", "0002-01-01 BC", "2025-00-00", "1900-02-29"])
    func whatIsNoDayIsNotNothing(_ text: String) throws {
        #expect(try Bench.convert(text, "date") == "record.badDate")
    }

    @Test(arguments: [
        ("1899-06-01 12:00:00+08:05:43", "1899-06-01T11:59:17+08:05"),
        ("1880-01-01 00:00:00+08:05:43", "1879-12-31T23:59:17+08:05"),
        ("1850-03-04 01:02:03.5-00:01:15", "1850-03-04T01:03:18.5+00:00"),
        ("1890-01-01T00:00:00+080543", "1889-12-31T23:59:17+08:05"),
        ("2025-11-15 10:30:00+08:00:00", "2025-11-15T10:30:00+08:00"),
    ])
    func offsetsMayHaveSeconds(_ text: String, _ expected: String) throws {
        let result = try Bench.convert(text, "instant")
        // An offset of no whole minutes is -00:01 or +00:00: the moment is what counts.
        guard text.contains("-00:01") else {
            #expect(result == "ok:\"\(expected)\"")
            return
        }
        let read = Instant(String(result.dropFirst(4).dropLast()))
        #expect(read?.microseconds == Instant(expected)?.microseconds, "\(result)")
    }

    @Test(arguments: ["+08:05:60", "+08:5:43", "+8:05:43", "+08:05:", "+0805433", "+19:00:00", "+08:05:43:1"])
    func badOffsetsAreDefects(_ offset: String) throws {
        #expect(try Bench.convert("1899-06-01 12:00:00\(offset)", "instant") == "record.badInstant")
    }

    @Test(arguments: [
        ("2025/11/15 3:05:07 PM", "15:05:07"), ("2025-11-15 03:05:07 AM", "03:05:07"),
        ("2025/11/15 下午 3:05:07", "15:05:07"),
        ("2025年11月15日 上午9时5分", "09:05:00"), ("2025-11-15 12:00:00 PM", "12:00:00"),
        ("2025-11-15 12:00:00 AM", "00:00:00"),
        ("2025/11/15 3:05 pm", "15:05:00"), ("2025-11-15 03:05:07PM", "15:05:07"),
    ])
    func halvesOfTheDay(_ text: String, _ time: String) throws {
        #expect(try Bench.convert(text, "instant") == "ok:\"2025-11-15T\(time)+08:00\"")
    }

    @Test(arguments: [
        "2025-11-15 13:05:07 PM", "2025-11-15 PM", "2025-11-15 3 PM", "2025-11-15 下午", "2025-11-15 3:05 XM",
    ])
    func badHalvesAreDefects(_ text: String) throws {
        #expect(try Bench.convert(text, "instant") == "record.badInstant", "\(text)")
    }

    @Test(arguments: [
        ("M/d/yyyy", "11/15/2025", "2025-11-15"), ("M/d/yyyy", "1/5/2025", "2025-01-05"),
        ("M/d/yyyy", "01/05/2025 10:30:00", "2025-01-05"),
        ("dd/MM/yyyy", "15/11/2025", "2025-11-15"), ("d.M.yyyy", "5.1.2025", "2025-01-05"),
        ("dd-MMM-yy", "15-NOV-25", "2025-11-15"),
        ("dd-MMM-yy", "15-11月-25", "2025-11-15"), ("d MMM yyyy", "5 Jan 1999", "1999-01-05"),
        ("MM-dd-yy", "11-15-69", "1969-11-15"),
        ("yyyy", "2008", "2008-01-01"), ("yyyy年", "2008年", "2008-01-01"), ("yyyy-MM", "2008-09", "2008-09-01"),
        ("yyyyMM", "200809", "2008-09-01"), ("yyMMdd", "251115", "2025-11-15"), ("ddMMyyyy", "15112025", "2025-11-15"),
        // What is written in an ordinary form is read beside a form that leaves no doubt.
        ("M/d/yyyy", "2025-11-15", "2025-11-15"), ("yyyy", "2025/11/15", "2025-11-15"),
        ("yyyyMM", "20251115", "2025-11-15"),
        ("M/d/yyyy", "１１／１５／２０２５", "2025-11-15"), ("M/d/yyyy", "11/14/2025 16:00:00Z", "2025-11-15"),
    ])
    func declaredForms(_ format: String, _ text: String, _ day: String) throws {
        #expect(try Bench.convert(text, "date", "format: \(format)") == "ok:\"\(day)\"")
        let instant = try Bench.convert(text, "instant", "format: [\(format)]")
        #expect(instant.hasPrefix("ok:\"2") || instant.hasPrefix("ok:\"1"))
    }

    @Test(arguments: [
        ("M/d/yyyy", "15/11/2025"), ("M/d/yyyy", "11/15/25"), ("M/d/yyyy", "2/30/2025"), ("yyyy", "208"),
        ("yyyy", "20080"),
        ("yyyy", "2008年"), ("ddMMyyyy", "20251115"), ("ddMMyyyy", "5112025"), ("dd-MMM-yy", "15-FOO-25"),
        ("yyyy-MM", "2008-13"),
    ])
    func whatFitsNoFormIsADefect(_ format: String, _ text: String) throws {
        #expect(try Bench.convert(text, "date", "format: \(format)") == "record.badDate")
    }

    @Test func formsOfNeverAreNothing() throws {
        #expect(try Bench.convert("1/1/0001 12:00:00 AM", "date", "format: M/d/yyyy") == "null")
        #expect(try Bench.convert("01/01/1900", "date", "format: [dd/MM/yyyy]") == "null")
        #expect(try Bench.convert("0000", "date", "format: yyyy") == "null")
    }

    @Test(arguments: [
        "M/d", "yyyy/yyyy", "d/yyyy", "yyyy/d/M", "YYYY-MM-DD", "M/d/yyy", "MMMM/d/yyyy", "M/d/yyyy HH:mm", "\"\"",
    ])
    func badFormsArePointedAt(_ format: String) throws {
        let problems = try Bench.problems(
            "entity: charge\nfrom: a.b\nkey: [id]\naccount: {column: id}\nfields:\n  dueOn: {column: v, as: date, format: \(format)}"
        )
        #expect(problems.first?.hasPrefix("6:40 config.badValue") == true, "\(problems)")
    }

    @Test func formsThatReadOneTextAsTwoDaysAreRefused() throws {
        for (first, second) in [("M/d/yyyy", "d/M/yyyy"), ("MM/dd/yy", "yy/MM/dd"), ("dd.MM.yy", "M.d.yy")] {
            let problems = try Bench.problems(
                "entity: charge\nfrom: a.b\nkey: [id]\naccount: {column: id}\nfields:\n  dueOn: {column: v, as: date, format: [\(first), \(second)]}"
            )
            #expect(problems.count == 1 && problems[0].contains("reads as \(first) and as \(second)"), "\(problems)")
        }
        for (first, second) in [("M/d/yyyy", "yyyy"), ("M/d/yyyy", "d.M.yyyy"), ("dd-MMM-yy", "dd-MM-yyyy")] {
            let file =
                "entity: charge\nfrom: a.b\nkey: [id]\naccount: {column: id}\nfields:\n  dueOn: {column: v, as: date, format: [\(first), \(second)]}"
            #expect(try Bench.problems(file) == [])
        }
    }

    /// Whatever stands in a column of dates, the readers neither crash nor read past its end.
    @Test func anyTextIsRead() throws {
        var random = SeededGenerator(seed: 99)
        let alphabet = Array("0123456789012345-/.: TZ+年月日时分秒上下午AMPBCnov").map(String.init)
        let yaml = """
            entity: charge
            from: a.b
            key: [id]
            account: {column: id}
            fields:
              dueOn: {column: v, as: date, format: [M/d/yyyy, dd-MMM-yy, yyyy], on_error: "null"}
              issuedAt: {column: v, as: instant, on_error: "null"}
            """
        let plan = try MappingPlan(Bench.file(yaml), columns: ["id", "v"])
        let rows = (0..<30_000).map { index -> [String?] in
            [
                "\(index)",
                (0..<random.next() % 24).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }.joined(),
            ]
        }
        let mapped = plan.map(Bench.batch(["id", "v"], rows))
        #expect(mapped.records.count == rows.count)
        for record in mapped.records where record.body.length > 2 {
            let body = try JSONSerialization.jsonObject(with: Data(mapped.bytes(record.body))) as? [String: String]
            if let day = body?["due_on"] { #expect(CivilDate(day) != nil) }
            if let instant = body?["issued_at"] { #expect(Instant(instant) != nil, "\(instant)") }
        }
    }
}
