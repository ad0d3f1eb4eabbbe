import ConfigurationFiles
import Foundation
import Testing
import Understanding

/// Files that people write: every problem at its line, the nearest name beside it.
@Suite struct KnowledgeFileTests {
    private func problems(_ spoil: (String) throws -> Void) throws -> [String] {
        let folder = try Shared.copy()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try spoil(folder)
        do {
            _ = try Knowledge.load(folder: folder)
            return []
        } catch let errors as ConfigurationErrors {
            return errors.errors.map { "\($0)".replacingOccurrences(of: folder + "/", with: "") }
        }
    }

    private func write(_ text: String, _ path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    private func append(_ text: String, _ path: String) throws {
        try write(try String(contentsOfFile: path, encoding: .utf8) + text, path)
    }

    private func replace(_ old: String, _ new: String, _ path: String) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.contains(old))
        try write(text.replacingOccurrences(of: old, with: new), path)
    }

    @Test func theShippedFilesAreRight() throws {
        let knowledge = try Shared.knowledge.get()
        #expect(knowledge.intents.count == 41)
        #expect(knowledge.examples.count > 5_000)
        for intent in knowledge.intents {
            #expect(knowledge.examples.count { $0.intent == intent.id } >= 100, "\(intent.id)")
        }
        #expect(knowledge.name(of: "not_warm") == "家里不热")
    }

    @Test func aFileOfNoIntent() throws {
        let found = try problems { try write("热\n", $0 + "/examples/not_worm.txt") }
        #expect(
            found == ["examples/not_worm.txt: \"not_worm\" is no intent [config.badValue] — did you mean \"not_warm\"?"]
        )
    }

    @Test func badLines() throws {
        #expect(
            try problems { try write("# 注\n\n报\t亭\t报停\n", $0 + "/homophones.tsv") } == [
                "homophones.tsv:3: a line holds 2 fields with a tab between [config.badValue]"
            ])
        #expect(
            try problems { try write("暖汽\t暖气\n暖汽\t汽车\n", $0 + "/homophones.tsv") } == [
                "homophones.tsv:2: \"暖汽\" stands for \"暖气\" in line 1 already [config.badValue]"
            ])
        let slots = try problems { try write("symtom\t不热\n", $0 + "/slots.tsv") }
        #expect(
            slots == ["slots.tsv:1: \"symtom\" is no kind of slot word [config.badValue] — did you mean \"symptom\"?"])
        #expect(
            try problems { try Data([0xFF, 0xFE, 0x0A]).write(to: URL(fileURLWithPath: $0 + "/dialect.tsv")) } == [
                "dialect.tsv: the file is not UTF-8 [config.unreadable]"
            ])
    }

    @Test func badRules() throws {
        let found = try problems {
            try append(
                """
                  - {id: a, marks: [dangr], when: ["热"]}
                  - {id: b, decides: humen, when: ["热"]}
                  - {id: c, marks: [noise], when: ["热 +", "@heatt", "!热"], unles: []}

                """, $0 + "/rules.yaml")
        }
        #expect(found.count == 6, "\(found)")
        for text in [
            "\"dangr\" is no mark [config.badValue] — did you mean \"danger\"?", "there is no intent \"humen\"",
            "did you mean \"human\"?",
            "nothing follows \"+\"", "there is no concept \"heatt\"", "a pattern needs a word that is there",
            "unknown key \"unles\" in a rule [config.unknownKey] — did you mean \"unless\"?",
        ] {
            #expect(found.contains { $0.hasPrefix("rules.yaml:") && $0.contains(text) }, "\(text) \(found)")
        }
    }

    @Test func filesOfAnotherForm() throws {
        for file in ["rules.yaml", "intents.yaml"] {
            let later = try problems { try replace("version: 1", "version: 2", $0 + "/" + file) }
            #expect(later.count == 1 && later[0].hasPrefix("\(file):") && later[0].contains("at most 1"), "\(later)")
        }
        let rule = "  - {id: a, marks: [abuse], weight: 5, when: [\"热\"]}\n"
        let weight = try problems { try append(rule, $0 + "/rules.yaml") }
        #expect(weight.count == 1 && weight[0].contains("nothing that it \"decides\""), "\(weight)")
    }

    @Test func badIntents() throws {
        let path = try problems { try replace("path: urgent", "path: urgnet", $0 + "/intents.yaml") }
        #expect(
            path.count == 1 && path[0].contains("did you mean \"urgent\"?") && path[0].hasPrefix("intents.yaml:"),
            "\(path)")
        let bare = try problems { try append("  more:\n    name: 更多\n    path: answer\n", $0 + "/intents.yaml") }
        #expect(bare == ["examples/more.txt: the intent \"more\" has no example [config.missingKey]"])
        let missing = try problems { try FileManager.default.removeItem(atPath: $0 + "/intents.yaml") }
        #expect(missing.contains { $0.hasPrefix("intents.yaml: the file cannot be read") })
    }

    @Test func theVersionFollowsTheWords() throws {
        let folder = try Shared.copy()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let same = try Knowledge.load(folder: folder).version
        #expect(same == (try Shared.knowledge.get().version))
        try append("暖气片摸着一点都不热乎了\n", folder + "/examples/not_warm.txt")
        #expect(try Knowledge.load(folder: folder).version != same)
    }
}
