import Answers
import Pages

/// The pages of the desk.
extension DeskDoor {
    private func page(_ title: String, _ main: String, _ visitor: Visitor?) -> Page {
        var body = "<a class=\"skip\" href=\"#main\">跳到内容</a><header><h1><a href=\"\(Self.path)\">人工坐席</a></h1>"
        if let visitor {
            body += "<form method=\"post\" action=\"\(Self.path)/leave\">" + HTML.hidden("token", formToken(visitor))
            body +=
                "<span>\(HTML.escaped(visitor.agent ?? visitor.caller.id))</span><button class=\"quiet\">退出</button></form>"
        }
        body += "</header><main id=\"main\">\(main)</main>"
        return Page(title, style: Self.path + "/desk.css", script: Self.path + "/desk.js", body: body)
    }

    func loginPage(_ note: String?, status: Int) -> WebAnswer {
        var main = "<h2>登录</h2>"
        if let note { main += "<p role=\"alert\" class=\"note\">\(HTML.escaped(note))</p>" }
        main += "<form class=\"login\" method=\"post\" action=\"\(Self.path)\">"
        main += "<label for=\"secret\">令牌(权限 desk)</label>"
        main += "<input id=\"secret\" name=\"secret\" type=\"password\" autocomplete=\"current-password\" required>"
        main += "<label for=\"agent\">坐席名(可不填;字母、数字,不要写真名)</label>"
        main += "<input id=\"agent\" name=\"agent\" maxlength=\"40\" autocomplete=\"username\">"
        main += "<button class=\"send\">登录</button></form>"
        var page = page("登录", main, nil)
        page.status = status
        return page.answer()
    }

    func problemPage(_ problem: Problem, _ visitor: Visitor) -> Page {
        var page = page(
            "没有办成",
            "<p role=\"alert\" class=\"note\">\(HTML.escaped(Self.words(of: problem)))</p><p><a href=\"\(Self.path)\">回到列表</a></p>",
            visitor)
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

    func queuePage(_ list: HandOffList, _ visitor: Visitor) -> Page {
        // Emergencies first, then who has waited longest; what somebody has stands behind.
        let items = list.handOffs.enumerated().sorted { left, right in
            let (one, other) = (left.element, right.element)
            if (one.state == "waiting") != (other.state == "waiting") { return one.state == "waiting" }
            if (one.why == Self.urgentReason) != (other.why == Self.urgentReason) {
                return one.why == Self.urgentReason
            }
            return left.offset < right.offset
        }.map(\.element)
        var main = "<h2>转接列表</h2><p id=\"count\" role=\"status\">等待中 \(items.count { $0.state == "waiting" }) 个</p>"
        if items.isEmpty {
            main += "<p>现在没有人在等。</p>"
        } else {
            main +=
                "<div class=\"wide\"><table id=\"queue\"><thead><tr><th scope=\"col\">编号</th><th scope=\"col\">等了</th>"
            main += "<th scope=\"col\">原因</th><th scope=\"col\">渠道</th><th scope=\"col\">户号</th>"
            main += "<th scope=\"col\">状态</th><th scope=\"col\">开场白</th></tr></thead><tbody>"
            for item in items {
                main +=
                    "<tr class=\"\(item.state == "waiting" ? "waiting" : "held")\"><td><a href=\"\(Self.path)/hand-off/\(item.handOff)\">\(item.handOff)</a></td>"
                main += "<td>\(Self.age(item.waitedSeconds ?? 0))</td><td>\(HTML.escaped(Self.reason(item.why)))"
                if item.elderly == true { main += " <strong class=\"mark\">老年用户</strong>" }
                main += "</td><td>\(HTML.escaped(Self.channel(item.channel ?? "")))</td>"
                main += "<td>\(HTML.escaped(item.accountNumber ?? "未绑定"))</td>"
                main += "<td>\(HTML.escaped(item.state == "waiting" ? "等待" : "已接:" + (item.owner ?? "")))</td>"
                main += "<td>\(HTML.escaped(item.suggested ?? ""))</td></tr>"
            }
            main += "</tbody></table></div>"
        }
        return page("转接列表", main, visitor)
    }

    func page(
        _ handOff: HandOffDocument, _ talk: ConversationDocument, _ visitor: Visitor, note: String?, draft: String?
    ) -> Page {
        let action = "\(Self.path)/hand-off/\(handOff.handOff)"
        func form(_ what: String, _ inner: String) -> String {
            "<form method=\"post\" action=\"\(action)\" class=\"\(what)\">" + HTML.hidden("token", formToken(visitor))
                + HTML.hidden("key", CookieKeys.random()) + HTML.hidden("do", what) + inner + "</form>"
        }
        let owner = visitor.agent.map { "\(visitor.caller.id)/\($0)" } ?? visitor.caller.id
        let isMine = handOff.state == "claimed" && handOff.owner == owner
        var main = "<h2>转接 \(handOff.handOff):\(HTML.escaped(Self.reason(handOff.why)))</h2>"
        if let note { main += "<p role=\"alert\" class=\"note\">\(HTML.escaped(note))</p>" }
        main += "<div class=\"two\"><section aria-labelledby=\"card\"><h3 id=\"card\">情况卡</h3>"
        main += card(handOff) + "</section>"
        main += "<section aria-labelledby=\"talk\"><h3 id=\"talk\">对话(\(HTML.escaped(Self.channel(talk.channel))))</h3>"
        main +=
            "<div role=\"log\" aria-live=\"polite\" aria-labelledby=\"talk\" tabindex=\"0\" id=\"talking\"><ol id=\"log\">"
        for turn in talk.turns {
            let who = turn.speaker ?? ""
            let name = who == "customer" ? "客户" : who == "human" ? "人工" : "智能客服"
            main +=
                "<li class=\"\(HTML.escaped(who))\"><span class=\"who\">\(name) \(HTML.escaped(Self.time(turn.at)))</span>"
            main += "<div class=\"said\">\(HTML.paragraphs(turn.words ?? ""))</div></li>"
        }
        main += "</ol></div>"
        switch handOff.state {
        case "closed": main += "<p>已经结束。</p>"
        case "claimed" where isMine:
            main += form(
                "reply",
                "<label for=\"words\">回复客户</label><textarea id=\"words\" name=\"words\" rows=\"3\" maxlength=\"4000\" required>\(HTML.escaped(draft ?? ""))</textarea><button class=\"send\">发送</button>"
            )
            let outcomes = [("resolved", "已解决"), ("followUp", "还要跟进"), ("unreachable", "联系不上"), ("other", "其他")]
            main += form(
                "close",
                "<label for=\"outcome\">结束,交还智能客服:</label><select id=\"outcome\" name=\"outcome\">"
                    + outcomes.map { "<option value=\"\($0.0)\">\($0.1)</option>" }.joined()
                    + "</select><label for=\"closing\">备注</label><input id=\"closing\" name=\"closing\" maxlength=\"1000\"><button>结束</button>"
            )
        default:
            if handOff.state == "claimed" { main += "<p>已由 \(HTML.escaped(handOff.owner ?? "")) 接手。</p>" }
            main += form("claim", "<button class=\"send\">接手</button>")
        }
        main += "</section></div>"
        return page("转接 \(handOff.handOff)", main, visitor)
    }

    // MARK: The card

    private func card(_ handOff: HandOffDocument) -> String {
        let card = handOff.card
        var html = ""
        if let suggested = card["suggested"]?.text {
            html += "<p class=\"suggested\"><span>可以这样开头:</span>\(HTML.escaped(suggested))</p>"
        }
        html += "<dl>"
        func row(_ name: String, _ value: String?) {
            if let value, !value.isEmpty { html += "<dt>\(name)</dt><dd>\(HTML.escaped(value))</dd>" }
        }
        row("户号", handOff.accountNumber ?? "未绑定")
        row("原因", Self.reason(handOff.why))
        row("说明", card["whyInWords"]?.text)
        if card["elderly"]?.text == "是" { row("注意", "老年用户:慢一点,说大白话") }
        row("应缴", card["amountDue"]?["text"]?.text ?? card["amountDue"]?["due"]?.text)
        row(
            "核算",
            card["recomputation"]?["result"]?.text.map {
                $0 == "equal" ? "按规定复算一致" : $0 == "differs" ? "与规定复算不一致" : "不能复算"
            })
        row("家里不热", card["triage"]?["text"]?.text)
        html += "</dl>"
        for (name, title) in [("promised", "已答应的"), ("openOrders", "未完工单"), ("notAvailable", "没有取到的")] {
            guard case .list(let items)? = card[name], !items.isEmpty else { continue }
            html += "<h4>\(title)</h4><ul>"
            for item in items {
                let text = name == "notAvailable" ? Self.lack(item) : item["text"]?.text
                html += "<li>\(HTML.escaped(text ?? Self.line(item)))</li>"
            }
            html += "</ul>"
        }
        if let account = handOff.account {
            html += "<details><summary>账户资料</summary>\(table(account))</details>"
        }
        return html + "<details><summary>整张卡</summary>\(table(card))</details>"
    }

    /// What of the card could not be had, and why; nil where there are no words for the part.
    private static func lack(_ item: CardValue) -> String? {
        let parts = [
            "promised": "答应过的事", "money": "费用", "amount_due": "应缴", "paid": "缴费", "recomputation": "复算",
            "triage": "不热的判断",
        ]
        switch (item["code"]?.text, item["part"]?.text) {
        case ("account.notKnown", _): return "还不知道是哪一户"
        case ("account.noView", _): return "系统里没有这一户的资料"
        case (let code?, let part?): return parts[part].map { "\($0)(\(code))" }
        default: return nil
        }
    }

    private static func line(_ item: CardValue) -> String {
        guard case .object(let members) = item else { return item.text ?? "" }
        return members.compactMap { member in member.value.text.map { "\(member.name) \($0)" } }.joined(
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
        default: return HTML.escaped(value.text ?? "—")
        }
    }

    // MARK: Words

    private static func age(_ seconds: Int64) -> String {
        switch seconds {
        case ..<60: "不到1分钟"
        case ..<3600: "\(seconds / 60)分钟"
        case ..<86_400: "\(seconds / 3600)小时\(seconds % 3600 / 60)分"
        default: "\(seconds / 86_400)天"
        }
    }

    private static func time(_ text: String?) -> String { text.map { String($0.dropFirst(11).prefix(5)) } ?? "" }

    private static func reason(_ why: String) -> String {
        [
            "asked": "要求人工", "misunderstood": "没听懂", "unanswered": "答不了", "bill": "费用有疑问", "coldHome": "家里不热",
            "complaint": "投诉", "emergency": "紧急", "actionFailed": "没有办成", "other": "其他",
        ][why] ?? why
    }

    private static func channel(_ name: String) -> String {
        [
            "app": "APP", "counter": "营业厅", "kiosk": "终端机", "phone": "热线", "sms": "短信", "web": "网页", "wechat": "微信",
            "other": "其他",
        ][name] ?? name
    }
}
