import Billing
import ConfigurationFiles
import Crypto
import Foundation
import HeatModel
import Yams

extension RuleSet {
    /// Reads and checks a file of rules.
    ///
    /// - Throws: ``ConfigurationErrors`` with every problem at its line and column.
    package static func load(path: String) throws -> RuleSet {
        var file = RuleFile(path: path)
        guard let rules = file.read(), file.reader.problems.isEmpty else {
            throw ConfigurationErrors(file.reader.problems)
        }
        return rules
    }
}

private struct RuleFile {
    var reader: ConfigurationReader
    private var ids: Set<String> = []

    init(path: String) { reader = ConfigurationReader(path: path) }

    mutating func read() -> RuleSet? {
        guard let (bytes, root) = reader.load(), let top = reader.section(root, "the rules") else { return nil }
        reader.expect(top, only: ["tariffs", "city", "rules"], in: "the rules")
        let folder = URL(fileURLWithPath: reader.path).deletingLastPathComponent()
        let tariffs = reader.text(of: "tariffs", in: top) ?? "tariffs"
        let city = reader.text(of: "city", in: top)
        guard let list = top["rules"] else {
            reader.report(.configMissingKey, "\"rules\" is missing", at: top.place)
            return nil
        }
        guard case .sequence(let sequence) = list else {
            reader.report(.configBadValue, "\"rules\" must be a list of rules", at: list)
            return nil
        }
        let rules = sequence.compactMap { rule($0) }
        if rules.isEmpty, reader.problems.isEmpty {
            reader.report(.configBadValue, "there are no rules", at: list)
        }
        checkSelections(rules)
        let digest = SHA256.hash(data: bytes)
        return RuleSet(
            rules: rules, tariffs: URL(fileURLWithPath: tariffs, relativeTo: folder).path, city: city,
            version: hexadecimal(digest))
    }

    private static let keys = [
        "id", "check", "severity", "tolerance", "blocks", "zh", "en", "fields", "causes", "entities", "present",
        "lacks",
    ]

    private mutating func rule(_ node: Node) -> Rule? {
        guard let section = reader.section(node, "a rule") else { return nil }
        reader.expect(section, only: Self.keys, in: "a rule")
        let id = reader.required("id", in: section, of: "a rule")
        if let id, let place = section["id"] {
            if !ids.insert(id).inserted {
                reader.report(.configDuplicateKey, "\"\(id)\" is the id of another rule too", at: place)
            }
            let known = id.utf8.allSatisfy { Self.isOfID($0) } && id.contains(".")
            if !known {
                reader.report(
                    .configBadValue,
                    "\"\(id)\" is not an id: letters, digits and one dot at least, such as tariff.area",
                    at: place)
            }
        }
        if section["check"] == nil { reader.report(.configMissingKey, "a rule needs \"check\"", at: section.place) }
        if section["severity"] == nil {
            reader.report(.configMissingKey, "a rule needs \"severity\"", at: section.place)
        }
        let check = reader.choice(of: "check", in: section, Rule.Check.self)
        let severity = reader.choice(of: "severity", in: section, Rule.Severity.self)
        let zh = text("zh", section)
        let en = text("en", section)
        let blocks = reader.flag(of: "blocks", in: section) ?? false
        let tolerance = tolerance(section)
        guard let check else { return nil }
        let (present, lacks) = streams(section, check)
        let selection = selection(section, check)
        guard let id, let severity, let zh, let en else { return nil }
        return Rule(
            id: id, check: check, severity: severity, tolerance: tolerance, blocks: blocks, zh: zh, en: en,
            selection: selection, present: present, lacks: lacks, place: section.place)
    }

    private static func isOfID(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2E
    }

    private static let placeholders = ["account", "season", "subject", "found", "expected", "money", "detail"]

    private mutating func text(_ name: String, _ section: Section) -> String? {
        guard let text = reader.required(name, in: section, of: "a rule"), let node = section[name] else { return nil }
        for part in text.split(separator: "{", omittingEmptySubsequences: false).dropFirst() {
            let word = String(part.prefix { $0 != "}" })
            if !part.contains("}") || !Self.placeholders.contains(word) {
                reader.report(
                    .configBadValue, "{\(word)} is nothing that a finding has", at: node,
                    advice: NearestName.advice(word, among: Self.placeholders))
            }
        }
        return text
    }

    private mutating func tolerance(_ section: Section) -> ExactDecimal {
        let none = ExactDecimal(units: 0, places: 0)
        guard let text = reader.text(of: "tolerance", in: section), let node = section["tolerance"] else { return none }
        guard let value = ExactDecimal(text), value.units >= 0, value.places <= 6 else {
            reader.report(.configBadValue, "\"tolerance\" must be a decimal number, at least 0", at: node)
            return none
        }
        return value
    }

    private mutating func streams(_ section: Section, _ check: Rule.Check) -> (String, String) {
        guard check == .accountMissing else {
            for name in ["present", "lacks"] {
                if let key = section.key(name) {
                    reader.report(.configUnknownKey, "\"\(name)\" says nothing of this check", at: key)
                }
            }
            return ("", "")
        }
        return (
            reader.required("present", in: section, of: "accountMissing") ?? "",
            reader.required("lacks", in: section, of: "accountMissing") ?? ""
        )
    }

    /// What the rule is for, of the things that its check distinguishes.
    private mutating func selection(_ section: Section, _ check: Rule.Check) -> [String] {
        let name: String?
        let known: [String]
        switch check {
        case .disagreement:
            name = "fields"
            known = EntityKind.account.fields.map(\.name)
        case .tariff:
            name = "causes"
            known = Alternative.kinds
        case .orphan, .unreadable, .contradictory, .ambiguous:
            name = "entities"
            known = EntityKind.allCases.map(\.rawValue)
        default:
            name = nil
            known = []
        }
        for other in ["fields", "causes", "entities"] where other != name {
            if let key = section.key(other) {
                reader.report(.configUnknownKey, "\"\(other)\" says nothing of this check", at: key)
            }
        }
        guard let name, let node = section[name], let items = reader.list(node, "\"\(name)\"") else { return [] }
        let fields = Dictionary(uniqueKeysWithValues: EntityKind.account.fields.map { ($0.name, $0.jsonKey) })
        return items.map { item in
            if item.text != "*", !known.contains(item.text) {
                reader.report(
                    .configBadValue, "\"\(item.text)\" is none of the \(name)", at: item.node,
                    advice: NearestName.advice(item.text, among: known))
            }
            return name == "fields" ? fields[item.text] ?? item.text : item.text
        }
    }

    /// Two rules must not claim the same thing.
    private mutating func checkSelections(_ rules: [Rule]) {
        var seen: [String: String] = [:]
        for rule in rules where rule.check != .accountMissing {
            for name in rule.selection.isEmpty ? ["*"] : rule.selection {
                let claim = "\(rule.check.rawValue) \(name)"
                if let other = seen[claim] {
                    reader.report(.configDuplicateKey, "\(rule.id) looks for the same as \(other)", at: rule.place)
                }
                seen[claim] = rule.id
            }
        }
    }
}

extension Alternative {
    /// The names of all kinds, as ``kind`` gives them.
    static let kinds = [
        "areaBasis", "area", "accountClass", "heatSource", "method", "height", "heightCounting", "heightForEveryClass",
        "seasonDays", "chargedDays", "fullSeason", "suspensionIgnored", "suspensionRatio", "suspensionShare",
        "lineRounding", "totalRounding", "pricesOf", "lowIncome", "consumption", "correction", "capIgnored",
        "withoutLine", "lineTwice",
    ]
}

func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
