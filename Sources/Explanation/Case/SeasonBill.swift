package import AccountView
package import Billing
package import HeatModel

/// One account and season as the tariff sees it, with where each input came from and what could not be had.
package struct SeasonBill: Sendable {
    /// Something that an answer should be able to say and cannot.
    package struct Gap: Sendable, Hashable {
        /// A name for programs and templates: `readings`, `room_areas`, `area.inner`.
        package var what: String
        package init(_ what: String) { self.what = what }
    }

    package var season: HeatingSeason
    package var subject: BillingCase
    /// The version that holds; nil where none does.
    package var tariff: Tariff?
    /// The season's lines, without voided ones, late fees and reliefs.
    package var lines: [AccountContext.Sourced<Charge>]
    /// Late fees billed as lines.
    package var lateFees: [AccountContext.Sourced<Charge>]
    /// Reliefs (减免) billed as lines: they take off what they state, with either sign.
    package var reliefs: [AccountContext.Sourced<Charge>]
    package var readings: [AccountContext.Sourced<MeterReading>]
    package var suspensions: [AccountContext.Sourced<Suspension>]
    package var disconnections: [AccountContext.Sourced<Disconnection>]
    package var gaps: [Gap]
    /// Meter readings that cannot all be true; the heat used is then not known.
    package var contradictoryReadings: [AccountContext.Reference]
    /// The heat used is the bill's own statement, because no reading is there.
    package var usesBilledHeat = false

    /// What billing charges for the season.
    package var billed: Fen { lines.reduce(.zero) { $0 + ($1.value.due ?? .zero) } }
    /// What lines of reliefs take off, above 0.
    package var relieved: Fen { reliefs.reduce(.zero) { $0 + Fen(abs($1.value.due?.amount ?? 0)) } }
    package var billedLines: [BilledLine] { lines.compactMap { BilledLine($0.value) } }
}

/// The seasons' bills of an account view.
struct SeasonBills {
    let context: AccountContext
    let book: TariffBook
    let asOf: CivilDate
    let account: BillingAccount

    /// - Parameters:
    ///   - homeCity: the city of accounts that neither a fact nor a tariff code places.
    ///   - coldRooms: ㎡ of the rooms that were too cold.
    init(
        context: AccountContext, book: TariffBook, homeCity: String?, asOf: CivilDate, coldRooms: ExactDecimal? = nil
    ) {
        self.context = context
        self.book = book
        self.asOf = asOf
        account = BillingAccount(context, book, homeCity: homeCity, coldRooms: coldRooms)
    }

    /// Seasons with a line, the latest last.
    var seasons: [HeatingSeason] {
        var seasons: [HeatingSeason] = []
        for index in context.charges.indices {
            guard let season = context.charges[index].value.season.flatMap({ HeatingSeason($0) }) else { continue }
            if !seasons.contains(season) { seasons.append(season) }
        }
        return seasons.sorted()
    }

    func make(_ season: HeatingSeason) -> SeasonBill {
        let name = season.description
        let charges = context.charges.filter { $0.value.season == name && $0.value.voided != true }
        let lines = charges.filter { $0.value.item?.isOfBill ?? true }
        let made = account.season(season, billed: lines.compactMap { BilledLine($0.value) }, by: book)
        var result = SeasonBill(
            season: season, subject: made.subject, tariff: made.tariff, lines: lines,
            lateFees: charges.filter { $0.value.item == .lateFee },
            reliefs: charges.filter { $0.value.item == .reduction },
            readings: made.readings.map { context.readings[$0] },
            suspensions: made.suspensions.map { context.suspensions[$0] },
            disconnections: made.disconnections.map { context.disconnections[$0] },
            gaps: made.lacksReadings ? [.init("readings")] : [],
            contradictoryReadings: made.contradictoryReadings.map { context.readings[$0].source })
        result.usesBilledHeat = made.usesBilledHeat
        // What is settled at the season's end is settled once something later than its end has come in.
        result.subject.asOf = context.latestDay(upTo: asOf) ?? CivilDate(dayNumber: 0)
        return result
    }
}

extension BillingAccount {
    package init(_ context: AccountContext, _ book: TariffBook, homeCity: String?, coldRooms: ExactDecimal?) {
        self.init()
        let stated = context.facts
        facts.city = book.city(stated: stated.city, code: stated.tariff, home: homeCity)
        facts.company = stated.company
        facts.station = stated.station
        facts.community = stated.community
        facts.building = stated.building
        facts.class = stated.class
        facts.method = stated.method
        facts.heatSource = stated.heatSource
        facts.areas = stated.areas
        facts.areaBasis = stated.areas.basis.flatMap { AreaBasis(rawValue: $0.rawValue) }
        facts.coldRoomsArea = coldRooms
        if stated.flags.lowIncome == true { facts.entitlements.insert(.lowIncome) }
        if stated.flags.elderly == true { facts.entitlements.insert(.elderly) }
        suspensions = context.suspensions.map(\.value)
        disconnections = context.disconnections.map(\.value)
        if facts.method != .byArea {
            readings = context.readings.map(\.value)
            listsReadings = context.lists.contains("readings")
        }
    }
}

extension AccountContext {
    /// The latest day of which the view knows anything about bills, payments and readings, none after `day`.
    func latestDay(upTo day: CivilDate) -> CivilDate? {
        var latest: CivilDate?
        func note(_ instant: Instant?) {
            guard let found = instant?.local.date, found <= day else { return }
            latest = latest.map { max($0, found) } ?? found
        }
        for entry in charges { note(entry.value.issuedAt) }
        for entry in readings { note(entry.value.readAt) }
        for entry in payments { note(entry.value.paidAt) }
        for entry in temperatures { note(entry.value.measuredAt) }
        return latest
    }
}
