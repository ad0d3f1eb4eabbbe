import ConfigurationFiles
import Foundation
import HeatModel
import Mapping
import Records

/// Tries a draft on the sample with the mapping's own readers: a rule that they refuse is no suggestion.
struct MappingTrial {
    private let sample: StreamSample

    init(_ sample: StreamSample) { self.sample = sample }

    /// Rules that refuse more rows in a hundred than this are put down as comments.
    private static let allowed = 3

    /// Holds the rules that do not fit, and tells what is left to look at.
    func mend(_ draft: inout MappingDraft) -> [String] {
        var remarks: [String] = []
        for _ in 0..<12 {
            let rejects: [String: (count: Int, code: String)]
            do {
                rejects = try self.rejects(load(draft.text))
            } catch {
                // The file's own reader names the line; the field of it is held.
                if hold(&draft, line: Self.line(error), why: Self.message(error)) { continue }
                remarks.append("the suggestion is not a mapping as it stands: \(Self.message(error))")
                return remarks
            }
            guard
                let worst = rejects.filter({ $0.value.count * 100 > Self.allowed * sample.rowCount }).max(
                    by: {
                        ($0.value.count, $1.key) < ($1.value.count, $0.key)
                    })
            else {
                remarks += rejects.sorted { $0.key < $1.key }.map { rejected in
                    "\(rejected.value.count) of \(sample.rowCount) rows would go to quarantine for \(rejected.key) [\(rejected.value.code)]"
                }
                return remarks
            }
            guard
                let index = draft.fields.firstIndex(where: {
                    $0.field == worst.key && $0.held == nil && !$0.rule.isEmpty && $0.field != "account.number"
                })
            else {
                remarks.append(
                    "\(worst.value.count) of \(sample.rowCount) rows would go to quarantine for \(worst.key) [\(worst.value.code)]"
                )
                return remarks
            }
            draft.fields[index].held =
                "\(worst.value.count) of \(sample.rowCount) rows cannot be read so [\(worst.value.code)]"
            draft.fields[index].confidence = .open
            remarks.append("\(draft.fields[index].column): \(draft.fields[index].held!)")
        }
        return remarks
    }

    private func load(_ text: String) throws -> MappingFile {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "hearth-suggest-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("\(sample.name).yaml")
        try Data(text.utf8).write(to: file)
        return try MappingFile.load(path: file.path)
    }

    /// By field how many rows of the sample it rejects.
    private func rejects(_ file: MappingFile) throws -> [String: (count: Int, code: String)] {
        var found: [String: (count: Int, code: String)] = [:]
        for batch in sample.batches {
            let plan = try MappingPlan(file, columns: batch.columns, zone: sample.zone)
            for reject in plan.map(batch).rejects {
                let name = reject.field ?? reject.column ?? "its key"
                found[name, default: (0, reject.code.name)].count += 1
            }
        }
        return found
    }

    private func hold(_ draft: inout MappingDraft, line: Int?, why: String) -> Bool {
        guard let line, line > 0 else { return false }
        let lines = draft.text.split(separator: "\n", omittingEmptySubsequences: false)
        guard line <= lines.count else { return false }
        let name = lines[line - 1].prefix { $0 != ":" }.trimmingCharacters(in: .whitespaces)
        guard let index = draft.fields.firstIndex(where: { $0.field == name && $0.held == nil }) else { return false }
        draft.fields[index].held = why
        draft.fields[index].confidence = .open
        return true
    }

    private static func first(_ error: any Error) -> HearthError? {
        (error as? ConfigurationErrors)?.errors.first ?? error as? HearthError
    }

    private static func message(_ error: any Error) -> String { first(error)?.message ?? "it cannot be read" }

    private static func line(_ error: any Error) -> Int? {
        if case .file(_, let line, _)? = first(error)?.place { return Int(line) }
        return nil
    }
}
