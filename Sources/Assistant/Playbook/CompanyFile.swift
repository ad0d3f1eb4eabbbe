import ConfigurationFiles
import HeatModel
import Yams

/// `company.yaml`: what a company puts into its answers.
struct CompanyFile {
    var reader: ConfigurationReader

    /// Placeholders that a company must fill in.
    static let values = [
        "company", "hotline", "office", "office_hours", "season_begins", "season_ends", "pay_link", "same_as_building",
        "same_as_others", "same_as_last_year",
    ]

    mutating func read() -> Company {
        var company = Company()
        guard let (_, root) = reader.load(), let top = reader.section(root, "the company") else { return company }
        reader.expect(
            top,
            only: Self.values + [
                "short_segments", "small_difference_percent", "conversation_hours", "plain", "explained", "leave",
                "back", "person", "yes", "no", "again", "another", "thanks", "unsure", "menu",
            ], in: "the company")
        for name in Self.values { company.values[name] = reader.required(name, in: top, of: "the company") ?? "" }
        if let link = top["pay_link"], let text = company.values["pay_link"], !text.isEmpty,
            !text.hasPrefix("https://"), !text.hasPrefix("http://"), !text.hasPrefix("/")
        {
            reader.report(.configBadValue, "\"pay_link\" must be an http or https address, or a path", at: link)
        }
        company.shortSegments =
            reader.integer(of: "short_segments", in: top, atLeast: 1, atMost: 10) ?? company.shortSegments
        company.smallDifferencePercent =
            reader.integer(of: "small_difference_percent", in: top, atMost: 20) ?? company.smallDifferencePercent
        company.conversationHours =
            reader.integer(of: "conversation_hours", in: top, atLeast: 1, atMost: 720) ?? company.conversationHours
        company.plain = pairs("plain", top)
        company.explained = pairs("explained", top)
        company.leave = words("leave", top)
        company.back = words("back", top)
        company.person = words("person", top)
        company.yes = words("yes", top)
        company.no = words("no", top)
        company.again = words("again", top)
        company.another = words("another", top)
        company.thanks = words("thanks", top)
        company.unsure = words("unsure", top)
        company.menu = words("menu", top)
        return company
    }

    private mutating func words(_ name: String, _ top: Section) -> [String] {
        guard let words = reader.texts(of: name, in: top), !words.isEmpty else {
            reader.report(.configMissingKey, "the company needs \"\(name)\", a list", at: top.place)
            return []
        }
        return words
    }

    private mutating func pairs(_ name: String, _ top: Section) -> [(String, String)] {
        guard let section = reader.section(of: name, in: top) else { return [] }
        return section.entries.compactMap { entry in
            reader.name(entry.value, "\"\(entry.name)\"").map { (entry.name, $0) }
        }
    }
}
