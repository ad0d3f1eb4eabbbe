/// Spellings of a unit that may follow the number in the text, after NFKC (which makes `m2` of `㎡` and `m²`).
enum UnitSuffixes {
    static let spellings: [(unit: String, suffixes: [String])] = [
        ("m2", ["平方米", "平米", "平方", "m2", "M2"]),
        ("m", ["米", "m", "M"]),
        ("m3", ["立方米", "m3", "M3"]),
        ("kWh", ["千瓦时", "kWh", "KWH", "kwh"]),
        ("GJ", ["吉焦", "GJ", "gj"]),
        ("MJ", ["兆焦", "MJ", "mj"]),
        ("MWh", ["兆瓦时", "MWh", "MWH", "mwh"]),
        ("degC", ["摄氏度", "°C", "度", "C"]),
        ("yuan", ["元"]),
        ("fen", ["分"]),
        ("day", ["天", "日"]),
        ("each", ["个", "台"]),
    ]

    static let known = spellings.map(\.unit)

    static func bytes(of unit: String) -> [[UInt8]] {
        spellings.first { $0.unit == unit }?.suffixes.map { Array(TextFolding.folded($0).utf8) } ?? []
    }

    /// The number before the unit; the text itself where no unit follows.
    static func strip(_ text: Text, _ suffixes: [[UInt8]]) -> Text {
        // A number alone, the usual case, ends in a digit that no suffix but m2 and m3 ends in.
        for suffix in suffixes where text.hasSuffix(suffix) {
            return text.prefix(text.count - suffix.count).trimmed()
        }
        return text
    }
}
