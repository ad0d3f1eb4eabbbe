/// A header field that is a string of Structured Fields (RFC 9651), as `Idempotency-Key` is: `"8e03978e-40d5"`.
enum StructuredString {
    /// The string, without what parameters follow it; nil where the field is none.
    static func read(_ field: String) -> String? {
        let bytes = Array(field.trimmingBlanks.utf8)
        guard bytes.first == 0x22 else { return nil }
        var text: [UInt8] = []
        var index = 1
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case 0x22:
                let rest = bytes[(index + 1)...]
                return rest.isEmpty || rest.first == 0x3B ? String(decoding: text, as: UTF8.self) : nil
            case 0x5C:
                index += 1
                guard index < bytes.count, bytes[index] == 0x22 || bytes[index] == 0x5C else { return nil }
                text.append(bytes[index])
            case 0x20...0x7E: text.append(byte)
            default: return nil
            }
            index += 1
        }
        return nil
    }
}
