import HeatModel
import JSONText
import Store

extension AccountChecker {
    /// What each line states of itself.
    func checkLines(_ scanned: ScannedAccount) {
        guard let rule = plan.ofEveryAccount.lineArrears else { return }
        for row in scanned.charges {
            guard let arrears = row.arrears, row.due != nil else { continue }
            let difference = arrears - row.owed
            if !isBeyond(difference, rule) { continue }
            add(rule) {
                $0.season = row.season.text
                $0.subject = subject(row.source)
                $0.money = difference
                $0.found = Fen(arrears).description
                $0.expected = Fen(row.owed).description
                $0.evidence = [evidence(row.source)]
            }
        }
    }

    /// The card's arrears beside those of the charges.
    func checkBalance(_ scanned: ScannedAccount, isWhole: Bool) {
        let rule = plan.ofEveryAccount.balance
        guard isWhole, let stated = scanned.fact("arrears_fen")?.integer else { return }
        let owed = scanned.charges.reduce(Int64(0)) { $0 + $1.owed }
        if !isBeyond(stated - owed, rule) { return }
        add(rule) {
            $0.money = stated - owed
            $0.found = Fen(stated).description
            $0.expected = Fen(owed).description
            $0.evidence = scanned.sources.filter { plan.streams[$0.stream].entity == .account }.map(evidence)
            $0.evidence += scanned.charges.map { evidence($0.source) }
        }
    }

    /// A season's payments beside what its charges received.
    func checkPayments(
        _ season: String, _ charges: ArraySlice<ScannedAccount.ChargeRow>, _ payments: [ScannedAccount.PaymentRow]
    ) {
        guard charges.contains(where: { $0.received != nil }) else { return }
        let received = charges.reduce(Int64(0)) { $0 + ($1.received ?? 0) + ($1.penalty ?? 0) }
        let arrears = charges.reduce(Int64(0)) { $0 + $1.owed }
        var paid: Int64 = 0
        var twice: Int64 = 0
        var waiting: [ScannedAccount.PaymentRow] = []
        for (index, payment) in payments.enumerated() where !payment.isReversed {
            let amount = payment.amount ?? 0
            let earlier = payments[..<index].first {
                !$0.isReversed && $0.amount == payment.amount && $0.paidAt.equals(payment.paidAt)
                    && $0.channel.equals(payment.channel)
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
                waiting.append(payment)
            } else {
                paid += amount
            }
        }
        // Money that is not reconciled may have been posted before it was.
        var difference = received - paid
        var unposted = payments.filter { $0.isUnreconciled && !$0.isReversed }
        if difference != 0, let rest = Self.unposted(of: waiting, posted: difference) {
            unposted = rest
            difference = 0
        }
        if arrears > 0, waiting.reduce(0, { $0 + ($1.amount ?? 0) }) != 0 {
            for payment in unposted {
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

    /// Most payments of a season among which every choice is tried.
    private static let mostChosenFrom = 20

    /// The payments that are not posted yet where the others make up what is; nil where no choice of them does. Of several
    /// choices the one with the latest paid. Among very many only the latest in a row are looked for.
    private static func unposted(of waiting: [ScannedAccount.PaymentRow], posted: Int64) -> [ScannedAccount.PaymentRow]?
    {
        let amounts = waiting.map { $0.amount ?? 0 }
        let wanted = amounts.reduce(0, +) - posted
        if wanted == 0 { return [] }
        let latest = waiting.indices.sorted { one, other in
            let (day, earlier) = (waiting[one].paidAt, waiting[other].paidAt)
            return day.equals(earlier) ? one > other : earlier.precedes(day)
        }
        let chosen =
            latest.count > mostChosenFrom
            ? run(latest, amounts, wanted) : choice(latest[...], amounts, wanted)
        return chosen.map { $0.sorted().map { waiting[$0] } }
    }

    /// The first so many that add up to what is wanted.
    private static func run(_ order: [Int], _ amounts: [Int64], _ wanted: Int64) -> [Int]? {
        var sum: Int64 = 0
        for (count, index) in order.enumerated() {
            sum += amounts[index]
            if sum == wanted { return Array(order[...count]) }
        }
        return nil
    }

    /// Those that add up to what is wanted; rather the first than the later ones.
    private static func choice(_ order: ArraySlice<Int>, _ amounts: [Int64], _ wanted: Int64) -> [Int]? {
        guard let first = order.first else { return wanted == 0 ? [] : nil }
        let rest = order.dropFirst()
        let most = order.reduce(Int64(0)) { $0 + max(0, amounts[$1]) }
        let least = order.reduce(Int64(0)) { $0 + min(0, amounts[$1]) }
        if wanted > most || wanted < least { return nil }
        return choice(rest, amounts, wanted - amounts[first]).map { [first] + $0 } ?? choice(rest, amounts, wanted)
    }
}
