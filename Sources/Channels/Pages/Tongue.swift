/// The language of a page, with the words of both beside each other where they are said: `say("今天", "Today")`.
package enum Tongue: String, Sendable, CaseIterable {
    case chinese = "zh"
    case english = "en"

    package func callAsFunction(_ chinese: String, _ english: String) -> String {
        self == .chinese ? chinese : english
    }

    /// As browsers are told.
    package var tag: String { self == .chinese ? "zh-CN" : "en" }

    /// What a program speaks: Chinese where the locale of its environment says so, else English.
    package init(locale environment: [String: String]) {
        let name = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        self = name?.lowercased().hasPrefix("zh") == true ? .chinese : .english
    }

    package var other: Tongue { self == .chinese ? .english : .chinese }

    /// Its name in itself.
    package var name: String { self("中文", "English") }

    /// What a browser wants, by `Accept-Language`; Chinese where it says nothing that is spoken here.
    package init(accepting header: String?) {
        var best: (tongue: Tongue, weight: Double)?
        for item in (header ?? "").prefix(1000).split(separator: ",") {
            let parts = item.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
            guard let name = parts.first, let tongue = Tongue.allCases.first(where: { name.hasPrefix($0.rawValue) })
            else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            if weight > best?.weight ?? 0 { best = (tongue, weight) }
        }
        self = best?.tongue ?? .chinese
    }
}
