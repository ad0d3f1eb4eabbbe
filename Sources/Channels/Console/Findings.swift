import Answers
import HeatModel
import Pages
import Reconciliation

/// What the systems disagree on, as reconciliations wrote it. Nothing is reconciled here: `hearth reconcile` does that.
extension Look {
    /// Findings name accounts and say what is wrong with their bills.
    static let reconcilers: [Scope] = [.engineer, .auditor]
    private static let path = "/console/reconciliation"
    private static let mostFindings: Int64 = 50
    /// Bytes of a file that is sent at once.
    private static let mostDownload: Int64 = 64 << 20

    func need(_ scopes: [Scope]) throws(Problem) {
        if !may(scopes) { throw .forbidden(scopes) }
    }

    /// What a room below says, or its problem.
    func told<Result>(_ body: () throws -> Result) throws(Problem) -> Result {
        do { return try body() } catch {
            var problem = Problem(error)
            // It is there, and not as it was written, or not to be sent.
            if ["altered-output", "output-too-large"].contains(problem.code) { problem.category = .conflict }
            throw problem
        }
    }

    private func kept() throws(Problem) -> KeptOutputs {
        try need(Self.reconcilers)
        return door.ways.outputs
    }

    private func name(_ output: KeptOutputs.Output) -> String {
        output.name == KeptOutputs.itself ? say("本目录", "the folder itself") : output.name
    }

    private func yuan(_ fen: Fen) -> Fragment {
        "<span class=\"amount\">\(say.yuan(.text(fen.description)))</span>"
    }

    /// The output that the query names; the newest where it names none.
    private func chosen() throws(Problem) -> KeptOutputs.Output {
        let outputs = try kept()
        let wanted = request.query["output"] ?? ""
        if wanted.isEmpty, let newest = try told({ try outputs.all() }).outputs.first { return newest }
        return try told { try outputs.output(named: wanted.isEmpty ? KeptOutputs.itself : wanted) }
    }

    // MARK: All outputs, and one by rule and community

    /// What reconciliations there are, and what one of them came to.
    mutating func reconciliation() throws(Problem) -> ConsoleDoor.Outcome {
        let kept = try kept()
        let listing = try told { try kept.all() }
        let outputs = listing.outputs
        let title = say("对账", "Reconciliation")
        var main: Fragment = "<h2>\(title)</h2>"
        if !listing.broken.isEmpty {
            let names = listing.broken.map { $0 == KeptOutputs.itself ? say("本目录", "the folder itself") : $0 }
            main += """
                <p role="alert" class="note">\(say("清单读不懂,其中的数字都不要用:", "The manifest cannot be read; take no figure from:")) \
                \(names.joined(separator: ", "))</p>
                """
        }
        if outputs.isEmpty {
            main += """
                <p>\(say("还没有对账结果。在服务器上运行(结果要写在控制台看得到的目录里):",
                    "There is no output of a reconciliation yet. On the server, into the folder that the console reads, run:")) \
                <code>hearth reconcile --out reconciliation/\(String(now.description.prefix(10)))</code></p>
                """
            return .page(title, main)
        }
        let one = try chosen()
        main += comparing(outputs, one)
        let most = 30
        let from = try position("outputs")
        main += .table(
            say("对账结果,最新的在前", "Outputs, the newest first"),
            [
                say("结果", "Output"), say("写于", "Written"), say("截至运行", "As of run"), say("采暖期", "Season"),
                say("发现", "Findings"), say("净额", "Net"), say("绝对额", "Absolute"), say("清单 SHA-256", "Manifest SHA-256"),
            ],
            outputs.dropFirst(from).prefix(most).map { output in
                let summary = try? output.summary()
                return [
                    link(Self.path, [("output", output.name)], name(output)),
                    "<time>\(Tongue.time(.text(output.writtenAt.description), now))</time>",
                    runLink(.number("\(output.asOfRun)")), "\(output.season ?? say("全部", "all"))",
                    summary.map { "\($0.all.findings)" }
                        ?? "<span class=\"bad\">\(say("与清单不符或读不到", "not what its manifest says, or not readable"))</span>",
                    summary.map { yuan($0.all.money) } ?? "–", summary.map { yuan($0.all.absolute) } ?? "–",
                    "<code title=\"\(output.manifest)\">\(String(output.manifest.prefix(12)))</code>",
                ]
            })
        main += pages(
            "outputs", from, shown: min(most, max(0, outputs.count - from)), of: outputs.count, keeping: ["output"])
        do throws(Problem) {
            main += try summary(of: one)
        } catch {
            // The newest is shown unasked: that it cannot be read hides no other.
            if request.query["output"] != nil { throw error }
            main += "<h3>\(name(one))</h3><p role=\"alert\" class=\"note\">\(words(of: error))</p>"
        }
        note(Access(accounts: [], action: "console:reconciliation", outcome: "ok"))
        return .page(title, main)
    }

    private func summary(of output: KeptOutputs.Output) throws(Problem) -> Fragment {
        let summary = try told { try output.summary() }
        let own = [("output", output.name)]
        var html: Fragment = """
            <h3>\(name(output))</h3><p class="facts"><b>\(summary.accounts)</b> \(say("个账户", "accounts")), \
            <b>\(link(Self.path + "/findings", own, "\(summary.all.findings)"))</b> \(say("处不一致", "findings")), \
            \(say("净", "net")) <b>\(yuan(summary.all.money))</b>, \(say("绝对额", "absolute")) <b>\(yuan(summary.all.absolute))</b>; \
            <b class="\(summary.blocking.findings == 0 ? "well" : "bad")">\(summary.blocking.findings)</b> \
            \(say("处须先解决才能结账", "block the closing")), \(yuan(summary.blocking.absolute)); \
            \(say("截至运行", "as of run")) \(runLink(.number("\(summary.asOfRun)"))), \
            \(say("系统所知的最后一天", "the last day that the systems know of")) \(summary.today ?? "–")</p>
            """
        html += .table(
            say("按规则", "By rule"),
            [
                say("规则", "Rule"), say("程度", "Severity"), say("结账", "Closing"), say("发现", "Findings"),
                say("净额", "Net"), say("绝对额", "Absolute"),
            ],
            summary.rules.filter { $0.count.findings > 0 }.map {
                [
                    link(Self.path + "/findings", own + [("rule", $0.rule)], $0.rule), "\(say.word($0.severity))",
                    $0.blocks ? "<span class=\"bad\">\(say("阻止", "blocks"))</span>" : "–", "\($0.count.findings)",
                    yuan($0.count.money), yuan($0.count.absolute),
                ]
            })
        let quiet = summary.rules.count { $0.count.findings == 0 }
        html += "<p>\(say("另有 \(quiet) 条规则没有发现。", "\(quiet) more rules found nothing."))</p>"
        let (most, from) = (60, try position("communities"))
        let communities = summary.communities.sorted {
            ($0.count.absolute.amount, $1.name) > ($1.count.absolute.amount, $0.name)
        }
        html += "<h3>\(say("按小区", "By community"))</h3>"
        html += .table(
            say("按小区,绝对额大的在前", "By community, the largest first"),
            [
                say("小区", "Community"), say("发现", "Findings"), say("净额", "Net"), say("绝对额", "Absolute"),
            ],
            communities.dropFirst(from).prefix(most).map {
                [
                    link(
                        Self.path + "/findings", own + [("community", $0.name.isEmpty ? "-" : $0.name)],
                        $0.name.isEmpty ? say("不属于任何小区", "of no community") : $0.name),
                    "\($0.count.findings)", yuan($0.count.money), yuan($0.count.absolute),
                ]
            })
        html += pages(
            "communities", from, shown: min(most, max(0, communities.count - from)), of: communities.count,
            keeping: ["output"])
        html += "<h3>\(say("下载", "Download"))</h3>"
        html += .table(
            say("文件与其 SHA-256", "Files with their SHA-256"),
            [say("文件", "File"), say("字节", "Bytes"), "SHA-256"],
            output.files.prefix(20).map {
                [
                    link(Self.path + "/download", own + [("file", $0.name)], $0.name), "\($0.bytes)",
                    "<code>\($0.sha256)</code>",
                ]
            })
        return html
            + "<p>\(say("下载前会与清单核对;被改动过的文件不会送出。", "Each is held against its manifest first; one that was altered is not sent."))</p>"
    }

    private func comparing(_ outputs: [KeptOutputs.Output], _ one: KeptOutputs.Output) -> Fragment {
        guard outputs.count > 1 else { return "" }
        func choice(_ field: String, _ words: String, _ chosen: String?) -> Fragment {
            let options = outputs.prefix(200).map { output in
                output.name == chosen
                    ? "<option value=\"\(output.name)\" selected>\(name(output))</option>" as Fragment
                    : "<option value=\"\(output.name)\">\(name(output))</option>"
            }
            return
                "<label for=\"\(field)\">\(words)</label><select id=\"\(field)\" name=\"\(field)\">\(options)</select>"
        }
        let earlier = outputs.first { $0.writtenAt.microseconds < one.writtenAt.microseconds } ?? outputs.last
        return """
            <form class="line" method="get" action="\(Self.path)/compare">\
            \(choice("before", say("较早的", "Earlier"), earlier?.name))\(choice("after", say("较晚的", "Later"), one.name))\
            <button>\(say("比较", "Compare"))</button></form>
            """
    }

    /// Where a part of a page begins, by a whole number of the query.
    private func position(_ name: String) throws(Problem) -> Int {
        guard let text = request.query[name], !text.isEmpty else { return 0 }
        guard let number = Int(text), (0...1_000_000_000).contains(number) else {
            throw .parameter(name, "must be a whole number")
        }
        return number
    }

    /// What is said where a part goes on, with the way on.
    private func pages(_ name: String, _ from: Int, shown: Int, of all: Int, keeping names: [String]) -> Fragment {
        if from == 0, shown >= all { return "" }
        let query = names.compactMap { name in request.query[name].map { (name, $0) } }
        let next: Fragment =
            from + shown < all
            ? link(request.path, query + [(name, "\(from + shown)")], say("下一页", "Next page")) : ""
        let first: Fragment = from > 0 ? link(request.path, query, say("第一页", "First page")) : ""
        return """
            <p class="cut">\(say("第 \(min(all, from + 1))–\(from + shown) 条,共 \(all) 条。",
                "\(min(all, from + 1))–\(from + shown) of \(all).")) \(first) \(next)</p>
            """
    }

    // MARK: Findings

    /// Findings of an output, by what the query asks for.
    mutating func findings() throws(Problem) -> ConsoleDoor.Outcome {
        let output = try chosen()
        var filter = FindingsPage.Filter()
        func text(_ name: String) -> String? { request.query[name].flatMap { $0.isEmpty ? nil : $0 } }
        filter.rule = text("rule")
        filter.season = text("season")
        filter.account = text("account")
        filter.severity = text("severity")
        filter.community = text("community").map { $0 == "-" ? "" : $0 }
        let from = try position("from")
        let page = try told {
            try FindingsPage(of: output, filter, skipping: Int64(from), limit: Int(Self.mostFindings))
        }
        let title = say("对账发现", "Findings")
        var main: Fragment = """
            <h2>\(title)</h2><p>\(link(Self.path, [("output", output.name)], name(output)))</p>\
            <form class="line" method="get" action="\(Self.path)/findings">\(.hidden("output", output.name))
            """
        for (field, words) in [
            ("rule", say("规则", "Rule")), ("account", say("户号", "Account")), ("season", say("采暖期", "Season")),
            ("community", say("小区", "Community")),
        ] {
            main += """
                <label for="\(field)">\(words)</label>\
                <input id="\(field)" name="\(field)" maxlength="200" value="\(request.query[field] ?? "")">
                """
        }
        main += """
            <button>\(say("查", "Show"))</button></form><p class="facts"><b>\(page.matching.findings)</b> \(say("处", "findings")), \
            \(say("净", "net")) <b>\(yuan(page.matching.money))</b>, \(say("绝对额", "absolute")) <b>\(yuan(page.matching.absolute))</b></p>
            """
        if page.findings.isEmpty { main += "<p>\(say("没有这样的发现。", "There are none."))</p>" }
        main += .table(
            title,
            [
                say("发现", "Finding"), say("规则", "Rule"), say("户号", "Account"), say("采暖期", "Season"),
                say("金额", "Money"), say("说明", "What"), say("小区", "Community"),
            ],
            page.findings.map { finding in
                [
                    link(
                        Self.path + "/finding", [("output", output.name), ("id", finding.id)],
                        String(finding.id.prefix(8))),
                    "\(finding.rule)", accountLink(finding.account), "\(finding.season)", yuan(finding.money),
                    "\(String(say(finding.zh, finding.en).prefix(300)))", "\(finding.community)",
                ]
            })
        main += pages(
            "from", from, shown: page.findings.count, of: Int(page.matching.findings),
            keeping: ["output", "rule", "account", "season", "severity", "community"])
        noteAccounts(page.findings.map(\.account), "findings")
        return .page(title, main)
    }

    private func accountLink(_ number: String) -> Fragment {
        number.isEmpty ? "–" : link("/console/account", [("number", number)], number)
    }

    private mutating func noteAccounts(_ numbers: [String], _ what: String) {
        var seen: Set<String> = []
        note(
            Access(
                accounts: numbers.filter { !$0.isEmpty && seen.insert($0).inserted },
                action: "console:reconciliation \(what)", outcome: "ok"))
    }

    /// One finding with the records that show it.
    mutating func finding() throws(Problem) -> ConsoleDoor.Outcome {
        let output = try chosen()
        var filter = FindingsPage.Filter()
        filter.id = request.query["id"] ?? ""
        let page = try told { try FindingsPage(of: output, filter, limit: 1) }
        guard let finding = page.findings.first else {
            throw Problem(.unknown, "unknown-finding", "The output has no finding of this id", parameter: "id")
        }
        noteAccounts([finding.account], "finding")
        let title = say("对账发现", "A finding")
        func row(_ name: String, _ value: Fragment) -> Fragment { "<dt>\(name)</dt><dd>\(value)</dd>" }
        func text(_ text: String) -> Fragment { text.isEmpty ? "–" : "\(text)" }
        let own = [("output", output.name)]
        var main: Fragment = """
            <h2>\(title) <code>\(finding.id)</code></h2><p>\(link(Self.path, own, name(output))) · \
            \(link(Self.path + "/findings", own + [("rule", finding.rule)], say("同一规则的", "Others of this rule"))) · \
            \(link(Self.path + "/findings", own + [("account", finding.account)], say("同一户的", "Others of this account")))</p>\
            <p>\(say(finding.zh, finding.en))</p><dl>
            """
        main += row(say("户号", "Account"), accountLink(finding.account))
        main += row(say("规则", "Rule"), text(finding.rule))
        main += row(
            say("程度", "Severity"),
            "\(say.word(finding.severity))\(finding.blocks ? say(",阻止结账", ", blocks the closing") : "")")
        main += row(say("采暖期", "Season"), text(finding.season)) + row(say("对象", "Subject"), subject(finding))
        main += row(say("金额(多收为正)", "Money (above 0 too much is asked)"), yuan(finding.money))
        main += row(say("写的是", "Found"), text(finding.found)) + row(say("应当是", "Expected"), text(finding.expected))
        main += row(say("细节", "Detail"), text(finding.detail)) + row(say("小区", "Community"), text(finding.community))
        main += "</dl><h3>\(say("证据", "Evidence"))</h3>"
        if finding.evidence.isEmpty { main += "<p>\(say("没有指名的记录。", "No record is named."))</p>" }
        main += .table(
            say("证据:源记录", "Evidence: records of the sources"),
            [
                say("数据流", "Stream"), say("键", "Key"), say("运行", "Run"), say("位置", "Place"), say("历史", "History"),
            ],
            finding.evidence.map { evidence in
                [
                    streamLink(evidence.stream), "\(evidence.key)",
                    evidence.run.map { runLink(.number("\($0)")) } ?? "–", .text(evidence.place),
                    // Of a record that waits there the account has none.
                    (finding.account.isEmpty
                        ? ""
                        : link(
                            "/console/history", [("number", finding.account), ("stream", evidence.stream)],
                            say("这条记录说过什么", "What it has said")) + " · ")
                        + link("/console/quarantine", [("stream", evidence.stream)], say("隔离记录", "Quarantine")),
                ]
            })
        if finding.evidenceLeftOut > 0 {
            main += """
                <p class="cut">\(say("还有 \(finding.evidenceLeftOut) 条记录没有列在结果里。",
                    "\(finding.evidenceLeftOut) more records show it; outputs name the first 20."))</p>
                """
        }
        return .page(title, main)
    }

    /// Where a disagreement's field is from, one click away.
    private func subject(_ finding: FindingsPage.Finding) -> Fragment {
        guard !finding.subject.isEmpty else { return "–" }
        let isField = finding.subject.utf8.allSatisfy { ($0 | 0x20) &- 0x61 < 26 || $0 == 0x2E || $0 == 0x5F }
        guard isField, finding.subject.contains("."), !finding.account.isEmpty else { return "\(finding.subject)" }
        return link("/console/trace", [("number", finding.account), ("field", finding.subject)], finding.subject)
    }

    // MARK: Two outputs

    /// What is new, resolved or changed between two outputs, with its money.
    mutating func comparison() throws(Problem) -> ConsoleDoor.Outcome {
        let outputs = try kept()
        let kinds = Comparison.Kind.allCases.map(\.rawValue).filter { $0 != "persisting" }
        let wanted = request.query["kind"].flatMap { $0.isEmpty ? nil : $0 }
        if let wanted, !kinds.contains(wanted) {
            throw .parameter("kind", "must be one of \(kinds.joined(separator: ", "))")
        }
        let from = try position("from")
        let (before, after) = try told {
            (
                try outputs.output(named: request.query["before"] ?? ""),
                try outputs.output(named: request.query["after"] ?? "")
            )
        }
        var (shown, seen) = ([Comparison.Difference](), 0)
        let counts = try told {
            try Comparison.run(before, after) { kind in
                guard wanted == nil || kind.rawValue == wanted else { return false }
                seen += 1
                return seen > from && seen <= from + Int(Self.mostFindings)
            } onDifference: {
                shown.append($0)
            }
        }
        let title = say("比较两次对账", "Two reconciliations compared")
        let own = [("before", before.name), ("after", after.name)]
        var main: Fragment = """
            <h2>\(title)</h2><p>\(link(Self.path, [("output", before.name)], name(before))) → \
            \(link(Self.path, [("output", after.name)], name(after)))</p>\
            <p class="facts">\(say("净额变化", "Money changed by")) <b>\(yuan(counts.moneyChange))</b>\
            \(counts.isSame ? say(";两次相同。", "; they are the same.") : "")</p>
            """
        main += .table(
            title, [say("变化", "Change"), say("发现", "Findings"), say("净额", "Net"), say("绝对额", "Absolute")],
            [
                ("new", counts.new), ("resolved", counts.resolved), ("changed", counts.changed),
                ("persisting", counts.persisting),
            ].map { kind, count in
                [
                    kind == "persisting"
                        ? "\(say.word(kind, of: "diff"))"
                        : link(Self.path + "/compare", own + [("kind", kind)], say.word(kind, of: "diff")),
                    "\(count.findings)", yuan(count.money), yuan(count.absolute),
                ]
            })
        main += "<h3>\(say("逐处", "One by one"))</h3>"
        main += .table(
            say("逐处", "One by one"),
            [
                say("变化", "Change"), say("规则", "Rule"), say("户号", "Account"), say("采暖期", "Season"),
                say("先前", "Before"), say("现在", "After"), say("什么变了", "What changed"), say("说明", "What"),
            ],
            shown.map { difference in
                let changes = difference.changes.filter { $0.field != "text_zh" && $0.field != "text_en" }.map {
                    "\($0.field): \(String($0.from.prefix(80))) → \(String($0.to.prefix(80)))"
                }
                let holder = difference.kind == .resolved ? before : after
                return [
                    "\(say.word(difference.kind.rawValue, of: "diff"))",
                    link(
                        Self.path + "/finding", [("output", holder.name), ("id", difference.id)], difference.rule),
                    accountLink(difference.account), "\(difference.season)", difference.before.map(yuan) ?? "–",
                    difference.after.map(yuan) ?? "–", "\(changes.prefix(6).joined(separator: "; "))",
                    "\(String(difference.text.prefix(200)))",
                ]
            })
        main += pages("from", from, shown: shown.count, of: seen, keeping: ["before", "after", "kind"])
        main +=
            "<p>\(say("命令行的比较给出全部,成一个表。", "The comparison of the command line gives all of them as one table."))</p>"
        noteAccounts(shown.map(\.account), "compare")
        return .page(title, main)
    }

    // MARK: Download

    /// A file of an output, whole and as its manifest has it.
    mutating func download() throws(Problem) -> ConsoleDoor.Outcome {
        let output = try chosen()
        let name = request.query["file"] ?? ""
        let bytes = try told { try output.contents(of: name, most: Self.mostDownload) }
        note(Access(accounts: [], action: "console:reconciliation download \(name)", outcome: "ok"))
        return .file(name, bytes)
    }
}
