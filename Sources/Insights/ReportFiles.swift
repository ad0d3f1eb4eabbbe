import Foundation
import HeatModel
import Tables

/// The report in each of its forms. The same report is the same bytes.
package enum ReportFormat: String, CaseIterable, Sendable {
    case text, csv, xlsx, html
}

extension MonthReport {
    /// The report as bytes of a form; a workbook is made in `folder`.
    ///
    /// - Throws: `output.notWritable`.
    package func bytes(_ format: ReportFormat, folder: String = NSTemporaryDirectory()) throws -> [UInt8] {
        switch format {
        case .text: return Array(text.utf8)
        case .csv: return CSVText.byteOrderMark + Array(csv.utf8)
        case .html: return Array(html.utf8)
        case .xlsx:
            let path = (folder as NSString).appendingPathComponent("hearth-\(UUID().uuidString).xlsx")
            defer { try? FileManager.default.removeItem(atPath: path) }
            try writeWorkbook(path, folder: folder)
            guard let bytes = FileManager.default.contents(atPath: path) else {
                throw HearthError.notWritable(path, "the workbook cannot be read again", nil)
            }
            return Array(bytes)
        }
    }

    var text: String {
        var lines = [title, ""]
        lines += figures.map { "\($0.name): \($0.value)" }
        for section in sections {
            lines += ["", section.title]
            if section.rows.isEmpty { lines.append("  –") }
            for row in section.rows {
                lines.append("  " + row.map { $0.text.isEmpty ? "–" : $0.text }.joined(separator: "  "))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// One table: section, name, count, of how many, example.
    private var csv: String {
        var lines = CSVText.line(["month", "section", "column", "row", "value"])
        for (name, value) in figures { lines += CSVText.line([month, "figures", name, "", value]) }
        for section in sections {
            for (number, row) in section.rows.enumerated() {
                for (column, cell) in zip(section.columns, row) {
                    lines += CSVText.line([month, section.key, column.name, String(number + 1), cell.text])
                }
            }
        }
        return lines
    }

    private func writeWorkbook(_ path: String, folder: String) throws {
        let file = try SheetFile(path: path, folder: folder)
        let first = file.sheet("概要 Summary")
        file.widths(first, [40, 16])
        file.text(first, 0, 0, title, .title)
        for (index, figure) in figures.enumerated() {
            file.text(first, UInt32(index + 2), 0, figure.name)
            file.text(first, UInt32(index + 2), 1, figure.value)
        }
        for section in sections {
            // A sheet's name holds 31 characters.
            let sheet = file.sheet(String(section.title.prefix(31)))
            file.head(sheet, section.columns.map { ($0.name, $0.width) })
            file.freeze(sheet, rows: 1, columns: 0)
            for (number, row) in section.rows.enumerated() {
                for (column, cell) in row.enumerated() {
                    switch cell {
                    case .text(let text): file.text(sheet, UInt32(number + 1), column, text)
                    case .count(let value): file.count(sheet, UInt32(number + 1), column, value)
                    }
                }
            }
        }
        try file.close()
    }

    /// One page that needs nothing but itself.
    private var html: String {
        var page = Self.head(title)
        page += "<h1>\(HTMLText.escaped(title))</h1><div class=\"cards\">"
        for (name, value) in figures {
            page += "<div><span>\(HTMLText.escaped(name))</span><b>\(HTMLText.escaped(value))</b></div>"
        }
        page += "</div>"
        for section in sections {
            page += "<section><h2>\(HTMLText.escaped(section.title))</h2>"
            if section.rows.isEmpty {
                page += "<p>–</p></section>"
                continue
            }
            page += "<table><thead><tr>"
            for column in section.columns { page += "<th>\(HTMLText.escaped(column.name))</th>" }
            page += "</tr></thead><tbody>"
            for row in section.rows {
                page += "<tr>"
                for cell in row {
                    if case .count = cell {
                        page += "<td class=\"n\">\(cell.text)</td>"
                    } else {
                        page += "<td>\(HTMLText.escaped(cell.text))</td>"
                    }
                }
                page += "</tr>"
            }
            page += "</tbody></table></section>"
        }
        return page + "</main></body></html>\n"
    }

    private static func head(_ title: String) -> String {
        """
        <!doctype html><html lang="zh"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>\(HTMLText.escaped(title))</title><style>
        :root{--ink:#1d2733;--soft:#66727f;--line:#dfe5eb}
        body{margin:0;color:var(--ink);font:14px/1.5 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif}
        main{max-width:1000px;margin:0 auto;padding:24px}h1{font-size:24px;margin:0 0 14px}h2{font-size:17px;margin:26px 0 8px}
        .cards{display:flex;flex-wrap:wrap;gap:10px}.cards div{flex:1 1 130px;border:1px solid var(--line);border-radius:6px;padding:8px 12px}
        .cards span{display:block;color:var(--soft);font-size:12px}.cards b{font-size:19px}
        table{border-collapse:collapse;width:100%;font-size:13px}th,td{text-align:left;vertical-align:top;padding:4px 8px;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
        th{color:var(--soft);font-weight:500}.n{text-align:right;font-variant-numeric:tabular-nums}
        @media print{@page{size:A4;margin:14mm}main{padding:0;max-width:none}section,tr{break-inside:avoid}}
        </style></head><body><main>
        """
    }
}
