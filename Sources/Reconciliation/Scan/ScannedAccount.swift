import HeatModel
import JSONText
import Store

/// A range of bytes that live elsewhere.
typealias ViewBytes = UnsafeRawBufferPointer

/// One account's view, taken apart in place: its texts are ranges of the view's bytes and die with them.
struct ScannedAccount {
    struct Source {
        var stream: Int
        var key: ViewBytes
    }

    struct Disagreement {
        /// JSON key of the field.
        var field: ViewBytes
        /// By stream name, the winning one first.
        var values: [(source: ViewBytes, value: ViewBytes)]
    }

    struct ChargeRow {
        var source: Source
        /// The stream whose row of the same key counts in this one's place; empty for a row that counts.
        var repeats = ViewBytes(start: nil, count: 0)
        var season = ViewBytes(start: nil, count: 0)
        var item = ViewBytes(start: nil, count: 0)
        var unit = ViewBytes(start: nil, count: 0)
        var quantity = ViewBytes(start: nil, count: 0)
        var unitPrice = ViewBytes(start: nil, count: 0)
        var due: Int64?
        var received: Int64?
        var arrears: Int64?
        var discount: Int64?
        var reduction: Int64?
        var penalty: Int64?
        var tax: Int64?

        /// What is owed by the line's own figures.
        var owed: Int64 { (due ?? 0) - (received ?? 0) - (discount ?? 0) - (reduction ?? 0) }
    }

    struct PaymentRow {
        var source: Source
        /// As of a charge.
        var repeats = ViewBytes(start: nil, count: 0)
        var season = ViewBytes(start: nil, count: 0)
        var paidAt = ViewBytes(start: nil, count: 0)
        var channel = ViewBytes(start: nil, count: 0)
        var amount: Int64?
        var isReversed = false
        var isUnreconciled = false
    }

    struct ReadingRow {
        var source: Source
        var season = ViewBytes(start: nil, count: 0)
        var meter = ViewBytes(start: nil, count: 0)
        var readAt = ViewBytes(start: nil, count: 0)
        var startValue = ViewBytes(start: nil, count: 0)
        var endValue = ViewBytes(start: nil, count: 0)
        var consumption = ViewBytes(start: nil, count: 0)
        var unit = ViewBytes(start: nil, count: 0)

        var record: MeterReading {
            var record = MeterReading()
            record.meter = meter.isEmpty ? nil : meter.text
            record.season = season.isEmpty ? nil : season.text
            record.readAt = Instant(readAt.text)
            record.startValue = startValue.decimal
            record.endValue = endValue.decimal
            record.consumption = consumption.decimal
            record.unit = MeterReading.Unit(rawValue: unit.text)
            return record
        }
    }

    struct SuspensionRow {
        var source: Source
        var season = ViewBytes(start: nil, count: 0)
        var kind = ViewBytes(start: nil, count: 0)
        var state = ViewBytes(start: nil, count: 0)
        var ratio = ViewBytes(start: nil, count: 0)
        var from = ViewBytes(start: nil, count: 0)
        var to = ViewBytes(start: nil, count: 0)
        var requestedOn = ViewBytes(start: nil, count: 0)
        var approvedOn = ViewBytes(start: nil, count: 0)

        var record: Suspension {
            var record = Suspension()
            record.kind = Suspension.Kind(rawValue: kind.text)
            record.season = season.isEmpty ? nil : season.text
            record.from = CivilDate(from.text)
            record.to = CivilDate(to.text)
            record.ratio = ratio.decimal
            record.requestedOn = CivilDate(requestedOn.text)
            record.approvedOn = CivilDate(approvedOn.text)
            record.state = Suspension.State(rawValue: state.text)
            return record
        }
    }

    struct DisconnectionRow {
        var source: Source
        var on = ViewBytes(start: nil, count: 0)
        var state = ViewBytes(start: nil, count: 0)

        var record: Disconnection {
            var record = Disconnection()
            record.on = CivilDate(on.text)
            record.state = Disconnection.State(rawValue: state.text)
            return record
        }
    }

    struct OrderRow {
        var source: Source
        var state = ViewBytes(start: nil, count: 0)
        var completedAt = ViewBytes(start: nil, count: 0)
        var isFollowedUp = false
        var fee: Int64?
    }

    struct TemperatureRow {
        var source: Source
        var celsius = ViewBytes(start: nil, count: 0)
        var measuredAt = ViewBytes(start: nil, count: 0)
        var method = ViewBytes(start: nil, count: 0)
    }

    var number = ViewBytes(start: nil, count: 0)
    var facts: [(key: ViewBytes, value: ViewBytes)] = []
    var sources: [Source] = []
    var disagreements: [Disagreement] = []
    /// Charges that count.
    var charges: [ChargeRow] = []
    /// Charges that another stream states already: they are stored and served, and nothing else.
    var repeatedCharges: [ChargeRow] = []
    /// Payments that count.
    var payments: [PaymentRow] = []
    /// Payments that another stream states already.
    var repeatedPayments: [PaymentRow] = []
    var readings: [ReadingRow] = []
    var suspensions: [SuspensionRow] = []
    var disconnections: [DisconnectionRow] = []
    var orders: [OrderRow] = []
    var temperatures: [TemperatureRow] = []
    /// Records of other kinds, for their number: stream and season.
    var others: [(stream: Int, season: ViewBytes)] = []
    /// Each season once, in the order in which charges and payments that count name them.
    private(set) var seasons: [ViewBytes] = []
    /// The latest moment in the account's records, as text.
    var latest = ViewBytes(start: nil, count: 0)

    mutating func removeAll() {
        number = ViewBytes(start: nil, count: 0)
        latest = number
        facts.removeAll(keepingCapacity: true)
        sources.removeAll(keepingCapacity: true)
        disagreements.removeAll(keepingCapacity: true)
        charges.removeAll(keepingCapacity: true)
        repeatedCharges.removeAll(keepingCapacity: true)
        payments.removeAll(keepingCapacity: true)
        repeatedPayments.removeAll(keepingCapacity: true)
        readings.removeAll(keepingCapacity: true)
        suspensions.removeAll(keepingCapacity: true)
        disconnections.removeAll(keepingCapacity: true)
        orders.removeAll(keepingCapacity: true)
        temperatures.removeAll(keepingCapacity: true)
        others.removeAll(keepingCapacity: true)
        seasons.removeAll(keepingCapacity: true)
    }

    /// To be called once its charges and payments are there.
    mutating func findSeasons() {
        for row in charges { addSeason(row.season) }
        for row in payments { addSeason(row.season) }
    }

    private mutating func addSeason(_ season: ViewBytes) {
        // The one before is mostly the same.
        for known in seasons.reversed() where known.equals(season) { return }
        seasons.append(season)
    }

    /// The records beside those that state facts, kind by kind.
    var records: [Source] {
        charges.map(\.source) + repeatedCharges.map(\.source) + payments.map(\.source)
            + repeatedPayments.map(\.source) + readings.map(\.source) + suspensions.map(\.source)
            + disconnections.map(\.source) + orders.map(\.source) + temperatures.map(\.source)
    }

    func fact(_ name: StaticString) -> ViewBytes? { facts.first { $0.key.equals(name) }?.value.unquoted }
    func decimal(_ name: StaticString) -> ExactDecimal? { fact(name)?.decimal }

    var community: ViewBytes? { fact("community") }
}
