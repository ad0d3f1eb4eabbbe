import Actions
import Answers
import HeatModel
import Pages
import Store

/// What systems were asked to do, what customers are told, and what of it waits.
extension Look {
    /// Of actions and notices, what is not settled: two lines of the first page.
    mutating func outboxes() throws(Problem) -> Fragment {
        guard may(.actions) else { return "" }
        var html: Fragment = "<h3>\(say("动作与通知", "Actions and notices"))</h3>"
        let actions = try ask(.actions, ["limit": .integer(1)])
        let counts = actions["counts"].items
        func sum(_ isMeant: (DocumentValue) -> Bool) -> Int64 {
            counts.filter(isMeant).reduce(0) { $0 + ($1["count"].integer ?? 0) }
        }
        let settled = ["confirmed", "refused", "dropped"]
        let open = sum { !settled.contains($0["state"].text ?? "") }
        let unknown = sum { $0["state"].text == "unknown" }
        let dead = sum { $0["dead"].flag == true }
        html += """
            <p>\(link("/console/actions", [("state", "open")], say("\(open) 个动作未了结", "\(open) actions not settled"))), \
            \(link("/console/actions", [("state", "unknown")], say("\(unknown) 个结果不明", "\(unknown) of unknown outcome"))), \
            <b class="\(dead == 0 ? "well" : "bad")">\(link("/console/actions", [("dead", "true")],
                say("\(dead) 个等人处理", "\(dead) wait for a person")))</b>
            """
        for oldest in actions["oldest"].items {
            let (system, age) = (oldest["system"].text ?? "", since(oldest["accepted_at"]))
            html += " (\(say("\(system) 最久的已等 \(age)", "\(system): the oldest waits for \(age)")))"
        }
        let list = try ask(.noticeList, ["limit": .integer(1)])
        let notices = list["counts"].items
        func told(_ states: [String]) -> Int64 {
            notices.filter { states.contains($0["state"].text ?? "") }.reduce(0) { $0 + ($1["count"].integer ?? 0) }
        }
        html += """
             · \(link("/console/notices", [("state", "open")],
                say("\(told(["planned", "deferred"])) 条通知待发", "\(told(["planned", "deferred"])) notices planned or put off")))\
            \(late(list["overdue_since"])), \
            \(link("/console/notices", [("state", "notSent")], say("\(told(["notSent"])) 条没有发", "\(told(["notSent"])) not sent")))</p>
            """
        return html
    }

    private func since(_ value: DocumentValue) -> String {
        let then = value.text.flatMap { Instant($0) }?.microseconds ?? now.microseconds
        return say.span(max(0, now.microseconds - then) / 1_000_000)
    }

    /// Of notices that should have gone out.
    private func late(_ since: DocumentValue) -> Fragment {
        guard since.text != nil else { return "" }
        let age = self.since(since)
        return " (<span class=\"bad\">\(say("最早的已晚了 \(age)", "the oldest is late by \(age)"))</span>)"
    }

    private mutating func listed(_ kind: QuestionKind, _ arguments: Arguments) throws(Problem) -> DocumentValue {
        var arguments = arguments
        arguments["limit"] = .integer(50)
        if let before = request.query["before"], !before.isEmpty {
            guard let number = Int(before) else { throw .parameter("before", "must be a whole number") }
            arguments["before"] = .integer(number)
        }
        return try ask(kind, arguments)
    }

    /// Links to each state, that which is shown without one.
    private func choices(_ path: String, _ states: [String], _ shown: String) -> Fragment {
        let links = states.map { state in
            state == shown
                ? "<b aria-current=\"true\">\(say.word(state, of: "outbox"))</b> "
                : "\(link(path, [("state", state)], say.word(state, of: "outbox"))) " as Fragment
        }
        return "<p class=\"choices\">\(links)</p>"
    }

    private func next(_ list: DocumentValue, _ path: String, _ names: [String]) -> Fragment {
        guard let next = list["next"].integer else { return "" }
        let query = names.compactMap { name in request.query[name].map { (name, $0) } }
        return
            "<p class=\"cut\">\(say("每页 50 条。", "50 a page.")) \(link(path, query + [("before", "\(next)")], say("更早的", "Earlier ones")))</p>"
    }

    private func accountCell(_ value: DocumentValue) -> Fragment {
        value.text.map { may(.account) ? link("/console/account", [("number", $0)], $0) : "\($0)" } ?? "–"
    }

    /// What legacy systems were asked to do; one of them with each attempt.
    mutating func actions() throws(Problem) -> ConsoleDoor.Outcome {
        var arguments = arguments("state", "account")
        let isDead = request.query["dead"] == "true"
        if isDead { arguments["dead"] = .flag(true) }
        if let text = request.query["action"], !text.isEmpty {
            guard let number = Int(text) else { throw .parameter("action", "must be a whole number") }
            return try action(number)
        }
        let list = try listed(.actions, arguments)
        let state = request.query["state"].flatMap { $0.isEmpty ? nil : $0 } ?? "all"
        let title = say("动作", "Actions")
        var main: Fragment = "<h2>\(title)</h2>"
        main +=
            "<p>\(say("旧系统被要求做的事;“结果不明”既不是成功也不是失败。", "What legacy systems were asked to do. Unknown is neither success nor failure."))</p>"
        main += .table(
            say("有多少", "How many"),
            [
                say("系统", "System"), say("种类", "Kind"), say("状态", "State"), say("等人", "For a person"),
                say("个数", "Count"),
            ],
            list["counts"].items.prefix(60).map { count in
                [
                    "\(count["system"].text ?? "")", "\(count["kind"].text ?? "")",
                    "\(say.word(count["state"].text, of: "outbox"))",
                    count["dead"].flag == true ? "<span class=\"bad\">\(say("是", "yes"))</span>" : "–",
                    "\(count["count"].text ?? "–")",
                ]
            })
        main += choices(
            "/console/actions", ["all", "open", "accepted", "sending", "unknown", "confirmed", "refused", "dropped"],
            isDead ? "" : state)
        main +=
            "<p>\(link("/console/actions", [("dead", "true")], say("只看等人处理的", "Only those that wait for a person")))</p>"
        let actions = list["actions"].items
        if actions.isEmpty { main += "<p>\(say("没有这样的动作。", "There are none."))</p>" }
        main += .table(
            title,
            [
                say("编号", "Number"), say("状态", "State"), say("系统", "System"), say("种类", "Kind"),
                say("户号", "Account"), say("受理", "Accepted"), say("系统的编号", "The system's number"), say("说明", "Message"),
            ],
            actions.map { action in
                [
                    link("/console/actions", [("action", action["action"].text ?? "")], action["action"].text ?? "–"),
                    mark(action), "\(action["system"].text ?? "")", "\(action["kind"].text ?? "")",
                    accountCell(action["account_number"]), "\(time(action["accepted_at"]))",
                    .text(action["system_number"].text), .text(action["message"].text.map { String($0.prefix(300)) }),
                ]
            })
        return .page(
            title, "<div id=\"live\">\(main)\(next(list, "/console/actions", ["state", "account", "dead"]))</div>")
    }

    private func mark(_ action: DocumentValue) -> Fragment {
        let state = action["state"].text
        let look =
            ["confirmed", "sent"].contains(state ?? "")
            ? "well" : ["unknown", "refused", "notSent"].contains(state ?? "") ? "bad" : ""
        let waits = action["dead"].flag == true || action["waits_for_person"].flag == true
        return """
            <span class="\(look)">\(say.word(state, of: "outbox"))</span>\
            \(waits ? " <strong class=\"bad\">\(say("等人处理", "waits for a person"))</strong>" as Fragment : "")
            """
    }

    private mutating func action(_ number: Int) throws(Problem) -> ConsoleDoor.Outcome {
        // Before the document: what changes in between is refused, never overlooked.
        let seen = try settled { try door.ways.outbox.mark(of: ActionID(Int64(number))) } ?? ""
        let document = try ask(.actions, ["action": .integer(number)])
        let action = document["actions"].items.first ?? .none
        let title = say("动作 \(number)", "Action \(number)")
        func row(_ words: String, _ value: Fragment) -> Fragment { "<dt>\(words)</dt><dd>\(value)</dd>" }
        var main: Fragment = "<h2>\(title)</h2><p>\(link("/console/actions", [], say("全部动作", "All actions")))</p><dl>"
        main += row(say("状态", "State"), mark(action)) + row(say("系统", "System"), .text(action["system"].text))
        main += row(say("种类", "Kind"), .text(action["kind"].text))
        main += row(say("户号", "Account"), accountCell(action["account_number"]))
        main += row(say("我们的编号", "Our reference"), "<code>\(action["reference"].text ?? "")</code>")
        main += row(say("系统的编号", "The system's number"), .text(action["system_number"].text))
        main += row(say("受理", "Accepted"), time(action["accepted_at"]))
        main += row(say("变为现状", "So since"), time(action["changed_at"]))
        main += row(say("最早再试", "Not tried before"), time(action["not_before"]))
        main += row(say("系统的说法", "The system's words"), .text(action["message"].text)) + "</dl>"
        main += "<h3>\(say("每一次尝试", "Each attempt"))</h3>"
        let attempts = action["attempts"].items
        if attempts.isEmpty { main += "<p>\(say("还没有试过。", "It was not tried yet."))</p>" }
        main += .table(
            say("每一次尝试", "Each attempt"),
            [
                say("次", "Attempt"), say("做什么", "What"), say("开始", "Began"), say("结束", "Ended"), say("结果", "Result"),
                say("细节", "Detail"),
            ],
            attempts.suffix(100).map {
                [
                    "\($0["attempt"].text ?? "")", "\($0["kind"].text ?? "")", "\(time($0["begun_at"]))",
                    "\(time($0["ended_at"]))", "<code>\($0["result"].text ?? "–")</code>",
                    .text($0["detail"].text.map { String($0.prefix(300)) }),
                ]
            })
        main += cut(min(100, attempts.count), of: attempts.count, "<code>/v1/actions?action=\(number)</code>")
        main += deeds(action, number, seen)
        return .page(title, "<div id=\"live\">\(main)</div>")
    }

    private var maySettle: Bool { visitor.caller.scopes.contains(ScopeSet.of(.engineer)) }

    /// Trying it again, and giving it up.
    private func deeds(_ action: DocumentValue, _ number: Int, _ seen: String) -> Fragment {
        guard action["settled"].flag == false else { return "" }
        guard maySettle else {
            return """
                <p>\(say("这里只能看。有 engineer 权限的令牌可以再试一次或者放弃。",
                    "Here it can only be looked at. A token with the scope engineer may try it again or give it up."))</p>
                """
        }
        let common: Fragment = """
            \(.hidden("token", door.formToken(visitor)))\(.hidden("action", "\(number)"))\(.hidden("seen", seen))
            """
        return """
            <h3>\(say("处理", "What to do"))</h3>\
            <p>\(say("再试不会做两遍:可能已经生效的,先去问系统。", "Trying again does nothing twice: what may have taken effect is asked about first."))</p>\
            <form method="post" action="/console/actions">\(common)\(.hidden("do", "retry"))\
            <button class="send">\(say("马上再试", "Try again at once"))</button></form>\
            <form method="post" action="/console/actions">\(common)\(.hidden("do", "drop"))\
            <label for="reason">\(say("放弃的理由(必填,会留在动作和审计链里;不要写个人信息)",
                "Why it is given up (needed; it stays with the action and in the audit chain: nothing personal)"))</label>\
            <input id="reason" name="reason" maxlength="\(Outbox.mostReason)" required>\
            <button>\(say("放弃", "Give up"))</button></form>\
            <p>\(say("放弃以后不再发送;在系统里已经生效的不会撤回。", "It is not sent any more then; what has taken effect in the system stays there."))</p>
            """
    }

    private func settled<Result>(_ body: () throws -> Result) throws(Problem) -> Result {
        do {
            return try body()
        } catch let error as HearthError where error.code == .actionChanged {
            throw Problem(.conflict, "action-changed", "The action has changed since the page was made")
        } catch let error as HearthError where error.code == .actionNotSettled {
            throw Problem(.conflict, "action-not-open", "The action is settled, or a worker is at it")
        } catch { throw Problem(error) }
    }

    /// Has an action tried again, or gives it up, where it still is what the page showed.
    mutating func settle(_ form: FormBody) throws(Problem) -> ConsoleDoor.Outcome {
        guard maySettle else { throw .forbidden([.engineer]) }
        guard let number = form["action"].flatMap({ Int($0) }) else {
            throw .parameter("action", "must be a whole number")
        }
        let action = try ask(.actions, ["action": .integer(number)])["actions"].items.first ?? .none
        let (id, seen, person) = (ActionID(Int64(number)), form["seen"] ?? "", visitor.caller.id)
        let outbox = door.ways.outbox
        let reason = (form["reason"] ?? "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let deed: () throws -> StoredAction
        switch form["do"] {
        case "retry": deed = { try outbox.retry(id, by: person, ifStill: seen) }
        case "drop":
            guard (1...Outbox.mostReason).contains(reason.count) else {
                throw .parameter("reason", "must be 1 to \(Outbox.mostReason) characters")
            }
            deed = { try outbox.drop(id, by: person, reason: reason, ifStill: seen) }
        default: throw .foreignForm
        }
        func access(_ outcome: StaticString) -> Access {
            Access(
                accounts: [action["account_number"].text].compactMap(\.self),
                action: "console:action \(form["do"] ?? "")",
                outcome: outcome)
        }
        do throws(Problem) {
            _ = try settled(deed)
            note(access("ok"))
        } catch {
            note(access(error.outcome))
            throw error
        }
        return .goTo("/console/actions?action=\(number)")
    }

    /// What customers are told, or not and why.
    mutating func notices() throws(Problem) -> ConsoleDoor.Outcome {
        let list = try listed(.noticeList, arguments("state", "rule"))
        let state = request.query["state"].flatMap { $0.isEmpty ? nil : $0 } ?? "open"
        let title = say("通知", "Notices")
        var main: Fragment = "<h2>\(title)</h2>"
        main += .table(
            say("有多少", "How many"), [say("规则", "Rule"), say("状态", "State"), say("条数", "Count")],
            list["counts"].items.prefix(100).map {
                [
                    link(
                        "/console/notices", [("rule", $0["rule"].text ?? ""), ("state", "all")], $0["rule"].text ?? ""),
                    "\(say.word($0["state"].text, of: "outbox"))", "\($0["count"].text ?? "–")",
                ]
            })
        main += choices(
            "/console/notices",
            ["open", "planned", "deferred", "queued", "sending", "sent", "unknown", "notSent", "all"], state)
        let notices = list["notices"].items
        if notices.isEmpty { main += "<p>\(say("没有这样的通知。", "There are none."))</p>" }
        main += .table(
            title,
            [
                say("编号", "Number"), say("状态", "State"), say("规则", "Rule"), say("户号", "Account"), say("关于", "About"),
                say("不早于", "Not before"), say("过期", "Expires"), say("为什么", "Why"), say("动作", "Action"),
            ],
            notices.map { notice in
                [
                    "\(notice["notice"].text ?? "")", mark(notice), "\(notice["rule"].text ?? "")",
                    accountCell(notice["account_number"]), "\(notice["about"].text ?? "")",
                    "\(time(notice["not_before"]))", "\(time(notice["expires_at"]))", .text(notice["reason"].text),
                    notice["action"].text.map { link("/console/actions", [("action", $0)], $0) } ?? "–",
                ]
            })
        return .page(title, "<div id=\"live\">\(main)\(next(list, "/console/notices", ["state", "rule"]))</div>")
    }
}
