import HeatModel

/// What a header may say, whatever kind of file it stands in.
enum HeaderNames {
    /// Why a name names no column; nil where it does.
    static func problem(_ name: String, at index: Int, _ seen: inout Set<String>) -> (message: String, advice: String)?
    {
        let advice = "Have the sender name the columns, or configure `columns` and the preamble."
        if name.allSatisfy(\.isWhitespace) { return ("column \(index + 1) has no name", advice) }
        if name.utf8.contains(0) {
            return (
                "the header holds zero bytes: the file may be UTF-16 without a mark",
                "Declare the stream's encoding, such as `encoding: utf-16le`."
            )
        }
        if !seen.insert(name).inserted {
            return ("column \(index + 1) has the name of an earlier one: \(name)", advice)
        }
        return nil
    }

    /// How the names differ from what was agreed; nil where they do not.
    static func change(_ names: [String], _ expected: [String]) -> String? {
        if names == expected { return nil }
        let index = zip(expected, names).prefix { $0 == $1 }.count
        return "column \(index + 1) is \(index < names.count ? names[index] : "missing"), expected "
            + (index < expected.count ? expected[index] : "none")
    }

    static let changeAdvice = "Change the stream's `columns` and its mapping, or have the file sent as agreed."
}
