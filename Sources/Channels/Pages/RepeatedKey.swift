import Foundation

/// Keys that stand twice in one object of JSON: which of the two a reader takes is chance, so such a body says nothing.
package enum RepeatedKey {
    /// The first one, in bytes that are known to be JSON; nil where there is none.
    package static func first(in json: [UInt8]) -> String? {
        var open: [Set<String>] = []
        var index = 0
        while index < json.count {
            switch json[index] {
            case 0x7B, 0x5B: open.append([])
            case 0x7D, 0x5D: _ = open.popLast()
            case 0x22:
                let start = index
                index += 1
                while index < json.count, json[index] != 0x22 { index += json[index] == 0x5C ? 2 : 1 }
                var next = index + 1
                while next < json.count, [0x20, 0x09, 0x0A, 0x0D].contains(json[next]) { next += 1 }
                // Only a key is followed by a colon.
                if next < json.count, json[next] == 0x3A, !open.isEmpty, let key = text(json[start...index]),
                    !open[open.count - 1].insert(key).inserted
                {
                    return key
                }
            default: break
            }
            index += 1
        }
        return nil
    }

    /// What a JSON string says, whichever way it is escaped.
    private static func text(_ string: ArraySlice<UInt8>) -> String? {
        let value = try? JSONSerialization.jsonObject(with: Data(string), options: .fragmentsAllowed)
        return value as? String
    }
}
