package import AccountView
import Billing
package import HeatModel
package import Store

/// The other questions about money. A given `view` replaces the present one; with a moment, it is the view as of that moment.
extension MoneyAnswers {
    /// What must be paid on a day, late fee included.
    ///
    /// - Throws: `usage.unknownAccount`, `usage.badSeason`, and what the store throws.
    package func amountDue(
        of number: String, view: AccountContext? = nil, at moment: Moment? = nil, season: String?,
        on day: CivilDate,
        in store: any StoreReader
    ) throws -> AmountDueAnswer {
        let context = try view ?? context(of: number, store)
        return try amountDue(context, season: season, on: day, in: supportingData(store, at: moment))
    }

    func amountDue(
        _ context: AccountContext, season: String?, on day: CivilDate, in around: some SupportingData
    ) throws -> AmountDueAnswer {
        let maker = SeasonBills(context: context, book: book, homeCity: settings.homeCity, asOf: day)
        // A voided line is owed of no season.
        let standing = context.charges.filter { $0.value.voided != true }
        // Late fees and reliefs alone, of what was owed before, make no bill of their season.
        let wanted =
            try Explainer.season(season)
            ?? maker.seasons.last { season in
                let lines = standing.filter { $0.value.season == season.description }
                return lines.isEmpty || lines.contains { $0.value.item?.isOfBill ?? true }
            } ?? maker.seasons.last
        let mine = wanted.map { maker.make($0) }
        var answer = AmountDueAnswer(account: context.number, season: wanted, on: day, status: .explained)
        let hasBill = mine.map { !$0.lines.isEmpty } ?? false
        let others = Dictionary(grouping: standing.filter { !hasBill || $0.value.season != wanted?.description }) {
            $0.value.season ?? ""
        }
        for (season, lines) in others.sorted(by: { $0.key < $1.key }) {
            let arrears = lines.reduce(Fen.zero) { $0 + ($1.value.arrears ?? .zero) }
            if arrears != .zero { answer.others.append((season, arrears)) }
            let dueOn = lines.filter { $0.value.arrears ?? .zero > .zero }.compactMap(\.value.dueOn).min()
            if arrears > .zero, let dueOn { answer.othersDueOn = min(dueOn, answer.othersDueOn ?? dueOn) }
        }
        guard let wanted, let mine else {
            answer.status = .noBill
            return answer
        }
        if !hasBill {
            answer.status = .noBill
            answer.problem = .init(code: "bill.none", message: "there is no bill of this season")
            return answer
        }
        let lines = (mine.lines + mine.reliefs).map(\.value)
        func sum(_ field: KeyPath<Charge, Fen?>) -> Fen { lines.reduce(.zero) { $0 + ($1[keyPath: field] ?? .zero) } }
        let payable = mine.billed - mine.relieved - sum(\.discount) - sum(\.reduction)
        let received = sum(\.received)
        answer.billingArrears = sum(\.arrears)
        answer.dueOn = lines.compactMap(\.dueOn).first
        let payments = context.payments.filter {
            $0.value.season == wanted.description && $0.value.reversed != true && $0.value.voided != true
        }
        var receipts = payments.compactMap { payment in
            payment.value.amount.map {
                Receipt(on: payment.value.paidAt?.local.date ?? CivilDate(dayNumber: 0), amount: $0)
            }
        }
        answer.pending = payments.filter { $0.value.reconciled == false }.reduce(.zero) {
            $0 + ($1.value.amount ?? .zero)
        }
        // What the lines received and no payment is known of was there before anything fell due.
        let known = receipts.reduce(Fen.zero) { $0 + $1.amount }
        if received > known { receipts.append(Receipt(on: CivilDate(dayNumber: 0), amount: received - known)) }
        // Billing's own figures must agree with each other; a payment that is not posted yet explains itself.
        answer.agreesWithBilling = answer.billingArrears == payable - received
        let evidenceLookup = EvidenceLookup(context.number, around)
        answer.evidence = (mine.lines.map(\.source) + payments.map(\.source)).map { evidenceLookup.evidence($0) }
        try evidenceLookup.check()
        do {
            let tariff = try book.tariff(for: mine.subject)
            answer.due = try tariff.amountDue(payable: payable, receipts: receipts, season: wanted, on: day)
            answer.dueOn = answer.dueOn ?? answer.due?.dueOn
            answer.rule = tariff.rule("lateFee")
        } catch {
            // Without a tariff there is no late fee to speak of; what is open is known all the same.
            let paid = receipts.filter { $0.on <= day }.reduce(Fen.zero) { $0 + $1.amount }
            answer.problem = .init(code: error.code.name, message: error.message)
            answer.due = AmountDue(payable: payable, paid: paid, dueOn: answer.dueOn)
        }
        return answer
    }

    /// Where the payments of a season stand.
    ///
    /// - Parameter season: nil for all seasons.
    /// - Throws: `usage.unknownAccount`, `usage.badSeason`, and what the store throws.
    package func receipts(
        of number: String, view: AccountContext? = nil, at moment: Moment? = nil, season: String?,
        in store: any StoreReader
    ) throws -> ReceiptAnswer {
        let context = try view ?? context(of: number, store)
        let wanted = try Explainer.season(season)
        let evidenceLookup = EvidenceLookup(context.number, supportingData(store, at: moment))
        let payments = context.payments.filter {
            $0.value.voided != true && (wanted == nil || $0.value.season == wanted?.description)
        }.sorted { ($0.value.paidAt?.microseconds ?? 0) > ($1.value.paidAt?.microseconds ?? 0) }
        let answer = ReceiptAnswer(
            account: context.number, season: wanted,
            payments: payments.map { entry in
                let payment = entry.value
                let hasInvoice = payment.invoiceNumber?.isEmpty == false
                let standing: ReceiptAnswer.Standing =
                    switch payment.standing {
                    case .reversed: .reversed
                    case .pending: .pending
                    case .posted: hasInvoice ? .posted : .postedWithoutInvoice
                    }
                return .init(
                    standing: standing,
                    amount: payment.amount ?? .zero, at: payment.paidAt, channel: payment.channel,
                    serial: payment.serial ?? payment.number, invoice: hasInvoice ? payment.invoiceNumber : nil,
                    evidence: evidenceLookup.evidence(entry.source))
            })
        try evidenceLookup.check()
        return answer
    }

    /// What is given back for cold rooms.
    ///
    /// - Parameter rooms: area in ㎡ of the rooms that were too cold, where the caller knows it and the tariff asks for it.
    /// - Throws: `usage.unknownAccount`, `usage.badSeason`, and what the store throws.
    package func refund(
        of number: String, view: AccountContext? = nil, at moment: Moment? = nil, season: String?,
        rooms: ExactDecimal?,
        today: CivilDate, now: Instant,
        in store: any StoreReader
    ) throws -> RefundAnswer {
        RefundAnswer(
            explanation: try explainer.explain(
                view ?? context(of: number, store), season: season, versus: .tariff,
                asOf: today, now: now, rooms: rooms,
                in: supportingData(store, at: moment)))
    }

    /// What suspending supply for a season costs when it is requested on a day.
    ///
    /// - Parameter season: nil for the season that the day lies in or before.
    /// - Throws: `usage.unknownAccount`, `usage.badSeason`, and what the store throws.
    package func suspension(
        of number: String, view: AccountContext? = nil, at moment: Moment? = nil, season: String?,
        requestedOn day: CivilDate, intent: SuspensionProcedures.Intent? = nil,
        heating: SuspensionProcedures.Heating? = nil,
        in store: any StoreReader
    ) throws -> SuspensionAnswer {
        let context = try view ?? context(of: number, store)
        let evidenceLookup = EvidenceLookup(context.number, supportingData(store, at: moment))
        let wanted = try Explainer.season(season) ?? HeatingSeason(on: day)
        let maker = SeasonBills(context: context, book: book, homeCity: settings.homeCity, asOf: day)
        var subject = maker.make(wanted).subject
        subject.suspensions = []
        var answer = SuspensionAnswer(
            account: context.number, season: wanted, requestedOn: day, offer: nil,
            arrears: try amountDue(of: context.number, view: context, at: moment, season: nil, on: day, in: store)
                .totalOpen,
            evidence: ["area_billing", "area_building", "class", "method"].compactMap { context.source(of: $0) }
                .reduce(into: []) { list, source in
                    if list.contains(where: { $0.source == source.source && $0.key == source.key }) { return }
                    list.append(evidenceLookup.evidence(source))
                })
        try evidenceLookup.check()
        do {
            let all = BillingCase.Suspension(share: ExactDecimal(units: 1, places: 0))
            answer.offer = try book.tariff(for: subject).suspensionOffer(subject, all, requestedOn: day)
        } catch {
            answer.problem = .init(code: error.code.name, message: error.message)
        }
        answer.intent = intent ?? .suspend
        guard let procedures else {
            if answer.intent == .close {
                answer.offer = nil
                answer.problem = .init(
                    code: HearthError.Code.configMissing.name, message: "no file says how supply is given up for good")
            }
            return answer
        }
        let isInside = answer.offer.map { $0.standing == .insideSeason }
        let situation = SuspensionProcedures.Situation(
            intent: intent, heating: heating, accountClass: subject.class,
            season: isInside.map { $0 ? .inside : .outside }, hasArrears: answer.arrears > .zero, city: subject.city)
        answer.procedure = procedures.find(situation)
        // What a suspension costs is no answer to who wants another thing.
        if answer.isAboutCost == false { (answer.offer, answer.problem) = (nil, nil) }
        answer.toAsk = procedures.toAsk(situation).map { ($0, procedures.queries[$0] ?? [:]) }
        return answer
    }
}
