import Answers
import HeatModel
import Pages

extension Look {
    /// Runs, the newest first: those of whole streams, unless others are asked for.
    mutating func runs() throws(Problem) -> ConsoleDoor.Outcome {
        let limit = 100
        var arguments = arguments("stream", "only")
        if arguments["only"] == nil { arguments["only"] = .text("whole") }
        arguments["limit"] = .integer(limit)
        let runs = try ask(.runs, arguments)["runs"].items
        let stream = request.query["stream"].flatMap { $0.isEmpty ? nil : $0 }
        let title = stream.map { say("运行:\($0)", "Runs of \($0)") } ?? say("运行", "Runs")
        var main: Fragment = "<h2>\(title)</h2>"
        if let stream {
            main += """
                <p>\(link("/console/runs", [], say("全部数据流", "All streams"))) · \
                \(link("/console/quarantine", [("stream", stream)], say("它的隔离记录", "Its quarantine")))</p>\
                <p>\(trend(try lastPulls(of: stream)[stream, default: []]))</p>
                """
        }
        let shown = arguments[text: "only"]
        main += kinds(shown, of: stream)
        if runs.isEmpty, shown == "failed" {
            main += "<p>\(say("没有失败的运行。", "None has failed."))</p>"
        } else if runs.isEmpty {
            main += "<p>\(say("还没有运行过。第一次同步之后这里才有内容。", "Nothing has run yet: the first sync brings something."))</p>"
        }
        main += .table(
            title,
            [
                say("运行", "Run"), say("数据流", "Stream"), say("方式", "Mode"), say("状态", "State"), say("开始", "Began"),
                say("读", "Read"), say("新", "New"), say("变", "Changed"), say("未变", "Unchanged"), say("重复", "Duplicate"),
                say("隔离", "Quarantined"), say("完整性依据", "Proof"),
            ],
            runs.map { run in
                let counts = run["counts"]
                let state = run["state"].text
                return [
                    runLink(run["run"]), streamLink(run["stream"].text), "\(say.word(run["mode"].text, of: "mode"))",
                    "<span class=\"\(Self.look(of: state))\">\(say.word(state))</span>", "\(time(run["started_at"]))",
                    "\(counts["read"].text ?? "–")", "\(counts["new"].text ?? "–")", "\(counts["changed"].text ?? "–")",
                    "\(counts["unchanged"].text ?? "–")", "\(counts["duplicate"].text ?? "–")",
                    "\(counts["quarantined"].text ?? "–")", "\(say.word(run["proof"].text, of: "proof"))",
                ]
            })
        if runs.count == limit {
            main +=
                """
                <p class="cut">\(say("只显示最近 \(limit) 次;更早的:", "Only the latest \(limit) are shown; earlier ones:")) \
                <code>/v1/runs?only=\(shown ?? "all")&limit=1000</code></p>
                """
        }
        return .page(title, "<div id=\"live\">\(main)</div>")
    }

    /// Links to each kind of runs; the one that is shown stands without.
    private func kinds(_ shown: String?, of stream: String?) -> Fragment {
        let query = stream.map { [("stream", $0)] } ?? []
        let kinds = [
            ("whole", say("整个数据流的", "Of whole streams")), ("failed", say("失败的", "Failed")),
            ("all", say("全部,连只读一户的", "All, those of one account too")),
        ]
        let links = kinds.map { kind, words in
            kind == shown
                ? "<b aria-current=\"true\">\(words)</b> " as Fragment
                : "\(link("/console/runs", query + [("only", kind)], words)) "
        }
        return "<p class=\"choices\">\(links)</p>"
    }

    /// What proves that a run read everything, with the source's own words in small.
    private func proof(of run: DocumentValue) -> Fragment {
        guard let proof = run["proof"].text else { return "\(say("没有", "nothing"))" }
        return """
            \(say.word(proof, of: "proof")) <small><code>\(proof)</code> \
            <span lang="en">\(run["proof_detail"].text ?? "")</span></small>
            """
    }

    /// What the run wrote down of itself, line by line.
    private func log(_ run: DocumentValue) -> Fragment {
        let lines = run["log"].items
        var html: Fragment = "<h3>\(say("日志", "Log"))</h3>"
        if lines.isEmpty {
            return html
                + "<p>\(say("没有留下日志:运行太早,或由别的程序做成。", "No log is kept: the run is too long ago, or another version's."))</p>"
        }
        html += .table(
            say("运行写下的日志", "What the run wrote down"),
            [say("开始后(秒)", "Seconds since its begin"), say("级别", "Level"), say("内容", "What")],
            lines.map { line in
                let level = line["level"].text ?? ""
                return [
                    "<span class=\"amount\">\(line["after_ms"].integer.map { "\(ExactDecimal(units: $0, places: 3))" } ?? "–")</span>",
                    "<span class=\"\(level == "info" ? "" : "bad")\">\(say.word(level, of: "log"))</span>",
                    "\(line["text"].text.map { Self.short($0) } ?? "")",
                ]
            })
        if let more = run["log_left_out"].text {
            html +=
                "<p class=\"cut\">\(say("最后一行之前省去了 \(more) 行。", "\(more) more lines were left out before the last."))</p>"
        }
        return html
    }

    static func look(of state: String?) -> String {
        state == "success" ? "well" : state == "running" ? "busy" : "bad"
    }

    /// One run: books, control totals, what proved it complete, errors with their place.
    mutating func run() throws(Problem) -> ConsoleDoor.Outcome {
        let stated = request.values.first ?? ""
        guard let number = Int(stated) else { throw .parameter("run", "must be a whole number") }
        let runs = try ask(.runs, ["run": .integer(number)])["runs"].items
        guard let run = runs.first else { throw Problem(.unknown, "unknown-run", "There is no run of this number") }
        let counts = run["counts"]
        let state = run["state"].text
        let title = say("运行 \(number)", "Run \(number)")
        var main: Fragment = """
            <h2>\(title)</h2><dl><dt>\(say("数据流", "Stream"))</dt><dd>\(streamLink(run["stream"].text))</dd>\
            <dt>\(say("方式", "Mode"))</dt><dd>\(say.word(run["mode"].text, of: "mode"))</dd>\
            <dt>\(say("状态", "State"))</dt><dd><span class="\(Self.look(of: state))">\(say.word(state))</span></dd>\
            <dt>\(say("开始", "Began"))</dt><dd>\(time(run["started_at"]))</dd>\
            <dt>\(say("结束", "Ended"))</dt><dd>\(time(run["ended_at"]))</dd>\
            <dt>\(say("源数据最新到", "Data reaches"))</dt><dd>\(time(run["newest_data"]))</dd>\
            <dt>\(say("映射版本", "Mapping version"))</dt>\
            <dd><code>\(run["mapping_version"].text.map { String($0.prefix(12)) } ?? "–")</code></dd>\
            <dt>\(say("完整性依据", "What proves it complete"))</dt><dd>\(proof(of: run))</dd></dl>
            """
        if run["error"]["code"].text != nil {
            main += """
                <h3>\(say("为什么失败", "Why it failed"))</h3><p class="note"><code>\(run["error"]["code"].text ?? "")</code> \
                \(why(run["error"]["message"].text, run["error"]["code"].text))</p>
                """
        }
        main += "<h3>\(say("账目", "Books"))</h3>"
        let names = [
            ("read", say("读", "read")), ("new", say("新", "new")), ("changed", say("变", "changed")),
            ("unchanged", say("未变", "unchanged")), ("duplicate", say("重复", "duplicate")),
            ("quarantined", say("隔离", "quarantined")), ("vanished", say("消失", "vanished")),
        ]
        main += .table(
            say("账目:读 = 新 + 变 + 未变 + 重复 + 隔离", "Books: read = new + changed + unchanged + duplicate + quarantined"),
            names.map(\.1), [names.map { "\(counts[$0.0].text ?? "–")" }])
        if (counts["quarantined"].integer ?? 0) > 0, let stream = run["stream"].text {
            main += "<p>\(link("/console/quarantine", [("stream", stream)], say("看隔离记录", "See the quarantine")))</p>"
        }
        let totals = run["totals"].items
        if !totals.isEmpty {
            main += "<h3>\(say("控制总额", "Control totals"))</h3>"
            main += .table(
                say("控制总额", "Control totals"),
                [say("项目", "Measure"), say("哪一侧", "Side"), say("记录", "Records"), say("合计", "Sum")],
                totals.map {
                    [
                        "<code>\($0["measure"].text ?? "")</code>", "\(say.word($0["side"].text))",
                        "\($0["count"].text ?? "–")", "<span class=\"amount\">\(say.yuan($0["sum"]))</span>",
                    ]
                })
        }
        let notices = run["notices"].items
        if !notices.isEmpty {
            main += "<h3>\(say("提示", "Notices"))</h3>"
            main += .table(
                say("提示", "Notices"), [say("代码", "Code"), say("内容", "What"), say("位置", "Place")],
                notices.prefix(100).map {
                    [
                        "<code>\($0["code"].text ?? "")</code>", why($0["message"].text, $0["code"].text),
                        "\($0["place"].text ?? "–")",
                    ]
                })
            let all = notices.count + Int(run["notices_left_out"].integer ?? 0)
            main += cut(min(100, notices.count), of: all, "<code>/v1/runs?run=\(number)</code>")
        }
        main += log(run)
        return .page(title, "<div id=\"live\">\(main)</div>")
    }
}
