import HeatModel
import JSONText
import Mapping
import Records
import Store

/// Findings from the records in quarantine: accounts that one system alone knows, records of no account, rows that cannot be read.
struct QuarantineChecks {
    let rules: RuleSet
    let streams: [StoredStream]
    let mappings: MappingSet
    private(set) var findings: [Finding] = []
    /// What the findings of single entries are about: another row of the same key is a finding of its own.
    private var reported: Set<[UInt8]> = []
    private(set) var incomplete: Set<String> = []
    private(set) var pulled: [CellName: Tally] = [:]

    init(rules: RuleSet, streams: [StoredStream], mappings: MappingSet) {
        self.rules = rules
        self.streams = streams
        self.mappings = mappings
    }

    /// An entry with what can be read of it.
    private struct Entry {
        var record: QuarantinedRecord
        var stream: Int
        var origin: String
        var number: String
        var name: CellName
        var tally: Tally
        var body: [UInt8]

        var evidence: Finding.Evidence {
            .init(
                stream: stream, key: record.key ?? [],
                position: RecordPosition(run: record.lastRun, origin: origin, ordinal: record.ordinal))
        }
        var money: Int64 {
            let due = tally.sums[Measure.due.rawValue]
            return due != 0 ? due : tally.sums[Measure.amount.rawValue]
        }
        var owed: Int64 {
            tally.sums[Measure.due.rawValue] - tally.sums[Measure.received.rawValue]
                - tally.sums[Measure.discount.rawValue] - tally.sums[Measure.reduction.rawValue]
        }
    }

    mutating func run(_ snapshot: Snapshot) throws {
        var plans: [String: StoredRowPlans] = [:]
        var unlinked: [String: [Entry]] = [:]
        var single: [Entry] = []
        var orders: Set<[UInt8]> = []
        var after: QuarantineID?
        while true {
            let page = try snapshot.quarantine(after: after, limit: 2000)
            guard let last = page.last else { break }
            after = last.id
            for record in page {
                guard let entry = try read(record, &plans, snapshot.store) else { continue }
                pulled[entry.name, default: Tally()] += entry.tally
                let kind = streams[entry.stream].entity
                if kind == .workOrder, let key = record.key { orders.insert(key) }
                let isOfAccount = kind != .workOrder && kind != .workOrderEvent && kind != .roomTemperature
                if record.code.hasPrefix("match."), !record.code.hasPrefix("match.ambiguous"), isOfAccount,
                    !entry.number.isEmpty
                {
                    unlinked[entry.number, default: []].append(entry)
                } else {
                    single.append(entry)
                }
            }
        }
        for number in unlinked.keys.sorted() { report(number, unlinked[number] ?? []) }
        for entry in single {
            // An event shares its order's fate.
            if streams[entry.stream].entity == .workOrderEvent, entry.record.code.hasPrefix("match."),
                let key = entry.record.key, orders.contains(Array(key.prefix { $0 != 0x1F }))
            {
                continue
            }
            try report(entry, snapshot)
        }
    }

    private func read(_ record: QuarantinedRecord, _ plans: inout [String: StoredRowPlans], _ store: any StoreReader)
        throws
        -> Entry?
    {
        guard let stream = streams.firstIndex(where: { $0.name == record.stream }) else { return nil }
        var tally = Tally()
        tally.rows = 1
        let origin = try store.originName(record.origin) ?? ""
        var entry = Entry(
            record: record, stream: stream, origin: origin, number: "", name: CellName(stream: stream), tally: tally,
            body: [])
        guard record.isSplit, let name = StreamName(record.stream), let file = mappings.files[name] else {
            return entry
        }
        // Columns that the present mapping does not suit say nothing: such an entry counts as a row only. The zone is of instants,
        // which are not looked at here.
        guard let plan = try plans[record.stream, default: StoredRowPlans(file.lenient)].plan(columns: record.columns),
            let batch = RawRecord.batch(
                record.raw, columns: record.columns,
                origin: Origin(kind: .envelope, name: record.place, isSnapshot: false), ordinal: record.ordinal)
        else { return entry }
        let mapped = plan.map(batch)
        guard let canonical = mapped.records.first else { return entry }
        entry.number = mapped.text(canonical.accountNumber) ?? ""
        entry.body = Array(mapped.bytes(canonical.body))
        (entry.name, entry.tally) = entry.body.withUnsafeBytes {
            ControlTotals.tally($0, stream: stream, of: streams[stream].entity)
        }
        if record.column == nil, entry.number.isEmpty { entry.number = mapped.text(canonical.crosswalkID) ?? "" }
        return entry
    }

    /// Everything that names an account which is not known.
    private mutating func report(_ number: String, _ entries: [Entry]) {
        let card = entries.first { [.account, .premises].contains(streams[$0.stream].entity) }
        let kind = streams[entries[0].stream].entity.rawValue
        let rule = card == nil ? rules.index(of: .orphan, for: kind) : rules.index(of: .accountUnknown)
        guard let rule else { return }
        var counts: [String: Int] = [:]
        for entry in entries { counts[entry.record.stream, default: 0] += 1 }
        var finding = Finding(rule: rule)
        finding.account = number
        finding.subject = (card ?? entries[0]).record.stream
        finding.money = entries.reduce(0) { $0 + (card == nil ? $1.money : $1.owed) }
        finding.detail = counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        finding.evidence = entries.map(\.evidence)
        findings.append(finding)
    }

    private mutating func report(_ entry: Entry, _ snapshot: Snapshot) throws {
        let record = entry.record
        let kind = streams[entry.stream].entity
        let mark = "#~\(Finding.id(record.raw + record.position).prefix(12))"
        var finding = Finding(rule: -1)
        finding.account = entry.number
        finding.season = entry.name.season
        finding.community = try entry.name.community.isEmpty ? community(entry.number, snapshot) : entry.name.community
        finding.subject =
            record.key.map { AccountChecker.subject(record.stream, $0) } ?? record.stream + mark
        finding.detail = record.code
        finding.evidence = [entry.evidence]
        switch record.code {
        case "match.ambiguousPlace", "match.conflict":
            finding.rule = rules.index(of: .ambiguous, for: kind.rawValue) ?? -1
            finding.found = record.candidates.sorted().joined(separator: ", ")
            finding.account = ""
        case "match.ambiguousId":
            // For every entity: money that could belong to two accounts is assigned to neither until a person decides.
            finding.rule =
                rules.index(of: .ambiguous, for: kind.rawValue) ?? rules.index(of: .orphan, for: kind.rawValue) ?? -1
            finding.found = record.candidates.sorted().joined(separator: ", ")
            finding.account = ""
            finding.money = entry.money
        case let code where code.hasPrefix("match."):
            finding.rule = rules.index(of: .orphan, for: kind.rawValue) ?? -1
            finding.money = entry.money
        case "record.duplicateKey":
            finding.rule = rules.index(of: .contradictory, for: kind.rawValue) ?? -1
            finding.money = try held(entry, snapshot) - entry.money
        case "record.equalRow":
            finding.rule = rules.index(of: .repeatedMoney) ?? rules.index(of: .repeatedRows) ?? -1
            finding.found = "1"
            finding.expected = "0"
            // Of an order its fee; of a charge with nothing due what it states first.
            finding.money =
                entry.money != 0
                ? entry.money
                : Measure.allCases.lazy.map { entry.tally.sums[$0.rawValue] }.first { $0 != 0 } ?? 0
        default:
            finding.rule = rules.index(of: .unreadable, for: kind.rawValue) ?? -1
            finding.money = entry.money
            if [.charge, .payment, .meterReading, .suspension].contains(kind), !entry.number.isEmpty {
                incomplete.insert("\(entry.number)\u{1F}\(entry.name.season.isEmpty ? "*" : entry.name.season)")
            }
        }
        if finding.rule < 0 { return }
        // The entry that came aside first keeps the key for itself, so that its finding stays the same one.
        if !reported.insert(finding.key(rules.rules[finding.rule].id)).inserted, record.key != nil {
            finding.subject += mark
        }
        findings.append(finding)
    }

    /// The money of the record that was taken over under the same key.
    private func held(_ entry: Entry, _ snapshot: Snapshot) throws -> Int64 {
        let stream = streams[entry.stream]
        guard let key = entry.record.key,
            let body = try snapshot.body(stream: stream.id, key: key, of: entry.number)
        else { return 0 }
        let (_, tally) = body.withUnsafeBytes { ControlTotals.tally($0, stream: entry.stream, of: stream.entity) }
        let due = tally.sums[Measure.due.rawValue]
        return due != 0 ? due : tally.sums[Measure.amount.rawValue]
    }

    /// The community of an account that is known.
    private func community(_ number: String, _ snapshot: Snapshot) throws -> String {
        guard !number.isEmpty, let view = try snapshot.view(number: number) else { return "" }
        return view.withUnsafeBytes { bytes in
            var reader = ScannedAccountReader(streams)
            var scanned = ScannedAccount()
            reader.read(bytes, into: &scanned)
            return scanned.community?.text ?? ""
        }
    }
}
