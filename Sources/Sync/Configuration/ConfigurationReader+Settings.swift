import Foundation
import HeatModel
import Mapping
import Yams

/// Typed settings of a section, each problem noted where it stands.
extension ConfigurationReader {
    mutating func text(of name: String, in section: Section) -> String? {
        section[name].flatMap { text($0, "\"\(name)\"") }
    }

    /// A setting that must be there, with what stands outside of the configuration filled in.
    mutating func requiredSecret(_ name: String, in section: Section, of what: String) -> String? {
        guard section[name] != nil else {
            report("config.missingKey", "\(what) needs \"\(name)\"", at: section.place)
            return nil
        }
        guard let value = secret(of: name, in: section) else { return nil }
        if value.isEmpty {
            report("config.badValue", "\"\(name)\" must not be empty", at: section[name]!)
            return nil
        }
        return value
    }

    mutating func required(_ name: String, in section: Section, of what: String) -> String? {
        guard let node = section[name] else {
            report("config.missingKey", "\(what) needs \"\(name)\"", at: section.place)
            return nil
        }
        return self.name(node, "\"\(name)\"")
    }

    mutating func flag(of name: String, in section: Section) -> Bool? {
        section[name].flatMap { flag($0, "\"\(name)\"") }
    }

    mutating func integer(of name: String, in section: Section, atLeast: Int = 0) -> Int? {
        guard let node = section[name], let text = text(node, "\"\(name)\"") else { return nil }
        guard let value = Int(text), value >= atLeast else {
            report("config.badValue", "\"\(name)\" must be a whole number, at least \(atLeast)", at: node)
            return nil
        }
        return value
    }

    mutating func texts(of name: String, in section: Section) -> [String]? {
        section[name].flatMap { list($0, "\"\(name)\"") }?.map(\.text)
    }

    mutating func section(of name: String, in section: Section) -> Section? {
        section[name].flatMap { self.section($0, "\"\(name)\"") }
    }

    mutating func choice<Value: RawRepresentable & CaseIterable>(of name: String, in section: Section, _ type: Value.Type) -> Value?
    where Value.RawValue == String {
        guard let node = section[name], let text = text(node, "\"\(name)\"") else { return nil }
        if let value = Value(rawValue: text) { return value }
        let known = Value.allCases.map(\.rawValue)
        report("config.badValue", "\"\(text)\" is not a \(name)", at: node, advice: NearestName.advice(text, among: known))
        return nil
    }

    /// Text in which `${env:NAME}`, `${env:NAME:-default}` and `${file:path}` stand for what is kept outside of the configuration. A file's last line
    /// break is not part of the secret.
    mutating func secret(of name: String, in section: Section) -> String? {
        guard let node = section[name], let text = text(node, "\"\(name)\"") else { return nil }
        return filled(text, name, node)
    }

    /// A list of such texts.
    mutating func secrets(of name: String, in section: Section) -> [String]? {
        section[name].flatMap { list($0, "\"\(name)\"") }?.compactMap { filled($0.text, name, $0.node) }
    }

    private mutating func filled(_ text: String, _ name: String, _ node: Node) -> String? {
        var result = ""
        var rest = text[...]
        while let start = rest.range(of: "${") {
            result += rest[..<start.lowerBound]
            guard let end = rest.range(of: "}", range: start.upperBound..<rest.endIndex) else {
                report("config.badValue", "\"\(name)\" opens ${ without closing it", at: node)
                return nil
            }
            guard let value = outside(rest[start.upperBound..<end.lowerBound], name, node) else { return nil }
            result += value
            rest = rest[end.upperBound...]
        }
        return result + rest
    }

    private mutating func outside(_ reference: Substring, _ name: String, _ node: Node) -> String? {
        if reference.hasPrefix("env:") {
            let parts = reference.dropFirst(4).split(separator: ":-", maxSplits: 1, omittingEmptySubsequences: false)
            let variable = String(parts[0])
            // The environment as it is now: the demo sets what it has found out.
            if let value = getenv(variable) { return String(cString: value) }
            if parts.count == 2 { return String(parts[1]) }
            report(
                "config.missingSecret", "\"\(name)\" wants the environment variable \(variable), which is not set", at: node,
                advice: "export \(variable)=… before you start hearth")
        } else if reference.hasPrefix("file:") {
            let file = resolve(String(reference.dropFirst(5)))
            if let value = try? String(contentsOfFile: file, encoding: .utf8) {
                return value.hasSuffix("\n") ? String(value.dropLast()) : value
            }
            report("config.missingSecret", "\"\(name)\" wants the file \(file), which cannot be read", at: node, advice: "make the file, readable by you alone")
        } else {
            report("config.badValue", "\"${\(reference)}\" is neither ${env:NAME} nor ${file:path}", at: node)
        }
        return nil
    }

    /// A path as seen from the configuration's folder.
    func resolve(_ file: String) -> String {
        if file.hasPrefix("/") { return file }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        return URL(fileURLWithPath: file, relativeTo: folder).standardizedFileURL.path
    }
}
