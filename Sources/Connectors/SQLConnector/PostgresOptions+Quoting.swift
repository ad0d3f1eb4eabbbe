extension PostgresOptions {
    /// A value that comes from outside, as it can stand in a connection string after what stands there already: it stays one value,
    /// whatever it holds, and can never be a setting.
    ///
    /// - Parameter before: the connection string up to the value, `host=db password=` or `postgres://hearth:`.
    /// - Returns: nil where the value would stand in the place of a setting's name.
    package static func quoted(_ value: String, after before: String) -> String? {
        if before.hasPrefix("postgres://") || before.hasPrefix("postgresql://") {
            return value.utf8.reduce(into: "") { text, byte in
                let isPlain =
                    byte &- 0x30 <= 9 || byte & 0xDF &- 0x41 < 26 || byte == 0x2D || byte == 0x2E || byte == 0x5F
                if isPlain {
                    text.unicodeScalars.append(UnicodeScalar(byte))
                } else {
                    let digits = Array("0123456789ABCDEF")
                    text += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
                }
            }
        }
        var isQuoted = false
        var isEscaped = false
        for character in before {
            if isEscaped {
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "'" {
                isQuoted.toggle()
            }
        }
        if !isQuoted && !value.isEmpty && !Self.isInValue(before) { return nil }
        // After `=` libpq passes over blanks, up to the next setting.
        if value.isEmpty { return !isQuoted && before.last(where: { !$0.isWhitespace }) == "=" ? "''" : "" }
        return value.unicodeScalars.reduce(into: "") { text, scalar in
            if scalar == "'" || scalar == "\\" || (!isQuoted && scalar.properties.isWhitespace) {
                text.unicodeScalars.append("\\")
            }
            text.unicodeScalars.append(scalar)
        }
    }

    /// Whether the end of an unquoted connection string stands in a value, or right before one.
    private static func isInValue(_ text: String) -> Bool {
        let word = text.reversed().prefix { !$0.isWhitespace }
        if word.contains("=") { return true }
        return text.dropLast(word.count).last { !$0.isWhitespace } == "="
    }
}
