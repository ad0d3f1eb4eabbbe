import HeatModel
import JSONText
import Store

/// Reads account views into scanned.
struct ScannedAccountReader {
    private let names: [[UInt8]]
    private let kinds: [EntityKind]
    /// The stream of the record before: records of a stream stand together.
    private var last = 0
    /// The list that holds a stream's records; a stream in two lists counts once.
    private var lists: [Int]

    init(_ streams: [StoredStream]) {
        names = streams.map { Array($0.name.utf8) }
        kinds = streams.map(\.entity)
        lists = Array(repeating: -1, count: streams.count)
    }

    mutating func read(_ view: ViewBytes, into scanned: inout ScannedAccount) {
        scanned.removeAll()
        readMembers(view, &scanned)
        scanned.findSeasons()
    }

    private mutating func readMembers(_ view: ViewBytes, _ scanned: inout ScannedAccount) {
        var cursor = JSONCursor(bytes: view)
        guard cursor.beginObject() else { return }
        var list = 0
        while let key = cursor.nextKey() {
            if key.equals("account_number") {
                scanned.number = cursor.value().unquoted
            } else if key.equals("facts") {
                guard cursor.beginObject() else { return }
                while let key = cursor.nextKey() { scanned.facts.append((key, cursor.value())) }
            } else if key.equals("fact_sources") {
                readSources(&cursor, &scanned)
            } else if key.equals("disagreements") {
                readDisagreements(&cursor, &scanned)
            } else if key.equals("missing") || key.equals("seasons") || !cursor.isAtArray {
                cursor.skip()
            } else {
                list += 1
                readList(&cursor, &scanned, list)
            }
        }
    }

    private mutating func stream(_ name: ViewBytes) -> Int? {
        if last < names.count, name.equals(names[last]) { return last }
        guard let found = names.firstIndex(where: { name.equals($0) }) else { return nil }
        last = found
        return found
    }

    private mutating func readSources(_ cursor: inout JSONCursor, _ scanned: inout ScannedAccount) {
        guard cursor.beginArray() else { return cursor.skip() }
        while cursor.nextElement() {
            guard cursor.beginObject() else { return cursor.skip() }
            var source: Int?
            var key = ViewBytes(start: nil, count: 0)
            while let name = cursor.nextKey() {
                let value = cursor.value()
                if name.equals("source") { source = stream(value.unquoted) }
                if name.equals("key") { key = value }
            }
            if let source { scanned.sources.append(.init(stream: source, key: key)) }
        }
    }

    private func readDisagreements(_ cursor: inout JSONCursor, _ scanned: inout ScannedAccount) {
        guard cursor.beginArray() else { return cursor.skip() }
        while cursor.nextElement() {
            guard cursor.beginObject() else { return cursor.skip() }
            var found = ScannedAccount.Disagreement(field: ViewBytes(start: nil, count: 0), values: [])
            while let name = cursor.nextKey() {
                if name.equals("field") {
                    found.field = cursor.value().unquoted
                } else if name.equals("values"), cursor.beginObject() {
                    while let source = cursor.nextKey() { found.values.append((source, cursor.value())) }
                } else {
                    cursor.skip()
                }
            }
            scanned.disagreements.append(found)
        }
    }

    private mutating func readList(_ cursor: inout JSONCursor, _ scanned: inout ScannedAccount, _ list: Int) {
        guard cursor.beginArray() else { return }
        while cursor.nextElement() {
            guard cursor.beginObject() else {
                cursor.skip()
                continue
            }
            // The source and the key stand first.
            guard let first = cursor.nextKey(), first.equals("source"), let index = stream(cursor.value().unquoted),
                let second = cursor.nextKey(), second.equals("key")
            else { return }
            let source = ScannedAccount.Source(stream: index, key: cursor.value())
            if lists[index] < 0 { lists[index] = list }
            let counts = lists[index] == list
            switch kinds[index] {
            case .charge:
                read(&scanned.charges, source, &cursor, &scanned.latest, counts)
                if scanned.charges.last?.repeats.isEmpty == false {
                    scanned.repeatedCharges.append(scanned.charges.removeLast())
                }
            case .payment:
                read(&scanned.payments, source, &cursor, &scanned.latest, counts)
                if scanned.payments.last?.repeats.isEmpty == false {
                    scanned.repeatedPayments.append(scanned.payments.removeLast())
                }
            case .meterReading: read(&scanned.readings, source, &cursor, &scanned.latest, counts)
            case .suspension: read(&scanned.suspensions, source, &cursor, &scanned.latest, counts)
            case .disconnection: read(&scanned.disconnections, source, &cursor, &scanned.latest, counts)
            case .workOrder: read(&scanned.orders, source, &cursor, &scanned.latest, counts)
            case .roomTemperature: read(&scanned.temperatures, source, &cursor, &scanned.latest, counts)
            default:
                while cursor.nextKey() != nil { cursor.skip() }
                if counts { scanned.others.append((index, ViewBytes(start: nil, count: 0))) }
            }
        }
    }

    /// Reads the rest of a record; the row is kept where its list counts.
    private func read<Row: ScannedRow>(
        _ rows: inout [Row], _ source: ScannedAccount.Source, _ cursor: inout JSONCursor, _ latest: inout ViewBytes,
        _ counts: Bool
    ) {
        var row = Row(source: source)
        while let key = cursor.nextKey() {
            let value = cursor.value()
            guard row.take(key, value) else { continue }
            let moment = value.unquoted
            if latest.isEmpty || latest.precedes(moment) { latest = moment }
        }
        if counts { rows.append(row) }
    }
}
