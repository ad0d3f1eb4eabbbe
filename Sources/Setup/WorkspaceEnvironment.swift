import Foundation
import HeatModel

/// Variables that a workspace brings itself: the file `environment` beside the folder of its configuration, `NAME=value` or
/// `NAME='value'` a line, as systemd's `EnvironmentFile` and a shell read it. A variable of the process goes before one of the file.
struct WorkspaceEnvironment {
    static let fileName = "environment"

    private(set) var values: [String: String] = [:]
    /// Lines that say nothing, each at its place.
    private(set) var problems: [HearthError] = []

    /// Where the file is, if there is one.
    static func path(of configuration: String) -> String? {
        let folder = URL(fileURLWithPath: configuration).standardizedFileURL.deletingLastPathComponent()
        guard folder.lastPathComponent == "Config" else { return nil }
        let path = folder.deletingLastPathComponent().appendingPathComponent(fileName).path
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }

    /// - Parameter configuration: the path of `Config/hearth.yaml`; a configuration in a folder of another name has no workspace around it.
    init(of configuration: String) {
        guard let path = Self.path(of: configuration) else { return }
        func problem(_ code: HearthError.Code, _ message: String, line: Int, _ advice: Advice) {
            problems.append(
                HearthError(code, message, at: .file(path, line: line, column: line == 0 ? 0 : 1), advice: advice))
        }
        var bytes: Data
        do { bytes = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
            problem(
                .configUnreadable, "the workspace's environment cannot be read", line: 0,
                "it must be a file, which the user that runs this may read")
            return
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        var places: [String: Int] = [:]
        for (index, bytes) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            let number = index + 1
            guard let text = String(validating: bytes, as: UTF8.self) else {
                problem(
                    .configBadValue, "a line of the workspace's environment is no UTF-8", line: number,
                    "save the file as UTF-8")
                continue
            }
            let line = text.trimmingCharacters(in: .whitespacesAndNewlines)
            if line.isEmpty || line.hasPrefix("#") { continue }
            guard let (name, value) = Self.assignment(line) else {
                problem(
                    .configBadValue, "a line of the workspace's environment is no NAME=value", line: number,
                    "write NAME=value or NAME='value', without blanks around =")
                continue
            }
            if let first = places[name] {
                problem(
                    .configBadValue, "\(name) stands twice in the workspace's environment, first in line \(first)",
                    line: number, "keep one of them")
                continue
            }
            places[name] = number
            values[name] = value
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
