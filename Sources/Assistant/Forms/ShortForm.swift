import Explanation
import Notices

/// A text for a short message, cut where a sentence ends.
enum ShortForm {
    /// - Parameters:
    ///   - most: segments that it may take.
    ///   - link: stands behind it, whole.
    static func of(_ text: String, link: String?, most: Int) -> String {
        let text = EverydayWords.put([("\n", "")], into: text)
        let whole = joined(text, link: link)
        if SMSLength.segments(of: whole) <= most { return whole }
        var kept = ""
        for sentence in sentences(of: text) {
            if SMSLength.segments(of: joined(kept + sentence, link: link)) > most { break }
            kept += sentence
        }
        if !kept.isEmpty { return joined(kept, link: link) }
        // One sentence that is too long.
        var cut = firstSentence(of: text)
        while !cut.isEmpty, SMSLength.segments(of: joined(cut + "…", link: link)) > most { cut.removeLast() }
        return joined(cut + "…", link: link)
    }

    static func joined(_ text: String, link: String?) -> String { link.map { text + " " + $0 } ?? text }

    static func firstSentence(of text: String) -> String { sentences(of: text).first ?? text }

    private static func sentences(of text: String) -> [String] {
        var found: [String] = []
        var sentence = ""
        for character in text {
            sentence.append(character)
            if "。！？\n!?".contains(character) {
                found.append(sentence)
                sentence = ""
            }
        }
        return sentence.isEmpty ? found : found + [sentence]
    }
}
