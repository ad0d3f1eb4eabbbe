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

    mutating func run(_ store: any StoreReader, _ totals: ControlTotals, _ runs: [Run?]) throws {
        try checkTotals(store, totals)
        checkBooks(runs)
        if let rule = plan.rule(.repeatedRows) {
            for stream in plan.streams {
                let count = try store.repeatedRows(stream: stream.id)
                if count == 0 { continue }
                var finding = Finding(rule: rule)
                finding.subject = stream.name
                finding.found = String(count)
                finding.expected = "0"
                findings.append(finding)
            }
        }
        if let rule = plan.rule(.sharedPlace) {
            for place in try store.sharedPlaces() {
                var finding = Finding(rule: rule)
                finding.account = place.numbers.first ?? ""
                finding.subject = "place"
                finding.community = place.community
                finding.found = place.numbers.joined(separator: ", ")
                findings.append(finding)
            }
        }
    }

    /// What the views serve, with what no view shows, beside the running totals that were kept commit by commit.
    private mutating func checkTotals(_ store: any StoreReader, _ totals: ControlTotals) throws {
        guard let rule = plan.rule(.controlTotals) else { return }
        var held = [Tally](repeating: Tally(), count: plan.streams.count)
        for (name, tally) in totals.stored { held[name.stream] += tally }
        let shown = Set(
            (mappings.unified.facts.flatMap(\.from) + mappings.unified.lists.flatMap(\.from)).map(\.description))
        for (place, stream) in plan.streams.enumerated() where shown.contains(stream.name) {
            let state = try store.state(stream: stream.id)
            if state.records != held[place].rows {
                add(rule, stream, "rows", found: "\(held[place].rows)", expected: "\(state.records)", 0)
            }
            if stream.entity == .account || stream.entity == .premises { continue }
            for measure in Measure.allCases {
                let kept = state.totals.first { $0.measure == measure.name }
                let count = held[place].counts[measure.rawValue]
                let sum = held[place].sums[measure.rawValue]
                let (keptCount, keptSum) = (kept?.count ?? 0, kept?.sum.amount ?? 0)
                if count == keptCount, sum == keptSum { continue }
                add(
                    rule, stream, measure.name, found: "\(count): \(Fen(sum))", expected: "\(keptCount): \(Fen(keptSum))",
                    sum - keptSum)
            }
        }
    }

    private mutating func add(
        _ rule: Int, _ stream: StoredStream, _ measure: String, found: String, expected: String, _ money: Int64
    ) {
        var finding = Finding(rule: rule)
        finding.subject = "\(stream.name) \(measure)"
        finding.found = found
        finding.expected = expected
        finding.money = money
        findings.append(finding)
    }

    private mutating func checkBooks(_ runs: [Run?]) {
        guard let rule = plan.rule(.runBooks) else { return }
        for case let run? in runs where run.state != .success || !run.counts.areBalanced {
            var finding = Finding(rule: rule)
            finding.subject = run.stream
            finding.found = run.state.rawValue
            finding.detail = "run \(run.id): \(run.errorCode ?? run.state.rawValue)"
            findings.append(finding)
        }
    }
}
