import Foundation
package import Insights
package import Understanding

/// What a month's conversations teach: questions that were not answered, gathered by likeness, as examples to add; answers that were
/// misunderstood. A change to review: nothing is written.
package struct KnowledgeSuggestions: Sendable {
    /// Questions that are much the same.
    package struct Cluster: Sendable, Equatable {
        /// Each once, the first that was asked first.
        package var words: [String]
        package var count: Int
        /// What they are most like; nil where they are like nothing that is answered.
        package var intent: String?
    }

    package let clusters: [Cluster]
    package let misunderstood: [(intent: String, count: Int64, examples: [String])]

    /// - Parameter least: how often something must have been asked.
    package init(_ report: MonthReport, hearing: any Hearing, least: Int = 1) {
        var groups: [(grams: Set<String>, words: [String], count: Int)] = []
        for question in report.unanswered.questions {
            // What was masked is no example, and what was pressed no words.
            let words = question.words
            if words.hasPrefix("[") || words.contains("*") || words.contains("…") || words.count < 3 { continue }
            let grams = Self.grams(words)
            if let near = groups.firstIndex(where: { Self.areAlike($0.grams, grams) }) {
                groups[near].count += 1
                if !groups[near].words.contains(words) { groups[near].words.append(words) }
            } else {
                groups.append((grams, [words], 1))
            }
        }
        clusters = groups.filter { $0.count >= least }.sorted { ($1.count, $0.words[0]) < ($0.count, $1.words[0]) }.map
        { group in
            let ranking = hearing.hear(group.words[0], context: HearingContext()).ranking
            let likely = ranking.first { $0.intent != "none" && $0.intent != "human" && $0.score > 0 }
            return Cluster(words: group.words, count: group.count, intent: likely?.intent)
        }
        misunderstood = report.misunderstood.map { ($0.intent, $0.count, $0.examples.map(\.words)) }
    }

    private static func grams(_ words: String) -> Set<String> {
        let letters = words.filter { $0.isLetter || $0.isNumber }.map { $0 }
        guard letters.count > 1 else { return [String(letters)] }
        return Set((1..<letters.count).map { String(letters[($0 - 1)...$0]) })
    }

    /// Half of what both have together.
    private static func areAlike(_ one: Set<String>, _ other: Set<String>) -> Bool {
        let common = one.intersection(other).count
        return common > 0 && common * 2 >= one.union(other).count
    }

    /// Examples of one cluster that are worth adding: more of the same teaches nothing.
    private static let mostExamples = 3

    /// A unified diff of the files of examples, with what it cannot say as remarks before it.
    ///
    /// - Parameters:
    ///   - folder: of the knowledge, where the files are read.
    ///   - name: by which the diff calls that folder.
    package func diff(folder: String, name: String) -> String {
        var text = ""
        for cluster in clusters where cluster.intent == nil {
            text += "# 没有答案的问题,\(cluster.count) 次:\(cluster.words.prefix(Self.mostExamples).joined(separator: " / "))\n"
        }
        for answer in misunderstood {
            text += "# 被误解的答复 \(answer.intent),\(answer.count) 次:\(answer.examples.joined(separator: " / "))\n"
        }
        var added: [String: [String]] = [:]
        for cluster in clusters {
            if let intent = cluster.intent { added[intent, default: []] += cluster.words.prefix(Self.mostExamples) }
        }
        for (intent, words) in added.sorted(by: { $0.key < $1.key }) {
            let path = "examples/\(intent).txt"
            let known = (try? String(contentsOfFile: folder + "/" + path, encoding: .utf8)) ?? ""
            let lines = known.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            let whole = lines.last == "" ? Array(lines.dropLast()) : lines
            let new = words.filter { !whole.contains($0) }
            if new.isEmpty { continue }
            let context = whole.suffix(3)
            let start = whole.count - context.count + 1
            text += "--- a/\(name)/\(path)\n+++ b/\(name)/\(path)\n"
            text += "@@ -\(start),\(context.count) +\(start),\(context.count + new.count) @@\n"
            for line in context { text += " \(line)\n" }
            for line in new { text += "+\(line)\n" }
        }
        return text
    }
}
