import Answers
import Pages

extension Look {
    /// Turns of a conversation on a page.
    private static let mostTurns = 100

    /// A conversation with its words, as they are kept: masked.
    mutating func conversation() throws(Problem) -> ConsoleDoor.Outcome {
        var arguments = Arguments()
        for name in ["id", "after"] {
            guard let text = request.query[name], !text.isEmpty else { continue }
            guard let number = Int(text) else { throw .parameter(name, "must be a whole number") }
            arguments[name] = .integer(number)
        }
        arguments["limit"] = .integer(Self.mostTurns)
        let document = try ask(.conversation, arguments)
        let number = document["conversation"].text ?? ""
        let title = say("会话 \(number)", "Conversation \(number)")
        let account = document["account_number"].text
        var main: Fragment = """
            <h2>\(title)</h2><dl><dt>\(say("账户", "Account"))</dt>\
            <dd>\(account.map { may(.account) ? link("/console/account", [("number", $0)], $0) : "\($0)" } ?? "–")</dd>\
            <dt>\(say("渠道", "Channel"))</dt><dd>\(words(document["channel"], of: "channel"))</dd>\
            <dt>\(say("状态", "State"))</dt><dd>\(words(document["state"]))</dd>\
            <dt>\(say("开始", "Began"))</dt><dd>\(time(document["opened_at"]))</dd></dl>\
            <p>\(say("原话在保存之前已经遮盖了个人信息。", "Personal data was masked before the words were kept."))</p>
            """
        let speakers = [
            "customer": say("客户", "Customer"), "human": say("人工", "Desk"), "assistant": say("智能客服", "Assistant"),
        ]
        let turns = document["turns"].items.map { turn -> Fragment in
            let who = turn["speaker"].text ?? "–"
            let said = (turn["words"].text ?? "").split(whereSeparator: \.isNewline).map {
                "<p>\(String($0))</p>" as Fragment
            }
            return """
                <li><time>\(moment(turn["at"]))</time> <b>\(speakers[who] ?? who)</b> \
                <code>\(turn["intent"].text ?? "")</code>\(said)</li>
                """
        }
        if turns.isEmpty { main += "<p>\(say("没有话。", "Nothing was said."))</p>" }
        main += "<ol class=\"timeline\">\(turns)</ol>"
        if let next = document["next"].integer {
            main += """
                <p class="cut">\(say("每页 \(Self.mostTurns) 句。", "\(Self.mostTurns) turns a page.")) \
                \(link("/console/conversation", [("id", number), ("after", "\(next)")], say("往后", "Later ones")))</p>
                """
        }
        main += .table(
            say("转人工", "Handed to people"),
            [
                say("编号", "Number"), say("状态", "State"), say("原因", "Why"), say("接手的人", "Who took it"),
                say("结果", "Outcome"),
            ],
            document["hand_offs"].items.map {
                [
                    .text($0["hand_off"].text), "\(words($0["state"]))", "\(words($0["why"], of: "reason"))",
                    .text($0["owner"].text),
                    .text($0["outcome"].text),
                ]
            })
        main += .table(
            say("客户的评价", "What the customer thinks of it"),
            [say("时间", "When"), say("分数", "Score"), say("解决了", "Solved"), say("原话", "Words")],
            document["feedback"].items.map {
                [time($0["at"]), .text($0["score"].text), "\(words($0["solved"]))", .text($0["words"].text)]
            })
        return .page(title, main)
    }
}
