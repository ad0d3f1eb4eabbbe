import HeatModel
import Store

extension AccountChecker {
    /// What each line states of itself.
    func checkLines(_ sheet: AccountSheet) {
        guard let rule = plan.rule(.lineArrears) else { return }
        for row in sheet.charges {
            guard let arrears = row.arrears, row.due != nil else { continue }
            let difference = arrears - row.owed
            if !isBeyond(difference, rule) { continue }
            add(rule) {
                $0.season = row.season.string
                $0.subject = subject(row.source)
                $0.money = difference
                $0.found = Fen(arrears).description
                $0.expected = Fen(row.owed).description
                $0.evidence = [evidence(row.source)]
            }
        }
    }

    /// The card's arrears beside those of the charges.
    func checkBalance(_ sheet: AccountSheet, isWhole: Bool) {
        let rule = plan.rule(.balance)
        guard isWhole, let stated = sheet.fact("arrears_fen")?.whole else { return }
        let owed = sheet.charges.reduce(Int64(0)) { $0 + $1.owed }
        if !isBeyond(stated - owed, rule) { return }
        add(rule) {
            $0.money = stated - owed
            $0.found = Fen(stated).description
            $0.expected = Fen(owed).description
            $0.evidence = sheet.sources.filter { plan.streams[$0.stream].entity == .account }.map(evidence)
            $0.evidence += sheet.charges.map { evidence($0.source) }
        }
    }

    /// A season's payments beside what its charges received.
    func checkPayments(
        _ season: String, _ charges: [AccountSheet.ChargeRow], _ payments: [AccountSheet.PaymentRow]
    ) {
        guard plan.hasPayments, charges.contains(where: { $0.received != nil }) else { return }
        let received = charges.reduce(Int64(0)) { $0 + ($1.received ?? 0) + ($1.penalty ?? 0) }
        let arrears = charges.reduce(Int64(0)) { $0 + $1.owed }
        var paid: Int64 = 0
        var twice: Int64 = 0
        var waiting: Int64 = 0
        for (index, payment) in payments.enumerated() where !payment.isReversed {
            let amount = payment.amount ?? 0
            let earlier = payments[..<index].first {
                !$0.isReversed && $0.amount == payment.amount && $0.paidAt.isEqual(payment.paidAt)
                    && $0.channel.isEqual(payment.channel)
            }
            if let earlier, plan.rule(.paidTwice) != nil {
                twice += amount
                add(plan.rule(.paidTwice)) {
                    $0.season = season
                    $0.subject = subject(payment.source)
                    $0.money = amount
                    $0.evidence = [evidence(earlier.source), evidence(payment.source)]
                }
            } else if payment.isUnreconciled {
                waiting += amount
            } else {
                paid += amount
            }
        }
        // Money that is not reconciled may have been posted before it was.
        var difference = received - paid
        if difference != 0, difference == waiting {
            difference = 0
        } else if waiting != 0, arrears > 0 {
            for payment in payments where payment.isUnreconciled && !payment.isReversed {
                add(plan.rule(.unposted)) {
                    $0.season = season
                    $0.subject = subject(payment.source)
                    $0.money = payment.amount ?? 0
                    $0.evidence = [evidence(payment.source)]
                }
            }
        }
        if difference == 0 { return }
        // The twice paid may stand in the charges as well.
        if difference == twice { return }
        let reversed = payments.filter { $0.isReversed && $0.amount == difference }
        if let counted = reversed.first, plan.rule(.reversedCounted) != nil {
            add(plan.rule(.reversedCounted)) {
                $0.season = season
                $0.subject = subject(counted.source)
                $0.money = difference
                $0.evidence = [evidence(counted.source)] + charges.map { evidence($0.source) }
            }
            return
        }
        let rule = plan.rule(.payments)
        if !isBeyond(difference, rule) { return }
        add(rule) {
            $0.season = season
            $0.money = difference
            $0.found = Fen(received).description
            $0.expected = Fen(paid).description
            $0.evidence = charges.map { evidence($0.source) } + payments.map { evidence($0.source) }
        }
    }
}
