import ConfigurationFiles
import Foundation
import HeatModel
import Records
import Setup

/// Finds out how the files of a drop folder are written: which belong together, delimiter, lines above the header, the record
/// that counts the others. It tries the reader of drops itself, and takes what it reads with the fewest defects.
struct FolderSurvey {
    struct Stream {
        var name: String
        /// What stands under the stream's name in the configuration, in YAML's flow style.
        var settings: [String]
        var note: String

        /// In YAML's flow style.
        var yaml: String { "{\(settings.joined(separator: ", "))}" }
    }

    let folder: String
    private(set) var streams: [Stream] = []
    private(set) var remarks: [String] = []
    /// Databases and descriptions that lie there, too.
    private(set) var others: [DataPlace] = []

    private static let endings = [".csv", ".txt", ".tsv", ".dat", ".xlsx"]

    /// - Throws: `source.nothingFound` where the folder cannot be read.
    init(_ folder: String) throws {
        self.folder = folder
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        } catch {
            throw HearthError(
                .sourceNothingFound, "the folder cannot be read", at: .file(folder, line: 0, column: 0),
                advice: "let this user read it", cause: error)
        }
        var groups: [(key: String, names: [String])] = []
        // `~$` is what Excel puts beside a workbook that is open.
        for name in names where !name.hasPrefix(".") && !name.hasPrefix("~$") {
            let lower = name.lowercased()
            let path = folder + "/" + name
            if lower.hasSuffix(".wsdl") {
                others.append(.service(path))
            } else if DataPlace.isSQLite(path) {
                others.append(.sqlite(path))
            } else if Self.endings.contains(where: { lower.hasSuffix($0) || lower.hasSuffix($0 + ".gz") })
                || lower.hasSuffix(".zip")
            {
                let key = Self.pattern(name)
                if let index = groups.firstIndex(where: { $0.key == key }) {
                    groups[index].names.append(name)
                } else {
                    groups.append((key, [name]))
                }
            } else if !lower.hasSuffix(".done"), !lower.hasSuffix(".manifest"), !lower.hasSuffix(".tmp") {
                remarks.append("\(name) is no file with columns: not looked at")
            }
        }
        for group in groups { survey(group.key, group.names, all: Set(names)) }
    }

    /// `yhxx_20260301.csv` → `yhxx_*.csv`: digits that change from drop to drop. `sheet2.csv` stays.
    static func pattern(_ name: String) -> String {
        let stem = name.prefix { $0 != "." }
        let tail = stem.reversed().prefix { $0.isNumber || $0 == "-" || $0 == "_" }.reversed().map { $0 }
        let head = stem.dropLast(tail.count)
        let separator = tail.prefix { !$0.isNumber }
        let digits = tail.count { $0.isNumber }
        guard !head.isEmpty, digits >= 4 || digits > 0 && !separator.isEmpty else { return name }
        return head + String(separator) + "*" + name[stem.endIndex...]
    }

    private mutating func survey(_ pattern: String, _ names: [String], all: Set<String>) {
        guard let newest = names.last else { return }
        let isDone = names.contains { all.contains($0 + ".done") }
        let ready = isDone ? ["ready: .done"] : []
        var best: (score: Int, settings: [String], columns: Int)?
        let isText = !newest.lowercased().hasSuffix(".xlsx")
        var failure: HearthError?
        for delimiter in isText ? [",", "\\t", ";", "|"] : [","] {
            for preamble in 0...3 {
                var settings = ["pattern: \(YAMLText.quoted(pattern))"] + ready
                if delimiter != "," { settings.append("delimiter: \"\(delimiter)\"") }
                if preamble > 0 { settings.append("preambleLines: \(preamble)") }
                guard let (columns, rows, defects) = attempt(settings, &failure), columns > 1, rows > 0 else {
                    continue
                }
                // Many columns, few defects, and of equals the plainest.
                let score = columns * 100 - defects * 400 / max(rows, 1) - preamble - (delimiter == "," ? 0 : 1)
                if score > best?.score ?? .min { best = (score, settings, columns) }
            }
        }
        guard let best else {
            let why = failure.map { ": \($0.message)" } ?? ""
            remarks.append("\(newest) has no columns that can be told apart: not looked at\(why)")
            return
        }
        var settings = best.settings
        if isText {
            do {
                if let trailer = try trailer(folder + "/" + newest, settings) { settings.append(trailer) }
            } catch {
                remarks.append(
                    "whether \(newest) ends with a count cannot be told: \(SourceSampler.hearth(error).message)")
            }
        }
        let stem = String(pattern.prefix { $0 != "." }.filter { $0 != "*" })
        let name = stem.trimmingCharacters(in: CharacterSet(charactersIn: "_-")).map {
            $0.isLetter || $0.isNumber ? $0 : "_"
        }
        streams.append(
            Stream(
                name: name.isEmpty ? "files\(streams.count + 1)" : String(name), settings: settings,
                note: "\(names.count) \(names.count == 1 ? "file" : "files"), \(best.columns) columns"))
    }

    /// What the reader of drops makes of the newest files.
    ///
    /// - Parameter failure: what it failed with, the first time.
    private func attempt(_ settings: [String], _ failure: inout HearthError?) -> (
        columns: Int, rows: Int, defects: Int
    )? {
        var columns = 0
        var rows = 0
        var defects = 0
        func take(_ batch: RawBatch) {
            let names = batch.columns
            // A line of data that is taken for a header has empty or numeric names.
            let bad = names.count { name in name.isEmpty || name.allSatisfy { $0.isNumber || $0 == "." || $0 == "-" } }
            columns = names.count - 2 * bad
            rows += batch.rowCount + batch.defects.count
            defects += batch.defects.count
        }
        do {
            let connector = try connector("{s: {\(settings.joined(separator: ", "))}}")
            _ = try connector.pull(PullRequest(stream: "s", mode: .full, limit: 60)) { take($0) }
        } catch {
            failure = failure ?? SourceSampler.hearth(error)
        }
        return rows == 0 ? nil : (columns, rows, defects)
    }

    private func connector(_ streams: String) throws -> any Connector {
        try TemporaryConfiguration.with(
            "  s:\n    csv: {folder: \(YAMLText.quoted(folder))}\n    streams: \(streams)\n"
        ) {
            try $0.sources[0].makeConnector()
        }
    }

    /// The last line, where it counts the others: `合计,1024`.
    private func trailer(_ path: String, _ settings: [String]) throws -> String? {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        let size = try file.seekToEnd()
        try file.seek(toOffset: size > 4096 ? size - 4096 : 0)
        let bytes = [UInt8](try file.readToEnd() ?? Data())
        let lines = bytes.split { $0 == 0x0A || $0 == 0x0D }
        guard let last = lines.last.map(Array.init) else { return nil }
        let words: [(text: String, bytes: [UInt8])] = ["合计", "总计", "共计", "小计", "Total", "TOTAL", "total"].flatMap {
            word in
            [(word, Array(word.utf8)), (word, Self.gbk[word] ?? Array(word.utf8))]
        }
        guard let word = words.first(where: { last.starts(with: $0.bytes) }) else { return nil }
        let quoted = settings.first { $0.hasPrefix("delimiter") } ?? ""
        let delimiter: UInt8 =
            quoted.contains("\\t") ? 0x09 : quoted.contains(";") ? 0x3B : quoted.contains("|") ? 0x7C : 0x2C
        let fields = last.split(separator: delimiter, omittingEmptySubsequences: false)
        var parts = [
            "prefix: \"\(word.text)\(String(decoding: [delimiter], as: UTF8.self) == "\t" ? "" : String(decoding: [delimiter], as: UTF8.self))\""
        ]
        // Only a number of all records is a count; it is tried on the file.
        for (index, field) in fields.enumerated().dropFirst()
        where !field.isEmpty && field.allSatisfy({ $0 &- 0x30 <= 9 }) {
            let trial = "trailer: {\(parts[0]), countField: \(index + 1)}"
            let connector = try connector("{s: {\((settings + [trial]).joined(separator: ", "))}}")
            // A number that is no count is what fails here.
            if (try? connector.pull(PullRequest(stream: "s", mode: .full)) { _ in }) != nil {
                parts.append("countField: \(index + 1)")
                break
            }
        }
        return "trailer: {\(parts.joined(separator: ", "))}"
    }

    private static let gbk: [String: [UInt8]] = [
        "合计": [0xBA, 0xCF, 0xBC, 0xC6], "总计": [0xD7, 0xDC, 0xBC, 0xC6], "共计": [0xB9, 0xB2, 0xBC, 0xC6],
        "小计": [0xD0, 0xA1, 0xBC, 0xC6],
    ]
}

/// A configuration of some sources in a folder that is gone afterwards.
enum TemporaryConfiguration {
    static func with<Result>(_ sources: String, _ body: (HearthConfiguration) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hearth-look-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("hearth.yaml")
        try Data("sources:\n\(sources)".utf8).write(to: file)
        return try body(HearthConfiguration.load(path: file.path))
    }
}
