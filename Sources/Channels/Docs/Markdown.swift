/// A page of Markdown, read strictly: headings, paragraphs, flat lists, tables, fenced code, and in a line code, bold and links.
///
/// What else GitHub would make something of (HTML, pictures, quotes, bare addresses, nested lists) is a ``problem``, so that
/// a page is shown here as it is shown there. Nothing of it becomes markup unless this type knows it.
package struct Markdown: Sendable {
    package indirect enum Inline: Sendable, Equatable {
        case text(String)
        case code(String)
        case bold([Inline])
        case stressed([Inline])
        case link([Inline], to: String)
    }

    package enum Block: Sendable, Equatable {
        case heading(Int, [Inline], id: String)
        case paragraph([Inline])
        case list(isOrdered: Bool, [[Inline]])
        case table(head: [[Inline]], rows: [[[Inline]]])
        /// - Parameter kind: all that stands behind the opening fence.
        case code(kind: String, String)
    }

    /// What this page may not hold.
    package struct Problem: Sendable, Equatable, CustomStringConvertible {
        package var line: Int
        package var message: String
        package var description: String { "\(line): \(message)" }
    }

    package private(set) var blocks: [Block] = []
    package private(set) var problems: [Problem] = []
    private var lines: [Substring]
    private var next = 0
    private var ids: Set<String> = []

    package init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        while next < lines.count { readBlock() }
        lines = []
    }

    /// Text of the first heading of the first level.
    package var title: String {
        for case .heading(1, let words, _) in blocks { return Self.plain(words) }
        return ""
    }

    /// The first paragraph, without its markup.
    package var summary: String {
        for case .paragraph(let words) in blocks { return Self.plain(words) }
        return ""
    }

    /// Where links lead, in order.
    package var links: [String] {
        func links(_ words: [Inline]) -> [String] {
            words.flatMap { word -> [String] in
                switch word {
                case .link(_, let target): [target]
                case .bold(let inner), .stressed(let inner): links(inner)
                case .text, .code: []
                }
            }
        }
        return blocks.flatMap { block -> [String] in
            switch block {
            case .heading(_, let words, _), .paragraph(let words): links(words)
            case .list(_, let items): items.flatMap(links)
            case .table(let head, let rows): (head + rows.flatMap(\.self)).flatMap(links)
            case .code: []
            }
        }
    }

    package static func plain(_ words: [Inline]) -> String {
        words.map { word in
            switch word {
            case .text(let text), .code(let text): text
            case .bold(let inner), .stressed(let inner), .link(let inner, _): plain(inner)
            }
        }.joined()
    }

    // MARK: Blocks

    private mutating func report(_ message: String, at line: Int) {
        problems.append(Problem(line: line + 1, message: message))
    }

    private mutating func readBlock() {
        let line = lines[next]
        if line.allSatisfy({ $0 == " " }) {
            next += 1
        } else if line.hasPrefix("```") {
            readCode()
        } else if line.hasPrefix("#") {
            readHeading()
        } else if line.hasPrefix("|") {
            readTable()
        } else if Self.item(line) != nil {
            readList()
        } else {
            readParagraph()
        }
    }

    private mutating func readHeading() {
        let line = lines[next]
        let level = line.prefix { $0 == "#" }.count
        let words = line.dropFirst(level).drop { $0 == " " }
        if level > 3 || line.dropFirst(level).first != " " || words.isEmpty { report("no heading", at: next) }
        let inlines = inlines(words, at: next)
        let id = Self.id(Self.plain(inlines))
        if !ids.insert(id).inserted { report("a second heading \"\(id)\"", at: next) }
        blocks.append(.heading(min(level, 3), inlines, id: id))
        next += 1
    }

    /// As GitHub makes it of a heading.
    static func id(_ words: String) -> String {
        String(
            words.lowercased().compactMap { character -> Character? in
                if character == " " { return "-" }
                return character.isLetter || character.isNumber || character == "-" || character == "_"
                    ? character : nil
            })
    }

    private mutating func readCode() {
        let start = next
        let kind = lines[next].dropFirst(3)
        next += 1
        var code: [Substring] = []
        while next < lines.count, lines[next] != "```" {
            code.append(lines[next])
            next += 1
        }
        if next == lines.count { report("a fence that is not closed", at: start) }
        if kind.hasPrefix("`") { report("a longer fence", at: start) }
        next += 1
        blocks.append(.code(kind: String(kind), code.joined(separator: "\n")))
    }

    private mutating func readTable() {
        var rows: [[[Inline]]] = []
        let start = next
        while next < lines.count, lines[next].hasPrefix("|") {
            let cells = Self.cells(lines[next])
            if next == start + 1 {
                if !cells.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0 == "-" } }) {
                    report("a table needs | --- | below its head", at: next)
                }
            } else {
                rows.append(cells.map { inlines($0[...], at: next) })
            }
            if cells.count != Self.cells(lines[start]).count { report("a row of another length", at: next) }
            next += 1
        }
        if next < start + 3 { report("a table without rows", at: start) }
        blocks.append(.table(head: rows.first ?? [], rows: Array(rows.dropFirst())))
    }

    private static func cells(_ line: Substring) -> [String] {
        var cells = [""]
        var isEscaped = false
        for character in line {
            if isEscaped {
                cells[cells.count - 1] += character == "|" ? "|" : "\\\(character)"
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "|" {
                cells.append("")
            } else {
                cells[cells.count - 1].append(character)
            }
        }
        // What stands before the first bar and behind the last.
        return cells.dropFirst().dropLast().map { $0.trimmingBlanks }
    }

    /// What stands behind the mark of an item.
    private static func item(_ line: Substring) -> (isOrdered: Bool, words: Substring)? {
        if line.hasPrefix("- ") { return (false, line.dropFirst(2)) }
        let digits = line.prefix { $0.isASCII && $0.isNumber }
        if !digits.isEmpty, line.dropFirst(digits.count).hasPrefix(". ") {
            return (true, line.dropFirst(digits.count + 2))
        }
        return nil
    }

    private mutating func readList() {
        var items: [[Inline]] = []
        let isOrdered = Self.item(lines[next])?.isOrdered ?? false
        while next < lines.count, let item = Self.item(lines[next]) {
            if item.isOrdered != isOrdered { report("a list of two kinds", at: next) }
            let start = next
            var words = String(item.words)
            next += 1
            while next < lines.count, lines[next].hasPrefix("  ") {
                let more = lines[next].drop { $0 == " " }
                if Self.item(more) != nil || more.hasPrefix("```") || more.hasPrefix("|") {
                    report("nothing is nested in a list", at: next)
                }
                Self.join(&words, more)
                next += 1
            }
            items.append(inlines(words[...], at: start))
        }
        blocks.append(.list(isOrdered: isOrdered, items))
    }

    private mutating func readParagraph() {
        let start = next
        var words = ""
        while next < lines.count, !lines[next].isEmpty, !lines[next].hasPrefix("#"), !lines[next].hasPrefix("```"),
            !lines[next].hasPrefix("|"), next == start || Self.item(lines[next]) == nil
        {
            let line = lines[next]
            if line.hasPrefix(" ") || line.hasPrefix("\t") { report("an indented line", at: next) }
            if line.hasPrefix(">") { report("quotes are not known", at: next) }
            if ["---", "***", "==="].contains(where: line.hasPrefix) { report("rules are not known", at: next) }
            if line.hasPrefix("* ") || line.hasPrefix("+ ") { report("items begin with a dash", at: next) }
            if line.last == " " || line.last == "\\" { report("a line's end that breaks it", at: next) }
            Self.join(&words, line)
            next += 1
        }
        blocks.append(.paragraph(inlines(words[...], at: start)))
    }

    /// Lines of Chinese have no blank between them.
    private static func join(_ words: inout String, _ line: Substring) {
        guard let last = words.unicodeScalars.last, let first = line.unicodeScalars.first else {
            words += line
            return
        }
        words += last.value >= 0x2E80 || first.value >= 0x2E80 ? line : " " + line
    }

    // MARK: Lines

    private mutating func inlines(_ text: Substring, at line: Int) -> [Inline] {
        var found: [Inline] = []
        var plain = ""
        func end() {
            if !plain.isEmpty { found.append(.text(plain)) }
            plain = ""
        }
        var rest = text
        while let character = rest.first {
            switch character {
            case "`":
                let count = rest.prefix { $0 == "`" }.count
                let fence = String(repeating: "`", count: count)
                rest = rest.dropFirst(count)
                guard let close = rest.firstRange(of: fence) else {
                    report("code that is not closed", at: line)
                    plain += fence
                    continue
                }
                end()
                found.append(.code(String(rest[..<close.lowerBound])))
                rest = rest[close.upperBound...]
            case "*":
                let mark = rest.hasPrefix("**") ? "**" : "*"
                let behind = rest.dropFirst(mark.count)
                guard let close = behind.firstRange(of: mark) else {
                    report("a star that stresses nothing", at: line)
                    plain += mark
                    rest = behind
                    continue
                }
                let (inner, after) = (behind[..<close.lowerBound], behind[close.upperBound...])
                // GitHub lets a mark or a blank stand there only where Chinese has none.
                if Self.isMark(inner.first) || inner.first == " " || inner.last == " " {
                    report("stress that begins with a mark or a blank", at: line)
                }
                if Self.isMark(inner.last), let next = after.first, next != " ", !Self.isMark(next) {
                    report("stress that ends with a mark", at: line)
                }
                end()
                let words = inlines(inner, at: line)
                found.append(mark == "*" ? .stressed(words) : .bold(words))
                rest = after
            case "[":
                guard let close = Self.closing(rest), rest[close...].hasPrefix("]("),
                    let stop = rest[close...].firstIndex(of: ")")
                else {
                    report("a bracket that is no link", at: line)
                    plain.append(character)
                    rest = rest.dropFirst()
                    continue
                }
                end()
                let words = inlines(rest[rest.index(after: rest.startIndex)..<close], at: line)
                let target = String(rest[rest.index(close, offsetBy: 2)..<stop])
                if target.isEmpty || target.contains(where: { $0 == " " || $0 == "<" || $0 == "\"" }) {
                    report("a link to \"\(target)\"", at: line)
                }
                found.append(.link(words, to: target))
                rest = rest[rest.index(after: stop)...]
            default:
                if let message = Self.fault(rest, after: plain.last) { report(message, at: line) }
                plain.append(character)
                rest = rest.dropFirst()
            }
        }
        end()
        return found
    }

    private static func isMark(_ character: Character?) -> Bool {
        character.map { $0.isPunctuation || $0.isSymbol } ?? false
    }

    /// The bracket that closes the one that the text begins with; what is code within is skipped.
    private static func closing(_ text: Substring) -> Substring.Index? {
        var isCode = false
        for index in text.indices.dropFirst() {
            if text[index] == "`" { isCode.toggle() }
            if !isCode, text[index] == "]" { return index }
            if !isCode, text[index] == "[" { return nil }
        }
        return nil
    }

    /// What GitHub would make something else of than the character that stands there.
    private static func fault(_ text: Substring, after before: Character?) -> String? {
        let second = text.dropFirst().first
        switch text.first {
        case "\\": return "an escape outside of a table"
        case "!" where second == "[": return "pictures are not known"
        case "<" where second.map { $0.isLetter || $0 == "/" || $0 == "!" } == true: return "HTML is not known"
        case "~" where second == "~": return "struck out words are not known"
        case "&" where text.prefixMatch(of: /&#?\w+;/) != nil: return "entities are not known"
        case "_":
            let isWord = { (character: Character?) in character.map { $0.isLetter || $0.isNumber } ?? false }
            return isWord(before) && isWord(second) ? nil : "an underscore outside of code"
        case "h" where text.hasPrefix("http://") || text.hasPrefix("https://"): return "an address outside of code"
        default: return nil
        }
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        var text = self[...].drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
