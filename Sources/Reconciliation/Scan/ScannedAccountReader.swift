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
            case .charge: readCharge(source, &cursor, &scanned, counts)
            case .payment: readPayment(source, &cursor, &scanned, counts)
            case .meterReading: readReading(source, &cursor, &scanned, counts)
            case .suspension: readSuspension(source, &cursor, &scanned, counts)
            case .disconnection: readDisconnection(source, &cursor, &scanned, counts)
            case .workOrder: readOrder(source, &cursor, &scanned, counts)
            case .roomTemperature: readTemperature(source, &cursor, &scanned, counts)
            default:
                while cursor.nextKey() != nil { cursor.skip() }
                if counts { scanned.others.append((index, ViewBytes(start: nil, count: 0))) }
            }
        }
    }

    private func readCharge(
        _ source: ScannedAccount.Source, _ cursor: inout JSONCursor, _ scanned: inout ScannedAccount, _ counts: Bool
    ) {
        var row = ScannedAccount.ChargeRow(source: source)
        while let key = cursor.nextKey() {
            let value = cursor.value()
            switch key.count {
            case 4:
                if key.equals("item") {
                    row.item = value.unquoted
                } else if key.equals("unit") {
                    row.unit = value.unquoted
                }
            case 6: if key.equals("season") { row.season = value.unquoted }
            case 7:
                if key.equals("due_fen") {
                    row.due = value.integer
                } else if key.equals("tax_fen") {
                    row.tax = value.integer
                }
            case 8: if key.equals("quantity") { row.quantity = value }
            case 9: if key.equals("issued_at") { scanned.note(value.unquoted) }
            case 10: if key.equals("unit_price") { row.unitPrice = value }
            case 11:
                if key.equals("arrears_fen") {
                    row.arrears = value.integer
                } else if key.equals("penalty_fen") {
                    row.penalty = value.integer
                }
            case 12:
                if key.equals("received_fen") {
                    row.received = value.integer
                } else if key.equals("discount_fen") {
                    row.discount = value.integer
                }
            case 13: if key.equals("reduction_fen") { row.reduction = value.integer }
            default: break
            }
        }
        if counts { scanned.charges.append(row) }
    }

    private func readPayment(
        _ source: ScannedAccount.Source, _ cursor: inout JSONCursor, _ scanned: inout ScannedAccount, _ counts: Bool
    ) {
        var row = ScannedAccount.PaymentRow(source: source)
        while let key = cursor.nextKey() {
            let value = cursor.value()
            switch key.count {
            case 6: if key.equals("season") { row.season = value.unquoted }
            case 7:
                if key.equals("paid_at") {
                    row.paidAt = value.unquoted
                    scanned.note(row.paidAt)
                } else if key.equals("channel") {
                    row.channel = value.unquoted
                }
            case 8: if key.equals("reversed") { row.isReversed = value.equals("true") }
            case 10:
                if key.equals("amount_fen") {
                    row.amount = value.integer
                } else if key.equals("reconciled") {
                    row.isUnreconciled = value.equals("false")
                }
            default: break
            }
        }
        if counts { scanned.payments.append(row) }
    }

    private func readReading(
        _ source: ScannedAccount.Source, _ cursor: inout JSONCursor, _ scanned: inout ScannedAccount, _ counts: Bool
    ) {
        var row = ScannedAccount.ReadingRow(source: source)
        while let key = cursor.nextKey() {
            let value = cursor.value()
            switch key.count {
            case 4: if key.equals("unit") { row.unit = value.unquoted }
            case 5: if key.equals("meter") { row.meter = value }
            case 6: if key.equals("season") { row.season = value.unquoted }
            case 7:
                if key.equals("read_at") {
                    row.readAt = value.unquoted
                    scanned.note(row.readAt)
                }
            case 9: if key.equals("end_value") { row.endValue = value }
            case 11:
                if key.equals("consumption") {
                    row.consumption = value
                } else if key.equals("start_value") {
                    row.startValue = value
                }
            default: break
            }
        }
        if counts { scanned.readings.append(row) }
    }

    private func readSuspension(
        _ source: ScannedAccount.Source, _ cursor: inout JSONCursor, _ scanned: inout ScannedAccount, _ counts: Bool
    ) {
        var row = ScannedAccount.SuspensionRow(source: source)
        while let key = cursor.nextKey() {
            let value = cursor.value()
            if key.equals("season") { row.season = value.unquoted }
            if key.equals("kind") { row.kind = value.unquoted }
            if key.equals("state") { row.state = value.unquoted }
            if key.equals("ratio") { row.ratio = value }
            if key.equals("from") { row.from = value.unquoted }
            if key.equals("to") { row.to = value.unquoted }
            if key.equals("requested_on") { row.requestedOn = value.unquoted }
            if key.equals("approved_on") { row.approvedOn = value.unquoted }
        }
        if counts { scanned.suspensions.append(row) }
    }

    private func readDisconnection(
        _ source: ScannedAccount.Source, _ cursor: inout JSONCursor, _ scanned: inout ScannedAccount, _ counts: Bool
    ) {
        var row = ScannedAccount.DisconnectionRow(source: source)
        while let key = cursor.nextKey() {
            let value = cursor.value()
            if key.equals("on") { row.on = value.unquoted }
            if key.equals("state") { row.state = value.unquoted }
        }
        if counts { scanned.disconnections.append(row) }
    }

    private func readOrder(
        _ source: ScannedAccount.Source, _ cursor: inout JSONCursor, _ scanned: inout ScannedAccount, _ counts: Bool
    ) {
        var row = ScannedAccount.OrderRow(source: source)
        while let key = cursor.nextKey() {
            let value = cursor.value()
            if key.equals("state") { row.state = value.unquoted }
            if key.equals("fee_fen") { row.fee = value.integer }
            if key.equals("created_at") { scanned.note(value.unquoted) }
            if key.equals("completed_at") {
                row.completedAt = value.unquoted
                scanned.note(row.completedAt)
            }
            if key.equals("closed_at") || key.equals("visited_at") {
                row.isFollowedUp = true
                scanned.note(value.unquoted)
            }
        }
        if counts { scanned.orders.append(row) }
    }

    private func readTemperature(
        _ source: ScannedAccount.Source, _ cursor: inout JSONCursor, _ scanned: inout ScannedAccount, _ counts: Bool
    ) {
        var row = ScannedAccount.TemperatureRow(source: source)
        while let key = cursor.nextKey() {
            let value = cursor.value()
            if key.equals("celsius") { row.celsius = value.unquoted }
            if key.equals("measured_at") {
                row.measuredAt = value.unquoted
                scanned.note(row.measuredAt)
            }
            if key.equals("method") { row.method = value.unquoted }
        }
        if counts { scanned.temperatures.append(row) }
    }
}
