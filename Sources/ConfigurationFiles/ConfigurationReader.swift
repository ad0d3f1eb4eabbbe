import Foundation
package import HeatModel
package import Yams

/// Reads YAML nodes and collects every problem with its place instead of stopping at the first.
package struct ConfigurationReader {
    package let path: String
    package var problems: [HearthError] = []
    /// Collects the keys that each section may have; nil unless a caller needs them.
    package var survey: KeySurvey?

    package init(path: String) { self.path = path }

    /// The file's bytes and root; nil, with a problem noted, where there is none.
    package mutating func load() -> (bytes: [UInt8], root: Node)? {
        guard let data = FileManager.default.contents(atPath: path) else {
            report(.configUnreadable, "the file cannot be read", at: .file(path, line: 0, column: 0))
            return nil
        }
        let bytes = [UInt8](data)
        return root(of: bytes).map { (bytes, $0) }
    }

    /// The root of a file that was read before; nil, with a problem noted, where there is none.
    package mutating func root(of bytes: [UInt8]) -> Node? {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            report(.configUnreadable, "the file is not UTF-8", at: .file(path, line: 0, column: 0))
            return nil
        }
        do {
            guard let root = try compose(yaml: text) else {
                report(.configSyntax, "the file is empty", at: .file(path, line: 0, column: 0))
                return nil
            }
            return root
        } catch {
            reportSyntax(error)
            return nil
        }
    }

    private mutating func reportSyntax(_ error: any Error) {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            report(.configSyntax, "not YAML: \(problem)", at: place(mark))
        case .duplicatedKeysInMapping(let names, let context):
            let listed = names.map { "\"\($0)\"" }.joined(separator: ", ")
            report(.configDuplicateKey, "\(listed) stands more than once in one mapping", at: place(context.mark))
        case .reader(let problem, _, _, _):
            report(.configSyntax, "not YAML: \(problem)", at: .file(path, line: 0, column: 0))
        default:
            report(.configSyntax, "not YAML", at: .file(path, line: 0, column: 0))
        }
    }

    package mutating func report(_ code: HearthError.Code, _ message: String, at place: Place, advice: Advice? = nil) {
        problems.append(HearthError(code, message, at: place, advice: advice))
    }

    package mutating func report(_ code: HearthError.Code, _ message: String, at node: Node, advice: Advice? = nil) {
        report(code, message, at: place(node), advice: advice)
    }

    package func place(_ mark: Mark?) -> Place { .file(path, mark) }
    package func place(_ node: Node) -> Place { place(node.mark) }

    /// A mapping as a section; nil, with a problem noted, for any other node.
    ///
    /// - Parameter name: its path from a section that is not in another one's; what it is without one.
    package mutating func section(_ node: Node, _ what: String, named name: String? = nil) -> Section? {
        guard case .mapping(let mapping) = node else {
            report(.configBadValue, "\(what) must be a mapping of keys to values", at: node)
            return nil
        }
        var entries: [Section.Entry] = []
        for (key, value) in mapping {
            guard case .scalar(let scalar) = key else {
                report(.configBadValue, "a key must be a plain text", at: key)
                continue
            }
            entries.append(Section.Entry(name: scalar.string, key: key, value: value))
        }
        return Section(place: place(node), entries: entries, name: name ?? what)
    }

    /// Notes every key that is not in `known`.
    package mutating func expect(_ section: Section, only known: [String], in what: String) {
        survey?.note(section, known)
        for entry in section.entries where !known.contains(entry.name) {
            report(
                .configUnknownKey, "unknown key \"\(entry.name)\" in \(what)", at: entry.key,
                advice: NearestName.advice(entry.name, among: known))
        }
    }

    package mutating func text(_ node: Node, _ what: String) -> String? {
        guard case .scalar(let scalar) = node else {
            report(.configBadValue, "\(what) must be a single value", at: node)
            return nil
        }
        return scalar.string
    }

    package mutating func name(_ node: Node, _ what: String) -> String? {
        guard let text = text(node, what) else { return nil }
        if text.isEmpty {
            report(.configBadValue, "\(what) must not be empty", at: node)
            return nil
        }
        return text
    }

    package mutating func flag(_ node: Node, _ what: String) -> Bool? {
        guard let text = text(node, what) else { return nil }
        if text == "true" { return true }
        if text == "false" { return false }
        report(.configBadValue, "\(what) must be true or false", at: node)
        return nil
    }

    package mutating func list(_ node: Node, _ what: String) -> [(text: String, node: Node)]? {
        guard case .sequence(let sequence) = node else {
            report(.configBadValue, "\(what) must be a list: [a, b]", at: node)
            return nil
        }
        var items: [(String, Node)] = []
        for item in sequence {
            if let text = text(item, "an item of \(what)") { items.append((text, item)) }
        }
        return items
    }
}

/// A YAML mapping with the places of its keys.
package struct Section {
    package struct Entry {
        package let name: String
        package let key: Node
        package let value: Node
    }

    package let place: Place
    package let entries: [Entry]
    /// `the configuration`, `source billing/sql`: what it is, and the keys that lead from there to it.
    package var name = ""

    package subscript(_ name: String) -> Node? { entries.first { $0.name == name }?.value }
    package func key(_ name: String) -> Node? { entries.first { $0.name == name }?.key }
}

extension Place {
    package static func file(_ path: String, _ mark: Mark?) -> Place {
        .file(path, line: mark?.line ?? 0, column: mark?.column ?? 0)
    }
}
