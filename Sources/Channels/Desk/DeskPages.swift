import Answers
import Pages

/// The pages of the desk, in the language of one request.
struct DeskPages {
    let door: DeskDoor
    let request: WebRequest
    let say: Tongue

    private static let path = DeskDoor.path

    init(_ door: DeskDoor, _ request: WebRequest) {
        self.door = door
        self.request = request
        say = request.tongue(keptIn: DeskDoor.languageCookie)
    }

    /// A page as it goes out; the language that was asked for is kept.
    func answer(_ page: Page) -> WebAnswer {
        page.answer(
            request.keptTongue(in: DeskDoor.languageCookie, below: Self.path, isSecure: door.isSecure))
    }

    private func page(_ title: String, _ main: String, _ visitor: DeskDoor.Visitor?) -> Page {
        let other = say.other
        let place = HTML.escaped(request.address(in: other, orTo: Self.path))
        var body = "<a class=\"skip\" href=\"#main\">\(say("跳到内容", "To the content"))</a>"
        body += "<header><h1><a href=\"\(Self.path)\">\(say("人工坐席", "Desk"))</a></h1><div class=\"own\">"
        body += "<a href=\"\(place)\" lang=\"\(other.tag)\" hreflang=\"\(other.tag)\">\(other.name)</a>"
        if let visitor {
            body += "<form method=\"post\" action=\"\(Self.path)/leave\">"
            body += HTML.hidden("token", door.formToken(visitor))
            body += "<span>\(HTML.escaped(visitor.agent ?? visitor.caller.id))</span>"
            body += "<button class=\"quiet\">\(say("退出", "Log out"))</button></form>"
        }
        body += "</div></header><main id=\"main\">\(main)</main>"
        var page = Page(title, style: Self.path + "/desk.css", script: Self.path + "/desk.js", body: body)
        page.language = say.tag
        return page
    }

    func login(_ note: String?, status: Int) -> WebAnswer {
        let title = say("登录", "Log in")
        var main = "<h2>\(title)</h2>"
        if let note { main += "<p role=\"alert\" class=\"note\">\(HTML.escaped(note))</p>" }
        main += "<form class=\"login\" method=\"post\" action=\"\(Self.path)\">"
        main += "<label for=\"secret\">\(say("令牌(权限 desk)", "Token (scope desk)"))</label>"
        main += "<input id=\"secret\" name=\"secret\" type=\"password\" autocomplete=\"current-password\" required>"
        let agent = say(
            "坐席名(可不填;字母、数字,不要写真名)", "Name at the desk (may stay empty; letters, digits, not your real name)")
        main += "<label for=\"agent\">\(agent)</label>"
        main += "<input id=\"agent\" name=\"agent\" maxlength=\"40\" autocomplete=\"username\">"
        main += "<button class=\"send\">\(title)</button></form>"
        var page = page(title, main, nil)
        page.status = status
        return answer(page)
    }

    func problem(_ problem: Problem, _ visitor: DeskDoor.Visitor) -> Page {
        var main = "<p role=\"alert\" class=\"note\">\(HTML.escaped(words(of: problem)))</p>"
        main += "<p><a href=\"\(Self.path)\">\(say("回到列表", "To the list"))</a></p>"
        var page = page(say("没有办成", "It could not be done"), main, visitor)
        page.status =
            switch problem.category {
            case .unknown: 404
            case .forbidden: 403
            case .malformed: 400
            case .limited: 429
            default: 503
            }
        return page
    }

    /// Danger and running water are handed over for this.
    private static let urgentReason = "emergency"

    func queue(_ list: HandOffList, _ visitor: DeskDoor.Visitor) -> Page {
        // Emergencies first, then who has waited longest; what somebody has stands behind.
        let items = list.handOffs.enumerated().sorted { left, right in
            let (one, other) = (left.element, right.element)
            if (one.state == "waiting") != (other.state == "waiting") { return one.state == "waiting" }
            if (one.why == Self.urgentReason) != (other.why == Self.urgentReason) {
                return one.why == Self.urgentReason
            }
            return left.offset < right.offset
        }.map(\.element)
        let title = say("转接列表", "Hand-offs")
        let waiting = items.count { $0.state == "waiting" }
        var main = "<h2>\(title)</h2>"
        main += "<p id=\"count\" role=\"status\">\(say("等待中 \(waiting) 个", "\(waiting) waiting"))</p>"
        if items.isEmpty {
            main += "<p>\(say("现在没有人在等。", "Nobody waits now."))</p>"
        } else {
            let heads = [
                say("编号", "Number"), say("等了", "Waited"), say("原因", "Why"), say("渠道", "Channel"),
                say("户号", "Account"), say("状态", "State"), say("开场白", "To begin with"),
            ]
            main += "<div class=\"wide\"><table id=\"queue\"><thead><tr>"
            main += heads.map { "<th scope=\"col\">\($0)</th>" }.joined() + "</tr></thead><tbody>"
            for item in items {
                let isWaiting = item.state == "waiting"
                main += "<tr class=\"\(isWaiting ? "waiting" : "held")\">"
                main += "<td><a href=\"\(Self.path)/hand-off/\(item.handOff)\">\(item.handOff)</a></td>"
                main += "<td>\(say.span(item.waitedSeconds ?? 0))</td><td>\(HTML.escaped(reason(item.why)))"
                if item.elderly == true { main += " <strong class=\"mark\">\(say("老年用户", "elderly"))</strong>" }
                main += "</td><td>\(HTML.escaped(item.channel.map(channel) ?? ""))</td>"
                main += "<td>\(HTML.escaped(item.accountNumber ?? unbound))</td>"
                let owner = item.owner ?? ""
                main +=
                    "<td>\(HTML.escaped(isWaiting ? say("等待", "waiting") : say("已接:\(owner)", "with \(owner)")))</td>"
                main += "<td class=\"data\">\(HTML.escaped(item.suggested ?? ""))</td></tr>"
            }
            main += "</tbody></table></div>"
        }
        return page(title, main, visitor)
    }

    func handOff(
        _ handOff: HandOffDocument, _ talk: ConversationDocument, _ visitor: DeskDoor.Visitor, note: String?,
        draft: String?
    ) -> Page {
        let action = "\(Self.path)/hand-off/\(handOff.handOff)"
        func form(_ what: String, _ inner: String) -> String {
            "<form method=\"post\" action=\"\(action)\" class=\"\(what)\">"
                + HTML.hidden("token", door.formToken(visitor)) + HTML.hidden("key", CookieKeys.random())
                + HTML.hidden("do", what) + inner + "</form>"
        }
        let owner = visitor.agent.map { "\(visitor.caller.id)/\($0)" } ?? visitor.caller.id
        let isMine = handOff.state == "claimed" && handOff.owner == owner
        let title = say("转接 \(handOff.handOff)", "Hand-off \(handOff.handOff)")
        let why = HTML.escaped(reason(handOff.why))
        var main = "<h2>\(say("\(title):\(why)", "\(title): \(why)"))</h2>"
        if let note { main += "<p role=\"alert\" class=\"note\">\(HTML.escaped(note))</p>" }
        main += "<div class=\"two\"><section aria-labelledby=\"card\">"
        main += "<h3 id=\"card\">\(say("情况卡", "The card"))</h3>" + card(handOff) + "</section>"
        let way = HTML.escaped(channel(talk.channel))
        main += "<section aria-labelledby=\"talk\">"
        main += "<h3 id=\"talk\">\(say("对话(\(way))", "Conversation (\(way))"))</h3>"
        main +=
            "<div role=\"log\" aria-live=\"polite\" aria-labelledby=\"talk\" tabindex=\"0\" id=\"talking\"><ol id=\"log\">"
        for turn in talk.turns {
            let who = turn.speaker ?? ""
            let name =
                switch who {
                case "customer": say("客户", "Customer")
                case "human": say("人工", "Desk")
                default: say("智能客服", "Assistant")
                }
            main += "<li class=\"\(HTML.escaped(who))\">"
            main += "<span class=\"who\">\(name) \(HTML.escaped(Self.time(turn.at)))</span>"
            main += "<div class=\"said data\">\(HTML.paragraphs(turn.words ?? ""))</div></li>"
        }
        main += "</ol></div>"
        switch handOff.state {
        case "closed": main += "<p>\(say("已经结束。", "It is closed."))</p>"
        case "claimed" where isMine:
            main += form("reply", replying(draft))
            main += form("close", closing)
        default:
            if handOff.state == "claimed" {
                let owner = HTML.escaped(handOff.owner ?? "")
                main += "<p>\(say("已由 \(owner) 接手。", "\(owner) has it."))</p>"
            }
            main += form("claim", "<button class=\"send\">\(say("接手", "Take over"))</button>")
        }
        main += "</section></div>"
        return page(title, main, visitor)
    }

    private func replying(_ draft: String?) -> String {
        "<label for=\"words\">\(say("回复客户", "Reply to the customer"))</label>"
            + "<textarea id=\"words\" name=\"words\" rows=\"3\" maxlength=\"4000\" required>\(HTML.escaped(draft ?? ""))</textarea>"
            + "<button class=\"send\">\(say("发送", "Send"))</button>"
    }

    private var closing: String {
        let outcomes = [
            ("resolved", say("已解决", "resolved")), ("followUp", say("还要跟进", "to be followed up")),
            ("unreachable", say("联系不上", "not reached")), ("other", say("其他", "other")),
        ]
        let label = say("结束,交还智能客服:", "Close, and hand back to the assistant:")
        return "<label for=\"outcome\">\(label)</label><select id=\"outcome\" name=\"outcome\">"
            + outcomes.map { "<option value=\"\($0.0)\">\($0.1)</option>" }.joined()
            + "</select><label for=\"closing\">\(say("备注", "Note"))</label>"
            + "<input id=\"closing\" name=\"closing\" maxlength=\"1000\"><button>\(say("结束", "Close"))</button>"
    }

    // MARK: The card

    private func card(_ handOff: HandOffDocument) -> String {
        let card = handOff.card
        var html = ""
        if let suggested = card["suggested"]?.text {
            html += "<p class=\"suggested\"><span>\(say("可以这样开头:", "You may begin with:"))</span>"
            html += "<q class=\"data\">\(HTML.escaped(suggested))</q></p>"
        }
        html += "<dl>"
        func row(_ name: String, _ value: String?, isData: Bool = false) {
            if let value, !value.isEmpty {
                html += "<dt>\(name)</dt><dd\(isData ? " class=\"data\"" : "")>\(HTML.escaped(value))</dd>"
            }
        }
        row(say("户号", "Account"), handOff.accountNumber ?? unbound)
        row(say("原因", "Why"), reason(handOff.why))
        row(say("说明", "In words"), card["whyInWords"]?.text, isData: true)
        if card["elderly"]?.isTrue == true {
            row(say("注意", "Mind"), say("老年用户:慢一点,说大白话", "An elderly customer: slowly, in plain words"))
        }
        row(
            say("应缴", "To pay"), card["amountDue"]?["text"]?.text ?? card["amountDue"]?["due"]?.text, isData: true)
        row(
            say("核算", "By the rules"),
            card["recomputation"]?["result"]?.text.map {
                switch $0 {
                case "equal": say("按规定复算一致", "the bill is what the rules give")
                case "differs": say("与规定复算不一致", "the bill is not what the rules give")
                default: say("不能复算", "it cannot be computed")
                }
            })
        row(say("家里不热", "Cold home"), card["triage"]?["text"]?.text, isData: true)
        html += "</dl>"
        let lists = [
            ("promised", say("已答应的", "Promised")), ("openOrders", say("未完工单", "Open orders")),
            ("notAvailable", say("没有取到的", "What could not be had")),
        ]
        for (name, title) in lists {
            guard case .list(let items)? = card[name], !items.isEmpty else { continue }
            html += "<h4>\(title)</h4><ul>"
            for item in items {
                if name == "notAvailable" {
                    html += "<li>\(HTML.escaped(lack(item) ?? line(item)))</li>"
                } else {
                    html += "<li class=\"data\">\(HTML.escaped(item["text"]?.text ?? line(item)))</li>"
                }
            }
            html += "</ul>"
        }
        if let account = handOff.account { html += details(say("账户资料", "The account"), account) }
        return html + details(say("整张卡", "The whole card"), card)
    }

    private func details(_ title: String, _ value: CardValue) -> String {
        "<details><summary>\(title)</summary><div class=\"data\">\(table(value))</div></details>"
    }

    /// What of the card could not be had, and why; nil where there are no words for the part.
    private func lack(_ item: CardValue) -> String? {
        let parts = [
            "promised": say("答应过的事", "what was promised"), "money": say("费用", "money"),
            "amount_due": say("应缴", "what is to be paid"), "paid": say("缴费", "payments"),
            "recomputation": say("复算", "the bill by the rules"), "triage": say("不热的判断", "why it is cold"),
        ]
        switch (item["code"]?.text, item["part"]?.text) {
        case ("account.notKnown", _): return say("还不知道是哪一户", "It is not known which account it is")
        case ("account.noView", _): return say("系统里没有这一户的资料", "Nothing is known of the account")
        case (let code?, let part?): return parts[part].map { say("\($0)(\(code))", "\($0) (\(code))") }
        default: return nil
        }
    }

    private func line(_ item: CardValue) -> String {
        guard case .object(let members) = item else { return item.words(say) ?? "" }
        return members.compactMap { member in member.value.words(say).map { "\(member.name) \($0)" } }.joined(
            separator: " · ")
    }

    private func table(_ value: CardValue, depth: Int = 0) -> String {
        switch value {
        case .object(let members) where depth < 6:
            return "<dl>"
                + members.map {
                    "<dt>\(HTML.escaped($0.name))</dt><dd>\(table($0.value, depth: depth + 1))</dd>"
                }.joined() + "</dl>"
        case .list(let items) where depth < 6:
            return "<ul>" + items.map { "<li>\(table($0, depth: depth + 1))</li>" }.joined() + "</ul>"
        default: return HTML.escaped(value.words(say) ?? "—")
        }
    }

    // MARK: Words

    /// What a person at the desk is told.
    func words(of problem: Problem) -> String {
        switch problem.code {
        case "held-by-another": say("另一位坐席已经接手了。", "Another person has taken it over.")
        case "not-owner": say("这个会话不在您手里,请先接手。", "The conversation is not yours: take it over first.")
        case "hand-off-closed": say("这个会话已经结束了。", "The conversation is closed already.")
        case "invalid-parameter":
            say("内容不对:请写一段话,不超过4000字。", "That cannot be sent: write something, of at most 4000 characters.")
        case "unknown-hand-off", "unknown-conversation": say("没有这个转接。", "There is no such hand-off.")
        case "idempotency-key-in-use":
            say("这个表单已经用过了,请再点一次。", "The form has been used already: press the button again.")
        case _ where problem.mayHaveHappened:
            say(
                "不知道办成没有,请看看会话里有没有,没有再试一次。",
                "Whether it was done is not known: look whether the conversation has it, and try again if not.")
        default:
            say("没有办成(\(problem.code)),请再试一次。", "It could not be done (\(problem.code)); try again.")
        }
    }

    private static func time(_ text: String?) -> String { text.map { String($0.dropFirst(11).prefix(5)) } ?? "" }

    private var unbound: String { say("未绑定", "not known") }
    private func reason(_ why: String) -> String { say.word(why, of: "reason") }
    private func channel(_ name: String) -> String { say.word(name, of: "channel") }
}
