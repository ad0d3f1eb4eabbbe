import ConfigurationFiles
import HeatModel
import Records
import Testing

@testable import Mapping

@Suite struct ConfigurationTests {
    static let good = """
        entity: charge
        from: a.b
        key: [id]
        account: {column: hh}
        fields:
          due: {column: ysje, as: money(yuan)}
        """

    @Test func aGoodFileHasNoProblems() throws {
        let file = try Bench.file(Self.good)
        #expect(file.entity == .charge)
        #expect(file.stream == StreamName(source: "a", stream: "b"))
        #expect(file.keyColumns == ["id"])
        #expect(file.referencedColumns == ["id", "hh", "ysje"])
        #expect(file.version.count == 64)
        #expect(!file.introducesAccounts)
    }

    @Test(arguments: [
        (
            "entity: charge", "entity: chage",
            "1:9 config.unknownEntity unknown entity \"chage\" — did you mean \"charge\"?"
        ),
        ("key:", "kye:", "3:1 config.unknownKey unknown key \"kye\" in a mapping file — did you mean \"key\"?"),
        ("due:", "deu:", "6:3 config.unknownField charge has no field \"deu\" — did you mean \"due\"?"),
        (
            "money(yuan)", "money(yaun)",
            "6:27 config.unknownConversion unknown conversion \"money(yaun)\" — did you mean \"money(yuan)\"?"
        ),
        (
            "money(yuan)", "date",
            "6:27 config.unsuitedConversion \"date\" does not suit due — use money(yuan) or money(fen)"
        ),
        (
            "as: money(yuan)", "as: money(yuan), requird: true",
            "6:40 config.unknownKey unknown key \"requird\" in field \"due\" — did you mean \"required\"?"
        ),
        ("as: money(yuan)", "as: money(yuan), valid: 9..1", "6:47 config.badRange the range \"9..1\" is empty"),
        (
            "as: money(yuan)", "as: money(yuan), valid: 5",
            "6:47 config.badRange \"5\" is no range — write low..high, low.. or ..high"
        ),
        ("as: money(yuan)", "as: money(yuan), valid: a..9", "6:47 config.badRange \"a\" is no number"),
        (
            "as: money(yuan)", "as: money(yuan), on_error: skip",
            "6:50 config.badValue on_error is quarantine or null, not \"skip\" — known here: quarantine, null"
        ),
        (
            "as: money(yuan)", "as: money(yuan), codes: {}",
            "6:40 config.unknownKey \"codes\" means nothing for this conversion"
        ),
        ("column: ysje, ", "", "6:3 config.missingKey field \"due\" needs \"column\", \"columns\" or \"value\""),
        (
            ", as: money(yuan)", "",
            "6:3 config.missingKey field \"due\" needs \"as\" — write as: money(yuan) or money(fen)"
        ),
        ("from: a.b", "from: ab", "2:7 config.badValue \"from\" must be source.stream"),
        (
            "from: a.b", "from: a.b\nzone: Asia/Shanghia",
            "3:7 config.unknownZone unknown time zone \"Asia/Shanghia\" — did you mean \"Asia/Shanghai\"?"
        ),
        ("from: a.b", "from: a.b\nfrom: a.c", "2:1 config.duplicateKey \"from\" stands more than once in one mapping"),
        ("key: [id]", "key: [id", "4:8 config.syntax not YAML: did not find expected ',' or ']'"),
        (
            "account: {column: hh}", "account: {as: text}",
            "4:10 config.missingKey account needs at least one of \"column\", \"crosswalk\" and \"address\""
        ),
        (
            "due: {column: ysje, as: money(yuan)}", "item: {column: lb, as: code, codes: {a: heatByAera}}",
            "6:43 config.unknownCode \"heatByAera\" is no value of item — did you mean \"heatByArea\"?"
        ),
        (
            "due: {column: ysje, as: money(yuan)}", "unit: {value: m4}",
            "6:17 config.unknownCode \"m4\" is no value of unit — did you mean \"m2\"?"
        ),
        (
            "due: {column: ysje, as: money(yuan)}", "quantity: {column: sl, as: decimal(5)}",
            "6:30 config.unsuitedConversion \"decimal(5)\" does not suit quantity — use decimal(n) with n up to 3"
        ),
    ])
    func mistakesArePointedAt(_ right: String, _ wrong: String, _ problem: String) throws {
        #expect(try Bench.problems(Self.good.replacing(right, with: wrong)).first == problem)
    }

    @Test func allProblemsAreReportedTogether() throws {
        try Bench.withDirectory([
            "a.b.yaml": Self.good.replacing("due:", with: "deu:").replacing(
                "entity: charge", with: "entity: charge\nvoid: 1"),
            "a.c.yaml": Self.good,
            "unified.yaml": """
            facts:
              area.bilding: {from: [a.b]}
              class: {from: [a.d], tolerance: 1}
            """,
        ]) { directory in
            let error = #expect(throws: ConfigurationErrors.self) { try MappingSet.load(directory: directory) }
            let codes = error?.errors.map(\.code.name)
            #expect(
                codes == [
                    "config.unknownKey", "config.unknownField", "config.badValue", "config.unknownField",
                    "config.unknownStream",
                    "config.unknownKey",
                ])
        }
    }

    @Test func theUnifiedViewIsRead() throws {
        let customer = """
            entity: premises
            from: c.r
            key: [id]
            account: {column: id, introduces: true, registers: {system: billing, column: id}}
            fields:
              class: {column: lx, as: code, codes: {居民: resident}}
              area.building: {column: mj, as: decimal(3)}
            """
        let unified = """
            facts:
              class: {from: [c.r]}
              area.building: {from: [c.r], tolerance: 0.01}
            lists:
              charges: {from: [a.b], order: [season, due]}
            """
        try Bench.withDirectory([
            "a.b.yaml": Self.good, "c.r.yaml": customer, "unified.yaml": unified, "README.md": "x",
        ]) {
            let set = try MappingSet.load(directory: $0)
            #expect(set.files.count == 2)
            #expect(set.unified.facts.map(\.field.name) == ["class", "area.building"])
            #expect(set.unified.facts[1].tolerance == ExactDecimal(units: 10, places: 3))
            #expect(set.unified.lists[0].order == ["season", "due_fen"])
            let file = try #require(set.files[StreamName(source: "c", stream: "r")])
            #expect(file.introducesAccounts)
            #expect(file.registersSystem == "billing")
        }
    }

    @Test func anUnknownColumnIsPointedAt() throws {
        let file = try Bench.file(Self.good)
        let error = #expect(throws: HearthError.self) { try MappingPlan(file, columns: ["id", "hh", "ysj", "x"]) }
        #expect(error?.code.name == "config.unknownColumn")
        #expect(error?.advice == "did you mean \"ysj\"?")
        guard case .file(_, 6, 17)? = error?.place else {
            Issue.record("\(String(describing: error?.place))")
            return
        }
    }
}
