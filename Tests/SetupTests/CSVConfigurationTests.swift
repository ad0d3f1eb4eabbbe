import CSVConnector
import ConfigurationFiles
import Foundation
import HeatModel
import Testing

@testable import Setup

/// The keys of a CSV stream: read as written, and wrong ones told where they stand.
@Suite struct CSVConfigurationTests {
    private func load(_ settings: String, csv: String = "{folder: drops}") throws -> CSVStream {
        let path = NSTemporaryDirectory() + "hearth-csv-configuration-\(UUID().uuidString).yaml"
        let text = """
            sources:
              customer:
                csv: \(csv)
                streams:
                  residents:
                    \(settings)
            """
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let connector = try HearthConfiguration.load(path: path).sources[0].makeConnector() as? CSVConnector
        return try #require(connector?.streams.first)
    }

    private func problem(_ settings: String, csv: String = "{folder: drops}") throws -> String {
        do {
            _ = try load(settings, csv: csv)
            return "none"
        } catch let errors as ConfigurationErrors {
            return errors.errors[0].description
        }
    }

    @Test(arguments: [
        ("auto", CSVStream.Order.automatic), ("name", .name), ("number", .number(at: nil)),
        ("date", .date(format: nil)),
        ("modified", .modified), ("{by: number, at: 2}", .number(at: 2)),
        ("{by: date, format: dd-MM-yyyy}", .date(format: "dd-MM-yyyy")), ("{by: name}", .name),
    ])
    func orders(_ text: String, _ order: CSVStream.Order) throws {
        #expect(try load("order: \(text)").order == order)
    }

    @Test func otherKeys() throws {
        let plain = try load("pattern: \"*.csv\"")
        #expect(plain.order == .automatic && !plain.ignoresCase && !plain.mayBeEmpty && plain.escape == nil)
        #expect(plain.emptyTail == .header)
        #expect(try load("ignoreCase: true").ignoresCase)
        #expect(try load("mayBeEmpty: true").mayBeEmpty)
        #expect(try load("emptyTail: drop").emptyTail == .drop)
        #expect(try load("escape: \"\\\\\"").escape == "\\")
        #expect(try load("escape: none").escape == nil)
    }

    @Test(arguments: [
        ("order: numbr", ":6:16: ", "number"), ("order: {by: dat}", ":6:21: ", "date"),
        ("order: {by: number, att: 2}", ":6:29: ", "at"), ("order: {by: number, at: 0}", ":6:33: ", "at least 1"),
        ("order: {by: name, at: 2}", ":6:31: ", "by: number"),
        ("order: {by: number, format: yyyy}", ":6:37: ", "by: date"),
        ("order: {by: date, format: dd-MM}", ":6:9: ", "format"), ("order: {at: 2}", ":6:16: ", "by"),
        ("ignorecase: true", ":6:9: ", "ignoreCase"), ("escape: ab", ":6:9: ", "escape"),
        ("escape: \"\\\"\"", ":6:9: ", "quote"), ("emptyTail: drops", ":6:20: ", "drop"),
        ("mayBeEmpty: 3", ":6:21: ", "mayBeEmpty"),
    ])
    func mistakes(_ settings: String, _ place: String, _ word: String) throws {
        let problem = try problem(settings)
        #expect(problem.contains(place) && problem.contains(word), "\(problem)")
        #expect(problem.contains("[config."))
    }

    @Test func workbooks() throws {
        let plain = try load("pattern: \"*.xlsx\"").workbook
        #expect(plain == WorkbookRules())
        let told = try load("workbook: {sheets: [\"*号楼\"], headerHas: [户号, 面积], merged: fill}").workbook
        #expect(told == WorkbookRules(sheets: ["*号楼"], headerHas: ["户号", "面积"], merged: .fill))
        #expect(try problem("workbook: {merged: guess}").contains("quarantine"))
        #expect(try problem("workbook: {sheet: a}").contains("sheets"))
    }

    @Test func remoteDrops() throws {
        let stream = try load(
            "pattern: \"*.csv\"",
            csv: "{folder: spool, remote: {url: \"sftp://h:22/out\", user: u, key: id, hostKey: \"SHA256:x\"}}")
        #expect(stream.folder.hasSuffix("/spool"))
        #expect(stream.remote?.hostKeys == ["SHA256:x"] && stream.remote?.keyFile?.hasSuffix("/id") == true)
        let ftps = try load(
            "pattern: \"*.csv\"",
            csv:
                "{folder: spool, remote: {url: \"ftps://h/out\", user: u, password: p, implicit: true, silenceTimeout: 5}}"
        )
        #expect(ftps.remote?.isImplicit == true && ftps.remote?.silenceTimeout == 5)
        for (remote, word) in [
            ("{url: \"sftp://h/out\", user: u, password: p}", "not pinned"),
            ("{url: \"sftp://u:p@h/out\", user: u, password: p, hostKey: [\"SHA256:x\"]}", "host and a folder"),
            ("{url: \"sftp://h/out\", user: u, hostKey: [\"SHA256:x\"]}", "`key`"),
            ("{url: \"sftp://h/out\", user: u, password: p, hostKey: [\"ab:cd\"]}", "fingerprint"),
            ("{url: \"ftp://h/out\", user: u, password: p}", "anyone"),
            ("{url: \"https://h/out\", user: u, password: p}", "no address"),
            ("{url: \"ftps://h/out\", password: p}", "`user`"),
            ("{user: u}", "url"), ("{url: \"ftps://h/out\", usr: u}", "user"),
        ] {
            let told = try problem("pattern: a", csv: "{folder: spool, remote: \(remote)}")
            #expect(told.contains(word), "\(told)")
            #expect(!told.contains(":p@"))
        }
    }
}
