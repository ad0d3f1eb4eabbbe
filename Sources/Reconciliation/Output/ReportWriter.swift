import Crypto
import Evidence
import Foundation
import HeatModel
import Mapping
import Store
import Tables

/// Writes all outputs in one pass over the sorted findings.
struct ReportWriter {
    let plan: CheckPlan
    let folder: String
    let options: Reconciliation.Options
    let background: Background
    private var findings: ByteFile
    private var counts: ReportCounts
    private var page: ReportPage
    private var files: [Manifest.File] = []

    init(plan: CheckPlan, folder: String, options: Reconciliation.Options, background: Background) throws {
        self.plan = plan
        self.folder = folder
        self.options = options
        self.background = background
        findings = try ByteFile(writing: "\(folder)/findings.csv.part")
        counts = ReportCounts(plan.rules)
        page = ReportPage()
    }

    mutating func write(_ spool: inout FindingSpool, _ totals: ControlTotals, _ snapshot: Snapshot) throws {
        if options.writesByteOrderMark { findings.raw(CSVText.byteOrderMark) }
        findings.raw(CSVText.line(FindingColumn.allCases.map(\.rawValue)))
        let workbook = try Workbook(path: "\(folder)/findings.xlsx.part", folder: folder)
        try spool.forEach { key, finding in
            let row = try FindingRow(key: key, finding, plan, snapshot)
            let line = FindingColumn.allCases.map { column in
                column == .money ? String(row.finding.money) : CSVText.cell(column.text(of: row))
            }
            findings.raw(line.joined(separator: ",") + "\r\n")
            counts.add(row)
            page.add(row)
            workbook.add(row)
        }
        files.append(.init(name: "findings.csv", bytes: 0, sha256: try findings.close()))
        files[0].bytes = findings.count
        let rows = TotalsRow.all(totals, plan.streams)
        let summary = counts.summary(background)
        // The workbook takes as long as everything else together.
        let closing = workbook.closing(with: summary, totals: rows, rules: plan.rules)
        defer { closing.wait() }
        try writeTotals(rows)
        try write("summary.json", Self.json(summary))
        try write("report.html", page.html(summary, rows, plan, background))
        try closing.end()
        try take("findings.xlsx")
        self.summary = summary
    }

    private var summary: Summary?

    private mutating func writeTotals(_ rows: [TotalsRow]) throws {
        var file = try ByteFile(writing: "\(folder)/totals.csv.part")
        if options.writesByteOrderMark { file.raw(CSVText.byteOrderMark) }
        file.raw(CSVText.line(TotalsRow.header))
        for row in rows { row.write(to: &file) }
        let digest = try file.close()
        files.append(.init(name: "totals.csv", bytes: file.count, sha256: digest))
    }

    private mutating func write(_ name: String, _ bytes: [UInt8]) throws {
        var file = try ByteFile(writing: "\(folder)/\(name).part")
        file.raw(bytes)
        let digest = try file.close()
        files.append(.init(name: name, bytes: file.count, sha256: digest))
    }

    /// Takes in a file that another hand wrote.
    private mutating func take(_ name: String) throws {
        let path = "\(folder)/\(name).part"
        guard let digest = try FileDigest(of: path) else {
            throw HearthError.notWritable(path, "the file cannot be read again", nil)
        }
        files.append(.init(name: name, bytes: digest.bytes, sha256: digest.sha256))
    }

    static func json(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return Array(try encoder.encode(value)) + [0x0A]
    }

    /// Gives the files their names; the manifest is missing still.
    func finish(isPast: Bool) throws -> WrittenReport {
        for file in files {
            let path = "\(folder)/\(file.name)"
            if rename(path + ".part", path) != 0 {
                throw HearthError.notWritable(path, "the file cannot be named", nil)
            }
        }
        let runs = background.runs.compactMap { run in
            run.map {
                Manifest.StreamRun(
                    stream: $0.stream, run: $0.id.number, state: $0.state.rawValue, mappingVersion: $0.mappingVersion)
            }
        }.sorted { $0.stream < $1.stream }
        let mappings =
            background.mappings.files.map { Manifest.Version(name: "\($0.key)", sha256: $0.value.version) }
            + [Manifest.Version(name: "unified", sha256: background.mappings.unified.version)]
        let manifest = Manifest(
            asOfRun: background.newest?.number ?? 0, season: background.season,
            files: files.sorted { $0.name < $1.name },
            runs: runs, mappings: mappings.sorted { $0.name < $1.name },
            tariffs: background.tariffs.map { .init(name: $0.name, sha256: $0.digest) }, rules: background.rules,
            previous: nil)
        let asOf = isPast ? " run \(background.newest?.number ?? 0)" : ""
        let scope = "\(background.season ?? "")\(options.writesByteOrderMark ? " bom" : "")\(asOf)"
        return WrittenReport(
            folder: folder, manifest: manifest, scope: scope, summary: summary ?? counts.summary(background))
    }
}

/// Outputs that are complete but for their manifest, which names the one before.
struct WrittenReport {
    let folder: String
    var manifest: Manifest
    /// Reconciliations of one scope follow one another.
    let scope: String
    var summary: Summary

    /// Writes the manifest. One that says the same as the last is the last: nothing has happened since.
    ///
    /// - Parameter store: nil where nothing is to follow these outputs: then they name none before them either.
    func seal(in store: (any Store)?) throws -> Summary {
        let bytes = try store.map(keep) ?? ReportWriter.json(manifest)
        var file = try ByteFile(writing: "\(folder)/manifest.json")
        file.raw(bytes)
        var summary = summary
        summary.manifest = try file.close()
        // The manifest becomes a line of the store's chain, unless it is there already.
        let place = URL(fileURLWithPath: folder).standardizedFileURL.path
        try store?.write { _ = try AuditTrail.note(manifest: bytes, name: place, in: $0) }
        return summary
    }

    private func keep(in store: any Store) throws -> [UInt8] {
        let name = SettingName.reconciliation(scope)
        return try store.write { store in
            let last = try store.setting(name)
            var manifest = manifest
            if let last {
                // One that an older version wrote in another form is followed all the same.
                if let before = try? JSONDecoder().decode(Manifest.self, from: Data(last.utf8)) {
                    manifest.previous = before.previous
                    let again = try ReportWriter.json(manifest)
                    if again == Array(last.utf8) { return again }
                }
                manifest.previous = hexadecimal(SHA256.hash(data: Array(last.utf8)))
            }
            let bytes = try ReportWriter.json(manifest)
            try store.setSetting(name, String(decoding: bytes, as: UTF8.self))
            return bytes
        }
    }
}

/// Counts by rule, severity and community.
private struct ReportCounts {
    let rules: RuleSet
    private var byRule: [String: FindingCount] = [:]
    private var bySeverity: [Rule.Severity: FindingCount] = [:]
    private var byCommunity: [String: FindingCount] = [:]
    private var all = FindingCount()
    private var blocking = FindingCount()
    private var largest: FindingRow?

    init(_ rules: RuleSet) { self.rules = rules }

    mutating func add(_ row: FindingRow) {
        let money = row.finding.money
        all.add(money)
        if row.rule.blocks { blocking.add(money) }
        byRule[row.rule.id, default: FindingCount()].add(money)
        bySeverity[row.rule.severity, default: FindingCount()].add(money)
        byCommunity[row.finding.community, default: FindingCount()].add(money)
        if abs(money) > abs(largest?.finding.money ?? 0) { largest = row }
    }

    func summary(_ background: Background) -> Summary {
        var summary = Summary(
            asOfRun: background.newest?.number ?? 0, today: background.today?.description, season: background.season,
            accounts: background.accounts)
        summary.all = all
        summary.blocking = blocking
        summary.rules = rules.rules.map {
            .init(
                rule: $0.id, severity: $0.severity.rawValue, blocks: $0.blocks, count: byRule[$0.id] ?? FindingCount())
        }
        summary.severities = Rule.Severity.allCases.map {
            .init(name: $0.rawValue, count: bySeverity[$0] ?? FindingCount())
        }
        summary.communities = byCommunity.map { .init(name: $0.key, count: $0.value) }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        summary.largest = largest.map {
            .init(
                account: $0.finding.account, rule: $0.rule.id, money: Fen($0.finding.money), zh: $0.zh, en: $0.en,
                evidence: $0.evidenceText)
        }
        return summary
    }
}

extension Reconciliation {
    /// The tariff files of a folder by name, with their SHA-256.
    static func digests(of folder: String) throws -> [(name: String, digest: String)] {
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        return try names.filter { $0.hasSuffix(".yaml") }.sorted().map { name in
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else {
                throw HearthError(
                    .configUnreadable, "the file cannot be read",
                    at: .file("\(folder)/\(name)", line: 0, column: 0))
            }
            return (name, hexadecimal(SHA256.hash(data: data)))
        }
    }
}
