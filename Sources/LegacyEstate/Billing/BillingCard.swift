import HeatModel

/// What billing believes about one account: the truth, as bent by a planted fault and by the second day.
struct BillingCard {
    var account: AccountFacts
    var fault: PlantedFault.Kind?
    var change: EstateChange.Kind?
    var buildingArea: Int64
    /// The area registered for charging.
    var billingArea: Int64
    var ceilingHeight: ExactDecimal
    var holderName: String
    var room: Int
    var bills: [Bill]
    var payments: [PaymentFact]
    var updatedAt: LocalTime

    /// Nil where billing does not know the account.
    init?(_ account: AccountFacts, estate: Estate) {
        fault = estate.faults.byAccount[account.index]
        if fault == .customerOnlyAccount { return nil }
        self.account = estate.stated(account)
        change = estate.changesPlan.byAccount[account.index]
        buildingArea = account.buildingArea.units
        ceilingHeight = account.ceilingHeight
        holderName = account.holderName
        room = account.room
        billingArea = account.chargedArea(estate.tariff)
        updatedAt = LocalTime(
            CivilDate(year: estate.options.startYear(ofSeason: 1), month: 8, day: 1 + account.index % 18)
                ?? account.openedOn,
            second: 30_000 + account.index % 30_000)
        var usedArea = billingArea
        let chargesBuilding = estate.tariff.basis(isUnit: account.isUnit) == .building
        switch fault {
        case .areaDisagreement:
            buildingArea += 3_500
            if chargesBuilding { billingArea += 3_500 }
            usedArea = billingArea
        case .heightUnderstated: ceilingHeight = ExactDecimal(units: 3_000, places: 3)
        case .staleArea: usedArea -= 8_000
        case .nameDisagreement: holderName = PlantedText.formerHolder
        case .roomDisagreement: room += 40
        default: break
        }
        let maker = estate.maker
        let height = ceilingHeight
        let used = usedArea
        bills = (0...1).map { maker.bill(account, season: $0, chargedArea: used, height: height) }
        payments = []
        plantDiscrepancy(estate)
        payments = bills[0].payments + bills[1].payments
        switch fault {
        case .paymentMissing: payments.removeFirst()
        case .paymentTwice:
            var second = payments[0]
            second.serial = BillKeys.payment(account.index, slot: BillKeys.extraSlot)
            payments.append(second)
        default: break
        }

        if fault == .paymentNotPosted, !bills[1].lines.isEmpty {
            payments.append(
                Self.payment(
                    account, bills[1].arrears, at: LocalTime(estate.options.today, second: 30_300), isReconciled: false)
            )
        }
        switch change {
        case .billReissued:
            let corrected = maker.bill(account, season: 1, chargedArea: usedArea - 2_000, height: ceilingHeight)
            bills[1] = corrected
            for index in bills[1].lines.indices { bills[1].lines[index].updatedAt = estate.changeTime }
            billingArea -= 2_000
            updatedAt = estate.changeTime
        case .paymentAdded:
            let amount = bills[1].arrears
            payments.append(Self.payment(account, amount, at: estate.changeTime, isReconciled: true))
            maker.receive(amount.amount, at: estate.changeTime, lines: &bills[1].lines)
            updatedAt = estate.changeTime
        default: break
        }
    }

    private static func payment(
        _ account: AccountFacts, _ amount: Fen, at time: LocalTime, isReconciled: Bool
    ) -> PaymentFact {
        PaymentFact(
            serial: BillKeys.payment(account.index, slot: BillKeys.extraSlot), season: 1, amount: amount,
            channel: isReconciled ? .wechat : .bankFile, isReconciled: isReconciled, isReversed: false,
            invoice: isReconciled ? "FP" + Digits.padded(90_000_000 + account.index, 10) : "", paidAt: time,
            updatedAt: time)
    }

    /// Bends the bill of the earlier season.
    private mutating func plantDiscrepancy(_ estate: Estate) {
        switch fault {
        case .wrongProduct: bills[0].lines[0].due = bills[0].lines[0].due + Fen(731)
        case .reversedCounted: bills[0].payments[0].isReversed = true
        case .wrongTariff:
            let tariff = estate.tariff
            bills[0] = estate.maker.bill(
                account, season: 0, chargedArea: tariff.unitBasis == .usable ? account.usableArea.units : buildingArea,
                areaPrice: tariff.areaPrice(isUnit: true))
        default: break
        }
    }

    /// Sum of what billing says is owed.
    var arrears: Fen {
        bills.reduce(fault == .wrongBalance ? PlantedText.wrongBalance : .zero) { $0 + $1.arrears }
    }

    /// The line that a fault of a charge row is planted in.
    var marked: ChargeLine? { bills[0].lines.first }
}
