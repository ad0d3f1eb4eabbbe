package import Assistant

/// A message of the assistant as part of a page: words, steps with pictures, a chart, a link, buttons.
package struct ReplyMarkup: Sendable {
    /// Where buttons are sent.
    package var action: String
    package var formToken: String
    package var isPlain: Bool

    package init(action: String, formToken: String, isPlain: Bool) {
        self.action = action
        self.formToken = formToken
        self.isPlain = isPlain
    }

    /// - Parameter key: of the turn that a button makes, so that two taps are one; nil leaves buttons out.
    package func html(_ message: AssistantReply.Message, key: String?) -> String {
        var text = HTML.paragraphs(isPlain ? message.plain : message.full)
        if !message.steps.isEmpty {
            text += "<ol class=\"steps\">"
            for step in message.steps {
                text += "<li><p>\(HTML.escaped(step.words))</p>"
                if let picture = step.picture, let name = Self.fileName(picture) {
                    text +=
                        "<img src=\"/v1/pictures/\(name)\" alt=\"\(HTML.escaped(step.pictureWords ?? step.words))\" loading=\"lazy\">"
                }
                text += "</li>"
            }
            text += "</ol>"
        }
        if let chart = message.chart { text += Self.html(chart) }
        if let link = message.link, let address = HTML.address(link.address) {
            text += "<p><a class=\"button\" href=\"\(address)\" rel=\"noopener\">\(HTML.escaped(link.words))</a></p>"
        }
        if let key, !message.choices.isEmpty { text += buttons(message.choices, key: key) }
        return text
    }

    package func buttons(_ choices: [AssistantReply.Choice], key: String) -> String {
        var text = "<form class=\"choices\" method=\"post\" action=\"\(action)\">"
        text += HTML.hidden("token", formToken) + HTML.hidden("key", key)
        for choice in choices {
            text +=
                "<button name=\"choice\" value=\"\(HTML.escaped(choice.id))\">\(HTML.escaped(choice.words))</button>"
        }
        return text + "</form>"
    }

    /// A name of a file and nothing else.
    private static func fileName(_ name: String) -> String? {
        name.utf8.allSatisfy {
            $0 &- 0x30 <= 9 || ($0 | 0x20) &- 0x61 < 26 || [0x2D, 0x2E, 0x5F].contains($0)
        } && !name.hasPrefix(".") ? name : nil
    }

    /// Bars beside their words: the words say it all, the bars are for the eye.
    static func html(_ chart: AssistantReply.Chart) -> String {
        let most = chart.bars.map { $0.fen.magnitude }.max() ?? 0
        var text = "<figure class=\"chart\"><figcaption>\(HTML.escaped(chart.title))</figcaption><table>"
        for bar in chart.bars {
            let width = most == 0 ? 0 : Int(bar.fen.magnitude.multipliedFullWidth(by: 200).low / most)
            let kind = bar.fen < 0 ? "less" : "more"
            text += "<tr><th scope=\"row\">\(HTML.escaped(bar.label))</th><td class=\"bar\">"
            text +=
                "<svg width=\"200\" height=\"16\" viewBox=\"0 0 200 16\" preserveAspectRatio=\"none\" aria-hidden=\"true\" focusable=\"false\">"
            text += "<rect class=\"\(kind)\" width=\"\(width)\" height=\"16\" rx=\"3\"/></svg></td>"
            text += "<td class=\"amount\">\(HTML.escaped(bar.words))</td></tr>"
        }
        return text + "</table></figure>"
    }
}
