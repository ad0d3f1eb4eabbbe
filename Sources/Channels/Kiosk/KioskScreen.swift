import Assistant
import Pages
import Setup

/// What stands on the screen, and is read aloud.
struct Screen {
    /// Escaped already.
    var html: String
    /// What is read aloud.
    var spoken: String
}

extension KioskDoor {
    func screen(_ session: CustomerSession, _ screen: Screen, status: Int = 200, isPart: Bool) -> WebAnswer {
        let say = String(screen.spoken.prefix(Voice.mostCharacters))
        var main = "<main id=\"screen\" data-say=\"\(HTML.escaped(say))\""
        if voice != nil { main += " data-signed=\"\(HTML.escaped(keys.signed(say, for: "kiosk voice")))\"" }
        main += ">\(filled(screen.html, session))</main>"
        if isPart {
            return WebAnswer(
                status: status, "text/html; charset=utf-8", main.utf8, headers: Page.headers + [header(session)])
        }
        var body = "<header><h1>\(HTML.escaped(company))</h1></header>" + main
        // What stands there again when nobody presses anything, also without a network.
        let first = start(nil)
        body += "<template id=\"first\"><main id=\"screen\" data-say=\"\(HTML.escaped(first.spoken))\""
        if voice != nil { body += " data-signed=\"\(HTML.escaped(keys.signed(first.spoken, for: "kiosk voice")))\"" }
        body += ">\(filled(first.html, session))</main></template>"
        body += "<p id=\"note\" role=\"alert\"></p>"
        var page = Page(company, style: Self.path + "/kiosk.css", script: Self.path + "/kiosk.js", body: body)
        page.head =
            "<noscript><meta http-equiv=\"refresh\" content=\"\(settings.idleSeconds);url=\(Self.path)\"></noscript>"
            + "<meta name=\"hearth-idle\" content=\"\(settings.idleSeconds)\">"
        page.status = status
        return page.answer([header(session)])
    }

    /// Where a form's token and key are filled in; no text that was escaped holds it.
    private static let formMark = "<!--form-->"
    private static let firstMark = HTML.hidden("first", "1")

    /// Each form has a key of its own.
    private func filled(_ html: String, _ session: CustomerSession) -> String {
        let parts = html.split(separator: Self.formMark, omittingEmptySubsequences: false)
        return parts.dropFirst().reduce(String(parts[0])) { page, part in
            let token =
                part.hasPrefix(Self.firstMark) ? firstToken : session.formToken(for: Self.purpose, keys: keys)
            return page + HTML.hidden("token", token) + HTML.hidden("key", CookieKeys.random()) + part
        }
    }

    private func form(_ inner: String, kind: String, isFirst: Bool = false) -> String {
        "<form class=\"\(kind)\" method=\"post\" action=\"\(Self.path)\">" + Self.formMark
            + (isFirst ? Self.firstMark : "") + inner + "</form>"
    }

    private func note(_ text: String?) -> String {
        text.map { "<p class=\"warning\" role=\"alert\">\(HTML.escaped($0))</p>" } ?? ""
    }

    func start(_ text: String?) -> Screen {
        let big = ["缴费", "报修", "报停"].map { "<button name=\"words\" value=\"\($0)\">\($0)</button>" }.joined()
        let more = [("查温度", "查温度"), ("找人工", "转人工")].map {
            "<button name=\"words\" value=\"\($0.1)\">\($0.0)</button>"
        }.joined()
        let html =
            note(text) + "<p class=\"ask\">请问您要办什么?请按下面的大按钮。</p>" + form(big, kind: "big", isFirst: true)
            + form(more, kind: "more", isFirst: true)
        return Screen(
            html: html, spoken: (text.map { $0 + " " } ?? "") + "请问您要办缴费、报修,还是报停?请按屏幕上的大按钮。")
    }

    private var foot: String {
        form("<button name=\"end\" value=\"1\" class=\"end\">结束,返回首页</button>", kind: "foot")
    }

    private var again: String { "<button type=\"button\" class=\"again\" hidden>再念一遍</button>" }

    /// Words, where no number is asked for.
    private var wordsForm: String {
        form(
            "<label for=\"words\">也可以在这里写:</label><div class=\"row\"><input id=\"words\" name=\"words\" maxlength=\"500\" autocomplete=\"off\"><button>好了</button></div>",
            kind: "write")
    }

    func ask(_ session: CustomerSession, note text: String) -> Screen {
        Screen(html: note(text) + wordsForm + foot, spoken: text)
    }

    func entry(_ wants: AssistantReply.Wants, _ session: CustomerSession, note text: String?) -> Screen {
        Screen(html: note(text) + pad(wants) + foot, spoken: text ?? "请按数字键,按完后按井号键结束。")
    }

    func reply(_ reply: AssistantReply, _ session: CustomerSession) -> Screen {
        var html = ""
        let markup = ReplyMarkup(action: Self.path, formToken: "", isPlain: true)
        for message in reply.messages { html += "<div class=\"told\">\(markup.html(message, key: nil))</div>" }
        if reply.messages.isEmpty {
            html += "<div class=\"told\"><p>已经为您转人工,请稍等,或者找旁边的工作人员。</p></div>"
        }
        html += again
        let wants = reply.messages.last?.wants ?? .words
        let choices = reply.messages.last?.choices ?? []
        if !choices.isEmpty {
            html += form(
                choices.map {
                    "<button name=\"choice\" value=\"\(HTML.escaped($0.id))\">\(HTML.escaped($0.words))</button>"
                }.joined(), kind: "choices")
        }
        switch wants {
        case .accountNumber, .idLastSix, .phone: html += pad(wants)
        case .words, .photo: html += wordsForm
        case .choice: if choices.isEmpty { html += wordsForm }
        }
        html += foot
        let spoken = reply.messages.map(\.spoken).joined(separator: " ")
        return Screen(html: html, spoken: spoken.isEmpty ? "已经为您转人工,请稍等。" : spoken)
    }

    /// Digits, ended by #.
    private func pad(_ wants: AssistantReply.Wants) -> String {
        let name =
            switch wants {
            case .idLastSix: "身份证号后6位"
            case .phone: "手机号"
            default: "供热编号"
            }
        var keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9"].map {
            "<button type=\"button\" data-digit=\"\($0)\">\($0)</button>"
        }.joined()
        keys += "<button type=\"button\" data-back aria-label=\"删掉一位\">删除</button>"
        keys += "<button type=\"button\" data-digit=\"0\">0</button>"
        keys += "<button class=\"done\" aria-label=\"井号,结束\"># 完成</button>"
        if wants == .idLastSix { keys += "<button type=\"button\" data-digit=\"X\" class=\"wide\">X</button>" }
        let kind = wants == .idLastSix ? " class=\"secret\"" : ""
        return form(
            "<label for=\"digits\">\(name)(按完请按 # 键)</label><input id=\"digits\" name=\"digits\"\(kind) inputmode=\"numeric\" maxlength=\"20\" autocomplete=\"off\"><div class=\"keys\">\(keys)</div>",
            kind: "pad")
    }
}
