/// A page of a door: its head, its policy, its parts.
package struct Page: Sendable {
    package var title: String
    /// Names below the door's path.
    package var style: String
    package var script: String?
    /// Escaped already.
    package var body: String
    /// A class of the body.
    package var look = ""
    /// Escaped already: what stands in the head beside the usual.
    package var head = ""
    package var status = 200
    /// Of its words, as browsers and readers aloud are told.
    package var language = "zh-CN"

    package init(_ title: String, style: String, script: String? = nil, body: String) {
        self.title = title
        self.style = style
        self.script = script
        self.body = body
    }

    /// Nothing but what this server itself serves, nothing written into the page, no frame around it.
    package static let policy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; media-src 'self' blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

    package static let headers: [(name: String, value: String)] = [
        ("Content-Security-Policy", policy), ("Referrer-Policy", "same-origin"), ("X-Frame-Options", "DENY"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Permissions-Policy", "geolocation=(), microphone=(), payment=(), usb=()"),
    ]

    /// Said where a body is too large or of another type.
    package static func refusalWords(_ status: Int, in say: Tongue = .chinese) -> String {
        status == 413
            ? say("发来的内容太长了,请写短一点再发。", "What was sent is too long; send less.")
            : say("没有看懂发来的内容,请从页面上再发一次。", "What was sent was not understood; send it from the page.")
    }

    package func answer(_ headers: [(name: String, value: String)] = []) -> WebAnswer {
        var text = "<!DOCTYPE html>\n<html lang=\"\(HTML.escaped(language))\"><head><meta charset=\"utf-8\">"
        text += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
        text += "<title>\(HTML.escaped(title))</title><link rel=\"stylesheet\" href=\"\(style)\">"
        if let script { text += "<script src=\"\(script)\" defer></script>" }
        text += head + "</head><body"
        if !look.isEmpty { text += " class=\"\(look)\"" }
        text += ">\(body)</body></html>\n"
        return WebAnswer(status: status, "text/html; charset=utf-8", text.utf8, headers: Self.headers + headers)
    }
}
