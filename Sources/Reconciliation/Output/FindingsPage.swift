package import HeatModel
import JSONText
import Tables

/// A part of an output's findings: those that a filter lets through, in their order, so many at a time. The file is read once, row by
/// row: a page of a large one costs no more memory than that of a small one.
package struct FindingsPage: Sendable {
    /// What is asked for; nil asks for all.
    package struct Filter: Sendable, Hashable {
        package var id: String?
        package var account: String?
        package var rule: String?
        package var season: String?
        package var severity: String?
        /// Empty for findings of no community.
        package var community: String?

        package init() {}

        fileprivate var cells: [(column: Int, bytes: [UInt8])] {
            let wanted: [(FindingColumn, String?)] = [
                (.id, id), (.account, account), (.rule, rule), (.season, season), (.severity, severity),
                (.community, community),
            ]
            return wanted.compactMap { column, value in
                value.map { (FindingsPage.place(of: column), Array(CSVText.cell($0).utf8)) }
            }
        }
    }

    package struct Finding: Sendable, Hashable {
        package var id: String
        package var account: String
        package var rule: String
        package var season: String
        package var subject: String
        package var severity: String
        package var blocks: Bool
        package var money: Fen
        package var community: String
        package var found: String
        package var expected: String
        package var detail: String
        package var zh: String
        package var en: String
        package var evidence: [Evidence]
        /// Records that show it, too, and are not named.
        package var evidenceLeftOut: Int
    }

    /// A record that shows a finding, and its row at the source.
    package struct Evidence: Sendable, Hashable {
        package var stream: String
        package var key: String
        package var run: Int64?
        /// `sf_fy 17`; nil where the record is there no more.
        package var place: String?
    }

    package var findings: [Finding] = []
    /// All that the filter lets through.
    package var matching = FindingCount()
    /// How many of these stand before the next page; nil where this is the last.
    package var next: Int64?

    /// - Parameters:
    ///   - skipping: how many that the filter lets through stood on the pages before.
    ///   - limit: of a page.
    /// - Throws: `usage.unreadable`, `usage.alteredOutput`, `usage.badOutput`.
    package init(
        of output: KeptOutputs.Output, _ filter: Filter = Filter(), skipping: Int64 = 0, limit: Int = 50
    ) throws {
        let rows = try CSVRows(try output.path(of: "findings.csv"))
        guard try rows.next() else { throw rows.broken("the file is empty") }
        let wanted = filter.cells
        let money = Self.place(of: .money)
        while try rows.next() {
            guard wanted.allSatisfy({ rows.raw($0.column).elementsEqual($0.bytes) }) else { continue }
            guard let worth = rows.raw(money).integer else { throw rows.broken("a row states no money") }
            if matching.findings >= skipping, findings.count < limit {
                let cells = rows.cells
                guard cells.count == FindingColumn.allCases.count else { throw rows.broken("a row has not all columns") }
                findings.append(Self.finding(cells, Fen(worth)))
            }
            matching.add(worth)
        }
        let shown = skipping + Int64(findings.count)
        if shown < matching.findings, !findings.isEmpty { next = shown }
    }

    private static func place(of column: FindingColumn) -> Int { FindingColumn.allCases.firstIndex(of: column) ?? 0 }

    private static func finding(_ cells: [String], _ money: Fen) -> Finding {
        func cell(_ column: FindingColumn) -> String { unmarked(cells[place(of: column)]) }
        let (evidence, more) = Evidence.all(in: cell(.evidence))
        return Finding(
            id: cell(.id), account: cell(.account), rule: cell(.rule), season: cell(.season), subject: cell(.subject),
            severity: cell(.severity), blocks: cell(.blocks) == "true", money: money, community: cell(.community),
            found: cell(.found), expected: cell(.expected), detail: cell(.detail), zh: cell(.zh), en: cell(.en),
            evidence: evidence, evidenceLeftOut: more)
    }

    /// Without the mark that keeps a spreadsheet from taking a cell for a formula.
    private static func unmarked(_ cell: String) -> String {
        guard cell.utf8.first == 0x27, let second = cell.utf8.dropFirst().first, CSVText.needsMark(second) else {
            return cell
        }
        return String(cell.dropFirst())
    }
}

extension FindingsPage.Evidence {
    /// Reads `billing.charges#123 (run 4, sf_fy 17); dispatch.orders#9; +3`. What is in no such form stays a part of the key before it.
    static func all(in text: String) -> (evidence: [Self], more: Int) {
        var pieces: [String] = []
        var more = 0
        let all = text.split(separator: "; ", omittingEmptySubsequences: false).map(String.init)
        for (index, piece) in all.enumerated() where !piece.isEmpty {
            if index == all.count - 1, index > 0, piece.hasPrefix("+"), let count = Int(piece.dropFirst()) {
                more = count
            } else if pieces.isEmpty || piece.firstMatch(of: #/^[^\s#.]+\.[^\s#]+#/#) != nil {
                pieces.append(piece)
            } else {
                pieces[pieces.count - 1] += "; " + piece
            }
        }
        return (pieces.map(Self.init), more)
    }

    private init(_ piece: String) {
        let sides = piece.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        self.init(stream: String(sides[0]), key: sides.count > 1 ? String(sides[1]) : "", run: nil, place: nil)
        if let placed = key.firstMatch(of: #/^(.*) \(run (\d+), (.+)\)$/#.dotMatchesNewlines()) {
            key = String(placed.1)
            run = Int64(placed.2)
            place = String(placed.3)
        }
    }
}
