package import Pages

/// The documentation at `/docs`, in Chinese and English: for whoever runs Hearth, brings it data, or asks it from a program. It tells nothing of
/// any company and wants no token.
package struct DocsDoor: Sendable {
    private let manual: Manual
    /// Titles and what a page is about, in order, for each language.
    private let contents: [Tongue: [(name: String, title: String, summary: String)]]

    private static let path = "/docs"

    package init(_ manual: Manual = Manual()) {
        self.manual = manual
        contents = Dictionary(
            uniqueKeysWithValues: Tongue.allCases.map { language in
                let pages = Manual.names.map { name in
                    let page = manual.page(name, in: language)
                    return (name, page?.title ?? name, page?.summary ?? "")
                }
                return (language, pages)
            })
    }

    package var mounts: [WebMount] {
        var mounts = [
            WebMount(.get, Self.path) { .seeOther("/docs/\($0.tongue().rawValue)") },
            .slash(after: Self.path),
            WebMount(.get, "/docs/docs.css") { _ in .asset("text/css; charset=utf-8", PackageResources.docs_css) },
            WebMount(.get, "/docs/{page}") { request in
                if let language = Tongue(rawValue: request.values[0]) { return index(language) }
                return manual.page(request.values[0], in: .english) == nil
                    ? missing(request.tongue())
                    : .seeOther("/docs/\(request.tongue().rawValue)/\(request.values[0])")
            },
            WebMount(.get, "/docs/{language}/{page}") { request in
                guard let language = Tongue(rawValue: request.values[0]) else { return missing(request.tongue()) }
                guard let page = manual.page(request.values[1], in: language) else { return missing(language) }
                return answer(request.values[1], page, language)
            },
        ]
        for name in Manual.files.keys.sorted() {
            let type = name.hasSuffix(".json") ? "application/json" : "application/yaml; charset=utf-8"
            let bytes = manual.bytes["files/" + name] ?? []
            mounts.append(WebMount(.get, "/docs/files/" + name) { _ in .asset(type, bytes) })
        }
        return mounts
    }

    private func answer(_ name: String, _ page: Markdown, _ language: Tongue) -> WebAnswer {
        let isReference = Manual.references[name] != nil
        let main = page.html { Manual.address($0, in: language) }
        return frame(
            page.title, "<main id=\"main\"\(isReference ? " lang=\"en\"" : "")>\(main)</main>", name, language)
    }

    private func index(_ language: Tongue) -> WebAnswer {
        let pages = contents[language, default: []].map { page in
            "<dt><a href=\"/docs/\(language.rawValue)/\(page.name)\">\(HTML.escaped(page.title))</a></dt><dd>\(HTML.escaped(page.summary))</dd>"
        }
        let title = language("Hearth 使用文档", "Hearth documentation")
        return frame(title, "<main id=\"main\"><h1>\(title)</h1><dl>\(pages.joined())</dl></main>", nil, language)
    }

    private func missing(_ language: Tongue) -> WebAnswer {
        let words = language("没有这一页。请从目录里找。", "There is no such page. The list has them all.")
        return frame(
            language("没有这一页", "No such page"), "<main id=\"main\"><p>\(words)</p></main>", nil, language, status: 404)
    }

    /// - Parameter name: of the page that is shown; nil for the list of all.
    private func frame(
        _ title: String, _ main: String, _ name: String?, _ language: Tongue, status: Int = 200
    ) -> WebAnswer {
        let other = language.other
        let tag = "lang=\"\(other.tag)\" hreflang=\"\(other.tag)\""
        var body = "<a class=\"skip\" href=\"#main\">\(language("跳到内容", "To the content"))</a><header>"
        body += "<a class=\"own\" href=\"/docs/\(language.rawValue)\">Hearth</a>"
        body += "<a href=\"/docs/\(other.rawValue)\(name.map { "/" + $0 } ?? "")\" \(tag)>"
        body += "\(other.name)</a></header>"
        body += "<nav aria-label=\"\(language("目录", "Contents"))\"><ul>"
        for page in contents[language, default: []] {
            let here = page.name == name ? " aria-current=\"page\"" : ""
            body +=
                "<li><a href=\"/docs/\(language.rawValue)/\(page.name)\"\(here)>\(HTML.escaped(page.title))</a></li>"
        }
        body += "</ul></nav>\(main)"
        var page = Page("\(title) · Hearth", style: "/docs/docs.css", body: body)
        page.language = language.tag
        page.status = status
        var answer = page.answer()
        answer.isKept = status == 200
        return answer
    }
}
