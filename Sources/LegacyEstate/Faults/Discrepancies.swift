import HeatModel

extension Estate {
    /// An account as billing and the customer system tell it, where that is not the truth.
    func stated(_ account: AccountFacts) -> AccountFacts {
        var stated = account
        switch faults.byAccount[account.index] {
        case .suspendedInFull:
            var random = SplitMix64(seed: options.seed, subject: .suspension, index: account.index)
            var suspension = SuspensionFact(season: 1, area: 0, options: options, random: &random)
            suspension.isPartial = false
            suspension.ratio = 10_000
            stated.suspensions = [suspension]
        case .disconnectedInFull:
            stated.disconnectedOn = CivilDate(year: options.startYear(ofSeason: 1), month: 6, day: 12)
        default: break
        }
        return stated
    }

    func describeDiscrepancy(_ kind: PlantedFault.Kind, _ subject: Int) -> PlantedFault {
        if kind == .notFollowedUp || kind == .strangerPhone {
            let order = workOrder(subject)
            return PlantedFault(
                kind: kind, system: "dispatch", stream: "dispatch.workOrders", key: order.number,
                accountNumber: order.account.number, outcome: .discrepancy)
        }
        let account = account(subject)
        var fault = PlantedFault(
            kind: kind, system: "billing", stream: "billing.accounts", key: String(account.billingID),
            accountNumber: account.number, outcome: .discrepancy)
        guard let card = BillingCard(account, estate: self) else { return fault }
        let right = bills(of: account)
        switch kind {
        case .wrongBalance: fault.money = PlantedText.wrongBalance
        case .paymentMissing, .reversedCounted, .paymentTwice:
            fault.stream = "billing.payments"
            fault.key = right[0].payments.first?.serial ?? ""
            fault.money = right[0].payments.first?.amount
        case .wrongProduct, .wrongTariff:
            fault.stream = "billing.charges"
            fault.key = card.marked.map { String($0.id) } ?? ""
            fault.money = card.bills[0].due - right[0].due
        case .suspendedInFull:
            fault.stream = "billing.suspensions"
            fault.key = String(70_000_000 + account.index * 2 + 1)
            fault.money = right[1].due - maker.bill(stated(account), season: 1).due
        case .disconnectedInFull:
            fault.stream = "billing.disconnections"
            fault.key = String(80_000_000 + account.index)
            fault.money = right[1].due
        case .refundMissing:
            fault.system = "dispatch"
            fault.stream = "dispatch.temperatures"
            fault.key =
                faults.temperatureAccounts.first { $0.value == subject }.map { TemperatureFacts.id($0.key) } ?? ""
            fault.money = coldDayRefund(account)
        case .classDisagreement, .supplyDisagreement:
            fault.system = "customer"
            fault.stream = "customer.residents"
            fault.key = CustomerRow(account, estate: self)[.number]
        default: break
        }
        return fault
    }

    /// What the city gives back for one day at 15.0 °C; nil where it gives nothing, or asks for the area of the rooms.
    private func coldDayRefund(_ account: AccountFacts) -> Fen? {
        let share: Int64
        switch options.city {
        case .jinan: share = 50
        case .harbin: share = 100
        default: return nil
        }
        // Thousandths of a ㎡ times thousandths of a 元, a share in per cent, over the days: to fen, half up.
        let days = Int128(options.countOfDays(ofSeason: 1, tariff))
        let product = Int128(account.chargedArea(tariff)) * Int128(tariff.areaPrice(isUnit: account.isUnit) * share)
        return Fen(Int64(ExactDecimal.divide(product, by: days * 1_000_000, .halfUp)))
    }
}
