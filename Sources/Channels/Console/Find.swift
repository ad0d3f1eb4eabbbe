import Answers
import Pages

/// The search for an account.
extension Look {
    func search(note: String?) -> Fragment {
        var html: Fragment = "<section class=\"search\"><h3>\(say("找账户", "Find an account"))</h3>"
        if let note { html += "<p role=\"alert\" class=\"note\">\(note)</p>" }
        return html + """
            <form method="post" action="/console/find">\(.hidden("token", door.formToken(visitor)))\
            <label for="wanted">\(say("户号,或地址(如 桃源公寓2号楼1单元501)", "Account number, or address (桃源公寓2号楼1单元501)"))</label>\
            <input id="wanted" name="wanted" maxlength="120" required><button class="send">\(say("查找", "Find"))</button></form></section>
            """
    }

    /// What is searched for stands in no address: it may be where somebody lives.
    mutating func find(_ form: FormBody) throws(Problem) -> ConsoleDoor.Outcome {
        guard may(.account) else { throw .forbidden(QuestionKind.account.definition.scopes) }
        let wanted = (form["wanted"] ?? "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let title = say("找账户", "Find an account")
        guard !wanted.isEmpty else {
            return .page(title, "<h2>\(title)</h2>\(search(note: say("请填户号或地址。", "State a number or an address.")))")
        }
        if wanted.utf8.allSatisfy({ $0 &- 0x30 <= 9 || ($0 | 0x20) &- 0x61 < 26 || $0 == 0x2D }) {
            return .goTo("/console/account?number=" + FormBody.encoded(wanted))
        }
        let found = try ask(.addresses, ["q": .text(wanted), "limit": .integer(50)])
        let candidates = found["candidates"].items
        var main: Fragment = "<h2>\(title)</h2>"
        switch found["match"].text {
        case "incomplete":
            main +=
                "<p>\(say("地址不完整:需要小区、楼号和房号。", "The address is incomplete: community, building and room are needed."))</p>"
        case "none":
            main += "<p>\(say("这个地址没有账户。请核对小区和房号。", "No account is at this address. Check community and room."))</p>"
        case "ambiguous": main += "<p>\(say("不止一户,请选:", "There are several; choose:"))</p>"
        default: break
        }
        main += .table(
            title,
            [
                say("户号", "Number"), say("户名", "Holder"), say("小区", "Community"), say("楼号", "Building"),
                say("单元", "Unit"),
                say("房号", "Room"),
            ],
            candidates.map { one in
                let number = one["account_number"].text ?? ""
                return [link("/console/account", [("number", number)], number)]
                    + ["holder_name", "community", "building", "unit", "room"].map { .text(one[$0].text) }
            })
        if found["truncated"].flag == true {
            main +=
                "<p class=\"cut\">\(say("只显示前 50 户,请把地址写得更全。", "Only the first 50 are shown; state more of the address."))</p>"
        }
        return .page(title, main + search(note: nil))
    }
}
