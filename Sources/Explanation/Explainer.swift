package import AccountView
package import Billing
package import HeatModel
import Store

/// Makes explanations: a function of the account view, the statistics of its peers, the tariffs, the season and the day.
package struct Explainer: Sendable {
    package let book: TariffBook
    package let settings: ExplanationSettings

    package init(book: TariffBook, settings: ExplanationSettings = ExplanationSettings()) {
        self.book = book
        self.settings = settings
    }

    /// Explains one season's bill.
    ///
    /// - Parameters:
    ///   - context: the account view, as it is served.
    ///   - season: `2025-2026`; nil for the latest that has a bill.
    ///   - asOf: the day that the answer is of.
    ///   - now: the moment that freshness is measured against.
    ///   - rooms: area in ㎡ of the rooms that were too cold, where it is known.
    /// - Throws: `usage.badSeason`; what `supportingData` throws. What cannot be explained is a status, not an error.
    package func explain(
        _ context: consuming AccountContext, season: String?, versus: Explanation.Versus, asOf: CivilDate, now: Instant,
        rooms: ExactDecimal? = nil, in supportingData: some SupportingData
    ) throws -> Explanation {
        let maker = SeasonBills(
            context: context, book: book, homeCity: settings.homeCity, asOf: asOf, coldRooms: rooms)
        let number = maker.context.number
        let seasons = maker.seasons
        let wanted = try Self.season(season) ?? seasons.last
        var result = Explanation(account: number, season: wanted, versus: versus, asOf: asOf, status: .explained)
        result.seasons = seasons
        result.peersAreOfPresent = versus == .peers && supportingData.comparesWithPresent
        result.method = maker.context.facts.method
        result.accountClass = maker.context.facts.class
        var work = ExplanationBuilder(
            maker: maker, book: book, settings: settings, supportingData: supportingData, result: result,
            evidenceLookup: EvidenceLookup(number, supportingData))
        try work.explain(wanted, now: now)
        try work.evidenceLookup.check()
        return work.finished()
    }

    /// - Throws: `usage.badSeason`.
    package static func season(_ name: String?) throws(HearthError) -> HeatingSeason? {
        guard let name else { return nil }
        if let season = HeatingSeason(name) { return season }
        throw HearthError(
            .usageBadSeason, "\"\(name)\" is not a heating season", advice: "write it as 2025-2026")
    }
}

/// One explanation in the making.
struct ExplanationBuilder<Data: SupportingData>: ~Copyable {
    let maker: SeasonBills
    let book: TariffBook
    let settings: ExplanationSettings
    let supportingData: Data
    var result: Explanation
    let evidenceLookup: EvidenceLookup<Data>

    var context: AccountContext { maker.context }

    consuming func finished() -> Explanation { result }

    mutating func explain(_ season: HeatingSeason?, now: Instant) throws {
        try noteFreshness(now)
        result.gaps = context.missing.filter { Self.importantFacts.contains($0) }
        guard let season else {
            try noBill()
            return
        }
        let mine = try settled(maker.make(season))
        if mine.lines.isEmpty {
            try noBill()
            try describeSections(mine, nil)
            return
        }
        result.gaps += mine.gaps.map(\.what)
        result.bill = try bill(mine)
        if !mine.contradictoryReadings.isEmpty {
            result.status = .contradictoryReadings
            result.problem = .init(
                code: "readings.contradictory",
                message: "\(mine.contradictoryReadings.count) meter readings of the season contradict others")
            result.needsHandOff = true
            try describeSections(mine, nil)
            return
        }
        let check: Recomputation
        do {
            check = try book.recompute(mine.subject, billed: mine.billedLines)
        } catch {
            result.status = error.code == .billingMissingInput ? .missingInput : .tariffNotCovered
            result.problem = .init(code: error.code.name, message: error.message)
            try describeSections(mine, nil)
            return
        }
        try note(check)
        result.isRunning = mine.subject.method != .byArea && result.asOf <= check.evaluation.span.last
        try describeSections(mine, check.evaluation)
        switch result.versus {
        case .tariff: compareWithTariff(mine, check)
        case .peers: try compareWithPeers(mine, check)
        case .previous: try compareWithPrevious(mine, check)
        }
    }

    /// A bill may depend on whether its season is over as far as the systems know. Where the account has no record after
    /// the season's end, another account of the company may have one.
    func settled(_ bill: SeasonBill) throws -> SeasonBill {
        guard bill.subject.method != .byArea, let tariff = bill.tariff, tariff.settlesAtSeasonEnd,
            let end = tariff.season.span(of: bill.season)?.last, result.asOf > end,
            let own = bill.subject.asOf, own <= end, let day = try supportingData.latestDay(upTo: result.asOf)
        else { return bill }
        var bill = bill
        bill.subject.asOf = max(own, day)
        return bill
    }

    /// Facts whose absence an answer about money names.
    private static var importantFacts: Set<String> {
        ["class", "method", "area_building", "area_inner", "area_shared", "supply_state", "tariff"]
    }

    private mutating func noBill() throws {
        result.status = .noBill
        let waiting = try supportingData.waitingCharges(of: context.number)
        if waiting > 0 { result.gaps.append("charges_in_quarantine") }
        result.problem = .init(
            code: "bill.none",
            message: waiting > 0
                ? "there is no bill of this season; \(waiting) records of charges wait in quarantine"
                : "there is no bill of this season")
    }

    private mutating func note(_ check: Recomputation) throws {
        let evaluation = check.evaluation
        result.check = Explanation.Check(
            agrees: check.agrees, right: evaluation.total, difference: check.difference, comparisons: check.comparisons,
            causes: check.causes, lines: evaluation.lines, tariff: evaluation.tariff.rule("price"),
            seasonDays: evaluation.seasonDays, chargedDays: evaluation.chargedDays)
        if check.agrees { return }
        // A line that waits in quarantine is no error of billing's.
        let lacksLine = check.comparisons.contains { $0.billed == nil && $0.difference != .zero }
        if lacksLine, try supportingData.waitingCharges(of: context.number) > 0 {
            result.gaps.append("charges_in_quarantine")
            return
        }
        result.needsHandOff = true
    }

    /// Billed ≠ rules: a part of its own, whatever is compared with.
    func billingPart(_ mine: SeasonBill, _ check: Recomputation, kind: String = "billing_difference") -> Explanation
        .Part?
    {
        if check.difference == .zero { return nil }
        let isIncomplete = kind == "billing_difference" && result.gaps.contains("charges_in_quarantine")
        return Explanation.Part(
            kind: isIncomplete ? "incomplete_bill" : kind, fen: check.difference,
            mine: .init(value: mine.billed.description, unit: "元"),
            reference: .init(value: check.evaluation.total.description, unit: "元"),
            formula: "\(mine.billed) 元 − \(check.evaluation.total) 元 = \(check.difference) 元",
            rule: check.comparisons.first { $0.difference != .zero }?.rule, evidence: evidence(of: mine.lines))
    }

    private mutating func compareWithTariff(_ mine: SeasonBill, _ check: Recomputation) {
        result.reference = Explanation.Reference(fen: check.evaluation.total, lines: check.evaluation.lines)
        result.difference = mine.billed - check.evaluation.total
        let isIncomplete = result.gaps.contains("charges_in_quarantine")
        result.parts = check.comparisons.filter { $0.difference != .zero }.map { comparison in
            let lines = mine.lines.filter { $0.value.item == comparison.item }
            let (billed, right) = (comparison.billed ?? .zero, comparison.right ?? .zero)
            return Explanation.Part(
                kind: isIncomplete ? "incomplete_bill" : "billing_difference", fen: comparison.difference,
                mine: .init(value: billed.description, unit: "元"),
                reference: .init(value: right.description, unit: "元"),
                formula: "\(billed) 元 − \(right) 元 = \(comparison.difference) 元", rule: comparison.rule,
                evidence: evidence(of: lines), item: comparison.item)
        }
        // Lines whose item is not known belong to no comparison.
        let rest = (result.difference ?? .zero) - result.parts.reduce(.zero) { $0 + $1.fen }
        if rest != .zero {
            result.parts.append(
                .init(
                    kind: "billing_difference", fen: rest, formula: "\(rest) 元", evidence: evidence(of: mine.lines)))
        }
    }

    // MARK: Evidence

    func evidence(_ reference: AccountContext.Reference) -> Explanation.Evidence { evidenceLookup.evidence(reference) }

    func evidence<Value>(of entries: [AccountContext.Sourced<Value>]) -> [Explanation.Evidence] {
        entries.map { evidence($0.source) }
    }

    /// The records that state these facts.
    func evidence(ofFacts fields: [String]) -> [Explanation.Evidence] {
        var seen: [AccountContext.Reference] = []
        for field in fields {
            if let source = context.source(of: field), !seen.contains(source) { seen.append(source) }
        }
        return seen.map { evidence($0) }
    }
}
