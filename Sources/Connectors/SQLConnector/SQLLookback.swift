import HeatModel
import Records

/// Where a pull begins again that looks back from a value which states a moment.
struct SQLLookback {
    let seconds: Int64
    let now: Instant
    let zone: String

    /// Microseconds since 1970. A value states a day or a minute at the least, so what began in it counts too.
    func moment(_ from: String, _ order: CursorOrder) -> Int64? {
        guard let begin = back(from, order) else { return nil }
        return min(begin, repeated(from, order) ?? begin)
    }

    /// The same from a value of a type that tells a moment exactly: of dates whole days are counted. Nil where it tells none.
    func exact(_ from: String, isDate: Bool) -> Int64? {
        guard let moment = CursorOrder.instant.moment(from, offsetMinutes: now.offsetMinutes) else { return nil }
        let seconds = isDate ? min(seconds, .max - 86_399) + 86_399 - (seconds + 86_399) % 86_400 : seconds
        let (span, isEndless) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (back, overflows) = moment.subtractingReportingOverflow(span)
        let begin =
            isEndless || overflows ? CursorOrder.earliest.microseconds : max(back, CursorOrder.earliest.microseconds)
        return min(begin, repeated(from, .instant) ?? begin)
    }

    /// Where the hour begins that the clock shows twice, if the value lies in one.
    func repeated(_ from: String, _ order: CursorOrder) -> Int64? {
        RepeatedHour.start(of: from, order, in: zone, now: now)
    }

    private func back(_ from: String, _ order: CursorOrder) -> Int64? {
        guard let moment = order.moment(from, offsetMinutes: now.offsetMinutes) else { return nil }
        if seconds <= 0 { return moment }
        let (back, overflows) = moment.subtractingReportingOverflow(
            seconds.multipliedReportingOverflow(by: 1_000_000).partialValue)
        if overflows || seconds > Int64.max / 1_000_000 { return .min }
        let offset = Int64(now.offsetMinutes) * 60_000_000
        let unit: Int64 = from.utf8.count <= 12 ? 86_400_000_000 : 60_000_000
        let local = back + offset
        return local - (local % unit + unit) % unit - offset
    }

    /// As the clock writes it that wrote the value; nil where no clock did.
    func number(_ from: String, _ order: CursorOrder?) -> Int64? {
        guard let order, case .digits(let clock) = order,
            let moment = order.moment(from, offsetMinutes: now.offsetMinutes)
        else { return nil }
        let (back, overflows) = moment.subtractingReportingOverflow(
            seconds.multipliedReportingOverflow(by: 1_000_000).partialValue)
        if overflows || seconds > Int64.max / 1_000_000 || back < CursorOrder.earliest.microseconds { return 0 }
        let begin = min(back, repeated(from, order) ?? back)
        return clock.number(at: Instant(microseconds: begin, offsetMinutes: now.offsetMinutes))
    }
}
