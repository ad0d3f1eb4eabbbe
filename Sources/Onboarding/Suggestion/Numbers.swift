import HeatModel
import Records

/// Which columns hold account numbers or another system's ids, by the values that streams have in common.
struct Numbers {
    struct Shared {
        var column: Int
        var hits: Int
        var of: Int
        /// The column that they stand in, too.
        var with: String
        /// In thousandths.
        var share: Int { of == 0 ? 0 : hits * 1_000 / of }
    }

    /// The account numbers that are known, folded, and where from.
    private var known: Set<String> = []
    private var knownColumn: String?
    private var knownIndex: Int?
    /// Systems' own ids with the stream that says which account they are.
    private var ids: [(system: String, column: String, index: Int, values: Set<String>)] = []
    private let profiles: [[ColumnProfile]]
    private let samples: [StreamSample]
    let master: Int?

    init(
        _ reads: [(index: Int, reading: EntityReading)], _ samples: [StreamSample], _ profiles: [[ColumnProfile]],
        master: Int?
    ) {
        self.profiles = profiles
        self.samples = samples
        self.master = master
        func column(_ field: String, _ reading: EntityReading) -> Int? {
            var best: (column: Int, score: Int)?
            for (index, candidates) in reading.candidates.enumerated() {
                guard let found = candidates.first, found.field == field, found.score > (best?.score ?? 450) else {
                    continue
                }
                best = (index, found.score)
            }
            return best?.column
        }
        let stating = reads.filter { $0.reading.kind == .premises || $0.reading.kind == .account }
        let first =
            stating.first { $0.index == master } ?? stating.first { $0.reading.kind == .premises } ?? stating.first
        if let first, let number = column("account.number", first.reading) {
            known = Set(profiles[first.index][number].counts.keys)
            knownIndex = first.index
            knownColumn = "\(samples[first.index].name).\(samples[first.index].columns[number])"
        }
        for read in stating {
            guard column("account.number", read.reading) != nil, let id = column("account.id", read.reading) else {
                continue
            }
            ids.append(
                (
                    samples[read.index].name.source, samples[read.index].columns[id], read.index,
                    Set(profiles[read.index][id].counts.keys)
                ))
        }
    }

    /// How many of a column's values are known account numbers. Nil where nothing is known to compare with.
    func accounts(_ index: Int, _ column: Int) -> Shared? {
        guard index != knownIndex, let knownColumn, known.count >= 5 else { return nil }
        let own = profiles[index][column].counts.keys
        return Shared(column: column, hits: own.count { known.contains($0) }, of: own.count, with: knownColumn)
    }

    /// The system whose ids a column holds.
    ///
    /// - Parameter least: so many different values are needed.
    func system(_ index: Int, _ column: Int, least: Int) -> (system: String, shared: Shared)? {
        let own = profiles[index][column].counts.keys
        guard own.count >= least else { return nil }
        var best: (String, Shared)?
        for each in ids where each.index != index {
            let hits = own.count { each.values.contains($0) }
            let shared = Shared(
                column: column, hits: hits, of: own.count, with: "\(samples[each.index].name).\(each.column)")
            if shared.share > 600, shared.share > (best?.1.share ?? 0) { best = (each.system, shared) }
        }
        return best
    }

    /// Whether this stream says which account an id of its system is.
    func registers(_ index: Int) -> String? { ids.first { $0.index == index }?.column }
}
