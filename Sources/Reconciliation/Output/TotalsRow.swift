import HeatModel
import Store
import Tables

/// A row of the control totals: how many records of a cell state a measure on one side of the pipe, and their sum.
struct TotalsRow {
    enum Side: String, CaseIterable { case pulled, stored, served }

    var side: Side
    var system: String
    var stream: String
    var season: String
    var community: String
    var item: String
    /// `rows`, or the JSON key of a money field.
    var measure: String
    var count: Int64
    /// Nil for rows.
    var sum: Int64?

    static let header = ["side", "system", "stream", "season", "community", "item", "measure", "count", "sum_fen"]

    /// Writes the row's line of `totals.csv`.
    func write(to file: inout ByteFile) {
        file.raw(side.rawValue)
        for text in [system, stream, season, community, item, measure] {
            file.raw(",")
            file.raw(CSVText.cell(text))
        }
        file.raw(",")
        file.raw(String(count))
        file.raw(",")
        if let sum { file.raw(String(sum)) }
        file.raw("\r\n")
    }

    /// Side by side for each cell: pulled, stored, served.
    static func all(_ totals: ControlTotals, _ streams: [StoredStream]) -> [TotalsRow] {
        let order = streams.indices.sorted { streams[$0].name < streams[$1].name }
        var rank = [Int](repeating: 0, count: streams.count)
        for (place, stream) in order.enumerated() { rank[stream] = place }
        let cells = Set(totals.pulled.keys).union(totals.stored.keys).union(totals.served.keys).sorted {
            rank[$0.stream] != rank[$1.stream] ? rank[$0.stream] < rank[$1.stream] : $0 < $1
        }
        let systems = streams.map { String($0.name.prefix { $0 != "." }) }
        var rows: [TotalsRow] = []
        for cell in cells {
            let sides = [totals.pulled[cell], totals.stored[cell], totals.served[cell]].map { $0 ?? Tally() }
            func add(_ measure: String, _ value: (Tally) -> (Int64, Int64?)) {
                for (side, tally) in zip(Side.allCases, sides) {
                    let (count, sum) = value(tally)
                    rows.append(
                        TotalsRow(
                            side: side, system: systems[cell.stream], stream: streams[cell.stream].name,
                            season: cell.season, community: cell.community, item: cell.item, measure: measure,
                            count: count, sum: sum))
                }
            }
            add("rows") { ($0.rows, nil) }
            for measure in Measure.allCases where sides.contains(where: { $0.counts[measure.rawValue] != 0 }) {
                add(measure.name) { ($0.counts[measure.rawValue], $0.sums[measure.rawValue]) }
            }
        }
        return rows
    }
}
