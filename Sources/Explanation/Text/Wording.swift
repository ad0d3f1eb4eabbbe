import ConfigurationFiles
import Foundation
package import HeatModel
import JSONText

/// A language's sentences, with placeholders for figures, and its words. Read from a file, never from code.
package struct Wording: Sendable {
    /// `zh`, `zh_plain`, `en`
    package let language: String
    private let sentences: [String: [Piece]]
    private let words: [String: String]
    /// What everyday words stand for others, in the file's order.
    private let replacements: [(String, String)]

    enum Piece: Sendable {
        case text(String)
        case placeholder(Placeholder)
    }

    /// A placeholder in a sentence, by its name in the file.
    package enum Placeholder: String, CaseIterable, Sendable {
        case season, mine, reference, difference, level, households, previous, change, fen, unit, cause, message,
            building,
            inner, shared, basis, charged, values, at, celsius, method, count, standard, state, days, amount, month
        case seasonDays = "season_days"
        case share, list, payable, paid, on, open, credit, fee, formula
        case dueOn = "due_on"
        case arrears, serial, invoice, full, saved, deadline, answer, documents
        case fault, request, order, address, network, station, valve
        case begins, end, kind, reason, hours, number
    }

    /// What replaces a placeholder.
    package enum Value {
        case text(String)
        case integer(Int)
        case fen(Fen)
        case decimal(ExactDecimal)
        case date(CivilDate)
    }

    init(language: String, sentences: [String: [Piece]], words: [String: String], replacements: [(String, String)]) {
        self.language = language
        self.sentences = sentences
        self.words = words
        self.replacements = replacements
    }

    /// The sentence of a key with its placeholders filled in; empty where the file lacks it, which ``Wordings/load(directory:)`` rules out.
    package func sentence(_ key: String, _ values: [(Placeholder, Value)] = []) -> String {
        var text = JSONBytes()
        write(key, values, to: &text)
        return text.text
    }

    /// Whether there is a sentence of this key.
    package func hasSentence(_ key: String) -> Bool { sentences[key] != nil }

    /// The placeholders of a sentence.
    package func placeholders(of key: String) -> [Placeholder] {
        (sentences[key] ?? []).compactMap { if case .placeholder(let placeholder) = $0 { placeholder } else { nil } }
    }

    /// Appends that sentence.
    func write(_ key: String, _ values: [(Placeholder, Value)], to text: inout JSONBytes) {
        guard let pieces = sentences[key] else { return }
        for piece in pieces {
            switch piece {
            case .text(let part): text.raw(part)
            case .placeholder(let placeholder):
                switch values.first(where: { $0.0 == placeholder })?.1 {
                case .text(let value): text.raw(value)
                case .integer(let value): text.integer(Int64(value))
                case .fen(let value): text.digits(value)
                case .decimal(let value): text.digits(value)
                case .date(let value): text.digits(value)
                case nil: text.raw(word("unknown"))
                }
            }
        }
    }

    package func word(_ key: String) -> String { words[key] ?? key }
    package func word(_ key: String, or other: String) -> String { words[key] ?? other }

    /// What may have caused a difference, with its figure.
    func cause(_ kind: String, figure: String) -> String {
        word("cause.\(kind)").replacingOccurrences(of: "{figure}", with: figure)
    }

    /// Words in a row.
    package func list(_ words: [String]) -> Value { .text(words.joined(separator: word("separator"))) }

    /// What stands between two sentences of a line.
    package var blank: StaticString { language.hasPrefix("zh") ? "" : " " }

    /// Whether ``finish(_:)`` may change anything.
    var hasReplacements: Bool { !replacements.isEmpty }

    /// The finished text, in this language's everyday words.
    package func finish(_ text: String) -> String { EverydayWords.put(replacements, into: text) }
}

/// The languages that answers are given in.
package struct Wordings: Sendable {
    private let byLanguage: [String: Wording]

    /// `zh`, `zh_plain` …, in order.
    package var languages: [String] { byLanguage.keys.sorted() }

    /// Keys of an earlier version that the files still use, each at its place; they keep working for one version.
    package let warnings: [HearthError]

    package subscript(_ language: String) -> Wording? { byLanguage[language] }

    /// Reads every `*.yaml` of a folder and checks that each language can say everything.
    ///
    /// - Throws: `ConfigurationErrors` with every problem of every file.
    package static func load(directory: String) throws -> Wordings {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            throw ConfigurationErrors([
                HearthError(
                    .configUnreadable, "the folder of answers cannot be read",
                    at: .file(directory, line: 0, column: 0))
            ])
        }
        var problems: [HearthError] = []
        var warnings: [HearthError] = []
        var files: [String: WordingFile] = [:]
        for name in names.filter({ $0.hasSuffix(".yaml") }).sorted() {
            var reader = ConfigurationReader(
                path: URL(fileURLWithPath: directory).appendingPathComponent(name).relativePath)
            if let file = reader.wordingFile() {
                files[name] = file
                warnings += file.warnings
            }
            problems += reader.problems
        }
        var byLanguage: [String: Wording] = [:]
        for (name, file) in files.sorted(by: { $0.key < $1.key }) {
            var sentences = file.sentences
            var words = file.words
            if let parent = file.inherits {
                guard let other = files[parent] else {
                    problems.append(
                        HearthError(
                            .configBadValue, "there is no file \"\(parent)\" to inherit from", at: file.place,
                            advice: NearestName.advice(parent, among: files.keys.sorted())))
                    continue
                }
                sentences.merge(other.sentences) { own, _ in own }
                words.merge(other.words) { own, _ in own }
            }
            let lacking = WordingCatalogue.sentences.filter { sentences[$0] == nil }
            if let first = lacking.first {
                let others = lacking.count == 1 ? "" : " and \(lacking.count - 1) more"
                problems.append(
                    HearthError(
                        .configMissingKey, "\(name) lacks the sentence \"\(first)\"\(others)", at: file.place,
                        advice:
                            "Take them over from the file of that name in a new workspace, which \(.initialize) writes into an empty folder."
                    ))
            }
            for key in sentences.keys.sorted() where !WordingCatalogue.sentences.contains(key) {
                problems.append(
                    HearthError(
                        .configUnknownKey, "no answer uses the sentence \"\(key)\"",
                        at: file.places[key] ?? file.place,
                        advice: NearestName.advice(key, among: WordingCatalogue.sentences)))
            }
            for key in WordingCatalogue.words where words[key] == nil {
                problems.append(
                    HearthError(.configMissingKey, "\(name) has no word \"\(key)\"", at: file.place))
            }
            byLanguage[file.language] = Wording(
                language: file.language, sentences: sentences, words: words, replacements: file.replacements)
        }
        if byLanguage.isEmpty, problems.isEmpty {
            problems.append(
                HearthError(
                    .configMissing, "the folder of answers has no file",
                    at: .file(directory, line: 0, column: 0)))
        }
        if !problems.isEmpty { throw ConfigurationErrors(problems) }
        return Wordings(byLanguage: byLanguage, warnings: warnings)
    }
}
