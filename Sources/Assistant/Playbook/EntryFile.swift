import ConfigurationFiles
import Foundation
import HeatModel
import Yams

/// A file of entries.
struct EntryFile {
    var reader: ConfigurationReader
    let company: Company

    mutating func read() -> [Entry] {
        guard let (_, root) = reader.load(), let top = reader.section(root, "the file") else { return [] }
        reader.expect(top, only: ["entries"], in: "the file")
        guard case .sequence(let list)? = top["entries"] else {
            reader.report(.configMissingKey, "\"entries\" is missing, a list", at: top.place)
            return []
        }
        return list.compactMap { reader.section($0, "an entry") }.compactMap { entry($0) }
    }

    private mutating func entry(_ section: Section) -> Entry? {
        reader.expect(
            section,
            only: [
                "id", "version", "title", "intents", "full", "short", "spoken", "plain", "steps", "steps_from",
                "choices",
                "chart", "link",
            ], in: "an entry")
        let id = reader.required("id", in: section, of: "an entry")
        if let id, let node = section["id"], !Self.isName(id) {
            reader.report(.configBadValue, "\"\(id)\" is no name: small letters, digits and _", at: node)
        }
        let version = reader.integer(of: "version", in: section, atLeast: 1, atMost: 999_999)
        if section["version"] == nil {
            reader.report(.configMissingKey, "an entry needs \"version\": answers state it", at: section.place)
        }
        if section["full"] == nil { reader.report(.configMissingKey, "an entry needs \"full\"", at: section.place) }
        let full = template("full", section)
        let texts = ["short", "spoken", "plain"].map { template($0, section) }
        let steps = steps(section)
        let source = reader.choice(of: "steps_from", in: section, Entry.StepSource.self)
        let choices = choices(section)
        let link = link(section)
        let hasChart = reader.flag(of: "chart", in: section) ?? false
        guard let id, let full else { return nil }
        return Entry(
            id: id, version: version ?? 1, title: reader.text(of: "title", in: section),
            intents: reader.texts(of: "intents", in: section) ?? [], full: full, short: texts[0], spoken: texts[1],
            plain: texts[2], steps: steps, stepsFrom: source, choices: choices, hasChart: hasChart, link: link,
            place: section.place)
    }

    static func isName(_ text: String) -> Bool {
        (1...40).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0 &- 0x61 < 26 || $0 &- 0x30 <= 9 || $0 == 0x5F }
            && text.utf8.first.map { $0 &- 0x61 < 26 } == true
    }

    private mutating func template(_ name: String, _ section: Section) -> Template? {
        guard let node = section[name], let text = reader.name(node, "\"\(name)\"") else { return nil }
        return template(text, node)
    }

    private mutating func template(_ text: String, _ node: Node) -> Template? {
        do {
            return try Template(text.trimmingCharacters(in: .whitespacesAndNewlines))
        } catch {
            reader.report(.configBadValue, error.words, at: node)
            return nil
        }
    }

    private mutating func steps(_ section: Section) -> [Entry.Step] {
        guard let node = section["steps"] else { return [] }
        guard case .sequence(let list) = node else {
            reader.report(.configBadValue, "\"steps\" must be a list", at: node)
            return []
        }
        return list.compactMap { item -> Entry.Step? in
            if case .scalar(let scalar) = item {
                return template(scalar.string, item).map { Entry.Step(words: $0, picture: nil, pictureWords: nil) }
            }
            guard let step = reader.section(item, "a step") else { return nil }
            reader.expect(step, only: ["words", "picture", "picture_words"], in: "a step")
            guard let text = reader.required("words", in: step, of: "a step") else { return nil }
            let picture = reader.text(of: "picture", in: step)
            if let picture, let place = step["picture"] {
                let path = reader.resolve("../../pictures/" + picture)
                if picture.contains("/") || !FileManager.default.fileExists(atPath: path) {
                    reader.report(.configUnreadable, "there is no pictures/\(picture) in the configuration", at: place)
                }
                if step["picture_words"] == nil {
                    reader.report(
                        .configMissingKey, "a picture needs \"picture_words\" for who cannot see it", at: place)
                }
            }
            return template(text, step["words"] ?? item).map {
                Entry.Step(words: $0, picture: picture, pictureWords: reader.text(of: "picture_words", in: step))
            }
        }
    }

    private mutating func choices(_ section: Section) -> [Entry.Choice] {
        guard let node = section["choices"] else { return [] }
        guard case .sequence(let list) = node else {
            reader.report(.configBadValue, "\"choices\" must be a list", at: node)
            return []
        }
        var choices: [Entry.Choice] = []
        for item in list {
            guard let choice = reader.section(item, "a choice") else { continue }
            reader.expect(choice, only: ["id", "to", "words", "digit", "says"], in: "a choice")
            let id = reader.text(of: "id", in: choice)
            let intent = reader.text(of: "to", in: choice)
            let words = reader.required("words", in: choice, of: "a choice")
            let digit = reader.integer(of: "digit", in: choice, atLeast: 1, atMost: 8)
            if (id == nil) == (intent == nil) {
                reader.report(
                    .configBadValue, "a choice has \"id\", within its flow, or \"to\", an intent", at: choice.place)
            }
            guard let name = id ?? intent, let words else { continue }
            if choices.contains(where: { $0.id == name }) {
                reader.report(.configDuplicateKey, "\"\(name)\" is another choice of the entry", at: choice.place)
            }
            if let digit, choices.contains(where: { $0.digit == digit }) {
                reader.report(.configDuplicateKey, "key \(digit) is another choice of the entry", at: choice.place)
            }
            choices.append(
                Entry.Choice(
                    id: name, words: words, digit: digit, says: reader.texts(of: "says", in: choice) ?? [],
                    isIntent: intent != nil))
        }
        return choices
    }

    private mutating func link(_ section: Section) -> Entry.Link? {
        guard let node = section["link"], let link = reader.section(node, "\"link\"") else { return nil }
        reader.expect(link, only: ["words", "to"], in: "\"link\"")
        guard let words = reader.required("words", in: link, of: "\"link\""),
            let name = reader.required("to", in: link, of: "\"link\"")
        else { return nil }
        guard let address = company.values[name], name.hasSuffix("_link") else {
            reader.report(
                .configBadValue, "\"\(name)\" is no address of company.yaml", at: link["to"] ?? node,
                advice: NearestName.advice(name, among: CompanyFile.values.filter { $0.hasSuffix("_link") }))
            return nil
        }
        return Entry.Link(words: words, address: address)
    }
}
