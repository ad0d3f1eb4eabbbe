import ConfigurationFiles
package import Foundation
import HeatModel
import Yams

extension SuspensionProcedures {
    /// The procedures in the folder of a configuration; nil where there is no `suspension.yaml`.
    ///
    /// - Throws: ``ConfigurationErrors``.
    package static func loadIfAny(folder: URL) throws -> SuspensionProcedures? {
        let path = folder.appendingPathComponent("suspension.yaml").relativePath
        return FileManager.default.fileExists(atPath: path) ? try load(path: path) : nil
    }

    /// Reads and checks a file of procedures.
    ///
    /// - Throws: ``ConfigurationErrors`` with every problem at its line and column.
    package static func load(path: String) throws -> SuspensionProcedures {
        var file = SuspensionProcedureFile(reader: ConfigurationReader(path: path))
        guard let procedures = file.read(), file.reader.problems.isEmpty else {
            throw ConfigurationErrors(file.reader.problems)
        }
        return procedures
    }
}

private struct SuspensionProcedureFile {
    var reader: ConfigurationReader
    private var texts: [String: SuspensionProcedures.Words] = [:]

    init(reader: ConfigurationReader) { self.reader = reader }

    mutating func read() -> SuspensionProcedures? {
        guard let (_, root) = reader.load(), let top = reader.section(root, "the procedures") else { return nil }
        reader.expect(top, only: ["ask", "texts", "procedures"], in: "the procedures")
        var result = SuspensionProcedures()
        if let ask = reader.section(of: "ask", in: top) {
            reader.expect(ask, only: SuspensionProcedures.Query.allCases.map(\.rawValue), in: "\"ask\"")
            for query in SuspensionProcedures.Query.allCases {
                if let node = ask[query.rawValue] { result.queries[query] = words(node, query.rawValue) }
            }
        }
        for entry in reader.section(of: "texts", in: top)?.entries ?? [] {
            texts[entry.name] = words(entry.value, entry.name)
        }
        guard let node = top["procedures"] else {
            reader.report(.configMissingKey, "\"procedures\" is missing", at: top.place)
            return nil
        }
        guard case .sequence(let list) = node else {
            reader.report(.configBadValue, "\"procedures\" must be a list", at: node)
            return nil
        }
        for item in list {
            guard let procedure = procedure(item) else { continue }
            if result.procedures.contains(where: { $0.name == procedure.name }) {
                reader.report(.configDuplicateKey, "\"\(procedure.name)\" stands before it in the list", at: item)
            }
            result.procedures.append(procedure)
        }
        return result
    }

    private mutating func words(_ node: Node, _ name: String) -> SuspensionProcedures.Words {
        guard let section = reader.section(node, "\"\(name)\"") else { return [:] }
        reader.expect(section, only: ["zh", "en", "zh_plain"], in: "\"\(name)\"")
        var words: SuspensionProcedures.Words = [:]
        for language in ["zh", "en", "zh_plain"] { words[language] = reader.text(of: language, in: section) }
        if section["zh"] == nil {
            reader.report(.configMissingKey, "\"\(name)\" has no words in Chinese (zh)", at: section.place)
        }
        return words
    }

    private mutating func procedure(_ node: Node) -> SuspensionProcedures.Procedure? {
        guard let section = reader.section(node, "a procedure") else { return nil }
        reader.expect(section, only: ["name", "when", "documents", "steps", "place"], in: "a procedure")
        guard let name = reader.required("name", in: section, of: "a procedure") else { return nil }
        var procedure = SuspensionProcedures.Procedure(name: name)
        if let when = reader.section(of: "when", in: section) { procedure.when = condition(when) }
        if let node = section["documents"] { procedure.documents = items(node, "\"documents\"") }
        if let node = section["steps"] { procedure.steps = items(node, "\"steps\"") }
        if procedure.steps.isEmpty {
            reader.report(.configMissingKey, "procedure \(name) has no \"steps\"", at: section.place)
        }
        if let text = reader.text(of: "place", in: section), let node = section["place"] {
            procedure.place = item(text, node)
        }
        return procedure
    }

    private mutating func condition(_ section: Section) -> SuspensionProcedures.Condition {
        reader.expect(section, only: ["intent", "heating", "class", "season", "arrears", "city"], in: "\"when\"")
        var condition = SuspensionProcedures.Condition()
        condition.intent = reader.choice(of: "intent", in: section, SuspensionProcedures.Intent.self)
        condition.heating = reader.choice(of: "heating", in: section, SuspensionProcedures.Heating.self)
        condition.accountClass = reader.choice(of: "class", in: section, AccountFacts.Class.self)
        condition.season = reader.choice(of: "season", in: section, SuspensionProcedures.Season.self)
        condition.hasArrears = reader.flag(of: "arrears", in: section)
        condition.city = reader.text(of: "city", in: section)
        return condition
    }

    private mutating func items(_ node: Node, _ what: String) -> [SuspensionProcedures.Item] {
        (reader.list(node, what) ?? []).compactMap { item($0.text, $0.node) }
    }

    private mutating func item(_ name: String, _ node: Node) -> SuspensionProcedures.Item? {
        if let words = texts[name] { return .init(name: name, words: words) }
        reader.report(
            .configBadValue, "\"\(name)\" is none of the texts", at: node,
            advice: NearestName.advice(name, among: texts.keys.sorted()))
        return nil
    }
}
