import ConfigurationFiles
import Foundation
import HeatModel
import Tables

@testable import Reconciliation

let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

/// Hands a folder to `body` and removes it afterwards.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hearth-reconcile-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path)
}

func write(_ text: String, to path: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) }

/// Every problem of a rules file, one a line, with only the file's name.
func problems(_ text: String) throws -> [String] {
    try withFolder { folder in
        let path = folder + "/rules.yaml"
        try write(text, to: path)
        do {
            _ = try RuleSet.load(path: path)
            return []
        } catch let errors as ConfigurationErrors {
            return errors.errors.map { $0.description.replacing(folder + "/", with: "") }
        }
    }
}

/// A row of a findings file.
struct Row {
    var account = "00000001"
    var rule = "tariff.area"
    var season = "2025-2026"
    var subject = ""
    var money: Int64 = 100
    var found = "1"
    var zh = "说明"

    var line: String {
        var finding = Finding(rule: 0)
        finding.account = account
        finding.season = season
        finding.subject = subject
        let id = Finding.id(finding.key(rule))
        let cells = [id, account, rule, season, subject, "high", "true"].map(CSVText.cell).joined(separator: ",")
        return cells + ",\(money)," + ["", found, "", "", zh, "text", "e"].map(CSVText.cell).joined(separator: ",")
            + "\r\n"
    }
}

/// Writes rows as they come, under a header.
func write(_ rows: [Row], to path: String, mark: Bool = false) throws {
    let header = CSVText.line(FindingColumn.allCases.map(\.rawValue))
    try write((mark ? "\u{FEFF}" : "") + header + rows.map(\.line).joined(), to: path)
}
