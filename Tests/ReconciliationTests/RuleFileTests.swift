import Billing
import Foundation
import Testing

@testable import Reconciliation

@Suite struct RuleFileTests {
    @Test func theShippedRulesAreRead() throws {
        let rules = try RuleSet.load(path: repository.appendingPathComponent("Config/reconciliation.yaml").path)
        #expect(rules.rules.count > 40)
        #expect(Set(rules.rules.map(\.check)) == Set(Rule.Check.allCases))
        #expect(
            Set(rules.rules.map(\.family)) == ["presence", "fields", "arithmetic", "tariff", "lifecycle", "control"])
        #expect(try TariffBook.load(directory: rules.tariffs).cityNames.count == 5)
        #expect(rules.rules[rules.index(of: .tariff, for: "areaBasis")!].id == "tariff.area")
        #expect(rules.rules[rules.index(of: .tariff, for: "")!].id == "tariff.unexplained")
        #expect(rules.rules[rules.index(of: .orphan, for: "charge")!].id == "presence.orphanBill")
        #expect(rules.rules[rules.index(of: .orphan, for: "workOrder")!].id == "presence.orphanWorkOrder")
    }

    /// All kinds of cause are known by the names that Billing gives them.
    @Test func everyCauseHasAName() {
        let all: [Alternative] = [.fullSeason, .suspensionIgnored, .capIgnored, .heightForEveryClass, .lowIncome(true)]
        for alternative in all { #expect(Alternative.kinds.contains(alternative.kind)) }
        #expect(Set(Alternative.kinds).count == 23)
    }

    @Test func everyMistakeHasItsPlace() throws {
        let found = try problems(
            """
            tariffs: tariffs
            color: red
            rules:
              - {id: a.one, check: tarif, severity: high, zh: a, en: b}
              - {id: a.one, check: tariff, severity: grave, zh: a, en: "{mony}", causes: [arae]}
              - {id: noDot, check: balance, severity: low, zh: a, en: b, tolerance: -1, blocks: maybe}
              - {id: a.three, check: disagreement, severity: low, zh: a, en: b, fields: [area.bilding], causes: [area]}
              - {id: a.four, check: accountMissing, severity: low, zh: a, en: b, present: customer.residents}
              - {id: a.five, check: payments, severity: low, en: b, lacks: x.y}
              - {id: a.six, check: unposted, severity: low, zh: a, en: b}
              - {id: a.seven, check: unposted, severity: low, zh: a, en: b}
            """)
        for expected in [
            "rules.yaml:2:1: unknown key \"color\"", "rules.yaml:4:24: \"tarif\" is not a check", "\"tariff\"",
            "rules.yaml:5:10: \"a.one\" is the id of another rule too", "rules.yaml:5:42: \"grave\" is not a severity",
            "{mony} is nothing that a finding has", "did you mean \"money\"", "\"arae\" is none of the causes",
            "did you mean \"area\"", "\"noDot\" is not an id", "\"tolerance\" must be a decimal number",
            "\"blocks\" must be true or false", "\"area.bilding\" is none of the fields",
            "rules.yaml:7:93: \"causes\" says nothing of this check", "accountMissing needs \"lacks\"",
            "a rule needs \"zh\"", "\"lacks\" says nothing of this check", "a.seven looks for the same as a.six",
        ] {
            #expect(found.contains { $0.contains(expected) }, "\(expected)\n\(found.joined(separator: "\n"))")
        }
    }

    @Test(arguments: ["", "rules: []", "rules: {}", "a: b", "- x", "rules: [1]", "\u{0}", "rules: [{id: [a]}]"])
    func nothingBrokenIsTaken(_ text: String) throws { #expect(try problems(text) != []) }

    @Test func aFileThatIsNotThereIsSaid() throws {
        #expect(throws: (any Error).self) { try RuleSet.load(path: "/nowhere/reconciliation.yaml") }
    }
}
