import Answers
import Pages

/// What an account is to pay, why, and what was paid.
extension Look {
    private func moneyArguments(versus: String? = nil) -> Arguments {
        var arguments = arguments("number", "as_of", "season")
        arguments["lang"] = .text(say.rawValue)
        if let versus { arguments["versus"] = .text(versus) }
        return arguments
    }

    private func spoken(_ document: DocumentValue) -> Fragment {
        let lines = (document["text"].items.first?["text"].text ?? "").split(whereSeparator: \.isNewline)
        return "\(lines.map { "<p>\(String($0))</p>" as Fragment })"
    }

    mutating func due() -> Fragment {
        let (say, look) = (say, self)
        return "<h3>\(say("应缴", "What is due"))</h3>"
            + part(.amountDue, moneyArguments()) { due in
                """
                <p class="facts"><b>\(say.yuan(due["total_open"]))</b> \(say("还应缴", "open")) · \
                \(due["season"].text ?? "–")</p>\(look.spoken(due))
                """
            }
    }

    mutating func bill(_ number: String) -> Fragment {
        let versus = request.query["versus"] == "previous" ? "previous" : "peers"
        let (say, look) = (say, self)
        var choices: Fragment = ""
        for one in ["peers", "previous"] {
            choices +=
                one == versus
                ? "<b aria-current=\"true\">\(say.word(one))</b> "
                : link(
                    "/console/account",
                    [("number", number), ("as_of", request.query["as_of"] ?? ""), ("versus", one)].filter {
                        !$0.1.isEmpty
                    },
                    say.word(one)) + " "
        }
        return
            "<h3>\(say("账单为什么是这个数", "Why the bill is what it is"))</h3><p class=\"choices\">\(say("对比:", "Against:")) \(choices)</p>"
            + part(.explanation, moneyArguments(versus: versus)) { look.waterfall($0, number) + look.spoken($0) }
    }

    private func waterfall(_ document: DocumentValue, _ number: String) -> Fragment {
        guard let reference = document["reference"]["fen"].integer, let bill = document["bill"]["due_fen"].integer
        else {
            return ""
        }
        let against =
            document["versus"].text == "previous"
            ? say(
                "上一采暖期 \(document["reference"]["season"].text ?? "")",
                "Season \(document["reference"]["season"].text ?? "")")
            : say(
                "同类用户中位(\(document["reference"]["households"].text ?? "–") 户)",
                "Median of \(document["reference"]["households"].text ?? "–") peers")
        var steps = [Charts.Step(words: against, fen: reference, isTotal: true, more: ["", ""])]
        for part in document["parts"].items {
            steps.append(
                Charts.Step(
                    words: say.word(part["factor"].text), fen: part["fen"].integer ?? 0,
                    more: [
                        "<span class=\"formula\">\(say.formula(part["formula"].text ?? ""))</span>",
                        "<code>\(part["rule"].text ?? "")</code>",
                    ]))
        }
        let key = document["bill"]["lines"].items.first?["evidence"]["key"].text
        let source = document["bill"]["lines"].items.first?["evidence"]["source"].text
        let record = source.flatMap { source in key.map { source + "/" + $0 } }
        steps.append(
            Charts.Step(
                words: say("本户", "This account"), fen: bill, isTotal: true,
                more: ["", record.map { traceLink(number, "due", of: $0, "\(say("源数据行", "source row"))") } ?? ""]))
        return Charts.waterfall(
            say("账单瀑布图(横轴不从零开始)", "The bill as a waterfall (its axis does not begin at zero)"),
            [
                say("项目", "Part"), say("图", "Bar"), say("金额", "Amount"), say("算式", "Formula"),
                say("规则、出处", "Rule, source"),
            ],
            steps, amount: { amount($0) })
    }

    /// Fen of a document as an amount.
    private func amount(_ fen: Int64) -> String {
        let size = fen.magnitude
        let cents = size % 100
        let text = "\(fen < 0 ? "-" : "")\(size / 100).\(cents < 10 ? "0" : "")\(cents)"
        return say.yuan(.text(text))
    }

    func seasons(_ view: DocumentValue, _ number: String) -> Fragment {
        let (seasons, most) = (view["seasons"].items, mostRows(view))
        return .table(
            say("各采暖期", "Seasons"),
            [
                say("采暖期", "Season"), say("应收", "Due"), say("实收", "Received"), say("优惠", "Discount"),
                say("减免", "Reduction"), say("违约金", "Late fee"), say("欠费", "Arrears"),
            ],
            seasons.suffix(most).reversed().map { one in
                [.text(one["season"].text)]
                    + ["due", "received", "discount", "reduction", "penalty", "arrears"].map { field in
                        guard one[field].isThere else { return "–" }
                        return traceLink(
                            number, field, in: one["season"].text,
                            "<span class=\"amount\">\(say.yuan(one[field]))</span>")
                    }
            }) + cut(min(most, seasons.count), of: seasons.count, whole(view))
    }

    /// Where all of an account is to be had.
    func whole(_ view: DocumentValue, _ part: String = "") -> Fragment {
        "\(say("全部:", "All of it:")) <code>/v1/accounts/\(view["account_number"].text ?? "")\(part)</code>"
    }

    /// A record's name: the parts of a key of several columns with commas between them.
    func record(_ row: DocumentValue) -> String {
        "\(row["source"].text ?? "")/\((row["key"].text ?? "").replacing("\u{1F}", with: ","))"
    }

    func charges(_ view: DocumentValue, _ number: String) -> Fragment {
        let title = say("费用", "Charges")
        return "<h3>\(title)</h3>"
            + records(
                title,
                [
                    say("采暖期", "Season"), say("项目", "Item"), say("数量", "Quantity"), say("单价", "Price"),
                    say("应收", "Due"), say("实收", "Received"), say("状态", "Status"),
                ], view["charges"].items, view, number
            ) { row in
                [
                    ("season", words(row["season"])), ("item", words(row["item"], of: "charge")),
                    ("quantity", "\(words(row["quantity"])) \(unit(row))"),
                    ("unit_price", words(row["unit_price"])), ("due", say.yuan(row["due"])),
                    ("received", say.yuan(row["received"])), ("status", standing(row)),
                ]
            }
    }

    private func standing(_ row: DocumentValue) -> String {
        if row["voided"].flag == true { return say("已作废", "voided") }
        if let other = row["repeats"].text { return say("与 \(other) 重复,不计", "repeats \(other), not counted") }
        if row["reversed"].flag == true { return say("已冲正", "taken back") }
        return say.word(row["status"].text, of: "charge")
    }

    mutating func payments(_ view: DocumentValue, _ number: String) -> Fragment {
        let (say, look) = (say, self)
        return "<h3>\(say("缴费", "Payments"))</h3>"
            + part(.receipts, moneyArguments()) { receipts in
                let standings = Dictionary(
                    receipts["payments"].items.map { (look.record($0["evidence"]), $0["standing"].text) },
                    uniquingKeysWith: { first, _ in first })
                return look.paymentTable(view, standings, number) + look.spoken(receipts)
            }
            + (may(.receipts) ? "" : paymentTable(view, [:], number))
    }

    private func paymentTable(_ view: DocumentValue, _ standings: [String: String?], _ number: String) -> Fragment {
        records(
            say("缴费", "Payments"),
            [
                say("时间", "When"), say("金额", "Amount"), say("渠道", "Channel"), say("流水号", "Serial"),
                say("状态", "Standing"), say("发票", "Invoice"),
            ], view["payments"].items, view, number
        ) { row in
            let standing = standings[record(row)] ?? nil
            return [
                ("paid_at", moment(row["paid_at"])), ("amount", say.yuan(row["amount"])),
                ("channel", words(row["channel"], of: "payment")), ("serial", words(row["serial"])),
                ("reversed", standing.map { say.word($0) } ?? standing_(row)),
                ("invoice_number", words(row["invoice_number"])),
            ]
        }
    }

    private func standing_(_ row: DocumentValue) -> String {
        row["status"].text == nil && row["voided"].flag != true && row["reversed"].flag != true ? "–" : standing(row)
    }
}
