import Foundation
import HeatModel
import SQLConnector
import Yams

/// Fills in what a configuration keeps outside of itself, in every value of it: `${env:NAME}`, `${env:NAME:-default}` and
/// `${file:path}`. `$${` is a plain `${`.
///
/// What a source wants is read when the source is used, and not before: the rest of the configuration works without it.
struct OutsideValues {
    /// A value that came from outside. No problem at its place may show it.
    struct Filled {
        var place: Place
        var text: String
        /// What the file says in its stead.
        var reference: String

        /// A message without the value: quoted however short it is, bare where it is long enough not to be confused with other words.
        func hidden(in message: String) -> String {
            // The reference itself may hold the text, as its default.
            let parts = message.split(separator: "\"\(text)\"", omittingEmptySubsequences: false)
            return parts.map { String(text.count > 3 ? $0.replacing(text, with: reference) : $0) }
                .joined(separator: "\"\(reference)\"")
        }
    }

    private let place: (Node) -> Place
    private let resolve: (String) -> String
    private let environment: WorkspaceEnvironment
    private var filled: [Filled] = []
    /// What the configuration as a whole lacks, and references that are none.
    private(set) var problems: [HearthError] = []
    /// Where values of sources stand that were not read, by the sources' names.
    private(set) var unread: [String: Set<Place>] = [:]
    /// Files whose values are filled in, of sources too.
    private(set) var files: [String] = []
    /// The source whose values are left unread.
    private var source: String?

    /// - Parameters:
    ///   - place: where a node stands.
    ///   - resolve: a path as seen from the configuration's folder.
    ///   - environment: what is taken for a variable that the process does not have.
    init(
        environment: WorkspaceEnvironment, place: @escaping (Node) -> Place, resolve: @escaping (String) -> String
    ) {
        self.environment = environment
        self.place = place
        self.resolve = resolve
        problems = environment.problems
    }

    /// The configuration's root with everything filled in but what its sources want: of that, defaults are taken, and what has none stays
    /// as the file has it. What cannot be a reference is a problem there, too.
    mutating func fill(_ root: Node) -> Node {
        guard case .mapping(let top) = root else { return root }
        return mapping(top) { outside, key, value in
            guard key == "sources", case .mapping(let sources) = value else { return outside.fill(value, key) }
            return outside.mapping(sources) { outside, name, body in
                guard case .mapping(let settings) = body else { return body }
                return outside.mapping(settings) { outside, key, value in
                    // Records that the store holds are read by the zone, too.
                    outside.source = key == "zone" ? nil : name
                    defer { outside.source = nil }
                    return outside.fill(value, key)
                }
            }
        }
    }

    /// A source's section with everything filled in.
    mutating func fill(source node: Node) -> Node { fill(node, "") }

    /// Problems as people may read them: what came from outside is shown as the file has it.
    func masked(_ problems: [HearthError]) -> [HearthError] {
        problems.map { problem in
            var problem = problem
            for value in filled where value.place == problem.place {
                problem.message = value.hidden(in: problem.message)
                problem.advice = problem.advice?.mapText(value.hidden)
            }
            return problem
        }
    }

    private mutating func mapping(
        _ mapping: Node.Mapping, _ value: (inout OutsideValues, String, Node) -> Node
    ) -> Node {
        let pairs = mapping.map { ($0.key, value(&self, $0.key.scalar?.string ?? "", $0.value)) }
        return .mapping(.init(pairs, mapping.tag, mapping.style, mapping.mark))
    }

    /// - Parameter name: the key that the value stands under.
    private mutating func fill(_ node: Node, _ name: String) -> Node {
        switch node {
        case .mapping(let mapping): return self.mapping(mapping) { $0.fill($2, $1) }
        case .sequence(let sequence):
            var items: [Node] = []
            for item in sequence { items.append(fill(item, name)) }
            return .sequence(.init(items, sequence.tag, sequence.style, sequence.mark))
        case .scalar(let scalar):
            guard scalar.string.contains("${"), let text = fill(scalar.string, name, node) else { return node }
            if text.isEmpty, let source, unread[source]?.contains(place(node)) == true { return node }
            filled.append(Filled(place: place(node), text: text, reference: scalar.string))
            return .scalar(.init(text, scalar.tag, scalar.style, scalar.mark))
        default: return node
        }
    }

    private mutating func fill(_ text: String, _ name: String, _ node: Node) -> String? {
        // A connection string may be kept outside as a whole; in one that is not, what is kept outside is a value and no setting.
        let isWhole = text.hasPrefix("${") && text.firstIndex(of: "}") == text.index(before: text.endIndex)
        var result = ""
        var rest = text[...]
        while let start = rest.range(of: "${") {
            let before = rest[..<start.lowerBound]
            rest = rest[start.upperBound...]
            if before.last == "$" {
                result += before + "{"
                continue
            }
            result += before
            guard let end = rest.firstIndex(of: "}") else {
                report(.configBadValue, "\"\(name)\" opens ${ without closing it", node, "write $${ for a plain ${")
                return nil
            }
            guard let value = outside(rest[..<end], name, node) else { return nil }
            guard let part = name == "conninfo" && !isWhole ? PostgresOptions.quoted(value, after: result) : value
            else {
                report(
                    .configBadValue, "in \"conninfo\" a reference stands where the name of a setting is expected",
                    node,
                    "keep the whole connection string outside, or single values of it: password=${env:NAME}")
                return nil
            }
            result += part
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    private mutating func outside(_ reference: Substring, _ name: String, _ node: Node) -> String? {
        let isReference = reference.hasPrefix("env:") || reference.hasPrefix("file:")
        if reference.hasPrefix("file:") { files.append(resolve(String(reference.dropFirst(5)))) }
        if isReference, let source {
            unread[source, default: []].insert(place(node))
            return reference.range(of: ":-").map { String(reference[$0.upperBound...]) } ?? ""
        }
        if reference.hasPrefix("env:") {
            let parts = reference.dropFirst(4).split(separator: ":-", maxSplits: 1, omittingEmptySubsequences: false)
            let variable = String(parts[0])
            // The environment as it is now: the demo sets what it has found out.
            if let value = getenv(variable) { return String(cString: value) }
            if let value = environment.values[variable] { return value }
            if parts.count == 2 { return String(parts[1]) }
            report(
                .configMissingSecret, "\"\(name)\" wants the environment variable \(variable), which is not set",
                node,
                "export \(variable)=… before you start hearth, or write it into the workspace's file environment")
        } else if reference.hasPrefix("file:") {
            let file = resolve(String(reference.dropFirst(5)))
            guard let bytes = FileManager.default.contents(atPath: file) else {
                let isThere = FileManager.default.fileExists(atPath: file)
                report(
                    .configMissingSecret,
                    "\"\(name)\" wants the file \(file), which \(isThere ? "cannot be read" : "is not there")", node,
                    isThere ? "let the user that runs this read it" : "make the file, readable by you alone")
                return nil
            }
            guard let value = String(validating: bytes, as: UTF8.self) else {
                report(
                    .configBadValue, "\"\(name)\" wants the file \(file), which is not UTF-8", node,
                    "write it again as UTF-8")
                return nil
            }
            // The last line break is not part of the secret.
            return value.hasSuffix("\r\n") || value.hasSuffix("\n") ? String(value.dropLast()) : value
        } else {
            report(
                .configBadValue, "\"${\(reference)}\" is neither ${env:NAME} nor ${file:path}", node,
                "write $${ for a plain ${")
        }
        return nil
    }

    private mutating func report(_ code: HearthError.Code, _ message: String, _ node: Node, _ advice: String) {
        problems.append(HearthError(code, message, at: place(node), advice: advice))
    }
}
