import HeatModel
import Records
import Testing

@testable import Mapping

/// Forms of fields that Excel, old tables and other people's habits bring.
@Suite struct FieldFormTests {
    @Test func textCellsOfExcelAreReadInEveryConversion() throws {
        for text in ["=\"00000001\"", "'00000001", " =\"00000001\" ", "=\"００００００01\""] {
            #expect(try Bench.convert(text, "text") == "ok:\"00000001\"")
            #expect(try Bench.convert(text, "accountNumber") == "ok:\"00000001\"")
            #expect(try Bench.convert(text, "money(yuan)") == "ok:100")
            #expect(try Bench.convert(text, "integer") == "ok:1")
        }
        #expect(try Bench.convert("=\"2025-11-15\"", "date") == "ok:\"2025-11-15\"")
        #expect(try Bench.convert("'20251115", "date") == "ok:\"2025-11-15\"")
        #expect(try Bench.convert("=\"01\"", "code", "codes: {\"01\": paid}") == "ok:\"paid\"")
        #expect(try Bench.convert("'1", "boolean") == "ok:true")
        #expect(try Bench.convert("'13912345678", "phones") == "ok:[\"13912345678\"]")
        #expect(try Bench.convert("=\"\"", "date") == "null")
        // As it stands where every character counts, and where it is no such cell.
        #expect(try Bench.convert("'00000001", "text(raw)") == "ok:\"'00000001\"")
        for text in ["'暖气不热", "'5' x", "=SUM(A1)", "=\"a\"&\"b\"", "'", "="] {
            #expect(try Bench.convert(text, "text") == "ok:\"\(text.replacing("\"", with: "\\\""))\"")
        }
    }

    @Test func numbersArePadded() throws {
        for (text, expected) in [
            ("1", "00000001"), ("00000001", "00000001"), ("１２ 3", "00000123"), ("=\"5\"", "00000005"), ("A12", "A12"),
            ("0", "00000000"),
        ] {
            #expect(try Bench.convert(text, "accountNumber(8)") == "ok:\"\(expected)\"")
        }
        #expect(try Bench.convert("123456789", "accountNumber(8)") == "record.tooLong")
        #expect(try Bench.convert("1-2", "accountNumber(8)") == "record.badAccountNumber")
        // What a spreadsheet makes of many digits is no other account; a letter alone is a part of a number.
        for text in ["1E7", "1e2", "12345E12", "１E７", "1.0E+07", "1E+07"] {
            #expect(try Bench.convert(text, "accountNumber(8)") == "record.scientificNotation")
        }
        for text in ["E7", "7E", "1E7E2", "1F7"] {
            #expect(try Bench.convert(text, "accountNumber(8)") == "ok:\"\(text)\"")
        }
        #expect(try Bench.convert("7", "text", "pad: 4") == "ok:\"0007\"")
        #expect(try Bench.convert("7号", "text", "pad: 4") == "ok:\"7号\"")
        #expect(try Bench.convert("", "text", "pad: 4") == "null")
        #expect(try Bench.convert("7", "accountNumber", "pad: 32") == "ok:\"\(String(repeating: "0", count: 31))7\"")
        #expect(try Bench.convert("12345", "text", "pad: 4") == "record.tooLong")
    }

    @Test func accountsAndCrosswalksArePadded() throws {
        let yaml = """
            entity: charge
            from: a.b
            key: [id]
            account:
              column: hh
              as: accountNumber(8)
              crosswalk: {system: billing, column: yhid, as: accountNumber(6)}
            fields:
              remark: {column: id, as: text}
            """
        let plan = try MappingPlan(Bench.file(yaml), columns: ["id", "hh", "yhid"])
        let mapped = plan.map(
            Bench.batch(["id", "hh", "yhid"], [["1", "１２3", "77"], ["2", "123456789", "7"], ["3", nil, "'5"]]))
        #expect(mapped.records.map { mapped.text($0.accountNumber) } == ["00000123", nil])
        #expect(mapped.records.map { mapped.text($0.crosswalkID) } == ["000077", "000005"])
        #expect(mapped.rejects.map(\.code.name) == ["record.tooLong"])
        // The number leads to a person.
        #expect(!mapped.rejects[0].message.contains("123456789"))
    }

    @Test(arguments: [
        ("as: accountNumber(0)", "config.unknownConversion"), ("as: accountNumber(33)", "config.unknownConversion"),
        ("as: text, pad: 0", "config.badValue"), ("as: text, pad: x", "config.badValue"),
        ("as: season, pad: 8", "config.unknownKey"),
        ("as: accountNumber(8), pad: 8", "config.unknownKey"), ("as: text, format: yyyy", "config.unknownKey"),
    ])
    func badWidthsArePointedAt(_ rule: String, _ code: String) throws {
        let problems = try Bench.problems(
            "entity: charge\nfrom: a.b\nkey: [id]\naccount: {column: id}\nfields:\n  remark: {column: v, \(rule)}")
        #expect(problems.count == 1 && problems[0].contains(code), "\(problems)")
    }

    private func pairs(_ codes: String, _ rows: [[String?]], file: String = "") throws -> [String] {
        let yaml = """
            entity: charge
            from: a.b
            key: [id]
            account: {column: id}
            \(file)
            fields:
              item: {columns: [fylb, zl], as: code, codes: {\(codes)}}
            """
        let plan = try MappingPlan(Bench.file(yaml), columns: ["id", "fylb", "zl"])
        let mapped = plan.map(Bench.batch(["id", "fylb", "zl"], rows.enumerated().map { ["\($0)"] + $1 }))
        var results = mapped.records.map { (ordinal: $0.ordinal, text: mapped.text($0.body) ?? "") }
        results += mapped.rejects.map { (ordinal: $0.ordinal, text: $0.message) }
        return results.sorted { $0.ordinal < $1.ordinal }.map(\.text)
    }

    @Test func twoColumnsMakeACode() throws {
        let codes =
            #""01 + A": heatByArea, "01 + B": heatMetered, "02+*": sharedArea, "* + Z": lateFee, "03 + ": reduction"#
        let found = try pairs(
            codes,
            [
                ["01", "A"], [" ０１ ", "Ｂ"], ["02", "x"], ["02", nil], ["09", "Z"], ["03", ""], ["03", nil],
                ["01", "C"], ["0", "1A"],
                [nil, nil], ["", " "], ["02", "Z"],
            ])
        func item(_ name: String) -> String { "{\"item\":\"\(name)\"}" }
        #expect(
            found == [
                item("heatByArea"), item("heatMetered"), item("sharedArea"), item("sharedArea"), item("lateFee"),
                item("reduction"),
                item("reduction"), "item: \"01 + C\" is not in the code table",
                "item: \"0 + 1A\" is not in the code table", "{}", "{}",
                // 02 and Z both have a code: the first column goes before.
                item("sharedArea"),
            ])
    }

    @Test func theRestAndExactPairsGoInOrder() throws {
        let codes = #""* + *": other, "01 + *": heatBase, "01 + A": heatByArea, "*": adjustment"#
        let found = try pairs(codes, [["01", "A"], ["01", "B"], ["7", "7"]])
        #expect(found == ["{\"item\":\"heatByArea\"}", "{\"item\":\"heatBase\"}", "{\"item\":\"other\"}"])
        #expect(try pairs(#""01 + A": heatByArea, "*": other"#, [["1", "A"]]) == ["{\"item\":\"other\"}"])
        // Mojibake is undone in each part.
        let repaired = try pairs(#""面积 + 热": heatByArea"#, [["Ãæ»ý", "ÈÈ"]], file: "repair: {mojibake: latin1}")
        #expect(repaired == ["{\"item\":\"heatByArea\"}"])
    }

    @Test func joinedCodesStillRead() throws {
        #expect(try pairs(#""01A": heatByArea"#, [["01", "A"]]) == ["{\"item\":\"heatByArea\"}"])
    }

    @Test func badPairsArePointedAt() throws {
        func problems(_ codes: String) throws -> [String] {
            try Bench.problems(
                "entity: charge\nfrom: a.b\nkey: [id]\naccount: {column: id}\nfields:\n  item: {columns: [a, b], as: code, codes: {\(codes)}}"
            )
        }
        #expect(
            try problems(#""01 + A + B": heatByArea"#).first?.contains("does not name one text for each of a + b")
                == true)
        #expect(try problems(#""01 + A": heatByArea, "01": other"#).first?.contains("config.badValue") == true)
        #expect(try problems(#""01 + A": heatByArea, "01+A": other"#).first?.contains("config.duplicateKey") == true)
        #expect(try problems(#""01 + A": heatByAera"#).first?.contains("did you mean \"heatByArea\"?") == true)
    }

    @Test func trueAndFalseInEverySpelling() throws {
        for yes in ["Y", "y", "是", "TRUE", "true", "True", "√", "✓", "✔", "1", "-1", "yes", "T", "真", "Ｙ", "'1", " 是 "]
        {
            #expect(try Bench.convert(yes, "boolean") == "ok:true", "\(yes)")
        }
        for no in ["N", "n", "否", "FALSE", "×", "✗", "0", "no", "F", "假", "Ｎ"] {
            #expect(try Bench.convert(no, "boolean") == "ok:false", "\(no)")
        }
        for other in ["2", "maybe", "是否", "YN", "已"] {
            #expect(try Bench.convert(other, "boolean") == "record.unknownCode")
        }
        #expect(try Bench.convert("√", "boolean", "true: [\"Y\"]") == "record.unknownCode")
    }

    @Test func heatSourceAndBasisCanBeMapped() throws {
        for (rule, text, expected) in [
            ("column: v, as: text", "boiler", "boiler"),
            ("column: v, as: code, codes: {\"1\": network, \"2\": boiler}", "2", "boiler"),
            ("column: v, as: code, codes: {锅炉: boiler, \"*\": network}", "热电", "network"),
        ] {
            let yaml = "entity: account\nfrom: a.b\nkey: [id]\naccount: {column: id}\nfields:\n  heatSource: {\(rule)}"
            let mapped = try MappingPlan(Bench.file(yaml), columns: ["id", "v"]).map(
                Bench.batch(["id", "v"], [["1", text]]))
            #expect(mapped.records.first.flatMap { mapped.text($0.body) } == "{\"heat_source\":\"\(expected)\"}")
        }
        #expect(
            try Bench.convert(
                "套内", entity: "premises", field: "area.basis", "as: code, codes: {建筑: building, 套内: inner}")
                == "ok:\"inner\"")
        #expect(
            try Bench.convert("x", entity: "account", field: "heatSource", "as: code, codes: {\"1\": network}")
                == "record.unknownCode")
    }

    @Test func readingsKeepTheUnitThatIsPublished() throws {
        for (unit, text, value) in [
            ("MJ", "35280兆焦", "35280.000"), ("MJ", "3.528E4 MJ", "35280.000"), ("m3", "12.5立方米", "12.500"),
            ("m3", "12.5m³", "12.500"),
        ] {
            #expect(
                try Bench.convert(text, entity: "meterReading", field: "consumption", "as: decimal(3), unit: \(unit)")
                    == "ok:\"\(value)\"")
            #expect(
                try Bench.convert(unit, entity: "meterReading", field: "unit", "as: code, codes: {MJ: MJ, m3: m3}")
                    == "ok:\"\(unit)\"")
            #expect(
                try Bench.convert(unit, entity: "charge", field: "unit", "as: code, codes: {MJ: MJ, m3: m3}")
                    == "ok:\"\(unit)\"")
        }
    }

    @Test func theSuspendedShareHadAnotherName() throws {
        func file(_ name: String) throws -> MappingFile {
            try Bench.file(
                "entity: suspension\nfrom: a.b\nkey: [id]\naccount: {column: id}\nfields:\n  \(name): {column: v, as: decimal(4), valid: 0..1}"
            )
        }
        for name in ["suspendedShare", "ratio"] {
            let mapped = try MappingPlan(file(name), columns: ["id", "v"]).map(
                Bench.batch(["id", "v"], [["1", "0.5"], ["2", "30"]]))
            #expect(mapped.records.first.flatMap { mapped.text($0.body) } == "{\"ratio\":\"0.5000\"}")
            #expect(mapped.rejects.first?.message == "suspendedShare: \"30\" is out of range")
        }
        #expect(try file("suspendedShare").notes.isEmpty)
        let note = try #require(try file("ratio").notes.first)
        #expect(
            note.code.name == "config.renamedField" && note.message == "\"ratio\" is called \"suspendedShare\" by now")
        let both =
            "entity: suspension\nfrom: a.b\nkey: [id]\naccount: {column: id}\nfields:\n  ratio: {value: \"1\"}\n  suspendedShare: {value: \"1\"}"
        #expect(try Bench.problems(both).first?.contains("config.duplicateKey") == true)
    }
}
