package import ConfigurationFiles
import HeatModel
import Yams

/// One file of wording as it was read.
struct WordingFile {
    var language: String
    var inherits: String?
    var sentences: [String: [Wording.Piece]] = [:]
    var words: [String: String] = [:]
    var replacements: [(String, String)] = []
    var places: [String: Place] = [:]
    var place: Place
    var warnings: [HearthError] = []
}

extension ConfigurationReader {
    /// A room's own sentences: one of each key of a section but `language`.
    package mutating func wording(_ top: Section) -> Wording? {
        guard let language = required("language", in: top, of: "the file") else { return nil }
        var sentences: [String: [Wording.Piece]] = [:]
        for entry in top.entries where entry.name != "language" {
            if let text = text(entry.value, "\"\(entry.name)\"") { sentences[entry.name] = pieces(text, entry.value) }
        }
        return Wording(language: language, sentences: sentences, words: [:], replacements: [])
    }

    mutating func wordingFile() -> WordingFile? {
        guard let (_, root) = load(), let top = section(root, "the file") else { return nil }
        expect(
            top, only: ["language", "inherits", "explain", "money", "orders", "hand_off", "triage", "words"],
            in: "the file")
        guard let language = required("language", in: top, of: "the file") else { return nil }
        var file = WordingFile(language: language, inherits: text(of: "inherits", in: top), place: top.place)
        for part in ["explain", "money", "orders", "hand_off", "triage"] {
            if let node = top[part] { read(node, part, &file) }
        }
        if let words = section(of: "words", in: top) {
            for entry in words.entries {
                guard let text = text(entry.value, "\"\(entry.name)\"") else { continue }
                if entry.name.hasPrefix("replace.") {
                    file.replacements.append((String(entry.name.dropFirst("replace.".count)), text))
                } else {
                    file.words[entry.name] = text
                    if !WordingCatalogue.words.contains(entry.name) {
                        report(
                            .configUnknownKey, "no answer uses the word \"\(entry.name)\"", at: entry.key,
                            advice: NearestName.advice(entry.name, among: WordingCatalogue.words))
                    }
                }
            }
        }
        return file
    }

    private mutating func read(_ node: Node, _ path: String, _ file: inout WordingFile) {
        guard case .mapping = node, let section = section(node, "\"\(path)\"") else {
            guard let text = text(node, "\"\(path)\"") else { return }
            var path = path
            if let current = WordingCatalogue.currentName(of: path) {
                file.warnings.append(
                    HearthError(
                        .configRenamedKey, "\"\(path)\" is now called \"\(current)\"", at: place(node),
                        advice: "rename the key; the next version no longer reads the old name"))
                path = current
            }
            file.sentences[path] = pieces(text, node)
            file.places[path] = place(node)
            return
        }
        for entry in section.entries { read(entry.value, "\(path).\(entry.name)", &file) }
    }

    /// `您家 {mine} 元` as text and placeholders.
    private mutating func pieces(_ text: String, _ node: Node) -> [Wording.Piece] {
        var pieces: [Wording.Piece] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            if open > rest.startIndex { pieces.append(.text(String(rest[..<open]))) }
            guard let close = rest[open...].firstIndex(of: "}") else {
                report(.configBadValue, "a brace is not closed", at: node)
                return pieces
            }
            let name = String(rest[rest.index(after: open)..<close])
            if let placeholder = Wording.Placeholder(rawValue: name) {
                pieces.append(.placeholder(placeholder))
            } else {
                report(
                    .configBadValue, "\"{\(name)}\" is filled in by nothing", at: node,
                    advice: NearestName.advice(name, among: WordingCatalogue.placeholders))
            }
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { pieces.append(.text(String(rest))) }
        return pieces
    }
}
