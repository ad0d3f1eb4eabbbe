import ConfigurationFiles
import Foundation
import HeatModel

/// An utterance with what it means, as a file for trials holds it: `id utterance intent slots note`, tabs between.
package struct LabelledLine: Sendable {
    package var id: String
    package var text: String
    package var intent: String
    package var slots: [String: String]
    package var notes: [String]

    package init(id: String, text: String, intent: String, slots: [String: String], notes: [String]) {
        self.id = id
        self.text = text
        self.intent = intent
        self.slots = slots
        self.notes = notes
    }

    func all(_ key: String) -> [String] {
        notes.compactMap { $0.hasPrefix(key + ":") ? String($0.dropFirst(key.count + 1)) : nil }
    }

    /// Every intent that counts as right.
    package var right: Set<String> {
        var right = Set([intent] + all("alt"))
        if notes.contains("refuse:pii") { right.formUnion(["none", "human"]) }
        return right
    }

    package var also: [String] { all("also") }
    /// Whether nothing may be given, whatever else it asks.
    package var isRefused: Bool { notes.contains("refuse:pii") || notes.contains("injection") }
    package var isOutside: Bool { intent == "none" || intent == "human" }
    package var context: HearingContext { HearingContext(afterFollowUp: notes.contains("ctx:followup")) }

    /// - Throws: ``ConfigurationErrors`` with every bad line.
    package static func load(_ path: String, knowledge: Knowledge) throws -> [LabelledLine] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ConfigurationErrors([
                HearthError(.configUnreadable, "the file cannot be read", at: .file(path, line: 0, column: 0))
            ])
        }
        let ids = knowledge.intents.map(\.id)
        var problems: [HearthError] = []
        var lines: [LabelledLine] = []
        let text = String(decoding: data, as: UTF8.self)
        let all = text.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r\n" })
        for (index, line) in all.enumerated() {
            if line.isEmpty || index == 0 && line.hasPrefix("id\t") { continue }
            func problem(_ message: String, _ advice: Advice? = nil) {
                problems.append(
                    HearthError(.configBadValue, message, at: .file(path, line: index + 1, column: 0), advice: advice))
            }
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count >= 3, !fields[1].isEmpty else {
                problem("a line holds id, utterance, intent, slots and note, with tabs between")
                continue
            }
            if !ids.contains(fields[2]) {
                problem("there is no intent \"\(fields[2])\"", NearestName.advice(fields[2], among: ids))
            }
            let slots = fields.count > 3 ? fields[3] : "{}"
            guard let values = try? JSONDecoder().decode([String: String].self, from: Data(slots.utf8)) else {
                problem("the slots are no JSON object of texts")
                continue
            }
            let notes =
                fields.count > 4 ? fields[4].split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) } : []
            lines.append(.init(id: fields[0], text: fields[1], intent: fields[2], slots: values, notes: notes))
        }
        if lines.isEmpty, problems.isEmpty {
            problems.append(HearthError(.configBadValue, "the file holds no line", at: .file(path, line: 0, column: 0)))
        }
        if !problems.isEmpty { throw ConfigurationErrors(problems) }
        return lines
    }
}
