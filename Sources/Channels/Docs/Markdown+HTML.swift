import Pages

/// The page as HTML; all that is text goes through the one escaper.
extension Markdown {
    /// - Parameter address: where a link of the page leads; nil where it leads nowhere that is served, and its words stand alone.
    func html(_ address: (String) -> String?) -> String {
        blocks.map { block in
            switch block {
            case .heading(let level, let words, let id):
                "<h\(level) id=\"\(HTML.escaped(id))\">\(html(words, address))</h\(level)>"
            case .paragraph(let words): "<p>\(html(words, address))</p>"
            case .list(let isOrdered, let items):
                (isOrdered ? "<ol>" : "<ul>") + items.map { "<li>\(html($0, address))</li>" }.joined()
                    + (isOrdered ? "</ol>" : "</ul>")
            case .table(let head, let rows):
                "<div class=\"wide\" tabindex=\"0\"><table><thead><tr>"
                    + head.map { "<th scope=\"col\">\(html($0, address))</th>" }.joined() + "</tr></thead><tbody>"
                    + rows.map { "<tr>" + $0.map { "<td>\(html($0, address))</td>" }.joined() + "</tr>" }.joined()
                    + "</tbody></table></div>"
            case .code(let kind, let code):
                "<pre class=\"\(HTML.escaped(String(kind.prefix { $0 != " " })))\" tabindex=\"0\"><code>\(HTML.escaped(code))</code></pre>"
            }
        }.joined(separator: "\n")
    }

    private func html(_ words: [Inline], _ address: (String) -> String?) -> String {
        words.map { word in
            switch word {
            case .text(let text): HTML.escaped(text)
            case .code(let text): "<code>\(HTML.escaped(text))</code>"
            case .bold(let inner): "<b>\(html(inner, address))</b>"
            case .stressed(let inner): "<i>\(html(inner, address))</i>"
            case .link(let inner, let target):
                if let place = address(target) {
                    "<a href=\"\(HTML.escaped(place))\">\(html(inner, address))</a>"
                } else {
                    html(inner, address)
                }
            }
        }.joined()
    }
}
