import Billing
import ConfigurationFiles
import HeatModel
import Testing

/// Premises that are charged by another area than the rest of their city.
@Suite struct AreaBasisTests {
    private static let rules = """
        area:
          basis: building
          where:
            - {basis: inner, communities: [甲小区, 乙小区], buildings: ["1", "2"]}
            - {basis: usable, stations: [HRZ0009]}
        """

    private func household(_ community: String?, _ building: String?, station: String? = nil) -> BillingCase {
        var subject = BillingCase()
        subject.city = "A"
        subject.season = "2025-2026"
        subject.class = .resident
        subject.method = .byArea
        subject.areas.building = exact("100")
        subject.areas.inner = exact("80")
        subject.areas.usable = exact("70")
        subject.areas.billing = exact("90")
        subject.areas.shared = exact("20")
        subject.community = community
        subject.building = building
        subject.station = station
        return subject
    }

    private func book(_ rules: String = rules) throws -> TariffBook {
        try BillingTests.book(
            """
            city: A
            common: {source: x, season: {start: 11-15, end: 03-15}, price: {amount: 24}}
            versions:
              - id: all
                seasons: ..
            \(rules.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n"))
            """)
    }

    @Test func thePlaceSaysIt() throws {
        let book = try book()
        let cases: [(BillingCase, AreaBasis, Int64)] = [
            (household("甲小区", "1"), .inner, 192_000), (household("乙小区", "2"), .inner, 192_000),
            (household("甲小区", "3"), .building, 240_000), (household("丙小区", "1"), .building, 240_000),
            (household("丙小区", "1", station: "HRZ0009"), .usable, 168_000),
            // The first entry that covers it holds.
            (household("甲小区", "1", station: "HRZ0008"), .inner, 192_000),
            (household(nil, nil), .building, 240_000), (household("甲小区", nil), .building, 240_000),
        ]
        for (subject, basis, total) in cases {
            let bill = try book.evaluate(subject)
            #expect(bill.basis == basis && bill.total == Fen(total))
            #expect(bill.sharedArea == (basis == .building ? .inside : .absent))
            #expect(bill.tariff.id == "all")
        }
    }

    /// What a system says of one account goes before what the tariff says of its place.
    @Test func theAccountSaysIt() throws {
        let book = try book()
        var subject = household("甲小区", "1")
        subject.areaBasis = .billing
        #expect(try book.evaluate(subject).total == Fen(216_000))
        subject.areaBasis = .building
        #expect(try book.evaluate(subject).total == Fen(240_000))
        subject.areaBasis = .usable
        subject.areas.usable = nil
        do {
            _ = try book.evaluate(subject)
            Issue.record("evaluated without the area")
        } catch { #expect(error.message.contains("area.usable")) }
    }

    @Test func billedByTheCitysAreaIsTold() throws {
        let billed = [
            BilledLine(.heatByArea, quantity: exact("100"), unit: .m2, unitPrice: exact("24"), due: Fen(240_000))
        ]
        let wrong = try book().recompute(household("甲小区", "1"), billed: billed)
        #expect(wrong.difference == Fen(48_000))
        #expect(wrong.causes.first?.alternatives == [.areaBasis(.building)])
    }

    @Test func sharedAreaStandsWhereTheFileSays() throws {
        let own = try book(Self.rules + "\nshared: {as: ownLine, price: 10}")
        // Inner area does not contain it; building area does.
        #expect(try own.evaluate(household("甲小区", "1")).total == Fen(192_000 + 20_000))
        #expect(try own.evaluate(household("丙小区", "1")).total == Fen(192_000 + 20_000))
        let inside = try book(Self.rules + "\nshared: inside")
        #expect(try inside.evaluate(household("甲小区", "1")).sharedArea == .absent)
    }

    @Test(arguments: [
        ("area: {where: []}", "config.missingKey"), ("area: {basis: floor}", "config.badValue"),
        ("area: {basis: building, where: [{communities: [甲]}]}", "config.missingKey"),
        ("area: {basis: building, where: [{basis: inner, buildings: ['1']}]}", "config.missingKey"),
        (
            "area: {basis: building, where: [{basis: inner, communities: [甲]}, {basis: usable, communities: [甲, 乙]}]}",
            "config.badValue"
        ),
        ("area: {basis: building, wher: []}", "config.unknownKey"),
        ("area: building\nshared: {as: inside, methods: [byArea]}", "config.badValue"),
        ("area: building\ndisconnection: {chargesLastDay: maybe}", "config.badValue"),
    ])
    func mistakesAreTold(_ rules: String, _ code: String) throws {
        do {
            _ = try book(rules)
            Issue.record("read: \(rules)")
        } catch let errors as ConfigurationErrors {
            #expect(errors.errors.contains { $0.code.name == code }, "\(errors.errors)")
        }
    }

    @Test func whereTheHeatComesFrom() throws {
        let book = try shipped.get()
        var subject = BillingTests.household("北京市", area: "100")
        #expect(try book.evaluate(subject).total == Fen(240_000))
        subject.heatSource = "boiler"
        #expect(try book.evaluate(subject).total == Fen(300_000))
    }
}
