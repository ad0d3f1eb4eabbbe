import ConfigurationFiles
import Foundation
import HeatModel
import Testing

@testable import Triage

@Suite struct RuleFileTests {
    private func problems(_ text: String) throws -> [String] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("triage-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("triage.yaml").path
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        do {
            _ = try TriageRules.load(path: path)
            return []
        } catch let errors as ConfigurationErrors {
            return errors.errors.map(\.description)
        }
    }

    @Test func theShippedRulesSayEverything() throws {
        let rules = try shippedRules.get()
        #expect(Set(rules.steps.map(\.finding)) == Set(Finding.Kind.allCases))
        #expect(rules.checks.allSatisfy { $0.words.keys.sorted() == ["en", "zh", "zh_plain"] && $0.picture != nil })
        #expect(rules.clusterBuilding == 5 && rules.clusterStation == 20 && rules.clusterOthers == 3)
    }

    @Test func everyMistakeHasItsPlace() throws {
        let found = try problems(
            """
            color: red
            findings:
              - {finding: outige}
              - {finding: outage, action: wait}
              - {finding: outage, hint: checkBlockage}
              - {action: callNow}
              - {finding: arrears, with: supplyStopped}
              - {finding: cold, action: callNow, with: warm}
              - {finding: likelyOutage, more: 1}
            otherwise: nothing
            outage: {openHours: -1, endHours: 3}
            likelyOutage: {kinds: [noHeet], building: 1, others: 2, hours: 0}
            reading: {standard: warm, hours: 0}
            repeated: {days: 0, kinds: []}
            checks:
              notWith: [outages]
              steps:
                - {check: valve, zh: a, en: b, picture: ../valve.svg}
                - {check: valve, zh: a, en: b, picture: nowhere.svg}
                - {zh: a}
            """)
        for expected in [
            "triage.yaml:1:1: unknown key \"color\"", "triage.yaml:3:15: \"outige\" is not a finding",
            "did you mean \"outage\"", "triage.yaml:4:31: \"wait\" is not a action",
            "\"outage\" stands before it in the list", "a finding needs \"finding\"",
            "\"with\" says when an action is recommended", "\"warm\" is not looked at",
            "unknown key \"more\" in a finding", "\"nothing\" is not a otherwise",
            "\"openHours\" must be a whole number",
            "unknown key \"endHours\"", "\"noHeet\" is no kind of work order", "\"building\" must be a whole number",
            "\"others\" must be a whole number, at least 3", "\"hours\" must be a whole number, at least 1",
            "\"standard\" must be ℃", "\"days\" must be a whole number", "\"kinds\" names no kind of order",
            "\"outages\" is not a finding", "\"../valve.svg\" is not the name of a picture",
            "there is no pictures/nowhere.svg", "\"valve\" is the name of another check too", "a check needs \"check\"",
            "a check needs \"en\"",
        ] {
            #expect(found.contains { $0.contains(expected) }, "\(expected)\n\(found.joined(separator: "\n"))")
        }
    }

    @Test func anOutageIsNotLikelyFromNothing() throws {
        #expect(try problems("findings: [{finding: likelyOutage}]").count == 1)
        #expect(try problems("findings: [{finding: likelyOutage}]\nlikelyOutage: {hours: 3}").count == 1)
        #expect(try problems("findings: [{finding: likelyOutage}]\nlikelyOutage: {station: 9}").isEmpty)
    }

    @Test(arguments: [
        "", "findings: []", "findings: {}", "a: b", "- x", "findings: [1]", "\u{0}", "findings: [{finding: [a]}]",
    ])
    func nothingBrokenIsTaken(_ text: String) throws { #expect(try problems(text) != []) }

    @Test func withoutAFileThereAreNoRules() throws {
        let rules = try TriageRules.loadIfAny(besides: "/nowhere/hearth.yaml")
        #expect(rules?.checks.count == nil)
    }
}
