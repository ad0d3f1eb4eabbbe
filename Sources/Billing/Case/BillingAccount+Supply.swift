import HeatModel

extension BillingAccount {
    func fillSuspensions(_ result: inout SeasonCase, _ name: String, _ span: DaySpan?) {
        for (index, stop) in suspensions.enumerated() where stop.holds {
            let days = DaySpan(stop.from ?? .distantPast, stop.to ?? .distantFuture)
            if let season = stop.season {
                if season != name { continue }
            } else {
                guard let span, span.intersection(days).days > 0 else { continue }
            }
            // Supply taken up again ends it; a restoration before this request ends another.
            let begun =
                stop.from ?? stop.approvedOn ?? stop.requestedOn
                ?? (stop.season == nil ? .distantPast : span?.first ?? .distantPast)
            let restored = suspensions.compactMap { other -> CivilDate? in
                guard other.restores, other.season == nil || other.season == name, let day = other.from,
                    begun <= day, day <= days.last
                else { return nil }
                return day
            }.min()
            let last = restored.map { $0.adding(days: -1) } ?? days.last
            let within = span.map { $0.intersection(DaySpan(days.first, last)) }
            // One that was over before the season began is none of this season.
            if restored != nil, within?.days == 0 { continue }
            result.suspensions.append(index)
            result.subject.suspensions.append(
                .init(share: Self.share(of: stop), span: within == span ? nil : within))
        }
    }

    /// All of the area, unless the record says that it is a part.
    private static func share(of stop: Suspension) -> ExactDecimal? {
        if let ratio = stop.ratio { return ratio }
        return stop.kind == .partial ? nil : ExactDecimal(units: 1, places: 0)
    }

    /// The days on the network.
    func fillConnection(_ result: inout SeasonCase, _ span: DaySpan, chargesLastDay: Bool) {
        var events: [(day: CivilDate, isOn: Bool)] = []
        for (index, record) in disconnections.enumerated() {
            guard let day = record.on, day <= span.last else { continue }
            if record.holds {
                result.disconnections.append(index)
                events.append((day, false))
            } else if record.restores {
                events.append((day, true))
            }
        }
        // A restoration without what it restores says nothing about days.
        if result.disconnections.isEmpty { return }
        // On one day it is off first, and then on again.
        events.sort { $0.day == $1.day ? !$0.isOn && $1.isOn : $0.day < $1.day }
        var stretches: [DaySpan] = []
        var since: CivilDate? = span.first
        func close(_ last: CivilDate) {
            guard let start = since, start <= last else { return }
            let stretch = DaySpan(start, last).intersection(span)
            if stretch.days == 0 { return }
            if let before = stretches.last, stretch.first <= before.last.adding(days: 1) {
                stretches[stretches.count - 1].last = max(before.last, stretch.last)
            } else {
                stretches.append(stretch)
            }
        }
        for event in events {
            if event.isOn {
                since = since ?? event.day
            } else if since != nil {
                close(chargesLastDay ? event.day : event.day.adding(days: -1))
                since = nil
            }
        }
        close(span.last)
        result.subject.isInterrupted = stretches.count > 1
        if stretches.first == span { return }
        let none = DaySpan(span.first, span.first.adding(days: -1))
        result.subject.connected = DaySpan(stretches.first?.first ?? none.first, stretches.last?.last ?? none.last)
    }
}

extension CivilDate {
    fileprivate static let distantPast = CivilDate(dayNumber: .min / 2)
    fileprivate static let distantFuture = CivilDate(dayNumber: .max / 2)
}
