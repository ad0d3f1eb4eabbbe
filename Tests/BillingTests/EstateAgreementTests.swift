import Billing
import HeatModel
import Testing

@testable import LegacyEstate

/// The estate computes its bills on its own: both must come to the same fen.
@Suite struct EstateAgreementTests {
    @Test(arguments: City.allCases, [1, 7, 2026] as [UInt64]) func everyBill(_ city: City, _ seed: UInt64) throws {
        let book = try shipped.get()
        let estate = Estate(EstateOptions(accounts: 1500, seed: seed, city: city))
        var bills = 0
        var items: Set<Charge.Item> = []
        var wrong: [String] = []
        for index in 0..<estate.options.accounts {
            let account = estate.account(index)
            for bill in estate.bills(of: account) where !bill.lines.isEmpty {
                bills += 1
                let subject = estate.billingCase(account, season: bill.season)
                let right = try book.evaluate(subject)
                let same = zip(right.lines, bill.lines).allSatisfy { right, billed in
                    right.item == billed.item.charge && right.amount == billed.due
                        && right.quantity.compare(billed.quantity) == 0
                        && (right.unit == .each || right.unitPrice.compare(billed.price) == 0)
                }
                let reduction = bill.lines.reduce(Fen.zero) { $0 + $1.reduction }
                if !same || right.lines.count != bill.lines.count || right.total - right.payable != reduction {
                    wrong.append("\(account.number) \(bill.season)")
                }
                for line in right.lines { items.insert(line.item) }
                if let dueOn = right.dueOn { #expect(dueOn == bill.lines[0].dueOn) }
                let recomputed = try book.recompute(subject, billed: bill.lines.map(BilledLine.init))
                #expect(recomputed.agrees && recomputed.inconsistentItems.isEmpty)
            }
        }
        #expect(bills > 2_900)
        #expect(wrong == [])
        #expect(items.contains(.suspension))
        #expect(items.contains(.heatBase) == (city != .shenyang))
        #expect(items.contains(.heightSurcharge) == (city == .harbin || city == .shenyang))
    }

    /// Discounts for early payment and late fees of those who paid in full.
    @Test(arguments: [1, 7, 2026] as [UInt64]) func moneyAroundABill(_ seed: UInt64) throws {
        let book = try shipped.get()
        let estate = Estate(EstateOptions(accounts: 3000, seed: seed, city: .tianjin))
        var (early, late) = (0, 0)
        for index in 0..<estate.options.accounts {
            let account = estate.account(index)
            for bill in estate.bills(of: account) {
                guard let paidOn = bill.payments.map(\.paidAt.date).min(), bill.arrears == .zero else { continue }
                let subject = estate.billingCase(account, season: bill.season)
                let right = try book.evaluate(subject)
                let discount = bill.lines.reduce(Fen.zero) { $0 + $1.discount }
                let found = try right.earlyPayment(on: paidOn, method: try #require(subject.method))
                if discount != .zero || found != nil {
                    early += 1
                    #expect(found?.byLine == bill.lines.map(\.discount), "\(account.number) \(bill.season) \(paidOn)")
                }
                if bill.penalty > .zero {
                    late += 1
                    let payable = bill.due - bill.lines.reduce(Fen.zero) { $0 + $1.reduction + $1.discount }
                    let due = try right.tariff.amountDue(
                        payable: payable, receipts: [], season: right.season, on: paidOn)
                    #expect(due.lateFee?.amount == bill.penalty, "\(account.number) \(bill.season) \(paidOn)")
                }
            }
        }
        #expect(early > 100)
        #expect(late > 20)
    }
}

extension ChargeItem {
    var charge: Charge.Item {
        switch self {
        case .heatByArea: .heatByArea
        case .heatBase: .heatBase
        case .heatMetered: .heatMetered
        case .sharedArea: .sharedArea
        case .heightSurcharge: .heightSurcharge
        case .suspension: .suspension
        case .lateFee: .lateFee
        case .adjustment: .adjustment
        }
    }
}

extension BilledLine {
    init(_ line: ChargeLine) {
        self.init(
            line.item.charge, quantity: line.quantity, unit: Charge.Unit(rawValue: line.unit), unitPrice: line.price,
            due: line.due)
    }
}

extension Estate {
    /// What a gateway knows of an account and season.
    func billingCase(_ account: LegacyEstate.AccountFacts, season: Int) -> BillingCase {
        var subject = BillingCase()
        subject.city = tariff.name
        subject.season = options.name(ofSeason: season)
        subject.class = account.isUnit ? .unit : .resident
        switch account.method {
        case .byArea: subject.method = .byArea
        case .metered: subject.method = .metered
        case .twoPart: subject.method = .twoPart
        }
        subject.areas.building = account.buildingArea
        subject.areas.inner = account.innerArea
        subject.areas.usable = account.usableArea
        subject.areas.shared = account.sharedArea
        subject.areas.ceilingHeight = account.ceilingHeight
        subject.splitsSharedArea = account.splitsSharedArea
        subject.isLowIncome = account.isLowIncome
        if let suspension = account.suspension(season: season) {
            subject.suspensions = [.init(share: ExactDecimal(units: suspension.ratio, places: 4))]
        }
        let readings = LegacyEstate.MeterReading.all(account, season: season, options: options, tariff: tariff)
        subject.consumption = readings.compactMap { reading in
            Charge.Unit(rawValue: reading.unit).map {
                .init(ExactDecimal(units: reading.endValue - reading.startValue, places: 3), $0)
            }
        }
        subject.asOf = options.today
        return subject
    }
}
