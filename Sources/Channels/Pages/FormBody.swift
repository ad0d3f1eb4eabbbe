/// The fields of a form that a browser sent (`application/x-www-form-urlencoded`), each at most once.
package struct FormBody: Sendable {
    package let fields: [String: String]

    package subscript(name: String) -> String? { fields[name] }

    /// Nil where it is broken, not UTF-8, has a field twice or too many of them.
    package init?(_ body: [UInt8], mostFields: Int = 64) {
        var fields: [String: String] = [:]
        for item in body.split(separator: 0x26) {
            let sides = item.split(separator: 0x3D, maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(sides[0]), let value = Self.decoded(sides.count > 1 ? sides[1] : []),
                fields.updateValue(value, forKey: name) == nil, fields.count <= mostFields
            else { return nil }
        }
        self.fields = fields
    }

    /// A part of a form, a query or a path; nil for a broken escape or bytes that are not UTF-8.
    ///
    /// - Parameter plusIsBlank: in a path a plus is one.
    package static func decoded(_ text: ArraySlice<UInt8>, plusIsBlank: Bool = true) -> String? {
        text.withUnsafeBufferPointer { text in
            if !text.contains(0x25), !plusIsBlank { return String(validating: text, as: UTF8.self) }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(text.count)
            var index = 0
            while index < text.count {
                let byte = text[index]
                index += 1
                if byte == 0x25 {
                    guard index + 2 <= text.count, let high = hex(text[index]), let low = hex(text[index + 1]) else {
                        return nil
                    }
                    bytes.append(high << 4 | low)
                    index += 2
                } else {
                    bytes.append(byte == 0x2B && plusIsBlank ? 0x20 : byte)
                }
            }
            return String(validating: bytes, as: UTF8.self)
        }
    }

    /// As it stands in a form or a query.
    package static func encoded(_ text: String) -> String {
        var out = ""
        for byte in text.utf8 {
            if byte &- 0x30 <= 9 || (byte | 0x20) &- 0x61 < 26 || [0x2D, 0x2E, 0x5F, 0x7E].contains(byte) {
                out.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                out += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return out
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
