import Billing
import HeatModel
import Testing

/// Shared area (公摊) as a line of its own, whatever the way of charging.
@Suite struct SharedLineTests {
    private func household(_ method: AccountFacts.Method, area: String = "80", shared: String = "10") -> BillingCase {
        var subject = BillingCase()
        subject.city = "A"
        subject.season = "2025-2026"
        subject.class = .resident
        subject.method = method
        subject.areas.building = exact(area)
        subject.areas.inner = exact(area)
        subject.areas.shared = exact(shared)
        subject.consumption = method == .byArea ? nil : [.init(exact("1000"), .kWh)]
        return subject
    }

    private static let heat = """
        twoPart: {base: 7.5, heat: {kWh: 0.13}}
        metered: {heat: {kWh: 0.32}}
        suspension: {feeRatio: 0.20, measured: base}
        """

    /// `item quantity price amount` of every line.
    private func lines(_ subject: BillingCase, _ rules: String) throws -> [String] {
        let bill = try oneCity(rules + "\n" + Self.heat).evaluate(subject)
        return bill.lines.map { "\($0.item) \($0.quantity) \($0.unitPrice) \($0.amount)" }
    }

    @Test func besideAnInnerAreaAtAPriceOfItsOwn() throws {
        let rules = "area: inner\nshared: {as: ownLine, price: 6}"
        #expect(
            try lines(household(.byArea), rules) == ["heatByArea 80.000 24.000 1,920.00", "sharedArea 10 6.000 60.00"])
        #expect(
            try lines(household(.twoPart), rules) == [
                "heatBase 80.000 7.500 600.00", "sharedArea 10 6.000 60.00", "heatMetered 1000.000 0.130 130.00",
            ])
        #expect(
            try lines(household(.metered), rules) == [
                "sharedArea 10 6.000 60.00", "heatMetered 1000.000 0.320 320.00",
            ])
    }

    @Test func withinTheBuildingAreaItIsTakenOut() throws {
        #expect(
            try lines(household(.twoPart), "shared: {as: ownLine, price: 6}") == [
                "heatBase 70.000 7.500 525.00", "sharedArea 10 6.000 60.00", "heatMetered 1000.000 0.130 130.00",
            ])
        // Without a price of its own it costs what it is a part of: how the bill is laid out changes nothing.
        #expect(
            try lines(household(.twoPart), "shared: ownLine") == [
                "heatBase 70.000 7.500 525.00", "sharedArea 10 7.500 75.00", "heatMetered 1000.000 0.130 130.00",
            ])
        #expect(
            try lines(household(.metered), "shared: ownLine").first == "sharedArea 10 24.000 240.00")
        // In houses billed so, the bill says so.
        var split = household(.twoPart)
        #expect(try lines(split, "shared: ownLineWhereSplit").first == "heatBase 80 7.500 600.00")
        split.splitsSharedArea = true
        #expect(try lines(split, "shared: ownLineWhereSplit").first == "heatBase 70.000 7.500 525.00")
    }

    @Test func onlyUnderTheMethodsThatAreNamed() throws {
        let rules = "area: inner\nshared: {as: ownLine, price: 6, methods: [byArea, metered]}"
        #expect(try lines(household(.twoPart), rules).first == "heatBase 80 7.500 600.00")
        #expect(try lines(household(.twoPart), rules).count == 2)
        #expect(try lines(household(.metered), rules).first == "sharedArea 10 6.000 60.00")
    }

    @Test func eachLineIsRoundedByItself() throws {
        let rules =
            "area: inner\nshared: {as: ownLine, price: 6.15}\nrounding: {line: jiao halfUp, total: yuan truncate}"
        let bill = try lines(household(.twoPart, area: "80.13", shared: "9.87"), rules)
        // 600.975, 60.7005 and 130.000 in jiao; 791.70 in whole yuan.
        #expect(
            bill == [
                "heatBase 80.130 7.500 601.00", "sharedArea 9.87 6.150 60.70", "heatMetered 1000.000 0.130 130.00",
                "adjustment 1.000 -0.70 -0.70",
            ])
    }

    @Test func whileSupplyIsSuspended() throws {
        var whole = household(.twoPart)
        whole.suspensions = [.init(share: exact("1"))]
        whole.consumption = []
        let gone = "area: inner\nshared: {as: ownLine, price: 6}"
        let stays = "area: inner\nshared: {as: ownLine, price: 6, whileSuspended: true}"
        #expect(try lines(whole, gone) == ["suspension 80.000 1.500 120.00"])
        #expect(try lines(whole, stays) == ["suspension 80.000 1.500 120.00", "sharedArea 10 6.000 60.00"])
        var half = household(.byArea)
        half.suspensions = [.init(share: exact("0.5"))]
        #expect(
            try lines(half, "shared: {as: ownLine, price: 6, whileSuspended: true}") == [
                "heatByArea 35.000 24.000 840.00", "suspension 35.000 4.800 168.00", "sharedArea 10 6.000 60.00",
            ])
    }

    /// The cap compares what was measured with what heat by area would cost; a line that has a price of its own is beside both.
    @Test func besideTheCap() throws {
        var subject = household(.twoPart)
        subject.consumption = [.init(exact("20000"), .kWh)]
        let rules = "area: inner\nshared: {as: ownLine, price: 6}\ncap: {percent: 100, settles: always}"
        let bill = try oneCity(rules + "\n" + Self.heat).evaluate(subject)
        #expect(bill.total == Fen(192_000 + 6_000))
        // As a part of the base it is within both.
        let within = try oneCity("shared: ownLine\ncap: {percent: 100, settles: always}\n" + Self.heat).evaluate(
            subject)
        #expect(within.total == Fen(192_000))
    }

    @Test func whatIsNotKnownIsSaid() throws {
        var subject = household(.twoPart)
        subject.areas.shared = nil
        do {
            _ = try oneCity("shared: {as: ownLine, price: 6}\n" + Self.heat).evaluate(subject)
            Issue.record("evaluated without the shared area")
        } catch let error as HearthError { #expect(error.code.name == "billing.missingInput") }
    }

    @Test func aBillLaidOutSoIsRecomputed() throws {
        let book = try oneCity("area: inner\nshared: {as: ownLine, price: 6}\n" + Self.heat)
        func billed(_ shared: Int64) -> [BilledLine] {
            [
                BilledLine(.heatBase, quantity: exact("80"), unit: .m2, unitPrice: exact("7.5"), due: Fen(60_000)),
                BilledLine(
                    .heatMetered, quantity: exact("1000"), unit: .kWh, unitPrice: exact("0.13"), due: Fen(13_000)),
                BilledLine(.sharedArea, quantity: exact("10"), unit: .m2, unitPrice: exact("6"), due: Fen(shared)),
            ]
        }
        #expect(try book.recompute(household(.twoPart), billed: billed(6_000)).agrees)
        let wrong = try book.recompute(household(.twoPart), billed: billed(6_600))
        #expect(wrong.difference == Fen(600) && wrong.inconsistentItems == [.sharedArea])
        let missing = try book.recompute(household(.twoPart), billed: Array(billed(0).prefix(2)))
        #expect(missing.causes.first?.alternatives == [.withoutLine(.sharedArea)])
    }
}
