import Answers
import HeatModel
import Pages

extension Look {
    /// Rows of each list that are shown.
    static let mostRows = 20

    /// Rows of each list of an account's view that are shown: fewer where it has much of everything, for each value is a link, and a page
    /// stays small.
    func mostRows(_ view: DocumentValue) -> Int {
        let rows = view.members.filter { $0.name != "work_order_events" }.map {
            min(Self.mostRows, $0.value.items.count)
        }
        return rows.reduce(0, +) <= 60 ? Self.mostRows : 8
    }

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
        main += seasons(view, number)
        main += charges(view, number)
        main += payments(view, number)
        main += readings(view, number)
        main += temperatures(view, number)
        main += stops(view, number)
        main += orders(number)
        main += told(number)
        main += talks(number)
        return .page(title, main + search(note: nil))
    }

    // MARK: As of

    /// The moments at which something of the account has changed, to be looked at as it stood then.
    private mutating func moments(_ number: String) -> Fragment {
        let chosen = request.query["as_of"] ?? ""
        let (say, now, look) = (say, now, self)
        return part(.history, ["number": .text(number)]) { history in
            var moments: [Int64: DocumentValue] = [:]
            for version in history["records"].items.flatMap(\.["versions"].items) {
                if let run = version["run"].integer { moments[run] = version["at"] }
                if let run = version["ended_by"].integer { moments[run] = version["ended_at"] }
            }
            let runs = moments.sorted { $0.key > $1.key }.prefix(100)
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
                \(say("全部历史", "All history"))</a></form>\(look.cut(runs.count, of: moments.count, ""))
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

    /// A value that leads to where it is from.
    ///
    /// - Parameters:
    ///   - record: which record states it; nil for all that do.
    ///   - season: of which season, where it is a sum of several.
    func traceLink(
        _ number: String, _ field: String, of record: String? = nil, in season: String? = nil, _ words: Fragment
    ) -> Fragment {
        var query = [("number", number), ("field", field)]
        if let record { query.append(("record", record)) }
        if let season { query.append(("season", season)) }
        if let asOf = request.query["as_of"], !asOf.isEmpty { query.append(("as_of", asOf)) }
        let address = query.map { $0.0 + "=" + FormBody.encoded($0.1) }.joined(separator: "&")
        return "<a href=\"/console/trace?\(address)\">\(words)</a>"
    }

    /// Values of one record, each of which leads to its row.
    func traced(_ number: String, _ row: DocumentValue, _ cells: [(field: String, words: String)]) -> [Fragment] {
        cells.map { traceLink(number, $0.field, of: record(row), "\($0.words)") }
    }

    /// A table of records, the newest first.
    ///
    /// - Parameters:
    ///   - rows: the newest last.
    ///   - cells: of a row: which field each states.
    func records(
        _ title: String, _ heads: [String], _ rows: [DocumentValue], _ view: DocumentValue, _ number: String,
        _ cells: (DocumentValue) -> [(field: String, words: String)]
    ) -> Fragment {
        let shown = rows.suffix(mostRows(view))
        return .table(
            title, heads + [say("出处", "Source")],
            shown.reversed().map { traced(number, $0, cells($0)) + ["\(record($0))"] })
            + cut(shown.count, of: rows.count, whole(view))
    }

    func unit(_ row: DocumentValue) -> String { row["unit"].text.map { say.word($0) } ?? "" }

    func moment(_ value: DocumentValue) -> String { Tongue.time(value, now) }

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
                "\(label(field))", traceLink(number, field, text.isEmpty ? "–" : "\(text)"),
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
                    return [traceLink(number, field, "\(label(field))"), "\(said)"]
                })
        }
        return html
    }

    // MARK: Heat

    private func points(_ rows: [DocumentValue], _ at: String, _ value: String) -> ArraySlice<Charts.Point> {
        rows.compactMap { row -> Charts.Point? in
            guard row["voided"].flag != true, let instant = row[at].text.flatMap({ Instant($0) }),
                let text = row[value].text, let size = Double(text), size.isFinite
            else { return nil }
            let day = String(moment(row[at]).prefix(10))
            return Charts.Point(at: instant.microseconds / 1_000_000, value: size, words: text, day: day)
        }.sorted { $0.at < $1.at }.suffix(Self.mostPoints)
    }

    /// Points of a curve, the newest; its first day says from when on.
    private static let mostPoints = 300

    private func readings(_ view: DocumentValue, _ number: String) -> Fragment {
        let meters = view["readings"].items
        if meters.isEmpty { return "" }
        let title = say("热表", "Meter readings")
        return "<h3>\(title)</h3>"
            + Charts.curve(
                points(meters, "read_at", "consumption"), meters.last.map { unit($0) } ?? "",
                say("每次抄表的用热量", "Consumption of each reading"))
            + records(
                title,
                [say("时间", "When"), say("表号", "Meter"), say("起", "From"), say("止", "To"), say("用热量", "Consumption")],
                meters, view, number
            ) { row in
                [
                    ("read_at", moment(row["read_at"])), ("meter", words(row["meter"])),
                    ("start_value", words(row["start_value"])), ("end_value", words(row["end_value"])),
                    ("consumption", "\(words(row["consumption"])) \(unit(row))"),
                ]
            }
    }

    private func temperatures(_ view: DocumentValue, _ number: String) -> Fragment {
        let rooms = view["temperatures"].items
        if rooms.isEmpty { return "" }
        let title = say("室温", "Room temperatures")
        return "<h3>\(title)</h3>"
            + Charts.curve(
                points(rooms, "measured_at", "celsius"), "℃", say("测到的室温", "Temperatures that were measured"))
            + records(
                title, [say("时间", "When"), "℃", say("位置", "Place"), say("方式", "How")], rooms, view, number
            ) { row in
                [
                    ("measured_at", moment(row["measured_at"])), ("celsius", words(row["celsius"])),
                    ("place", words(row["place"])), ("method", words(row["method"], of: "roomTemperature")),
                ]
            }
    }

    /// Suspensions and disconnections.
    private func stops(_ view: DocumentValue, _ number: String) -> Fragment {
        var html: Fragment = ""
        let (suspensions, disconnections) = (view["suspensions"].items, view["disconnections"].items)
        if !suspensions.isEmpty {
            let title = say("报停", "Suspensions")
            html += "<h3>\(title)</h3>"
            html += records(
                title,
                [
                    say("采暖期", "Season"), say("业务", "Kind"), say("开始", "From"), say("结束", "To"),
                    say("停供比例", "Share"), say("状态", "State"),
                ], suspensions, view, number
            ) { row in
                [
                    ("season", words(row["season"])), ("kind", words(row["kind"], of: "suspension")),
                    ("from", words(row["from"])),
                    ("to", words(row["to"])), ("ratio", words(row["ratio"])),
                    ("state", words(row["state"], of: "suspension")),
                ]
            }
        }
        if !disconnections.isEmpty {
            let title = say("拆网", "Disconnections")
            html += "<h3>\(title)</h3>"
            html += records(
                title, [say("日期", "Day"), say("可恢复", "Restorable"), say("状态", "State")], disconnections, view, number
            ) { row in
                [
                    ("on", words(row["on"])), ("restorable", words(row["restorable"])),
                    ("state", words(row["state"], of: "disconnection")),
                ]
            }
        }
        return html
    }

    // MARK: Orders, notices, conversations

    /// Orders that are shown, and steps of all of them.
    private static let (mostOrders, mostSteps) = (10, 40)

    private mutating func orders(_ number: String) -> Fragment {
        let look = self
        return "<h3>\(say("维修单", "Repair orders"))</h3>"
            + part(.workOrders, arguments("number", "as_of")) { look.timeline($0, number) }
    }

    private func timeline(_ document: DocumentValue, _ number: String) -> Fragment {
        let orders = document["work_orders"].items
        if orders.isEmpty { return "<p>\(say("没有维修单。", "There are none."))</p>" }
        let latest = orders.suffix(Self.mostOrders)
        let isMuch = latest.map(\.["events"].items.count).reduce(0, +) > Self.mostSteps
        let shown = latest.reversed().map { order -> Fragment in
            let events = order["events"].items
            let steps = events.suffix(isMuch ? Self.mostSteps / Self.mostOrders : events.count).map {
                event -> Fragment in
                var cells: [(field: String, words: String)] = [
                    ("state", "\(moment(event["at"])) \(say.word(event["state"].text, of: "workOrder"))")
                ]
                for field in ["actor", "note"] where event[field].isThere { cells.append((field, words(event[field]))) }
                return "<li>\(Self.spaced(traced(number, event, cells)))</li>"
            }
            var cells: [(field: String, words: String)] = [
                ("number", order["number"].text ?? order["key"].text ?? "–"),
                ("kind", say.word(order["kind"].text, of: "workOrder")),
                ("state", say.word(order["state"].text, of: "workOrder")),
                ("created_at", moment(order["created_at"])),
            ]
            if order["crew"].isThere { cells.append(("crew", words(order["crew"]))) }
            return """
                <li>\(Self.spaced(traced(number, order, cells)))<ol class="steps">\(steps)</ol>\
                \(cut(steps.count, of: events.count, whole(document, "/work-orders")))</li>
                """
        }
        return "<ol class=\"timeline\">\(Array(shown))</ol>"
            + cut(min(Self.mostOrders, orders.count), of: orders.count, whole(document, "/work-orders"))
    }

    private static func spaced(_ parts: [Fragment]) -> [Fragment] { parts.map { "\($0) " } }

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
                        let conversation = $0["conversation"].text ?? ""
                        return [
                            look.link("/console/conversation", [("id", conversation)], conversation),
                            "\(look.words($0["channel"], of: "channel"))", "\(look.words($0["state"]))",
                            "\(look.time($0["last_at"]))", .text($0["turn_count"].text),
                        ]
                    })
            }
    }
}
