import Foundation
import HeatModel

/// Variables that a workspace brings itself: the file `environment` beside the folder of its configuration, `NAME=value` or
/// `NAME='value'` a line, as systemd's `EnvironmentFile` and a shell read it. A variable of the process goes before one of the file.
struct WorkspaceEnvironment {
    static let fileName = "environment"

    private(set) var values: [String: String] = [:]
    /// Lines that say nothing, each at its place.
    private(set) var problems: [HearthError] = []

    /// - Parameter configuration: the path of `Config/hearth.yaml`; a configuration in a folder of another name has no workspace around it.
    init(of configuration: String) {
        let folder = URL(fileURLWithPath: configuration).standardizedFileURL.deletingLastPathComponent()
        guard folder.lastPathComponent == "Config" else { return }
        let path = folder.deletingLastPathComponent().appendingPathComponent(Self.fileName).path
        guard let bytes = FileManager.default.contents(atPath: path) else {
            // A folder of this name, or none, is no file that was meant.
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue {
                problems.append(
                    HearthError(
                        .configUnreadable, "the workspace's environment cannot be read",
                        at: .file(path, line: 0, column: 0), advice: "let the user that runs this read it"))
            }
            return
        }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let line = line.trimmingCharacters(in: .whitespacesAndNewlines)
            if line.isEmpty || line.hasPrefix("#") { continue }
            if let (name, value) = Self.assignment(line) {
                values[name] = value
            } else {
                problems.append(
                    HearthError(
                        .configBadValue, "a line of the workspace's environment is no NAME=value",
                        at: .file(path, line: index + 1, column: 1),
                        advice: "write NAME=value or NAME='value', without blanks around ="))
            }
        }
    }

    private static func assignment(_ line: String) -> (name: String, value: String)? {
        guard let equals = line.firstIndex(of: "=") else { return nil }
        let name = line[..<equals]
        let isName = name.utf8.allSatisfy {
            $0 == 0x5F || (0x30...0x39) ~= $0 || (0x41...0x5A) ~= $0 || (0x61...0x7A) ~= $0
        }
        guard isName, let first = name.utf8.first, !((0x30...0x39) ~= first) else { return nil }
        let value = line[line.index(after: equals)...]
        for quote in ["'", "\""] where value.hasPrefix(quote) {
            guard value.count >= 2, value.hasSuffix(quote) else { return nil }
            let inner = value.dropFirst().dropLast()
            return inner.contains(quote) ? nil : (String(name), String(inner))
        }
        return value.contains { $0 == "'" || $0 == "\"" || $0.isWhitespace } ? nil : (String(name), String(value))
    }
}
