extension String {
    /// As it may stand in an element or an attribute; characters that XML 1.0 forbids become U+FFFD.
    package var xmlEscaped: String {
        var out = ""
        out.reserveCapacity(utf8.count)
        for scalar in unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&apos;"
            case "\t", "\n", "\r": out += "&#\(scalar.value);"
            case "\u{0}"..<"\u{20}", "\u{FFFE}", "\u{FFFF}": out += "\u{FFFD}"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}

/// RFC 4648.
func base64(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var out: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let left = min(3, bytes.count - start)
        var group = 0
        for index in 0..<3 { group = group << 8 | (index < left ? Int(bytes[start + index]) : 0) }
        for index in 0..<4 { out.append(index <= left ? digits[group >> (18 - 6 * index) & 63] : 0x3D) }
    }
    return String(decoding: out, as: UTF8.self)
}
