/// Splits a canonical body into its keys and the JSON text of their values. It trusts its input to be such a body.
enum FlatObject {
    static func values(_ json: String) -> [String: String] {
        var values: [String: String] = [:]
        let bytes = Array(json.utf8)
        var index = 1
        while index < bytes.count, bytes[index] == 0x22 {
            let keyEnd = end(bytes, index)
            let key = String(decoding: bytes[index + 1..<keyEnd - 1], as: UTF8.self)
            let start = keyEnd + 1
            guard start < bytes.count else { break }
            let valueEnd = end(bytes, start)
            values[key] = String(decoding: bytes[start..<valueEnd], as: UTF8.self)
            index = valueEnd + 1
        }
        return values
    }

    /// Just beyond the value that begins at `start`.
    private static func end(_ bytes: [UInt8], _ start: Int) -> Int {
        var index = start
        var isText = false
        var depth = 0
        while index < bytes.count {
            let byte = bytes[index]
            if isText {
                if byte == 0x5C {
                    index += 1
                } else if byte == 0x22 {
                    isText = false
                    if depth == 0 { return index + 1 }
                }
            } else {
                switch byte {
                case 0x22: isText = true
                case 0x5B: depth += 1
                case 0x5D:
                    depth -= 1
                    if depth == 0 { return index + 1 }
                case 0x2C, 0x7D: if depth == 0 { return index }
                default: break
                }
            }
            index += 1
        }
        return index
    }
}
