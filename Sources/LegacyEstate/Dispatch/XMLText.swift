/// Writes XML into bytes. Everything that is not markup of ours goes through an escaping method.
struct XMLText {
    private(set) var bytes: [UInt8] = []

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Markup as it stands; never data.
    mutating func markup(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// Markup with the same text, escaped, between each part and the next.
    mutating func markup(_ parts: StaticString..., around text: String) {
        for (index, part) in parts.enumerated() {
            if index > 0 { escaped(text) }
            markup(part)
        }
    }

    /// `<d:name>text</d:name>`, nothing at all for nil.
    mutating func element(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        open(name)
        escaped(text)
        close(name)
    }

    mutating func element(_ name: StaticString, _ time: LocalTime?) {
        guard let time else { return }
        open(name)
        self.time(time)
        close(name)
    }

    mutating func open(_ name: StaticString) {
        markup("<d:")
        markup(name)
        markup(">")
    }

    mutating func close(_ name: StaticString) {
        markup("</d:")
        markup(name)
        markup(">")
    }

    /// ` name="value"`
    mutating func attribute(_ name: StaticString, _ value: String) {
        markup(" ")
        markup(name)
        markup("=\"")
        escaped(value)
        markup("\"")
    }

    /// `2026-01-20T10:32:00+08:00`
    mutating func time(_ time: LocalTime) {
        bytes.append(time, separator: 0x54)
        markup("+08:00")
    }

    mutating func escaped(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case 0x26: markup("&amp;")
            case 0x3C: markup("&lt;")
            case 0x3E: markup("&gt;")
            case 0x22: markup("&quot;")
            case 0x0D: markup("&#13;")
            // Not allowed in XML 1.0 at all.
            case 0x00...0x08, 0x0B, 0x0C, 0x0E...0x1F: markup("\u{FFFD}")
            default: bytes.append(byte)
            }
        }
    }
}
