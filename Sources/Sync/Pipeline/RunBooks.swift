import HeatModel
import Mapping
import Records
import Store

/// What one run read and what became of it, in records and in money: read = new + changed + unchanged + duplicate + quarantined,
/// and the money pulled is the money written, kept and set aside.
struct RunBooks {
    let entity: EntityKind

    var counts = RunCounts()
    /// Money as mapped from what was pulled.
    private var pulled: [String: (count: Int64, sum: Int64)] = [:]
    /// Money in records written.
    private var written: MoneySums
    /// Money in records left as they were, in rows refused for what they are beside others (links, contradictions, equal rows
    /// with money), and in records that turned out to be one with another.
    var kept: MoneySums
    var aside: MoneySums
    var duplicate: MoneySums
    /// Per transaction: what came into the store and what left it.
    var entered: MoneySums
    var left: MoneySums
    var recordsDelta: Int64 = 0

    init(entity: EntityKind) {
        self.entity = entity
        let empty = MoneySums(entity: entity)
        written = empty
        kept = empty
        aside = empty
        duplicate = empty
        entered = empty
        left = empty
    }

    mutating func notePulled(_ totals: [ControlTotal]) {
        for total in totals {
            let sum = pulled[total.measure, default: (0, 0)]
            pulled[total.measure] = (sum.count + total.count, sum.sum + total.sum.amount)
        }
    }

    /// A record of the store that goes through the books.
    mutating func notePulled(_ body: [UInt8]) {
        var sums = MoneySums(entity: entity)
        body.withUnsafeBytes { sums.add($0, sign: -1) }
        takeBack(sums)
    }

    /// Takes out what was pulled again but is of an earlier run's books.
    mutating func takeBack(_ skipped: MoneySums) {
        for measure in skipped.measures where measure.count != 0 {
            guard let field = entity.fields.first(where: { $0.jsonKey == measure.name }) else { continue }
            let sum = pulled[field.name, default: (0, 0)]
            pulled[field.name] = (sum.count - measure.count, sum.sum - measure.sum)
        }
    }

    /// Ends a transaction: the stream's running totals take what entered and left.
    mutating func flush(stream: StreamID, to store: some RunWriter) throws {
        let sums = zip(entered.measures, left.measures).map {
            (measure: $0.name, count: $0.count - $1.count, sum: $0.sum - $1.sum)
        }
        try store.addTotals(stream: stream, records: recordsDelta, sums: sums)
        written.add(entered)
        entered.reset()
        left.reset()
        recordsDelta = 0
    }

    /// The books at the end of a run: counts balance, and the money pulled is the money written, kept and set aside.
    func check(_ streamName: StreamName) throws {
        if !counts.isBalanced {
            throw HearthError(
                .runUnbalanced,
                "read \(counts.read) records but accounted for \(counts.new + counts.changed + counts.unchanged + counts.duplicate + counts.quarantined)",
                at: .address(streamName.description), advice: "this is a fault of hearth: keep the store and report it")
        }
        for (index, measure) in written.measures.enumerated() {
            let taken =
                measure.sum + kept.measures[index].sum + aside.measures[index].sum + duplicate.measures[index].sum
            let field = entity.fields.first { $0.jsonKey == measure.name }
            let came = pulled[field?.name ?? measure.name]?.sum ?? 0
            if taken != came {
                throw HearthError(
                    .runUnbalanced,
                    "\(measure.name): pulled \(Fen(came)) yuan but accounted for \(Fen(taken))",
                    at: .address(streamName.description),
                    advice: "this is a fault of hearth: keep the store and report it")
            }
        }
    }

    /// The totals of the source's end of the pipe, and of what of it was set aside as said before, for the run's record.
    var totals: [RunTotal] {
        let came = entity.fields.compactMap { field in
            pulled[field.name].map {
                RunTotal(side: .pulled, measure: field.jsonKey, count: $0.count, sum: Fen($0.sum))
            }
        }
        return came
            + duplicate.measures.filter { $0.count > 0 }.map {
                RunTotal(side: .duplicate, measure: $0.name, count: $0.count, sum: Fen($0.sum))
            }
    }
}
