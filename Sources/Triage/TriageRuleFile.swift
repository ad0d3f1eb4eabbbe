import ConfigurationFiles
import Foundation
import HeatModel
import Yams

extension TriageRules {
    /// The rules in the folder of a configuration; nil where there is no `triage.yaml`.
    ///
    /// - Throws: ``ConfigurationErrors``.
    package static func loadIfAny(besides configuration: String) throws -> TriageRules? {
        let folder = URL(fileURLWithPath: configuration).deletingLastPathComponent()
        let path = folder.appendingPathComponent("triage.yaml").relativePath
        return FileManager.default.fileExists(atPath: path) ? try load(path: path) : nil
    }

    /// Reads and checks a file of rules.
    ///
    /// - Throws: ``ConfigurationErrors`` with every problem at its line and column.
    package static func load(path: String) throws -> TriageRules {
        var file = TriageRuleFile(reader: ConfigurationReader(path: path))
        guard let rules = file.read(), file.reader.problems.isEmpty else {
            throw ConfigurationErrors(file.reader.problems)
        }
        return rules
    }
}

private struct TriageRuleFile {
    var reader: ConfigurationReader

    mutating func read() -> TriageRules? {
        guard let (_, root) = reader.load(), let top = reader.section(root, "the rules") else { return nil }
        reader.expect(
            top, only: ["findings", "otherwise", "outage", "likelyOutage", "reading", "repeated", "checks"],
            in: "the rules")
        var rules = TriageRules()
        rules.steps = steps(top)
        if let otherwise = reader.choice(of: "otherwise", in: top, TriageRules.Action.self) {
            rules.otherwise = otherwise
        }
        outage(top, &rules)
        likelyOutage(top, &rules)
        reading(top, &rules)
        repeated(top, &rules)
        checks(top, &rules)
        return rules
    }

    private mutating func sequence(_ name: String, in section: Section) -> [Node] {
        guard let node = section[name] else { return [] }
        guard case .sequence(let sequence) = node else {
            reader.report(.configBadValue, "\"\(name)\" must be a list", at: node)
            return []
        }
        return Array(sequence)
    }

    private mutating func steps(_ top: Section) -> [TriageRules.Step] {
        guard let list = top["findings"] else {
            reader.report(.configMissingKey, "\"findings\" is missing: what is looked at, in its order", at: top.place)
            return []
        }
        var steps: [TriageRules.Step] = []
        for node in sequence("findings", in: top) {
            guard let section = reader.section(node, "a finding") else { continue }
            reader.expect(section, only: ["finding", "action", "with", "hint"], in: "a finding")
            if section["finding"] == nil {
                reader.report(.configMissingKey, "a finding needs \"finding\"", at: section.place)
            }
            let kind = reader.choice(of: "finding", in: section, Finding.Kind.self)
            let action = reader.choice(of: "action", in: section, TriageRules.Action.self)
            let with = reader.choice(of: "with", in: section, Finding.Kind.self)
            let hint = reader.choice(of: "hint", in: section, TriageRules.Hint.self)
            if let key = section.key("with"), section["action"] == nil {
                reader.report(
                    .configBadValue, "\"with\" says when an action is recommended, and there is none", at: key)
            }
            guard let kind else { continue }
            if steps.contains(where: { $0.finding == kind }) {
                reader.report(
                    .configDuplicateKey, "\"\(kind.rawValue)\" stands before it in the list", at: section.place)
            }
            steps.append(.init(finding: kind, action: action, with: with, hint: hint))
        }
        if steps.isEmpty, reader.problems.isEmpty {
            reader.report(.configBadValue, "there are no findings", at: list)
        }
        for node in sequence("findings", in: top) {
            guard case .mapping = node, let other = node["with"]?.string else { continue }
            if Finding.Kind(rawValue: other) != nil, !steps.contains(where: { $0.finding.rawValue == other }) {
                reader.report(.configBadValue, "\"\(other)\" is not looked at: it is not in the list", at: node)
            }
        }
        return steps
    }

    private mutating func hours(_ name: String, in section: Section, _ value: inout Int64, atLeast: Int = 0) {
        if let hours = reader.integer(of: name, in: section, atLeast: atLeast, atMost: 100_000) {
            value = Int64(hours)
        }
    }

    private mutating func outage(_ top: Section, _ rules: inout TriageRules) {
        guard let section = reader.section(of: "outage", in: top) else { return }
        reader.expect(
            section, only: ["overdueHours", "openHours", "endedHours", "aheadHours", "unclearHours"], in: "\"outage\"")
        hours("overdueHours", in: section, &rules.overdueHours)
        hours("openHours", in: section, &rules.openHours)
        hours("endedHours", in: section, &rules.endedHours)
        hours("aheadHours", in: section, &rules.aheadHours)
        hours("unclearHours", in: section, &rules.unclearHours)
    }

    private mutating func likelyOutage(_ top: Section, _ rules: inout TriageRules) {
        guard let section = reader.section(of: "likelyOutage", in: top) else {
            if rules.looksFor(.likelyOutage), top["likelyOutage"] == nil {
                reader.report(
                    .configMissingKey, "\"likelyOutage\" is looked at, and nothing says from how many households on",
                    at: top.place)
            }
            return
        }
        reader.expect(section, only: ["kinds", "hours", "building", "station", "others"], in: "\"likelyOutage\"")
        if let kinds = kinds(section) { rules.clusterKinds = kinds }
        hours("hours", in: section, &rules.clusterHours, atLeast: 1)
        rules.clusterOthers =
            reader.integer(of: "others", in: section, atLeast: TriageRules.leastOthers, atMost: 100_000)
            ?? rules.clusterOthers
        rules.clusterBuilding = reader.integer(of: "building", in: section, atLeast: 2, atMost: 100_000)
        rules.clusterStation = reader.integer(of: "station", in: section, atLeast: 2, atMost: 1_000_000)
        if section["building"] == nil, section["station"] == nil {
            reader.report(
                .configMissingKey, "\"likelyOutage\" needs \"building\" or \"station\": from how many households on",
                at: section.place)
        }
    }

    private mutating func kinds(_ section: Section) -> [WorkOrder.Kind]? {
        guard let node = section["kinds"], let list = reader.list(node, "\"kinds\"") else { return nil }
        if list.isEmpty { reader.report(.configBadValue, "\"kinds\" names no kind of order", at: node) }
        let known = WorkOrder.Kind.allCases.map(\.rawValue)
        return list.compactMap { item in
            if let kind = WorkOrder.Kind(rawValue: item.text) { return kind }
            reader.report(
                .configBadValue, "\"\(item.text)\" is no kind of work order", at: item.node,
                advice: NearestName.advice(item.text, among: known))
            return nil
        }
    }

    private mutating func reading(_ top: Section, _ rules: inout TriageRules) {
        guard let section = reader.section(of: "reading", in: top) else { return }
        reader.expect(section, only: ["standard", "hours"], in: "\"reading\"")
        hours("hours", in: section, &rules.readingHours, atLeast: 1)
        guard let node = section["standard"], let text = reader.text(node, "\"standard\"") else { return }
        guard let standard = TenthsOfDegree(text), (0...400).contains(standard.tenths) else {
            return reader.report(.configBadValue, "\"standard\" must be ℃ with at most one place, 0 to 40", at: node)
        }
        rules.standard = standard
    }

    private mutating func repeated(_ top: Section, _ rules: inout TriageRules) {
        guard let section = reader.section(of: "repeated", in: top) else { return }
        reader.expect(section, only: ["kinds", "days"], in: "\"repeated\"")
        if let kinds = kinds(section) { rules.repeatedKinds = kinds }
        if let days = reader.integer(of: "days", in: section, atLeast: 1, atMost: 10_000) {
            rules.repeatedDays = Int64(days)
        }
    }

    private mutating func checks(_ top: Section, _ rules: inout TriageRules) {
        guard let section = reader.section(of: "checks", in: top) else { return }
        reader.expect(section, only: ["notWith", "steps"], in: "\"checks\"")
        let known = Finding.Kind.allCases.map(\.rawValue)
        for item in section["notWith"].flatMap({ reader.list($0, "\"notWith\"") }) ?? [] {
            if let kind = Finding.Kind(rawValue: item.text) {
                rules.noChecksWith.insert(kind)
            } else {
                reader.report(
                    .configBadValue, "\"\(item.text)\" is not a finding", at: item.node,
                    advice: NearestName.advice(item.text, among: known))
            }
        }
        for node in sequence("steps", in: section) {
            guard let step = reader.section(node, "a check") else { continue }
            reader.expect(step, only: ["check", "picture", "zh", "en", "zh_plain"], in: "a check")
            let id = reader.required("check", in: step, of: "a check")
            let picture = picture(step)
            var words: [String: String] = [:]
            for language in ["zh", "en"] { words[language] = reader.required(language, in: step, of: "a check") }
            if let plain = reader.text(of: "zh_plain", in: step) { words["zh_plain"] = plain }
            guard let id else { continue }
            if rules.checks.contains(where: { $0.id == id }) {
                reader.report(.configDuplicateKey, "\"\(id)\" is the name of another check too", at: step.place)
            }
            rules.checks.append(.init(id: id, picture: picture, words: words))
        }
    }

    /// A picture is a name without a folder: whoever shows it has it under that name.
    private mutating func picture(_ step: Section) -> String? {
        guard let node = step["picture"], let name = reader.name(node, "\"picture\"") else { return nil }
        let isName = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D || byte == 0x2E
        }
        if !isName || !name.hasSuffix(".svg") || name.hasPrefix(".") {
            reader.report(
                .configBadValue, "\"\(name)\" is not the name of a picture: small letters, digits and - before .svg",
                at: node)
        } else if !FileManager.default.fileExists(atPath: reader.resolve("pictures/" + name)) {
            reader.report(.configUnreadable, "there is no pictures/\(name) beside this file", at: node)
        }
        return name
    }
}
