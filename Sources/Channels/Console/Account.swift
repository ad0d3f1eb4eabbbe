import Answers
import HeatModel
import Pages

extension Look {
    /// Rows of each list that are shown.
    static let mostRows = 40

    /// An account in the whole; without a number the search alone.
    mutating func account() throws(Problem) -> ConsoleDoor.Outcome {
        guard case .text(let number)? = query("number") else {
            guard may(.account) else { throw .forbidden(QuestionKind.account.definition.scopes) }
            return .page(say("账户", "Accounts"), "<h2>\(say("账户", "Accounts"))</h2>\(search(note: nil))")
        }
        let view = try ask(.account, arguments("number", "as_of"))
        let title = say("账户 \(number)", "Account \(number)")
        var main: Fragment = "<h2>\(title)</h2>"
        main += moments(number)
        main += facts(view, number)
        main += due()
        main += bill(number)
        main += seasons(view)
        main += charges(view, number)
        main += payments(view, number)
        main += readings(view)
        main += orders()
        main += told(number)
        main += talks(number)
        return .page(title, main + search(note: nil))
    }

    // MARK: As of

    /// The moments at which something of the account has changed, to be looked at as it stood then.
    private mutating func moments(_ number: String) -> Fragment {
        let chosen = request.query["as_of"] ?? ""
        let (say, now) = (say, now)
        return part(.history, ["number": .text(number)]) { history in
            var moments: [Int64: DocumentValue] = [:]
            for version in history["records"].items.flatMap(\.["versions"].items) {
                if let run = version["run"].integer { moments[run] = version["at"] }
                if let run = version["ended_by"].integer { moments[run] = version["ended_at"] }
            }
            let runs = moments.sorted { $0.key > $1.key }.prefix(200)
            var options: [Fragment] = ["<option value=\"\">\(say("现在", "now"))</option>"]
            if !chosen.isEmpty, !runs.contains(where: { "\($0.key)" == chosen }) {
                options.append("<option value=\"\(chosen)\" selected>\(chosen)</option>")
            }
            for (run, at) in runs {
                let isChosen = "\(run)" == chosen
                let words = say("运行 \(run) 之后,\(Tongue.time(at, now))", "after run \(run), \(Tongue.time(at, now))")
                options.append(
                    isChosen
                        ? "<option value=\"\(run)\" selected>\(words)</option>"
                        : "<option value=\"\(run)\">\(words)</option>")
            }
            return """
                <form class="line" method="get" action="/console/account">\(.hidden("number", number))\
                <label for="as_of">\(say("看它在:", "As it stood:"))</label><select id="as_of" name="as_of">\(options)</select>\
                <button>\(say("看", "Show"))</button> <a href="/console/history?number=\(FormBody.encoded(number))">\
                \(say("全部历史", "All history"))</a></form>
                """
        }
    }

    // MARK: What is known

    /// What people call a field of a view.
    func label(_ key: String) -> String {
        guard let field = Self.fields[key] else { return key }
        let name = field.meaning.prefix { $0 != ":" && $0 != "," && $0 != ";" }
        let hasName = name.unicodeScalars.contains { $0.value >= 0x4E00 }
        return say == .chinese && hasName ? String(name) : key.replacing("_fen", with: "").replacing("_", with: " ")
    }

    private static let fields = Dictionary(
        EntityKind.allCases.flatMap(\.fields).map { ($0.jsonKey, $0) }, uniquingKeysWith: { first, _ in first })

    func words(_ value: DocumentValue, of field: String = "") -> String {
        switch value {
        case .text(let text): say.word(text, of: field)
        case .number(let text): text
        case .flag(let flag): flag ? say("是", "yes") : say("否", "no")
        case .list(let items): items.compactMap(\.text).joined(separator: ", ")
        case .object, .none: "–"
        }
    }

    func traceLink(_ number: String, _ field: String, _ record: String?, _ text: String) -> Fragment {
        var query = [("number", number), ("field", field)]
        if let record { query.append(("record", record)) }
        if let asOf = request.query["as_of"], !asOf.isEmpty { query.append(("as_of", asOf)) }
        return link("/console/trace", query, text)
    }

    private func facts(_ view: DocumentValue, _ number: String) -> Fragment {
        var sources: [String: String] = [:]
        for source in view["fact_sources"].items {
            for field in source["fields"].items.compactMap(\.text) {
                sources[field] = source["source"].text ?? ""
            }
        }
        let names = Set(view["facts"].members.map(\.name))
        // Of an amount its fen stand beside its yuan: one is shown.
        let shown = view["facts"].members.filter {
            !($0.name.hasSuffix("_fen") && names.contains(String($0.name.dropLast(4))))
        }
        let rows = shown.map { member -> [Fragment] in
            let isAmount = names.contains(member.name + "_fen")
            let field = isAmount ? member.name + "_fen" : member.name
            let text = isAmount ? say.yuan(member.value) : words(member.value, of: field)
            return [
                "\(label(field))", traceLink(number, field, nil, text.isEmpty ? "–" : text),
                "\(sources[field] ?? "–")",
            ]
        }
        var html: Fragment = "<h3>\(say("账户资料", "What is known"))</h3>"
        html +=
            "<p>\(say("点一个值,看它出自哪一行。", "A value leads to the row that it is from."))</p>"
        html += .table(
            say("账户资料", "What is known"), [say("字段", "Field"), say("值", "Value"), say("来源", "Source")], rows)
        let missing = view["missing"].items.compactMap(\.text)
        if !missing.isEmpty {
            html += "<p>\(say("未取到:", "No source says:")) \(missing.map { label($0) }.joined(separator: ", "))</p>"
        }
        let disputes = view["disagreements"].items
        if !disputes.isEmpty {
            html += "<h4>\(say("各系统说法不一", "What the systems disagree on"))</h4>"
            html += .table(
                say("各系统说法不一", "What the systems disagree on"), [say("字段", "Field"), say("各说", "Each says")],
                disputes.map { one in
                    let said = one["values"].members.map {
                        "\($0.name): \(words($0.value, of: one["field"].text ?? ""))"
                    }.joined(separator: "; ")
                    let field = one["field"].text ?? ""
                    return [traceLink(number, field, nil, label(field)), "\(said)"]
                })
        }
        return html
    }

    // MARK: Heat

    private func points(_ rows: [DocumentValue], _ at: String, _ value: String) -> [(at: Int64, value: Double)] {
        rows.compactMap { row in
            guard row["voided"].flag != true, let at = row[at].text.flatMap({ Instant($0) }),
                let value = row[value].text.flatMap({ Double($0) })
            else { return nil }
            return (at.microseconds / 1_000_000, value)
        }.sorted { $0.at < $1.at }
    }

    private func readings(_ view: DocumentValue) -> Fragment {
        var html: Fragment = ""
        let meters = view["readings"].items
        if !meters.isEmpty {
            html += "<h3>\(say("热表", "Meter readings"))</h3>"
            let used = points(meters, "read_at", "consumption")
            if let low = used.map(\.value).min(), let high = used.map(\.value).max() {
                html += Charts.curve(
                    used, say("每次抄表的用热量,从 \(low) 到 \(high)", "Consumption of each reading, from \(low) to \(high)"))
            }
            html += .table(
                say("热表", "Meter readings"),
                [say("时间", "When"), say("表号", "Meter"), say("起", "From"), say("止", "To"), say("用热量", "Consumption")],
                meters.suffix(Self.mostRows).reversed().map { row in
                    [
                        "\(time(row["read_at"]))", .text(row["meter"].text), .text(row["start_value"].text),
                        .text(row["end_value"].text), "\(row["consumption"].text ?? "–") \(row["unit"].text ?? "")",
                    ]
                })
            html += cut(min(Self.mostRows, meters.count), of: meters.count, whole(view))
        }
        let rooms = view["temperatures"].items
        if !rooms.isEmpty {
            html += "<h3>\(say("室温", "Room temperatures"))</h3>"
            html += .table(
                say("室温", "Room temperatures"), [say("时间", "When"), say("温度 ℃", "℃"), say("出处", "Source")],
                rooms.suffix(Self.mostRows).reversed().map { row in
                    let at = row.members.first { $0.name.hasSuffix("_at") }?.value ?? .none
                    let value =
                        row.members.first { $0.name.contains("temperature") || $0.name == "value" }?.value ?? .none
                    return ["\(time(at))", .text(value.text), "\(record(row))"]
                })
            html += cut(min(Self.mostRows, rooms.count), of: rooms.count, whole(view))
        }
        return html
    }

    // MARK: Orders, notices, conversations

    private mutating func orders() -> Fragment {
        let look = self
        return "<h3>\(say("维修单", "Repair orders"))</h3>"
            + part(.workOrders, arguments("number", "as_of")) { look.timeline($0) }
    }

    private func timeline(_ document: DocumentValue) -> Fragment {
        let orders = document["work_orders"].items
        if orders.isEmpty { return "<p>\(say("没有维修单。", "There are none."))</p>" }
        let shown = orders.suffix(20).reversed().map { order -> Fragment in
            let steps = order["events"].items.suffix(Self.mostRows).map { event -> Fragment in
                """
                <li><time>\(time(event["at"]))</time> <b>\(say.word(event["state"].text))</b> \
                \(event["actor"].text ?? "") \(event["note"].text ?? "")</li>
                """
            }
            return """
                <li><b>\(order["number"].text ?? order["key"].text ?? "–")</b> \(say.word(order["kind"].text)) · \
                \(say.word(order["state"].text)) \
                · \(time(order["created_at"])) \(order["crew"].text ?? "")<ol class="steps">\(steps)</ol></li>
                """
        }
        return "<ol class=\"timeline\">\(Array(shown))</ol>"
            + cut(min(20, orders.count), of: orders.count, whole(document, "/work-orders"))
    }

    private mutating func told(_ number: String) -> Fragment {
        let look = self
        return part(.notices, ["number": .text(number), "limit": .integer(Self.mostRows)]) { document in
            let notices = document["notices"].items
            if notices.isEmpty { return "" }
            return "<h3>\(look.say("通知", "Notices"))</h3>"
                + .table(
                    look.say("通知", "Notices"),
                    [
                        look.say("规则", "Rule"), look.say("状态", "State"), look.say("渠道", "Channel"),
                        look.say("时间", "When"),
                    ],
                    notices.map {
                        [
                            .text($0["rule"].text), "\(look.say.word($0["state"].text)) \($0["reason"].text ?? "")",
                            .text($0["channel"].text), "\(look.time($0["changed_at"]))",
                        ]
                    })
        }
    }

    private mutating func talks(_ number: String) -> Fragment {
        guard may(.conversations) else { return "" }
        let look = self
        return "<h3>\(say("会话", "Conversations"))</h3>"
            + part(.conversations, ["account": .text(number), "limit": .integer(20)]) { document in
                let talks = document["conversations"].items
                if talks.isEmpty { return "<p>\(look.say("没有会话。", "There are none."))</p>" }
                return .table(
                    look.say("会话", "Conversations"),
                    [
                        look.say("编号", "Number"), look.say("渠道", "Channel"), look.say("状态", "State"),
                        look.say("最近", "Last"), look.say("轮次", "Turns"),
                    ],
                    talks.map {
                        [
                            .text($0["conversation"].text), .text($0["channel"].text), .text($0["state"].text),
                            "\(look.time($0["last_at"]))", .text($0["turn_count"].text),
                        ]
                    })
            }
    }
}
