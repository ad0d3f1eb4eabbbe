import Billing
import HeatModel
import Testing

/// Bills of suspended households, by every way of charging and in every way in which bills are printed.
@Suite struct SuspendedBillTests {
    private static let rules = """
        twoPart: {base: 7.5, heat: {kWh: 0.13}}
        metered: {heat: {kWh: 0.32}}
        height: [{above: 3.2, step: 0.1, count: full, percent: 3}]
        """

    private func book(_ measured: String) throws -> TariffBook {
        try oneCity(Self.rules + "\nsuspension: {ratio: 0.20, measured: \(measured), insideSeason: byDay}")
    }

    private func suspended(_ method: AccountFacts.Method, share: String = "1", heat: String? = nil) -> BillingCase {
        var subject = household("A", area: "80")
        subject.method = method
        subject.suspensions = [.init(share: exact(share))]
        subject.consumption = heat.map { [.init(exact($0), .kWh)] } ?? []
        return subject
    }

    private func line(_ item: Charge.Item, _ quantity: String, _ price: String, _ due: Int64) -> BilledLine {
        BilledLine(
            item, quantity: exact(quantity), unit: item == .heatMetered ? .kWh : .m2, unitPrice: exact(price),
            due: Fen(due))
    }

    /// The published price on the line and a share of it due, or the share on the line: both are right bills.
    @Test(arguments: [
        (AccountFacts.Method.byArea, "area", "24", "4.8", Int64(38_400)), (.twoPart, "area", "24", "4.8", 38_400),
        (.twoPart, "base", "7.5", "1.5", 12_000), (.metered, "area", "24", "4.8", 38_400),
    ])
    func theLineStatesThePublishedPriceOrItsShare(
        _ method: AccountFacts.Method, _ measured: String, _ published: String, _ share: String, _ due: Int64
    ) throws {
        let book = try book(measured)
        for price in [published, share] {
            let checked = try book.recompute(suspended(method), billed: [line(.suspension, "80", price, due)])
            #expect(checked.agrees && checked.inconsistentItems == [], "\(price)")
            #expect(checked.evaluation.hasPlainLine(of: .suspension, at: exact(price)) == (price == share))
        }
        // Another share than the rule's is told as such, not as a product that is wrong.
        let other = try book.recompute(
            suspended(method), billed: [line(.suspension, "80", published, due / 2 * 3)])
        #expect(other.causes.first?.alternatives == [.suspensionRatio(exact("0.30"))], "\(other.causes)")
        #expect(other.inconsistentItems == [])
        // A line that states its own price must be its product.
        let wrong = try book.recompute(suspended(method), billed: [line(.suspension, "80", share, due + 100)])
        #expect(wrong.inconsistentItems == [.suspension])
    }

    @Test func aHeightLineStatesThePublishedPrice() throws {
        var subject = household("A", area: "80")
        subject.areas.ceilingHeight = exact("3.4")
        // 24 × 3 % × 2 = 1.44.
        for price in ["24", "1.44"] {
            let checked = try book("area").recompute(
                subject, billed: [line(.heatByArea, "80", "24", 192_000), line(.heightSurcharge, "80", price, 11_520)])
            #expect(checked.agrees && checked.inconsistentItems == [], "\(price)")
        }
    }

    /// Suspended and billed as if it were not.
    @Test func chargedInFullIsToldByEveryMethod() throws {
        let cases: [(BillingCase, String, [BilledLine])] = [
            (suspended(.byArea), "area", [line(.heatByArea, "80", "24", 192_000)]),
            (
                suspended(.twoPart, heat: "1000"), "base",
                [line(.heatBase, "80", "7.5", 60_000), line(.heatMetered, "1000", "0.13", 13_000)]
            ),
            (suspended(.twoPart), "area", [line(.heatBase, "80", "7.5", 60_000)]),
            (suspended(.twoPart, share: "0.5"), "base", [line(.heatBase, "80", "7.5", 60_000)]),
            (
                suspended(.metered, heat: "100"), "area", [line(.heatMetered, "100", "0.32", 3_200)]
            ),
        ]
        for (subject, measured, billed) in cases {
            let checked = try book(measured).recompute(subject, billed: billed)
            #expect(!checked.agrees)
            #expect(checked.causes.first?.alternatives == [.suspensionIgnored], "\(checked.causes)")
        }
    }

    /// Suspended by the bill, and by nothing else.
    @Test func aShareThatTheBillStates() throws {
        var subject = suspended(.twoPart, share: "0.25")
        let half = [line(.heatBase, "40", "7.5", 30_000), line(.suspension, "40", "1.5", 6_000)]
        let whole = [line(.suspension, "80", "1.5", 12_000)]
        #expect(
            try book("base").recompute(subject, billed: whole).causes.first?.alternatives == [
                .suspensionShare(exact("1"))
            ])
        subject.suspensions = []
        #expect(
            try book("base").recompute(subject, billed: whole).causes.first?.alternatives == [
                .suspensionShare(exact("1"))
            ])
        #expect(try !book("base").recompute(subject, billed: half).agrees)
    }

    @Test func aPartOfWhichNobodySaysHowMuchIsNotGuessed() throws {
        var subject = suspended(.byArea)
        subject.suspensions = [.init(share: nil)]
        do {
            _ = try book("area").evaluate(subject)
            Issue.record("evaluated without the share")
        } catch let error as HearthError { #expect(error.code.name == "billing.missingInput") }
    }

    @Test func theOlderNameOfTheFeesShare() throws {
        for name in ["ratio", "feeRatio"] {
            let bill = try oneCity("suspension: {\(name): 0.35}").evaluate(suspended(.byArea))
            #expect(bill.total == Fen(67_200))
        }
        #expect(throws: (any Error).self) { try oneCity("suspension: {ratio: 0.35, feeRatio: 0.35}") }
        #expect(throws: (any Error).self) { try oneCity("suspension: {measured: area}") }
    }
}
