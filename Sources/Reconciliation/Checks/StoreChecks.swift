import HeatModel
import Mapping
import Records
import Store

/// Checks of the store as a whole.
struct StoreChecks {
    let plan: CheckPlan
    let mappings: MappingSet
    private(set) var findings: [Finding] = []

    init(plan: CheckPlan, mappings: MappingSet) {
        self.plan = plan
        self.mappings = mappings
    }

    mutating func run(_ snapshot: Snapshot, _ totals: ControlTotals, _ runs: [Run?]) throws {
        try checkTotals(snapshot, totals, runs)
        checkBooks(runs)
        try checkRepeated(snapshot)
        // Places are known as they are now.
        if snapshot.moment == nil, let rule = plan.rule(.sharedPlace) {
            for place in try snapshot.store.sharedPlaces() {
                var finding = Finding(rule: rule)
                finding.account = place.numbers.first ?? ""
                finding.subject = "place"
                finding.community = place.community
                finding.found = place.numbers.joined(separator: ", ")
                findings.append(finding)
            }
        }
    }

    /// Rows that are equal to one before them and were dropped, as rows without money are. Of rows with money, which wait in quarantine
    /// now, runs of earlier versions dropped some: it may be as many payments of one sum as there are rows, and the finding is worth
    /// what they state.
    private mutating func checkRepeated(_ snapshot: Snapshot) throws {
        for stream in plan.streams {
            let count = try snapshot.store.repeatedRows(stream: stream.id, at: snapshot.moment)
            if count == 0 { continue }
            let totals = try snapshot.store.repeatedMoney(stream: stream.id, at: snapshot.moment)
            // A charge is worth what is due, a payment its amount, an order its fee.
            let money = [Measure.due, .amount, .fee].lazy.compactMap { measure in
                totals.first { $0.measure == measure.name && $0.sum != .zero }?.sum.amount
            }.first
            let named = money == nil ? nil : plan.rule(.repeatedMoney)
            guard let rule = named ?? plan.rule(.repeatedRows) else { continue }
            var finding = Finding(rule: rule)
            finding.subject = stream.name
            finding.found = String(count)
            finding.expected = "0"
            // What the source states beyond what is stored.
            finding.money = money ?? 0
            findings.append(finding)
        }
    }

    /// What the views serve, with what no view shows, beside the running totals that were kept commit by commit.
    private mutating func checkTotals(_ snapshot: Snapshot, _ totals: ControlTotals, _ runs: [Run?]) throws {
        guard let rule = plan.rule(.controlTotals) else { return }
        let shown = Set(
            (mappings.unified.facts.flatMap(\.from) + mappings.unified.lists.flatMap(\.from)).map(\.description))
        if let recounted = totals.recounted { checkCells(rule, totals.stored, recounted, shown) }
        var held = [Tally](repeating: Tally(), count: plan.streams.count)
        for (name, tally) in totals.stored { held[name.stream] += tally }
        for (place, stream) in plan.streams.enumerated() where shown.contains(stream.name) {
            // Of the past, what the run noted when it ended.
            let isPast = snapshot.moment != nil
            let state = try snapshot.store.state(stream: stream.id)
            let noted = isPast ? runs[place]?.totals.filter { $0.side == .stored } ?? [] : state.totals
            if isPast, noted.isEmpty { continue }
            if !isPast, state.records != held[place].rows {
                add(rule, stream, "rows", found: "\(held[place].rows)", expected: "\(state.records)", 0)
            }
            if stream.entity == .account || stream.entity == .premises { continue }
            for measure in Measure.allCases {
                let kept = noted.first { $0.measure == measure.name }
                let count = held[place].counts[measure.rawValue]
                let sum = held[place].sums[measure.rawValue]
                let (keptCount, keptSum) = (kept?.count ?? 0, kept?.sum.amount ?? 0)
                if count == keptCount, sum == keptSum { continue }
                add(
                    rule, stream, measure.name, found: "\(count): \(Fen(sum))",
                    expected: "\(keptCount): \(Fen(keptSum))",
                    sum - keptSum)
            }
        }
    }

    /// What is served, with what no view shows, beside the records themselves, cell by cell.
    private mutating func checkCells(
        _ rule: Int, _ stored: [CellName: Tally], _ recounted: [CellName: Tally], _ shown: Set<String>
    ) {
        for cell in Set(stored.keys).union(recounted.keys).sorted() {
            let stream = plan.streams[cell.stream]
            guard shown.contains(stream.name) else { continue }
            let (held, right) = (stored[cell] ?? Tally(), recounted[cell] ?? Tally())
            func report(_ measure: String, _ found: String, _ expected: String, _ money: Int64) {
                add(rule, stream, measure, found: found, expected: expected, money, cell)
            }
            if held.rows != right.rows { report("rows", "\(held.rows)", "\(right.rows)", 0) }
            for measure in Measure.allCases.map(\.rawValue)
            where held.counts[measure] != right.counts[measure] || held.sums[measure] != right.sums[measure] {
                report(
                    Measure.allCases[measure].name, "\(held.counts[measure]): \(Fen(held.sums[measure]))",
                    "\(right.counts[measure]): \(Fen(right.sums[measure]))", held.sums[measure] - right.sums[measure])
            }
        }
    }

    private mutating func add(
        _ rule: Int, _ stream: StoredStream, _ measure: String, found: String, expected: String, _ money: Int64,
        _ cell: CellName? = nil
    ) {
        var finding = Finding(rule: rule)
        finding.subject = "\(stream.name) \(measure)"
        if let cell {
            finding.season = cell.season
            finding.community = cell.community
            finding.subject += " \(cell.community)/\(cell.item)"
        }
        finding.found = found
        finding.expected = expected
        finding.money = money
        findings.append(finding)
    }

    private mutating func checkBooks(_ runs: [Run?]) {
        guard let rule = plan.rule(.runBooks) else { return }
        for case let run? in runs where run.state != .success || !run.counts.isBalanced {
            var finding = Finding(rule: rule)
            finding.subject = run.stream
            finding.found = run.state.rawValue
            finding.detail = "run \(run.id): \(run.errorCode ?? run.state.rawValue)"
            findings.append(finding)
        }
    }
}
