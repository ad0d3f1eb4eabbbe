/// Pieces of YAML.
enum YAMLText {
    /// In double quotes, with what would end them escaped.
    static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            case "\r": out += "\\r"
            default:
                if !isPrintable(scalar) {
                    out += "\\u" + hexadecimal(scalar.value)
                } else {
                    out.unicodeScalars.append(scalar)
                }
            }
        }
        return out + "\""
    }

    /// As it is where nothing in it means something to YAML, else quoted.
    static func plain(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.unicodeScalars.allSatisfy {
                $0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "_" || $0 == "."
            }
        let isWord = !["null", "true", "false", "yes", "no", "on", "off", "y", "n", "~"].contains(text.lowercased())
        let beginsWell = text.unicodeScalars.first.map { $0.properties.isAlphabetic } ?? false
        return isPlain && isWord && beginsWell ? text : quoted(text)
    }

    static func list(_ texts: [String]) -> String { "[" + texts.map(plain).joined(separator: ", ") + "]" }

    /// For a comment.
    static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ").filter {
            $0.unicodeScalars.allSatisfy(isPrintable)
        }
    }

    /// Whether YAML takes a character as it is, within a line.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...: true
        default: false
        }
    }

    private static func hexadecimal(_ value: UInt32) -> String {
        let text = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - text.count) + text
    }
}
