import HeatModel
import Store

/// Reads account views into sheets.
struct SheetReader {
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

    mutating func read(_ view: Text, into sheet: inout AccountSheet) {
        sheet.removeAll()
        var scanner = ViewScanner(view)
        guard scanner.open(0x7B) else { return }
        var list = 0
        while let key = scanner.nextKey() {
            if key.isEqual("account_number") {
                sheet.number = scanner.value().inside
            } else if key.isEqual("facts") {
                guard scanner.open(0x7B) else { return }
                while let key = scanner.nextKey() { sheet.facts.append((key, scanner.value())) }
            } else if key.isEqual("fact_sources") {
                readSources(&scanner, &sheet)
            } else if key.isEqual("disagreements") {
                readDisagreements(&scanner, &sheet)
            } else if key.isEqual("missing") || key.isEqual("seasons") || scanner.byte != 0x5B {
                scanner.skip()
            } else {
                list += 1
                readList(&scanner, &sheet, list)
            }
        }
    }

    private mutating func stream(_ name: Text) -> Int? {
        if last < names.count, name.isEqual(names[last]) { return last }
        guard let found = names.firstIndex(where: { name.isEqual($0) }) else { return nil }
        last = found
        return found
    }

    private mutating func readSources(_ scanner: inout ViewScanner, _ sheet: inout AccountSheet) {
        guard scanner.open(0x5B) else { return scanner.skip() }
        while scanner.nextElement() {
            guard scanner.open(0x7B) else { return scanner.skip() }
            var source: Int?
            var key = Text(start: nil, count: 0)
            while let name = scanner.nextKey() {
                let value = scanner.value()
                if name.isEqual("source") { source = stream(value.inside) }
                if name.isEqual("key") { key = value }
            }
            if let source { sheet.sources.append(.init(stream: source, key: key)) }
        }
    }

    private func readDisagreements(_ scanner: inout ViewScanner, _ sheet: inout AccountSheet) {
        guard scanner.open(0x5B) else { return scanner.skip() }
        while scanner.nextElement() {
            guard scanner.open(0x7B) else { return scanner.skip() }
            var found = AccountSheet.Disagreement(field: Text(start: nil, count: 0), values: [])
            while let name = scanner.nextKey() {
                if name.isEqual("field") {
                    found.field = scanner.value().inside
                } else if name.isEqual("values"), scanner.open(0x7B) {
                    while let source = scanner.nextKey() { found.values.append((source, scanner.value())) }
                } else {
                    scanner.skip()
                }
            }
            sheet.disagreements.append(found)
        }
    }

    private mutating func readList(_ scanner: inout ViewScanner, _ sheet: inout AccountSheet, _ list: Int) {
        guard scanner.open(0x5B) else { return }
        while scanner.nextElement() {
            guard scanner.byte == 0x7B else {
                scanner.skip()
                continue
            }
            scanner.position += 1
            // The source and the key stand first.
            guard let first = scanner.nextKey(), first.isEqual("source"), let index = stream(scanner.value().inside),
                let second = scanner.nextKey(), second.isEqual("key")
            else { return }
            let source = AccountSheet.Source(stream: index, key: scanner.value())
            if lists[index] < 0 { lists[index] = list }
            let counts = lists[index] == list
            switch kinds[index] {
            case .charge: readCharge(source, &scanner, &sheet, counts)
            case .payment: readPayment(source, &scanner, &sheet, counts)
            case .meterReading: readReading(source, &scanner, &sheet, counts)
            case .suspension: readSuspension(source, &scanner, &sheet, counts)
            case .disconnection: readDisconnection(source, &scanner, &sheet, counts)
            case .workOrder: readOrder(source, &scanner, &sheet, counts)
            case .roomTemperature: readTemperature(source, &scanner, &sheet, counts)
            default:
                while scanner.nextKey() != nil { scanner.skip() }
                if counts { sheet.others.append((index, Text(start: nil, count: 0))) }
            }
        }
    }

    private func readCharge(
        _ source: AccountSheet.Source, _ scanner: inout ViewScanner, _ sheet: inout AccountSheet, _ counts: Bool
    ) {
        var row = AccountSheet.ChargeRow(source: source)
        while let key = scanner.nextKey() {
            let value = scanner.value()
            switch key.count {
            case 4:
                if key.isEqual("item") {
                    row.item = value.inside
                } else if key.isEqual("unit") {
                    row.unit = value.inside
                }
            case 6: if key.isEqual("season") { row.season = value.inside }
            case 7:
                if key.isEqual("due_fen") {
                    row.due = value.whole
                } else if key.isEqual("tax_fen") {
                    row.tax = value.whole
                }
            case 8: if key.isEqual("quantity") { row.quantity = value }
            case 9: if key.isEqual("issued_at") { sheet.note(value.inside) }
            case 10: if key.isEqual("unit_price") { row.unitPrice = value }
            case 11:
                if key.isEqual("arrears_fen") {
                    row.arrears = value.whole
                } else if key.isEqual("penalty_fen") {
                    row.penalty = value.whole
                }
            case 12:
                if key.isEqual("received_fen") {
                    row.received = value.whole
                } else if key.isEqual("discount_fen") {
                    row.discount = value.whole
                }
            case 13: if key.isEqual("reduction_fen") { row.reduction = value.whole }
            default: break
            }
        }
        if counts { sheet.charges.append(row) }
    }

    private func readPayment(
        _ source: AccountSheet.Source, _ scanner: inout ViewScanner, _ sheet: inout AccountSheet, _ counts: Bool
    ) {
        var row = AccountSheet.PaymentRow(source: source)
        while let key = scanner.nextKey() {
            let value = scanner.value()
            switch key.count {
            case 6: if key.isEqual("season") { row.season = value.inside }
            case 7:
                if key.isEqual("paid_at") {
                    row.paidAt = value.inside
                    sheet.note(row.paidAt)
                } else if key.isEqual("channel") {
                    row.channel = value.inside
                }
            case 8: if key.isEqual("reversed") { row.isReversed = value.isTrue }
            case 10:
                if key.isEqual("amount_fen") {
                    row.amount = value.whole
                } else if key.isEqual("reconciled") {
                    row.isUnreconciled = value.isEqual("false")
                }
            default: break
            }
        }
        if counts { sheet.payments.append(row) }
    }

    private func readReading(
        _ source: AccountSheet.Source, _ scanner: inout ViewScanner, _ sheet: inout AccountSheet, _ counts: Bool
    ) {
        var row = AccountSheet.ReadingRow(source: source)
        while let key = scanner.nextKey() {
            let value = scanner.value()
            switch key.count {
            case 4: if key.isEqual("unit") { row.unit = value.inside }
            case 5: if key.isEqual("meter") { row.meter = value }
            case 6: if key.isEqual("season") { row.season = value.inside }
            case 7:
                if key.isEqual("read_at") {
                    row.readAt = value.inside
                    sheet.note(row.readAt)
                }
            case 9: if key.isEqual("end_value") { row.endValue = value }
            case 11:
                if key.isEqual("consumption") {
                    row.consumption = value
                } else if key.isEqual("start_value") {
                    row.startValue = value
                }
            default: break
            }
        }
        if counts { sheet.readings.append(row) }
    }

    private func readSuspension(
        _ source: AccountSheet.Source, _ scanner: inout ViewScanner, _ sheet: inout AccountSheet, _ counts: Bool
    ) {
        var row = AccountSheet.SuspensionRow(source: source)
        while let key = scanner.nextKey() {
            let value = scanner.value()
            if key.isEqual("season") { row.season = value.inside }
            if key.isEqual("kind") { row.kind = value.inside }
            if key.isEqual("state") { row.state = value.inside }
            if key.isEqual("ratio") { row.ratio = value }
            if key.isEqual("from") { row.from = value.inside }
            if key.isEqual("to") { row.to = value.inside }
            if key.isEqual("requested_on") { row.requestedOn = value.inside }
            if key.isEqual("approved_on") { row.approvedOn = value.inside }
        }
        if counts { sheet.suspensions.append(row) }
    }

    private func readDisconnection(
        _ source: AccountSheet.Source, _ scanner: inout ViewScanner, _ sheet: inout AccountSheet, _ counts: Bool
    ) {
        var row = AccountSheet.DisconnectionRow(source: source)
        while let key = scanner.nextKey() {
            let value = scanner.value()
            if key.isEqual("on") { row.on = value.inside }
            if key.isEqual("state") { row.state = value.inside }
        }
        if counts { sheet.disconnections.append(row) }
    }

    private func readOrder(
        _ source: AccountSheet.Source, _ scanner: inout ViewScanner, _ sheet: inout AccountSheet, _ counts: Bool
    ) {
        var row = AccountSheet.OrderRow(source: source)
        while let key = scanner.nextKey() {
            let value = scanner.value()
            if key.isEqual("state") { row.state = value.inside }
            if key.isEqual("fee_fen") { row.fee = value.whole }
            if key.isEqual("created_at") { sheet.note(value.inside) }
            if key.isEqual("completed_at") {
                row.completedAt = value.inside
                sheet.note(row.completedAt)
            }
            if key.isEqual("closed_at") || key.isEqual("visited_at") {
                row.isFollowedUp = true
                sheet.note(value.inside)
            }
        }
        if counts { sheet.orders.append(row) }
    }

    private func readTemperature(
        _ source: AccountSheet.Source, _ scanner: inout ViewScanner, _ sheet: inout AccountSheet, _ counts: Bool
    ) {
        var row = AccountSheet.TemperatureRow(source: source)
        while let key = scanner.nextKey() {
            let value = scanner.value()
            if key.isEqual("celsius") { row.celsius = value.inside }
            if key.isEqual("measured_at") {
                row.measuredAt = value.inside
                sheet.note(row.measuredAt)
            }
            if key.isEqual("method") { row.method = value.inside }
        }
        if counts { sheet.temperatures.append(row) }
    }
}
