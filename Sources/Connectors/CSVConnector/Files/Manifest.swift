import Foundation
import HeatModel

/// What `<file>.manifest` states of its file, as JSON or as `key=value` lines.
///
/// ```
/// rows=1024
/// sha256=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
/// sumColumn=arrears
/// sum=1496769.00
/// ```
struct Manifest {
    var rows: Int64?
    var sha256: String?
    var sumColumn: String?
    var sum: ControlSum?
    let path: String

    init(_ file: DropPath) throws {
        let path = file.shown
        self.path = path
        let reader = try FileReader(file)
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        var count = 0
        while count < bytes.count {
            let read = try bytes.withUnsafeMutableBytes {
                try reader.read(into: $0.baseAddress! + count, count: $0.count - count)
            }
            if read == 0 { break }
            count += read
        }
        let text = String(decoding: bytes[..<count], as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        let pairs = try text.hasPrefix("{") ? Self.json(text, path) : Self.lines(text, path)
        for (key, value) in pairs {
            switch key.lowercased() {
            case "rows":
                guard let rows = Int64(value), rows >= 0 else { throw Self.broken(path, "rows is not a number") }
                self.rows = rows
            case "sha256": sha256 = value.lowercased()
            case "sumcolumn": sumColumn = value
            case "sum":
                guard let sum = ControlSum(stated: value) else { throw Self.broken(path, "sum is not a decimal") }
                self.sum = sum
            default: break
            }
        }
        if rows == nil && sha256 == nil && sum == nil {
            throw Self.broken(path, "it states neither rows, sha256 nor sum")
        }
        if (sum == nil) != (sumColumn == nil) { throw Self.broken(path, "sum and sumColumn go together") }
    }

    private static func json(_ text: String, _ path: String) throws -> [(String, String)] {
        struct Stated: Decodable {
            var rows: Int64?
            var sha256: String?
            var sumColumn: String?
            var sum: Text?
        }
        /// A decimal, written as a number or as a text.
        struct Text: Decodable {
            var text: String
            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let text = try? container.decode(String.self) {
                    self.text = text
                } else {
                    self.text = try container.decode(Decimal.self).description
                }
            }
        }
        guard let stated = try? JSONDecoder().decode(Stated.self, from: Data(text.utf8)) else {
            throw broken(path, "it is not JSON with rows, sha256, sum and sumColumn")
        }
        let pairs = [
            ("rows", stated.rows.map(String.init)), ("sha256", stated.sha256), ("sumColumn", stated.sumColumn),
            ("sum", stated.sum?.text),
        ]
        return pairs.compactMap { pair in pair.1.map { (pair.0, $0) } }
    }

    private static func lines(_ text: String, _ path: String) throws -> [(String, String)] {
        try text.split(whereSeparator: \.isNewline).map { line in
            guard let equals = line.firstIndex(of: "=") else { throw broken(path, "a line is not key=value") }
            let key = line[..<equals].trimmingCharacters(in: .whitespaces)
            return (key, line[line.index(after: equals)...].trimmingCharacters(in: .whitespaces))
        }
    }

    private static func broken(_ path: String, _ message: String) -> HearthError {
        CSVError.make("source.manifestBroken", message, path, advice: "Have the sender write the manifest again.")
    }

    /// The error of a manifest that disagrees with its file.
    func mismatch(_ message: String) -> HearthError {
        CSVError.make(
            "source.manifestMismatch", message, path, advice: "Have the file and its manifest sent again.")
    }
}
