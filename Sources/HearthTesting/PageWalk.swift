import Foundation

/// A page of Markdown whose commands are run as it says: each fence `sh` in one shell, one after another, and each line of the fences `text`
/// below it is in what it printed. `…` in such a line stands for anything.
package struct PageWalk: Sendable {
    package struct Fence: Sendable {
        /// All that stands behind the opening fence.
        package var kind: String
        package var text: String
        package var lines: [String] { text.split(separator: "\n").map(String.init) }
    }

    private struct Block: Sendable {
        var script: String
        var expected: [String] = []
    }

    private let blocks: [Block]
    package var count: Int { blocks.count }
    /// Whether all that is run shows what it prints.
    package var allShowOutput: Bool { blocks.allSatisfy { !$0.expected.isEmpty } }

    package init(_ page: String) {
        blocks = Self.fences(page).reduce(into: []) { blocks, fence in
            if fence.kind == "sh" { blocks.append(Block(script: fence.text)) }
            if fence.kind == "text", !blocks.isEmpty { blocks[blocks.count - 1].expected += fence.lines }
        }
    }

    package static func fences(_ page: String) -> [Fence] {
        var found: [Fence] = []
        var kind: String?
        var lines: [Substring] = []
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if let open = kind, line == "```" {
                found.append(Fence(kind: open, text: lines.joined(separator: "\n")))
                kind = nil
            } else if kind != nil {
                lines.append(line)
            } else if line.hasPrefix("```") {
                kind = String(line.dropFirst(3))
                lines = []
            }
        }
        return found
    }

    /// Runs the page in a folder and gives what was not as it says. Whatever a command leaves running ends with the page.
    ///
    /// - Parameters:
    ///   - replaced: texts of the page that stand for others here: a port that may be in use.
    ///   - seconds: in which it must come to its end.
    package func troubles(
        in folder: String, environment: [String: String] = [:], replacing replaced: [String: String] = [:],
        seconds: Int = 300
    ) async throws -> [String] {
        try FileManager.default.createDirectory(atPath: folder + "/.walk", withIntermediateDirectories: true)
        let (script, faults) = (folder + "/.walk/walk.sh", folder + "/.walk/faults")
        try? FileManager.default.createSymbolicLink(
            atPath: folder + "/.walk/hearth", withDestinationPath: Program.path)
        // 1 is what a command says that found something; from 2 on it failed, unless the page itself looks at that. Tests run with signals
        // blocked, and so do their children: only KILL ends them for sure.
        var text = """
            exec 2>&1
            set -E
            trap 'kill -KILL $(jobs -p) 2>/dev/null || :' EXIT
            trap 'status=$?; [ $status -lt 2 ] || echo "$status: $BASH_COMMAND" >> \(faults)' ERR

            """
        func filled(_ text: String) -> String { replaced.reduce(text) { $0.replacing($1.key, with: $1.value) } }
        for (number, block) in blocks.enumerated() {
            text += "echo '@@begin \(number)'\n\(filled(block.script))\necho '@@end \(number)'\n"
        }
        try text.write(toFile: script, atomically: true, encoding: .utf8)
        let ending = try await Program.run(
            ["-s", "KILL", "\(seconds)", "/bin/bash", script], executable: "/usr/bin/timeout",
            environment: ["PATH": "\(folder)/.walk:/usr/bin:/bin"].merging(environment) { own, _ in own },
            directory: folder)
        var troubles =
            (try? String(contentsOfFile: faults, encoding: .utf8))?.split(separator: "\n").map(String.init)
            ?? []
        for (number, block) in blocks.enumerated() {
            guard let begin = ending.output.range(of: "@@begin \(number)\n") else {
                troubles.append("was not reached:\n\(block.script)")
                continue
            }
            let rest = ending.output[begin.upperBound...]
            let end = rest.range(of: "@@end \(number)\n")
            if end == nil { troubles.append("did not come to its end:\n\(block.script)") }
            let printed = rest[..<(end?.lowerBound ?? rest.endIndex)].split(separator: "\n")
            for line in block.expected.map(filled) where !printed.contains(where: { Self.fits($0, line) }) {
                troubles.append(
                    "\"\(line)\" is not in what this printed:\n\(block.script)\n\(printed.joined(separator: "\n"))")
            }
        }
        return troubles
    }

    /// Whether a printed line holds the parts of an expected one, in their order.
    static func fits(_ printed: Substring, _ expected: String) -> Bool {
        var rest = printed
        for part in expected.split(separator: "…") {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return true
    }
}
