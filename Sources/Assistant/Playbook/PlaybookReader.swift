import ConfigurationFiles
import Foundation
package import HeatModel

extension Playbook {
    /// Reads and checks `company.yaml`, `entries/*.yaml` and `flows/*.yaml` of a folder.
    ///
    /// - Parameter intents: those that a customer's words may mean; each must be answered, and no other. Not looked at where nil.
    /// - Throws: ``ConfigurationErrors`` with every problem at its line and column.
    package static func load(folder: String, intents: Set<String>? = nil) throws -> Playbook {
        let (playbook, problems) = read(folder: folder, intents: intents)
        guard problems.isEmpty else { throw ConfigurationErrors(problems) }
        return playbook
    }

    /// Every problem of a folder's files; empty where there is none.
    package static func problems(folder: String, intents: Set<String>? = nil) -> [HearthError] {
        read(folder: folder, intents: intents).problems
    }

    private static func read(folder: String, intents: Set<String>?) -> (Playbook, problems: [HearthError]) {
        var problems: [HearthError] = []
        var companyFile = CompanyFile(reader: ConfigurationReader(path: folder + "/company.yaml"))
        let company = companyFile.read()
        problems += companyFile.reader.problems
        var officeFile = OfficeFile(reader: ConfigurationReader(path: folder + "/offices.yaml"), company: company)
        let offices = officeFile.read()
        problems += officeFile.reader.problems
        var entries: [String: Entry] = [:]
        for path in files(folder + "/entries") {
            var file = EntryFile(reader: ConfigurationReader(path: path), company: company)
            for entry in file.read() {
                if let other = entries[entry.id] {
                    file.reader.report(
                        .configDuplicateKey, "\"\(entry.id)\" is an entry of \(other.place) too", at: entry.place)
                }
                entries[entry.id] = entry
            }
            problems += file.reader.problems
        }
        var flows: [String: Flow] = [:]
        for path in files(folder + "/flows") {
            var file = FlowFile(reader: ConfigurationReader(path: path))
            if let flow = file.read() {
                if let other = flows[flow.name] {
                    file.reader.report(
                        .configDuplicateKey, "\"\(flow.name)\" is the flow of \(other.place) too", at: flow.place)
                }
                flows[flow.name] = flow
            }
            problems += file.reader.problems
        }
        if flows.isEmpty || entries.isEmpty {
            problems.append(
                HearthError(
                    .configMissing, "there is no knowledge: entries and flows", at: .file(folder, line: 0, column: 0)))
        }
        // What a file that is no YAML would have held is not said to be missing everywhere else.
        if problems.contains(where: { $0.code == .configSyntax }) {
            return (
                Playbook(company: company, entries: entries, flows: flows, answers: [:], offices: offices), problems
            )
        }
        var check = PlaybookCheck(company: company, entries: entries, flows: flows, problems: problems)
        let answers = check.run(intents: intents, folder: folder)
        return (
            Playbook(company: company, entries: entries, flows: flows, answers: answers, offices: offices),
            check.problems
        )
    }

    private static func files(_ folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".yaml") }.sorted().map { folder + "/" + $0 }
    }
}
