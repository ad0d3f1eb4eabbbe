import ConfigurationFiles
import Foundation
import HeatModel
import Yams

/// Settings whose values stand outside of the configuration, and the paths in it.
extension ConfigurationReader {
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
                "config.missingSecret", "\"\(name)\" wants the environment variable \(variable), which is not set",
                at: node,
                advice: "export \(variable)=… before you start hearth")
        } else if reference.hasPrefix("file:") {
            let file = resolve(String(reference.dropFirst(5)))
            if let value = try? String(contentsOfFile: file, encoding: .utf8) {
                return value.hasSuffix("\n") ? String(value.dropLast()) : value
            }
            report(
                "config.missingSecret", "\"\(name)\" wants the file \(file), which cannot be read", at: node,
                advice: "make the file, readable by you alone")
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
