import ConfigurationFiles
import Foundation
import HeatModel

/// How a language says things: sentences with places for figures, and words. Read from a file, never from code.
public struct Wording: Sendable {
    /// `zh`, `zh_plain`, `en`
    public let language: String
    private let sentences: [String: [Piece]]
    private let words: [String: String]
    /// What everyday words stand for others, in the file's order.
    private let replacements: [(String, String)]

    enum Piece: Sendable {
        case text(String)
        case place(String)
    }

    init(language: String, sentences: [String: [Piece]], words: [String: String], replacements: [(String, String)]) {
        self.language = language
        self.sentences = sentences
        self.words = words
        self.replacements = replacements
    }

    /// The sentence of a key with its places filled in; empty where the file lacks it, which ``Wordings/load(directory:)`` rules out.
    func say(_ key: String, _ values: [(String, String)] = []) -> String {
        guard let pieces = sentences[key] else { return "" }
        var text = ""
        for piece in pieces {
            switch piece {
            case .text(let part): text += part
            case .place(let name): text += values.first { $0.0 == name }?.1 ?? word("unknown")
            }
        }
        return text
    }

    func word(_ key: String) -> String { words[key] ?? key }
    func word(_ key: String, or other: String) -> String { words[key] ?? other }
    func has(word key: String) -> Bool { words[key] != nil }

    /// The word of a key with its places filled in.
    func word(_ key: String, _ values: [(String, String)]) -> String {
        var text = word(key)
        for (name, value) in values { text = text.replacingOccurrences(of: "{\(name)}", with: value) }
        return text
    }

    /// The finished text, in this language's everyday words.
    func finish(_ text: String) -> String {
        var text = text
        for (word, everyday) in replacements { text = text.replacingOccurrences(of: word, with: everyday) }
        return text
    }
}

/// The languages that answers are given in.
public struct Wordings: Sendable {
    private let byLanguage: [String: Wording]

    /// `zh`, `zh_plain` …, in order.
    public var languages: [String] { byLanguage.keys.sorted() }

    public subscript(_ language: String) -> Wording? { byLanguage[language] }

    /// Reads every `*.yaml` of a folder and checks that each language can say everything.
    ///
    /// - Throws: `ConfigurationErrors` with every problem of every file.
    public static func load(directory: String) throws -> Wordings {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            throw ConfigurationErrors([
                HearthError(
                    .init("config.unreadable"), "the folder of answers cannot be read",
                    at: .file(directory, line: 0, column: 0))
            ])
        }
        var problems: [HearthError] = []
        var files: [String: WordingFile] = [:]
        for name in names.filter({ $0.hasSuffix(".yaml") }).sorted() {
            var reader = ConfigurationReader(
                path: URL(fileURLWithPath: directory).appendingPathComponent(name).relativePath)
            if let file = reader.wordingFile() { files[name] = file }
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
                            .init("config.badValue"), "there is no file \"\(parent)\" to inherit from", at: file.place,
                            advice: NearestName.advice(parent, among: files.keys.sorted())))
                    continue
                }
                sentences.merge(other.sentences) { own, _ in own }
                words.merge(other.words) { own, _ in own }
            }
            for key in WordingCatalogue.sentences where sentences[key] == nil {
                problems.append(
                    HearthError(.init("config.missingKey"), "\(name) does not say \"\(key)\"", at: file.place))
            }
            for key in sentences.keys.sorted() where !WordingCatalogue.sentences.contains(key) {
                problems.append(
                    HearthError(
                        .init("config.unknownKey"), "nothing says \"\(key)\"", at: file.places[key] ?? file.place,
                        advice: NearestName.advice(key, among: WordingCatalogue.sentences)))
            }
            for key in WordingCatalogue.words where words[key] == nil {
                problems.append(
                    HearthError(.init("config.missingKey"), "\(name) has no word \"\(key)\"", at: file.place))
            }
            byLanguage[file.language] = Wording(
                language: file.language, sentences: sentences, words: words, replacements: file.replacements)
        }
        if byLanguage.isEmpty, problems.isEmpty {
            problems.append(
                HearthError(
                    .init("config.missing"), "the folder of answers has no file",
                    at: .file(directory, line: 0, column: 0)))
        }
        if !problems.isEmpty { throw ConfigurationErrors(problems) }
        return Wordings(byLanguage: byLanguage)
    }
}
