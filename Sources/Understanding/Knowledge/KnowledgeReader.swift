import ConfigurationFiles
import Foundation
import HeatModel
import Yams

extension Knowledge {
    /// Reads a folder of knowledge: `intents.yaml`, `rules.yaml`, `examples/INTENT.txt`, and the lists of words.
    ///
    /// - Throws: ``ConfigurationErrors`` with every problem of every file at its line.
    package static func load(folder: String) throws -> Knowledge {
        var reader = KnowledgeReader(folder: folder)
        let knowledge = reader.read()
        if !reader.problems.isEmpty { throw ConfigurationErrors(reader.problems) }
        return knowledge
    }

    /// The folder of knowledge of a configuration.
    package static func folder(besides configuration: String) -> String {
        URL(fileURLWithPath: configuration).deletingLastPathComponent().appendingPathComponent("knowledge").relativePath
    }
}

private struct KnowledgeReader {
    let folder: String
    var problems: [HearthError] = []
    private var lexicon = Lexicon()
    private var forms: WordForms
    private var concepts: [String] = []
    private var words: [String: [Scalars]] = [:]
    private var beside: [Int: [Int: Int]] = [:]
    private var alone: Set<Int> = []
    private var digest: UInt64 = 0xCBF2_9CE4_8422_2325

    init(folder: String) {
        self.folder = folder
        forms = WordForms(traditional: [:], homophones: Replacements([]), dialect: Replacements([]))
    }

    private func path(_ name: String) -> String {
        URL(fileURLWithPath: folder).appendingPathComponent(name).relativePath
    }

    mutating func read() -> Knowledge {
        forms = wordForms()
        readConcepts("words.tsv", prefix: "")
        readConcepts("topics.tsv", prefix: "topic:")
        var intents: [Knowledge.Intent] = []
        var cues: [Knowledge.Cue] = []
        var settings = Knowledge.Settings()
        readIntents(&intents, &cues, &settings)
        let rules = readRules(intents)
        let slotWords = readSlotWords()
        let examples = readExamples(intents)
        return Knowledge(
            version: String(digest, radix: 16), intents: intents, examples: examples, forms: forms, lexicon: lexicon,
            concepts: concepts, cues: cues, beside: beside, alone: alone, rules: rules, slotWords: slotWords,
            settings: settings)
    }

    /// FNV-1a over everything that is read, which does not depend on how a file's lines end.
    private mutating func note(_ text: String) {
        for byte in text.utf8 { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01B3 }
        digest = (digest ^ 0x0A) &* 0x100_0000_01B3
    }

    // MARK: words

    private mutating func tabbed(_ name: String, columns: Int, isOptional: Bool = false) -> [TabbedFile.Line] {
        let file = TabbedFile(path: path(name), columns: columns, isOptional: isOptional)
        problems += file.problems
        for line in file.lines { note(line.fields.joined(separator: "\t")) }
        return file.lines
    }

    private mutating func pairs(_ name: String) -> [(line: Int, from: String, to: String)] {
        var seen: [String: (line: Int, to: String)] = [:]
        var pairs: [(Int, String, String)] = []
        for line in tabbed(name, columns: 2, isOptional: true) {
            let (from, to) = (line.fields[0], line.fields[1])
            if let before = seen[from] {
                if before.to != to {
                    problem(name, line.number, "\"\(from)\" stands for \"\(before.to)\" in line \(before.line) already")
                }
                continue
            }
            seen[from] = (line.number, to)
            if from != to { pairs.append((line.number, from, to)) }
        }
        return pairs
    }

    private mutating func problem(_ name: String, _ line: Int, _ message: String, advice: Advice? = nil) {
        problems.append(
            HearthError(.configBadValue, message, at: .file(path(name), line: line, column: 0), advice: advice))
    }

    private mutating func wordForms() -> WordForms {
        var traditional: [UInt32: UInt32] = [:]
        for line in tabbed("traditional.tsv", columns: 2, isOptional: true) {
            let (from, to) = (line.fields[0].scalars, line.fields[1].scalars)
            if from.count == to.count {
                for (old, new) in zip(from, to) { traditional[old] = new }
            } else {
                problem("traditional.tsv", line.number, "as many characters must stand on both sides")
            }
        }
        let plain = { (text: String) in String(Utterance.plain(text).text).lowercased() }
        let homophones = pairs("homophones.tsv").map { (from: plain($0.from), to: plain($0.to)) }
        let dialect = pairs("dialect.tsv").map { (from: plain($0.from), to: plain($0.to)) }
        return WordForms(
            traditional: traditional, homophones: Replacements(homophones), dialect: Replacements(dialect))
    }

    private mutating func readConcepts(_ name: String, prefix: String) {
        for line in tabbed(name, columns: 2, isOptional: true) {
            let concept = prefix + line.fields[0]
            let forms = self.forms
            let scalars = line.fields[1].split(whereSeparator: { " ,，、|".contains($0) })
                .map { forms.utterance(String($0)).bare }.filter { !$0.isEmpty }
            if words[concept] == nil {
                words[concept] = []
                concepts.append(concept)
            }
            words[concept]! += scalars
            lexicon.name(concepts.firstIndex(of: concept)!, isTopic: prefix == "topic:", with: scalars)
        }
    }

    private mutating func readSlotWords() -> SlotWords {
        var found = SlotWords()
        for line in tabbed("slots.tsv", columns: 2) {
            guard let kind = SlotWords.Kind(rawValue: line.fields[0]) else {
                problem(
                    "slots.tsv", line.number, "\"\(line.fields[0])\" is no kind of slot word",
                    advice: NearestName.advice(line.fields[0], among: SlotWords.Kind.allCases.map(\.rawValue)))
                continue
            }
            if kind.isForm {
                if let form = SlotForm(line.fields[1]) {
                    found.add(form, to: kind)
                } else {
                    problem("slots.tsv", line.number, "\"\(line.fields[1])\" is no way of saying something")
                }
                continue
            }
            found.add(line.fields[1].split(separator: " ").map { Utterance.plain(String($0)).text }, to: kind)
        }
        return found
    }

    // MARK: intents and rules

    /// Which form a file has: of a later one nothing is known.
    private func expectForm(_ top: Section, _ reader: inout ConfigurationReader) {
        if top["version"] == nil {
            reader.report(.configMissingKey, "\"version\" is missing: which form the files have", at: top.place)
        }
        _ = reader.integer(of: "version", in: top, atLeast: 1, atMost: 1)
    }

    private mutating func pattern(_ text: String, _ node: Node, _ reader: inout ConfigurationReader) -> Pattern? {
        let (words, forms) = (self.words, self.forms)
        do throws(Pattern.Problem) {
            return try Pattern(text, &lexicon, words: { words[$0] }, form: { forms.utterance($0).bare })
        } catch {
            reader.report(.configBadValue, "the pattern \"\(text)\": \(error.message)", at: node)
            return nil
        }
    }

    private mutating func readIntents(
        _ intents: inout [Knowledge.Intent], _ cues: inout [Knowledge.Cue], _ settings: inout Knowledge.Settings
    ) {
        var reader = ConfigurationReader(path: path("intents.yaml"))
        defer { problems += reader.problems }
        guard let (bytes, root) = reader.load(), let top = reader.section(root, "the intents") else { return }
        note(String(decoding: bytes, as: UTF8.self))
        reader.expect(top, only: ["version", "floor", "clause", "second", "intents"], in: "the intents")
        expectForm(top, &reader)
        settings.floor = reader.integer(of: "floor", in: top, atMost: 1000) ?? settings.floor
        settings.clause = reader.integer(of: "clause", in: top, atMost: 1000) ?? settings.clause
        settings.second = reader.integer(of: "second", in: top, atMost: 1000) ?? settings.second
        guard let list = reader.section(of: "intents", in: top) else {
            if top["intents"] == nil { reader.report(.configMissingKey, "\"intents\" is missing", at: top.place) }
            return
        }
        let ids = list.entries.map(\.name)
        for needed in ["none", "human"] where !ids.contains(needed) {
            reader.report(.configMissingKey, "there must be an intent \"\(needed)\"", at: list.place)
        }
        for (index, entry) in list.entries.enumerated() {
            guard let section = reader.section(entry.value, "\"\(entry.name)\"", named: "intents/*") else { continue }
            reader.expect(section, only: ["name", "path", "cues", "near", "beside", "alone"], in: "\"\(entry.name)\"")
            let name = reader.required("name", in: section, of: "\"\(entry.name)\"")
            let path = reader.choice(of: "path", in: section, Knowledge.Path.self)
            if section["path"] == nil {
                reader.report(.configMissingKey, "\"\(entry.name)\" needs \"path\"", at: section.place)
            }
            intents.append(.init(id: entry.name, name: name ?? entry.name, path: path ?? .human))
            cues += weighted("cues", in: section, &reader).map { .init(intent: index, pattern: $0, weight: $1) }
            if reader.flag(of: "alone", in: section) ?? false { alone.insert(index) }
            func place(_ name: String, _ node: Node) -> Int? {
                if let place = ids.firstIndex(of: name) { return place }
                reader.report(
                    .configBadValue, "there is no intent \"\(name)\"", at: node,
                    advice: NearestName.advice(name, among: ids))
                return nil
            }
            for entry in reader.section(of: "beside", in: section)?.entries ?? [] {
                guard let other = place(entry.name, entry.key), let text = reader.text(entry.value, "what it means"),
                    let means = place(text, entry.value)
                else { continue }
                beside[index, default: [:]][other] = means
            }
            guard let near = reader.section(of: "near", in: section) else { continue }
            for other in near.entries {
                guard let than = place(other.name, other.key) else { continue }
                cues += weighted(other.name, in: near, &reader)
                    .map { .init(intent: index, pattern: $0, weight: $1, than: than) }
            }
        }
    }

    /// Patterns with their weights: `{"怎么 + 缴费": 200}`.
    private mutating func weighted(
        _ name: String, in section: Section, _ reader: inout ConfigurationReader
    ) -> [(Pattern, Int32)] {
        guard let found = reader.section(of: name, in: section) else { return [] }
        return found.entries.compactMap { entry in
            guard let text = reader.text(entry.value, "the weight of a pattern") else { return nil }
            guard let weight = Int32(text), weight != 0, abs(weight) <= 1000 else {
                reader.report(
                    .configBadValue, "a weight must be a whole number between -1000 and 1000, not 0", at: entry.value)
                return nil
            }
            return pattern(entry.name, entry.key, &reader).map { ($0, weight) }
        }
    }

    private mutating func readRules(_ intents: [Knowledge.Intent]) -> [Knowledge.Rule] {
        var reader = ConfigurationReader(path: path("rules.yaml"))
        defer { problems += reader.problems }
        guard let (bytes, root) = reader.load(), let top = reader.section(root, "the rules") else { return [] }
        note(String(decoding: bytes, as: UTF8.self))
        reader.expect(top, only: ["version", "rules"], in: "the rules")
        expectForm(top, &reader)
        guard let list = top["rules"], case .sequence(let nodes) = list else {
            reader.report(.configMissingKey, "\"rules\" must be a list", at: top.place)
            return []
        }
        var rules: [Knowledge.Rule] = []
        for node in nodes {
            guard let section = reader.section(node, "a rule") else { continue }
            reader.expect(section, only: ["id", "marks", "decides", "weight", "when", "unless"], in: "a rule")
            guard let id = reader.required("id", in: section, of: "a rule") else { continue }
            if rules.contains(where: { $0.id == id }) {
                reader.report(.configDuplicateKey, "there is a rule \"\(id)\" before it", at: section.place)
            }
            var rule = Knowledge.Rule(id: id, marks: [], decides: nil, adds: 0, when: [], unless: [])
            for item in section["marks"].flatMap({ reader.list($0, "\"marks\"") }) ?? [] {
                if let mark = Heard.Mark(rawValue: item.text) {
                    rule.marks.append(mark)
                } else {
                    reader.report(
                        .configBadValue, "\"\(item.text)\" is no mark", at: item.node,
                        advice: NearestName.advice(item.text, among: Heard.Mark.allCases.map(\.rawValue)))
                }
            }
            if let decides = section["decides"], let name = reader.text(decides, "\"decides\"") {
                rule.decides = intents.firstIndex { $0.id == name }
                if rule.decides == nil {
                    reader.report(
                        .configBadValue, "there is no intent \"\(name)\"", at: decides,
                        advice: NearestName.advice(name, among: intents.map(\.id)))
                }
            }
            rule.adds = Int32(reader.integer(of: "weight", in: section, atMost: 2000) ?? 0)
            if section["weight"] != nil, section["decides"] == nil {
                reader.report(
                    .configMissingKey, "rule \"\(id)\" has \"weight\" and nothing that it \"decides\"",
                    at: section.place)
            }
            for item in section["when"].flatMap({ reader.list($0, "\"when\"") }) ?? [] {
                if let pattern = pattern(item.text, item.node, &reader) { rule.when.append(pattern) }
            }
            for item in section["unless"].flatMap({ reader.list($0, "\"unless\"") }) ?? [] {
                if let pattern = pattern(item.text, item.node, &reader) { rule.unless.append(pattern) }
            }
            if section["when"] == nil {
                reader.report(.configMissingKey, "rule \"\(id)\" needs \"when\"", at: section.place)
            }
            if rule.marks.isEmpty, rule.decides == nil, reader.problems.isEmpty {
                reader.report(
                    .configMissingKey, "rule \"\(id)\" has neither \"marks\" nor \"decides\"", at: section.place)
            }
            rules.append(rule)
        }
        return rules
    }

    // MARK: examples

    private mutating func readExamples(_ intents: [Knowledge.Intent]) -> [Knowledge.Example] {
        let ids = intents.map(\.id)
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: path("examples"))) ?? []).sorted()
        var examples: Set<Knowledge.Example> = []
        for name in names where name.hasSuffix(".txt") {
            let intent = String(name.dropLast(4))
            if !ids.contains(intent) {
                problems.append(
                    HearthError(
                        .configBadValue, "\"\(intent)\" is no intent",
                        at: .file(path("examples/\(name)"), line: 0, column: 0),
                        advice: NearestName.advice(intent, among: ids)))
                continue
            }
            for line in tabbed("examples/\(name)", columns: 1) {
                examples.insert(.init(intent: intent, text: line.fields[0]))
            }
        }
        for id in ids where !examples.contains(where: { $0.intent == id }) && problems.isEmpty {
            problems.append(
                HearthError(
                    .configMissingKey, "the intent \"\(id)\" has no example",
                    at: .file(path("examples/\(id).txt"), line: 0, column: 0)))
        }
        // In an order of their own, so that neither files nor lines can change what is learned by their order.
        return examples.sorted { ($0.intent, $0.text) < ($1.intent, $1.text) }
    }
}
