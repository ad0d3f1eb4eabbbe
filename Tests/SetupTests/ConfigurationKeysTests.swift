import ConfigurationFiles
import Foundation
import Testing

@testable import Setup

/// `Config/KEYS.md` lists the keys that the readers know: each of them, and no other.
@Suite struct ConfigurationKeysTests {
    /// A source of each kind. Sections that are left out are offered to their readers by the survey, so that only what a reader
    /// insists on before it asks for the next section must stand here.
    private static let everything = """
        archive: {folder: a}
        sources:
          sql:
            sql: {driver: sqlite, path: b.sqlite}
            streams:
              s: {table: t, key: [id]}
            actions:
              sql: {driver: sqlite, path: b.sqlite}
              kinds: {cancelWorkOrder: {statement: "DELETE FROM t WHERE r = :reference"}}
              probe: {query: "SELECT 1 FROM t WHERE r = :reference"}
          soap:
            soap: {endpoint: "http://127.0.0.1:1/ws", login: {body: "<L/>", path: S}}
            streams:
              s: {body: "<Q/>", record: R, fields: {id: "@id", name: {path: N}}}
            actions:
              soap: {endpoint: "http://127.0.0.1:1/ws"}
              kinds: {cancelWorkOrder: {body: "<C>{{reference}}</C>", record: R}}
              probe:
                reference: {body: "<Q>{{reference}}</Q>", record: R, id: "@id", references: [N]}
          csv:
            csv: {folder: drops}
            streams:
              s: {pattern: "*.csv", order: {by: number}, trailer: {prefix: T}}
            actions:
              file: {folder: out, receipts: in}
              kinds: {cancelWorkOrder: {}}
        channels:
          wechat: {appId: a, secret: s, token: t, templates: [{rule: r, id: i, fields: {thing1: x}}]}
        serve:
          schedules: [{every: 60}]

        """

    /// Keys by the heading of the page under which they belong.
    private func known() throws -> [String: Set<String>] {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("keys-\(UUID().uuidString).yaml").path
        try Self.everything.write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        var survey = KeySurvey()
        // Of sections that exclude each other each reading meets one.
        while true {
            var reader = ConfigurationReader(path: path)
            reader.survey = survey
            _ = reader.configuration()
            let next = try #require(reader.survey)
            if next.keys == survey.keys { break }
            survey = next
        }
        var headings: [String: Set<String>] = [:]
        for (name, keys) in survey.keys { headings[heading(of: name), default: []].formUnion(keys) }
        return headings
    }

    /// `source soap/soap/tls` → `sources.NAME.soap.tls`, `stream soap.s/pages` → `stream of soap pages`.
    private func heading(of section: String) -> String {
        var parts = section.split(separator: "/").map(String.init)
        let first = parts.removeFirst()
        if first == "the configuration" { return parts.isEmpty ? "hearth.yaml" : parts.joined(separator: ".") }
        if first == "a schedule" { return "serve.schedules" }
        if first == "a template" { return "channels.wechat.templates" }
        if first == "\"order\"" { return "stream of csv order" }
        if first.hasPrefix("field ") { return (["field of soap"] + parts).joined(separator: " ") }
        if first.hasPrefix("action by ") { return ([first] + parts).joined(separator: " ") }
        if first.hasPrefix("stream ") {
            return (["stream of \(first.dropFirst(7).prefix { $0 != "." })"] + parts).joined(separator: " ")
        }
        // How a system is reached to write it is said as to read it.
        if parts.first == "actions", parts.count > 1, ["soap", "sql"].contains(parts[1]) { parts.removeFirst() }
        // Asking by account is said as asking by reference.
        if parts.starts(with: ["actions", "probe", "account"]) { parts[2] = "reference" }
        return (["sources.NAME"] + parts).joined(separator: ".")
    }

    private func page() throws -> [String: Set<String>] {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Config/KEYS.md")
        var headings: [String: Set<String>] = [:]
        var current: String?
        for line in try String(contentsOf: page, encoding: .utf8).split(separator: "\n") {
            if line.hasPrefix("## ") {
                let heading = String(line.dropFirst(3).replacing("`", with: ""))
                #expect(headings[heading] == nil, "\(heading) stands twice")
                headings[heading] = []
                current = heading
            } else if line.hasPrefix("| `"), let current {
                let names = line.split(separator: "|")[0].split(separator: "`").enumerated().filter {
                    $0.offset % 2 == 1
                }
                .map { String($0.element) }
                for name in names {
                    #expect(headings[current]?.insert(name).inserted == true, "\(current): \(name) stands twice")
                }
            }
        }
        return headings
    }

    @Test func thePageListsEveryKeyAndNoOther() throws {
        let (known, page) = (try known(), try page())
        #expect(known.count > 25 && known.values.reduce(0) { $0 + $1.count } > 120)
        for heading in Set(known.keys).union(page.keys).sorted() {
            let (inProgram, onPage) = (known[heading] ?? [], page[heading] ?? [])
            let lacking = inProgram.subtracting(onPage).sorted()
            let stray = onPage.subtracting(inProgram).sorted()
            #expect(lacking.isEmpty, "Config/KEYS.md lacks, under \"\(heading)\": \(lacking.joined(separator: ", "))")
            #expect(stray.isEmpty, "Config/KEYS.md tells of, under \"\(heading)\": \(stray.joined(separator: ", "))")
        }
    }

    /// The comparison sees what a new reader would bring: sections side by side, and sections within sections.
    @Test func theSurveyMeetsSectionsThatExcludeEachOther() throws {
        let known = try known()
        for heading in ["pages", "token", "window", "cursor", "total"] {
            #expect(known["stream of soap \(heading)"]?.isEmpty == false, "\(heading)")
        }
        #expect(known["serve.tls"] == ["certificates", "key"])
        #expect(known["sources.NAME.soap.tls"]?.contains("ca") == true)
    }
}
