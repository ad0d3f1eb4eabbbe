import Answers
import Crypto
import Foundation
import Reconciliation
import Setup
import Testing

@testable import Gateway

/// An output as a reconciliation writes it, with what a test wants in it.
enum HandmadeOutput {
    static let head =
        "finding_id,account_number,rule,season,subject,severity,blocks,money_fen,community,found,expected,detail,text_zh,text_en,evidence"

    /// - Parameter cells: of one finding.
    static func write(_ cells: [String], into folder: String) throws {
        let line = cells.map { "\"\($0.replacing("\"", with: "\"\""))\"" }.joined(separator: ",").replacing("\"123\"", with: "123")
        let group: [String: Any] = [
            "name": cells[8], "count": ["findings": 1, "money_fen": 123, "money_absolute_fen": 123],
        ]
        let count: [String: Any] = ["findings": 1, "money_fen": 123, "money_absolute_fen": 123]
        let summary: [String: Any] = [
            "as_of_run": 4, "today": cells[3], "accounts": 1, "all": count, "blocking": count,
            "rules": [["rule": cells[2], "severity": cells[5], "blocks": true, "count": count]], "severities": [group],
            "communities": [group],
        ]
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try seal(
            [
                ("findings.csv", Data((head + "\r\n" + line + "\r\n").utf8)),
                ("summary.json", try JSONSerialization.data(withJSONObject: summary)),
            ], season: cells[3], in: folder)
    }

    /// Writes files and the manifest that vouches for them.
    static func seal(_ files: [(name: String, data: Data)], season: String?, in folder: String) throws {
        for file in files where !file.name.contains("/") {
            try file.data.write(to: URL(fileURLWithPath: folder + "/" + file.name))
        }
        var manifest: [String: Any] = [
            "format": "hearth-reconciliation-1", "as_of_run": 4, "runs": [Any](), "mappings": [Any](),
            "tariffs": [Any](), "rules": "r",
            "files": files.map { file in
                [
                    "name": file.name, "bytes": file.data.count,
                    "sha256": SHA256.hash(data: file.data).map { String(format: "%02x", $0) }.joined(),
                ]
            },
        ]
        manifest["season"] = season
        try JSONSerialization.data(withJSONObject: manifest).write(to: URL(fileURLWithPath: folder + "/manifest.json"))
    }
}

/// What reconciliations wrote, at the console: the findings that `hearth reconcile` found, each with its evidence, and none that was altered.
@Suite struct ConsoleFindingsTests {
    /// - Parameter body: with the folder that the console reads.
    private func with(_ body: (GatewaySite, _ outputs: String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hearth-console-\(UUID().uuidString)")
            .path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await GatewaySite.with(doors: { ConsoleBrowser.doors($0, outputs: folder + "/outputs") }) {
            try await body($0, folder + "/outputs")
        }
    }

    private func reconcile(_ site: GatewaySite, _ arguments: String...) async throws {
        let (status, output) = try await GatewaySite.run(
            GatewaySite.program, ["reconcile", "--config", site.configuration] + arguments)
        #expect(status == 1, "\(output)")
    }

    private func browser(_ site: GatewaySite, _ scope: Scope) async throws -> ConsoleBrowser {
        let browser = ConsoleBrowser(site)
        browser.fields = ["Accept-Language": "en"]
        try await browser.logIn(try site.token(scope))
        return browser
    }

    /// What stands behind a link of the page, from `mark` to the end of its attribute.
    private func links(_ page: String, _ mark: String) -> [String] {
        page.components(separatedBy: "href=\"\(mark)").dropFirst().map {
            (mark + $0.prefix { $0 != "\"" }).replacing("&amp;", with: "&")
        }
    }

    @Test func findingsLeadFromTheirRuleToTheirRows() async throws {
        try await with { site, outputs in
            let engineer = try await browser(site, .engineer)
            let empty = try await engineer.get("/console/reconciliation")
            #expect(empty.status == 200 && empty.text.contains("hearth reconcile --out"))
            try await reconcile(site, "--out", outputs + "/first")
            let summary = try #require(
                try JSONSerialization.jsonObject(
                    with: Data(contentsOf: URL(fileURLWithPath: outputs + "/first/summary.json")))
                    as? [String: Any])
            let all = try #require((summary["all"] as? [String: Any])?["findings"] as? Int)
            let page = try await engineer.get("/console/reconciliation")
            page.expectPage("reconciliation")
            #expect(page.status == 200 && page.text.contains(">\(all)</a>"), "\(all)")
            // Each rule's findings are as many as the summary says, and each stands on one page of them.
            let rules = try #require(summary["rules"] as? [[String: Any]])
            var (total, known) = (0, 0)
            for rule in rules {
                let name = try #require(rule["rule"] as? String)
                let count = try #require((rule["count"] as? [String: Any])?["findings"] as? Int)
                if count == 0 { continue }
                total += count
                var found: Set<String> = []
                var next: String? = "/console/reconciliation/findings?output=first&rule=\(name)"
                while let path = next {
                    let part = try await engineer.get(path)
                    part.expectPage(path)
                    #expect(part.text.contains("<b>\(count)</b>"), "\(path)")
                    let own = links(part.text, "/console/reconciliation/finding?")
                    #expect(found.isDisjoint(with: own), "\(path)")
                    found.formUnion(own)
                    next = links(part.text, "/console/reconciliation/findings?").first { $0.contains("from=") }
                }
                #expect(found.count == count, "\(name)")
                let one = try await engineer.get(try #require(found.min()))
                one.expectPage(name)
                #expect(one.status == 200 && one.text.contains(name) && one.text.contains("Evidence"))
                let history = links(one.text, "/console/history?")
                if let first = history.first {
                    // The account of a card in quarantine is none of the store's; that is said.
                    let led = try await engineer.get(first)
                    #expect(led.status == 200 || led.text.contains("unknown-account"), "\(first)")
                    known += led.status == 200 ? 1 : 0
                }
            }
            #expect(known > 2)
            #expect(total == all && all > 0)
            let entries = try AccessLogFolder(try site.gateway.settings.accessLog).entries(
                account: nil, after: nil, limit: 1000
            ).entries.map { String(decoding: $0.json, as: UTF8.self) }
            #expect(
                entries.contains {
                    $0.contains("console:reconciliation finding\"") && !$0.contains("\"accounts\":[]")
                })
            for scope: Scope in [.assistant, .desk] {
                let other = try await browser(site, scope)
                for path in [
                    "", "/findings?output=first", "/finding?id=x", "/compare?before=first&after=first",
                    "/download?output=first&file=findings.csv",
                ] {
                    let refused = try await other.get("/console/reconciliation" + path)
                    #expect(refused.status == 403 && refused.text.contains("engineer"), "\(path) as \(scope)")
                    #expect(!refused.text.contains("finding_id"), "\(path)")
                }
            }
        }
    }

    @Test func twoOutputsAreComparedAndSentWhole() async throws {
        try await with { site, outputs in
            try await reconcile(site, "--out", outputs + "/all")
            try await reconcile(site, "--out", outputs + "/one", "--season", "2024-2025")
            let auditor = try await browser(site, .auditor)
            let page = try await auditor.get("/console/reconciliation/compare?before=all&after=one")
            page.expectPage("compare")
            let (status, text) = try await GatewaySite.run(
                GatewaySite.program,
                ["diff", outputs + "/all", outputs + "/one", "--json", "--config", site.configuration])
            #expect(status == 1)
            let counts = try #require(
                (try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])?["counts"] as? [String: Any])
            for kind in ["new", "resolved", "changed", "persisting"] {
                let count = try #require((counts[kind] as? [String: Any])?["findings"] as? Int)
                #expect(page.text.contains("<td>\(count)</td>"), "\(kind): \(count)")
            }
            let gone = try await auditor.get("/console/reconciliation/compare?before=all&after=one&kind=resolved")
            let first = try #require(links(gone.text, "/console/reconciliation/finding?").first)
            let told = try await auditor.get(first)
            #expect(first.contains("output=all") && told.status == 200)
            #expect(
                try await auditor.get("/console/reconciliation/compare?before=one&after=one").text.contains(
                    "they are the same"))
            for file in ["findings.csv", "findings.xlsx", "totals.csv", "summary.json", "report.html"] {
                let sent = try await auditor.get("/console/reconciliation/download?output=all&file=\(file)")
                let kept = try Data(contentsOf: URL(fileURLWithPath: outputs + "/all/" + file))
                #expect(sent.status == 200 && Array(sent.body) == Array(kept), "\(file)")
                #expect(
                    sent.fields["content-disposition"] == "attachment; filename=\"\(file)\""
                        && sent.fields["content-type"] == "application/octet-stream", "\(file)")
            }
        }
    }

    @Test func whatWasAlteredOrIsElsewhereIsNotShown() async throws {
        try await with { site, outputs in
            try await reconcile(site, "--out", outputs + "/a")
            // A manifest that names what is not the folder's, and a folder that is none.
            try FileManager.default.createDirectory(
                atPath: outputs + "/b", withIntermediateDirectories: true)
            let secret = Data("classified".utf8)
            try secret.write(to: URL(fileURLWithPath: outputs + "/../secret.txt"))
            try HandmadeOutput.seal([("../../secret.txt", secret)], season: nil, in: outputs + "/b")
            try FileManager.default.createDirectory(
                atPath: outputs + "/c", withIntermediateDirectories: true)
            try secret.write(to: URL(fileURLWithPath: outputs + "/c/manifest.json"))
            let auditor = try await browser(site, .auditor)
            let list = try await auditor.get("/console/reconciliation?output=a")
            #expect(list.status == 200 && list.text.contains("output=b") && !list.text.contains("output=c"))
            // Nor is it left out without a word.
            #expect(list.text.contains("take no figure from: c</p>"), "\(list.text.prefix(3000))")
            for query in [
                "download?output=b&file=../../secret.txt", "download?output=a&file=../../../secret.txt",
                "download?output=..%2F..&file=secret.txt", "download?output=../a&file=findings.csv",
                "download?output=a&file=manifest.json", "download?output=a&file=",
                "findings?output=%00", "findings?output=a%2F", "finding?output=a&id=none", "compare?before=a&after=x",
                "compare", "compare?before=a",
            ] {
                let page = try await auditor.get("/console/reconciliation/" + query)
                #expect(page.status == 404 && !page.text.contains("classified"), "\(query): \(page.status)")
                page.expectPage(query)
                // Where the machine keeps it is nobody's business.
                #expect(!page.text.contains(outputs), "\(query)")
            }
            // It is there, and is none.
            let broken = try await auditor.get("/console/reconciliation/findings?output=c")
            #expect(broken.status == 409 && !broken.text.contains(outputs), "\(broken.status)")
            broken.expectPage("a manifest that is none")
            // One that cannot be read hides no other.
            let newest = try await auditor.get("/console/reconciliation")
            #expect(newest.status == 200 && newest.text.contains("output=a"))
            for query in ["findings?output=a&from=x", "findings?output=a&from=-1", "compare?before=a&after=a&kind=x"] {
                #expect(try await auditor.get("/console/reconciliation/" + query).status == 400, "\(query)")
            }
            #expect(try await auditor.get("/console/reconciliation?output=a&communities=99999999999999999999").status == 400)
            // One byte, and nothing of the file is shown.
            let path = outputs + "/a/findings.csv"
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            bytes[bytes.count - 5] ^= 1
            try bytes.write(to: URL(fileURLWithPath: path))
            for query in ["findings?output=a", "download?output=a&file=findings.csv", "compare?before=a&after=a"] {
                let page = try await auditor.get("/console/reconciliation/" + query)
                page.expectPage(query)
                #expect(page.status == 409 && page.text.contains("may have been altered"), "\(query): \(page.status)")
            }
            try Data("{}".utf8).write(to: URL(fileURLWithPath: outputs + "/a/summary.json"))
            #expect(try await auditor.get("/console/reconciliation?output=a").status == 409)
        }
    }
}
