import Answers
import Pages

extension Look {
    /// Where a value comes from: source row, raw columns, rule, run, and what it said before.
    mutating func trace() throws(Problem) -> ConsoleDoor.Outcome {
        let document = try ask(.trace, arguments("number", "field", "record", "as_of"))
        let (number, field) = (document["account_number"].text ?? "", document["field"].text ?? "")
        let title = say("出处:\(field)", "Where \(field) is from")
        var main: Fragment = "<h2>\(title)</h2>"
        main +=
            """
            <p>\(say("账户", "Account")) \(link("/console/account", [("number", number)], number)) · \
            \(link("/console/history", [("number", number)], say("全部历史", "all history")))</p>
            """
        if document["personal"].flag == true, !visitor.caller.scopes.seesPersonalData {
            main += "<p>\(say("这是个人信息,没有 pii 权限只显示掩码。", "It is personal data: masked without the scope pii."))</p>"
        }
        var records = document["records"].items
        if let season = request.query["season"], !season.isEmpty {
            let own = try chargesOf(season)
            records = records.filter { own.contains("\($0["stream"].text ?? "")/\($0["key"].text ?? "")") }
            main += """
                <p>\(say("采暖期 \(season) 的数是下面这些行之和。", "The figure of season \(season) is the sum of these rows."))</p>
                """
        }
        for record in records.prefix(40) {
            let columns = record["columns"].items.map {
                "<code>\($0["column"].text ?? "")</code> = \($0["text"].text.map { String($0.prefix(500)) } ?? "NULL") "
                    as Fragment
            }
            let value = words(record["value"], of: field.replacing(".", with: "_"))
            main += """
                <section><h3>\(record["stream"].text ?? "") / \(record["key"].text ?? "")\
                \(record["shown"].flag == true ? " · " + say("页面显示的就是它", "this is what is shown") : "")</h3>\
                <dl><dt>\(say("值", "Value"))</dt><dd><b>\(value)</b></dd>\
                <dt>\(say("源数据行", "Source row"))</dt><dd>\(record["origin"].text ?? "–"), \
                \(say("记录", "record")) \(record["position"].text ?? "–")</dd>\
                <dt>\(say("原文", "Raw text"))</dt><dd>\(columns)</dd>\
                <dt>\(say("映射规则", "Mapping rule"))</dt><dd>\(record["mapping"].text ?? "–") \
                <code>\(String((record["mapping_version"].text ?? "").prefix(12)))</code></dd>\
                <dt>\(say("运行", "Run"))</dt><dd>\(runLink(record["run"]))</dd>\
                <dt>\(say("怎样认到这一户", "How it found its account"))</dt><dd>\(say.word(record["linked_by"].text, of: "link"))</dd></dl>
                """
            main += .table(
                say("以前说过", "What it said before"),
                [say("值", "Value"), say("自运行", "Since run"), say("到运行", "Until run"), say("为何", "Why")],
                record["earlier"].items.suffix(40).map {
                    ["\(words($0["value"]))", runLink($0["run"]), runLink($0["ended_by"]), .text($0["reason"].text)]
                })
            main += "</section>"
        }
        main += cut(min(40, records.count), of: records.count, "<code>/v1/accounts/\(number)/trace/\(field)</code>")
        return .page(title, main)
    }

    /// The names of the charges that a season's figures are the sums of: one that repeats another is not counted.
    private mutating func chargesOf(_ season: String) throws(Problem) -> Set<String> {
        let view = try ask(.account, arguments("number", "as_of"))
        let charges = view["charges"].items.filter { $0["season"].text == season && !$0["repeats"].isThere }
        return Set(charges.map { record($0) })
    }

    /// What changed of an account, and when.
    mutating func history() throws(Problem) -> ConsoleDoor.Outcome {
        let document = try ask(.history, arguments("number", "stream"))
        let number = document["account_number"].text ?? ""
        let title = say("账户 \(number) 的历史", "History of account \(number)")
        struct Change {
            var run: Int64
            var cells: [Fragment]
        }
        var changes: [Change] = []
        for record in document["records"].items {
            let stream = record["stream"].text ?? ""
            for version in record["versions"].items {
                // Each version of a record is a line; of a first one there are as many fields as it states.
                let all = version["changes"].items
                let told = all.prefix(12).map { change in
                    let (before, after) = (change["before"], change["after"])
                    let value = (before.isThere ? "\(words(before)) → " : "") + words(after)
                    return "\(change["field"].text ?? ""): \(String(value.prefix(120)))"
                }
                let more =
                    all.count > told.count ? say(" 等共 \(all.count) 项", " and \(all.count - told.count) more") : ""
                changes.append(
                    Change(
                        run: version["run"].integer ?? 0,
                        cells: [
                            "\(time(version["at"]))", runLink(version["run"]),
                            "\(link("/console/history", [("number", number), ("stream", stream)], stream)) / \(record["key"].text ?? "")",
                            "\(told.joined(separator: "; "))\(more)",
                            version["ended_by"].integer == nil
                                ? "" : "\(say.word(version["reason"].text)) \(runLink(version["ended_by"]))",
                        ]))
            }
        }
        changes.sort { $0.run > $1.run }
        var main: Fragment =
            "<h2>\(title)</h2><p>\(link("/console/account", [("number", number)], say("回到账户", "To the account")))</p>"
        main += .table(
            title,
            [say("时间", "When"), say("运行", "Run"), say("记录", "Record"), say("内容", "What"), say("结束于", "Ended by")],
            changes.prefix(100).map(\.cells))
        main += cut(min(100, changes.count), of: changes.count, "<code>/v1/accounts/\(number)/history</code>")
        return .page(title, main)
    }

    /// Who looked at what, the newest first.
    mutating func accessLog() throws(Problem) -> ConsoleDoor.Outcome {
        var arguments = arguments("account", "after")
        arguments["limit"] = .integer(100)
        let document = try ask(.accessLog, arguments)
        let title = say("访问记录", "Who looked at what")
        let account = request.query["account"] ?? ""
        var main: Fragment = """
            <h2>\(title)</h2><form class="line" method="get" action="/console/access"><label for="account">\(say("户号", "Account"))</label>\
            <input id="account" name="account" maxlength="64" value="\(account)"><button>\(say("查", "Show"))</button></form>
            """
        let entries = document["entries"].items
        if entries.isEmpty { main += "<p>\(say("没有记录。", "There are none."))</p>" }
        main += .table(
            title,
            [
                say("时间", "When"), say("谁", "Who"), say("做什么", "What"), say("账户", "Accounts"), say("明文字段", "In clear"),
                say("结果", "Outcome"), say("日志", "Log"),
            ],
            entries.map { entry in
                let accounts = entry["accounts"].items.compactMap(\.text)
                return [
                    "\(time(entry["at"]))", .text(entry["caller"].text), .text(entry["action"].text),
                    "\(accounts.prefix(5).joined(separator: ", "))\(accounts.count > 5 ? " +\(accounts.count - 5)" : "")",
                    "\(entry["unmasked"].items.compactMap(\.text).joined(separator: ", "))",
                    .text(entry["outcome"].text),
                    "\(entry["log"].text ?? "") \(entry["position"].text ?? "")",
                ]
            })
        if let next = document["next"].text {
            main +=
                """
                <p class="cut">\(say("每页 100 条。", "100 a page.")) \
                \(link("/console/access", [("account", account), ("after", next)], say("更早的", "Earlier ones")))</p>
                """
        }
        main +=
            "<p>\(say("这些日志是哈希链,改动过就核验得出来。", "The logs are hash chains: whether they were altered can be verified."))</p>"
        return .page(title, main)
    }
}
