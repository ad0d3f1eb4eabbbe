import JSONText

/// An answer's JSON for people: the words where the answer has some, else a line for each value.
package enum PlainText {
    package static func of(_ json: [UInt8]) -> String {
        json.withUnsafeBytes { json in
            if let texts = JSONMembers.value(of: "texts", in: json) ?? JSONMembers.value(of: "text", in: json) {
                if let text = texts.jsonText { return text }
                var members = JSONMembers(texts)
                if let (_, first) = members.next() {
                    if let text = first.jsonText { return text }
                    if let text = JSONMembers.value(of: "text", in: first)?.jsonText { return text }
                }
            }
            var lines: [String] = []
            write(json, indent: 0, into: &lines)
            return lines.joined(separator: "\n")
        }
    }

    private static func write(_ json: UnsafeRawBufferPointer, indent: Int, into lines: inout [String]) {
        let space = String(repeating: "  ", count: indent)
        let isObject = json.first == 0x7B
        var members = JSONMembers(json)
        while let (key, value) = members.next() {
            let name = String(decoding: key, as: UTF8.self)
            // Its twin says it in yuan.
            if name.hasSuffix("_fen") || name == "fen" { continue }
            let label = isObject ? name.replacing("_", with: " ") + ":" : "-"
            switch value.first {
            case 0x7B, 0x5B:
                if value.count == 2 {
                    lines.append("\(space)\(label) –")
                } else if value.first == 0x5B, let texts = texts(value) {
                    lines.append("\(space)\(label) \(texts.joined(separator: ", "))")
                } else {
                    lines.append(space + label)
                    write(value, indent: indent + 1, into: &lines)
                }
            default: lines.append("\(space)\(label) \(value.jsonText ?? String(decoding: value, as: UTF8.self))")
            }
        }
    }

    /// The elements of an array of plain values.
    private static func texts(_ array: UnsafeRawBufferPointer) -> [String]? {
        var texts: [String] = []
        var elements = JSONMembers(array)
        while let (_, value) = elements.next() {
            if value.first == 0x7B || value.first == 0x5B { return nil }
            texts.append(value.jsonText ?? String(decoding: value, as: UTF8.self))
        }
        return texts
    }
}
