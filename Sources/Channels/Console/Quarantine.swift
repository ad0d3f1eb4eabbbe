import Answers
import HeatModel
import Pages
import Store
import Sync

extension Look {
    /// By cause; the entries of one, oldest first, a page at a time.
    mutating func quarantine() throws(Problem) -> ConsoleDoor.Outcome {
        .page(say("隔离", "Quarantine"), try quarantinePage(note: nil))
    }

    private mutating func quarantinePage(note: String?) throws(Problem) -> Fragment {
        var arguments = arguments("stream", "code", "state")
        arguments["limit"] = .integer(50)
        if let after = request.query["after"], !after.isEmpty {
            guard let number = Int(after) else { throw .parameter("after", "must be a whole number") }
            arguments["after"] = .integer(number)
        }
        let list = try ask(.quarantine, arguments)
        let (stream, code) = (request.query["stream"] ?? "", request.query["code"] ?? "")
        let state = request.query["state"].flatMap { $0.isEmpty ? nil : $0 } ?? "open"
        var main: Fragment = "<h2>\(say("隔离", "Quarantine"))</h2>"
        if let note { main += "<p role=\"alert\" class=\"note\">\(note)</p>" }
        main += "<div id=\"live\">\(replaying())</div>"
        let records = list["records"].items
        if arguments["after"] == nil, stream.isEmpty, code.isEmpty { main += causes(list["counts"].items) }
        let states = ["open", "replayed", "resolved", "discarded", "all"].map { name in
            name == state
                ? "<b aria-current=\"true\">\(say.word(name, of: "entry"))</b> "
                : "\(link("/console/quarantine", [("stream", stream), ("code", code), ("state", name)], say.word(name, of: "entry"))) "
                    as Fragment
        }
        main += "<h3>\(say("记录", "Entries")) \([stream, code].filter { !$0.isEmpty }.joined(separator: " · "))</h3>"
        main += "<p class=\"choices\">\(states)</p>"
        if state == "open", !code.isEmpty, !records.isEmpty { main += replayingAll(code, stream) }
        if records.isEmpty { main += "<p>\(say("没有这样的记录。", "There are none."))</p>" }
        main += .table(
            say("隔离记录", "Entries"),
            [
                say("编号", "Entry"), say("原因", "Cause"), say("数据流", "Stream"), say("位置", "Place"), say("说明", "Why"),
                say("可能是", "Could be"), say("运行", "Runs"), say("状态", "State"),
            ],
            records.map { record in
                let candidates = record["candidates"].items.compactMap(\.text)
                let id = record["id"].integer ?? 0
                return [
                    "<a href=\"/console/quarantine/\(id)\">\(id)</a>", "<code>\(record["code"].text ?? "")</code>",
                    "\(record["stream"].text ?? "")", "\(record["place"].text ?? "–")",
                    why(record["message"].text, record["code"].text),
                    candidates.isEmpty
                        ? "–"
                        : "\(candidates.prefix(3).joined(separator: ", "))\(candidates.count > 3 ? " +\(candidates.count - 3)" : "")",
                    "\(runLink(record["first_run"]))…\(runLink(record["last_run"]))",
                    "\(say.word(record["state"].text, of: "entry"))",
                ]
            })
        if let next = list["next"].integer {
            let more = link(
                "/console/quarantine", [("stream", stream), ("code", code), ("state", state), ("after", "\(next)")],
                say("下一页", "Next page"))
            main += "<p class=\"cut\">\(say("每页 50 条。", "50 a page.")) \(more)</p>"
        }
        return main
    }

    // MARK: All of one cause

    /// What the last replay of a cause came to, and whether one is under way.
    private func replaying() -> Fragment {
        let state = door.replays.current
        var html: Fragment = ""
        if let work = state.underway {
            html +=
                "<p class=\"busy\">\(say("正在重放:", "Replaying:")) \(work.name) (\(work.caller), \(time(.text(work.since.description))))</p>"
        }
        guard let last = state.last else { return html }
        html +=
            "<p role=\"status\">\(say("上一次重放", "The last replay")) <code>\(last.name)</code> (\(last.caller), \(time(.text(last.at.description)))): "
        switch last.outcome {
        case .success(let result):
            html += """
                <b class="well">\(say("\(result.replayed) 条通过", "\(result.replayed) went through"))</b>, \
                \(say("\(result.refused) 条又被拒(原因是现在的)", "\(result.refused) were refused again, for the reason of now"))\
                \(result.unreadable > 0 ? say(",\(result.unreadable) 条拆不成列,只有源系统能重发",
                    ", \(result.unreadable) cannot be split into columns: only the source can send them again") : "")
                """
        case .failure(let error):
            html += "<span class=\"bad\">\(words(of: Self.mendingFailed(error)))</span>"
        }
        return html + "</p>"
    }

    /// All that wait for one reason go through again.
    private func replayingAll(_ code: String, _ stream: String) -> Fragment {
        guard door.ways.mend != nil, mayMend else { return "" }
        return """
            <form method="post" action="/console/quarantine">\(.hidden("token", door.formToken(visitor)))\
            \(.hidden("code", code))\(.hidden("stream", stream))\
            <button class="send">\(say("全部重放:\(code) \(stream)", "Replay all of \(code) \(stream)"))</button></form>
            """
    }

    /// Has all entries of one reason go through again, behind the page.
    mutating func replayAll(_ form: FormBody) throws(Problem) -> ConsoleDoor.Outcome {
        guard let mend = door.ways.mend, mayMend else { throw .forbidden([.engineer]) }
        let code = form["code"] ?? ""
        let stream = form["stream"].flatMap { $0.isEmpty ? nil : $0 }
        let counts = try ask(.quarantine, ["limit": .integer(1)])["counts"].items
        let waits = counts.contains { count in
            count["code"].text == code && (stream == nil || count["stream"].text == stream)
        }
        guard waits else { throw Problem(.conflict, "no-entries", "No entry waits for this reason") }
        let name = [code, stream].compactMap(\.self).joined(separator: " ")
        let isBegun = door.replays.begin(name, by: visitor.caller.id) { _ in try mend.replayAll(code, stream) }
        note(Access(accounts: [], action: "console:quarantine replay all", outcome: isBegun ? "ok" : "limited"))
        if isBegun { return .goTo("/console/quarantine") }
        return .page(
            say("隔离", "Quarantine"),
            try quarantinePage(note: say("已经在重放,请等它做完。", "A replay is under way already; wait for its end.")))
    }

    // MARK: One entry

    /// One entry: what it says beside why it was not taken over, and what may be done.
    mutating func entry() throws(Problem) -> ConsoleDoor.Outcome {
        .page(say("隔离记录", "An entry"), try entryPage(note: nil))
    }

    private var entryNumber: Int {
        get throws(Problem) {
            guard let number = request.values.first.flatMap({ Int($0) }) else {
                throw .parameter("id", "must be a whole number")
            }
            return number
        }
    }

    private mutating func entryPage(note: String?) throws(Problem) -> Fragment {
        let number = try entryNumber
        let entry = try ask(.quarantineEntry, ["id": .integer(number)])
        let candidates = entry["candidates"].items.compactMap(\.text)
        var main: Fragment = "<h2>\(say("隔离记录 \(number)", "Entry \(number)"))</h2>"
        if let note { main += "<p role=\"alert\" class=\"note\">\(note)</p>" }
        main += """
            <dl><dt>\(say("原因", "Cause"))</dt><dd><code>\(entry["code"].text ?? "")</code></dd>\
            <dt>\(say("说明", "Why"))</dt><dd>\(why(entry["message"].text, entry["code"].text))</dd>\
            <dt>\(say("状态", "State"))</dt><dd>\(say.word(entry["state"].text, of: "entry"))</dd>\
            <dt>\(say("数据流", "Stream"))</dt><dd>\(streamLink(entry["stream"].text))</dd>\
            <dt>\(say("位置", "Place"))</dt><dd>\(entry["place"].text ?? "–")</dd>\
            <dt>\(say("键", "Key"))</dt><dd>\(entry["key"].text ?? "–")</dd>\
            <dt>\(say("运行", "Runs"))</dt><dd>\(runLink(entry["first_run"]))…\(runLink(entry["last_run"]))</dd>\
            <dt>\(say("备注", "Note"))</dt><dd>\(entry["note"].text ?? "–")</dd></dl>
            """
        if !candidates.isEmpty {
            main += "<h3>\(say("可能是这些账户", "It could be of these accounts"))</h3>"
            main += choosing(candidates, entry, number)
            main += cut(
                min(Self.mostChoices, candidates.count), of: candidates.count, "<code>/v1/quarantine/\(number)</code>")
        }
        main += "<h3>\(say("原文", "The raw row"))</h3>"
        let columns = entry["raw"]["columns"].items
        if columns.isEmpty {
            let size = entry["raw"]["bytes"].text ?? "–"
            main +=
                "<p>\(say("这一行没能拆成列,字节数:", "The row could not be split into columns. Bytes:")) \(size)</p>"
            if let text = entry["raw"]["text"].text { main += "<pre>\(String(text.prefix(20_000)))</pre>" }
        }
        let blamed = entry["column"].text
        main += .table(
            say("原文,逐列", "The raw row, column by column"),
            [
                say("列", "Column"), say("原文", "Raw text"), say("映射到", "Mapped to"), say("规则", "Rule"),
                say("问题", "Trouble"),
            ],
            columns.prefix(300).map { column in
                let name = column["column"].text
                return [
                    "<code>\(name ?? "")</code>", .text(column["text"].text.map { String($0.prefix(500)) }),
                    "\(column["fields"].items.compactMap(\.text).joined(separator: ", "))",
                    ruleLink(column["mapping"].text, entry["stream"].text),
                    name != nil && name == blamed ? "<strong class=\"bad\">\(entry["code"].text ?? "")</strong>" : "",
                ]
            })
        main += cut(min(300, columns.count), of: columns.count, "<code>/v1/quarantine/\(number)</code>")
        return main + mending(entry, number)
    }

    /// The place of a rule, `billing.charges.yaml:31:3`, which leads to its line in the mapping file.
    private func ruleLink(_ place: String?, _ stream: String?) -> Fragment {
        guard let place else { return "" }
        let parts = place.split(separator: ":")
        guard may(Self.engineers), let stream, parts.count > 1, let line = Int(parts[1]) else { return "\(place)" }
        return link("/console/sources/mapping", [("stream", stream), ("line", "\(line)")], place)
    }

    private static let mostChoices = 50

    /// An account by its number and by what people know it by, in the form that the token allows.
    private mutating func told(of number: String) -> Fragment {
        let account = link("/console/account", [("number", number)], number)
        guard may(.account) else { return account }
        do throws(Problem) {
            let facts = try ask(.account, ["number": .text(number)])["facts"]
            let parts = ["holder_name", "community", "building", "unit", "room"].compactMap { name in
                facts[name].text.map { "\(label(name)) \($0)" }
            }
            return "\(account) \(parts.joined(separator: " · "))"
        } catch {
            return "\(account) <span class=\"missing\">\(words(of: error))</span>"
        }
    }

    /// The accounts that an entry could be of, one of which a person may choose.
    private mutating func choosing(_ candidates: [String], _ entry: DocumentValue, _ number: Int) -> Fragment {
        let shown = candidates.prefix(Self.mostChoices)
        let known = shown.map { told(of: $0) }
        guard entry["state"].text == "open", door.ways.mend != nil, mayMend else {
            return "<ul>\(known.map { "<li>\($0)</li>" as Fragment })</ul>"
        }
        let choices = zip(shown, known).map { candidate, known in
            """
            <label class="tick"><input type="radio" name="account" value="\(candidate)" required> \
            <span>\(known)</span></label>
            """ as Fragment
        }
        return """
            <p>\(say("系统不会替人选。最好在源系统里补上户号或改正地址;也可以在这里选定一户:以后再读到这条记录,都归这一户,只要它仍在可能之中。",
                "Nothing is guessed. Best state the number or mend the address in the source; or choose here: each later reading of the record follows the choice, as long as the account is among those that it could be of."))</p>\
            <form method="post" action="/console/quarantine/\(number)">\(.hidden("token", door.formToken(visitor)))\
            \(.hidden("do", "choose"))<fieldset><legend>\(say("属于哪一户", "Which account it is of"))</legend>\(choices)</fieldset>\
            <label for="reason">\(say("选定的理由(必填,会留在审计链里;不要写个人信息)",
                "Why (needed; it stands in the audit chain: nothing personal)"))</label>\
            <input id="reason" name="reason" maxlength="\(MatchDecision.mostReason)" required>\
            <button class="send">\(say("选定并重放", "Choose and replay"))</button></form>
            """
    }

    private var mayMend: Bool { visitor.caller.scopes.contains(ScopeSet.of(.engineer)) }

    private func mending(_ entry: DocumentValue, _ number: Int) -> Fragment {
        var html: Fragment = "<h3>\(say("处理", "What to do"))</h3>"
        guard entry["state"].text == "open" else {
            return html + "<p>\(say("这条记录已经处理过了。", "It has been dealt with."))</p>"
        }
        guard door.ways.mend != nil, mayMend else {
            return html + """
                <p>\(say("这里只能看。有 engineer 权限的令牌可以重放或丢弃。",
                    "Here it can only be looked at. A token with the scope engineer may replay or discard it."))</p>
                """
        }
        let token = Fragment.hidden("token", door.formToken(visitor))
        let blamed = entry["raw"]["columns"].items.first {
            $0["column"].isThere && $0["column"].text == entry["column"].text
        }
        let rule = ruleLink(blamed?["mapping"].text, entry["stream"].text)
        html += """
            <p>\(say("改好映射或源数据以后,让这一行再走一遍:", "Once the mapping or the source is mended, let the row go through again:"))</p>\
            <p>\(entry["stream"].text.map { link("/console/sources/mapping", [("stream", $0)],
                say("试改映射,看计划", "Try the mapping, see the plan")) } ?? "") \(rule)</p>\
            <form method="post" action="/console/quarantine/\(number)">\(token)\(.hidden("do", "replay"))\
            <button class="send">\(say("重放", "Replay"))</button></form>\
            <form method="post" action="/console/quarantine/\(number)">\(token)\(.hidden("do", "discard"))\
            <label for="note">\(say("丢弃的理由(必填,会留在库里)", "Why it is discarded (needed; it is kept)"))</label>\
            <input id="note" name="note" maxlength="500" required><button>\(say("丢弃", "Discard"))</button></form>
            """
        return html
    }

    /// A sync that is at work on the stream holds it, mostly.
    private static func mendingFailed(_ error: any Error) -> Problem {
        if let error = error as? HearthError, [.matchNotOpen, .matchNotCandidate, .matchNoEntry].contains(error.code) {
            return Problem(.conflict, "entry-changed", "The entry is not what the page showed any more")
        }
        let problem = Problem(error)
        guard problem.category == .failed, let code = problem.underlying?.code.name else { return problem }
        var told = Problem(.conflict, "entry-not-mended", "The entry could not be dealt with", detail: code)
        told.underlying = problem.underlying
        return told
    }

    /// Does something to an entry, and writes down what came of it.
    private mutating func noted<Result>(
        _ deed: String, of accounts: [String] = [], _ body: () throws -> Result
    ) throws(Problem) -> Result {
        func access(_ outcome: StaticString) -> Access {
            Access(accounts: accounts, action: "console:quarantine \(deed)", outcome: outcome, unmasked: [])
        }
        do {
            let result = try body()
            note(access("ok"))
            return result
        } catch {
            let problem = Self.mendingFailed(error)
            note(access(problem.outcome))
            throw problem
        }
    }

    /// Discards an entry with a reason, or has it go through again.
    mutating func mend(_ form: FormBody) throws(Problem) -> ConsoleDoor.Outcome {
        let number = try entryNumber
        guard let mend = door.ways.mend, mayMend else { throw .forbidden([.engineer]) }
        let entry = try ask(.quarantineEntry, ["id": .integer(number)])
        guard entry["state"].text == "open" else {
            throw Problem(.conflict, "entry-settled", "The entry has been dealt with already")
        }
        switch form["do"] {
        case "discard":
            let note = (form["note"] ?? "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
            guard (1...500).contains(note.count) else {
                return .page(
                    say("隔离记录", "An entry"),
                    try entryPage(
                        note: say("请写明丢弃的理由,不超过 500 字。", "Say why it is discarded, in at most 500 characters.")))
            }
            try noted("discard") { try mend.discard(Int64(number), note) }
            return .goTo("/console/quarantine/\(number)")
        case "choose":
            let reason = (form["reason"] ?? "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
            guard let account = form["account"], entry["candidates"].items.contains(where: { $0.text == account })
            else {
                return .page(
                    say("隔离记录", "An entry"),
                    try entryPage(note: say("请从可能的账户里选一户。", "Choose one of the accounts that it could be of.")))
            }
            guard (1...MatchDecision.mostReason).contains(reason.count) else {
                return .page(
                    say("隔离记录", "An entry"),
                    try entryPage(
                        note: say(
                            "请写明选定的理由,不超过 \(MatchDecision.mostReason) 字。",
                            "Say why, in at most \(MatchDecision.mostReason) characters.")))
            }
            let person = visitor.caller.id
            if try noted("choose", of: [account], { try mend.choose(account, Int64(number), reason, person) }) {
                return .goTo("/console/quarantine/\(number)")
            }
            return .page(
                say("隔离记录", "An entry"),
                try entryPage(
                    note: say(
                        "选择已经留下,但是这条记录还是没有通过:原因见下。",
                        "The choice is kept, but the entry did not go through: the reason is below.")))
        case "replay":
            if try noted("replay", { try mend.replay(Int64(number)) }) { return .goTo("/console/quarantine/\(number)") }
            return .page(
                say("隔离记录", "An entry"),
                try entryPage(
                    note: say(
                        "还是没有通过:原因见下。先改映射或源数据。",
                        "It did not go through: the reason is below. Mend the mapping or the source first.")))
        default: throw .foreignForm
        }
    }
}
