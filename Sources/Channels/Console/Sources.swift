import Answers
import ConfigurationFiles
import HeatModel
import Pages
import Records
import Setup
import Store
import Sync

/// What a piece of work with the sources came to.
enum SourceOutcome: Sendable {
    case checked(String, [SourceCheck.Finding])
    case discovered(String, [StreamDescription])
    case previewed(String, [StreamPreview.Row])
    /// - Parameter trial: the draft that it was made with; nil for the files as they are.
    case planned(String, PlanSketch, trial: PlannedDraft?)
}

/// A draft that was planned, and the file that it was made of.
struct PlannedDraft: Sendable {
    var draft: MappingDraft
    /// SHA-256 of the file as it was shown.
    var seen: String
}

/// The legacy systems before a sync: check, discover, preview, plan. Nothing is written anywhere. A mapping file is in `MappingPage`.
extension Look {
    static let engineers: [Scope] = [.engineer]
    static let sourcesPath = "/console/sources"

    mutating func sources() throws(Problem) -> ConsoleDoor.Outcome {
        try need(Self.engineers)
        return .page(say("数据源", "Sources"), try sourcesPage(note: nil))
    }

    private func button(_ deed: String, _ subject: String, _ words: String) -> Fragment {
        """
        <form class="inline" method="post" action="\(Self.sourcesPath)">\(.hidden("token", door.formToken(visitor)))\
        \(.hidden("do", deed))\(.hidden("subject", subject))<button>\(words)</button></form>
        """
    }

    mutating func sourcesPage(note: String?) throws(Problem) -> Fragment {
        let way = door.ways.sources
        let sources = try told { try way.list() }
        self.note(Access(accounts: [], action: "console:sources", outcome: "ok"))
        var main: Fragment = "<h2>\(say("数据源", "Sources"))</h2>"
        if let note { main += "<p role=\"alert\" class=\"note\">\(note)</p>" }
        main += """
            <p>\(say("这里只读:不存什么,也不改旧系统。一次做一件;结果留到下一件。",
                "Here is only read: nothing is kept, and nothing changed in a legacy system. One thing at a time; its result stays until the next."))</p>
            """
        main += "<div id=\"live\">\(work())</div>"
        for source in sources.prefix(40) {
            main += """
                <section><h3>\(source.name)</h3><p class="choices">\(button("check", source.name, say("检查", "Check")))\
                \(button("discover", source.name, say("列出表和列", "Discover")))</p>
                """
            main += .table(
                say("\(source.name) 的数据流", "Streams of \(source.name)"),
                [say("数据流", "Stream"), say("映射", "Mapping"), say("预览", "Preview"), say("计划", "Plan")],
                source.streams.prefix(60).map { stream in
                    [
                        streamLink(stream), link(Self.sourcesPath + "/mapping", [("stream", stream)], say("映射文件", "Mapping file")),
                        button("preview", stream, say("看前 3 行", "First 3 rows")),
                        button("plan", stream, say("同步会改什么", "What a sync would change")),
                    ]
                })
            main += cut(min(60, source.streams.count), of: source.streams.count, "\(say("命令行里有全部。", "The command line has all of them."))") + "</section>"
        }
        main += cut(min(40, sources.count), of: sources.count, "\(say("命令行里有全部。", "The command line has all of them."))")
        return main + "<p class=\"cut\">\(say("计划在一个随后撤回的事务里做,期间别的写入要等;数据多时请在闲时做。", "A plan is made in a transaction that is taken back; other writes wait for it meanwhile. With much data, make it at a quiet hour."))</p>"
    }

    // MARK: What came of it

    private mutating func work() -> Fragment {
        let state = door.sourceWork.current
        var html: Fragment = ""
        if let work = state.underway {
            html += "<p class=\"busy\">\(say("正在做:", "Under way:")) \(work.name) (\(work.caller), \(time(.text(work.since.description))))</p>"
        }
        guard let last = state.last else { return html }
        html += "<h3>\(last.name)</h3><p>\(last.caller), <time>\(Tongue.time(.text(last.at.description), now))</time></p>"
        switch last.outcome {
        case .failure(let error): return html + problems(Self.errors(error))
        case .success(.checked(_, let findings)): return html + checked(findings)
        case .success(.discovered(_, let streams)): return html + discovered(streams)
        case .success(.previewed(let stream, let rows)):
            var seen: Set<String> = []
            let numbers = rows.compactMap(\.accountNumber).filter { seen.insert($0).inserted }
            note(Access(accounts: numbers, action: "console:preview \(stream)", outcome: "ok"))
            return html + previewed(rows)
        case .success(.planned(_, let sketch, trial: let trial)):
            return html + planned(sketch) + (trial.map { applying($0, sketch) } ?? "")
        }
    }

    static func errors(_ error: any Error) -> [HearthError] {
        (error as? ConfigurationErrors)?.errors ?? (error as? HearthError).map { [$0] } ?? []
    }

    /// Errors with their places; of a path its last parts.
    func problems(_ errors: [HearthError]) -> Fragment {
        if errors.isEmpty { return "<p class=\"bad\">\(say("没有做成,原因在服务器的日志里。", "It was not done; the server's log says why."))</p>" }
        return .table(
            say("问题", "Problems"),
            [say("代码", "Code"), say("位置", "Place"), say("问题", "Problem"), say("怎么办", "What to do")],
            errors.prefix(100).map {
                [
                    "<code>\($0.code.name)</code>", .text($0.place.map { Self.short("\($0)") }), why(Self.short($0.message), $0.code.name),
                    .text($0.advice.map { Self.short($0.text(naming: \.pageName)) }),
                ]
            }) + cut(min(100, errors.count), of: errors.count, "\(say("命令行里有全部。", "The command line has all of them."))")
    }

    private func verdict(_ verdict: CheckFinding.Verdict) -> Fragment {
        "<span class=\"\(verdict == .ok ? "well" : "bad")\">\(say.word(verdict.rawValue, of: "check"))</span>"
    }

    private func checked(_ findings: [SourceCheck.Finding]) -> Fragment {
        .table(
            say("检查", "Check"),
            [say("结果", "Verdict"), say("数据源", "Source"), say("问的是", "Asked"), say("回答", "Answer"), say("怎么办", "What to do")],
            findings.prefix(200).map {
                [
                    verdict($0.finding.verdict), "\($0.source)", "\($0.finding.subject)", why(Self.short($0.finding.detail)),
                    .text($0.finding.advice.map { Self.short($0.text(naming: \.pageName)) }),
                ]
            }) + cut(min(200, findings.count), of: findings.count, "\(say("命令行里有全部。", "The command line has all of them."))")
    }

    private func discovered(_ streams: [StreamDescription]) -> Fragment {
        var html: Fragment = .table(
            say("表和列", "Streams"),
            [say("名称", "Name"), say("已配置", "Configured"), say("键", "Key"), say("行(约)", "Rows (about)"), say("列", "Columns")],
            streams.prefix(100).map { stream in
                let columns = stream.columns.prefix(80).map { "\($0.name) \($0.type)" }.joined(separator: ", ")
                let more = stream.columns.count > 80 ? " +\(stream.columns.count - 80)" : ""
                return [
                    "\(stream.name)", "\(stream.isConfigured ? say("是", "yes") : "–")", "\(stream.key.joined(separator: ", "))",
                    "\(stream.estimatedRows.map(String.init) ?? "–")",
                    stream.trouble.map { why(Self.short($0.message), $0.code.name) } ?? "\(String(columns.prefix(600)) + more)",
                ] as [Fragment]
            })
        html += cut(min(100, streams.count), of: streams.count, "\(say("命令行里有全部。", "The command line has all of them."))")
        return html
    }

    private func previewed(_ rows: [StreamPreview.Row]) -> Fragment {
        var html: Fragment = ""
        if rows.isEmpty { html += "<p>\(say("没有行。", "There are no rows."))</p>" }
        for row in rows.prefix(5) {
            html += "<h4>\(say("第 \(row.position) 行,户号 \(row.accountNumber ?? "–")", "Row \(row.position), account \(row.accountNumber ?? "–")"))</h4>"
            if let reject = row.reject {
                html += "<p class=\"bad\">\(say("会进隔离区:", "Goes to quarantine:")) \(why(Self.short(reject)))</p>"
            }
            let unread = row.unread.map { column -> [Fragment] in
                ["<code>\(column.column)</code>", .text(column.text.map { String($0.prefix(200)) }), "\(say("(没有读)", "(not read)"))", ""]
            }
            html += .table(
                say("原文与规范值并排", "Raw and canonical side by side"),
                [say("列", "Column"), say("原文", "Raw"), say("字段", "Field"), say("规范值", "Canonical")],
                row.fields.map { field in
                    [
                        "<code>\(field.columns.isEmpty ? say("(常量)", "(constant)") : field.columns.joined(separator: " + "))</code>",
                        "\(String(field.raw.map { $0 ?? "NULL" }.joined(separator: " + ").prefix(200)))", "\(field.field)",
                        .text(field.canonical.map { String($0.prefix(200)) }),
                    ]
                } + unread)
        }
        return html + "<p>\(say("个人信息已遮盖。", "Personal data is masked."))</p>"
    }

    private func planned(_ sketch: PlanSketch) -> Fragment {
        var html: Fragment = ""
        if !sketch.changesAnything { html += "<p class=\"well\">\(say("什么也不会变。", "Nothing would change."))</p>" }
        html += .table(
            say("同步会做什么", "What a sync would do"),
            [
                say("数据流", "Stream"), say("读", "Read"), say("新", "New"), say("变", "Changed"), say("未变", "Unchanged"),
                say("重复", "Duplicate"), say("隔离", "Quarantined"), say("消失", "Vanished"), say("因映射改变", "By the mapping"),
                say("会失败", "Would fail"),
            ],
            sketch.outcome.reports.map { report in
                let counts = report.counts
                let remapped = report.remapped.map {
                    say("\($0.read) 条中 \($0.changed + $0.new) 条变,\($0.quarantined) 条进隔离",
                        "\($0.changed + $0.new) of \($0.read) change, \($0.quarantined) to quarantine")
                }
                return [
                    "\(report.stream.description)", "\(counts.read)", "\(counts.new)", "\(counts.changed)",
                    "\(counts.unchanged)", "\(counts.duplicate)", "\(counts.quarantined)", "\(counts.vanished)",
                    .text(remapped),
                    report.error.map { "<span class=\"bad\"><code>\($0.code.name)</code> \(Self.short($0.message))</span>" } ?? "–",
                ]
            })
        if sketch.outcome.replayed.replayed > 0 {
            html += "<p>\(say("隔离区里有 \(sketch.outcome.replayed.replayed) 条会通过。", "\(sketch.outcome.replayed.replayed) of the records in quarantine would go through."))</p>"
        }
        let changes = sketch.changes.sorted { $0.key.description < $1.key.description }.flatMap(\.value)
        html += .table(
            say("其中一些改变", "Some of the changes"),
            [say("数据流", "Stream"), say("改变", "Change"), say("键", "Key"), say("字段", "Fields")],
            changes.prefix(60).map {
                [
                    "\($0.stream)", "\(say.word($0.kind, of: "plan"))", "\($0.key)",
                    "\(String($0.fields.joined(separator: ", ").prefix(400)))",
                ]
            })
        return html + "<p class=\"cut\">\(say("每个数据流最多列 20 处;数目是全部的。", "At most 20 of each stream are listed; the counts are of all."))</p>"
    }

    // MARK: What is asked for

    mutating func askSources(_ form: FormBody) throws(Problem) -> ConsoleDoor.Outcome {
        try need(Self.engineers)
        let way = door.ways.sources
        let subject = form["subject"] ?? ""
        let known = try told { try way.list() }
        let isSource = known.contains { $0.name == subject }
        let isStream = known.contains { $0.streams.contains(subject) }
        let deed = form["do"] ?? ""
        guard ["check", "discover"].contains(deed) ? isSource : ["preview", "plan"].contains(deed) && isStream else {
            throw .foreignForm
        }
        let isBegun = door.sourceWork.begin("\(deed) \(subject)", by: visitor.caller.id) { _ in
            switch deed {
            case "check": return .checked(subject, try way.check(subject))
            case "discover": return .discovered(subject, try way.discover(subject))
            case "preview": return .previewed(subject, try way.preview(subject))
            default: return .planned(subject, try way.plan(subject, nil), trial: nil)
            }
        }
        return try begun(isBegun, deed, subject)
    }

    mutating func begun(_ isBegun: Bool, _ deed: String, _ subject: String) throws(Problem) -> ConsoleDoor.Outcome {
        note(Access(accounts: [], action: "console:\(deed) \(subject)", outcome: isBegun ? "ok" : "limited"))
        if isBegun { return .goTo(Self.sourcesPath) }
        return .page(
            say("数据源", "Sources"),
            try sourcesPage(note: say("已经有一件在做,请等它做完。", "Something is under way already; wait for its end.")))
    }
}

extension Advice.Action {
    /// The page that does it; plain words where only whoever is at the server can.
    var pageName: String {
        switch self {
        case .runs: "/console/runs"
        case .status: "/console"
        case .check: "/console/sources"
        case .verifyAudit: "/console/audit"
        default: description
        }
    }
}
