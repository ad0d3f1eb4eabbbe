import HeatModel
import Tables

/// Pieces of the report's page.
enum HTML {
    static func text(_ text: String) -> String { HTMLText.escaped(text) }

    static func grouped(_ number: Int64) -> String { String(Fen(number * 100).description.dropLast(3)) }

    /// A chart of bars as inline SVG: money, with the number of findings beside it.
    static func bars(_ entries: [(name: String, money: Int64, findings: Int64, kind: String)]) -> String {
        if entries.isEmpty { return "<p class=\"sub\">—</p>" }
        let most = max(1, entries.map(\.money).max() ?? 1)
        let height = entries.count * 26 + 8
        var svg = "<svg viewBox=\"0 0 960 \(height)\" role=\"img\">"
        for (index, entry) in entries.enumerated() {
            let top = index * 26 + 4
            // In whole thousandths of the width.
            let width = max(1, Int(Int128(entry.money) * 470 / Int128(most)))
            svg += "<text x=\"250\" y=\"\(top + 15)\" text-anchor=\"end\">\(text(entry.name))</text>"
            svg += "<rect class=\"\(entry.kind)\" x=\"260\" y=\"\(top)\" width=\"\(width)\" height=\"20\" rx=\"2\"/>"
            svg +=
                "<text x=\"\(268 + width)\" y=\"\(top + 15)\">\(Fen(entry.money)) 元 · \(grouped(entry.findings))</text>"
        }
        return svg + "</svg>"
    }

    /// Stream by stream and measure; where the sides differ the row is marked.
    static func totals(_ rows: [TotalsRow]) -> String {
        struct Key: Hashable {
            var stream: String
            var measure: String
        }
        var order: [Key] = []
        var sums: [Key: [(count: Int64, sum: Int64)]] = [:]
        for row in rows {
            let key = Key(stream: row.stream, measure: row.measure)
            if sums[key] == nil {
                order.append(key)
                sums[key] = Array(repeating: (0, 0), count: 3)
            }
            let side = TotalsRow.Side.allCases.firstIndex(of: row.side) ?? 0
            sums[key]?[side].count += row.count
            sums[key]?[side].sum += row.sum ?? 0
        }
        var table =
            "<table><tr><th>流 stream</th><th>指标 measure</th><th>来源 pulled</th><th>入库 stored</th><th>视图 served</th></tr>"
        for key in order {
            guard let sides = sums[key] else { continue }
            let differs = sides.contains { $0 != sides[0] }
            table +=
                "<tr\(differs ? " class=\"differs\"" : "")><td>\(text(key.stream))</td><td>\(text(key.measure))</td>"
            for side in sides {
                let sum = key.measure == "rows" ? "" : " · \(Fen(side.sum))"
                table += "<td class=\"n\">\(grouped(side.count))\(sum)</td>"
            }
            table += "</tr>"
        }
        return table + "</table>"
    }

    static let head = """
        <!doctype html><html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
        <title>对账结果 Reconciliation</title><style>
        :root{--ink:#1d2733;--soft:#66727f;--line:#dfe5eb;--paper:#fff;--wash:#f5f7f9;--critical:#b3261e;--high:#d9772b;--medium:#c9a227;--low:#5b8db8}
        body{margin:0;background:var(--wash);color:var(--ink);font:14px/1.5 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif}
        main{max-width:1080px;margin:0 auto;padding:28px 32px 60px;background:var(--paper)}
        h1{font-size:26px;margin:0}h2{font-size:18px;margin:34px 0 10px;border-bottom:1px solid var(--line);padding-bottom:6px}
        small{color:var(--soft);font-weight:400;font-size:.75em}.sub{color:var(--soft);margin:4px 0 18px;overflow-wrap:anywhere}
        .cards{display:flex;flex-wrap:wrap;gap:12px}.cards div{flex:1 1 150px;border:1px solid var(--line);border-radius:6px;padding:10px 14px}
        .cards span{display:block;color:var(--soft);font-size:12px}.cards b{font-size:20px;font-variant-numeric:tabular-nums}
        .stop,.go{padding:9px 14px;border-radius:6px;margin:16px 0}.stop{background:#fbeae8;color:var(--critical)}.go{background:#e9f4ec;color:#1f6b3a}
        svg{width:100%;height:auto;font-size:12px;fill:var(--ink)}rect{fill:#7d93a8}rect.critical{fill:var(--critical)}rect.high{fill:var(--high)}
        rect.medium{fill:var(--medium)}rect.low{fill:var(--low)}
        details{border-left:4px solid var(--line);border-bottom:1px solid var(--line);padding:6px 10px}details.critical{border-left-color:var(--critical)}
        details.high{border-left-color:var(--high)}details.medium{border-left-color:var(--medium)}details.low{border-left-color:var(--low)}
        summary{display:grid;grid-template-columns:110px 90px 1fr auto;gap:12px;cursor:pointer;align-items:baseline}
        summary b{text-align:right;font-variant-numeric:tabular-nums}summary i{font-style:normal;font-variant-numeric:tabular-nums}
        summary small{display:block}code{font:12px ui-monospace,monospace;color:var(--soft)}
        dl{display:grid;grid-template-columns:120px 1fr;margin:8px 0;gap:2px 10px}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
        table{border-collapse:collapse;width:100%;font-size:13px}th,td{text-align:left;padding:4px 8px;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
        th{color:var(--soft);font-weight:500}.n{text-align:right;font-variant-numeric:tabular-nums}.differs td{background:#fff7e6}
        @media(max-width:640px){main{padding:16px}summary{grid-template-columns:1fr}summary b{text-align:left}}
        @media print{body{background:#fff}details{break-inside:avoid}}
        </style><main>
        """
}
