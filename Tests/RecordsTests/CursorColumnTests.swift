import HeatModel
import Records
import Testing

/// What moves a cursor, by the source's clock: 2026-11-28 13:45:00 in China.
@Suite struct CursorColumnTests {
    private static let now = Instant("2026-11-28T13:45:00+08:00")!

    private func outcome(_ values: [String], _ order: String? = nil) throws -> CursorOutcome {
        var column = CursorColumn(order: try order.map { try #require(CursorOrder(declared: $0)) }, now: Self.now)
        for value in values { column.take(value) }
        return column.outcome()
    }

    /// A declared order, values that are progress, and what must not move the cursor beyond them.
    static let columns: [(order: String?, progress: [String], strays: [String])] = [
        (nil, ["2026-11-27 08:00:00", "2026-11-28 13:44:59"], ["9999-12-31 00:00", "N/A", "", "2026-11-28 13:45:01"]),
        (
            "iso", ["2026-11-27T08:00:00Z", "2026-11-28T05:44:59.5Z"],
            ["2026-11-28T05:45:01Z", "2026-11-28 14:00", "待定"]
        ),
        ("iso", ["2026-11-27", "2026-11-28"], ["2026-11-29", "2099-01-01", "infinity"]),
        (
            "number", ["20261127080000", "20261128134459"],
            ["99991231235959", "20261128134501", "N/A", "99999999999999"]
        ),
        (nil, ["20261127", "20261128"], ["20261129", "99991231", "99999999"]),
        ("number", ["202611270800", "202611281345"], ["202611281346", "999912312359"]),
        ("number", ["1795000000", "1795841100"], ["1795844701", "253402300799", "9999999999", "4102444800"]),
        ("number", ["1795000000000", "1795841100000"], ["1795844701000", "253402300799000", "9223372036854775807"]),
        ("epochSeconds", ["5", "1795841100"], ["1795844701"]),
        ("number", (1...40).map(String.init), ["2147483647", "9223372036854775807", "99999999", "5000000"]),
        (
            "counter", (1...40).map(String.init),
            ["20240101000000", "1700000000", "123456789012345678901234567890123456"]
        ),
        ("number", ["100", "1000"], ["99991231235959"]),
        ("yyyy/M/d", ["2026/9/30", "2026/10/1"], ["2027/1/1", "9999/12/31", "N/A", "2026-10-02"]),
        ("dd.MM.yyyy HH:mm", ["30.09.2026 08:00", "01.10.2026 07:00"], ["01.01.2027 00:00", "x"]),
        ("yyyy年M月d日", ["2026年9月30日", "2026年10月1日"], ["2027年1月1日"]),
        (nil, ["2026/09/30", "2026/10/01"], ["9999/12/31", "N/A"]),
        ("text", ["V000123", "V000124"], ["N/A", "无", "V999999"]),
    ]

    @Test(arguments: columns.indices) func straysDoNotMoveTheCursor(_ index: Int) throws {
        let (order, progress, strays) = Self.columns[index]
        // In every order of arrival.
        for values in [progress + strays, strays + progress, (strays + progress).reversed()] {
            let outcome = try outcome(values, order)
            #expect(outcome.progress == progress.last, "\(outcome)")
            #expect(outcome.refusal == nil)
            #expect(outcome.ahead.rows + outcome.unusable.rows >= strays.count - 1 && outcome.values == values.count)
        }
        // Each alone, and the strays without any progress.
        for stray in strays {
            #expect(try self.outcome(progress + [stray], order).progress == progress.last, "\(stray)")
        }
        let alone = try outcome(strays, order).progress
        #expect(alone == nil || order == "counter" || order == "text" || order == "number", "\(alone ?? "")")
    }

    @Test(arguments: [
        ["2026/9/30", "2026/10/1"], ["30.09.2026", "01.10.2026"], ["2026/9/30 8:00", "N/A", "2026/10/01 08:00"],
        ["2026-9-30", "2026-10-1"], ["2026年9月30日", "2026年10月1日"], ["9/30/2026", "10/1/2026"],
    ]) func textsThatDoNotStandInTheOrderOfTimeAreRefused(_ values: [String]) throws {
        for order in [nil, "text"] {
            let outcome = try outcome(values, order)
            #expect(outcome.progress == nil && outcome.refusal != nil)
            let error = try #require(outcome.error(column: "gxsj", at: nil))
            #expect(error.code.name == "config.cursorOrder" && error.advice?.contains("cursorFormat") == true)
            #expect(!error.description.contains("30"))
        }
    }

    @Test func otherTextsNeedADeclaration() throws {
        #expect(try outcome(["abc", "abd"]).refusal != nil)
        #expect(try outcome(["abc", "abd"], "text").progress == "abd")
        #expect(try outcome(["9", "10"], "text").refusal != nil)
        #expect(try outcome(["0009", "0010"], "text").progress == "0010")
        #expect(try outcome(["9", "10"]).progress == "10")
        #expect(try outcome([]).refusal == nil)
        #expect(try outcome(["", " "]).progress == nil)
    }

    @Test func numbersMoveWithTheirKind() throws {
        #expect(try outcome(["100", "9", "90", "1000"], "number").progress == "1000")
        #expect(try outcome(["7"], "number").progress == "7")
        #expect(try outcome(["1000.25", "1000.5"], "number").progress == "1000.5")
        #expect(try outcome(["-5", "-3"], "number").progress == "-3")
        #expect(try outcome((0..<30).map { String(4_000_000 + $0 * 50_000) }, "number").progress == "5450000")
        // A jump of the counter is believed once enough stands above it.
        let jumped = (1...100).map(String.init) + (0..<15).map { String(90_000 + $0) }
        #expect(try outcome(jumped, "number").progress == "100")
        #expect(try outcome(jumped + ["90015"], "number").progress == "90015")
        #expect(try outcome(jumped, "number").ahead == CursorStrays(rows: 15, example: "90014"))
        // Eight digits that are no days count on.
        #expect(try outcome((20_261_100..<20_261_190).map(String.init), "number").progress == "20261189")
    }

    @Test func offsetsOfLocalMeanTimeAreRead() throws {
        let shanghai = CursorOrder.instant
        var texts = [
            "1910-01-01 08:05:43+08:05:43", "1910-01-01 00:00:00Z", "1910-01-01T00:00:00.000+0000", "1910-01-01 08:00",
        ]
        let moments = texts.indices.map { index in
            texts[index].withUTF8 { shanghai.moment($0, offsetMinutes: 480) }
        }
        #expect(Set(moments) == [-1_893_456_000_000_000])
    }

    @Test func placeholdersAreNoTimes() throws {
        let outcome = try outcome(["0001-01-01", "1900-01-01 00:00:00", "2026-01-01"])
        #expect(outcome.progress == "2026-01-01" && outcome.unusable.rows == 2)
        #expect(try self.outcome(["0", "1795000000", "1795000001"], "number").unusable.rows == 1)
    }

    @Test func whatIsShownOfATextIsItsShape() throws {
        let outcome = try outcome(["2026-01-01", "张伟 13800138000"])
        #expect(outcome.unusable == CursorStrays(rows: 1, example: "字字 99999999999"))
    }

    @Test func onlyFormatsThatCanBeReadAreDeclared() {
        for good in [
            "iso", "counter", "yyyyMMddHHmmss", "epochMilliseconds", "yyyy/M/d H:m:s", "dd.MM.yyyy",
            "yyyy-MM-ddTHH:mm:ss.SSS",
        ] {
            #expect(CursorOrder(declared: good)?.description == (good == "iso" ? "iso" : good))
        }
        for bad in [
            "", "yyyy", "isoo", "yy/M/d", "yyyyMd", "yyyy/MM/dd mm", "yyyy/MM/dd hh:mm", "MMM d yyyy", "yyyy/M/d s",
        ] {
            #expect(CursorOrder(declared: bad) == nil, "\(bad)")
        }
    }

    /// Memory does not grow: a hundred thousand rows in any order come to what the greatest of them is.
    @Test func aLongColumnIsJudgedAsItIsRead() throws {
        for step in [1, 7919] {
            var column = CursorColumn(order: .number, now: Self.now)
            for index in 0..<100_000 { column.take(String(200_000 + index * step % 100_003)) }
            column.take("99991231235959", rows: 3)
            let outcome = column.outcome()
            #expect(outcome.progress == String((0..<100_000).map { 200_000 + $0 * step % 100_003 }.max() ?? 0))
            #expect(outcome.ahead == CursorStrays(rows: 3, example: "99991231235959"))
        }
    }
}
