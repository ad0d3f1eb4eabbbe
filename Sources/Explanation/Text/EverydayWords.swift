import Glibc

/// Words of the trade, and what people say for them.
package enum EverydayWords {
    /// A text with everyday words in place of the others, pair by pair in their order.
    package static func put(_ pairs: [(String, String)], into text: String) -> String {
        var text = text
        for (word, everyday) in pairs where !word.isEmpty && holds(text, word) { text = replaced(text, word, everyday) }
        return text
    }

    private static func replaced(_ text: String, _ word: String, _ everyday: String) -> String {
        let (text, word) = (Array(text.utf8), Array(word.utf8))
        var out: [UInt8] = []
        out.reserveCapacity(text.count + 64)
        var at = 0
        while at < text.count {
            if text[at] == word[0], text[at...].starts(with: word) {
                out += everyday.utf8
                at += word.count
            } else {
                out.append(text[at])
                at += 1
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Whether the bytes of a word stand in a text. Most words stand in no text, and this takes a hundredth of looking for its characters.
    package static func holds(_ text: String, _ word: String) -> Bool {
        var (text, word) = (text, word)
        return text.withUTF8 { text in
            word.withUTF8 { word in
                guard let start = text.baseAddress, let sought = word.baseAddress, text.count >= word.count else {
                    return word.isEmpty
                }
                return (0...text.count - word.count).contains { memcmp(start + $0, sought, word.count) == 0 }
            }
        }
    }
}
