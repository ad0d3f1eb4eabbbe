import HeatModel
import JSONText

/// What stands in an answer's document.
struct AnswerReader: Sendable {
    let json: [UInt8]

    private func at<Result>(_ path: [String], _ read: (UnsafeRawBufferPointer) -> Result?) -> Result? {
        json.withUnsafeBytes { whole in
            var value: UnsafeRawBufferPointer? = whole
            for key in path {
                guard let object = value else { return nil }
                var key = key
                value = key.withUTF8 { JSONMembers.value(of: UnsafeRawBufferPointer($0), in: object) }
            }
            return value.flatMap(read)
        }
    }

    func text(_ path: String...) -> String? { at(path) { $0.jsonText } }
    func integer(_ path: String...) -> Int64? { at(path) { $0.integer } }
    func flag(_ path: String...) -> Bool? { at(path) { $0.equals("true") ? true : $0.equals("false") ? false : nil } }

    func list(_ path: String...) -> [AnswerReader] {
        at(path) { value in
            var found: [AnswerReader] = []
            var elements = JSONMembers(value)
            while let (_, element) = elements.next() { found.append(AnswerReader(json: Array(element))) }
            return found
        } ?? []
    }

    /// The words of an answer: `text`, in the one language that was asked for.
    var words: String? { text("text") ?? list("text").first?.text("text") }

    /// The records that it names as evidence, each once.
    var evidence: [(source: String, key: String, instant: String?)] {
        var found: [(String, String, String?)] = []
        var seen: Set<String> = []
        json.withUnsafeBytes {
            Self.walk($0, depth: 0) { source, key, instant in
                if seen.insert("\(source)/\(key)").inserted { found.append((source, key, instant)) }
            }
        }
        return found
    }

    private static func walk(
        _ value: UnsafeRawBufferPointer, depth: Int, _ note: (String, String, String?) -> Void
    ) {
        guard depth < 8, value.count > 1, value[0] == 0x7B || value[0] == 0x5B else { return }
        if value[0] == 0x7B, let source = JSONMembers.value(of: "source", in: value)?.jsonText,
            let key = JSONMembers.value(of: "key", in: value)?.jsonText
        {
            note(source, key, JSONMembers.value(of: "instant", in: value)?.jsonText)
        }
        var members = JSONMembers(value)
        while let (_, member) = members.next() { walk(member, depth: depth + 1, note) }
    }
}
