import HearthTesting
import HeatModel
import Records
import Testing

@testable import Mapping

@Suite struct ConversionTests {
    @Test(arguments: [
        ("2025-11-15", "2025-11-15"), ("2025/11/15", "2025-11-15"), ("2025.11.15", "2025-11-15"),
        ("20251115", "2025-11-15"),
        ("2025年11月15日", "2025-11-15"), ("2025年1月5日", "2025-01-05"), ("2025/1/5", "2025-01-05"),
        (" 2025-11-15 ", "2025-11-15"),
        ("２０２５－１１－１５", "2025-11-15"), ("2025-11-15 10:30:00", "2025-11-15"), ("2025/11/15 9:05", "2025-11-15"),
        ("2025-11-15T10:30:00Z", "2025-11-15"), ("20251115103000", "2025-11-15"), ("2025-11-15+08:00", "2025-11-15"),
        ("2024-02-29", "2024-02-29"),
    ])
    func dates(_ text: String, _ expected: String) throws {
        #expect(try Bench.convert(text, "date") == "ok:\"\(expected)\"")
    }

    @Test(arguments: [
        "0000-00-00", "00000000", "0000/00/00", "1900-01-01", "1900/1/1", "0000-00-00 00:00:00", "", "  ",
    ])
    func datesOfNothing(_ text: String) throws { #expect(try Bench.convert(text, "date") == "null") }

    @Test(arguments: [
        "2025-02-29", "2025-13-01", "20251301", "202511", "25-11-15", "15/11/2025", "2025-11", "2025-11-15x",
        "2025-11/15", "明天",
        "2025-11-15 25:00:00", "2025年11月", "2025-11-15 10:30:00+99:00", "2025-11-1５5", "-", "2025-11-15 10:60",
    ])
    func badDates(_ text: String) throws { #expect(try Bench.convert(text, "date") == "record.badDate") }

    @Test(arguments: [
        ("2025-11-15 10:30:00", "2025-11-15T10:30:00+08:00"), ("2025-11-15", "2025-11-15T00:00:00+08:00"),
        ("2025-11-15 10:30", "2025-11-15T10:30:00+08:00"), ("2025-11-15T10:30:00.250", "2025-11-15T10:30:00.25+08:00"),
        ("2025-11-15T10:30:00Z", "2025-11-15T10:30:00+00:00"), ("2025-11-15 10:30:00+00", "2025-11-15T10:30:00+00:00"),
        ("2025-11-15 10:30:00.123456+0800", "2025-11-15T10:30:00.123456+08:00"),
        ("2025-11-15T10:30:00-03:30", "2025-11-15T10:30:00-03:30"), ("20251115103059", "2025-11-15T10:30:59+08:00"),
        ("2025/11/15 9:05:07", "2025-11-15T09:05:07+08:00"), ("2025年11月15日 9时5分", "2025-11-15T09:05:00+08:00"),
        ("２０２５－１１－１５　１０：３０", "2025-11-15T10:30:00+08:00"), ("2025-11-15T10:30:00.000", "2025-11-15T10:30:00+08:00"),
        // Summer time in China, 1986 to 1991.
        ("1990-07-01 12:00:00", "1990-07-01T12:00:00+09:00"), ("1990-12-01 12:00:00", "1990-12-01T12:00:00+08:00"),
        ("1985-07-01 12:00:00", "1985-07-01T12:00:00+08:00"), ("1992-07-01 12:00:00", "1992-07-01T12:00:00+08:00"),
    ])
    func instants(_ text: String, _ expected: String) throws {
        #expect(try Bench.convert(text, "instant") == "ok:\"\(expected)\"")
    }

    @Test func instantsOfAnotherZone() throws {
        let zone = "zone: Europe/Berlin"
        #expect(try Bench.convert("2025-07-01 12:00:00", "instant", file: zone) == "ok:\"2025-07-01T12:00:00+02:00\"")
        #expect(try Bench.convert("2025-12-01 12:00:00", "instant", file: zone) == "ok:\"2025-12-01T12:00:00+01:00\"")
        // Skipped and repeated hours take the offset before the change.
        #expect(try Bench.convert("2025-03-30 02:30:00", "instant", file: zone) == "ok:\"2025-03-30T02:30:00+01:00\"")
        #expect(try Bench.convert("2025-03-30 03:00:00", "instant", file: zone) == "ok:\"2025-03-30T03:00:00+02:00\"")
        #expect(try Bench.convert("2025-10-26 02:30:00", "instant", file: zone) == "ok:\"2025-10-26T02:30:00+02:00\"")
        #expect(try Bench.convert("2025-10-26 03:00:00", "instant", file: zone) == "ok:\"2025-10-26T03:00:00+01:00\"")
    }

    @Test(arguments: [
        ("1234.5", "\"1234.500\""), ("1,234.50", "\"1234.500\""), ("１，２３４．５", "\"1234.500\""), ("-0.5", "\"-0.500\""),
        ("+7", "\"7.000\""), (".5", "\"0.500\""), ("1.5000", "\"1.500\""), ("0", "\"0.000\""),
        ("1,234,567", "\"1234567.000\""), ("1e3", "\"1000.000\""), ("11860E-2", "\"118.600\""),
        ("118.6\u{A0}", "\"118.600\""), ("(0.5)", "\"-0.500\""), ("\u{2212}７", "\"-7.000\""), ("=\"1.5\"", "\"1.500\""),
    ])
    func decimals(_ text: String, _ expected: String) throws {
        #expect(try Bench.convert(text, "decimal(3)") == "ok:\(expected)")
    }

    @Test(arguments: [
        ("1.2345", "tooPrecise"), ("1,23.5", "badDecimal"), ("12,34", "badDecimal"), ("1234,567", "badDecimal"),
        ("abc", "badDecimal"),
        ("1e", "badDecimal"), ("1.5E-3", "tooPrecise"), ("¥5", "badDecimal"), ("1.2.3", "badDecimal"),
        ("--1", "badDecimal"), (".", "badDecimal"),
        ("1.23451x", "badDecimal"),
        ("99999999999999999999", "outOfRange"), ("1 000", "badDecimal"), ("0x10", "badDecimal"), ("一百", "badDecimal"),
    ])
    func badDecimals(_ text: String, _ code: String) throws {
        #expect(try Bench.convert(text, "decimal(3)") == "record.\(code)")
    }

    @Test func roundingOnlyWhereAsked() throws {
        #expect(try Bench.convert("1.2345", "decimal(3)", "round: halfUp") == "ok:\"1.235\"")
        #expect(try Bench.convert("-1.2345", "decimal(3)", "round: halfUp") == "ok:\"-1.235\"")
        #expect(try Bench.convert("1.23449", "decimal(3)", "round: halfUp") == "ok:\"1.234\"")
        #expect(try Bench.convert("9.995", "money(yuan)", "round: halfUp") == "ok:1000")
        #expect(try Bench.convert("9.995", "money(yuan)") == "record.tooPrecise")
        #expect(try Bench.convert("9.990", "money(yuan)") == "ok:999")
    }

    @Test func moneyIsFen() throws {
        #expect(try Bench.convert("2,846.40", "money(yuan)") == "ok:284640")
        #expect(try Bench.convert("284640", "money(fen)") == "ok:284640")
        #expect(try Bench.convert("-0.05", "money(yuan)") == "ok:-5")
        #expect(try Bench.convert("100.5", "money(fen)") == "record.tooPrecise")
        #expect(try Bench.convert("12元", "money(fen)") == "record.badDecimal")
        #expect(try Bench.convert("¥12.00", "money(fen)") == "record.badDecimal")
        #expect(try Bench.convert("12万元", "money(yuan)") == "record.badDecimal")
        #expect(try Bench.convert("12元", "money(yuan)", "unit: yuan") == "ok:1200")
        #expect(try Bench.convert("100000000000.01", "money(yuan)") == "record.outOfRange")
    }

    @Test(arguments: [
        "1234.50", "1,234.50元", "￥1,234.50", "¥ 1234.5", "人民币1234.50元", "RMB 1,234.50", "1234.50 cny", "$1,234.50",
        "1.2345E3", "12345e-1", "\u{A0}1,234.50\u{A0}", "１，２３４．５０", "+1234.50", "'1234.50", "=\"1,234.50\"",
    ])
    func amountsAreReadInEverySpelling(_ text: String) throws {
        #expect(try Bench.convert(text, "money(yuan)") == "ok:123450")
        for negative in ["(\(text))", "\(text)-", "-\(text)", "\u{2212}\(text)"] {
            // Only a text cell holds its sign within, and what is signed is not signed again.
            let isRead = !text.hasPrefix("'") && !text.hasPrefix("=") && !text.hasPrefix("+")
            let expected = isRead ? "ok:-123450" : "record.badDecimal"
            if text.hasPrefix("'"), negative.hasPrefix("'") { continue }
            #expect(try Bench.convert(negative, "money(yuan)") == expected, "\(negative)")
        }
    }

    @Test func pricesMayCarryYuan() throws {
        for text in ["26.7", "26.70元", "¥26.7", "2.67E1"] {
            let result = try Bench.convert(text, entity: "charge", field: "unitPrice", "as: decimal(3)")
            #expect(result == "ok:\"26.700\"")
        }
    }

    @Test func rangesAreInTheUnitOfTheSource() throws {
        for (value, expected) in [
            ("0", "ok:0"), ("10.50", "ok:1050"), ("10.51", "record.outOfRange"), ("-0.01", "record.outOfRange"),
        ] {
            #expect(try Bench.convert(value, "money(yuan)", "valid: 0..10.5") == expected)
        }
        #expect(try Bench.convert("1049", "money(fen)", "valid: ..1050") == "ok:1049")
        #expect(try Bench.convert("-1", "money(fen)", "valid: 0..") == "record.outOfRange")
        #expect(try Bench.convert("2025-11-15", "date", "valid: 2000-01-01..2025-11-15") == "ok:\"2025-11-15\"")
        #expect(try Bench.convert("2025-11-16", "date", "valid: 2000-01-01..2025-11-15") == "record.outOfRange")
        #expect(try Bench.convert("2", "decimal(0)", "valid: 2.5..9") == "record.outOfRange")
    }

    @Test(arguments: ["118.6", "118.6㎡", "118.6 m²", "118.6m2", "118.6平方米", "118.6平米", "１１８．６㎡", "118.600"])
    func areasMayCarryTheirUnit(_ text: String) throws {
        let result = try Bench.convert(
            text, entity: "premises", field: "area.building", "as: decimal(3), unit: m2, valid: 5..2000")
        #expect(result == "ok:\"118.600\"")
    }

    @Test func temperatures() throws {
        #expect(try Bench.convert("19.2", "tenths") == "ok:\"19.2\"")
        #expect(try Bench.convert("19.20℃", "tenths") == "ok:\"19.2\"")
        #expect(try Bench.convert("-3", "tenths") == "ok:\"-3.0\"")
        #expect(try Bench.convert("19.25", "tenths") == "record.tooPrecise")
    }

    @Test func integersAndBooleans() throws {
        #expect(try Bench.convert("1,200", "integer") == "ok:1200")
        #expect(try Bench.convert("12.0", "integer") == "ok:12")
        #expect(try Bench.convert("12.5", "integer") == "record.badInteger")
        for yes in ["1", "是", "Y", "true", "１", "ｙ"] { #expect(try Bench.convert(yes, "boolean") == "ok:true") }
        for no in ["0", "否", "N", "false"] { #expect(try Bench.convert(no, "boolean") == "ok:false") }
        #expect(try Bench.convert("2", "boolean") == "record.unknownCode")
        #expect(try Bench.convert("", "boolean") == "null")
        #expect(try Bench.convert("", "boolean", "true: [\"1\"], false: [\"0\", \"\"]") == "ok:false")
        #expect(try Bench.convert(nil, "boolean", "true: [\"1\"], false: [\"0\", \"\"]") == "null")
        #expect(try Bench.convert("是", "boolean", "true: [\"1\"], false: [\"0\", \"\"]") == "record.unknownCode")
    }

    @Test func textIsTrimmedAndFolded() throws {
        #expect(try Bench.convert("　Ａ１，ｂ　c　", "text") == "ok:\"A1,b c\"")
        #expect(try Bench.convert("①㎡ﬁ", "text") == "ok:\"1m2fi\"")
        #expect(try Bench.convert(" 张·三（男） ", "text") == "ok:\"张·三(男)\"")
        #expect(try Bench.convert(" Ａ ", "text(raw)") == "ok:\" Ａ \"")
        #expect(try Bench.convert("e\u{301}", "text") == "ok:\"é\"")
    }

    @Test func codes() throws {
        let table = "codes: {\"01\": paid, ２: unpaid, 部分缴费的用户已经登记在册: partlyPaid}"
        #expect(try Bench.convert("01", "code", table) == "ok:\"paid\"")
        #expect(try Bench.convert(" ０１　", "code", table) == "ok:\"paid\"")
        #expect(try Bench.convert("2", "code", table) == "ok:\"unpaid\"")
        #expect(try Bench.convert("部分缴费的用户已经登记在册", "code", table) == "ok:\"partlyPaid\"")
        #expect(try Bench.convert("部分缴费的用户未曾登记在册", "code", table) == "record.unknownCode")
        #expect(try Bench.convert("1", "code", table) == "record.unknownCode")
        #expect(try Bench.convert("9", "code", "codes: {\"1\": paid, \"*\": unpaid}") == "ok:\"unpaid\"")
    }

    @Test func codeTablesHoldAsManyAsTheyAreGiven() throws {
        var random = SeededGenerator(seed: 3)
        var distinct: Set<String> = []
        for _ in 0..<3000 {
            let number = String(random.next() >> (random.next() % 60), radix: 36)
            distinct.insert(number + String(repeating: "表", count: Int(random.next() % 9)))
        }
        let keys = distinct.sorted()
        let entries = keys.enumerated().map { (Array($1.utf8), ByteRange(offset: UInt32($0), length: 1)) }
        let table = CodeTable(entries, rest: .none)
        for (index, key) in keys.enumerated() { #expect(find(key, table) == index) }
        for key in keys { #expect(find(key + "~", table) == nil) }
    }

    private func find(_ key: String, _ table: CodeTable) -> Int? {
        Array(key.utf8).withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return nil }
            let piece = table.find(Text(base, buffer.count))
            return piece.isNone ? nil : Int(piece.offset)
        }
    }

    @Test func phones() throws {
        #expect(try Bench.convert("13912345678/024-12345678", "phones") == "ok:[\"13912345678\",\"02412345678\"]")
        #expect(try Bench.convert("１３９１２３４５６７８、+86 139", "phones") == "ok:[\"13912345678\",\"+86\",\"139\"]")
        #expect(try Bench.convert("139，138；137 136", "phones") == "ok:[\"139\",\"138\",\"137\",\"136\"]")
        #expect(try Bench.convert("139|138", "phones", "split: \"|\"") == "ok:[\"139\",\"138\"]")
        #expect(try Bench.convert("未登记", "phones") == "record.badPhone")
        #expect(try Bench.convert("未登记", "phones", "on_error: \"null\"") == "warned")
    }

    @Test func idNumbers() throws {
        #expect(try Bench.convert("11010519491231002x", "idNumber") == "ok:\"11010519491231002X\"")
        #expect(try Bench.convert("１１０１０５ 19491231002X", "idNumber") == "ok:\"11010519491231002X\"")
        #expect(try Bench.convert("110105194912310021", "idNumber") == "record.badIdNumber")
        #expect(try Bench.convert("110105194912310021", "idNumber", "check: false") == "ok:\"110105194912310021\"")
        #expect(try Bench.convert("110105491231002", "idNumber") == "ok:\"110105491231002\"")
        #expect(try Bench.convert("1101054912310", "idNumber") == "record.badIdNumber")
    }

    @Test func accountNumbers() throws {
        #expect(try Bench.convert("００１２ 3456", "accountNumber") == "ok:\"00123456\"")
        #expect(try Bench.convert("HT-1", "accountNumber") == "record.badAccountNumber")
    }

    @Test(arguments: ["2025-2026", "2025-26", "20252026", "2025/2026", "２０２５－２０２６", "2025-2026采暖季", "2025—2026年度"])
    func seasons(_ text: String) throws { #expect(try Bench.convert(text, "season") == "ok:\"2025-2026\"") }

    @Test(arguments: ["2025", "2025-2027", "2026-2025", "2025-2026x", "25-26"])
    func badSeasons(_ text: String) throws { #expect(try Bench.convert(text, "season") == "record.badSeason") }

    @Test(arguments: [
        ("3", "3"), ("03号楼", "3"), ("三号楼", "3"), ("十二栋", "12"), ("3#", "3"), ("３幢", "3"), ("a座", "A"), ("第5栋", "5"),
        ("二十一号楼", "21"),
    ])
    func buildings(_ text: String, _ expected: String) throws {
        #expect(try Bench.convert(text, "building") == "ok:\"\(expected)\"")
    }

    @Test func unitsAndRooms() throws {
        #expect(try Bench.convert("2单元", "unit") == "ok:\"2\"")
        #expect(try Bench.convert("东单元", "unit") == "ok:\"东\"")
        #expect(try Bench.convert("二单元", "unit") == "ok:\"2\"")
        for room in ["501", "501室", "501号", "501户", "0501", "５０１", "五〇一室"] {
            #expect(try Bench.convert(room, "room") == "ok:\"501\"")
        }
        #expect(try Bench.convert("3号楼2单元", "building") == "record.badAddress")
        #expect(try Bench.convert("阳光 花园　小区", "community") == "ok:\"阳光花园小区\"")
    }

    @Test func mojibakeIsUndoneOnlyWhereAsked() throws {
        let damaged = "ÏµÍ³ÅäÖÃ±í"
        #expect(try Bench.convert(damaged, "text", file: "repair: {mojibake: latin1}") == "ok:\"系统配置表\"")
        #expect(try Bench.convert(damaged, "text") == "ok:\"ÏμÍ³ÅäÖÃ±í\"".replacing("³", with: "3"))
        for kept in ["系统", "plain", "café", "20℃ ÏµÍ³"] {
            #expect(try Bench.convert(kept, "text(raw)", file: "repair: {mojibake: latin1}") == "ok:\"\(kept)\"")
        }
        #expect(try Bench.convert("€", "text", file: "repair: {mojibake: windows1252}") == "ok:\"€\"")
    }

    @Test func nothingIsSpelledAsTheFileSays() throws {
        let file = "null: [\"\", \"-\", 无]"
        for text in ["", " ", "-", "－", "无", nil] {
            #expect(try Bench.convert(text, "money(yuan)", file: file) == "null")
        }
        #expect(try Bench.convert("-", "money(yuan)", "null: [\"\"]", file: file) == "record.badDecimal")
        #expect(try Bench.convert("-", "money(yuan)", "required: true", file: file) == "record.required")
        #expect(try Bench.convert("-", "money(yuan)", "default: 7", file: file) == "ok:7")
        #expect(try Bench.convert("x", "money(yuan)", "on_error: \"null\"") == "warned")
        #expect(try Bench.convert("x", "money(yuan)", "on_error: \"null\", required: true") == "record.required")
    }
}
