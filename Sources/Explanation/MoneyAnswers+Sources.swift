package import AccountView
import Billing
package import HeatModel
package import Store

/// What stands between an account's premises and their heat on a day, as the account is billed.
package struct SupplyStanding: Sendable {
    /// Suspensions that hold on the day.
    package var suspensions: [AccountContext.Reference] = []
    /// Whether these are of a part of the area alone.
    package var isSuspendedInPart = false
    /// Nil while the premises are on the network, or no tariff tells the season's days.
    package var disconnection: AccountContext.Reference?
}

/// Where what answers say comes from, for answers beside those about money.
extension MoneyAnswers {
    /// Suspension and disconnection on a day: those that ``BillingAccount`` charges by, and no other judgement.
    package func supply(of context: AccountContext, on day: CivilDate) -> SupplyStanding {
        let season = HeatingSeason(on: day)
        let maker = SeasonBills(context: context, book: book, homeCity: settings.homeCity, asOf: day)
        let bill = maker.make(season)
        var standing = SupplyStanding()
        let whole = ExactDecimal(units: 1, places: 0)
        var isWhole = false
        for (record, stop) in zip(bill.suspensions, bill.subject.suspensions) where stop.span?.contains(day) ?? true {
            standing.suspensions.append(record.source)
            if let share = stop.share, share.compare(whole) >= 0 { isWhole = true }
        }
        standing.isSuspendedInPart = !standing.suspensions.isEmpty && !isWhole
        if let connected = bill.subject.connected, !bill.subject.isInterrupted, !connected.contains(day) {
            standing.disconnection = bill.disconnections.last?.source
        }
        return standing
    }

    /// Which run brought each of an account's records, and when it began to read.
    package func evidence(
        of number: String, _ records: [AccountContext.Reference], at moment: Moment?, in store: any StoreReader
    ) throws -> [Explanation.Evidence] {
        if records.isEmpty { return [] }
        let lookup = EvidenceLookup(number, supportingData(store, at: moment))
        let evidence = records.map { lookup.evidence($0) }
        try lookup.check()
        return evidence
    }

    /// The same of a record that belongs to no account.
    package func evidence(_ record: StoredRecord, in store: any StoreReader) throws -> Explanation.Evidence {
        let run = record.provenance.run
        return Explanation.Evidence(
            source: record.stream, key: record.provenance.key, run: run, instant: try store.run(RunID(run))?.startedAt)
    }

    /// How fresh streams are, in their order.
    package func freshness(
        of streams: [String], now: Instant, at moment: Moment?, in store: any StoreReader
    ) throws -> [Explanation.Freshness] {
        try supportingData(store, at: moment).freshness(
            of: streams, now: now, staleAfterHours: settings.staleAfterHours)
    }
}
