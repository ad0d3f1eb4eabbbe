public import HeatModel

extension AccountContext {
    /// The account as it was before the payments that were made later than a moment: what the bill's lines have received of them is taken
    /// back, so that a season can be gone through once more.
    public func withoutPayments(after moment: Instant) -> AccountContext {
        var context = self
        var later: [String: Fen] = [:]
        context.payments = payments.filter { payment in
            guard let paidAt = payment.value.paidAt, paidAt > moment else { return true }
            if payment.value.reversed != true, payment.value.voided != true, let season = payment.value.season {
                later[season, default: .zero] = later[season, default: .zero] + (payment.value.amount ?? .zero)
            }
            return false
        }
        for index in context.charges.indices {
            guard let season = context.charges[index].value.season, let left = later[season], left > .zero,
                let received = context.charges[index].value.received, received > .zero
            else { continue }
            let taken = min(left, received)
            later[season] = left - taken
            context.charges[index].value.received = received - taken
            context.charges[index].value.arrears = (context.charges[index].value.arrears ?? .zero) + taken
        }
        return context
    }
}
