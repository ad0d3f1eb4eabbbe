import ConfigurationFiles
import HeatModel
import Yams

/// `company.yaml`: what a company puts into its answers.
struct CompanyFile {
    var reader: ConfigurationReader

    /// Placeholders that a company must fill in.
    static let values = [
        "company", "hotline", "office", "office_hours", "season_begins", "season_ends", "pay_deadline", "pay_link",
        "same_as_building",
        "same_as_others", "same_as_last_year",
    ]

    mutating func read() -> Company {
        var company = Company()
        guard let (_, root) = reader.load(), let top = reader.section(root, "the company") else { return company }
        reader.expect(
            top,
            only: Self.values + [
                "account_digits", "short_segments", "small_difference_percent", "conversation_hours", "plain", "explained", "leave",
                "back", "person", "yes", "no", "again", "another", "thanks", "unsure", "menu",
                "never_offered", "refusals", "refusers", "refused", "fault_signs", "chart",
            ], in: "the company")
        for name in Self.values { company.values[name] = reader.required(name, in: top, of: "the company") ?? "" }
        if let link = top["pay_link"], let text = company.values["pay_link"], !text.isEmpty,
            !text.hasPrefix("https://"), !text.hasPrefix("http://"), !text.hasPrefix("/")
        {
            reader.report(.configBadValue, "\"pay_link\" must be an http or https address, or a path", at: link)
        }
        if let digits = reader.integer(of: "account_digits", in: top, atLeast: 4, atMost: 20) {
            company.accountDigits = digits
            company.values["account_digits"] = "\(digits)"
        }
        company.shortSegments =
            reader.integer(of: "short_segments", in: top, atLeast: 1, atMost: 10) ?? company.shortSegments
        company.smallDifferencePercent =
            reader.integer(of: "small_difference_percent", in: top, atMost: 20) ?? company.smallDifferencePercent
        company.conversationHours =
            reader.integer(of: "conversation_hours", in: top, atLeast: 1, atMost: 720) ?? company.conversationHours
        company.plain = pairs("plain", top)
        company.explained = pairs("explained", top)
        company.leave = Phrases(words("leave", top))
        company.back = Phrases(words("back", top))
        company.person = Phrases(words("person", top))
        company.yes = Phrases(words("yes", top))
        company.no = Phrases(words("no", top))
        company.again = Phrases(words("again", top))
        company.another = Phrases(words("another", top))
        company.thanks = Phrases(words("thanks", top))
        company.unsure = Phrases(words("unsure", top))
        company.menu = words("menu", top)
        company.neverOffered = Set(words("never_offered", top))
        company.refusals = words("refusals", top)
        company.refusers = words("refusers", top)
        company.refused = Set(words("refused", top))
        company.faultSigns = words("fault_signs", top)
        company.chart = chart(top)
        return company
    }

    private mutating func words(_ name: String, _ top: Section) -> [String] {
        guard let words = reader.texts(of: name, in: top), !words.isEmpty else {
            reader.report(.configMissingKey, "the company needs \"\(name)\", a list", at: top.place)
            return []
        }
        return words
    }

    private mutating func chart(_ top: Section) -> ChartWords {
        var words = ChartWords()
        guard let section = reader.section(of: "chart", in: top) else {
            if top["chart"] == nil { reader.report(.configMissingKey, "the company needs \"chart\"", at: top.place) }
            return words
        }
        reader.expect(section, only: ["title", "parts"] + ChartWords.whose + ChartWords.sums, in: "\"chart\"")
        words.title = reader.required("title", in: section, of: "\"chart\"") ?? ""
        for name in ChartWords.whose { words.whose[name] = reader.required(name, in: section, of: "\"chart\"") }
        for name in ChartWords.sums {
            guard let text = reader.required(name, in: section, of: "\"chart\""), let node = section[name] else {
                continue
            }
            do {
                words.sums[name] = try Template(text)
                if words.sums[name]?.names != ["sum"] {
                    reader.report(.configBadValue, "\"\(name)\" of the chart holds {sum}, once", at: node)
                }
            } catch {
                reader.report(.configBadValue, error.words, at: node)
            }
        }
        words.parts = Dictionary(pairs("parts", section)) { first, _ in first }
        return words
    }

    private mutating func pairs(_ name: String, _ top: Section) -> [(String, String)] {
        guard let section = reader.section(of: name, in: top) else { return [] }
        return section.entries.compactMap { entry in
            reader.name(entry.value, "\"\(entry.name)\"").map { (entry.name, $0) }
        }
    }
}
