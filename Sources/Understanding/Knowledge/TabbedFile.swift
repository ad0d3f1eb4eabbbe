import ConfigurationFiles
import Foundation
import HeatModel

/// Lines of text that people write: `#` begins a comment, an empty line says nothing.
struct TabbedFile {
    struct Line {
        var number: Int
        var fields: [String]
    }

    let path: String
    private(set) var lines: [Line] = []
    var problems: [HearthError] = []

    /// - Parameters:
    ///   - columns: how many fields each line has, separated by tabs.
    ///   - isOptional: a file that is not there is empty.
    init(path: String, columns: Int, isOptional: Bool = false) {
        self.path = path
        guard let data = FileManager.default.contents(atPath: path) else {
            if !isOptional { report(.configUnreadable, "the file cannot be read", line: 0) }
            return
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            report(.configUnreadable, "the file is not UTF-8", line: 0)
            return
        }
        var number = 0
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r\n" }) {
            number += 1
            if line.isEmpty || line.first == "#" || line.allSatisfy(\.isWhitespace) { continue }
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            if fields.count != columns || fields.contains("") {
                report(
                    .configBadValue,
                    columns == 1
                        ? "a line holds one sentence, without tabs"
                        : "a line holds \(columns) fields with a tab between",
                    line: number)
                continue
            }
            lines.append(Line(number: number, fields: fields))
        }
    }

    mutating func report(_ code: HearthError.Code, _ message: String, line: Int, advice: Advice? = nil) {
        problems.append(HearthError(code, message, at: .file(path, line: line, column: 0), advice: advice))
    }
}
