import HeatModel
import JSONText

/// An answer that can be said in words, and written as JSON with those words under `text`.
package protocol TextAnswer: Sendable {
    func render(into text: inout AnswerText)
    /// The document as UTF-8 JSON, with the answer in each of these wordings.
    func json(in wordings: [Wording]) -> [UInt8]
}

extension TextAnswer {
    /// The answer in words, a sentence or two a line.
    package func text(_ wording: Wording) -> String {
        var text = AnswerText(wording)
        render(into: &text)
        return text.text
    }
}

/// An answer in words while it is being written.
package struct AnswerText: ~Copyable {
    package let wording: Wording
    /// UTF-8.
    private var bytes = JSONBytes(capacity: 2048)
    private var isAtStart = true

    package init(_ wording: Wording) { self.wording = wording }

    /// Begins a line with a sentence. An empty sentence leaves no line.
    package mutating func line(_ key: String, _ values: [(Wording.Placeholder, Wording.Value)] = []) {
        isAtStart = true
        more(key, values)
    }

    /// Goes on in the same line.
    package mutating func more(_ key: String, _ values: [(Wording.Placeholder, Wording.Value)] = []) {
        let before = bytes.count
        if before > 0 { bytes.raw(isAtStart ? "\n" : wording.blank) }
        let start = bytes.count
        wording.write(key, values, to: &bytes)
        if bytes.count == start { return bytes.removeLast(start - before) }
        isAtStart = false
    }

    /// A line that is text already.
    package mutating func line(text: String) {
        if text.isEmpty { return }
        if bytes.count > 0 { bytes.raw("\n") }
        bytes.raw(text)
        isAtStart = false
    }

    /// The finished text.
    package var text: String { wording.finish(bytes.text) }

    /// Appends the finished text as a JSON string.
    borrowing func write(to json: inout JSONBytes) {
        if wording.hasReplacements { return json.string(text) }
        bytes.withUnsafeBytes { json.string($0) }
    }
}
