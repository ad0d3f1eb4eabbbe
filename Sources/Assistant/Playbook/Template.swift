import HeatModel

/// A text with placeholders in braces.
struct Template: Sendable {
    enum Piece: Sendable {
        case text(String)
        case value(String)
    }

    let pieces: [Piece]

    /// - Throws: what is wrong with it.
    init(_ text: String) throws(Problem) {
        var pieces: [Piece] = []
        var rest = Substring(text)
        while let open = rest.firstIndex(of: "{") {
            if open > rest.startIndex { pieces.append(.text(String(rest[..<open]))) }
            guard let close = rest[open...].firstIndex(of: "}") else { throw Problem(words: "a brace is not closed") }
            let name = String(rest[rest.index(after: open)..<close])
            let isName = !name.isEmpty && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            if !isName { throw Problem(words: "\"{\(name)}\" is no placeholder: letters, digits and _ in braces") }
            pieces.append(.value(name))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { pieces.append(.text(String(rest))) }
        self.pieces = pieces
    }

    struct Problem: Error { var words: String }

    var names: [String] {
        pieces.compactMap { if case .value(let name) = $0 { name } else { nil } }
    }

    func filled(_ value: (String) -> String?) -> String {
        var text = ""
        for piece in pieces {
            switch piece {
            case .text(let plain): text += plain
            case .value(let name): text += value(name) ?? ""
            }
        }
        return text
    }
}
