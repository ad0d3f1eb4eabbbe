import HeatModel
import Records
import Testing

@testable import Mapping

/// What identifies a record or an account, and what only looks so.
@Suite struct IdentityTests {
    static let scientific = [
        "1.23457E+16", "1E7", "1.0E7", "1e+16", "1E+07", "12E4", "１.２３４５７Ｅ＋１６", " 1.23457E+16\u{A0}", "=\"1.23E+16\"",
        "1,23457E+16", "-1.2E+05", "1.2E-05", "1 E7", "'1E7",
    ]
    /// Ids in which an E means nothing of the kind.
    static let ids = ["E7", "7E", "1E7E2", "1F7", "0012E4", "1E7-2", "EE12", "1E0000007", "A1E7", "12E4号"]

    /// Rows of `no, item` through a mapping; the codes of the rejects and the keys of the records.
    private func map(_ numbers: [String], head: String) throws -> (keys: [String?], rejects: [Reject]) {
        let yaml = "entity: charge\nfrom: a.b\n\(head)\nfields:\n  remark: {column: item, as: text}"
        let plan = try MappingPlan(Bench.file(yaml), columns: ["no", "item"])
        let mapped = plan.map(Bench.batch(["no", "item"], numbers.map { [$0, "x"] }))
        return (mapped.records.map { mapped.text($0.key) }, mapped.rejects)
    }

    @Test(arguments: [
        "key: [no]\naccount: {column: item, as: text}", "key: [no, item]\naccount: {column: item, as: text}",
        "key: [line]\naccount: {column: no, as: accountNumber}", "key: [line]\naccount: {column: no, as: text}",
        "key: [line]\naccount: {crosswalk: {system: s, column: no}}",
        "key: [line]\naccount: {column: item, as: text, registers: {system: s, column: no, as: accountNumber}}",
    ])
    func aNumberThatLostItsDigitsIdentifiesNothing(_ head: String) throws {
        let (_, rejects) = try map(Self.scientific, head: head)
        #expect(rejects.map(\.code.name) == Self.scientific.map { _ in "record.scientificNotation" })
        #expect(rejects.allSatisfy { $0.message.contains("literal") && $0.column?.hasPrefix("no") == true })
        // The number leads to a person.
        #expect(rejects.allSatisfy { !$0.message.contains("1.23") })
    }

    @Test func otherIdsAreIds() throws {
        #expect(try map(Self.ids, head: "key: [no]\naccount: {column: item, as: text}").keys == Self.ids)
        for id in ["E7", "7E", "1E7E2", "1F7", "0012E4"] {
            #expect(try Bench.convert(id, "accountNumber") == "ok:\"\(id)\"")
        }
        // Where the text is no id, it says what it says.
        #expect(try Bench.convert("1E7", "text") == "ok:\"1E7\"")
        #expect(try Bench.convert("1.5E3", "money(yuan)") == "ok:150000")
    }

    @Test func anIdMayBeSpelledLikeANumberWhereTheFileSaysSo() throws {
        let head = "key: [no]\nliteral: [no]\naccount: {column: no}"
        #expect(try map(["12E4", "1E7", "12e4"], head: head).keys == ["12E4", "1E7", "12e4"])
        // A point and a sign no id has.
        let (keys, rejects) = try map(["1.2E+5", "1E+07", "12E4"], head: head)
        #expect(keys == ["12E4"])
        #expect(rejects.map(\.code.name) == ["record.scientificNotation", "record.scientificNotation"])
        #expect(
            try map(["合计", "小计"], head: head.replacing("{column: no}", with: "{column: item, as: text}")).keys == [
                "合计", "小计",
            ])
        // One column alone.
        let other = try map(["12E4"], head: "key: [no]\nliteral: [item]\naccount: {column: item, as: text}")
        #expect(other.rejects.count == 1)
    }

    @Test func aColumnThatIsNoIdIsPointedAt() throws {
        let yaml = "entity: charge\nfrom: a.b\nkey: [id]\nliteral: [ig]\naccount: {column: id}\nfields: {}"
        let problems = try Bench.problems(yaml)
        #expect(problems.count == 1 && problems[0].hasPrefix("4:11 config.badValue"), "\(problems)")
        #expect(problems[0].contains("did you mean \"id\"?"))
    }

    @Test(arguments: [
        "合计", "总计", "小计", " 合 计 ", "合计：", "总计:", "\"小计\"", "“合计”", "【总计】", "合\u{3000}计", "=\"合计\"", "本页小计", "合计（共3户）",
        "总计1024户", "金额合计", "合计(元)", "阳光小区小计", "Total", "TOTAL:", "Grand Total", "subtotal", "Ｔｏｔａｌ", "累计", "共计12笔",
        "\u{A0}合计",
    ])
    func aLineOfTotalsIsNoRecord(_ word: String) throws {
        for head in [
            "key: [no]\naccount: {column: item, as: text}", "key: [item, no]\naccount: {column: item, as: text}",
            "key: [line]\naccount: {column: no, as: text}", "key: [line]\naccount: {column: no}",
        ] {
            let (_, rejects) = try map([word, "1"], head: head)
            #expect(rejects.map(\.code.name) == ["record.undeclaredTrailer"], "\(head)")
            #expect(rejects.first?.message.contains("trailer") == true)
        }
    }

    @Test func whatOnlyLooksLikeATotal() throws {
        let ids = ["合计里3号", "小计划", "会计12", "T0001", "Totalenergies", "总12", "统计局", "计1", "STOT1", "G-TOT"]
        #expect(try map(ids, head: "key: [no]\naccount: {column: item, as: text}").keys == ids)
    }

    /// Full-width digits and blanks of every kind are folded; what is neither digit, letter nor blank is refused.
    @Test func accountNumbersAreFoldedInOnePlace() throws {
        for text in [
            "１２３４５６７８", "1234 5678", "\u{A0}12345678\u{A0}", "12345\u{3000}678", "\u{2007}12345678", "12\t345678",
            "12345678\n",
            "１２３４\u{A0}５６７８", "\u{202F}12345678",
        ] {
            #expect(try Bench.convert(text, "accountNumber") == "ok:\"12345678\"", "\(text.debugDescription)")
        }
        for text in [
            "1234\u{200B}5678", "\u{FEFF}12345678", "12345678.0", "1234-5678", "１２３４－５６７８", "٣٤", "12345678号",
            "\u{A0}x\u{301}",
        ] {
            #expect(try Bench.convert(text, "accountNumber") == "record.badAccountNumber", "\(text.debugDescription)")
        }
        #expect(try Bench.convert("\u{A0}", "accountNumber") == "null")
    }

    @Test func aTelephoneThatLostItsDigitsIsNone() throws {
        for text in ["1.39123E+10", "13912345678/1.39E+10", "1.39E+10、13912345678", "１.３９Ｅ＋１０"] {
            #expect(try Bench.convert(text, "phones") == "record.badPhone", "\(text)")
        }
        #expect(try Bench.convert("139-1234 5678转2", "phones", "split: \"/\"") == "ok:[\"139123456782\"]")
    }
}
