import HeatModel
import Store

/// `report.html`: one page that needs nothing but itself.
struct ReportPage {
    /// So many findings are shown one by one.
    private static let most = 250
    private var biggest: [Entry] = []

    private struct Entry {
        var money: Int64
        var order: Int
        var html: String
    }

    private var seen = 0

    /// Keeps a finding if it is among those worth most.
    mutating func add(_ row: FindingRow) {
        seen += 1
        let money = abs(row.finding.money)
        if biggest.count >= Self.most * 2 { prune() }
        if biggest.count >= Self.most, let least = least, money <= least { return }
        biggest.append(Entry(money: money, order: seen, html: Self.html(row)))
    }

    private var least: Int64?

    private mutating func prune() {
        biggest.sort { $0.money != $1.money ? $0.money > $1.money : $0.order < $1.order }
        biggest.removeLast(max(0, biggest.count - Self.most))
        least = biggest.count < Self.most ? nil : biggest.last?.money
    }

    private static func html(_ row: FindingRow) -> String {
        let evidence = row.evidence.map { item in
            let place = item.position.map { "run \($0.run) · \($0.origin) · \($0.ordinal)" } ?? "—"
            return "<tr><td>\(HTML.text(item.stream))</td><td>\(HTML.text(item.key))</td><td>\(HTML.text(place))</td></tr>"
        }.joined()
        let facts = [
            ("对象 subject", row.finding.subject), ("发现 found", row.finding.found), ("应为 expected", row.finding.expected),
            ("原因 detail", row.finding.detail), ("编号 id", row.id),
        ].filter { !$0.1.isEmpty }.map { "<dt>\($0.0)</dt><dd>\(HTML.text($0.1))</dd>" }.joined()
        let more = row.finding.evidence.count - FindingRow.mostEvidence
        return """
            <details class="\(row.rule.severity.rawValue)"><summary><b>\(Fen(row.finding.money))</b><i>\(HTML.text(row.finding.account))</i>\
            <span>\(HTML.text(row.zh))<small>\(HTML.text(row.en))</small></span><code>\(HTML.text(row.rule.id))</code></summary>\
            <dl>\(facts)</dl><table><tr><th>来源 source</th><th>主键 key</th><th>位置 position</th></tr>\(evidence)</table>\
            \(more > 0 ? "<p>+\(more)</p>" : "")</details>

            """
    }

    mutating func html(_ summary: Summary, _ totals: [TotalsRow], _ plan: CheckPlan, _ background: Background) -> [UInt8] {
        prune()
        var page = HTML.head
        page += "<h1>对账结果 <small>Reconciliation</small></h1>"
        page += "<p class=\"sub\">截至批次 as of run \(summary.asOfRun)"
        if let today = summary.today { page += " · 数据截至 data up to \(today)" }
        if let season = summary.season { page += " · 采暖期 season \(HTML.text(season))" }
        page += "</p><section class=\"cards\">"
        for (name, value) in [
            ("户数 accounts", HTML.grouped(summary.accounts)), ("问题 findings", HTML.grouped(summary.all.findings)),
            ("涉及金额 worth (元)", summary.all.absolute.description), ("净多收 net asked too much (元)", summary.all.money.description),
            ("阻断 blocking", HTML.grouped(summary.blocking.findings)),
        ] { page += "<div><span>\(name)</span><b>\(value)</b></div>" }
        page += "</section>"
        page +=
            summary.blocking.findings > 0
            ? "<p class=\"stop\">有阻断性问题，采暖期不应关账。There are blocking findings: the season should not be closed.</p>"
            : "<p class=\"go\">没有阻断性问题。No blocking findings.</p>"
        page += "<h2>按规则 <small>by rule</small></h2>"
        page += HTML.bars(
            summary.rules.filter { $0.count.findings > 0 }.map {
                ($0.rule, $0.count.absolute.amount, $0.count.findings, $0.severity)
            })
        page += "<h2>按小区 <small>by community, the most money first</small></h2>"
        let communities = summary.communities.sorted {
            $0.count.absolute != $1.count.absolute
                ? $0.count.absolute > $1.count.absolute : $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
        }
        page += HTML.bars(
            communities.prefix(20).map {
                ($0.name.isEmpty ? "— 无小区 none" : $0.name, $0.count.absolute.amount, $0.count.findings, "plain")
            })
        page += "<h2>金额最大的问题 <small>the biggest money first (\(biggest.count) of \(HTML.grouped(summary.all.findings)); "
        page += "all of them are in findings.csv and findings.xlsx)</small></h2><section class=\"list\">"
        for entry in biggest { page += entry.html }
        page += "</section><h2>控制总数 <small>control totals: as pulled, as committed, as served</small></h2>"
        page += HTML.totals(totals)
        page += "<h2>依据 <small>what this rests on</small></h2><table><tr><th>流 stream</th><th>批次 run</th><th>映射版本 mapping</th></tr>"
        for case let run? in background.runs.sorted(by: { ($0?.stream ?? "") < ($1?.stream ?? "") }) {
            page += "<tr><td>\(HTML.text(run.stream))</td><td>\(run.id) \(run.state.rawValue)</td>"
            page += "<td><code>\(HTML.text(String(run.mappingVersion.prefix(16))))</code></td></tr>"
        }
        page += "</table><p class=\"sub\">规则 rules <code>\(background.rules.prefix(16))</code>"
        for tariff in background.tariffs { page += " · \(HTML.text(tariff.name)) <code>\(tariff.digest.prefix(16))</code>" }
        page += "</p></main></html>\n"
        return Array(page.utf8)
    }
}
