import Foundation
import HeatModel

/// What `<file>.manifest` states of its file, as JSON or as lines of `key=value` or `key: value`.
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
        let text = Self.text(try Self.bytes(file)).trimmingCharacters(in: .whitespacesAndNewlines)
        var seen: Set<String> = []
        for (key, value) in try text.hasPrefix("{") ? Self.json(text, path) : Self.lines(text, path) {
            // `Sum_Column` and `sha-256` are the same words.
            let key = key.lowercased().filter { $0.isLetter || $0.isNumber }
            guard ["rows", "sha256", "sumcolumn", "sum"].contains(key) else { continue }
            guard seen.insert(key).inserted else { throw Self.broken(path, "it states \(key) twice") }
            switch key {
            case "rows":
                guard let rows = ControlSum.count(stated: value), rows >= 0 else {
                    throw Self.broken(path, "rows is not a number")
                }
                self.rows = rows
            case "sha256": sha256 = value.lowercased()
            case "sumcolumn": sumColumn = value
            default:
                guard let sum = ControlSum(stated: value) else { throw Self.broken(path, "sum is not a decimal") }
                self.sum = sum
            }
        }
        if rows == nil && sha256 == nil && sum == nil {
            throw Self.broken(path, "it states neither rows, sha256 nor sum")
        }
        if (sum == nil) != (sumColumn == nil) { throw Self.broken(path, "sum and sumColumn go together") }
    }

    private static func bytes(_ file: DropPath) throws -> [UInt8] {
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
        return Array(bytes[..<count])
    }

    /// By its mark, else as UTF-8, else as GB18030.
    private static func text(_ bytes: [UInt8]) -> String {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            return String(bytes: bytes, encoding: .utf16) ?? ""
        }
        let text = String(validating: bytes, as: UTF8.self) ?? GB18030.shared.text(bytes) ?? ""
        return text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
    }

    private static func json(_ text: String, _ path: String) throws -> [(String, String)] {
        /// A text, or a number; nil for anything else.
        struct Scalar: Decodable {
            var text: String?
            init(from decoder: any Decoder) throws {
                guard let container = try? decoder.singleValueContainer() else { return }
                text = (try? container.decode(String.self)) ?? (try? container.decode(Decimal.self))?.description
            }
        }
        guard let stated = try? JSONDecoder().decode([String: Scalar].self, from: Data(text.utf8)) else {
            throw broken(path, "it is not JSON with rows, sha256, sum and sumColumn")
        }
        return stated.compactMap { key, value in
            value.text.map { (key, $0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        }
    }

    private static func lines(_ text: String, _ path: String) throws -> [(String, String)] {
        try text.split(whereSeparator: \.isNewline).compactMap { line in
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.isEmpty || line.hasPrefix("#") { return nil }
            guard let mark = line.firstIndex(where: { "=:＝：".contains($0) }) else {
                throw broken(path, "a line is not key=value")
            }
            let value = line[line.index(after: mark)...].trimmingCharacters(in: .whitespaces)
            let isQuoted = value.count > 1 && value.hasPrefix("\"") && value.hasSuffix("\"")
            return (String(line[..<mark]), isQuoted ? String(value.dropFirst().dropLast()) : value)
        }
    }

    private static func broken(_ path: String, _ message: String) -> HearthError {
        CSVError.make(
            .sourceManifestBroken, message, path,
            advice: "Have the sender write rows=1024, sha256=…, or sumColumn=… with sum=…, a line each.")
    }

    /// The error of a manifest that disagrees with its file.
    func mismatch(_ message: String) -> HearthError {
        CSVError.make(
            .sourceManifestMismatch, message, path, advice: "Have the file and its manifest sent again.")
    }
}
