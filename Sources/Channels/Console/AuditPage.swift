import Answers
import Audit
import Evidence
import HeatModel
import Pages

/// Whether anything was altered: the last lines of the chain, and a walk over all that vouches for each other.
extension Look {
    static let auditors: [Scope] = [.engineer, .auditor]

    mutating func audit() throws(Problem) -> ConsoleDoor.Outcome {
        try need(Self.auditors)
        return .page(say("审计链", "Audit chain"), try auditPage(note: nil))
    }

    private mutating func auditPage(note: String?) throws(Problem) -> Fragment {
        let audit = door.ways.audit
        let lines = try told { try audit.lines(50) }
        self.note(Access(accounts: [], action: "console:audit", outcome: "ok"))
        var main: Fragment = "<h2>\(say("审计链", "Audit chain"))</h2>"
        if let note { main += "<p role=\"alert\" class=\"note\">\(note)</p>" }
        main += "<div id=\"live\">\(verification(door.verification.current))</div>"
        main += "<h3>\(say("核验", "Verify"))</h3>"
        main += """
            <p>\(say("从头走一遍运行、记录、归档、对账清单和日志的哈希链,说出第一处被改动的地方。记录多时要几分钟。",
                "Walks runs, records, archive, manifests and logs from the beginning, and names the first thing altered. With many records it takes minutes."))</p>\
            <form method="post" action="/console/audit">\(.hidden("token", door.formToken(visitor)))\
            <label for="head">\(say("别处记下的链头(可以不填;能查出末尾少了行)", "A head noted elsewhere (may be left out; shows lines missing at the end)"))</label>\
            <input id="head" name="head" maxlength="100" placeholder="seq:hash">\
            <label class="tick"><input type="checkbox" name="moved" value="1"> \(say("搬走的对账清单不算问题", "Manifests that were moved are no problem"))</label>\
            <label class="tick"><input type="checkbox" name="others" value="1"> \(say("在别的归档里的运行不算问题", "Runs in other archives are no problem"))</label>\
            <button class="send">\(say("核验", "Verify"))</button></form>
            """
        main += "<h3>\(say("最近的行", "The last lines"))</h3>"
        if let head = lines.first {
            main += "<p>\(say("链头(抄在别处,以后可以对)", "Head (note it elsewhere; it can be held against the chain later)")): <code>\(head.sequence):\(head.hash)</code></p>"
        } else {
            main += "<p>\(say("链上还没有行:第一次同步之后才有。", "The chain has no line yet: the first sync brings one."))</p>"
        }
        main += .table(
            say("最近的行,最新的在前", "The last lines, the newest first"),
            [say("行", "Line"), say("关于", "About"), say("编号", "Number"), say("内容", "What"), "SHA-256"],
            lines.map { line in
                let number = line.number.map { "\($0)" }
                let place: Fragment =
                    switch line.about {
                    case "run": runLink(number.map { .number($0) } ?? .none)
                    case "action" where may(.actions):
                        number.map { link("/console/actions", [("action", $0)], $0) } ?? "–"
                    default: .text(number)
                    }
                return [
                    "\(line.sequence)",
                    line.about.isEmpty
                        ? "<span class=\"bad\">\(say("读不懂", "not known"))</span>"
                        : "\(say.word(line.about, of: "chain"))",
                    place, "\(String(line.detail.prefix(200)))", "<code>\(String(line.hash.prefix(12)))</code>",
                ]
            })
        if let first = lines.last, first.sequence > 1 {
            main += "<p class=\"cut\">\(say("只显示最近 \(lines.count) 行,共 \(lines[0].sequence) 行;全部:", "The last \(lines.count) of \(lines[0].sequence) lines; all of them:")) \(say("命令行的审计导出。", "the audit bundle of the command line."))</p>"
        }
        return main
    }

    private func verification(_ state: BackgroundWork<AuditVerification.Result>.State) -> Fragment {
        var html: Fragment = ""
        if let work = state.underway {
            html += """
                <p class="busy">\(say("正在核验:", "Verifying:")) \(work.step) \
                (\(say("\(work.caller) 从", "\(work.caller), since")) \(time(.text(work.since.description))))</p>
                """
        }
        guard let last = state.last else {
            return html + "<p>\(say("本进程还没有核验过。", "Nothing was verified since this process began."))</p>"
        }
        let when: Fragment = "\(time(.text(last.at.description))) \(last.caller)"
        switch last.outcome {
        case .failure(let error):
            return html + "<p class=\"bad\">\(say("核验没有做完:", "The verification did not come to its end:")) \(Self.short("\(error)")) (\(when))</p>"
        case .success(let result):
            if let problem = result.problem {
                html += """
                    <p role="alert" class="note">\(say("有问题:", "WRONG:")) \(say.word(problem.kind.rawValue, of: "altered")) · \
                    \(Self.short(problem.place)) · \(Self.short(problem.message)) (\(when))</p>
                    """
            } else {
                html += "<p class=\"well\">\(say("没有问题。", "Nothing is wrong.")) (\(when))</p>"
            }
            let facts: [(String, String)] = [
                (say("链上的行", "Lines of the chain"), "\(result.lines)"), (say("运行", "Runs"), "\(result.runs)"),
                (say("记录与视图", "Records and views"), "\(result.rows)"),
                (say("归档的日志", "Journals of the archive"), "\(result.journals)"),
                (say("归档的对象", "Objects of the archive"), "\(result.objects) (\(result.objectBytes) B)"),
                (say("对账清单", "Manifests"), "\(result.manifests)"),
                (say("没有看的清单", "Manifests not looked at"), "\(result.manifestsElsewhere.count)"),
                (say("没有看的运行", "Runs not looked at"), "\(result.runsElsewhere.count)"),
                (say("访问日志", "Access logs"), "\(result.logs) (\(result.logLines))"),
                (say("链头", "Head"), result.head.description),
            ]
            let rows = facts.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" as Fragment }
            return html + "<dl>\(rows)</dl>"
        }
    }

    /// A text without the folders of this machine: of a path the last two parts.
    static func short(_ text: String) -> String {
        String(text.prefix(500)).replacing(#/\/(?:[^\/\s:;,"']+\/)+(?=[^\/\s:;,"']+\/[^\/\s:;,"']+)/#, with: "…/")
    }

    /// Begins a verification, unless one is under way.
    mutating func verify(_ form: FormBody) throws(Problem) -> ConsoleDoor.Outcome {
        try need(Self.auditors)
        let text = (form["head"] ?? "").filter { !$0.isWhitespace }
        let head = ChainHead(text)
        if !text.isEmpty, head == nil {
            return .page(
                say("审计链", "Audit chain"),
                try auditPage(
                    note: say("链头要写成 行号:哈希,照核验显示的样子。", "Write a head as seq:hash, as a verification shows it.")))
        }
        let anchors = [head].compactMap(\.self)
        let audit = door.ways.audit
        let (moved, others) = (form["moved"] == "1", form["others"] == "1")
        let isBegun = door.verification.begin("audit verify", by: visitor.caller.id) { step in
            try audit.verify(.init(anchors: anchors, allowsMovedManifests: moved, allowsOtherArchives: others), step)
        }
        note(Access(accounts: [], action: "console:audit verify", outcome: isBegun ? "ok" : "limited"))
        if isBegun { return .goTo("/console/audit") }
        return .page(
            say("审计链", "Audit chain"), try auditPage(note: say("已经有一次核验在进行。", "A verification is under way already.")))
    }
}
