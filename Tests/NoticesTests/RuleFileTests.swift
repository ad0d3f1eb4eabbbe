import ConfigurationFiles
import Foundation
import HeatModel
import Testing

@testable import Notices

/// Every mistake of the rules and of their words, at its line and column.
@Suite struct RuleFileTests {
    private func problems(_ rules: String, words: String = SeasonTests.words, outside: Bool = false) throws -> [String]
    {
        let folder = try Folder()
        try rules.write(toFile: folder.path + "/notices.yaml", atomically: true, encoding: .utf8)
        try words.write(toFile: folder.path + "/words.yaml", atomically: true, encoding: .utf8)
        do {
            _ = try NoticeRules.load(path: folder.path + "/notices.yaml")
            _ = try NoticeRules.channels(path: folder.path + "/notices.yaml")
        } catch let errors as ConfigurationErrors {
            return errors.errors.map { error in
                guard case .file(let path, let line, let column)? = error.place else { return error.message }
                return "\(path.hasSuffix("words.yaml") ? "words " : "")\(line):\(column) \(error.message)"
            }
        }
        return []
    }

    @Test func shippedFilesAreRight() throws {
        let rules = try NoticeRules.load(path: Folder.repository + "/Config/notices.yaml")
        #expect(rules.rules.map(\.name) == ["arrears-3", "arrears-0", "follow-up", "outage", "progress"])
        #expect(!rules.sends, "a new workspace tells customers nothing before somebody says so")
        #expect(try NoticeRules.channels(path: Folder.repository + "/Config/notices.yaml").count == 1)
    }

    @Test(arguments: [
        ("rules: []\nchanels: {}", ["2:1"]), ("send: perhaps\nrules: []", ["1:7"]),
        ("rules: {}", ["1:8"]), ("send: true", ["1:1"]),
        (
            "wording: words.yaml\nchannels: {box: {file: {folder: out}}}\nrules:\n  - {rule: arrears-3, kind: arears, channels: [box]}",
            ["4:29"]
        ),
        (
            "wording: words.yaml\nchannels: {box: {file: {folder: out}}}\nrules:\n  - {rule: arrears-3, kind: arrears, daysBefore: -1, channels: [sms]}",
            ["4:50", "4:65"]
        ),
        (
            "wording: words.yaml\nquietHours: {from: \"20:00\", to: \"8\"}\nchannels: {box: {file: {folder: out}}}\nrules:\n  - {rule: arrears-3, kind: arrears, daysBefore: 3, channels: [box]}",
            ["2:33"]
        ),
        // Told at nine in the evening of the last day: never.
        (
            "wording: words.yaml\nchannels: {box: {file: {folder: out}}}\nrules:\n  - {rule: arrears-0, kind: arrears, daysBefore: 0, at: \"21:00\", channels: [box]}",
            ["4:57"]
        ),
        (
            "wording: words.yaml\nchannels: {box: {file: {folder: out}}}\nrules:\n  - {rule: arrears-0, kind: arrears, daysBefore: 0, lateDays: 1, channels: [box]}",
            ["4:63"]
        ),
        (
            "wording: other.yaml\nchannels: {box: {file: {folder: out}}}\nrules:\n  - {rule: arrears-0, kind: arrears, daysBefore: 0, channels: [box]}",
            ["1:10"]
        ),
        (
            "wording: words.yaml\nchannels: {box: {file: {folder: out}}}\nrules:\n  - {rule: other, kind: arrears, daysBefore: 0, channels: [box]}",
            ["4:12"]
        ),
        ("wording: words.yaml\nchannels: {box: {file: {folder: out}, http: {}}}\nrules: []", ["2:17"]),
        ("wording: words.yaml\nchannels: {used: {file: {folder: out}}}\nrules: []", ["2:12"]),
        ("wording: words.yaml\nchannels: {a: {chat: {}}, b: {chat: {waits: 0}}}\nrules: []", ["2:27", "2:45"]),
        ("wording: words.yaml\nchannels: {w: {wechat: {}}}\nrules: []", ["2:24"]),
        (
            "wording: words.yaml\nchannels: {box: {file: {folder: out}}}\nrules:\n  - {rule: arrears-3, kind: arrears, daysBefore: 3, channels: [used]}",
            ["4:63"]
        ),
        ("wording: words.yaml\nchannels: {box: {webhook: {url: \"ftp://x\"}}}\nrules: []", ["2:33"]),
        ("wording: words.yaml\nchannels: {box: {webhook: {url: \"http://x\", secrets: [short]}}}\nrules: []", ["2:54"]),
    ]) func mistakesOfTheRules(_ yaml: String, _ places: [String]) throws {
        let found = try problems(yaml)
        #expect(found.map { $0.split(separator: " ").first.map(String.init) ?? "" } == places, "\(found)")
    }

    static let one = """
        wording: words.yaml
        channels: {box: {file: {folder: out}}}
        rules:
          - {rule: arrears-3, kind: arrears, daysBefore: 3, maxSegments: 1, channels: [box]}
        """

    @Test func mistakesOfTheWords() throws {
        let unknown = try problems(Self.one, words: "language: zh\narrears-3: 还应缴{opem}元")
        #expect(unknown.count == 1 && unknown[0].hasPrefix("words 2:12") && unknown[0].contains("opem"), "\(unknown)")
        // Known elsewhere, and not of arrears.
        let foreign = try problems(Self.one, words: "language: zh\narrears-3: 工单{order}")
        #expect(
            foreign.count == 1 && foreign[0].hasPrefix("words 2:12") && foreign[0].contains("arrears"), "\(foreign)")
        let long = try problems(
            Self.one, words: "language: zh\narrears-3: \(String(repeating: "热", count: 71)){open}")
        #expect(long.count == 1 && long[0].hasPrefix("words 2:12") && long[0].contains("2 messages"), "\(long)")
        #expect(
            try problems(Self.one, words: "language: zh\narrears-3: \(String(repeating: "热", count: 70)){open}") == [])
    }

    @Test func aGatewayNeedsAReceipt() throws {
        func http(_ more: String) -> String {
            """
            wording: words.yaml
            channels:
              sms:
                http:
                  url: http://127.0.0.1/send
                  json: '{"to":"{{phone}}","text":"{{text}}","id":"{{reference}}"}'
                  success: {path: Code, is: [OK]}
                  timeout: 5
            \(more)
            rules: []
            """
        }
        let receipt =
            "      receipt: {url: \"http://127.0.0.1/r?id={{reference}}\", success: {path: Code, is: [OK]}, records: List, reference: Id, total: Count}"
        #expect(try problems(http(receipt)) == [])
        #expect(try problems(http("")).first?.contains("receipt") == true)
        // Without it nothing says that a message is not there.
        #expect(try problems(http(receipt.replacing(", total: Count", with: ""))).first?.contains("total") == true)
        #expect(try problems(http(receipt + "\n    settle: 5")).first?.hasPrefix("10:13") == true)
        #expect(try problems(http(receipt + "\n      refused: [OK]")).first?.contains("success and refusal") == true)
        #expect(
            try problems(http(receipt).replacing("{{phone}}", with: "{{fone}}")).contains { $0.hasPrefix("6:13") })
    }
}
