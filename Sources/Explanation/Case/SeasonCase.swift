public import AccountView
public import Billing
public import HeatModel

/// One account and season as the tariff sees it, with where each input came from and what could not be had.
public struct SeasonCase: Sendable {
    /// Something that an answer should be able to say and cannot.
    public struct Gap: Sendable, Hashable {
        /// A name for programs and templates: `readings`, `room_areas`, `area.inner`.
        public var what: String
        public init(_ what: String) { self.what = what }
    }

    public var season: HeatingSeason
    public var subject: BillingCase
    /// The season's lines, without voided ones and without late fees.
    public var lines: [AccountContext.Sourced<Charge>]
    /// Late fees billed as lines.
    public var lateFees: [AccountContext.Sourced<Charge>]
    public var readings: [AccountContext.Sourced<MeterReading>]
    public var suspensions: [AccountContext.Sourced<Suspension>]
    public var disconnections: [AccountContext.Sourced<Disconnection>]
    public var gaps: [Gap]
    /// Meter readings that cannot all be true; the heat used is then not known.
    public var contradictoryReadings: [AccountContext.Reference]
    /// The heat used is the bill's own statement, because no reading is there.
    public var usesBilledHeat = false

    /// What billing charges for the season.
    public var billed: Fen { lines.reduce(.zero) { $0 + ($1.value.due ?? .zero) } }
    public var billedLines: [BilledLine] { lines.compactMap { BilledLine($0.value) } }
}

/// Makes the tariff's view of an account out of the account view.
struct CaseMaker {
    let context: AccountContext
    let book: TariffBook
    /// The city of accounts of which no fact and no tariff code tells it.
    let homeCity: String?
    let asOf: CivilDate
    /// ㎡ of the rooms that were too cold.
    var coldRooms: ExactDecimal?

    /// Seasons with a line, the latest last.
    var seasons: [HeatingSeason] {
        var seasons: [HeatingSeason] = []
        for index in context.charges.indices {
            guard let season = context.charges[index].value.season.flatMap({ HeatingSeason($0) }) else { continue }
            if !seasons.contains(season) { seasons.append(season) }
        }
        return seasons.sorted()
    }

    func make(_ season: HeatingSeason) -> SeasonCase {
        let name = season.description
        let charges = context.charges.filter { $0.value.season == name && $0.value.voided != true }
        var result = SeasonCase(
            season: season, subject: BillingCase(), lines: charges.filter { $0.value.item != .lateFee },
            lateFees: charges.filter { $0.value.item == .lateFee },
            readings: context.readings.filter { $0.value.season == name && $0.value.voided != true }, suspensions: [],
            disconnections: [], gaps: [], contradictoryReadings: [])
        fillFacts(&result)
        let tariff = try? book.tariff(for: result.subject)
        let span = tariff?.season.span(of: season)
        fillSuspensions(&result, span)
        fillConnection(&result, span)
        fillHeat(&result, tariff)
        // What is settled at the season's end is settled once something later than its end has come in.
        result.subject.asOf = min(asOf, latestDay)
        return result
    }

    private func fillFacts(_ result: inout SeasonCase) {
        let facts = context.facts
        result.subject.city = city
        result.subject.company = facts.company
        result.subject.season = result.season.description
        result.subject.class = facts.class
        result.subject.method = facts.method
        result.subject.areas = facts.areas
        result.subject.coldRoomsArea = coldRooms
        // In a house billed so, the bill says so.
        result.subject.splitsSharedArea = result.lines.contains { $0.value.item == .sharedArea }
        if facts.flags.lowIncome == true { result.subject.entitlements.insert(.lowIncome) }
        if facts.flags.elderly == true { result.subject.entitlements.insert(.elderly) }
    }

    var city: String? {
        if let city = context.facts.city { return city }
        if let code = context.facts.tariff, let city = book.city(ofCode: code) { return city }
        return homeCity
    }

    private func fillSuspensions(_ result: inout SeasonCase, _ span: DaySpan?) {
        let one = ExactDecimal(units: 1, places: 0)
        for entry in context.suspensions {
            let stop = entry.value
            if stop.voided == true || stop.kind == .restore || stop.state == .requested || stop.state == .rejected {
                continue
            }
            let days = DaySpan(
                stop.from ?? CivilDate(dayNumber: .min / 2), stop.to ?? CivilDate(dayNumber: .max / 2))
            if let season = stop.season {
                if season != result.season.description { continue }
            } else if let span {
                if span.intersection(days).days == 0 { continue }
            } else {
                continue
            }
            result.suspensions.append(entry)
            let share = stop.ratio ?? one
            // Supply taken up again ends it.
            let restored = context.suspensions.compactMap {
                $0.value.kind == .restore && $0.value.state != .rejected && $0.value.voided != true
                    ? $0.value.from : nil
            }.filter { days.contains($0) }.min()
            let last = restored.map { $0.adding(days: -1) } ?? days.last
            let within = span.map { $0.intersection(DaySpan(days.first, last)) }
            result.subject.suspensions.append(.init(share: share, span: within == span ? nil : within))
        }
    }

    private func fillConnection(_ result: inout SeasonCase, _ span: DaySpan?) {
        guard let span else { return }
        for entry in context.disconnections {
            guard entry.value.voided != true, entry.value.state == .disconnected, let day = entry.value.on,
                day <= span.last
            else { continue }
            result.disconnections.append(entry)
            // Off the network before the season: not one day of it.
            result.subject.connected = DaySpan(span.first, max(day, span.first).adding(days: -1))
        }
    }

    private func fillHeat(_ result: inout SeasonCase, _ tariff: Tariff?) {
        guard result.subject.method != .byArea, result.subject.method != nil else { return }
        let prices = result.subject.method == .metered ? tariff?.metered : tariff?.twoPart?.heat
        if result.readings.isEmpty {
            let heat = result.lines.filter { $0.value.item == .heatMetered }
            if heat.isEmpty {
                result.subject.consumption = context.lists.contains("readings") ? [] : nil
                if !context.lists.contains("readings") { result.gaps.append(.init("readings")) }
                return
            }
            // Better than nothing, and said so: the bill's own statement.
            result.gaps.append(.init("readings"))
            result.usesBilledHeat = true
            result.subject.consumption = heat.compactMap { line in
                guard let quantity = line.value.quantity, let unit = line.value.unit else { return nil }
                return .init(quantity, unit)
            }
            return
        }
        result.contradictoryReadings = Self.contradictions(result.readings)
        if !result.contradictoryReadings.isEmpty { return }
        var consumption: [BillingCase.Consumption] = []
        for entry in result.readings {
            guard let unit = entry.value.unit.flatMap({ Charge.Unit(rawValue: $0.rawValue) }) else { continue }
            guard let used = entry.value.consumption ?? Self.difference(entry.value) else {
                result.gaps.append(.init("readings"))
                continue
            }
            consumption.append(Self.priced(used, unit, prices))
        }
        result.subject.consumption = consumption
    }

    /// In the unit that is priced, where the tariff states the factor.
    private static func priced(
        _ quantity: ExactDecimal, _ unit: Charge.Unit, _ prices: HeatPrices?
    ) -> BillingCase.Consumption {
        guard let prices, prices.prices[unit] == nil, let factor = prices.factors[unit],
            let product = try? Ratio(quantity) * Ratio(factor.times), let exact = product.decimal(atLeast: 3)
        else { return .init(quantity, unit) }
        return .init(exact, factor.unit)
    }

    private static func difference(_ reading: MeterReading) -> ExactDecimal? {
        guard let start = reading.startValue, let end = reading.endValue, let used = try? Ratio(end) + -Ratio(start)
        else {
            return nil
        }
        return used.decimal(atLeast: 3)
    }

    /// Readings that run backwards, that state another use than their own difference, or that overlap with the one before.
    private static func contradictions(
        _ readings: [AccountContext.Sourced<MeterReading>]
    ) -> [AccountContext.Reference] {
        var found: [AccountContext.Reference] = []
        var last: [String: ExactDecimal] = [:]
        for entry in readings.sorted(by: { ($0.value.readAt?.microseconds ?? 0) < ($1.value.readAt?.microseconds ?? 0) }
        ) {
            let reading = entry.value
            let meter = reading.meter ?? ""
            var isWrong = false
            if let start = reading.startValue, let end = reading.endValue {
                if end.compare(start) < 0 { isWrong = true }
                if let used = reading.consumption, let own = difference(reading), own.compare(used) != 0 {
                    isWrong = true
                }
                if let before = last[meter], start.compare(before) < 0 { isWrong = true }
                last[meter] = end
            } else if let used = reading.consumption, used.units < 0 {
                isWrong = true
            }
            if isWrong { found.append(entry.source) }
        }
        return found
    }

    /// The latest day of which the view knows anything about bills, payments and readings.
    private var latestDay: CivilDate {
        var latest = CivilDate(dayNumber: 0)
        for entry in context.charges { if let day = entry.value.issuedAt?.local.date { latest = max(latest, day) } }
        for entry in context.readings { if let day = entry.value.readAt?.local.date { latest = max(latest, day) } }
        for entry in context.payments { if let day = entry.value.paidAt?.local.date { latest = max(latest, day) } }
        for entry in context.temperatures {
            if let day = entry.value.measuredAt?.local.date { latest = max(latest, day) }
        }
        return latest
    }
}
