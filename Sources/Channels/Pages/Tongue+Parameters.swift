/// What is wrong with a parameter, for who reads no English.
extension Tongue {
    /// Of a problem's detail (`"run" must be a whole number`) in Chinese; nil in English, where it says so itself, and where there are no words.
    package func meaning(ofParameter detail: String?) -> String? {
        guard self == .chinese, let detail, detail.hasPrefix("\"") else { return nil }
        let rest = detail.dropFirst()
        guard let end = rest.firstRange(of: "\" ") else { return nil }
        let rule = rest[end.upperBound...]
        for (pattern, words) in Self.rules {
            guard let values = Self.values(in: rule, of: pattern) else { continue }
            return "\(rest[..<end.lowerBound]) "
                + zip(words.split(separator: "#", omittingEmptySubsequences: false), values + [""])
                .map { $0 + $1.replacing(", ", with: "、") }.joined()
        }
        return nil
    }

    /// What stands in a text where a pattern has `#`; nil where the text is no such one.
    private static func values(in text: Substring, of pattern: String) -> [Substring]? {
        let parts = pattern.split(separator: "#", omittingEmptySubsequences: false)
        guard text.hasPrefix(parts[0]) else { return nil }
        var (rest, values) = (text.dropFirst(parts[0].count), [Substring]())
        for part in parts.dropFirst() {
            let next: Range<Substring.Index>? = part.isEmpty ? rest.endIndex..<rest.endIndex : rest.firstRange(of: part)
            guard let next else { return nil }
            values.append(rest[..<next.lowerBound])
            rest = rest[next.upperBound...]
        }
        return rest.isEmpty ? values : nil
    }

    private static let rules: [(String, String)] = [
        ("must be a whole number", "应为整数"), ("must be a whole number from # to #", "应为 # 到 # 的整数"),
        ("must be one of #", "应为其中之一:#"), ("must not be empty", "不能为空"), ("is missing", "没有填"),
        ("must not be longer than # characters", "不能超过 # 个字"), ("must not be longer than # bytes", "不能超过 # 字节"),
        ("must not hold control characters", "不能有控制字符"), ("may stand only once", "只能写一次"),
        ("must be 1 to # characters", "应为 1 到 # 个字"), ("must be 1 to # characters long", "应为 1 到 # 个字"),
        ("must hold # to # digits", "应有 # 到 # 位数字"), ("must be an account number: letters and digits", "应为户号:字母和数字"),
        ("must be letters and dots, as in #", "应为字母和点,例如 #"), ("must be a month, as in #", "应为月份,例如 #"),
        ("must be a day, as in #", "应为日期,例如 #"), ("must be STREAM/KEY, as in #", "应为“数据流/键”,例如 #"),
        ("must be \"next\" of the page before, as in #", "应为上一页给出的 next,例如 #"),
        ("must be two years that follow each other, as in #, or \"latest\"", "应为相邻的两年,例如 #,或者 latest"),
        ("must be an instant with its offset, as in #", "应为带时区的时刻,例如 #"),
        (
            "is \"#\"; it must be an instant with its offset, as in # (in a URL + is written %2B), or a run's number",
            "写的是“#”;应为带时区的时刻,例如 #,或者运行的编号"
        ),
        ("is not known here; there are: #", "这里不认;可以用的有:#"),
    ]
}
