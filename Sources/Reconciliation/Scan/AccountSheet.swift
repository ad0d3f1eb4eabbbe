import HeatModel
import Store

/// One account's view, taken apart in place: its texts are ranges of the view's bytes and die with them.
struct AccountSheet {
    struct Source {
        var stream: Int
        var key: Text
    }

    struct Disagreement {
        /// JSON key of the field.
        var field: Text
        /// By stream name, the winning one first.
        var values: [(source: Text, value: Text)]
    }

    struct ChargeRow {
        var source: Source
        var season = Text(start: nil, count: 0)
        var item = Text(start: nil, count: 0)
        var unit = Text(start: nil, count: 0)
        var quantity = Text(start: nil, count: 0)
        var unitPrice = Text(start: nil, count: 0)
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
        var season = Text(start: nil, count: 0)
        var paidAt = Text(start: nil, count: 0)
        var channel = Text(start: nil, count: 0)
        var amount: Int64?
        var isReversed = false
        var isUnreconciled = false
    }

    struct ReadingRow {
        var source: Source
        var season = Text(start: nil, count: 0)
        var meter = Text(start: nil, count: 0)
        var readAt = Text(start: nil, count: 0)
        var startValue = Text(start: nil, count: 0)
        var endValue = Text(start: nil, count: 0)
        var consumption = Text(start: nil, count: 0)
        var unit = Text(start: nil, count: 0)

        var record: MeterReading {
            var record = MeterReading()
            record.meter = meter.isEmpty ? nil : meter.string
            record.season = season.isEmpty ? nil : season.string
            record.readAt = Instant(readAt.string)
            record.startValue = startValue.decimal
            record.endValue = endValue.decimal
            record.consumption = consumption.decimal
            record.unit = MeterReading.Unit(rawValue: unit.string)
            return record
        }
    }

    struct SuspensionRow {
        var source: Source
        var season = Text(start: nil, count: 0)
        var kind = Text(start: nil, count: 0)
        var state = Text(start: nil, count: 0)
        var ratio = Text(start: nil, count: 0)
        var from = Text(start: nil, count: 0)
        var to = Text(start: nil, count: 0)
        var requestedOn = Text(start: nil, count: 0)
        var approvedOn = Text(start: nil, count: 0)

        var record: Suspension {
            var record = Suspension()
            record.kind = Suspension.Kind(rawValue: kind.string)
            record.season = season.isEmpty ? nil : season.string
            record.from = CivilDate(from.string)
            record.to = CivilDate(to.string)
            record.ratio = ratio.decimal
            record.requestedOn = CivilDate(requestedOn.string)
            record.approvedOn = CivilDate(approvedOn.string)
            record.state = Suspension.State(rawValue: state.string)
            return record
        }
    }

    struct DisconnectionRow {
        var source: Source
        var on = Text(start: nil, count: 0)
        var state = Text(start: nil, count: 0)

        var record: Disconnection {
            var record = Disconnection()
            record.on = CivilDate(on.string)
            record.state = Disconnection.State(rawValue: state.string)
            return record
        }
    }

    struct OrderRow {
        var source: Source
        var state = Text(start: nil, count: 0)
        var completedAt = Text(start: nil, count: 0)
        var isFollowedUp = false
        var fee: Int64?
    }

    struct TemperatureRow {
        var source: Source
        var celsius = Text(start: nil, count: 0)
        var measuredAt = Text(start: nil, count: 0)
        var method = Text(start: nil, count: 0)
    }

    var number = Text(start: nil, count: 0)
    var facts: [(key: Text, value: Text)] = []
    var sources: [Source] = []
    var disagreements: [Disagreement] = []
    var charges: [ChargeRow] = []
    var payments: [PaymentRow] = []
    var readings: [ReadingRow] = []
    var suspensions: [SuspensionRow] = []
    var disconnections: [DisconnectionRow] = []
    var orders: [OrderRow] = []
    var temperatures: [TemperatureRow] = []
    /// Records of other kinds, for their number: stream and season.
    var others: [(stream: Int, season: Text)] = []
    /// The latest moment that a record of the account tells, as text.
    var latest = Text(start: nil, count: 0)

    mutating func removeAll() {
        number = Text(start: nil, count: 0)
        latest = number
        facts.removeAll(keepingCapacity: true)
        sources.removeAll(keepingCapacity: true)
        disagreements.removeAll(keepingCapacity: true)
        charges.removeAll(keepingCapacity: true)
        payments.removeAll(keepingCapacity: true)
        readings.removeAll(keepingCapacity: true)
        suspensions.removeAll(keepingCapacity: true)
        disconnections.removeAll(keepingCapacity: true)
        orders.removeAll(keepingCapacity: true)
        temperatures.removeAll(keepingCapacity: true)
        others.removeAll(keepingCapacity: true)
    }

    func fact(_ name: StaticString) -> Text? { facts.first { $0.key.isEqual(name) }?.value.inside }
    func decimal(_ name: StaticString) -> ExactDecimal? { fact(name)?.decimal }

    var community: String { fact("community")?.string ?? "" }

    mutating func note(_ moment: Text) {
        if latest.isEmpty || latest.isBefore(moment) { latest = moment }
    }
}
