import Billing
import Foundation
import HearthTesting
import Mapping
import Pages
import Setup
import Testing

@testable import Docs

/// The pages as they are written: alike in both languages, every link leads somewhere, every snippet is what the program reads.
@Suite struct PagesTests {
    static let manual = Manual()

    /// Why a command of a page cannot be run by a test, and on how many fences that is so.
    private static let elsewhere = [
        "builds the program": 1, "a database server of yours": 2, "systemd and root": 2,
    ]

    private static func source(_ name: String, _ language: Tongue) throws -> String {
        try String(
            contentsOfFile: "\(Program.repository)/\(Manual.folder)/\(language.rawValue)/\(name).md", encoding: .utf8)
    }

    private func fences(_ kind: String) throws -> [(page: String, fence: PageWalk.Fence)] {
        try Manual.names.flatMap { name in
            PageWalk.fences(try Self.source(name, .english)).filter {
                $0.kind.split(separator: " ").first ?? "" == kind
            }
            .map { (name, $0) }
        }
    }

    @Test func whatIsServedIsWhatIsInTheRepository() throws {
        var paths = Dictionary(
            uniqueKeysWithValues: Manual.references.map { ("reference/\($0.key).md", $0.value) }
                + Manual.files.map { ("files/\($0.key)", $0.value) })
        for language in ["en", "zh"] {
            let folder = "\(Manual.folder)/\(language)"
            let names = try FileManager.default.contentsOfDirectory(atPath: "\(Program.repository)/\(folder)")
            #expect(Set(names) == Set(Manual.names.map { $0 + ".md" }))
            for name in names { paths["\(language)/\(name)"] = "\(folder)/\(name)" }
        }
        #expect(Set(Self.manual.bytes.keys) == Set(paths.keys))
        for (name, path) in paths {
            let file = FileManager.default.contents(atPath: "\(Program.repository)/\(path)")
            #expect(file.map(Array.init) == Self.manual.bytes[name], "\(name): build again")
        }
    }

    @Test func everyPageIsRead() throws {
        for name in Manual.names + Manual.references.keys.sorted() {
            for language in Tongue.allCases {
                let page = try #require(Self.manual.page(name, in: language), "\(name)")
                #expect(page.problems.map(\.description) == [], "\(language.rawValue)/\(name)")
                #expect(!page.title.isEmpty && !page.summary.isEmpty, "\(name)")
            }
        }
    }

    /// The same headings, lists, tables and code in the same order; the words differ.
    @Test(arguments: Manual.names) func bothLanguagesSayTheSame(_ name: String) throws {
        func shape(_ page: Markdown) -> [String] {
            page.blocks.map { block in
                switch block {
                case .heading(let level, _, _): "heading \(level)"
                case .paragraph: "paragraph"
                case .list(let isOrdered, let items): "list \(isOrdered) \(items.count)"
                case .table(let head, let rows): "table \(head.count) \(rows.count)"
                case .code(let kind, let code): "\(kind)\n\(code)"
                }
            }
        }
        let english = try #require(Self.manual.page(name, in: .english))
        let chinese = try #require(Self.manual.page(name, in: .chinese))
        for (index, (one, other)) in zip(shape(english), shape(chinese)).enumerated() where one != other {
            Issue.record("block \(index + 1): \(one) — \(other)")
            break
        }
        #expect(english.blocks.count == chinese.blocks.count)
        #expect(english.links.map { $0.prefix { $0 != "#" } } == chinese.links.map { $0.prefix { $0 != "#" } })
        // Each is in its own language.
        func share(_ page: Markdown) -> Double {
            let words = page.blocks.map { block -> String in
                switch block {
                case .heading(_, let words, _), .paragraph(let words): Markdown.plain(words)
                case .list(_, let items): items.map(Markdown.plain).joined()
                case .table(_, let rows): rows.flatMap { $0.map(Markdown.plain) }.joined()
                case .code: ""
                }
            }.joined()
            let han = words.unicodeScalars.count { (0x4E00...0x9FFF).contains($0.value) }
            return Double(han) / Double(max(1, words.unicodeScalars.count))
        }
        #expect(share(english) < 0.05 && share(chinese) > 0.3, "\(share(english)) \(share(chinese))")
    }

    @Test func everyLinkLeadsSomewhere() throws {
        let served: Set = [
            "/openapi.yaml", "/metrics", "/healthz", "/readyz", "/console", "/chat", "/desk", "/kiosk", "/mcp",
        ]
        for name in Manual.names {
            for language in Tongue.allCases {
                let page = try #require(Self.manual.page(name, in: language))
                for link in page.links where !served.contains(link) {
                    let place = "\(language.rawValue)/\(name): \(link)"
                    let address = try #require(Manual.address(link, in: language), "\(place)")
                    let sides = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
                    // As it stands on GitHub.
                    let folder = URL(
                        fileURLWithPath: "\(Program.repository)/\(Manual.folder)/\(language.rawValue)/\(name).md")
                    let file =
                        sides[0].isEmpty
                        ? folder : URL(fileURLWithPath: String(sides[0]), relativeTo: folder)
                    #expect(FileManager.default.fileExists(atPath: file.path), "\(place)")
                    guard sides.count > 1 else { continue }
                    let target =
                        address.hasPrefix("#")
                        ? page
                        : Self.manual.page(String(address.split(separator: "/")[2].prefix { $0 != "#" }), in: language)
                    let ids = target?.blocks.compactMap { block in
                        if case .heading(_, _, let id) = block { id } else { nil }
                    }
                    #expect(ids?.contains(String(sides[1])) == true, "\(place)")
                }
            }
        }
    }

    /// Commands that no test can run are few, each with its reason here, and are at least what a shell can read.
    @Test func whatIsNotRunIsListed() async throws {
        var found: [String: Int] = [:]
        for (page, fence) in try fences("sh") where fence.kind != "sh" {
            let reason = try #require(
                fence.kind.wholeMatch(of: /sh elsewhere: (.+)/).map { String($0.1) }, "\(page): \(fence.kind)")
            found[reason, default: 0] += 1
            let checked = try await Program.run(
                ["-n", "-c", fence.text], executable: "/bin/bash", environment: [:], directory: "/")
            #expect(checked.status == 0, "\(page): \(checked.errors)")
        }
        #expect(found == Self.elsewhere)
        for name in Manual.names {
            for fence in PageWalk.fences(try Self.source(name, .english)) {
                let kind = String(fence.kind.prefix { $0 != " " })
                #expect(["sh", "text", "yaml", "json", "diagram"].contains(kind), "\(name): \(fence.kind)")
            }
        }
    }

    /// Every command of the program that a page names, in a fence, a table or a sentence, is one, with options that it has.
    @Test func everyCommandIsOne() async throws {
        let grammar = try await CommandGrammar.load()
        #expect(grammar.fault("hearth snyc") != nil && grammar.fault("hearth sync --bogus") != nil)
        #expect(grammar.fault("hearth --workspace x quarantine list --limit 5 --code \"a b\"") == nil)
        var count = 0
        for name in Manual.names {
            for language in Tongue.allCases {
                let source = try Self.source(name, language)
                var calls = PageWalk.fences(source).filter { $0.kind.hasPrefix("sh") }.flatMap {
                    CommandGrammar.calls($0.text)
                }
                var isFence = false
                for line in source.split(separator: "\n", omittingEmptySubsequences: false) {
                    if line.hasPrefix("```") { isFence.toggle() }
                    if isFence { continue }
                    calls += line.matches(of: /`(hearth [^`]+)`/).flatMap {
                        CommandGrammar.calls(String($0.1).replacing("\\|", with: "|"))
                    }
                }
                for call in calls {
                    count += 1
                    let fault = grammar.fault(call)
                    #expect(fault == nil, "\(language.rawValue)/\(name): `\(call)`: \(fault ?? "")")
                }
            }
        }
        #expect(count > 100)
    }

    /// A piece of YAML is what the reader of its kind takes: the configuration, a mapping file, a tariff, Prometheus'.
    @Test func everyPieceOfYAMLIsRead() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("docs-yaml-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var kinds: Set<String> = []
        for (page, fence) in try fences("yaml") {
            let keys = Set(fence.lines.compactMap { $0.prefixMatch(of: /[A-Za-z_]+(?=:)/).map { String($0.0) } })
            let file = folder.appendingPathComponent("\(UUID().uuidString).yaml").path
            // A secret's file is not there.
            var text = fence.text.replacing(/\$\{file:[^}]*\}/, with: "0123456789abcdef0123456789abcdef") + "\n"
            do {
                if keys.contains("scrape_configs") {
                    kinds.insert("prometheus")
                    // Rules are read where they lie.
                    text = text.replacing(
                        /\/\S*alerts.yaml/, with: "\(Program.repository)/Config/monitoring/alerts.yaml")
                    try text.write(toFile: file, atomically: true, encoding: .utf8)
                    let checked = try await Program.run(
                        ["promtool", "check", "config", file], executable: "/usr/bin/env", environment: [:],
                        directory: folder.path)
                    #expect(checked.status == 0, "\(page): \(checked.output)\(checked.errors)")
                } else if keys.contains("entity") {
                    kinds.insert("mapping")
                    try text.write(toFile: file, atomically: true, encoding: .utf8)
                    let mapping = try MappingFile.load(path: file)
                    _ = try MappingPlan(mapping, columns: mapping.referencedColumns)
                } else if keys.contains("city") {
                    kinds.insert("tariff")
                    try text.write(toFile: file, atomically: true, encoding: .utf8)
                    _ = try TariffBook.load(files: [file])
                } else {
                    kinds.insert("configuration")
                    if !keys.contains("sources") {
                        text += "sources: {s: {sql: {driver: sqlite, path: b}, streams: {t: {table: t, key: [id]}}}}\n"
                    }
                    try text.write(toFile: file, atomically: true, encoding: .utf8)
                    _ = try HearthConfiguration.load(path: file)
                }
            } catch {
                Issue.record("\(page): \(error)\n\(text)")
            }
        }
        #expect(kinds == ["configuration", "mapping", "prometheus", "tariff"])
        for (page, fence) in try fences("json") {
            #expect(throws: Never.self, "\(page)") {
                try JSONSerialization.jsonObject(with: Data(fence.text.utf8), options: .fragmentsAllowed)
            }
        }
    }
}
