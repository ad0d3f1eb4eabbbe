/// A way in which something is said, of parts that follow each other: `<sound> <sound> 地|的? 响`.
///
/// A part is words with `|` between, `<kind>` for the words of a kind, `~N` for up to N characters of any word, or `#` for letters and
/// digits; `?` after it: it may be missing.
struct SlotForm: Sendable {
    private enum Part {
        case words([Scalars], isOptional: Bool)
        case kind(SlotWords.Kind, isOptional: Bool)
        case gap(Int)
        case code
    }

    private var parts: [Part] = []

    /// Nil where a part names no kind or says nothing.
    init?(_ text: String) {
        for token in text.split(separator: " ") {
            let isOptional = token.hasSuffix("?")
            let body = isOptional ? token.dropLast() : token
            if body.isEmpty { return nil }
            if body == "#" {
                parts.append(.code)
            } else if body.hasPrefix("~") {
                guard let most = Int(body.dropFirst()), (1...12).contains(most) else { return nil }
                parts.append(.gap(most))
            } else if body.hasPrefix("<"), body.hasSuffix(">") {
                guard let kind = SlotWords.Kind(rawValue: String(body.dropFirst().dropLast())) else { return nil }
                parts.append(.kind(kind, isOptional: isOptional))
            } else {
                let words = body.split(separator: "|").map { Utterance.plain(String($0)).text }
                parts.append(.words(words, isOptional: isOptional))
            }
        }
        if parts.isEmpty { return nil }
    }

    /// Where the longest stretch ends that begins at `start` and is said in this way.
    func end(in text: Scalars, from start: Int, _ words: SlotWords) -> Int? { end(text, start, 0, words) }

    private func end(_ text: Scalars, _ at: Int, _ part: Int, _ words: SlotWords) -> Int? {
        guard part < parts.count else { return at }
        var best: Int?
        func goOn(_ next: Int) {
            if let end = end(text, next, part + 1, words), end > best ?? -1 { best = end }
        }
        switch parts[part] {
        case .words(let list, let isOptional):
            for word in list where text[at...].starts(with: word) { goOn(at + word.count) }
            if isOptional { goOn(at) }
        case .kind(let kind, let isOptional):
            words.each(kind, text, from: at) { goOn($0) }
            if isOptional { goOn(at) }
        case .gap(let most):
            var next = at
            while next < text.count, next - at < most, ScalarKind.isHan(text[next]) {
                next += 1
                goOn(next)
            }
        case .code:
            var next = at
            while next < text.count, ScalarKind.isLetter(text[next]) || ScalarKind.isDigit(text[next]) { next += 1 }
            if next > at { goOn(next) }
        }
        return best
    }
}
