import Assistant
import Pages
import Store

/// The page, and the part of it that is new.
extension ChatDoor {
    func page(_ session: CustomerSession, note: String? = nil, status: Int = 200) -> WebAnswer {
        let token = session.formToken(for: "chat", keys: keys)
        let transcript = transcripts.value(session.customer, now: now()) ?? Transcript()
        var body = "<a class=\"skip\" href=\"#words\">跳到输入框</a>"
        body += "<header><h1>\(HTML.escaped(company))</h1>"
        body += "<form method=\"post\" action=\"\(Self.path)/print\">" + HTML.hidden("token", token)
        body += HTML.hidden("large", session.isLarge ? "0" : "1")
        body += "<button class=\"quiet\">\(session.isLarge ? "标准字" : "大字版")</button></form></header>"
        body += "<main><div role=\"log\" aria-live=\"polite\" aria-label=\"对话\"><ol id=\"log\">"
        body += lines(transcript.entries, session) + "</ol></div>"
        body += standing(transcript.holder, note) + "</main>"
        body += "<footer><form id=\"say\" method=\"post\" action=\"\(Self.path)\">" + HTML.hidden("token", token)
        body += HTML.hidden("key", CookieKeys.random())
        body += "<label for=\"words\">请说您的问题</label><div class=\"row\">"
        body +=
            "<input id=\"words\" name=\"words\" type=\"text\" maxlength=\"\(Self.mostCharacters)\" autocomplete=\"off\""
        body += " enterkeyhint=\"send\"\(pad(transcript)) placeholder=\"例如:家里不热、怎么缴费\">"
        body += "<button class=\"send\">发送</button></div></form>"
        if photos != nil {
            // Shown by the script alone: without one no file can be sent.
            body += "<p id=\"photos\" hidden><label class=\"button quiet\" for=\"photo\">发照片</label>"
            body += "<input id=\"photo\" type=\"file\" accept=\"image/jpeg,image/png,video/mp4\"></p>"
        }
        body += "<noscript><p class=\"hint\"><a href=\"\(Self.path)\">看看有没有新消息</a></p></noscript></footer>"
        var page = Page(
            company, style: Self.path + "/chat.css", script: Self.path + "/chat.js", body: body)
        page.look = session.isLarge ? "large" : ""
        page.status = status
        return page.answer([header(session)])
    }

    /// Only what is new since an entry, for the script: the same elements as on the page.
    func part(_ session: CustomerSession, after number: Int? = nil, note: String?, status: Int = 200) -> WebAnswer {
        let transcript = transcripts.value(session.customer, now: now()) ?? Transcript()
        var entries = transcript.entries
        if let number { entries = entries.filter { $0.number > number } }
        let text =
            "<ol id=\"log\">\(lines(entries, session))</ol>" + standing(transcript.holder, note)
            + "<form id=\"say\">" + HTML.hidden("key", CookieKeys.random())
            + "<input id=\"words\"\(pad(transcript))></form>"
        return WebAnswer(
            status: status, "text/html; charset=utf-8", text.utf8, headers: Page.headers + [header(session)])
    }

    private func lines(_ entries: [Transcript.Entry], _ session: CustomerSession) -> String {
        let markup = ReplyMarkup(
            action: Self.path, formToken: session.formToken(for: "chat", keys: keys), isPlain: session.isLarge)
        return entries.map { entry in
            let (who, name, html): (String, String, String) =
                switch entry.line {
                case .customer(let words): ("me", "我", HTML.paragraphs(words))
                case .assistant(let message): ("bot", "智能客服", markup.html(message, key: entry.key))
                case .kept(.customer, let words): ("me", "我", HTML.paragraphs(words))
                case .kept(.assistant, let words): ("bot", "智能客服", HTML.paragraphs(words))
                case .kept(.human, let words): ("person", "人工客服", HTML.paragraphs(words))
                }
            return
                "<li class=\"\(who)\" data-number=\"\(entry.number)\"><span class=\"who\">\(name)</span>"
                + "<div class=\"said\">\(html)</div></li>"
        }.joined()
    }

    private func standing(_ holder: AssistantReply.Holder, _ note: String?) -> String {
        let standing =
            switch holder {
            case .assistant: ""
            case .waiting: "已为您转人工,客服马上就来;您可以继续留言。"
            case .person: "人工客服正在为您服务。"
            }
        return "<p id=\"standing\" role=\"status\" data-holder=\"\(holder.rawValue)\">\(standing)</p>"
            + "<p id=\"note\" role=\"alert\">\(note.map(HTML.escaped) ?? "")</p>"
    }

    /// A pad of digits where a number is asked for.
    private func pad(_ transcript: Transcript) -> String {
        guard let last = transcript.entries.last, case .assistant(let message) = last.line else { return "" }
        switch message.wants {
        case .accountNumber, .phone: return " inputmode=\"numeric\""
        // The last of an ID number may be an X.
        case .idLastSix, .words, .photo, .choice: return ""
        }
    }
}
