import HeatModel

extension Estate {
    /// What is planted in the outputs of this day, with what must become of it, in a fixed order.
    package var planted: [PlantedFault] { faults.order.map { describe($0.kind, $0.subject) } }

    private func describe(_ kind: PlantedFault.Kind, _ subject: Int) -> PlantedFault {
        if kind.isDiscrepancy { return describeDiscrepancy(kind, subject) }
        switch kind {
        case .ambiguousAddress, .addressOnly, .crosswalkOnly, .orphanWorkOrder, .unknownCode:
            return describeWorkOrder(kind, workOrder(subject))
        case .badTemperature:
            let reading = temperature(subject)
            return PlantedFault(
                kind: kind, system: "dispatch", stream: "dispatch.temperatures", key: reading.id,
                accountNumber: reading.accountNumber, outcome: .quarantined("record.badDecimal"))
        case .customerOnlyAccount, .raggedRow, .undecodableRow, .badArea, .mojibakeName, .duplicateRow, .conflictingRow,
            .badIdentityNumber:
            return describeCustomer(kind, account(subject))
        default: return describeBilling(kind, account(subject))
        }
    }

    private func describeWorkOrder(_ kind: PlantedFault.Kind, _ order: WorkOrderFacts) -> PlantedFault {
        let number = order.account.number
        var fault = PlantedFault(
            kind: kind, system: "dispatch", stream: "dispatch.workOrders", key: order.number, accountNumber: number,
            outcome: .linkedBy("place"))
        switch kind {
        case .ambiguousAddress:
            fault.outcome = .quarantined("match.ambiguousPlace")
            fault.candidates = accountsSharingRoom(order.account).map(AccountFacts.number)
        case .crosswalkOnly: fault.outcome = .linkedBy("crosswalk")
        case .orphanWorkOrder:
            fault.outcome = .quarantined("match.unknownAccount")
            fault.accountNumber = nil
        case .unknownCode: fault.outcome = .quarantined("record.unknownCode")
        default: break
        }
        if kind == .ambiguousAddress || kind == .orphanWorkOrder {
            fault.alsoQuarantined = [
                .init(stream: "dispatch.workOrders", count: 1),
                .init(stream: "dispatch.workOrderEvents", count: order.events.count),
            ]
        }
        return fault
    }

    private func describeCustomer(_ kind: PlantedFault.Kind, _ account: AccountFacts) -> PlantedFault {
        let outcome: PlantedFault.Outcome =
            switch kind {
            case .customerOnlyAccount: .missing(system: "billing")
            case .raggedRow: .quarantined("record.raggedRow")
            case .undecodableRow: .quarantined("record.undecodable")
            case .badArea: .quarantined("record.badDecimal")
            case .mojibakeName: .repaired("holder.name")
            case .duplicateRow: .duplicate
            case .conflictingRow: .quarantined("record.duplicateKey")
            default: .fieldNulled("holder.idNumber")
            }
        return PlantedFault(
            kind: kind, system: "customer", stream: "customer.residents",
            key: CustomerRow(account, estate: self)[.number],
            accountNumber: account.number, outcome: outcome)
    }

    private func describeBilling(_ kind: PlantedFault.Kind, _ account: AccountFacts) -> PlantedFault {
        let card = BillingCard(account, estate: self)
        let marked = card?.marked
        var fault = PlantedFault(
            kind: kind, system: "billing", stream: "billing.charges", key: marked.map { String($0.id) } ?? "",
            accountNumber: account.number, outcome: .duplicate, money: marked?.due)
        let extra = String(BillKeys.charge(account.index, slot: BillKeys.extraSlot))
        /// How much the present season's bill falls short of the right one.
        func shortfall() -> Fen {
            maker.bill(account, season: 1).due - (card?.bills[1].due ?? .zero)
        }
        switch kind {
        case .orphanBill:
            fault.key = extra
            fault.accountNumber = nil
            fault.outcome = .quarantined("match.unknownAccount")
        case .billingOnlyAccount:
            fault.stream = "billing.accounts"
            fault.key = String(account.billingID)
            fault.outcome = .quarantined("match.unknownAccount")
            fault.money = card?.arrears
            let readings = (0...1).map { MeterReading.all(account, season: $0, options: options, tariff: tariff).count }
            fault.alsoQuarantined = [
                .init(stream: "billing.accounts", count: 1),
                .init(stream: "billing.charges", count: card?.bills.reduce(0) { $0 + $1.lines.count } ?? 0),
                .init(stream: "billing.payments", count: card?.payments.count ?? 0),
                .init(stream: "billing.readings", count: readings[0] + readings[1]),
            ].filter { $0.count > 0 }
        case .areaDisagreement, .heightUnderstated, .staleArea:
            fault.stream = "billing.accounts"
            fault.key = String(account.billingID)
            fault.money = shortfall()
            fault.outcome =
                kind == .areaDisagreement
                ? .disagreement("area.building")
                : kind == .heightUnderstated ? .disagreement("area.ceilingHeight") : .billingError
        case .duplicateCharge: fault.outcome = .quarantined("record.equalRow")
        case .conflictingCharge: fault.outcome = .quarantined("record.duplicateKey")
        case .badTotal:
            fault.outcome = .inconsistent("arrears")
            fault.money = Fen(1_234)
        case .badDecimal: fault.outcome = .quarantined("record.badDecimal")
        case .impossibleDate: fault.outcome = .quarantined("record.badDate")
        case .voidedCharge:
            fault.key = extra
            fault.outcome = .voided
            fault.money = marked.map { $0.due + Fen(10_000) }
        case .paymentNotPosted:
            fault.stream = "billing.payments"
            fault.key = BillKeys.payment(account.index, slot: BillKeys.extraSlot)
            fault.outcome = .unposted
            fault.money = card?.payments.last?.amount
        case .duplicatePayment:
            fault.stream = "billing.payments"
            fault.key = card?.bills[0].payments.first?.serial ?? ""
            fault.money = card?.bills[0].payments.first?.amount
            fault.outcome = .quarantined("record.equalRow")
        default: break
        }
        return fault
    }

    /// What changed from the first day to the second, in a fixed order; empty on the first day.
    package var changes: [EstateChange] {
        changesPlan.order.flatMap { entry -> [EstateChange] in
            if entry.kind == .workOrderAdvanced {
                let order = workOrder(entry.subject)
                let number = order.account.number
                let event = order.number + "\u{1F}" + String(order.events.count)
                return [
                    EstateChange(
                        kind: entry.kind, stream: "dispatch.workOrders", key: order.number, accountNumber: number,
                        money: nil),
                    EstateChange(
                        kind: entry.kind, stream: "dispatch.workOrderEvents", key: event, accountNumber: number,
                        money: nil),
                ]
            }
            let account = account(entry.subject)
            switch entry.kind {
            case .billReissued, .paymentAdded: return moneyChanges(entry.kind, account)
            default:
                return [
                    EstateChange(
                        kind: entry.kind, stream: "customer.residents",
                        key: CustomerRow(account, estate: self)[.number], accountNumber: account.number, money: nil)
                ]
            }
        }
    }

    private func moneyChanges(_ kind: EstateChange.Kind, _ account: AccountFacts) -> [EstateChange] {
        guard let card = BillingCard(account, estate: self) else { return [] }
        let before = maker.bill(account, season: 1)
        var result = [
            EstateChange(
                kind: kind, stream: "billing.accounts", key: String(account.billingID), accountNumber: account.number,
                money: card.bills[1].arrears - before.arrears)
        ]
        for (line, old) in zip(card.bills[1].lines, before.lines) where line.updatedAt != old.updatedAt {
            result.append(
                EstateChange(
                    kind: kind, stream: "billing.charges", key: String(line.id), accountNumber: account.number,
                    money: line.arrears - old.arrears))
        }
        if kind == .paymentAdded, let payment = card.payments.last {
            result.append(
                EstateChange(
                    kind: kind, stream: "billing.payments", key: payment.serial, accountNumber: account.number,
                    money: Fen(-payment.amount.amount)))
        }
        return result
    }
}
