import Foundation
import HearthTesting

/// A configuration, its mapping files and a drop folder `in`, in a folder of their own, with `hearth` run in it.
final class FieldSite: Sendable {
    let folder: String
    private let environment: [String: String]

    /// - Parameters:
    ///   - sources: what stands under `sources:`, indented by two.
    ///   - settings: further lines of the configuration.
    ///   - archive: what stands after `archive:`.
    ///   - mappings: texts by stream; `unified` is the view.
    init(
        sources: String, settings: String = "", archive: String = "off", mappings: [String: String],
        environment: [String: String] = [:]
    ) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("hearth-field-\(UUID().uuidString)").path
        self.environment = environment
        for part in ["Config", "Mappings", "in"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(part)", withIntermediateDirectories: true)
        }
        let top = "store: {sqlite: ../hearth.db}\nmappings: ../Mappings\narchive: \(archive)\n"
        try write("Config/hearth.yaml", top + settings + "sources:\n" + sources)
        for (name, text) in mappings { try write("Mappings/\(name).yaml", text) }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func write(_ path: String, _ text: String) throws { try write(path, bytes: Array(text.utf8)) }

    func write(_ path: String, bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: folder + "/" + path))
    }

    /// Drops a file as the writers of such files should: under another name first.
    func drop(_ name: String, _ lines: String...) throws { try drop(name, text: lines.joined(separator: "\n") + "\n") }

    func drop(_ name: String, text: String) throws {
        try write("in/\(name).tmp", text)
        try FileManager.default.moveItem(atPath: "\(folder)/in/\(name).tmp", toPath: "\(folder)/in/\(name)")
    }

    /// Tariffs of one city, and the shipped answers and rules.
    func price(_ tariff: String) throws {
        for part in ["answers", "pictures", "reconciliation.yaml", "triage.yaml"] {
            try FileManager.default.copyItem(
                atPath: "\(Program.repository)/Config/\(part)", toPath: "\(folder)/Config/\(part)")
        }
        try FileManager.default.createDirectory(atPath: folder + "/Config/tariffs", withIntermediateDirectories: true)
        try write("Config/tariffs/city.yaml", tariff)
    }

    @discardableResult
    func hearth(_ arguments: String...) async throws -> Program.Ending {
        try await run(arguments)
    }

    /// A program that does not come to an end is ended, with status 124.
    func run(_ arguments: [String]) async throws -> Program.Ending {
        try await Program.run(
            ["120", Program.path] + arguments, executable: "/usr/bin/timeout", environment: environment,
            directory: folder)
    }

    // MARK: What came of it

    /// The counts of the runs of `hearth sync`, by stream.
    func sync(_ selection: String...) async throws -> (ending: Program.Ending, counts: [String: [String: Int]]) {
        let ending = try await run(["sync", "--json"] + selection)
        return (ending, counts(ending))
    }

    func plan(_ selection: String...) async throws -> (ending: Program.Ending, counts: [String: [String: Int]]) {
        let ending = try await run(["plan", "--json"] + selection)
        return (ending, counts(ending))
    }

    private func counts(_ ending: Program.Ending) -> [String: [String: Int]] {
        let runs = ((try? ending.json()) as? [String: Any])?["runs"] as? [[String: Any]] ?? []
        return Dictionary(
            runs.map { ($0["stream"] as? String ?? "", $0["counts"] as? [String: Int] ?? [:]) },
            uniquingKeysWith: { $1 })
    }

    struct Entry: Sendable {
        var key: String
        var code: String
        var message: String
        var place: String
        var candidates: [String]
    }

    func quarantine() async throws -> [Entry] {
        let list = try await hearth("quarantine", "list", "--json")
        return ((try list.json() as? [String: Any])?["records"] as? [[String: Any]] ?? []).map {
            Entry(
                key: $0["key"] as? String ?? "", code: $0["code"] as? String ?? "",
                message: $0["message"] as? String ?? "", place: $0["place"] as? String ?? "",
                candidates: $0["candidates"] as? [String] ?? [])
        }
    }

    /// The view of an account in clear; empty where there is none.
    func account(_ number: String) async throws -> [String: Any] {
        let reason = ["--unmask", "--reason", "field test"]
        let ending = try await run(["account", number, "--json"] + reason)
        return (try? ending.json()) as? [String: Any] ?? [:]
    }

    /// One member of each record of a list of an account, in the list's order.
    func values<Value>(_ member: String, of list: String, in account: String, as type: Value.Type) async throws
        -> [Value]
    {
        (try await self.account(account)[list] as? [[String: Any]] ?? []).compactMap { $0[member] as? Value }
    }

    func facts(_ number: String) async throws -> [String: String] {
        (try await account(number)["facts"] as? [String: Any] ?? [:]).compactMapValues { $0 as? String }
    }

    struct Finding: Hashable, Sendable {
        var account: String
        var rule: String
    }

    /// Reconciles; `nil` in place of a finding's text is none.
    func findings() async throws -> Set<Finding> {
        let ending = try await hearth("reconcile", "--out", "rec")
        guard ending.status < 2 else { throw Failed(ending: ending) }
        let text = try String(contentsOfFile: folder + "/rec/findings.csv", encoding: .utf8)
        var rows = SheetText.rows(text)
        guard !rows.isEmpty else { return [] }
        let header = rows.removeFirst()
        guard let account = header.firstIndex(of: "account_number"), let rule = header.firstIndex(of: "rule") else {
            throw Failed(ending: ending)
        }
        return Set(rows.map { Finding(account: $0[account], rule: $0[rule]) })
    }

    struct Failed: Error { var ending: Program.Ending }
}

/// CSV as Hearth writes it.
enum SheetText {
    static func rows(_ text: String) -> [[String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var field = ""
        var isQuoted = false
        for scalar in text.unicodeScalars where scalar != "\u{FEFF}" && scalar != "\r" {
            switch scalar {
            case "\"": isQuoted.toggle()
            case "," where !isQuoted:
                row.append(field)
                field = ""
            case "\n" where !isQuoted:
                rows.append(row + [field])
                (row, field) = ([], "")
            default: field.unicodeScalars.append(scalar)
            }
        }
        return rows
    }
}
