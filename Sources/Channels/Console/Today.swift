import Answers
import HeatModel
import Pages

extension Look {
    /// Bars that a trend has.
    private static let mostBars = 24
    private static let mostFailures = 20
    /// What failed longer ago is not shown unasked.
    private static let failureDays: Int64 = 7

    /// How fresh the data is, what ran, what failed, what waits.
    mutating func today() throws(Problem) -> ConsoleDoor.Outcome {
        var main: Fragment = "<h2>\(say("今天", "Today"))</h2>"
        if !may(.freshness), !may(.handOffs) {
            main +=
                """
                <p class="note">\(say("这个令牌没有可看的页面:它需要 assistant、engineer、auditor 或 desk 权限。",
                    "This token opens no page: it needs the scope assistant, engineer, auditor or desk."))</p>
                """
            return .page(say("今天", "Today"), main)
        }
        if may(.freshness) { main += streams(try ask(.freshness), may(.runs) ? try lastPulls() : [:]) }
        if may(.runs) { main += try failures() }
        if may(.quarantine) { main += causes(try ask(.quarantine, ["limit": .integer(1)])["counts"].items) }
        main += try outboxes()
        if may(.runs) { main += try lags() }
        if may(.handOffs) { main += waiting(try ask(.handOffs, ["state": .text("open"), "limit": .integer(200)])) }
        return .page(say("今天", "Today"), "<div id=\"live\">\(main)</div>")
    }

    /// The last runs that read a whole stream, the newest first, by their streams.
    ///
    /// - Parameter stream: of this one alone.
    mutating func lastPulls(of stream: String? = nil) throws(Problem) -> [String: [DocumentValue]] {
        let arguments: Arguments = [
            "only": .text("pulls"), "each": .integer(Self.mostBars), "limit": .integer(1000),
            "stream": stream.map { .text($0) },
        ]
        return Dictionary(grouping: try ask(.runs, arguments)["runs"].items) { $0["stream"].text ?? "" }
    }

    private func streams(_ freshness: DocumentValue, _ pulls: [String: [DocumentValue]]) -> Fragment {
        let streams = freshness["streams"].items
        let hours = freshness["stale_after_hours"].integer ?? 0
        let old = streams.count { $0["stale"].flag == true }
        var html: Fragment = """
            <p class="facts"><b>\(freshness["accounts"].text ?? "–")</b> \(say("个账户", "accounts")) · \
            <b>\(streams.count)</b> \(say("个数据流", "streams")), <b class="\(old == 0 ? "well" : "bad")">\(old)</b> \
            \(say("个超过 \(hours) 小时没有成功读取", "not read with success for \(hours) hours")) · \
            <b>\(freshness["views_to_rebuild"].text ?? "0")</b> \(say("个账户视图待重建", "views to rebuild")) · \
            \(say("截至", "as of")) \(time(freshness["now"]))</p>
            """
        let rows = streams.map { stream -> [Fragment] in
            let name = stream["stream"].text ?? ""
            let isOld = stream["stale"].flag == true
            let age =
                stream["age_seconds"].integer.map { say("\(say.span($0))前", "\(say.span($0)) ago") }
                ?? say("从未", "never")
            let mark = isOld ? say("过期", "stale") : say("新鲜", "fresh")
            let state = stream["last_state"].text
            let error = stream["last_error"].text
            let waiting = stream["quarantined"].integer ?? 0
            var last: Fragment =
                "<span class=\"\(state == "success" || state == nil ? "well" : state == "running" ? "" : "bad")\">\(say.word(state))</span>"
            if let error { last += " <code>\(error)</code>" }
            return [
                may(.runs) ? streamLink(name) : "\(name)",
                "<span class=\"\(isOld ? "bad" : "well")\">\(mark)</span> <time>\(age)</time>", last,
                "\(time(stream["newest_data"]))", "\(stream["records"].text ?? "0")",
                waiting > 0 && may(.quarantine)
                    ? link("/console/quarantine", [("stream", name)], "\(waiting)") : "\(waiting)",
                trend(pulls[name, default: []]),
            ]
        }
        html += .table(
            say("数据流", "Streams"),
            [
                say("数据流", "Stream"), say("新鲜度", "Freshness"), say("最近一次运行", "Last run"),
                say("源数据最新到", "Data reaches"), say("记录", "Records"), say("隔离", "Quarantined"),
                say("每次读取行数", "Rows a run"),
            ], rows)
        let money = streams.flatMap { stream in
            stream["totals"].items.map { total -> [Fragment] in
                let (name, measure) = (stream["stream"].text ?? "", total["measure"].text ?? "")
                return [
                    "\(name) <code>\(measure)</code>", "\(total["count"].text ?? "–")",
                    "<span class=\"amount\">\(say.yuan(total["sum"]))</span>",
                    moneyTrend(measure, pulls[name, default: []]),
                ]
            }
        }
        if !money.isEmpty {
            html += "<h3>\(say("钱", "Money"))</h3>"
            html += .table(
                say("库内各项金额合计", "What the store holds, in all"),
                [
                    say("数据流、项目", "Stream, measure"), say("记录", "Records"), say("合计", "Sum"),
                    say("每次运行后", "After each run"),
                ], money)
        }
        return html
    }

    /// - Parameter pulls: of one stream, the newest first.
    func trend(_ pulls: [DocumentValue]) -> Fragment {
        let values = pulls.reversed().map { $0["counts"]["read"].integer ?? 0 }
        return Charts.bars(
            values,
            say(
                "最近 \(values.count) 次运行读取的行数,最后一次 \(values.last ?? 0)",
                "Rows read in the last \(values.count) runs, \(values.last ?? 0) in the last"))
    }

    private func moneyTrend(_ measure: String, _ pulls: [DocumentValue]) -> Fragment {
        let values = pulls.compactMap { run in
            run["totals"].items.first { $0["side"].text == "stored" && $0["measure"].text == measure }?["sum_fen"]
                .integer
        }
        return Charts.bars(
            values.reversed(), say("最近 \(values.count) 次运行后的合计", "Sums after the last \(values.count) runs"))
    }

    private mutating func failures() throws(Problem) -> Fragment {
        let most = Self.mostFailures
        let since = now.microseconds - Self.failureDays * 86_400_000_000
        // One more than is shown tells whether there are more.
        let failed = try ask(.runs, ["only": .text("failed"), "limit": .integer(most + 1)])["runs"].items.filter {
            ($0["started_at"].text.flatMap { Instant($0) }?.microseconds ?? .max) >= since
        }
        let days = Self.failureDays
        let all = link("/console/runs", [("only", "failed")], say("全部失败的运行", "All that failed"))
        var html: Fragment = "<h3>\(say("失败的运行", "What failed"))</h3>"
        if failed.isEmpty {
            return html + "<p>\(say("最近 \(days) 天没有失败的运行。", "No run has failed for \(days) days.")) \(all)</p>"
        }
        html += .table(
            say("失败的运行", "What failed"),
            [say("运行", "Run"), say("数据流", "Stream"), say("开始", "Began"), say("状态", "State"), say("原因", "Why")],
            failed.prefix(most).map {
                [
                    runLink($0["run"]), streamLink($0["stream"].text), "\(time($0["started_at"]))",
                    "<span class=\"bad\">\(say.word($0["state"].text))</span>",
                    "<code>\($0["error"]["code"].text ?? "–")</code> \(why(Self.short($0["error"]["message"].text ?? ""), $0["error"]["code"].text))",
                ]
            })
        return html + """
            <p class="cut">\(failed.count > most
                ? say("最近 \(days) 天里失败的不止这 \(most) 次。", "More than these \(most) have failed in \(days) days.")
                : say("这是最近 \(days) 天失败的。", "These are of the last \(days) days.")) \(all)</p>
            """
    }

    /// The quarantine by cause, each a link to its entries.
    func causes(_ counts: [DocumentValue]) -> Fragment {
        var html: Fragment = "<h3>\(say("隔离:按原因", "Quarantine by cause"))</h3>"
        if counts.isEmpty { html += "<p>\(say("隔离区是空的。", "Nothing is in quarantine."))</p>" }
        html += .table(
            say("隔离:按原因", "Quarantine by cause"),
            [say("原因", "Cause"), say("数据流", "Stream"), say("条数", "Entries")],
            counts.sorted { ($0["count"].integer ?? 0) > ($1["count"].integer ?? 0) }.prefix(60).map { count in
                let (stream, code) = (count["stream"].text ?? "", count["code"].text ?? "")
                return [
                    link("/console/quarantine", [("stream", stream), ("code", code)], code), "\(stream)",
                    "\(count["count"].text ?? "–")",
                ]
            })
        return html + cut(min(60, counts.count), of: counts.count, "<code>/v1/quarantine</code>")
    }

    private func waiting(_ list: DocumentValue) -> Fragment {
        let items = list["hand_offs"].items
        let count = list["next"].integer == nil ? "\(items.count)" : "\(items.count)+"
        let free = items.count { $0["state"].text == "waiting" }
        return """
            <h3>\(say("转人工", "Hand-offs"))</h3><p><b>\(count)</b> \(say("个未结束", "open")), <b>\(free)</b> \
            \(say("个在等人接。", "waiting for a person."))</p>
            """
    }
}

func + (left: Fragment, right: Fragment) -> Fragment {
    var whole = left
    whole += right
    return whole
}
